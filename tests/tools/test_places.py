#!/usr/bin/env python3
"""read --json --places: every piece and record is where it says, by the bytes of the captures; and by tshark, when it is here."""
import json
import os
import shutil
import struct
import subprocess

from packets import read
from tale import CAPTURES, HERE, capture_names, check, done, equal, wiretale

TYPES = {'hello_request': 0, 'client_hello': 1, 'server_hello': 2, 'hello_retry_request': 2, 'new_session_ticket': 4,
         'encrypted_extensions': 8, 'certificate': 11, 'server_key_exchange': 12, 'certificate_request': 13,
         'server_hello_done': 14, 'certificate_verify': 15, 'client_key_exchange': 16, 'finished': 20,
         'certificate_status': 22, 'supplemental_data': 23}
CONTENT = {20: 'change_cipher_spec', 21: 'alert', 22: 'handshake', 23: 'application_data', 24: 'heartbeat'}
# of each kind: TLS 1.2 and 1.3, many connections, IPv6, another link type, renegotiation, messages over records, carriers
COMPARED = ('article.pcapng', 'versions-mixed.pcapng', 'hello-retry.pcapng', 'resumption-tls13.pcap', 'renegotiation.pcapng',
            'key-update.pcap')


def read_packets(path):
    try:
        return read(path)
    except (ValueError, struct.error, OSError):
        return []


class Streams:
    """Bytes at a stream's offset, as one packet carried them."""

    def __init__(self, path):
        self.packets, self.base = read_packets(path), {}

    def learn(self, connection):
        """The first sequence number of each side: of the SYN, or of the first packet with payload."""
        self.base = {}
        for frame in range(connection['first_frame'], connection['last_frame'] + 1):
            if frame > len(self.packets):
                return False
            p = self.packets[frame - 1]
            if p.at is None:
                return False  # cut, in fragments, or not TCP
            from_client = struct.unpack('>H', p.way[-4:-2])[0] == connection['client']['port'] and \
                struct.unpack('>H', p.way[-2:])[0] == connection['server']['port']
            from_server = struct.unpack('>H', p.way[-4:-2])[0] == connection['server']['port'] and \
                struct.unpack('>H', p.way[-2:])[0] == connection['client']['port']
            side = 'client' if from_client else 'server' if from_server else None
            if side and side not in self.base:
                if not p.flags & 2:
                    return False  # disorder before the SYN, or none: whose numbers count is not for this test to say
                self.base[side] = (p.seq + 1) & 0xffffffff
        return len(self.base) == 2

    def bytes(self, side, place):
        p = self.packets[place['frame'] - 1]
        at = (self.base[side] + place['offset'] - p.seq) & 0xffffffff
        return p.payload[at:at + place['length']]


def check_connection(name, streams, c):
    where = f"{name}, stream {c['stream']}"
    records = {(r['from'], r['number']): r for r in c['records']}
    for r in c['records']:
        carried = b''.join(streams.bytes(r['from'], p) for p in r['places'])
        equal(len(carried), sum(p['length'] for p in r['places']), f"{where}: bytes of record {r['number']}")
        if len(carried) == len(r['header']) // 2 + r['length']:
            equal(carried[:len(r['header']) // 2].hex(), r['header'], f"{where}: header of record {r['number']}")
    for m in c['messages']:
        if m['content_type'] != 'handshake' or 'encrypted' in m or m.get('type') not in TYPES or m.get('cut'):
            continue
        if m.get('record_version') == '0x0002':
            continue  # SSL 2.0
        carried = b''.join(streams.bytes(m['from'], p) for piece in m['pieces'] for p in piece['places'])
        equal(len(carried), 4 + m['length'], f"{where}: bytes of {m['type']}")
        equal(carried[:4].hex(), f"{TYPES[m['type']]:02x}{m['length']:06x}", f"{where}: header of {m['type']}")
        equal(len(m['pieces']), m.get('records', 1), f"{where}: records of {m['type']}")
        for piece in m['pieces']:
            r = records[m['from'], piece['record']]
            if piece['places']:
                equal(piece['places'][0]['offset'], r['offset'] + 5 + piece['inside'], f"{where}: piece of {m['type']}")


def check_headers(streams, c):
    for p in c['packets']:
        packet = streams.packets[p['frame'] - 1]
        if packet.at is not None and not p.get('reassembled'):
            equal(p['headers'], packet.data[:packet.at].hex(), f"headers of packet {p['frame']}")


def by_bytes():
    checked = 0
    for name in capture_names():
        path = os.path.join(CAPTURES, name)
        told = wiretale('read', '--json', '--places', '--headers', path)
        streams = Streams(path)
        for c in told.json()[0]:
            if streams.learn(c) and c.get('layers') in (['ethernet', 'ipv4', 'tcp'], ['ethernet', 'ipv6', 'tcp']):
                check_connection(name, streams, c)
                check_headers(streams, c)
                checked += 1
    check(checked > 100, f'only {checked} connections could be checked')


def tshark_records(path):
    """(stream, sender's port) -> [(frame that completes it, type, version, length)]"""
    fields = ['frame.number', 'tcp.stream', 'tcp.srcport', 'tls.record.content_type', 'tls.record.opaque_type', 'tls.record.version',
              'tls.record.length']
    # -o: no decryption by secrets of the file, which would show the inner type
    out = subprocess.run(['tshark', '-r', path, '-Y', 'tls.record', '-o', 'tls.keylog_file:', '-T', 'json'] +
                         [f for field in fields for f in ('-e', field)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    found = {}
    for packet in json.loads(out.stdout):
        layers = packet['_source']['layers']
        key = int(layers['tcp.stream'][0]), int(layers['tcp.srcport'][0])
        lengths = layers.get('tls.record.length', [])
        for i, length in enumerate(lengths):
            version = layers['tls.record.version'][i]
            found.setdefault(key, []).append((int(layers['frame.number'][0]), int(version, 16), int(length)))
    return found


def by_tshark():
    if not shutil.which('tshark'):
        print('tshark is not here: not compared with it')
        return
    for name in COMPARED:
        path = os.path.join(CAPTURES, name)
        theirs, ours = tshark_records(path), {}
        for c in wiretale('read', '--json', '--places', path).json()[0]:
            for r in c['records']:
                port = c[r['from']]['port']
                ours.setdefault((c['stream'], port), []).append(
                    (r['places'][-1]['frame'], int(r['record_version'], 16), r['length']))
        equal(ours, theirs, f'{name}: records as tshark has them')


def by_copies():
    """A segment that was damaged on its way, and came again: the connection is read anew from the second."""
    path = os.path.join(HERE, '..', 'failures', 'damaged-segment.pcapng')
    (c,), _ = wiretale('read', '--json', '--messages', '--headers', path).json()
    frames = [p['frame'] for p in c['packets']]
    equal(frames[:2], [4, 5], 'packets of both copies')
    equal(frames, sorted(set(frames)), 'packets in their order')
    streams = Streams(path)
    check(streams.learn(c), 'no SYN')
    check_headers(streams, c)


def by_usage():
    told = wiretale('read', '--places', os.path.join(CAPTURES, 'article.pcapng'), status=2)
    check('--json' in told.err, 'no word of --json')
    plain = wiretale('read', '--json', '--messages', os.path.join(CAPTURES, 'article.pcapng'))
    for key in ('"pieces"', '"records":[', '"packets":['):
        check(key not in plain.out, f'{key} without being asked for')


by_bytes()
by_tshark()
by_copies()
by_usage()
done(1000)
