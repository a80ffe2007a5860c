#!/usr/bin/env python3
"""What `decrypt` and `keys` write: read again by this file's own reader of packets, and by tshark where it is here.

Decrypted conversations have to say what tshark read with the key log (PLAINTEXT.tsv), between the same addresses and ports and
at the same times, with sums that hold; of downloads every file has to come out as it was served."""
import csv
import hashlib
import os
import shutil
import struct
import subprocess
import tempfile
from ipaddress import ip_address

import packets
import records
from tale import CAPTURES, capture_names, check, done, equal, wiretale

NO_KEYS = {'SSLKEYLOGFILE': ''}
WT_LIMIT_CHOICE_PIECES = 4096  # src/registry/limits.h
# Not whole, or secrets on purpose wrong: what opens of them is not what tshark finds, and test_keys.py looks at them.
PARTIAL = {'hole.pcapng', 'starts-late.pcap', 'snaplen.pcap', 'ends-early.pcapng', 'one-sided.pcap', 'wrong-secrets.pcap'}


def path_of(name):
    return os.path.join(CAPTURES, name)


def said():
    with open(path_of('PLAINTEXT.tsv'), encoding='ascii', newline='') as f:
        return {(r['file'], int(r['stream'])): (r['client_sha256'], r['server_sha256']) for r in csv.DictReader(f, delimiter='\t')}


def digest(text):
    return hashlib.sha256(text).hexdigest() if text else '-'


def ends(packet):
    """(source, target) of a packet as (address, port)."""
    size = (len(packet.way) - 4) // 2
    source, target = struct.unpack('>HH', packet.way[-4:])
    return (str(ip_address(packet.way[:size])), source), (str(ip_address(packet.way[size:2 * size])), target)


