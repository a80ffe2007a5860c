#!/usr/bin/env python3
"""Two captures of one connection: each case is one of our captures and a second side made of it."""
import copy
import json
import os
import struct
import tempfile
from packets import ETHERNET, FIN, RAW, RST, SYN, Packet, read, write
from tale import CAPTURES, check, done, equal, wiretale

MS = 10**6
FAILURES = os.path.join(CAPTURES, '..', 'failures')
NAMES = ['article.pcapng', 'chromium.pcapng']  # TLS 1.2, TLS 1.3


def changed(p, at, data):
    return Packet(p.time, p.link, p.data[:at] + data + p.data[at + len(data):])


def with_payload(p, payload):
    q = Packet(p.time, p.link, p.data[:p.at] + payload)
    at, length = (q.ip + 2, len(q.data) - p.ip) if p.version == 4 else (q.ip + 4, len(q.data) - p.ip - 40)
    return Packet(p.time, p.link, q.data[:at] + struct.pack('>H', length) + q.data[at + 2:])


class Sides:
    """A is at the client. B is 12 ms behind it (7 there, 5 back), 3 routers further, and its clock is 2.5 s ahead."""

    def __init__(self, name):
        self.a = [p for p in read(os.path.join(CAPTURES, name)) if p.at is not None]
        first = next(p for p in self.a if p.flags & (SYN | 16) == SYN)
        self.ends = {first.way: 'client'}
        self.a = [p for p in self.a if p.way in (first.way, self.back(first))]
        start = first.time
        for p in self.a:  # a loopback's answers come too soon to have been far away
            p.time = start + 1000 * (p.time - start)
        self.b = [self.moved(p) for p in self.a]

    def back(self, p):
        n = 4 if p.version == 4 else 16
        return p.way[n:2 * n] + p.way[:n] + p.way[2 * n + 2:] + p.way[2 * n:2 * n + 2]

    def client(self, p):
        return p.way in self.ends

    def moved(self, p):
        at = p.ip + (8 if p.version == 4 else 7)
        q = changed(p, at, bytes([p.data[at] - (3 if self.client(p) else 0)]))
        q.time += 2500 * MS + (7 * MS if self.client(p) else -5 * MS)
        return q

    def routed(self):
        """The server's packets lose three at A, too."""
        self.a = [p if self.client(p) else changed(p, p.ip + (8 if p.version == 4 else 7),
                                                   bytes([p.data[p.ip + (8 if p.version == 4 else 7)] - 3])) for p in self.a]
        return self

    def hello(self):
        return next(i for i, p in enumerate(self.a) if self.client(p) and p.carries())

    def compare(self, status, swap=False):
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, n) for n in ('a.pcap', 'b.pcap')]
            for path, packets in zip(paths, (self.b, self.a) if swap else (self.a, self.b)):
                with open(path, 'wb') as f:
                    f.write(write(sorted(packets, key=lambda p: p.time)))
            text = wiretale('compare', *paths, status=status).out
            told = [json.loads(line) for line in wiretale('compare', '--json', *paths, status=status).out.splitlines()]
        summary = told.pop()
        equal((summary['type'], summary['a']['file'], summary['b']['packets']), ('comparison_summary', paths[0], len(self.a if swap else self.b)),
              'summary')
        equal(summary['both'] + summary['a']['alone'] + summary['b']['alone'], len(told), 'summary counts')
        equal(summary['different'], sum('matched_by' in c and c['differences'] != [] for c in told), 'summary of differences')
        for one in told:
            equal(one['type'], 'comparison', 'type')
            for d in one['differences']:
                check(d['text'].split()[0] in text, f'{d["text"]} is not in the text')
        return told, text


def ids(told):
    return sorted(d['id'] for d in told[0]['differences'])


def check_same(name):
    told, text = Sides(name).routed().compare(0)
    equal((len(told), told[0]['matched_by'], told[0]['differences']), (1, 'randoms', []), f'{name}: nothing differs')
    equal(told[0]['nearer_to_client'], 'a', f'{name}: nearer')
    check(abs(told[0]['round_trip_between'] - 0.012) < 1e-6, f'{name}: {told[0]["round_trip_between"]} s there and back, not 0.012')
    check(abs(told[0]['clock_of_b_ahead'] - 2.501) < 1e-6 and told[0]['clock_error'] >= 0.001 - 1e-6, f'{name}: clock {told[0]}')
    check('No differences except timing.' in text and '3 routers' in text, f'{name}: {text}')
    told, _ = Sides(name).routed().compare(0, swap=True)
    equal((told[0]['nearer_to_client'], told[0]['differences']), ('b', []), f'{name}: the other way round')
    check(abs(told[0]['clock_of_b_ahead'] + 2.501) < 1e-6, f'{name}: the clock the other way round')


