#!/usr/bin/env python3
"""Holds files and functions to lengths that one can read: a function in src/ has at most 60 lines from its name to its
closing brace, a file at most 600, one of src/observer at most OBSERVER."""
import os
import sys

ROOT = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), '..', '..'))
# src/observer shall have no file over 450 lines: OBSERVER goes down with its longest.
FUNCTION, FILE, OBSERVER = 60, 600, 650


def sources():
    for at, folders, names in os.walk(os.path.join(ROOT, 'src')):
        folders.sort()
        for name in sorted(names):
            if name.endswith(('.c', '.h')):
                yield os.path.relpath(os.path.join(at, name), ROOT)


def functions(lines):
    """Name's line and length of each: clang-format puts its braces alone, in the first column."""
    start = None
    for i, line in enumerate(lines):
        if line == '{':
            head = i
            while head > 0 and lines[head - 1] and lines[head - 1][0] not in '}#*/ ' or lines[head - 1][:1] == ' ':
                head -= 1
            start = head
        elif line == '}' and start is not None:
            yield start, i - start + 1
            start = None


def main():
    wrong, seen = [], 0
    for path in sources():
        with open(os.path.join(ROOT, path), encoding='utf-8') as f:
            lines = f.read().split('\n')
        most = OBSERVER if path.startswith('src/observer/') else FILE
        if len(lines) - 1 > most:
            wrong.append(f'{path}: {len(lines) - 1} lines, at most {most}')
        for start, length in functions(lines):
            seen += 1
            if length > FUNCTION:
                wrong.append(f'{path}:{start + 1}: {length} lines in a function, at most {FUNCTION}')
    print('\n'.join(wrong) or f'{seen} functions of at most {FUNCTION} lines')
    return 1 if wrong or seen == 0 else 0


if __name__ == '__main__':
    sys.exit(main())
