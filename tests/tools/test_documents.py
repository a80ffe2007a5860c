#!/usr/bin/env python3
"""Manual page and completions know each command and each option, and no other."""
import os
import re
import shutil
import subprocess
from tale import HERE, check, done, equal, wiretale

WITH_OPTIONS = ('read', 'live', 'follow', 'decrypt', 'keys', 'compare')
ROOT = os.path.join(HERE, '..', '..')


def text_of(*path):
    with open(os.path.join(ROOT, *path), encoding='utf-8') as f:
        return f.read()


def options_of(command):
    text = wiretale('help', command, status=0).out
    return set(re.findall(r'^ +(?:-\w, )?--([a-z-]+)', text, re.M)), set(re.findall(r'^ +-(\w), --', text, re.M))


def check_manual():
    page = text_of('man', 'wiretale.1').replace('\\-', '-')
    for command in (*WITH_OPTIONS, 'fields', 'help'):
        check(f'.SS wiretale {command}' in page, f'the manual page lacks {command}')
    words = {option for command in WITH_OPTIONS for option in options_of(command)[0]}
    equal(sorted(set(re.findall(r'--([a-z][a-z-]+)', page)) - {'help', 'version'}), sorted(words), 'options of the manual page')
    version = wiretale('--version', status=0).out.split()[1]
    check(f'"wiretale {version}"' in page, 'version of the manual page')
    if shutil.which('man'):
        warned = subprocess.run(['man', '--warnings', '-l', os.path.join(ROOT, 'man', 'wiretale.1')], check=False,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, 'LC_ALL': 'C.UTF-8'})
        equal(warned.stderr, b'', 'man --warnings')


def check_completions():
    zsh, bash = text_of('completions', '_wiretale'), text_of('completions', 'wiretale.bash')
    for command in WITH_OPTIONS:
        words, _ = options_of(command)
        script = f'''. {os.path.join(ROOT, 'completions', 'wiretale.bash')}
COMP_WORDS=(wiretale {command} --); COMP_CWORD=2; _wiretale; printf '%s\\n' "${{COMPREPLY[@]}}"'''
        out = subprocess.run(['bash', '-c', script], stdout=subprocess.PIPE, check=True).stdout.decode().split()
        equal(sorted(out), sorted({'--' + w for w in words} | {'--help'}), f'bash completes {command}')
        for word in words:
            check('--' + word in zsh and '--' + word in bash, f'zsh does not complete --{word}')
    if shutil.which('zsh'):
        equal(subprocess.run(['zsh', '-n', os.path.join(ROOT, 'completions', '_wiretale')], check=False).returncode, 0, 'zsh -n')


def check_findings():
    rows = set(re.findall(r'^WT_FINDING\(\w+, "([a-z0-9-]+)"', ''.join(
        text_of('src', 'observer', name + '.def') for name in ('findings', 'causes', 'judgements', 'observations')), re.M))
    told = set(re.findall(r'^### `([a-z0-9-]+)`', text_of('docs', 'findings.md'), re.M))
    equal(sorted(rows ^ told), [], 'findings.def and docs/findings.md differ')


def main():
    check_manual()
    check_completions()
    check_findings()
    done()


if __name__ == '__main__':
    main()