def check_link(name):
    s = Sides(name)
    s.b = [Packet(p.time, RAW, p.data[p.ip:]) for p in s.b]
    equal(s.compare(0)[0][0]['differences'], [], f'{name}: another link')


def check_nat(name):
    s = Sides(name)

    def translate(p):
        at = p.ip + (12 if p.version == 4 else 8)
        size = 4 if p.version == 4 else 16
        at, port = (at, p.tcp) if s.client(p) else (at + size, p.tcp + 2)
        outside = bytes([203, 0, 113, 9]) if size == 4 else bytes.fromhex('20010db8ffff00000000000000000009')
        return changed(changed(p, at, outside), port, struct.pack('>H', 61001))
    s.b = [translate(p) for p in s.b]
    told, _ = s.compare(1)
    equal(ids(told), ['address-translated'], f'{name}: address')
    equal((told[0]['matched_by'], told[0]['b']['client']['port']), ('randoms', 61001), f'{name}: matched through it')


def check_reset(name):
    s = Sides(name).routed()
    last = next(p for p in s.a if not s.client(p) and p.carries())
    cut = [p for p in s.a if p.time <= last.time]
    reset = with_payload(last, b'')
    reset = changed(changed(reset, reset.tcp + 13, bytes([RST | 16])), reset.ip + (8 if reset.version == 4 else 7), bytes([47]))
    reset.time += MS
    s.a = cut + [reset]
    told, text = s.compare(1)
    check('reset-injected' in ids(told), f'{name}: {ids(told)}')
    check('did not come from the server: a middlebox sent it' in ' '.join(text.split()), f'{name}: {text}')
    d = next(d for d in told[0]['differences'] if d['id'] == 'reset-injected')
    equal((d['from'], d['frame_a'], 'frame_b' in d, 'probable' in d), ('server', len(s.a), False, False), f'{name}: the reset')
    check('TTL is 47' in d['text'], f'{name}: {d["text"]}')
    s.b.append(s.moved(reset))  # the server did send it
    check('reset-injected' not in ids(s.compare(1)[0]), f'{name}: a reset of the server')
    # a reset that the client sent and the server never saw
    s = Sides(name)
    sent = next(p for p in reversed(s.a) if s.client(p))
    sent = changed(with_payload(sent, b''), sent.tcp + 13, bytes([RST]))
    s.a.append(sent)
    told, _ = s.compare(1)
    equal(ids(told), ['reset-lost'], f'{name}: a reset that was lost')


def check_lost(name):
    s = Sides(name)
    at = next(i for i, p in enumerate(s.a) if not s.client(p) and p.carries())
    again = copy.copy(s.b[at])
    again.time += 200 * MS
    s.b.insert(at + 1, again)  # the first was lost behind B, the second came through
    told, _ = s.compare(1)
    equal(ids(told), ['segments-lost'], f'{name}: sent again')
    s = Sides(name)
    lost = max(i for i, p in enumerate(s.a) if s.client(p) and p.carries())
    later = [p for p in s.b[lost + 1:] if s.client(p)]
    s.b = s.b[:lost] + [p for p in s.b[lost + 1:] if p in later and not p.carries() and not p.flags & FIN]
    s.a = s.a[:lost + 1]
    s.b.append(with_payload(s.moved(s.a[lost]), b''))
    s.b[-1].time += 900 * MS
    told, _ = s.compare(1)
    d = next((d for d in told[0]['differences'] if d['id'] in ('bytes-lost', 'message-missing')), None)
    check(d and d['from'] == 'client', f'{name}: lost for good: {ids(told)}')


def check_rewritten(name):
    s = Sides(name)
    at = s.hello()
    s.b[at] = with_payload(s.b[at], s.b[at].payload.replace(b'.example.com', b'.example.org', 1))
    if s.b[at].payload == s.a[at].payload:
        return
    told, _ = s.compare(1)
    equal(ids(told), ['bytes-changed', 'field-changed', 'message-rewritten'], f'{name}: another name')
    field = next(d for d in told[0]['differences'] if d['id'] == 'field-changed')
    check('server_name' in field['text'] and 'example.org in B' in field['text'], f'{name}: {field}')
    place = s.a[at].payload.index(b'.example.com') + len('.example.')
    place = next(i for i in range(place, place + 4) if s.a[at].payload[i] != s.b[at].payload[i])
    d = next(d for d in told[0]['differences'] if d['id'] == 'bytes-changed')
    equal((d['offset'], d['frame_a'], d['frame_b']), (place, at + 1, sorted(s.b, key=lambda p: p.time).index(s.b[at]) + 1), f'{name}: where')


