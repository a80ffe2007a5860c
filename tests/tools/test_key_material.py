#!/usr/bin/env python3
"""Keys as people have them: key logs that a shell re-encoded, that a collector of logs wrapped, that an editor quoted;
secrets blocks after the packets that they decrypt. And what is said where nothing fits."""
import gzip
import json
import os
import struct
import sys
import tempfile

from tale import CAPTURES, check, done, equal, wiretale

CAPTURE = os.path.join(CAPTURES, 'ciphers-tls13.pcap')
NO_KEYS = {'SSLKEYLOGFILE': ''}


def read(*arguments, **more):
    told = wiretale('read', '--json', *arguments, env=NO_KEYS, **more)
    return told.json()[0], told.err


def opened(connections):
    return [{side: (c.get('plaintext') or {}).get(side) for side in ('client', 'server')} for c in connections]


def shapes(text):
    """Name → the same key log as somebody may have it."""
    lines = [line for line in text.splitlines() if line and not line.startswith('#')]
    stamp = '2026-11-29T22:39:50.123456789Z'
    return {
        'utf-16 with mark': b'\xff\xfe' + text.replace('\n', '\r\n').encode('utf-16-le'),
        'utf-16 big-endian with mark': b'\xfe\xff' + text.encode('utf-16-be'),
        'utf-16 without mark': text.encode('utf-16-le'),
        'utf-16 big-endian without mark': text.encode('utf-16-be'),
        'utf-8 with mark': b'\xef\xbb\xbf' + text.encode(),
        'half of it appended as utf-16': ('\n'.join(lines[:3]) + '\r\n').encode() + '\r\n'.join(lines[3:]).encode('utf-16-le'),
        'carriage returns': '\r'.join(lines).encode(),
        'windows': '\r\n'.join(lines).encode(),
        'container': ''.join(f'{stamp} {line}\n' for line in lines).encode(),
        'journal': ''.join(f'Nov 29 22:39:50 host curl[4711]: {line}\n' for line in lines).encode(),
        'logcat': ''.join(f'11-29 22:39:50.123  4711  4712 I SSL     : {line}\n' for line in lines).encode(),
        'json': ''.join(json.dumps({'log': line + '\n', 'stream': 'stderr', 'time': stamp}) + '\n' for line in lines).encode(),
        'quoted': ''.join(f'"{line}",\n' for line in lines).encode(),
        'single quotes': ''.join(f"  '{line}'\n" for line in lines).encode(),
        'python': ''.join(f'{(line + chr(10)).encode()!r}\n' for line in lines).encode(),
        'mail': ''.join(f'> {line}\n' for line in lines).encode(),
        'columns': ''.join(','.join(line.split()) + '\n' for line in lines).encode(),
        'broken at 80 columns': ''.join(line[at:at + 80] + '\n' for line in lines for at in range(0, len(line), 80)).encode(),
        'colors': ''.join(f'\x1b[36m{line}\x1b[0m\n' for line in lines).encode(),
        'leading blanks': ''.join(f' \t {line}  \n' for line in lines).encode(),
    }


def check_shapes(folder):
    with open(CAPTURE + '.keys', encoding='ascii') as f:
        text = f.read()
    wanted, _ = read('--keylog', CAPTURE + '.keys', CAPTURE)
    check(any(o['client'] for o in opened(wanted)), 'the capture opens')
    for name, content in shapes(text).items():
        path = os.path.join(folder, 'keys')
        with open(path, 'wb') as f:
            f.write(content)
        got, err = read('--keylog', path, CAPTURE)
        equal(err, '', f'{name}: complaints')
        equal(got == wanted or [k for a, b in zip(got, wanted) for k in a if a.get(k) != b.get(k)], True, name)


def block(kind, body, order='<'):
    body += bytes(-len(body) % 4)
    return struct.pack(order + 'II', kind, 12 + len(body)) + body + struct.pack(order + 'I', 12 + len(body))


def pcapng(pieces, order='<'):
    """Of a pcap's packets, with `pieces` = (packets before, secrets) pairs."""
    with open(CAPTURE, 'rb') as f:
        data = f.read()
    magic = struct.unpack('<I', data[:4])[0]
    link, at, packets = struct.unpack('<I', data[20:24])[0], 24, []
    scale = 1 if magic == 0xa1b23c4d else 1000
    while at < len(data):
        seconds, fraction, n, full = struct.unpack('<IIII', data[at:at + 16])
        ticks = seconds * 1000000000 + fraction * scale
        packets.append(block(6, struct.pack(order + 'IIIII', 0, ticks >> 32, ticks & 0xffffffff, n, full)
                             + data[at + 16:at + 16 + n], order))
        at += 16 + n
    out = block(0x0a0d0d0a, struct.pack(order + 'IHHq', 0x1a2b3c4d, 1, 0, -1), order)
    out += block(1, struct.pack(order + 'HHI', link, 0, 0) + struct.pack(order + 'HHB3x', 9, 1, 9)
                 + struct.pack(order + 'HH', 0, 0), order)
    for count, secrets in pieces:
        out += b''.join(packets[:count])
        packets = packets[count:]
        out += block(10, struct.pack(order + 'II', 0x544c534b, len(secrets)) + secrets, order)
    return out + b''.join(packets), len(data)


