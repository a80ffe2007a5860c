#!/usr/bin/env python3
"""Bad input: which file, at which offset, what; what was read before is told; exit status 1."""
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
import gm
import packets
from tale import BINARY, CAPTURES, HERE, check, done, equal, wiretale

TOGETHER = 20  # captures that one process reads: to start one costs more than to read one of these
AT = re.compile(r'at byte (\d+)')


def check_damaged(data, where, offset=None):
    told = wiretale('read', '--json', '-', data=data, status=1)
    check(told.err.startswith('wiretale read: -: '), f'{where}: {told.err!r} names no file')
    equal(told.err.count('\n'), 1, f'{where}: lines of {told.err!r}')
    if not data:  # no byte of it can be named
        equal(told.err, 'wiretale read: -: the file is empty\n', where)
        return told
    found = AT.search(told.err)
    if check(found, f'{where}: {told.err!r} names no offset') and offset is not None:
        equal(int(found.group(1)), offset, f'{where}: offset')
    return told


def read_together(captures, *options):
    """Reads several by one process; what it says of each, by number: the lines of standard error that name it."""
    with tempfile.TemporaryDirectory() as folder:
        # letters: with numbers they would be pieces of one capture
        paths = [os.path.join(folder, chr(ord('a') + i) + '.pcap') for i in range(len(captures))]
        for path, data in zip(paths, captures):
            with open(path, 'wb') as f:
                f.write(data)
        told = wiretale('read', '--json', *options, *paths)
        lines = told.err.splitlines()
        said = [[line for line in lines if line.startswith(f'wiretale read: {path}: ')] for path in paths]
        equal(sum(map(len, said)), len(lines), f'lines that name a capture in {told.err!r}')
        return told, said


def pcap_ends(data):
    """Where a pcap's records end."""
    at, ends = 24, [24]
    while at < len(data):
        at += 16 + struct.unpack_from('<I', data, at + 8)[0]
        ends.append(at)
    return ends


def check_truncated_pcap():
    data = packets.write(packets.read(os.path.join(CAPTURES, 'article.pcapng')))
    ends = pcap_ends(data)
    sizes = sorted({*range(0, 64), *range(64, len(data), 97), *ends, *(e - 1 for e in ends[1:]), *(e + 1 for e in ends[:-1])})
    for size in (s for s in sizes if s < 24):
        check_damaged(data[:size], f'pcap of {size} bytes')
    sizes = [s for s in sizes if s >= 24]
    for start in range(0, len(sizes), TOGETHER):
        some = sizes[start:start + TOGETHER]
        told, said = read_together([data[:size] for size in some])
        equal(told.status, 0 if all(size in ends for size in some) else 1, f'pcaps of {some} bytes: exit status')
        for size, lines in zip(some, said):
            where = f'pcap of {size} bytes'
            if size in ends:
                equal(lines, [], where)
            elif check(len(lines) == 1, f'{where}: {lines}'):
                found = AT.search(lines[0])
                equal(found and int(found.group(1)), max(e for e in ends if e <= size), f'{where}: offset in {lines[0]!r}')
        _, summary = told.json()
        kept = sum(sum(e <= size for e in ends) - 1 for size in some)
        equal(summary['packets'], kept, f'pcaps of {some} bytes: packets kept')
    told, _ = read_together([data[:ends[1]]])
    equal(told.json()[1]['packets'], 1, 'a pcap of one packet: packets kept')


def check_truncated(name):
    with open(os.path.join(CAPTURES, name), 'rb') as f:
        data = f.read()
    dice, kept = random.Random(name), 0
    for size in sorted({*range(1, 80, 3), *(dice.randrange(1, len(data)) for _ in range(60)), len(data) - 1}):
        told = wiretale('read', '--json', '-', data=data[:size])
        check(told.status in (0, 1), f'{name} of {size} bytes: exit status {told.status}')
        if told.status == 1:
            check(AT.search(told.err), f'{name} of {size} bytes: {told.err!r}')
        _, summary = told.json()
        now = summary['packets'] if summary else 0
        check(now >= kept, f'{name} of {size} bytes: fewer packets than of a shorter piece')
        kept = now
    check(kept > 0, f'{name}: nothing was kept')


def check_garbage():
    dice = random.Random(1)
    check_damaged(b'', 'nothing at all')
    for size in (1, 4, 24, 1000, 100000):
        check_damaged(bytes(dice.randrange(256) for _ in range(size)), f'{size} random bytes')
    check_damaged(b'GET / HTTP/1.0\r\n\r\n', 'text', 0)
    good = packets.write(packets.read(os.path.join(CAPTURES, 'article.pcapng')))
    for length in (0x7fffffff, 0xffffffff, 0x10000000):
        lying = good[:24 + 8] + struct.pack('<I', length) + good[24 + 12:]
        check_damaged(lying, f'a packet of {length} bytes', 24)
    check_damaged(good + b'\xff' * 40, 'garbage behind the last packet', len(good))
    bad = [bytearray(good) for _ in range(200)]
    for one in bad:
        for _ in range(dice.randint(1, 8)):
            one[dice.randrange(len(one))] = dice.randrange(256)
    for start in range(0, len(bad), TOGETHER):
        told, _ = read_together(bad[start:start + TOGETHER], '--messages')
        check(told.status in (0, 1), f'overwritten bytes: exit status {told.status}')