def without_extension(payload, number):
    """A ClientHello's record without one extension."""
    at = 5 + 4 + 34
    at += 1 + payload[at]
    at += 2 + struct.unpack_from('>H', payload, at)[0]
    at += 1 + payload[at]
    start, length = at + 2, struct.unpack_from('>H', payload, at)[0]
    kept, k = b'', start
    while k < start + length:
        kind, size = struct.unpack_from('>HH', payload, k)
        if kind != number:
            kept += payload[k:k + 4 + size]
        k += 4 + size
    body = payload[9:at] + struct.pack('>H', len(kept)) + kept
    return payload[:3] + struct.pack('>H', len(body) + 4) + payload[5:6] + struct.pack('>I', len(body))[1:] + body + payload[start + length:]


def check_removed(name):
    """A box takes an extension out, and moves the sequence numbers of all that follows."""
    s = Sides(name)
    at = s.hello()
    if struct.unpack_from('>H', s.a[at].payload, 3)[0] + 5 != len(s.a[at].payload):
        return
    shorter = without_extension(s.a[at].payload, 16)
    less = len(s.a[at].payload) - len(shorter)
    check(less > 0, f'{name}: no ALPN in it')
    until = s.a[at].seq + len(s.a[at].payload)
    s.b[at] = with_payload(s.b[at], shorter)
    for i, p in enumerate(s.b):
        field, number = (p.tcp + 4, p.seq) if s.client(p) else (p.tcp + 8, struct.unpack_from('>I', p.data, p.tcp + 8)[0])
        if i != at and not p.flags & SYN and (number - until) & 0xffffffff < 1 << 31:
            s.b[i] = changed(p, field, struct.pack('>I', (number - less) & 0xffffffff))
    told, _ = s.compare(1)
    equal(set(ids(told)) - {'segments-resized'}, {'bytes-replaced', 'field-removed', 'message-rewritten'}, f'{name}: an extension is gone')
    check(any('application_layer_protocol_negotiation' in d['text'] for d in told[0]['differences'] if d['id'] == 'field-removed'),
          f'{name}: {told[0]["differences"]}')


def check_mss(name):
    s = Sides(name)
    at = next(i for i, p in enumerate(s.b) if p.flags & SYN)
    place = s.b[at].data.index(b'\x02\x04', s.b[at].tcp + 20)
    s.b[at] = changed(s.b[at], place + 2, struct.pack('>H', 1300))
    told, _ = s.compare(1)
    equal(ids(told), ['mss-changed'], f'{name}: segment size')
    equal(told[0]['b']['mss']['client'], 1300, f'{name}: its value')


def check_resized(name):
    """Segments that were split on the way hold the same bytes."""
    s = Sides(name)
    pieces = []
    for p in s.b:
        half = len(p.payload) // 2
        pieces += [p.piece(0, half), p.piece(half, len(p.payload))] if p.carries() and half else [p]
    s.b = pieces
    told, _ = s.compare(1)
    equal(set(ids(told)), {'segments-resized'}, f'{name}: split')


def check_renumbered(name):
    """A firewall or a relay has sequence numbers of its own, and the times are of another clock."""
    s = Sides(name)

    def shifted(p):
        add = {True: 0x71230000, False: 0x92340000}
        number, acknowledged = p.seq, struct.unpack_from('>I', p.data, p.tcp + 8)[0]
        q = changed(p, p.tcp + 4, struct.pack('>I', (number + add[s.client(p)]) & 0xffffffff))
        return changed(q, p.tcp + 8, struct.pack('>I', (acknowledged + add[not s.client(p)]) & 0xffffffff)) if p.flags & 16 else q
    s.b = [shifted(p) for p in s.b]
    for p in s.b:
        p.time += 86400 * 10**9
    told, _ = s.compare(1)
    equal(ids(told), ['sequence-rewritten'] * 2, f'{name}: other numbers')
    check(abs(told[0]['clock_of_b_ahead'] - 86402.501) < 1e-3, f'{name}: a clock of tomorrow: {told[0]["clock_of_b_ahead"]}')
    # without the SYNs the bytes show it
    s.b = s.b[3:]
    told, _ = s.compare(1)
    equal(ids(told), ['sequence-rewritten'] * 2, f'{name}: other numbers, and late')


