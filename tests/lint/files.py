#!/usr/bin/env python3
"""What no compiler looks at: line widths, tabs, ends of files, scripts that run, messages that can be translated."""
import os
import re
import subprocess
import sys

ROOT = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), '..', '..'))
WIDEST = 140  # .clang-format breaks at 120; it leaves long words and comments alone
LONGEST = 600  # lines: what is over this has to be split
CODE = ('src', 'tools', 'include', 'fuzz')
SPEAKING = re.compile(r'(?<![A-Za-z0-9_])N?_\("')


def tracked():
    """The files of the repository; without git, all but what starts with a dot or is built."""
    try:
        out = subprocess.run(['git', '-c', 'safe.directory=*', '-C', ROOT, 'ls-files', '-z'], stdout=subprocess.PIPE, check=True).stdout
        return [n for n in out.decode().split('\0') if n and os.path.exists(os.path.join(ROOT, n))]
    except (OSError, subprocess.CalledProcessError):
        found = []
        for at, folders, names in os.walk(ROOT):
            folders[:] = [f for f in folders if not f.startswith(('.', 'build'))]
            found += [os.path.relpath(os.path.join(at, n), ROOT) for n in names]
        return found


def complain(path, text):
    wrong = []
    if text and not text.endswith('\n'):
        wrong.append(f'{path}: the last line has no end')
    lines = text.split('\n')
    if path.endswith(('.c', '.h')) and len(lines) > LONGEST:
        wrong.append(f'{path}: {len(lines)} lines, over {LONGEST}')
    for number, line in enumerate(lines, 1):
        if len(line) > WIDEST and path.endswith(('.c', '.h')):
            wrong.append(f'{path}:{number}: {len(line)} columns, over {WIDEST}')
        if line.rstrip() != line and path.endswith(('.c', '.h', '.py', '.def', '.build')):
            wrong.append(f'{path}:{number}: blanks at the end')
        if '\t' in line and path.endswith(('.c', '.h', '.py', '.build')):
            wrong.append(f'{path}:{number}: a tab')
    return wrong


def potfiles():
    with open(os.path.join(ROOT, 'po', 'POTFILES'), encoding='utf-8') as f:
        return {line.strip() for line in f if line.strip() and not line.startswith('#')}


def main():
    wrong, listed, speaking = [], potfiles(), set()
    files = tracked()
    for path in files:
        if not path.endswith(('.c', '.h', '.py', '.def', '.build', '.md', '.sh')):
            continue
        with open(os.path.join(ROOT, path), encoding='utf-8') as f:
            text = f.read()
        wrong += complain(path, text)
        if path.startswith(('src/', 'tools/')) and path.endswith(('.c', '.h', '.def')) and SPEAKING.search(text):
            speaking.add(path)
    wrong += [f'po/POTFILES: lacks {path}' for path in sorted(speaking - listed)]
    wrong += [f'po/POTFILES: {path} is not there' for path in sorted(listed) if not os.path.exists(os.path.join(ROOT, path))]
    print('\n'.join(wrong) or f'{len(files)} files are in order')
    return 1 if wrong or not files else 0


if __name__ == '__main__':
    sys.exit(main())
