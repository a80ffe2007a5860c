#!/usr/bin/env python3
"""HTTP/3 in a QUIC connection, opened with a key log: what was asked and answered, the streams one by one, the lines of the
key log that fit, and qlogs.

captures/quic-http3.pcap is of ngtcp2's client and server, made by captures/make: three pages at once in the first connection,
of which one is not there; a request with a body in the second."""
import json
import os
import stat
import tempfile

import qlog_schema
from tale import check, done, equal, wiretale

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURE = os.path.join(HERE, 'captures', 'quic-http3.pcap')
KEYS = ('--keylog', CAPTURE + '.keys')
FAILURES = os.path.join(HERE, '..', 'failures')
OTHERS = sorted(os.path.join(FAILURES, name) for name in os.listdir(FAILURES)
                if name.startswith('quic-') and name.endswith('.pcapng'))


def connections(*options):
    lines = [json.loads(line) for line in wiretale('read', '--json', *options, CAPTURE, status=0).out.splitlines()]
    return [line for line in lines if line['type'] == 'connection']


def check_exchanges():
    first, second = connections(*KEYS)
    equal([c['application'] for c in (first, second)], ['HTTP/3', 'HTTP/3'], 'application')
    told = [(x['stream'], x['method'], x['scheme'], x['authority'], x['path'], x['status'], x['response_bytes'])
            for x in first['exchanges']]
    equal([t[:6] for t in told], [(0, 'GET', 'https', 'www.example.com', '/index.html', 200),
                                  (4, 'GET', 'https', 'www.example.com', '/large.txt', 200),
                                  (8, 'GET', 'https', 'www.example.com', '/missing', 404)], 'exchanges')
    equal([t[6] for t in told[:2]], [19, 60000], 'bodies')
    equal([(x['method'], x['request_bytes']) for x in second['exchanges']], [('GET', 17)], 'a body that is sent')
    check(not any('reset' in x for x in first['exchanges'] + second['exchanges']), 'nothing was cut off')
    check(not any('exchanges' in c for c in connections()), 'without keys there are none')
    equal(len(connections(*KEYS, '--filter', 'http3.headers.status == 404')), 1, 'a filter')


def check_follow():
    whole = wiretale('follow', *KEYS, CAPTURE, '0.0', '--side', 'server', status=0).out
    check('Hello over HTTP/3.' in whole, f'a stream: {whole!r}')
    large = wiretale('follow', *KEYS, CAPTURE, '0.4', '--side', 'server', status=0).out
    check('x' * 60000 in large.replace('\n< ', ''), 'of many packets')
    check('Hello' not in large, 'and no other')
    check('name one, as in 0.' in wiretale('follow', *KEYS, CAPTURE, '0', status=1).err, 'which stream?')
    check('no TLS connection with stream 9' in wiretale('follow', *KEYS, CAPTURE, '9.0', status=1).err, 'no such connection')
    check('no application data' in wiretale('follow', *KEYS, CAPTURE, '0.400', status=0).err, 'no such stream')
    wiretale('follow', *KEYS, CAPTURE, '0.x', status=2)


def check_keys(folder):
    out = wiretale('keys', '--text', *KEYS, '-o', '-', CAPTURE, status=0).out
    with open(CAPTURE + '.keys', encoding='ascii') as f:
        want = set(f.read().splitlines())
    equal(set(out.splitlines()) - want, set(), 'only lines of the log')
    check(all(any(line.startswith(label) for line in out.splitlines())
              for label in ('CLIENT_HANDSHAKE', 'SERVER_HANDSHAKE', 'CLIENT_TRAFFIC', 'SERVER_TRAFFIC')), f'all kinds: {out!r}')
    # a capture that decrypts itself, of one connection
    at = os.path.join(folder, 'own.pcapng')
    wiretale('keys', *KEYS, '--stream', '1', '-o', at, CAPTURE, status=0)
    lines = [json.loads(line) for line in wiretale('read', '--json', at, status=0).out.splitlines()]
    only, = [line for line in lines if line['type'] == 'connection']
    equal([x['request_bytes'] for x in only['exchanges']], [17], 'with its packets and secrets')


def events(path):
    with open(path, encoding='utf-8') as f:
        log = json.load(f)
    equal((log['qlog_version'], log['qlog_format']), ('0.3', 'JSON'), path)
    equal(qlog_schema.faults(log)[:3], [], f'{path}: as the drafts have it')
    trace, = log['traces']
    equal(trace['vantage_point']['type'], 'network', path)
    return trace['events']