def check_late(name):
    """What one capture lacks because it began later was not lost, and no message was taken out."""
    s = Sides(name).routed()
    first = next(i for i, p in enumerate(s.b) if not s.client(p) and p.carries()) + 1
    s.b = s.b[first:]
    told, text = s.compare(1)
    equal(set(ids(told)), {'capture-shorter'}, f'{name}: late')
    check(all(d['severity'] == 'notice' for d in told[0]['differences']), f'{name}: a notice')
    check('the other capture was not running then' in ' '.join(text.split()), f'{name}: {text}')


def check_snaplen(name):
    """Packets that were cut when they were captured hide what was in them, and are not lost."""
    s = Sides(name).routed()
    whole = s.b
    for length in (96, 200):
        s.b = [Packet(p.time, p.link, p.data) for p in whole]
        for p in s.b:
            p.length = len(p.data)
            p.data = p.data[:length]
        told, text = s.compare(1)
        equal(ids(told), ['capture-cut'], f'{name}: cut at {length}')
        check(told[0]['cut'] and 'tcpdump -s 0' in text, f'{name}: {text}')


def check_terminated(name):
    """A box between ends TLS: what the two captures hold are two connections of the same ends."""
    s = Sides(name)
    for hello, at in ((b'\x01', next(i for i, p in enumerate(s.b) if s.client(p) and p.carries())),
                      (b'\x02', next(i for i, p in enumerate(s.b) if not s.client(p) and p.carries()))):
        payload = s.b[at].payload
        equal(payload[5:6], hello, f'{name}: a hello')
        s.b[at] = with_payload(s.b[at], payload[:11] + bytes(b ^ 0x5a for b in payload[11:43]) + payload[43:])
    told, text = s.compare(1)
    equal(ids(told), ['tls-ended-between'], f'{name}: two connections')
    check('A middlebox terminates TLS' in ' '.join(text.split()), f'{name}: {text}')


def legs_of(name, addresses, start, flip=0, apart=0):
    """All of a real connection between two other hosts, from another time on, and with other randoms."""
    whole = [p for p in read(os.path.join(FAILURES, name)) if p.at is not None]
    client = next(p for p in whole if p.flags & (SYN | 16) == SYN)
    first, seen, out = whole[0].time, set(), []
    for p in whole:
        mine = p.way[:4] == client.way[:4]
        there = addresses if mine else addresses[::-1]
        q = changed(p, p.ip + 12, there[0] + there[1])
        tcp = p.ip + 4 * (p.data[p.ip] & 15)
        numbers = struct.unpack('>II', p.data[tcp + 4:tcp + 12])  # each TCP connection has its own
        q = changed(q, tcp + 4, struct.pack('>II', *((n + apart * 7919) % 2**32 for n in numbers)))
        q.time = start + p.time - first
        if flip and p.carries() and mine not in seen and p.payload[0] == 22:
            seen.add(mine)
            q = with_payload(q, p.payload[:11] + bytes(b ^ flip for b in p.payload[11:43]) + p.payload[43:])
        out.append(q)
    return out


def compared_files(a, b, status):
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, n) for n in ('a.pcap', 'b.pcap')]
        for path, packets in zip(paths, (a, b)):
            with open(path, 'wb') as f:
                f.write(write(packets))
        told = wiretale('compare', '--json', *paths, status=status)
        text = wiretale('compare', *paths, status=status).out
    return [c for c in map(json.loads, told.out.splitlines()) if c['type'] == 'comparison'], ' '.join(text.split())


