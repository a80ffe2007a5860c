#!/usr/bin/env python3
"""Three seats of one connection over TCP: `wiretale client`, `wiretale server`, and tcpdump between them with the key log.
Each reports the same JSON, but for packets and times. Needs root; skips without."""
import hashlib
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from peers import LIMIT, NAME, Authority, client, enter_namespace, folder, openssl
from tale import BINARY, check, done, equal, fail, wiretale


SEATS = ('the client', 'the server')
KEY = 'us:00112233445566778899aabbccddeeff0123'
PORTS = itertools.count(20000)  # of this network namespace, below those of clients
ENVIRONMENT = {**os.environ, 'LC_ALL': 'C.UTF-8'}


def listens(port):
    """Without a connection to it, which would count."""
    with open('/proc/net/tcp', encoding='ascii') as f:
        return any(line.split()[1].endswith(f':{port:04X}') and line.split()[3] == '0A' for line in f.readlines()[1:])


# --- what is compared ---

# What a packet is needed for, or a clock, or whose name is that of the seat.
ASIDE = re.compile(r'(.*_)?(frame|time|duration)|file|stream|resumed_from|start|end|layers|tcp')


# RFC 5246, 7.3: the client sends Certificate, ClientKeyExchange and Finished at once. A server that refuses the first has no
# keys for the last, and nobody else has them from it.
UNREAD = {'.decryption', '.not_decrypted', '.plaintext', '.records', '.verified.client_finished'}

# Findings that depend on how long something took where it was seen.
BY_THE_CLOCK = {'slow-handshake'}


def bare(x):
    if isinstance(x, dict):
        return {k: bare(v) for k, v in x.items() if not ASIDE.fullmatch(k)}
    if isinstance(x, list):
        return [bare(v) for v in x if not (isinstance(v, dict) and v.get('id') in BY_THE_CLOCK)]
    return re.sub(r' ?\(packets? [0-9, ]+\)', '', x) if isinstance(x, str) else x


def differences(a, b, path=''):
    if isinstance(a, dict) and isinstance(b, dict):
        return [d for k in sorted(a.keys() | b.keys()) for d in differences(a.get(k), b.get(k), f'{path}.{k}')]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [d for i, (x, y) in enumerate(zip(a, b)) for d in differences(x, y, f'{path}[{i}]')]
    return [] if a == b else [f'{path}: {a!r} / {b!r}']


def connections(text):
    return [o for o in map(json.loads, text.splitlines()) if o['type'] == 'connection']


def cause_of(connection):
    return next((f['id'] for f in connection['findings'] if f['severity'] == 'fatal'), None)


# --- the seats ---

