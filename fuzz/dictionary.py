#!/usr/bin/env python3
"""Prints a dictionary for libFuzzer: dictionary.py NAME..., each of fuzz/dict/NAME.dict, one after the other.

A line `@ code FILE` there stands for the code points in the rows of a .def file, each as big-endian bytes; `@ name FILE`
for the first string of each row: what the tables have is not copied."""
import os
import re
import sys

FUZZ = os.path.dirname(os.path.abspath(__file__))
CODE = re.compile(r'^\s*[A-Z][A-Z0-9_]*\((0x[0-9a-fA-F]+|\d+),', re.M)
NAME = re.compile(r'^\s*(?!N_)[A-Z][A-Z0-9_]*\((?:[A-Z0-9_]+, )?"((?:[^"\\]|\\.)+)"', re.M)


def codes(text):
    for number in CODE.findall(text):
        digits = number[2:] if number.startswith('0x') else f'{int(number):04x}'
        digits = digits.rjust(len(digits) + len(digits) % 2, '0')
        yield ''.join(f'\\x{digits[i:i + 2]}' for i in range(0, len(digits), 2))


def entries(name):
    with open(os.path.join(FUZZ, 'dict', f'{name}.dict'), encoding='utf-8') as f:
        for line in f:
            if not line.startswith('@'):
                if line.strip() and not line.startswith('#'):
                    yield line.strip()
                continue
            _, what, path = line.split()
            with open(os.path.join(FUZZ, '..', path), encoding='utf-8') as table:
                found = list((codes if what == 'code' else NAME.findall)(table.read()))
            if not found:
                sys.exit(f'dictionary.py: nothing in {path}')
            yield from (f'"{entry}"' for entry in found)


def main():
    for name in sys.argv[1:]:
        for entry in dict.fromkeys(entries(name)):
            print(entry)


if __name__ == '__main__':
    main()