def check_legs():
    """An inspecting proxy has one connection to the client, and another to the server: other ends, other randoms, the
    name and the time the same, and the certificate is its own."""
    client, proxy, outside, server = (b'\xc0\0\2\x0a', b'\xc0\0\2\x50', b'\xc6\x33\x64\1', b'\xcb\0\x71\5')
    inspected, direct, start = 'tls-intercepted-openssl-12.pcapng', 'tls-intercepted-fine.pcapng', 1_700_000_000 * 10**9
    near = legs_of(inspected, (client, proxy), start)
    for far in (legs_of(direct, (outside, server), start + 40 * MS), legs_of(direct, (proxy, server), start + 40 * MS)):
        told, text = compared_files(near, far, 1)
        equal(ids(told), ['tls-ended-between'], 'legs of a proxy')
        equal(told[0]['matched_by'], 'server_name', 'legs of a proxy')
        for part in ('TLS is terminated between A', 'PortSwigger CA', 'Example Company Web Root', 'www.example.com'):
            check(part in text, f'{part}: {text}')
    # TLS 1.3 hides certificates: a host that has both connections is evidence, though not proof
    hidden = 'observed-nothing.pcapng'
    told, text = compared_files(legs_of(hidden, (client, proxy), start), legs_of(hidden, (proxy, server), start + 40 * MS, 0x5a, 1), 1)
    equal(ids(told), ['tls-ended-between'], 'legs of TLS 1.3')
    check('TLS is probably terminated between' in text, text)
    # near misses: two clients of one server, which shows both the same certificate; the same name at another time; two
    # connections of TLS 1.3 that have no host in common; a load balancer that passes TLS through
    for a, b, what in (
            (legs_of(direct, (client, server), start), legs_of(direct, (outside, server), start + 40 * MS, 0x5a, 1), 'two clients'),
            (near, legs_of(direct, (outside, server), start + 10_000 * MS), 'another time'),
            (legs_of(hidden, (client, server), start), legs_of(hidden, (outside, server), start + 40 * MS, 0x5a, 1), 'TLS 1.3')):
        told, _ = compared_files(a, b, 1)
        equal({d['id'] for c in told for d in c['differences']}, {'connection-missing'}, what)
    told, text = compared_files(legs_of(direct, (client, proxy), start), legs_of(direct, (proxy, server), start + 1 * MS), 1)
    equal(told[0]['matched_by'], 'randoms', 'passed through')
    check('tls-ended-between' not in ids(told), f'passed through: {ids(told)}')


def check_refused(name):
    """TCP is refused: there are no randoms. Who refused it is seen by who saw the refusal."""
    s = Sides(name)
    syn = next(p for p in s.a if p.flags & (SYN | 16) == SYN)
    port = syn.data[:syn.tcp] + struct.pack('>H', 55555) + syn.data[syn.tcp + 2:]
    syn = Packet(s.a[-1].time + 50 * MS, syn.link, port)
    server = next(p for p in s.a if not s.client(p) and p.flags & SYN)
    reset = with_payload(server, b'')
    reset = changed(changed(reset, reset.tcp + 13, bytes([RST | 16])), reset.tcp + 2, struct.pack('>H', 55555))
    reset.time = syn.time + 20 * MS
    s.ends[syn.way] = 'client'
    s.b += [s.moved(syn), s.moved(reset)]
    s.a += [syn, reset]
    told, _ = s.compare(0)
    equal([c['matched_by'] for c in told], ['randoms', 'sequence_numbers'], f'{name}: refused by the server')
    s.b.pop()
    s.b.append(s.moved(copy.copy(s.a[-3])))  # something later, so that the capture ran
    s.b[-1].time += 500 * MS
    told, _ = s.compare(1)
    lone = [d for c in told for d in c['differences'] if d['id'] == 'reset-injected']
    equal(len(lone), 1, f'{name}: refused by something between: {[ids([c]) for c in told]}')


def check_nothing_in_common(name):
    one, other = (os.path.join(CAPTURES, n) for n in (name, 'versions-mixed.pcapng'))
    done = wiretale('compare', one, other, status=1)
    check('no connection in common' in done.err, f'{name}: {done.err}')
    n = len(wiretale('read', '--json', one).json()[0])
    check(f'connections in both captures: 0, only in A: {n}, only in B: 10' in done.out, f'{name}: {done.out[-200:]}')
    check(f'A  {one}' in done.out and f'B  {other}' in done.out, f'{name}: which is which')
    summary = json.loads(wiretale('compare', '--json', one, other, status=1).out.splitlines()[-1])
    equal((summary['both'], summary['a']['alone'], summary['b']['alone']), (0, n, 10), f'{name}: counts')