class Wire:
    """tcpdump on the loopback, until it is asked what it saw."""

    def __init__(self, at):
        self.path = at.path('wire.pcap')
        self.process = subprocess.Popen(['tcpdump', '-i', 'lo', '--immediate-mode', '-B', '65536', '-U', '-Z', 'root', '-s', '0', '-w', self.path, 'tcp'],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        line = self.process.stderr.readline()
        check(b'listening on' in line, f'tcpdump: {line!r}')

    def end(self):
        time.sleep(0.5)
        self.process.send_signal(signal.SIGINT)
        told = self.process.communicate(timeout=LIMIT)[1].decode()
        check('\n0 packets dropped by kernel' in told, f'tcpdump: {told!r}')


class Scene:
    """One server, and a client for each of `clients`: its arguments. Those of openssl have no seat: `by` are the seats."""

    def __init__(self, name, server=(), clients=((),), data=b'', cert='www', host=NAME, get=True, by=(0, 1), keyless=(), cause=None):
        self.name, self.server, self.clients, self.data = name, server, clients, data
        self.cert, self.host, self.get, self.by = cert, host, get, by
        self.keyless = keyless  # places of the clients whose server ends before it has keys
        self.cause = cause  # that each seat names; None: there is none
        self.port, self.said, self.why = next(PORTS), {}, []

    def serve(self, at):
        dash = '--' if 1 in self.by else '-'
        certificate = [dash + 'cert', at.path(self.cert + '.pem'), dash + 'key', at.path(self.cert + '.key')]
        if 1 in self.by:
            command = [BINARY, 'server', '--port', str(self.port), '--listen', '127.0.0.1', '--json', '--limit', str(len(self.clients)), '--ca', at.ca, '--keylog',
                       at.path('keys')]
        else:
            command = ['openssl', 's_server', '-accept', f'127.0.0.1:{self.port}', '-naccept', str(len(self.clients)), '-www', '-quiet', '-keylogfile',
                       at.path('keys.openssl')]
        server = subprocess.Popen([*command, *certificate, *self.server], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
        if 1 in self.by:
            line = server.stderr.readline()
            check(b'listening on port' in line, f'{self.name}: {line!r}')
        end = time.monotonic() + LIMIT
        while not listens(self.port) and server.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        check(server.poll() is None, f'{self.name}: the server ended')
        return server

    def speak(self, at, arguments):
        if 0 not in self.by:
            command = ['openssl', 's_client', '-connect', f'127.0.0.1:{self.port}', '-servername', self.host, '-ign_eof', '-keylogfile',
                       at.path('keys.openssl'), *arguments]
            subprocess.run(command, input=self.data, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=LIMIT, check=False)
            return []
        more = ['--get', '/'] if self.get else []
        told = client(self.port, '--ca', at.ca, '--json', '--keylog', at.path('keys'), *more, *arguments, host=self.host, data=self.data)
        end = json.loads(told.out.splitlines()[-1])
        self.why.append(end.get('cause', {}).get('id'))
        return connections(told.out)

    def run(self, at):
        server = self.serve(at)
        said = [c for arguments in self.clients for c in self.speak(at, arguments)]
        try:
            out, err = server.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            fail(f'{self.name}: the server does not end')
            server.kill()
            out, err = server.communicate()
        check(b'Sanitizer' not in err, f'{self.name}: {err[:2000]}')
        self.said = {0: said, 1: connections(out.decode()) if 1 in self.by else []}

    def compare(self, wire):
        wire = [c for c in wire if c['server']['port'] == self.port]
        equal([cause_of(c) for c in wire], [self.cause] * len(self.clients), f'{self.name}: the cause')
        if 0 in self.by:
            equal(self.why, [self.cause] * len(self.clients), f'{self.name}: why the client ended')
        for said in (side for c in wire for side in c.get('plaintext', {}).values() if not side['bytes']):
            equal(said['sha256'], hashlib.sha256(b'').hexdigest(), f'{self.name}: the digest of nothing')
        for seat in self.by:
            if not equal(len(self.said[seat]), len(wire), f'{self.name}: connections of {SEATS[seat]}'):
                continue
            for number, (one, other) in enumerate(zip(self.said[seat], wire)):
                found = differences(bare(one), bare(other))
                if seat == 1 and number in self.keyless:
                    equal({d.split(':')[0] for d in found}, UNREAD, f'{self.name} {number}: what a server without keys cannot read')
                    continue
                check(not found, f'{self.name} {number}, {SEATS[seat]} / wire: {found}')


REQUEST = b'GET / HTTP/1.0\r\n\r\n'


def foreign_clients(at):
    """What no client of ours does: it keeps no session, and does not fall back."""
    for version in ('-tls1_2', '-tls1_3'):
        kept = at.path('session' + version)
        yield Scene('resumed ' + version, clients=[[version, '-sess_out', kept], [version, '-sess_in', kept]], data=REQUEST, by=[1])
        yield Scene('openssl ' + version, clients=[[version]], data=REQUEST, by=[1])
    yield Scene('fallback', clients=[['-tls1_2', '-fallback_scsv']], by=[1], cause='downgrade-refused')
    yield Scene('old version', clients=[['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0']], by=[1], cause='no-shared-version')


def foreign_servers(at):
    """And no server of ours."""
    both = [['--versions', '1.2'], ['--versions', '1.3']]
    yield Scene('openssl', clients=both, by=[0])
    yield Scene('unrecognized name', server=['-servername', 'other.example.com', '-servername_fatal', '-cert2', at.path('www.pem'), '-key2', at.path('www.key')],
                clients=both, by=[0], cause='unrecognized-server-name')
    yield Scene('stapled', server=['-status_file', at.path('staple')], clients=both, by=[0])
    yield Scene('must staple', clients=both, cert='must-staple', by=[0], cause='ocsp-staple-missing')


def scenes(at):
    both = [['--versions', '1.2'], ['--versions', '1.3']]
    mine = ['--cert', at.path('me.pem'), '--key', at.path('me.key')]
    asks = ['--verify-client']

    def each(*arguments):
        return [[*v, *arguments] for v in both]

    def refused(name, cert):
        return Scene(name, server=asks, clients=each('--cert', at.path(cert + '.pem'), '--key', at.path(cert + '.key')), keyless=[0],
                     cause='client-certificate-rejected')

    return [
        Scene('usual', clients=both),
        Scene('suites', clients=[[*v, '--suites', s] for v, s in zip(both * 2, ('tls_ecdhe_ecdsa_with_chacha20_poly1305_sha256', 'tls_aes_256_gcm_sha384',
                                                                              'tls_ecdhe_ecdsa_with_aes_128_gcm_sha256', 'tls_chacha20_poly1305_sha256'))]),
        Scene('rsa', clients=both, cert='rsa'),
        Scene('hello retry request', server=['--groups', 'p-384'], clients=both),
        Scene('alpn', server=['--alpn', 'http/1.1'], clients=each('--alpn', 'h2,http/1.1')),
        Scene('echo', server=['--echo'], clients=both, data=b'x' * 40000, get=False),
        Scene('client certificate', server=asks, clients=each(*mine)),
        Scene('optional client certificate', server=['--verify-client=optional'], clients=both),
        Scene('no client certificate', server=asks, clients=both, keyless=[0], cause='client-certificate-missing'),
        refused('expired client certificate', 'me-expired'),
        refused('client certificate for servers', 'www'),
        refused('self-signed client certificate', 'self'),
        refused('client certificate of another', 'other-me'),
        Scene('expired', clients=both, cert='expired', cause='certificate-expired'),
        Scene('wrong host', clients=both, host='other.example.net', cause='certificate-host-mismatch'),
        Scene('self-signed', clients=both, cert='self', cause='certificate-self-signed'),
        Scene('wrong purpose', clients=both, cert='me', cause='certificate-wrong-purpose'),
        Scene('unknown issuer', clients=both, cert='other', cause='certificate-unknown-issuer'),
        Scene('not verified', clients=each('--without-verification'), cert='expired'),
        Scene('no version', server=['--versions', '1.3'], clients=[both[0]], cause='no-shared-version'),
        Scene('no version either', server=['--versions', '1.2'], clients=[both[1]], cause='no-shared-version'),
        Scene('no suite', server=['--suites', 'tls_aes_256_gcm_sha384,tls_ecdhe_ecdsa_with_aes_256_gcm_sha384'],
              clients=each('--suites', 'tls_aes_128_gcm_sha256,tls_ecdhe_ecdsa_with_aes_128_gcm_sha256'), cause='no-shared-cipher-suite'),
        Scene('no group', server=['--groups', 'x25519'], clients=each('--groups', 'p-256'), cause='no-shared-group'),
        Scene('no scheme', clients=each('--schemes', 'rsa_pss_rsae_sha256'), cause='no-shared-signature-scheme'),
        Scene('pre-shared keys', server=['--psk', KEY], clients=each('--psk', KEY)),
        Scene('pre-shared keys of TLS 1.2', server=['--versions', '1.2', '--psk', KEY],
              clients=[['--versions', '1.2', '--psk', KEY, '--suites', s] for s in ('tls_ecdhe_psk_with_aes_128_gcm_sha256', 'tls_ecdhe_psk_with_chacha20_poly1305_sha256')]),
        Scene('unknown pre-shared key', server=['--versions', '1.2', '--psk', KEY], clients=[['--versions', '1.2', '--psk', 'them' + KEY]], keyless=[0],
              cause='psk-unknown-identity'),
        Scene('no alpn', server=['--alpn', 'http/1.1'], clients=each('--alpn', 'h2'), get=False, cause='no-shared-alpn'),
        *foreign_clients(at), *foreign_servers(at),
    ]


def make(at):
    at.leaf('www')
    at.leaf('rsa', kind='rsa')
    at.leaf('expired', days=-1)
    at.leaf('me', names=('me',), usage='clientAuth')
    at.leaf('me-expired', names=('me',), usage='clientAuth', days=-1)
    for name in ('other', 'other-me'):
        os.makedirs(at.path('elsewhere'), exist_ok=True)
        other = Authority(at.path('elsewhere'), 'another root')
        for path in other.leaf(name, usage='clientAuth' if name == 'other-me' else 'serverAuth'):
            shutil.copy(path, at.folder)
    at.key(at.path('self.key'))
    at.staple('www', 'staple')
    at.leaf('must-staple', must_staple=True)
    openssl('req', '-x509', '-key', 'self.key', '-out', 'self.pem', '-days', '300', '-subj', f'/CN={NAME}', '-addext', f'subjectAltName=DNS:{NAME}', cwd=at.folder)


def main():
    enter_namespace('openssl', 'tcpdump')
    with folder() as path:
        at = Authority(path)
        make(at)
        wire = Wire(at)
        todo = scenes(at)
        for scene in todo:
            scene.run(at)
        wire.end()
        told = wiretale('read', '--json', '--keylog', at.path('keys'), '--keylog', at.path('keys.openssl'), '--ca-file', at.ca, wire.path,
                        status=0)
        seen, _ = told.json()
        for scene in todo:
            scene.compare(seen)
    done()


main()
