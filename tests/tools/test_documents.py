#!/usr/bin/env python3
"""Manual page and completions know each command and each option, and no other; the pages show what is told.

test_documents.py --update writes the examples of the pages anew; read the difference before it is committed."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from tale import BINARY, CAPTURES, HERE, check, done, equal, wiretale

COMMANDS = ('read', 'live', 'run', 'follow', 'decrypt', 'keys', 'certificates', 'compare', 'client', 'server', 'fields', 'help')
ROOT = os.path.join(HERE, '..', '..')


def text_of(*path):
    with open(os.path.join(ROOT, *path), encoding='utf-8') as f:
        return f.read()


def options_of(command):
    text = wiretale('help', command, status=0).out
    return set(re.findall(r'^ +(?:-\w, )?--([a-z0-9-]+)', text, re.M)), set(re.findall(r'^ +-(\w), --', text, re.M))


def check_manual():
    page = text_of('man', 'wiretale.1').replace('\\-', '-')
    for command in COMMANDS:
        check(f'.SS wiretale {command}' in page, f'the manual page lacks {command}')
    words = {option for command in COMMANDS for option in options_of(command)[0]}
    equal(sorted(set(re.findall(r'--([a-z][a-z0-9-]+)', page)) - {'help', 'version'}), sorted(words), 'options of the manual page')
    version = wiretale('--version', status=0).out.split()[1]
    check(f'"wiretale {version}"' in page, 'version of the manual page')
    if shutil.which('man'):
        warned = subprocess.run(['man', '--warnings', '-l', os.path.join(ROOT, 'man', 'wiretale.1')], check=False,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, 'LC_ALL': 'C.UTF-8'})
        equal(warned.stderr, b'', 'man --warnings')


def bash_completes(*words):
    """What bash is offered for the last of these words, broken at "=" as bash breaks them."""
    quoted = ' '.join(f"'{word}'" for word in ('wiretale', *words))
    script = f'''. {os.path.join(ROOT, 'completions', 'wiretale.bash')}
COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; _wiretale 2>/dev/null; printf '%s\\n' "${{COMPREPLY[@]}}"'''
    return sorted(subprocess.run(['bash', '-c', script], stdout=subprocess.PIPE, check=True).stdout.decode().split())


def check_completions():
    zsh = text_of('completions', '_wiretale')
    for command in COMMANDS:
        words, _ = options_of(command)
        wanted = sorted({'--' + w for w in words} | {'--help'})
        equal(bash_completes(command, '--'), wanted, f'bash completes {command}')
        equal(bash_completes('--lang', 'zh', command, '--'), wanted, f'bash completes {command} behind --lang')
        for word in words:
            check('--' + word in zsh, f'zsh does not complete --{word}')
    for words, wanted in ((['read', '--lang', ''], ['en', 'zh']), (['--lang', 'z'], ['zh']), (['--lang', '=', 'e'], ['en']),
                          (['--lang', '=', 'zh', 'rea'], ['read']), (['help', 'comp'], ['compare']), (['help', 'cert'], ['certificates']),
                          (['read', '--color', '=', 'al'], ['always']), (['read', '--color', '='], ['always', 'auto', 'never']),
                          (['read', '--fail-on', 'e'], ['error'])):
        equal(bash_completes(*words), wanted, f'bash completes {words}')
    if shutil.which('zsh'):
        equal(subprocess.run(['zsh', '-n', os.path.join(ROOT, 'completions', '_wiretale')], check=False).returncode, 0, 'zsh -n')


def same(told, written):
    """Whether the lines are the same; a line "..." stands for any number of them."""
    if not written:
        return not told
    if written[0] == '...':
        return any(same(told[i:], written[1:]) for i in range(len(told) + 1))
    return bool(told) and told[0] == written[0] and same(told[1:], written[1:])


def like(told, written):
    """What a page shows, from what is told now: a line "..." stands for the same place as before."""
    if '...' not in written:
        return told
    at = written.index('...')
    after = len(written) - at - 1
    return told[:at] + ['...'] + (told[-after:] if after else [])


SHOWN = ('README.md', 'docs/tour.md', 'docs/tour.zh.md')


def check_pages(update):
    """What the pages show is what is told: each command with output below it is run in a terminal of 100 columns. With
    --update the pages are written anew from what is told."""
    shown = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in ('captures', 'failures', 'places'):
            above = os.path.join(ROOT, 'tests', name)
            for file in os.listdir(above):
                if '.pcap' in file:
                    os.symlink(os.path.abspath(os.path.join(above, file)), os.path.join(folder, file))
        # trusted is a root that no capture leads to: what a system trusts is its own matter
        env = {**os.environ, 'COLUMNS': '100', 'LC_ALL': 'C.UTF-8', 'SSL_CERT_DIR': folder,
               'SSL_CERT_FILE': os.path.join(CAPTURES, 'pki', 'selfsigned.pem')}
        for name in ('SSLKEYLOGFILE', 'LANGUAGE'):
            env.pop(name, None)
        def hold(match):
            nonlocal shown
            command, written = match[1], [line[4:] for line in match[2].rstrip().split('\n')]
            if not any(written) or '|' in command:
                return match[0]
            told = subprocess.run([BINARY, *command.split()], cwd=folder, env=env, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, check=False).stdout.decode()
            shown += 1
            told = [line.rstrip() for line in told.rstrip().split('\n')]
            if update:
                written = like(told, written)
            elif not check(same(told, written), f'{page}: "wiretale {command}" tells something else'):
                print('\n'.join(told))
            return f'    $ wiretale {command}\n' + ''.join(f'    {line}'.rstrip() + '\n' for line in written) + '\n'

        for page in SHOWN:
            text = text_of(page)
            new = re.sub(r'^    \$ wiretale ((?:.|\n)*?)\n((?:    (?!\$).*\n|\n(?=    (?!\$)))*)(?:\n|(?=    \$))', hold, text, flags=re.M)
            if update and new != text:
                with open(os.path.join(ROOT, page), 'w', encoding='utf-8') as f:
                    f.write(new)
    check(shown >= 10, f'{shown} commands are shown with their output')


def check_findings():
    rows = set(re.findall(r'^WT_FINDING\(\w+, "([a-z0-9-]+)"', ''.join(
        text_of('src', 'diagnosis', name + '.def') for name in ('findings', 'causes', 'judgements', 'observations')), re.M))
    told = set(re.findall(r'^### `([a-z0-9-]+)`', text_of('docs', 'findings.md'), re.M))
    equal(sorted(rows ^ told), [], 'findings.def and docs/findings.md differ')


def outline(page):
    """What a page and its translation share: headings' levels and ids, and below each how many paragraphs, which of them
    end with advice, and the numbers of RFCs and of their deeper sections."""
    parts = re.split(r'^(#+) (.*)\n', text_of('docs', page), flags=re.M)[1:]
    for level, title, body in zip(parts[::3], parts[1::3], parts[2::3]):
        paragraphs = body.strip().split('\n\n')
        yield (level, title if title.startswith('`') else '', [bool(re.search(r'(?<!\*)\*$', p)) for p in paragraphs],
               sorted(set(re.findall(r'RFC \d+|(?<![\w.])\d+(?:\.\d+){2,}|CVE-[\d-]+', ' '.join(body.split())))))


def check_translation():
    english, chinese = list(outline('findings.md')), list(outline('findings.zh.md'))
    equal([part[:2] for part in chinese], [part[:2] for part in english], 'findings.md and findings.zh.md: headings')
    for one, other in zip(english, chinese):
        equal(other, one, f'findings.md and findings.zh.md: {one[1]}')


def main():
    check_manual()
    check_completions()
    check_findings()
    check_translation()
    check_pages('--update' in sys.argv)
    done()


if __name__ == '__main__':
    main()