def check_many():
    """Ten connections of all versions, seen from another place with another address."""
    path = os.path.join(CAPTURES, 'versions-mixed.pcapng')
    packets = [p for p in read(path) if p.at is not None]
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, n) for n in ('a.pcap', 'b.pcap')]
        for k, to in enumerate(paths):
            for p in packets:
                if k and p.version == 4:
                    at = p.ip + (12 if p.data[p.ip + 12:p.ip + 16] == bytes([192, 0, 2, 10]) else 16)
                    p.data = p.data[:at] + bytes([203, 0, 113, 9]) + p.data[at + 4:]
            with open(to, 'wb') as f:
                f.write(write(packets))
        done = wiretale('compare', *paths, status=1)
        check('connections in both captures: 10, different: 10' in done.out, done.out[-300:])
        told = [json.loads(line) for line in wiretale('compare', '--json', *paths, status=1).out.splitlines()]
        equal([ids([c]) for c in told[:-1]], [['address-translated']] * 10, 'ten pairs')


def check_look(name):
    """As wide as it was asked for, in plain characters, and in another language."""
    s = Sides(name)
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, n) for n in ('a.pcap', 'b.pcap')]
        at = s.hello()
        s.b[at] = with_payload(s.b[at], s.b[at].payload[:40] + b'\0\0\0' + s.b[at].payload[43:])
        for path, packets in zip(paths, (s.a, s.b)):
            with open(path, 'wb') as f:
                f.write(write(packets))
        for columns in (60, 80, 100):
            out = wiretale('compare', '--ascii', '--columns', str(columns), *paths, status=1).out
            words = [line for line in out.splitlines() if ' ' in line.strip() and not line.startswith(('A', 'B'))]
            check(all(len(line) <= columns for line in words), f'{name}: wider than {columns}: {max(words, key=len)}')
            check(out.isascii(), f'{name}: --ascii')


def check_alone(name):
    s = Sides(name)
    other = 'versions-mixed.pcapng'
    told, text = s.compare(0)
    article = os.path.join(CAPTURES, name)
    out = wiretale('compare', article, os.path.join(CAPTURES, other), status=1).out
    check('This connection is only in A' in out and 'This connection is only in B' in out, f'{name}: {out[:400]}')
    check(told and text, 'told')


def check_places():
    """Captures that were made at two places in earnest, with a router between them."""
    folder = os.path.join(os.path.dirname(CAPTURES), 'places')
    with open(os.path.join(folder, 'EXPECTED.tsv'), encoding='utf-8') as f:
        rows = [line.rstrip('\n').split('\t') for line in f][1:]
    for name, matched_by, nearer, differences in rows:
        pair = [os.path.join(folder, f'{name}-{k}.pcap') for k in 'ab']
        for swap in (False, True):
            files = pair[::-1] if swap else pair
            told = [json.loads(line) for line in wiretale('compare', '--json', *files).out.splitlines()]
            equal(len(told), 2, f'{name}: one connection')
            if nearer != '-':
                equal(told[0].get('nearer_to_client'), 'b' if swap else nearer, f'{name}: nearer to the client')
            equal(told[0]['matched_by'], matched_by, f'{name}: matched')
            got = [d['id'] for d in told[0]['differences']]
            if not swap or nearer != '-':
                wanted = [] if differences == '-' else differences.split(',')
                equal(sorted(got), sorted(d.replace('removed', 'added') if swap else d for d in wanted), f'{name}: differences')
    text = ' '.join(wiretale('compare', *(os.path.join(folder, f'blackhole-{k}.pcap') for k in 'ab'), status=1).out.split())
    check('a link on the path has a smaller MTU' in text, text)


def check_wrong():
    article = os.path.join(CAPTURES, 'article.pcapng')
    for wrong in ([], [article], [article] * 3, [article, article, '--lines']):
        wiretale('compare', *wrong, status=2)
    for pair in ((article, 'no such'), ('no such', article), (article, __file__)):
        done = wiretale('compare', *pair, status=1)
        equal((done.out, done.err.count('\n')), ('', 1), 'what is no capture is not compared')


def check_itself():
    """Every capture is the same as itself."""
    for name in sorted(os.listdir(CAPTURES)):
        if name.endswith(('.pcap', '.pcapng', '.gz', '.lz4')):
            path = os.path.join(CAPTURES, name)
            told = wiretale('compare', '--json', path, path).out
            check('"id":' not in told, f'{name}: {told[:600]}')


def main():
    equal(ETHERNET, 1, 'link')
    for name in NAMES:
        for case in (check_same, check_link, check_nat, check_reset, check_lost, check_rewritten, check_removed, check_mss,
                     check_resized, check_alone, check_renumbered, check_late, check_snaplen, check_terminated, check_refused,
                     check_nothing_in_common, check_look):
            case(name)
    check_many()
    check_legs()
    check_places()
    check_wrong()
    check_itself()
    done()


if __name__ == '__main__':
    main()