def summed(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack(f'>{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def sums_hold(packet):
    """RFC 1071: the sum over what a checksum covers, with it, is all ones."""
    end = packet.at + len(packet.payload)
    tcp = packet.data[packet.tcp:end]
    head = packet.version == 6 or summed(packet.data[packet.ip:packet.tcp]) == 0xffff
    return head and summed(packet.way[:-4] + struct.pack('>II', len(tcp), 6) + tcp) == 0xffff


def connections_of(path, *options):
    told = wiretale('read', '--json', *options, path, env=NO_KEYS)
    return told.json()[0]


def looks_right(name, out, connections, truth):
    """Every decrypted conversation is there, in order, and says what it should."""
    everything = packets.read(out)
    check(all(p.at is not None for p in everything), f'{name}: decrypted packets are TCP over IP')
    check(all(sums_hold(p) for p in everything if p.at is not None), f'{name}: checksums of decrypted packets')
    check(all(a.time <= b.time for a, b in zip(everything, everything[1:])), f'{name}: decrypted packets in order of time')
    try:
        talks = records.conversations(everything)
    except AssertionError:
        return check(False, f'{name}: decrypted conversations have holes, or are out of order')
    left = {}
    for talk in talks:
        left.setdefault(ends(talk.packets[0]), []).append(talk)
    for connection in connections:
        wanted = truth.get((name, connection['stream']))
        if not wanted:
            continue
        sides = [(connection[side]['ip'], connection[side]['port']) for side in ('client', 'server')]
        found = left.get(tuple(sides))
        where = f"{name} stream {connection['stream']}"
        if check(found, f'{where}: decrypted conversation is there'):
            talk = found.pop(0)
            equal(tuple(digest(bytes(d)) for d in talk.data), wanted, f'{where}: decrypted')
            check(talk.packets[0].flags & packets.SYN and talk.packets[1].flags & packets.SYN, f'{where}: begins with a handshake of TCP')
    return None


def every_capture(where):
    truth = said()
    for name in capture_names():
        if not os.path.exists(path_of(name) + '.keys') or name in PARTIAL:
            continue
        out, keys = os.path.join(where, 'out.pcapng'), ('--keylog', path_of(name) + '.keys')
        connections = connections_of(path_of(name), *keys)
        opened = any(p['bytes'] for c in connections for p in c.get('plaintext', {}).values())
        wiretale('decrypt', *keys, '-o', out, path_of(name), env=NO_KEYS, status=0)
        if opened:
            looks_right(name, out, connections, truth)
        else:  # all was opened, and nobody said anything
            equal(packets.read(out), [], f'{name}: an empty capture')
        os.remove(out)


def embedded(where):
    """`keys`: opens by itself; with a filter only the chosen connections do."""
    name = 'ciphers-openssl.pcap'
    keys, out = ('--keylog', path_of(name) + '.keys'), os.path.join(where, 'keyed.pcapng')
    wiretale('keys', *keys, '-o', out, path_of(name), env=NO_KEYS, status=0)
    before, after = connections_of(path_of(name), *keys), connections_of(out)
    for one, two in zip(before, after):
        for key in ('plaintext', 'verified', 'start', 'first_frame'):
            equal(two.get(key), one.get(key), f"{name} stream {one['stream']}, secrets embedded: {key}")
        equal(two.get('decryption'), 'dsb', f"{name} stream {one['stream']}, secrets embedded: decryption")
    equal(len(after), len(before), f'{name}, secrets embedded: connections')
    originals, copies = packets.read(path_of(name)), packets.read(out)
    equal([(p.time, p.data) for p in copies], [(p.time, p.data) for p in originals], f'{name}: packets are as they were')
    chosen(where, name, before[3])


def chosen(where, name, connection):
    """With --filter: that connection's packets alone, and no secret of another."""
    keys, out = ('--keylog', path_of(name) + '.keys'), os.path.join(where, 'some.pcapng')
    wiretale('keys', *keys, '--filter', f"tcp.stream == {connection['stream']}", '-o', out, path_of(name), env=NO_KEYS, status=0)
    after = connections_of(out)
    equal([(c['client'], c['server'], c.get('decryption'), c.get('plaintext')) for c in after],
          [(connection['client'], connection['server'], 'dsb', connection['plaintext'])], f'{name}: one connection shared')
    with open(out, 'rb') as f:
        shared = f.read()
    with open(path_of(name) + '.keys', encoding='ascii') as f:
        held = [line.split()[2] for line in f]
    equal(sum(secret.encode() in shared for secret in held), 1, f'{name}: secrets in what is shared')
    fragments(where, name, connection)


def fragment(packet, identification, start, end):
    """The bytes [start, end) of what an IPv4 packet carries, as a fragment of it."""
    data, head = packet.data, bytearray(packet.data[:packet.tcp])
    body = data[packet.tcp:packet.at + len(packet.payload)][start:end]
    struct.pack_into('>HHH', head, packet.ip + 2, packet.tcp - packet.ip + len(body), identification,
                     start // 8 | (0x2000 if packet.tcp + end < len(data) else 0))
    return packets.Packet(packet.time, packet.link, bytes(head) + body)


def fragments(where, name, connection):
    """Fragments that wait for the rest of their datagram, up to a limit; what is over is said to be missing."""
    capture, out = os.path.join(where, 'fragments.pcap'), os.path.join(where, 'some.pcapng')
    whole, end = packets.read(path_of(name)), connection['client']['port']
    at = next(i for i, p in enumerate(whole) if p.carries() and len(p.payload) > 100 and end in struct.unpack('>HH', p.way[-4:]))
    first, last = fragment(whole[at], 0xabcd, 0, 64), fragment(whole[at], 0xabcd, 64, 65535)
    for more in range(2):
        others = (WT_LIMIT_CHOICE_PIECES - 1 + more) * [fragment(whole[at], 0xabce, 8, 16)]
        with open(capture, 'wb') as f:
            f.write(packets.write(whole[:at] + [first] + others + [last] + whole[at + 1:]))
        told = wiretale('keys', '--keylog', path_of(name) + '.keys', '--stream', str(connection['stream']), '-o', out, capture,
                        env=NO_KEYS, status=0)
        copies = [p.data for p in packets.read(out)]
        equal((first.data in copies, last.data in copies, others[0].data in copies), (not more, True, False),
              f'{name}, {len(others)} fragments of others: copied')
        equal('without 1 packet with a fragment' in told.err, bool(more), f'{name}, {len(others)} fragments of others: {told.err}')


def tshark(*arguments):
    return subprocess.run(['tshark', '-n', *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout


def http2_bodies(data):
    """RFC 9113, 4.1 and 6.1: the DATA frames of each stream put together, padding taken off."""
    bodies, at = {}, 0
    while at + 9 <= len(data):
        size, kind, flags = int.from_bytes(data[at:at + 3], 'big'), data[at + 3], data[at + 4]
        stream, frame = int.from_bytes(data[at + 5:at + 9], 'big'), data[at + 9:at + 9 + size]
        if kind == 0:
            if flags & 8:
                frame = frame[1:len(frame) - frame[0]]
            bodies[stream] = bodies.get(stream, b'') + frame
        at += 9 + size
    return list(bodies.values())


def objects(where):
    """Out of the decrypted downloads come the files as they were served: of HTTP/1.1 by tshark, which does not take out
    HTTP/2's whole, so these are put together here."""
    name = 'downloads.pcapng.zst'
    out, folder = os.path.join(where, 'http.pcapng'), os.path.join(where, 'objects')
    wiretale('decrypt', '--keylog', path_of(name) + '.keys', '--map-port', '443:80', '-o', out, path_of(name), env=NO_KEYS, status=0)
    with open(path_of(name) + '.served', encoding='ascii') as f:
        served = [line.split('\t') for line in f.read().splitlines()]
    served = {sum_of: path for path, size, sum_of in served if size != '0'}
    talks = records.conversations(packets.read(out))
    check(all(ends(talk.packets[0])[1][1] == 80 for talk in talks), f'{name}: --map-port')
    for number in (1, 3):                        # HTTP/2 over TLS 1.2, over 1.3
        bodies = sorted(digest(body) for body in http2_bodies(bytes(talks[number].data[records.SERVER])) if body)
        equal(bodies, sorted(served), f'{name} stream {number}: HTTP/2 bodies')
    if not shutil.which('tshark'):
        print('skipped: no tshark here to take objects out')
        return
    tshark('-r', out, '-q', '--export-objects', 'http,' + folder)
    got = {}
    for file in os.listdir(folder):
        with open(os.path.join(folder, file), 'rb') as f:
            sum_of = digest(f.read())
        got[sum_of] = got.get(sum_of, 0) + 1
    for sum_of, path in served.items():          # HTTP/1.1 over TLS 1.2 and over 1.3
        check(got.get(sum_of, 0) >= 2, f'{name}: {path} came out {got.get(sum_of, 0)} times, not twice')
    wrong = tshark('-r', out, '-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE', '-Y',
                   'tcp.checksum.status == 0 || ip.checksum.status == 0 || tcp.analysis.flags || _ws.malformed')
    equal(wrong, '', f'{name}: what tshark finds wrong with the decrypted capture')
    streams = tshark('-r', out, '-Y', 'http2.type == 0', '-T', 'fields', '-e', 'tcp.stream').split()
    equal(sorted(set(streams)), ['1', '3', '5'], f'{name}: conversations in which tshark sees HTTP/2')


def main():
    with tempfile.TemporaryDirectory() as where:
        every_capture(where)
        embedded(where)
        objects(where)
    done(least=1000)


if __name__ == '__main__':
    main()
