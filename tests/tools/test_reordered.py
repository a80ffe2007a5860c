#!/usr/bin/env python3
"""Datagrams doubled, exchanged and shuffled: the story of QUIC and of DTLS stays the same. Times stay where they were.

    test_reordered.py [--seeds N] [CAPTURE...]     captures to measure; a key log beside one, CAPTURE.keys, is used"""
import json
import os
import random
import sys
import tempfile
import dtls_played
import packets
from tale import CAPTURES, check, done, wiretale

OWN = ('../page/captures/quic.pcap', '../page/captures/dtls.pcap', 'captures/quic-http3.pcap', *(f'../failures/{name}-fine.pcapng' for name in (
    'dtls', 'dtls-no-cookie', 'dtls-client-certificate', 'dtls-cookie', 'dtls-alpn', 'dtls-retransmissions', 'quic', 'quic-retry')))
HERE = os.path.dirname(os.path.abspath(__file__))


def doubled(dice, everything):
    return [p for p in everything for _ in range(dice.choice((1, 2)))]


def placed(everything, order):
    return [packet.at_time(everything[i].time) for i, packet in enumerate(order)]


def exchanged(dice, everything):
    order, i = list(everything), 0
    while i + 1 < len(order):
        if dice.random() < 0.4:
            order[i], order[i + 1] = order[i + 1], order[i]
            i += 1
        i += 1
    return placed(everything, order)


def shuffled(dice, everything):
    order = list(everything)
    dice.shuffle(order)
    return placed(everything, order)


VARIANTS = {'doubled': doubled, 'exchanged': exchanged, 'shuffled': shuffled}
# Of QUIC's short headers nothing shows whose they are before a long one of their connection (RFC 8999, 5.2); nor of a record of
# tls12_cid (RFC 9146, 4) from a new address: before the hellos that its id is in it begins a connection, as that of a capture
# which begins late.
OF_DTLS_ALONE = {'shuffled'}


def story(connection):
    """What must not hang on the order: all but times, counts of what came again, and in which packet something was."""
    handshake = sorted(str((m['from'], m.get('type'), m.get('message_seq'), m.get('epoch'), m.get('level'), m.get('client_hello', {}).get('ja4')))
                       for m in connection.get('messages', []) if m['content_type'] == 'handshake')
    told = {'handshake': handshake, 'findings': sorted(f['id'] for f in connection['findings'] if f['severity'] in ('error', 'fatal')),
            'bytes': [connection.get('plaintext', {}).get(side, {}).get('bytes') for side in ('client', 'server')],
            'client': connection['client']['port'], 'inside': connection.get('inside')}
    for key in ('protocol', 'state', 'version', 'cipher_suite', 'sni', 'alpn', 'verified', 'ja4', 'resumption', 'early_data', 'decryption', 'renegotiations'):
        told[key] = connection.get(key)
    return told


def stories(path, keys):
    done_ = wiretale('read', '--json', '--messages', '--ca-file', os.path.join(CAPTURES, 'pki', 'root.pem'), *keys, path)
    return [story(c) for c in map(json.loads, done_.out.splitlines()) if c['type'] == 'connection']


def differences(capture, seeds):
    everything, keys = packets.read(capture), ['--keylog', capture + '.keys'] if os.path.exists(capture + '.keys') else []
    secrets = packets.secrets(capture)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'varied.pcapng')
        with open(path, 'wb') as f:
            f.write(packets.write_pcapng(everything, secrets))
        before = stories(path, keys)
        check(before, f'{capture}: no connection')
        for name, variant in VARIANTS.items():
            if name in OF_DTLS_ALONE and (any(s['protocol'] != 'dtls' for s in before) or capture.endswith('dtls-12.pcap')):
                continue
            for seed in range(seeds):
                with open(path, 'wb') as f:
                    f.write(packets.write_pcapng(variant(random.Random(f'{name} {seed}'), everything), secrets))
                after = stories(path, keys)
                if len(after) != len(before):
                    yield name, seed, 'connections', len(before), len(after)
                for a, b in zip(before, after):
                    yield from ((name, seed, key, a[key], b[key]) for key in a if a[key] != b[key])


def shortened(a, b):
    if isinstance(a, list) and isinstance(b, list):
        return [x for x in a if x not in b], [x for x in b if x not in a]
    if isinstance(a, dict) and isinstance(b, dict):
        return {k: v for k, v in a.items() if b.get(k) != v}, {k: v for k, v in b.items() if a.get(k) != v}
    return a, b


def compare(captures, seeds):
    for capture in captures:
        bad = set()
        for name, seed, key, a, b in differences(capture, seeds):
            bad.add((name, seed))
            check(False, f'{os.path.basename(os.path.dirname(capture))}/{os.path.basename(capture)} {name} {seed}: {key}: %s became %s' % shortened(a, b))
        check(not bad, f'{capture}: {sorted(bad)}')


def main():
    arguments, seeds = sys.argv[1:], 2
    if arguments[:1] == ['--seeds']:
        seeds, arguments = int(arguments[1]), arguments[2:]
    with tempfile.TemporaryDirectory() as folder:
        own = [os.path.normpath(os.path.join(HERE if n.startswith('captures') else CAPTURES, n)) for n in OWN]
        if 'WIRETALE_DTLS_PEER' in os.environ:
            own += [dtls_played.Played(folder, version).pcap for version in (12, 13)]
        compare(arguments or own, seeds)
    done(len(OWN) if not arguments else 1)


if __name__ == '__main__':
    main()