def check_files():
    with tempfile.TemporaryDirectory() as folder:
        missing = os.path.join(folder, 'missing.pcap')
        told = wiretale('read', missing, status=1)
        check('missing.pcap: No such file' in told.err, told.err)
        told = wiretale('read', folder, status=1)
        check(folder in told.err and told.err.count('\n') == 1, f'a folder: {told.err!r}')
        # One bad file among good ones: they are told, and the status stays.
        article = os.path.join(CAPTURES, 'article.pcapng')
        connections, summary = wiretale('read', '--json', article, missing, article, status=1).json()
        equal(len(connections), 2, 'files around a missing one')
        check(summary['established'] == 2, 'summary around a missing one')
        unreadable = os.path.join(folder, 'secret.pcap')
        with open(unreadable, 'wb'):
            pass
        os.chmod(unreadable, 0)
        if os.geteuid() != 0:
            check('Permission denied' in wiretale('read', unreadable, status=1).err, 'no permission')


def check_flipped(folder):
    """Packets and records over UDP, and TLCP: any byte of them another, with the keys that open them."""
    pages = os.path.join(CAPTURES, '..', 'page', 'captures')
    played = gm.Played(folder, 'client')
    of = [(os.path.join(pages, name), os.path.join(pages, name + '.keys')) for name in ('quic.pcap', 'dtls.pcap')]
    for path, keys in (*of, (played.pcap, played.keys)):
        dice = random.Random(os.path.basename(path))
        good = packets.write(packets.read(path))
        bad = [bytearray(good) for _ in range(60)]
        for one in bad:
            for _ in range(dice.choice((1, 4, 20))):
                one[dice.randrange(40, len(one))] = dice.randrange(256)
        cut = [good[:dice.randrange(24, len(good))] for _ in range(20)]
        for start in range(0, len(bad + cut), TOGETHER):
            told, _ = read_together((bad + cut)[start:start + TOGETHER], '--messages', '--places', '--bytes', '--keylog', keys)
            check(told.status in (0, 1), f'{path}: exit status {told.status}')
            check(told.out, f'{path}: nothing is told')


def check_begun_late():
    """A capture of QUIC that begins behind the first Initial, or behind the Retry, or has cut one of them, shows no fault in the ids and
    no bad tag: the id that the client sent first is not there."""
    path = os.path.join(CAPTURES, '..', 'page', 'captures', 'quic.pcap')
    whole = packets.read(path)
    late = [whole[n:] for n in range(8)]
    cut = [[packets.Packet(p.time, p.link, p.data[:most], p.length) if i == at else p for i, p in enumerate(whole)] for at in range(4) for most in (28, 60, 100)]
    for n, some in enumerate(late + cut):
        told = wiretale('read', '--json', '--keylog', path + '.keys', '-', data=packets.write(some))
        found = {f['id'] for c in told.json()[0] for f in c.get('findings', [])}
        equal(found & {'quic-connection-id-mismatch', 'quic-retry-bad-tag', 'quic-hello-changed-after-retry', 'quic-protocol-violation'}, set(), f'QUIC that is cut: {n}')


def check_script(folder):
    """scripts/cut-and-flip: what it makes of captures is read well; a program that crashes is found, and what it crashed on is kept."""
    script, captures = os.path.join(HERE, '..', '..', 'scripts', 'cut-and-flip'), os.path.join(HERE, '..', 'page', 'captures')
    kept, broken = os.path.join(folder, 'kept'), os.path.join(folder, 'broken')

    def run(build):
        return subprocess.run([sys.executable, script, '-n', '1', '-s', '1', '-p', '40', '-b', build, '-k', kept, captures],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=600)
    done_ = run(os.path.dirname(BINARY))
    lines = done_.stdout.decode().splitlines()
    check(done_.returncode == 0 and lines[-1] == '28 passed, 0 failed', f'cut-and-flip: {done_.returncode} {lines[-6:]}')
    check(not os.path.exists(kept), 'nothing is kept of what is well')
    os.mkdir(broken)
    with open(os.path.join(broken, 'wiretale'), 'w', encoding='ascii') as f:
        f.write('#!/bin/sh\ncase "$*" in *flip-0*) kill -SEGV $$;; esac\n')
    os.chmod(f.name, 0o755)
    done_ = run(broken)
    check(done_.returncode == 1 and done_.stdout.decode().splitlines()[-1] == '26 passed, 2 failed', f'a program that crashes: {done_.stdout.decode()[-600:]}')
    equal(sorted(os.listdir(kept)), ['dtls.pcap-flip-0.pcapng', 'quic.pcap-flip-0.pcapng'], 'what it crashed on')


def main():
    check_garbage()
    check_begun_late()
    with tempfile.TemporaryDirectory() as folder:
        check_flipped(folder)
        check_script(folder)
    check_files()
    check_truncated_pcap()
    for name in ('article.pcapng', 'vxlan.pcapng.zst', 'ipv6.pcapng.gz', 'geneve.pcap.lz4', 'starttls.pcapng'):
        if os.path.exists(os.path.join(CAPTURES, name)):
            check_truncated(name)
    done()


if __name__ == '__main__':
    sys.exit(main())
