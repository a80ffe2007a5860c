#!/usr/bin/env python3
"""Every row of src/registry/limits.h is named by a test, which hits it and one just below; also those rows that
tests/limits/lower.h sets lower."""
import os
import re
import sys

ROOT = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), '..', '..'))
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.S)
ROW = re.compile(r'^#define (WT_LIMIT_\w+)', re.M)


def text(*path):
    with open(os.path.join(ROOT, *path), encoding='utf-8') as f:
        return f.read()


def named():
    """Rows in what tests run: comments name many."""
    names = set()
    for at, folders, files in os.walk(os.path.join(ROOT, 'tests')):
        folders[:] = [f for f in folders if f != 'lint']
        for name in files:
            if name.endswith(('.c', '.py')) or (name.endswith('.h') and name != 'lower.h'):
                names |= set(re.findall(r'\bWT_LIMIT_\w+', COMMENT.sub('', text(at, name))))
    return names


def main():
    rows, tests = set(ROW.findall(text('src', 'registry', 'limits.h'))), named()
    lowered = set(ROW.findall(text('tests', 'limits', 'lower.h')))
    wrong = [f'{row}: no test hits this limit and one just below' for row in sorted(rows - tests)]
    wrong += [f'{row}: in no row of limits.h' for row in sorted(lowered - rows)]
    print('\n'.join(wrong) or f'{len(rows & tests)} limits tested, {len(lowered)} of them lower than they are')
    return 1 if wrong or not rows else 0


if __name__ == '__main__':
    sys.exit(main())
