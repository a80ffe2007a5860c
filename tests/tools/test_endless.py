#!/usr/bin/env python3
"""Captures that go on while somebody watches, pipes, and captures in pieces: what is told when, what Ctrl-C ends, which
files are one capture, and whose silence a pause is not."""
import json
import os
import select
import signal
import subprocess
import tempfile
import time

import packets
from reader import Reader
from tale import CAPTURES, check, done, equal, wiretale

FAILURES = os.path.join(CAPTURES, '..', 'failures')
EXPIRED = os.path.join(FAILURES, 'certificate-expired-curl.pcapng')
MANY = os.path.join(CAPTURES, 'ciphers-tls13.pcap')
SECOND = 1000000000


def write(path, list_of_packets):
    with open(path, 'wb') as f:
        f.write(packets.write(list_of_packets))


def shifted(list_of_packets, ns):
    return [packets.Packet(p.time + ns, p.link, p.data) for p in list_of_packets]


def lines(text):
    items = [json.loads(line) for line in text.splitlines()]
    return [i for i in items if i['type'] == 'connection'], [i for i in items if i['type'] == 'summary']


def check_pipe():
    with open(EXPIRED, 'rb') as f:
        data = f.read()
    reader = Reader('read', '-')
    reader.feed(data)
    reader.wait_for('closed by TCP reset')  # a whole story, while the pipe is open
    check('11 packets' not in reader.text, 'the sums wait for the end')
    reader.feed(packets.block(6, bytes(100))[:40])  # amid a block
    text = reader.stop()
    check('11 packets, 1 TLS connection' in text, f'sums: {text[-300:]!r}')
    equal(reader.err(), '', 'what Ctrl-C cuts off is no damage')
    # many: lines as they come, and what matters below them
    whole = packets.read(MANY)
    reader = Reader('read', '-')
    reader.feed(packets.write(whole[:len(whole) // 2]))
    reader.wait_for('stream 0')
    reader.feed(packets.write(whole)[24:][sum(16 + len(p.data) for p in whole[:len(whole) // 2]):])
    text = reader.stop(0)
    check('overview of' in text and ' ok ' in text, f'lines and the overview: {text[-300:]!r}')
    # no Ctrl-C, no pause: nothing differs from a file, but for the command that reads it again
    for options in ((), ('--json', '--messages'), ('--lines',)):
        with open(MANY, 'rb') as f:
            data = f.read()
        piped, plain = wiretale('read', *options, '-', data=data), wiretale('read', *options, MANY)
        once = ' '.join(plain.out.split('\nOne connection in full:')[0].replace(MANY, '-').split())
        equal(' '.join(piped.out.split()), once, f'a pipe and a file, {options}') if options else check(
            len(piped.out) > 1000, 'a pipe in text')
    # SIGINT before anything came
    reader = Reader('read', '-')
    time.sleep(0.7)
    reader.stop(status=1)
    check('interrupted before the capture began' in reader.err(), f'nothing came: {reader.err()!r}')
    # the status that --fail-on sets holds for what was read
    reader = Reader('read', '--fail-on', 'fatal', '--summary', '-')
    with open(EXPIRED, 'rb') as f:
        reader.feed(f.read())
    time.sleep(0.7)
    reader.stop(status=3)


def check_growing(folder):
    path = os.path.join(folder, 'growing.pcap')
    whole = packets.read(EXPIRED)
    data = packets.write(whole)
    open(path, 'wb').close()  # not even a header yet
    reader = Reader('live', '-r', path, '--json', '--filter', 'findings.id == "certificate-expired"', stdin=subprocess.DEVNULL)
    reader.wait_for_error('as it grows')
    with open(path, 'ab', buffering=0) as f:
        for at in range(0, len(data), 1000):
            f.write(data[at:at + 1000])
            time.sleep(0.05)
    reader.wait_for('"connection"')
    connections, summaries = lines(reader.stop())
    equal([c['findings'][0]['id'] for c in connections], ['certificate-expired'], 'told when it ended')
    wanted = wiretale('read', '--json', path).json()
    for connection in connections:
        for key in connection:
            equal(connection[key], wanted[0][0].get(key), f'live and read: {key}')
    equal([s['packets'] for s in summaries], [len(whole)], 'the sums')
    # text: a line, the cause, what to do, and the overview of two
    reader = Reader('live', '-r', '-')
    reader.feed(data + packets.write(shifted(whole, 3600 * SECOND))[24:])
    text = reader.wait_for('Renew the certificate') and reader.stop(0)
    for word in ('failed', 'cause: certificate-expired', 'verified: host name', 'overview of 1 TLS'[:11]):
        check(word in text, f'{word!r} in live: {text!r}')


def check_rotation(folder):
    whole = packets.read(MANY)
    third = len(whole) // 3
    pieces = [whole[:third], whole[third:2 * third], whole[2 * third:]]

    def files(*names, gap=0):
        paths = [os.path.join(folder, name) for name in names]
        for i, path in enumerate(paths):
            write(path, shifted(pieces[i], i * gap))
        return paths

    def same(connections):
        return [{k: v for k, v in c.items() if k != 'file'} for c in connections]
    path = os.path.join(folder, 'whole.pcap')
    write(path, whole)
    wanted = same(wiretale('read', '--json', path).json()[0])
    for names in (('trace', 'trace1', 'trace2'), ('t.pcap', 't.pcap1', 't.pcap2'), ('t_00001_20260101.pcap', 't_00002_20260101.pcap',
                  't_00003_20260102.pcap'), ('a-10:00:00.pcap', 'a-10:00:30.pcap', 'a-10:01:00.pcap')):
        told = wiretale('read', '--json', *files(*names))
        equal(same(told.json()[0]) == wanted, True, f'{names} are one capture')
        equal(told.err.count('are read as one capture'), 2, f'{names}: it is said: {told.err!r}')
    # order and names do not matter when it is said
    paths = files('one.pcap', 'two.pcap', 'three.pcap')
    told = wiretale('read', '--json', '--rotated', *reversed(paths))
    equal((same(told.json()[0]) == wanted, told.err), (True, ''), '--rotated')
    text = wiretale('read', '--rotated', *paths).out
    check('one.pcap to' in text and f'{len(whole)} packets' in text, f'the head names the pieces: {text[-900:]!r}')
    # near misses: other names, other times, the wrong order
    apart = len(wiretale('read', '--json', *paths).json()[0])
    check(apart >= len(wanted), 'names of no rotation')
    short = [os.path.join(folder, name) for name in ('leg1.pcap', 'leg2.pcap')]  # of the same time, at two places
    for i, path in enumerate(short):
        write(path, shifted(packets.read(EXPIRED), i * 1000000))
    for paths in (short, files('one.pcap', 'two.pcap', 'three.pcap'), files('u', 'u1', 'u2', gap=60 * SECOND), list(reversed(files('v', 'v1', 'v2')))):
        told = wiretale('read', '--json', *paths)
        check('one capture' not in told.err, f'{paths} are several: {told.err!r}')


def check_rotation_elsewhere(folder):
    """follow, decrypt and keys take the pieces of a rotation for one capture: a connection goes on from file to file."""
    article = os.path.join(CAPTURES, 'article.pcapng')
    keys, whole = ('--keylog', article + '.keys'), packets.read(article)
    cut = next(i for i, p in enumerate(whole) if p.carries() and p.payload[0] == 23)
    pieces = [os.path.join(folder, f'p_{i:05}_2026.pcap') for i in (1, 2)]
    others = [os.path.join(folder, name) for name in ('here.pcap', 'there.pcap')]
    for paths in (pieces, others):
        write(paths[0], whole[:cut])
        write(paths[1], whole[cut:])
    said = wiretale('follow', *keys, article, '0', status=0).out
    check(len(said.splitlines()) > 2, said)
    told = wiretale('follow', *keys, *pieces, '0', status=0)
    equal((told.out == said, told.err.count('are read as one capture')), (True, 1), f'follow: {told.err!r}')
    told = wiretale('follow', '--rotated', *keys, *reversed(others), '0', status=0)
    equal((told.out == said, told.err), (True, ''), 'follow --rotated')
    told = wiretale('follow', *keys, *others, '0', status=2)  # near miss
    check('does not continue' in told.err, f'follow, of two captures: {told.err!r}')
    for command in ('keys', 'decrypt'):
        written = {}
        for name, inputs in (('whole', [article]), ('pieces', pieces), ('rotated', ['--rotated', *reversed(others)])):
            out = os.path.join(folder, f'{command}-{name}.pcapng')
            told = wiretale(command, *keys, '-o', out, *inputs, status=0)
            check('connections 1,' in told.err, f'{command} {name}: {told.err!r}')
            written[name] = [(p.time, p.data) for p in packets.read(out)]
        check(written['whole'], f'{command}: packets')
        for name in ('pieces', 'rotated'):
            check(written[name] == written['whole'], f'{command} {name}: {len(written[name])} packets, not {len(written["whole"])}')
        read = wiretale('read', '--json', os.path.join(folder, f'{command}-pieces.pcapng'))
        if command == 'keys':
            check('not_decrypted' not in read.json()[0][0], f'keys: {read.json()[0][0].get("not_decrypted")}')


def check_pauses(folder):
    """What was merged of two captures: the second is no proof that a peer of the first was silent."""
    first = packets.read(EXPIRED)
    hello = next(i for i, p in enumerate(first) if p.carries())
    other = packets.read(os.path.join(FAILURES, 'certificate-expired-fine.pcapng'))
    path = os.path.join(folder, 'merged.pcap')

    def findings(*list_of_packets):
        write(path, [p for part in list_of_packets for p in part])
        return {f['id'] for c in wiretale('read', '--json', path).json()[0] for f in c.get('findings', [])}
    silence = {'handshake-stalled', 'no-answer-to-client-hello'}
    begun = first[:hello + 2]  # and its acknowledgment
    later = begun[-1].time - other[0].time
    check(not silence & findings(begun, shifted(other, later + 120 * SECOND)), 'a pause of two minutes between captures')
    check(silence & findings(begun, shifted(other, later + 20 * SECOND)), 'near miss: the capture goes on')
    # pieces of a rotation with a pause between them
    paths = [os.path.join(folder, name) for name in ('p1.pcap', 'p2.pcap')]
    write(paths[0], begun)
    write(paths[1], shifted(other, later + 8 * SECOND))
    told = wiretale('read', '--json', '--rotated', *paths).json()[0]
    check(not silence & {f['id'] for c in told for f in c.get('findings', [])}, 'a pause between pieces')


def check_usage():
    for arguments, word in ((('live',), 'missing interface'), (('live', '-i', 'lo', '-r', '-'), '--read'),
                            (('live', '-r', '-', '--bpf', 'tcp'), '--bpf needs --interface'),
                            (('live', '-i', 'lo', '-C', '5'), '--file-size needs --write'),
                            (('live', '-i', 'lo', '-w', 'x', '-W', '5'), '--file-count needs'),
                            (('live', '-i', 'lo', '--user', 'no-such-user'), 'no-such-user'),
                            (('live', '-i', 'lo', '--user', 'root'), 'root')):
        told = wiretale(*arguments, status=2)
        check(word in told.err and told.err.count('\n') == 1, f'{arguments}: {told.err!r}')
    told = wiretale('live', '-r', '/no/such/file', status=1)
    check('/no/such/file' in told.err, f'{told.err!r}')


def check_order():
    """One that stays open before many that end: the order of first packets is kept, of more than stays in memory (also as
    root, who can make no files any more by then)."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'open.pcap')
        subprocess.run([os.environ['WIRETALE_GENERATE'], '--connections', '12000', '--oldest-open', path], check=True)
        os.chmod(folder, 0o755)
        told = wiretale('read', '--json', path)
        equal(told.err, '', 'nothing is given up')
        check(len(told.out) > 24 << 20, f'more than memory takes: {len(told.out)}')
        connections, _ = lines(told.out)
        equal([c['stream'] for c in connections], list(range(12000)), 'streams')
        equal(connections[0]['first_frame'], 1, 'the first one')


def check_memory():
    """Open connections beyond --max-memory: each is reported, those that were let go say so, and they are counted."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'open.pcap')
        subprocess.run([os.environ['WIRETALE_GENERATE'], '--connections', '40000', '--open', '--shapes', 'hello', path], check=True)
        os.chmod(folder, 0o755)
        connections, sums = lines(wiretale('read', '--json', '--max-memory', '16', path).out)
        equal(sorted(c['stream'] for c in connections), list(range(40000)), 'each is reported')
        let_go = [c for c in connections if any(f['id'] == 'memory-limit' for f in c.get('findings', ()))]
        check(len(let_go) > 1000, f'{len(let_go)} were let go')
        equal(sums[0]['undecoded'].get('memory_limit'), len(let_go), 'they are counted')
        equal({c['state'] for c in let_go}, {'incomplete'}, 'nobody is blamed')
        _, sums = lines(wiretale('read', '--json', path).out)
        equal(sums[0]['undecoded'], {}, 'with more memory none is')


def main():
    check_usage()
    check_pipe()
    check_order()
    check_memory()
    with tempfile.TemporaryDirectory() as folder:
        check_growing(folder)
        check_rotation(folder)
        check_rotation_elsewhere(folder)
        check_pauses(folder)
    done()


if __name__ == '__main__':
    main()