def frames(list_, name, kind):
    return [f for e in list_ if e['name'] == name for f in e['data']['frames'] if f['frame_type'] == kind]


def check_qlog(folder):
    at = os.path.join(folder, 'logs')
    told = wiretale('read', '--qlog', at, *KEYS, CAPTURE, status=0)
    check('qlog files written: 2' in told.err, told.err)
    names = sorted(os.listdir(at))
    equal(len(names), 2, f'a file each: {names}')
    check(all(name.endswith('.qlog') and name.startswith(('0-', '1-')) for name in names), f'{names}')
    logs = [events(os.path.join(at, name)) for name in names]
    for list_ in logs:
        kinds = [e['name'] for e in list_]
        equal(kinds[0], 'connectivity:connection_started', 'first')
        equal(kinds.count('transport:parameters_set'), 2, 'parameters of both sides')
        check('connectivity:connection_closed' in kinds, 'the end')
        times = [e['time'] for e in list_]
        check(times == sorted(times), 'in order')
        sent = {e['data']['header']['packet_type'] for e in list_ if e['name'] == 'transport:packet_sent'}
        check({'initial', 'handshake', '1RTT'} <= sent, f'{sent}')
        check(all('packet_number' in e['data']['header'] for e in list_ if e['name'].startswith('transport:packet')), 'opened')
    streams = frames(logs[0], 'transport:packet_received', 'stream')
    check(sum(f['length'] for f in streams if f['stream_id'] == 4) >= 60000, 'frames of a stream')
    check(any(f['fin'] for f in streams if 'fin' in f), 'and its end')
    check(frames(logs[0], 'transport:packet_sent', 'ack')[0]['acked_ranges'][0][0] == 0, 'what was acknowledged')
    # without keys there are the Initial packets' frames
    at = os.path.join(folder, 'closed')
    wiretale('read', '--qlog', at, '--stream', '0', CAPTURE, status=0)
    name, = os.listdir(at)
    list_ = events(os.path.join(at, name))
    check(frames(list_, 'transport:packet_sent', 'crypto'), 'an Initial packet is open to all')
    check(not frames(list_, 'transport:packet_sent', 'stream'), 'others are not')
    with open(os.path.join(at, name), encoding='utf-8') as f:
        check('secret' not in f.read(), 'nothing secret')
    check(stat.S_IMODE(os.stat(os.path.join(at, name)).st_mode) & 0o400, 'readable')


def check_qlog_schema(folder):
    """Other connections, with Retry, Version Negotiation, migration and errors."""
    at = os.path.join(folder, 'schema')
    kinds = set()
    for name in OTHERS:
        keys = ('--keylog', name + '.keys') if os.path.exists(name + '.keys') else ()
        wiretale('read', '--qlog', at, *keys, name, status=0)
        for log in os.listdir(at):
            for event in events(os.path.join(at, log)):
                kinds.add(event['data'].get('header', {}).get('packet_type'))
                kinds.update(f['frame_type'] for f in event['data'].get('frames', []))
            os.unlink(os.path.join(at, log))
    check({'retry', 'version_negotiation', 'ack', 'path_challenge', 'new_connection_id', 'connection_close'} <= kinds, f'{kinds}')


def check_qlog_places(folder):
    at = os.path.join(folder, 'several')
    wiretale('read', '--qlog', at, *KEYS, CAPTURE, CAPTURE, status=0)
    equal(len(os.listdir(at)), 4, 'of two captures')
    check('No such file' in wiretale('read', '--qlog', os.path.join(folder, 'no', 'such'), CAPTURE, status=1).err, 'no such place')
    check('Not a directory' in wiretale('read', '--qlog', CAPTURE, CAPTURE, status=1).err, 'a file is there')
    for option in ('html', 'svg', 'redact'):
        value = [] if option == 'redact' else [os.path.join(folder, 'x')]
        told = wiretale('read', '--qlog', at, f'--{option}', *value, CAPTURE, status=2)
        check(f'--qlog cannot be combined with --{option}' in told.err, told.err)


def main():
    check_exchanges()
    check_follow()
    with tempfile.TemporaryDirectory() as folder:
        check_keys(folder)
        check_qlog(folder)
        check_qlog_schema(folder)
        check_qlog_places(folder)
    done()


main()