def check_late_blocks(folder):
    with open(CAPTURE + '.keys', 'rb') as f:
        secrets = f.read()
    wanted, _ = read('--keylog', CAPTURE + '.keys', CAPTURE)
    half = secrets.index(b'\n', len(secrets) // 2) + 1
    for order in '<>':
        for name, pieces in {'after all packets': [(1 << 30, secrets)], 'amid them': [(50, secrets[:half]), (300, secrets[half:])],
                             'before them': [(0, secrets)]}.items():
            path = os.path.join(folder, 'late.pcapng')
            data = pcapng(pieces, order)[0]
            with open(path, 'wb') as f:
                f.write(data)
            got, err = read(path)
            equal(err, '', f'secrets {name}')
            equal(opened(got), opened(wanted), f'secrets {name}')
            equal([c.get('not_decrypted') for c in got], [c.get('not_decrypted') for c in wanted], f'secrets {name}: reasons')
            with open(path, 'rb') as f:  # standard input that is a file is one
                equal(opened(json_of(f)), opened(wanted), f'secrets {name}, from standard input')
    # what cannot be read twice is read once, and nothing breaks
    piped, _ = read('-', data=data)
    equal(len(piped), len(wanted), 'from a pipe')
    path = os.path.join(folder, 'late.pcapng.gz')
    with gzip.open(path, 'wb') as f:
        f.write(data)
    equal(len(read(path)[0]), len(wanted), 'compressed')
    # a block that lies about its length ends the look ahead, and is told in its place
    broken = os.path.join(folder, 'broken.pcapng')
    with open(broken, 'wb') as f:
        f.write(pcapng([(1 << 30, secrets)])[0] + struct.pack('<II', 10, 0x7ffffff0) + bytes(20))
    got, err = read(broken, status=1)
    equal(opened(got), opened(wanted), 'secrets before the damage')
    check(err.count('\n') == 1, f'the damage is told once: {err!r}')


def json_of(f):
    import subprocess
    from tale import BINARY
    out = subprocess.run([BINARY, 'read', '--json', '-'], stdin=f, stdout=subprocess.PIPE, check=False).stdout.decode()
    return [c for c in map(json.loads, out.splitlines()) if c['type'] == 'connection']


def check_reasons(folder):
    """What was given is never denied."""
    path = os.path.join(folder, 'keys')

    def reasons(content):
        with open(path, 'wb') as f:
            f.write(content)
        connections, err = read('--keylog', path, CAPTURE)
        return {c['not_decrypted'] for c in connections if 'not_decrypted' in c}, err
    got, err = reasons(b'CLIENT_RANDOM 01 02\nnothing\n')
    equal(len(got), 1, 'one reason for all')
    check('none of its 2 lines could be read: CLIENT_RANDOM needs the 64' in min(got), f'unreadable lines: {got}')
    equal(err.count('\n'), 2, 'each faulty line is named')
    got, _ = reasons(b'# only a comment\n')
    check('no lines other than comments' in min(got), f'no lines: {got}')
    got, err = reasons(b'-----BEGIN PRIVATE KEY-----\nMIIE\nMIIE\n-----END PRIVATE KEY-----\n')
    check('PEM file' in min(got) and '--rsa-key' in min(got) and err.count('\n') == 1, f'a private key: {got} {err!r}')
    got, _ = reasons(b'EXPORTER_SECRET ' + b'ab' * 32 + b' ' + b'cd' * 32 + b'\n')
    check(all('Client randoms in the key log: 1; none of them has been seen' in g for g in got), f'another capture\'s: {got}')
    # secrets of the first connection alone: the others say whose they are
    with open(CAPTURE + '.keys', 'rb') as f:
        lines = [line for line in f.read().splitlines(True) if not line.startswith(b'#')]
    first, _ = read(CAPTURE)
    random = lines[0].split()[1]
    with open(path, 'wb') as f:
        f.write(b''.join(line for line in lines if line.split()[1] == random))
    got, _ = read('--keylog', path, CAPTURE)
    fits = [c['stream'] for c in got if 'not_decrypted' not in c]
    equal(len(fits), 1, 'one connection opens')
    later = [c['not_decrypted'] for c in got if c['stream'] > fits[-1]]
    check(later and all(f'such as stream {fits[0]}.' in why for why in later), f'which one it fits: {later[:1]}')
    equal(len(got), len(first), 'connections')


def check_psk_file(folder):
    path = os.path.join(folder, 'psk.txt')
    with open(os.path.join(CAPTURES, 'early-data-psk.pcapng.psk'), encoding='ascii') as f:
        text = f.read()
    capture = os.path.join(CAPTURES, 'early-data-psk.pcapng')
    wanted, _ = read('--psk-file', capture + '.psk', capture)
    for name, content in (('utf-16', b'\xff\xfe' + text.replace('\n', '\r\n').encode('utf-16-le')),
                          ('utf-8 with mark', b'\xef\xbb\xbf' + text.encode())):
        with open(path, 'wb') as f:
            f.write(content)
        got, err = read('--psk-file', path, capture)
        equal((opened(got), err), (opened(wanted), ''), f'a PSK file in {name}')


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_shapes(folder)
        check_late_blocks(folder)
        check_reasons(folder)
        check_psk_file(folder)
    done()


if __name__ == '__main__':
    sys.exit(main())
