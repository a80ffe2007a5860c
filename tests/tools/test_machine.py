#!/usr/bin/env python3
"""What the system does to a reading: signals, files that shrink, files of others, blocks that are too large."""
import json
import os
import signal
import struct
import subprocess
import tempfile
import time
from tale import BINARY, CAPTURES, check, done, equal, wiretale
from packets import read, write, write_pcapng

ARTICLE = os.path.join(CAPTURES, 'article.pcapng')


def many(path, copies):
    """The article's connections again and again, each time from other ports."""
    packets = read(ARTICLE)
    with open(path, 'wb') as f:
        f.write(write(packets)[:24])
        for i in range(copies):
            for p in packets:
                data = bytearray(p.data)
                if p.at is not None:
                    for at in (p.tcp, p.tcp + 2):
                        port, = struct.unpack_from('>H', data, at)
                        if port > 10000:
                            struct.pack_into('>H', data, at, 10000 + (port + i) % 50000)
                f.write(struct.pack('<IIII', i, 0, len(data), len(data)) + data)


def told_whole(out, name):
    """Whole lines only, and the sums at the end."""
    check(out.endswith(b'\n'), f'{name}: the last line is whole')
    lines = [json.loads(line) for line in out.splitlines()]
    equal(lines[-1]['type'], 'summary', f'{name}: the sums are told')
    equal(lines[-1]['connections'] + lines[-1].get('elsewhere', 0), len(lines) - 1, f'{name}: and are those of what was told')


ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)


def heeding():
    """A shell lets what it starts in the background ignore some of them, and that is passed on."""
    for number in ENDING:
        signal.signal(number, signal.SIG_DFL)


def check_signals(folder):
    path = os.path.join(folder, 'many.pcap')
    many(path, 3000)
    for number in ENDING:
        # nobody reads what it says, so that it waits: it cannot have ended when the signal comes
        with subprocess.Popen([BINARY, 'read', '--json', path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                              preexec_fn=heeding) as process:
            first = process.stdout.read(1)
            process.send_signal(number)
            time.sleep(0.1)
            out, err = process.communicate(timeout=60)
        equal(process.returncode, 1, f'{number.name}: {err[-300:]}')
        check(b'interrupted' in err, f'{number.name}: {err}')
        told_whole(first + out, number.name)
        check(len(out.splitlines()) < 3000, f'{number.name}: the rest was not read')
    # who is told to ignore a hangup does
    with subprocess.Popen(['nohup', BINARY, 'read', '--json', path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          stdin=subprocess.DEVNULL, bufsize=0) as process:
        first = process.stdout.read(1)
        process.send_signal(signal.SIGHUP)
        out = first + process.communicate(timeout=100)[0]
    equal(process.returncode, 0, 'nohup')
    told_whole(out, 'nohup')


def check_shrinking(folder):
    path = os.path.join(folder, 'shrinks.pcap')
    many(path, 5500)
    os.truncate(path, 300 << 20)  # so that it is mapped; the hole is not reached
    with subprocess.Popen([BINARY, 'read', '--json', path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0) as process:
        first = process.stdout.read(1)
        os.truncate(path, 10000)
        out, err = process.communicate(timeout=60)
    equal(process.returncode, 1, f'a file that shrinks: {err[-300:]}')
    check(b'became shorter' in err, f'a file that shrinks: {err}')
    told_whole(first + out, 'a file that shrinks')


def check_foreign(folder):
    """Only root can make what belongs to somebody else."""
    if os.geteuid() != 0:
        return
    shared = os.path.join(folder, 'shared')
    os.mkdir(shared)
    os.chmod(shared, 0o1777)
    keys = ARTICLE + '.keys'
    for kind in ('file', 'fifo', 'link'):
        path = os.path.join(shared, kind)
        if kind == 'fifo':
            os.mkfifo(path)
        elif kind == 'link':
            os.symlink(os.path.join(folder, 'elsewhere'), path)
        else:
            with open(path, 'wb') as f:
                f.write(b'before')
        os.chown(path, 65534, 65534, follow_symlinks=False)
        told = wiretale('decrypt', '--keylog', keys, '-o', path, ARTICLE, status=1, timeout=20)
        check("somebody else's" in told.err, f'{kind}: {told.err}')
    with open(os.path.join(shared, 'file'), 'rb') as f:
        equal(f.read(), b'before', 'it is as it was')
    check(not os.path.exists(os.path.join(folder, 'elsewhere')), 'a link is not followed')
    # near misses: our own there; somebody else's where only we may put files
    own = os.path.join(shared, 'own')
    with open(own, 'wb'):
        pass
    wiretale('decrypt', '--keylog', keys, '-o', own, ARTICLE, status=0)
    check(os.path.getsize(own) > 1000, 'our own is written')
    private = os.path.join(folder, 'theirs')
    with open(private, 'wb'):
        pass
    os.chown(private, 65534, 65534)
    wiretale('decrypt', '--keylog', keys, '-o', private, ARTICLE, status=0)


def check_secrets(folder):
    """A block over the limit is skipped, and the file goes on; one as large as allowed is read."""
    most = 64 << 20
    with open(ARTICLE + '.keys', 'rb') as f:
        keys = f.read()
    whole = write_pcapng(read(ARTICLE))
    section = struct.unpack_from('<I', whole, 4)[0]
    for over in (0, 4):
        size = most + over
        text = keys + b'#' + b'x' * (size - 20 - len(keys) - 2) + b'\n'
        block = struct.pack('<IIII', 10, size, 0x544c534b, len(text)) + text + struct.pack('<I', size)
        equal(len(block), size, 'the block is as long as it says')
        path = os.path.join(folder, f'secrets-{over}.pcapng')
        with open(path, 'wb') as f:
            f.write(whole[:section] + block + whole[section:])
        told = wiretale('read', '--json', path, status=0)
        connections = told.json()[0]
        check(len(connections) > 0, 'the file is read')
        equal('too large' in told.err, over > 0, told.err)
        equal(any('application' in json.dumps(c.get('decryption', {})) or c.get('exchanges') for c in connections), not over,
              f'{over}: opened with the secrets')


with tempfile.TemporaryDirectory() as own_folder:
    check_signals(own_folder)
    check_shrinking(own_folder)
    check_foreign(own_folder)
    check_secrets(own_folder)
done()
