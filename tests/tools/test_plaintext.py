#!/usr/bin/env python3
"""tests/captures/PLAINTEXT.tsv is what tshark reads of the captures with their key logs. Skips without tshark."""
import csv
import hashlib
import importlib.util
import os
import shutil
import sys

from tale import CAPTURES, capture_names, done, equal, share


def path_of(name):
    return os.path.join(CAPTURES, name)


def table():
    """(file, stream) → its row."""
    with open(path_of('PLAINTEXT.tsv'), encoding='utf-8', newline='') as f:
        return {(r['file'], int(r['stream'])): r for r in csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE)}


def script():
    sys.path.insert(0, CAPTURES)
    spec = importlib.util.spec_from_file_location('plaintext', path_of('plaintext.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    if not shutil.which('tshark'):
        print('no tshark here: PLAINTEXT.tsv is taken as it is')
        sys.exit(77)
    rows, plaintext = table(), script()
    names = [n for n in capture_names() if os.path.exists(path_of(n) + '.keys')]
    last = {name: 1 + max((s for n, s in rows if n == name), default=0) for name in names}
    some, of = share(names, 4)
    for name in some:
        for stream, sides in enumerate(plaintext.follow(path_of(name), last[name])):
            row = rows.get((name, stream))
            if row and row['source'] == 'peers':  # tshark cannot
                continue
            wanted = [(row[side + '_bytes'], row[side + '_sha256']) for side in ('client', 'server')] if row else [('0', '-')] * 2
            got = [(str(len(text)), hashlib.sha256(text).hexdigest() if text else '-') for text in sides]
            equal(wanted, got, f'PLAINTEXT.tsv: {name} stream {stream}')
    done(900 // of // 2)


if __name__ == '__main__':
    main()
