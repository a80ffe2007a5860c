#!/usr/bin/env python3
"""Certificates as they were judged, on captures with real peers: by the test root, without it, at other times."""
import os
import struct
import tempfile
from tale import CAPTURES, check, done, equal, wiretale


def path_of(name):
    return os.path.join(CAPTURES, name)


ROOT, INTERMEDIATE = path_of('pki/root.pem'), path_of('pki/intermediate.pem')
JUDGED = ('certificate-', 'ocsp-')


def read(name, *options, env=None, status=0):
    keys = ('--keylog', path_of(name) + '.keys') if os.path.exists(path_of(name) + '.keys') else ()
    told = wiretale('read', '--json', *keys, *options, path_of(name), env=env, status=status)
    return {c['stream']: c for c in told.json()[0]}


def found(connection):
    return {f['id']: f for f in connection.get('findings', []) if f['id'].startswith(JUDGED)}


def check_good():
    for c in read('article.pcapng', '--ca-file', ROOT).values():
        equal(c['verified']['chain'], 'ok', 'chain with the root')
        equal(c['verified']['host_name'], 'ok', 'host name')
        equal(c['chain'][-1].startswith('CN=wiretale test root'), True, 'chain ends at the root')
        equal(found(c), {}, 'nothing to say of a good chain')
    text = wiretale('read', '--ca-file', ROOT, path_of('article.pcapng'), '--keylog', path_of('article.pcapng.keys'), status=0).out
    check('trusted: chains to' in text and 'stapled OCSP response: good' in text, 'the story names the root and the OCSP answer')


def check_unknown():
    """A root that this system does not know is a notice, no more, where the client went on."""
    for c in read('article.pcapng').values():
        check(c['verified']['chain'].startswith('bad: '), 'not trusted here')
        equal([f['severity'] for f in found(c).values()], ['notice'], 'calm about a root of one\'s own')
    with tempfile.TemporaryDirectory() as empty:
        env = {'SSL_CERT_DIR': empty, 'SSL_CERT_FILE': os.path.join(empty, 'none')}
        for c in read('article.pcapng', env=env).values():
            check(c['verified']['chain'].startswith('unknown: there is no trust store'), f"no store: {c['verified']}")
            equal(found(c), {}, 'nothing can be said without a store')
        for c in read('article.pcapng', env={**env, 'SSL_CERT_FILE': ROOT}).values():
            equal(c['verified']['chain'], 'ok', 'SSL_CERT_FILE')


def check_failures():
    wanted = {0: 'certificate-expired', 1: 'certificate-not-yet-valid', 2: 'certificate-host-mismatch', 3: 'certificate-self-signed',
              4: 'certificate-chain-incomplete'}
    connections = read('alerts-server-certificate.pcapng', '--ca-file', ROOT)
    for stream, wanted_id in wanted.items():
        equal(set(found(connections[stream])), {wanted_id}, f'stream {stream}')
    equal(connections[2]['verified']['host_name'], 'bad: no name in the certificate matches', 'another host')
    equal(connections[2]['verified']['chain'], 'ok', 'of another host, but trusted')
    # the hole is known to be one by another connection's chain; alone, --untrusted shows it
    text = found(connections[4])['certificate-chain-incomplete']['text']
    check('wiretale test intermediate' in text and 'trusted root' in text, text)


def check_messages():
    """RFC 5246, 7.3: the server's flight is often one packet; a finding names the message that it speaks of."""
    connections = read('alerts-server-certificate.pcapng', '--ca-file', ROOT, '--messages')
    for stream in (0, 1, 2, 3, 4):
        finding, = found(connections[stream]).values()
        packet = [m['type'] for m in connections[stream]['messages'] if m['frame'] == finding['frame']]
        check('certificate' in packet and len(packet) > 1, f'stream {stream}: {packet}')
        equal(finding['message'], 'certificate', f'stream {stream}: the message of {finding["id"]}')
    check(not any('message' in f for c in read('alerts-server-certificate.pcapng').values() for f in c['findings']), 'without messages: none is named')
    told = wiretale('read', '--json', '--ca-file', ROOT, '--filter', 'findings.message == "certificate"', path_of('alerts-server-certificate.pcapng'), status=0)
    check({0, 1, 2, 3, 4} <= {c['stream'] for c in told.json()[0]}, 'filter by the message')
    ending = read('alerts-negotiation.pcapng', '--messages')[2]
    equal([f['message'] for f in ending['findings'] if f['severity'] == 'fatal'], ['alert'], 'a cause that an alert told')


def check_time():
    options = ('--ca-file', ROOT)
    at = read('alerts-server-certificate.pcapng', *options, '--at', '2020-12-31T23:00:00Z')
    check('expired' not in at[0]['verified']['chain'], 'not expired in 2020, whatever the client says')
    for c in read('article.pcapng', *options, '--at', '2100-01-01').values():
        equal(c['verified']['chain'], 'bad: a certificate in the chain has expired', 'in 2100')
        check('certificate-expired' in found(c) and 'given with --at' in found(c)['certificate-expired']['text'], 'whose clock')
    for when in ('', 'yesterday', '2026-13-01', '@', '@x', '2026-01-01T'):
        told = wiretale('read', '--at', when, path_of('article.pcapng'), status=2)
        check('--at takes a time' in told.err, f'--at {when!r}: {told.err}')


