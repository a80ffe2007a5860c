#!/usr/bin/env python3
"""The command and the library as they were built: what stands in the way of whoever finds an error in them."""
import os
import re
import shutil
import subprocess
import sys
import time
from tale import BINARY, CAPTURES, HERE, check, done, equal

HARDENED = os.environ['HARDENED']  # the build's type, or no: a sanitizer looks at it
LIBRARY = os.environ['LIBWIRETALE']


def readelf(*arguments):
    return subprocess.run(['readelf', '-W', *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout


def check_binary(path):
    name = os.path.basename(path)
    segments, dynamic, symbols = readelf('-l', path), readelf('-d', path), readelf('--dyn-syms', path)
    check('GNU_RELRO' in segments, f'{name}: relocations are read-only')
    check(re.search(r'BIND_NOW|FLAGS_1.*NOW', dynamic), f'{name}: and all of them')
    stack = re.search(r'GNU_STACK.*', segments)
    check(stack and 'RWE' not in stack[0], f'{name}: the stack is not executable')
    check(re.search(r'Type: +DYN', readelf('-h', path)), f'{name}: it lies anywhere')
    check('TEXTREL' not in dynamic, f'{name}: code is not written to')
    check('__stack_chk_fail' in symbols, f'{name}: stack protector')
    if HARDENED == 'release':
        check('_chk@' in symbols.replace('__stack_chk_fail@', ''), f'{name}: fortified')
    with open(path, 'rb') as f:
        data = f.read()
    if 'X86-64' in readelf('-h', path):
        check(data.count(b'\xf3\x0f\x1e\xfa') > 500, f'{name}: jumps go to where they may (endbr64)')
    source = os.path.abspath(os.path.join(HERE, '..', '..')).encode()
    check(source not in data and b'../src/' not in data, f'{name}: no path of the machine that built it')


def check_exports():
    """What the library offers is what its headers say: WT_API, and nothing else."""
    headers = os.path.join(HERE, '..', '..', 'include', 'wiretale')
    said = set()
    for header in os.listdir(headers):
        if header.endswith('.h'):
            with open(os.path.join(headers, header), encoding='utf-8') as f:
                said |= set(re.findall(r'WT_API[^;(]*?\b(wt_\w+)\s*\(', f.read()))
    lines = [line.split() for line in readelf('--dyn-syms', LIBRARY).splitlines()]
    given = {w[7].split('@')[0] for w in lines if len(w) > 7 and w[4] in ('GLOBAL', 'WEAK') and w[6] != 'UND'}
    equal(given - said, set(), 'symbols that no header says')
    equal(said - given, set(), 'functions of headers that the library lacks')


def check_core():
    """No core dump is made of a process that holds secrets."""
    article = os.path.join(CAPTURES, 'article.pcapng')
    for keys in ((), ('--keylog', article + '.keys')):
        environment = {k: v for k, v in os.environ.items() if k != 'SSLKEYLOGFILE'}
        with subprocess.Popen([BINARY, 'read', '--json', *keys, '-'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              env=environment) as process:
            wanted, limits = r'Max core file size +0 +0 ' if keys else r'Max core file size', ''
            for _ in range(100):  # until it has read its keys
                with open(f'/proc/{process.pid}/limits', encoding='ascii') as f:
                    limits = f.read()
                if re.search(wanted, limits):
                    break
                time.sleep(0.05)
            check(re.search(wanted, limits), f'{keys}: {limits}')
            process.stdin.close()


if HARDENED == 'no' or not shutil.which('readelf'):
    print('a sanitizer\'s build' if HARDENED == 'no' else 'needs readelf')
    sys.exit(77)
check_binary(BINARY)
check_binary(LIBRARY)
check_exports()
check_core()
done()