def check_host():
    c = read('article.pcapng', '--ca-file', ROOT, '--host', 'elsewhere.example')[0]
    equal(c['verified']['host_name'], 'bad: no name in the certificate matches', '--host')
    check('elsewhere.example' in found(c)['certificate-host-mismatch']['text'], 'the name is told')
    c = read('article.pcapng', '--ca-file', ROOT, '--host', 'www.example.com')[0]
    equal(c['verified']['host_name'], 'ok', '--host that fits')


def check_ocsp():
    connections = read('ocsp-stapling.pcapng', '--ca-file', ROOT)
    equal(connections[0]['ocsp']['status'], 'good', 'stapled')
    equal(connections[0]['ocsp']['verified'], 'ok', 'its signature')
    equal(connections[2]['ocsp']['status'], 'revoked', 'revoked')
    check('certificate-revoked' in found(connections[2]), 'revoked is found')
    equal(connections[2]['verified']['chain'], 'bad: the certificate has been revoked', 'revoked chain')
    check('ocsp' not in connections[5], 'nothing was stapled')
    c = read('ocsp-stapling.pcapng', '--ca-file', ROOT, '--at', '2026-06-01')[0]
    equal(c['ocsp']['verified'], 'bad: its thisUpdate is in the future', 'before its time')
    check('ocsp-staple-bad' in found(c), 'before its time')
    equal(sorted(read('ocsp-stapling.pcapng', '--verify', 'none')[0].get('verified', {}).keys() & {'chain', 'host_name'}), [],
          'nothing is judged with --verify none')


def check_given():
    with tempfile.NamedTemporaryFile('w', suffix='.pem') as f:
        f.write('no certificate\n')
        f.flush()
        for option in ('--ca-file', '--untrusted', '--sct-logs'):
            for file in (f.name, '/nowhere/at/all', '/'):
                told = wiretale('read', option, file, path_of('article.pcapng'), status=2)
                check(told.err.startswith(f'wiretale read: {file}: '), f'{option} {file}: {told.err}')
    wiretale('read', '--ca-path', '/nowhere/at/all', path_of('article.pcapng'), status=2)
    wiretale('read', '--host', 'a b', path_of('article.pcapng'), status=2)
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(ROOT, os.path.join(folder, 'root.pem'))
        if os.system(f'openssl rehash {folder} >/dev/null 2>&1') == 0:
            equal(read('article.pcapng', '--ca-path', folder)[0]['verified']['chain'], 'ok', '--ca-path')
    # an intermediate that is named as trusted is trusted
    equal(read('article.pcapng', '--ca-file', INTERMEDIATE)[0]['verified']['chain'], 'ok', 'trust in an intermediate')


def earlier(name, years, path):
    """The capture as a machine whose clock was behind would have written it."""
    data = bytearray(open(path_of(name), 'rb').read())
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from('<II', data, at)
        if kind == 6:  # enhanced packet block, in microseconds unless an option of the interface says otherwise
            high, low = struct.unpack_from('<II', data, at + 12)
            units = (high << 32 | low)
            per_second = 10**9 if units > 10**17 else 10**6
            units -= years * 31556952 * per_second
            struct.pack_into('<II', data, at + 12, units >> 32, units & 0xffffffff)
        at += length
    with open(path, 'wb') as out:
        out.write(data)


def check_clock():
    """Authorities sign nothing in the future: a capture older than several signatures has a clock that is behind."""
    with tempfile.TemporaryDirectory() as folder:
        capture = os.path.join(folder, 'earlier.pcapng')
        earlier('article.pcapng', 10, capture)
        told = wiretale('read', '--json', '--keylog', path_of('article.pcapng.keys'), '--ca-file', ROOT, capture, status=0)
        for c in told.json()[0]:
            early = found(c)
            equal(set(early), {'certificate-not-yet-valid'}, 'nothing else, and no staple that comes too early')
            finding = early['certificate-not-yet-valid']
            equal(finding['severity'], 'notice', 'of the clock, not of the certificate')
            check('Probably that clock is behind' in finding['text'], finding['text'])
            check(c['verified']['chain'].startswith("unknown: the capture's clock"), c['verified']['chain'])
            if 'ocsp' in c:
                check(c['ocsp']['verified'].startswith('unknown: its times'), c['ocsp']['verified'])
        # a time that is given is not doubted
        told = wiretale('read', '--json', '--keylog', path_of('article.pcapng.keys'), '--ca-file', ROOT, '--at', '2015-01-01T00:00:00Z', capture, status=0)
        for c in told.json()[0]:
            equal(found(c)['certificate-not-yet-valid']['severity'], 'error', 'by the time that was given')
        # none at all: what can be said without one
        earlier('article.pcapng', 40, capture)
        told = wiretale('read', '--json', '--keylog', path_of('article.pcapng.keys'), '--ca-file', ROOT, capture, status=0)
        for c in told.json()[0]:
            equal(found(c), {}, 'without a clock')


def check_filter():
    told = wiretale('read', '--json', '--ca-file', ROOT, '--filter', 'verified.chain == "ok"', path_of('alerts-server-certificate.pcapng'), status=0)
    check(2 in {c['stream'] for c in told.json()[0]}, 'filter by the chain')


def main():
    check_good()
    check_unknown()
    check_failures()
    check_messages()
    check_time()
    check_host()
    check_ocsp()
    check_given()
    check_clock()
    check_filter()
    done()


if __name__ == '__main__':
    main()
