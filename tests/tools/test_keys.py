#!/usr/bin/env python3
"""Keys of every kind: what they open, byte for byte, and what is said of what they do not open.

The truth comes from outside: tests/captures/PLAINTEXT.tsv is what tshark read (test_plaintext.py holds it to that), INDEX.tsv
what the peers were told to do."""
import csv
import hashlib
import os
import random
import re
import stat
import tempfile
import time

import packets
import records
from tale import CAPTURES, capture_names, check, done, equal, wiretale

ALARMS = {'signature-mismatch', 'finished-mismatch', 'record-corrupted', 'keys-do-not-fit', 'psk-mismatch'}
NO_KEYS = {'SSLKEYLOGFILE': ''}
MILLION, SECONDS = 1_000_000, 20
# Their libraries differ in what they agreed on, or bytes are missing: not everything opens, on purpose.
PARTIAL = {'hole.pcapng', 'starts-late.pcap', 'snaplen.pcap', 'ends-early.pcapng', 'one-sided.pcap', 'wrong-secrets.pcap'}
EMPTY = {'bytes': 0, 'sha256': hashlib.sha256(b'').hexdigest()}
tally = {'connections opened': 0, 'records opened': 0, 'signatures': 0, 'Finished': 0, 'binders': 0, 'suites': set()}


def path_of(name):
    return os.path.join(CAPTURES, name)


def rows(name):
    with open(path_of(name), encoding='utf-8', newline='') as f:
        return list(csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE))


def index():
    out = {}
    for row in rows('INDEX.tsv'):
        if row['stream'] != '-':
            facts = dict(pair.split('=', 1) for pair in row['facts'].split(';') if pair)
            out.setdefault(row['file'], {})[int(row['stream'])] = (facts, row['flight'] or '')
    return out


def said():
    """(file, stream) → what each side said, as JSON has it."""
    out = {}
    for row in rows('PLAINTEXT.tsv'):
        sides = {}
        for side in ('client', 'server'):
            if row[side + '_bytes'] != '0':
                sides[side] = {'bytes': int(row[side + '_bytes']), 'sha256': row[side + '_sha256']}
        out[row['file'], int(row['stream'])] = sides
    return out


INDEX, SAID = index(), said()
UNREAD = {(r['file'], int(r['stream'])) for r in rows('PLAINTEXT.tsv') if r['source'] == 'peers'}  # tshark cannot: ask it nothing of these


def read(path, *options, env=None, status=0):
    told = wiretale('read', '--json', '--verify', 'all', *options, path, env={**NO_KEYS, **(env or {})}, status=status)
    return {c['stream']: c for c in told.json()[0]}


def false_alarms(connection):
    """A connection that failed may have failed of just that: the cause is no false alarm."""
    return [f['id'] for f in connection.get('findings', []) if f['id'] in ALARMS and f['severity'] != 'fatal']


def alarms(connection):
    """Each once: what is wrong with both sides' keys is told of both."""
    return sorted({f['id'] for f in connection.get('findings', []) if f['id'] in ALARMS})


def plaintext(connection):
    return {side: p for side, p in connection.get('plaintext', {}).items() if p['bytes']}


def opened(connection, name, stream, how, where):
    equal(connection.get('decryption'), how, where + ': decryption')
    equal(plaintext(connection), SAID.get((name, stream), {}), where + ': plaintext')


# --- every capture with its key log -------------------------------------------------------------


def flights(text):
    """Each side's messages, data and alerts in order, as INDEX.tsv has them."""
    sides, side = {'>': [], '<': []}, None
    for word in text.split():
        if word in sides:
            side = word
        elif word != 'data':
            sides[side].append(word.split(':')[-1].removeprefix('ssl2_'))
    return {'client': sides['>'], 'server': sides['<']}


def told_flights(connection):
    sides = {'client': [], 'server': []}
    for m in connection.get('messages', []):
        if m['content_type'] == 'handshake':
            sides[m['from']].append(m.get('type', 'encrypted'))
        elif m['content_type'] == 'alert':
            sides[m['from']].append(m.get('description', 'encrypted_alert'))
        elif m['content_type'] != 'application_data':
            sides[m['from']].append(m['content_type'])
    return sides


def hidden_facts(connection, facts, flight, where):
    """What only keys show."""
    for key in ('alpn', 'resumption', 'resumed_from', 'early_data', 'state', 'signature_scheme'):
        if key in facts and ' ' not in facts[key]:
            equal(str(connection.get(key)), facts[key], f'{where}: {key}')
    for side in ('server', 'client'):
        if side + '_certificates' in facts and 'handshakes' not in facts:
            shown = connection.get('certificates', {}).get(side, [])
            equal(str(len(shown)), facts[side + '_certificates'], f'{where}: {side} certificates')
    if 'alerts' in facts:
        got = ','.join(f"{a['from']}:{a.get('level')}:{a.get('description')}" for a in connection.get('alerts', []))
        equal(got, facts['alerts'], f'{where}: alerts')
    if flight and 'starttls' not in facts:
        equal(told_flights(connection), flights(flight), f'{where}: messages')


def proved(connection):
    """What the two prove to each other; whether chains and names hold is another test's."""
    return {k: v for k, v in connection.get('verified', {}).items() if k not in ('chain', 'host_name')}


def proofs(connection, where):
    """None may fail; of a whole connection none may be left open."""
    for proof, verdict in proved(connection).items():
        check(verdict == 'ok', f'{where}: {proof}: {verdict}')
        what = {'psk_binder': 'binders'}.get(proof, 'Finished' if 'finished' in proof else 'signatures')
        if proof in ('server_signature', 'client_signature', 'client_finished', 'server_finished', 'psk_binder'):
            tally[what] += verdict == 'ok'


def whole(name, stream, connection, facts, flight):
    where = f"{name} stream {stream} ({facts.get('cipher_suite')})"
    equal(false_alarms(connection), [], where + ': alarms')
    null = '_NULL_' in facts.get('cipher_suite', '')
    check(null or connection.get('decryption') in ('keylog', None), f"{where}: decryption {connection.get('decryption')!r}")
    equal(plaintext(connection), SAID.get((name, stream), {}), where + ': plaintext')
    if facts.get('state') != 'established':
        return
    equal(connection.get('not_decrypted'), None, where + ': why not')
    equal(connection.get('decryption'), 'keylog', where + ': decryption')
    counts = connection.get('records', {})
    equal([counts.get(side, {}).get('failed') for side in ('client', 'server')], [0, 0], where + ': records that failed')
    tally['records opened'] += sum(c['opened'] for c in counts.values())
    tally['connections opened'] += 1
    tally['suites'].add((facts.get('version'), facts['cipher_suite']))
    proofs(connection, where)
    if (name, stream) not in UNREAD:
        hidden_facts(connection, facts, flight, where)


def all_captures():
    for name in capture_names():
        keys = path_of(name) + '.keys'
        if not os.path.exists(keys):
            continue
        connections = read(path_of(name), '--messages', '--keylog', keys)
        for stream, (facts, flight) in INDEX[name].items():
            if facts.get('protocol') == 'none' or 'keys' in facts or stream not in connections:
                continue
            if name in PARTIAL:
                got, wanted = plaintext(connections[stream]), SAID.get((name, stream), {})
                excused = not wanted or connections[stream].get('not_decrypted')
                check(got == wanted or excused, f'{name} stream {stream}: {got}, not {wanted}')
            else:
                whole(name, stream, connections[stream], facts, flight)


def without_keys():
    """Signatures up to TLS 1.2 need none: every one holds, and nothing is alarming about what stays shut."""
    n = 0
    for name in capture_names():
        for stream, connection in read(path_of(name)).items():
            where = f'{name} stream {stream}, without keys'
            equal(false_alarms(connection), [], where + ': alarms')
            verified = proved(connection)
            check(all(v == 'ok' or v.startswith('unknown: ') for v in verified.values()), f'{where}: {verified}')
            n += sum(verified.get(proof) == 'ok' for proof in ('server_signature', 'client_signature'))
    check(n > 350, f'only {n} signatures were checked without keys')
    print(f'{n} signatures checked without keys')


# --- private RSA keys and pre-shared keys -------------------------------------------------------


def rsa_keys():
    """A key exchange that the server's key opens, and whatever resumes its session."""
    n = 0
    for name in capture_names():
        if not os.path.exists(path_of(name) + '.rsa'):
            continue
        with open(path_of(name) + '.rsa', encoding='ascii') as f:
            key = path_of(f.read().strip())
        for stream, connection in read(path_of(name), '--rsa-key', key).items():
            facts = INDEX[name][stream][0]
            exchange = facts['cipher_suite'].split('_WITH_')[0]
            where = f"{name} stream {stream} ({facts['cipher_suite']}), by the RSA key"
            if exchange == 'TLS_RSA':
                opened(connection, name, stream, 'rsa_key', where)
                proofs(connection, where)
                n += 1
            elif '_NULL_' not in facts['cipher_suite']:
                equal(plaintext(connection), {}, where + ': plaintext')
                check(connection.get('not_decrypted'), where + ': says why not')
    check(n > 100, f'only {n} connections with RSA key exchange')


def psks():
    """PSK alone opens plain PSK; with the RSA key RSA_PSK; a DHE or ECDHE share beside it keeps it shut."""
    n = {'TLS_PSK': 0, 'TLS_RSA_PSK': 0}
    for name in capture_names():
        if not os.path.exists(path_of(name) + '.psk') or not os.path.exists(path_of(name) + '.rsa'):
            continue
        options = ('--psk-file', path_of(name) + '.psk', '--rsa-key', path_of('pki/rsa.key'))
        for stream, connection in read(path_of(name), *options).items():
            facts = INDEX[name][stream][0]
            exchange = facts['cipher_suite'].split('_WITH_')[0]
            where = f"{name} stream {stream} ({facts['cipher_suite']}), by the PSK"
            if 'PSK' not in exchange:
                continue
            if exchange in n:
                check(connection.get('decryption') in ('psk', 'rsa_key'), f"{where}: decryption {connection.get('decryption')!r}")
                equal(plaintext(connection), SAID[name, stream], where + ': plaintext')
                proofs(connection, where)
                n[exchange] += 1
            elif '_NULL_' not in facts['cipher_suite']:
                equal(plaintext(connection), {}, where + ': plaintext')
                check(connection.get('not_decrypted'), where + ': says why not')
    check(min(n.values()) > 10, f'too few connections with PSK: {n}')


def psks_13():
    """RFC 8446, 4.2.9: psk_ke hangs on the PSK alone; psk_dhe_ke only for early data."""
    name = 'psk-tls13.pcapng'
    for option in (('--psk-file', path_of(name) + '.psk'), ('--psk', open(path_of(name) + '.psk', encoding='ascii').read().strip())):
        got = read(path_of(name), *option)
        opened(got[2], name, 2, 'psk', f'{name} stream 2 (psk_ke)')
        proofs(got[2], f'{name} stream 2 (psk_ke)')
        for stream in (0, 1):
            where = f'{name} stream {stream} (psk_dhe_ke)'
            equal(plaintext(got[stream]), {}, where + ': plaintext')
            equal(got[stream].get('verified', {}).get('psk_binder'), 'ok', where + ': binder')
            check(got[stream].get('not_decrypted'), where + ': says why not')
        equal(alarms(got[3]), ['psk-mismatch'], f'{name} stream 3: another PSK')
    name = 'early-data-psk.pcapng'
    hex_only = open(path_of(name) + '.psk', encoding='ascii').read().strip().split(':')[1]
    got = read(path_of(name), '--psk', hex_only)
    early = b'early from the client\n'
    equal(plaintext(got[0]), {'client': {'bytes': len(early), 'sha256': hashlib.sha256(early).hexdigest()}}, f'{name} stream 0: early data')
    check(got[0].get('not_decrypted'), f'{name} stream 0: says why not the rest')
    opened(got[1], name, 1, 'psk', f'{name} stream 1 (psk_ke)')


# --- a part of the secrets ----------------------------------------------------------------------


class Partial:
    """One connection with some lines of its key log, or others."""

    def __init__(self, name, stream):
        self.name, self.stream = name, stream
        with open(path_of(name) + '.keys', encoding='ascii') as f:
            lines = [line.split() for line in f]
        talk = records.conversations(packets.read(path_of(name)))[stream]
        client_random = bytes(talk.data[0][11:43]).hex()
        self.lines = [line for line in lines if line[1] == client_random]
        self.others = [line for line in lines if line[1] != client_random]

    def read(self, lines, *options):
        with tempfile.NamedTemporaryFile('w', suffix='.keys') as f:
            f.write(''.join(' '.join(line) + '\n' for line in lines))
            f.flush()
            told = wiretale('read', '--json', '--messages', '--keylog', f.name, *options, path_of(self.name), env=NO_KEYS)
            self.err = told.err
            return {c['stream']: c for c in told.json()[0]}[self.stream]

    def only(self, *labels):
        return [line for line in self.lines if line[0] in labels]

    def changed(self, how):
        return [[label, client_random, how(secret)] for label, client_random, secret in self.lines]

    def equal(self, lines, what, sides, sentence):
        """Which sides' plaintext opens, and what is said of the rest."""
        connection = self.read(lines)
        where = f'{self.name} stream {self.stream}, {what}'
        wanted = {side: p for side, p in SAID[self.name, self.stream].items() if side in sides}
        equal(plaintext(connection), wanted, where + ': plaintext')
        why = connection.get('not_decrypted') or ''
        check(re.search(sentence, why) if sentence else not why, f'{where}: says {why!r}, not {sentence!r}')
        return connection


def partial_13():
    p = Partial('whole.pcapng', 1)
    client, server = 'CLIENT_TRAFFIC_SECRET_0', 'SERVER_TRAFFIC_SECRET_0'
    both = 'CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'SERVER_HANDSHAKE_TRAFFIC_SECRET'
    p.equal(p.lines, 'all secrets', ('client', 'server'), None)
    p.equal(p.only(client), 'one application secret (client)', ('client',), 'do not include (SERVER_|CLIENT_HANDSHAKE_)')
    p.equal(p.only(server), 'one application secret (server)', ('server',), 'do not include (CLIENT_|SERVER_HANDSHAKE_)')
    p.equal(p.only(client, server), 'application secrets alone', ('client', 'server'), 'do not include (CLIENT|SERVER)_HANDSHAKE_TRAFFIC_SECRET')
    got = p.equal(p.only(*both), 'handshake secrets alone', (), 'do not include (CLIENT|SERVER)_TRAFFIC_SECRET_0')
    equal({v for v in proved(got).values() if v != 'ok'}, set(), f'{p.name}: proofs with handshake secrets alone')
    check('certificates' in got, f'{p.name}: the certificate is seen with handshake secrets alone')
    got = p.equal(p.only(both[1]), "the server's handshake secret alone", (), 'do not include')
    equal(got['verified'].get('server_finished'), 'ok', f"{p.name}: the server's Finished alone")
    p.equal(p.changed(lambda s: s[:-2]), 'secrets cut by a byte', (), r'is 47 bytes long, but .* 48')
    p.equal(p.changed(lambda s: s[:64]), "secrets of another hash's length", (), r'is 32 bytes long, but .* 48')
    got = p.equal(p.changed(lambda s: s[::-1]), 'wrong secrets', (), '.')
    equal(alarms(got), ['keys-do-not-fit'], f'{p.name}: wrong secrets')
    got = p.equal(p.others, "another connection's secrets", (), '[Nn]o secret')
    equal(alarms(got), [], f"{p.name}: another connection's secrets")


def partial_12():
    p = Partial('whole.pcapng', 0)
    p.equal(p.lines, 'the master secret', ('client', 'server'), None)
    p.equal(p.others, "another connection's secrets", (), '[Nn]o secret')
    got = p.equal(p.changed(lambda s: s[::-1]), 'a wrong master secret', (), '.')
    equal(alarms(got), ['keys-do-not-fit'], f'{p.name}: wrong master secret')
    p.equal(p.changed(lambda s: s[:-2]), 'a master secret cut by a byte', (), '.')
    check('.keys:1:' in p.err or 'bytes' in p.err or 'bytes' in (p.read(p.changed(lambda s: s[:-2])).get('not_decrypted') or ''),
          f'{p.name}: a secret of 47 bytes is named: {p.err!r}')
    told = wiretale('read', '--json', path_of(p.name), env=NO_KEYS).json()[0]
    for connection in told:
        check('No key log' in connection.get('not_decrypted', ''), f"{p.name}, no keys: {connection.get('not_decrypted')!r}")


def resumed_by_one_secret():
    """RFC 5246, 7.3: the abbreviated handshake keeps the master secret: the first connection's opens all that resume it."""
    for name, pairs in (('resumption-tls12.pcapng', ((0, 1), (2, 3))), ('resumption-gnutls.pcapng', ((0, 1), (2, 3)))):
        for first, second in pairs:
            p, lines = Partial(name, second), Partial(name, first).lines
            check(lines, f'{name} stream {first}: its secrets are there')
            connection = p.read(lines)
            opened(connection, name, second, 'keylog', f'{name} stream {second}, by the secret of stream {first}')
            proofs(connection, f'{name} stream {second}, by the secret of stream {first}')


def old_spellings():
    """Labels of TLS 1.3's drafts, upper-case hexadecimal, comments, empty lines and CRLF."""
    p = Partial('whole.pcapng', 1)
    text = '# a comment\r\n\r\n' + ''.join(f'{a} {b.upper()} {c.upper()}\r\n' for a, b, c in p.lines)
    with tempfile.NamedTemporaryFile('w', suffix='.keys', newline='') as f:
        f.write(text[:-2])                       # and no end of the last line
        f.flush()
        got = read(path_of(p.name), '--keylog', f.name)
    opened(got[1], p.name, 1, 'keylog', f'{p.name}: CRLF, upper case')


# --- other ways in ------------------------------------------------------------------------------


def secrets_block():
    name = 'whole.pcapng'
    with open(path_of(name) + '.keys', 'rb') as f:
        secrets = f.read()
    with tempfile.TemporaryDirectory() as where:
        embedded, plain = os.path.join(where, 'embedded.pcapng'), os.path.join(where, 'plain.pcapng')
        everything = packets.read(path_of(name))
        for path, text in ((embedded, secrets), (plain, None)):
            with open(path, 'wb') as f:
                f.write(packets.write_pcapng(everything, text))
        for stream, connection in read(embedded).items():
            opened(connection, name, stream, 'dsb', f'{name} stream {stream}, secrets inside')
        for connection in read(plain).values():
            check('decryption' not in connection, 'no secrets inside: not decrypted')


def environment():
    name = 'whole.pcapng'
    keys, other = path_of(name) + '.keys', path_of('article.pcapng') + '.keys'
    for stream, connection in read(path_of(name), env={'SSLKEYLOGFILE': keys}).items():
        opened(connection, name, stream, 'keylog', f'{name} stream {stream}, by SSLKEYLOGFILE')
    for connection in read(path_of(name), '--keylog', other, env={'SSLKEYLOGFILE': keys}).values():
        check('decryption' not in connection, 'SSLKEYLOGFILE only when nothing else is given')
    told = wiretale('read', '--json', path_of(name), env={'SSLKEYLOGFILE': '/nowhere/at/all'})
    equal(len(told.json()[0]), 2, 'SSLKEYLOGFILE that is not there: the capture is read all the same')
    wiretale('read', '--json', '--keylog', '/nowhere/at/all', path_of(name), env=NO_KEYS, status=1)


def several():
    """Options that are repeated add up."""
    name = 'whole.pcapng'
    one, two = Partial(name, 0), Partial(name, 1)
    with tempfile.TemporaryDirectory() as where:
        options = []
        for i, p in enumerate((one, two)):
            path = os.path.join(where, f'{i}.keys')
            with open(path, 'w', encoding='ascii') as f:
                f.writelines(' '.join(line) + '\n' for line in p.lines)
            options += ['--keylog', path]
        for stream, connection in read(path_of(name), *options).items():
            opened(connection, name, stream, 'keylog', f'{name} stream {stream}, of two key logs')


def modes():
    """Secrets and plaintext are their owner's alone, whatever the umask."""
    name = 'whole.pcapng'
    keys = ('--keylog', path_of(name) + '.keys')
    with tempfile.TemporaryDirectory() as where:
        before = os.umask(0)
        try:
            out = lambda n: os.path.join(where, n)
            wiretale('decrypt', *keys, '-o', out('plain.pcapng'), path_of(name), env=NO_KEYS, status=0)
            wiretale('keys', *keys, '-o', out('keyed.pcapng'), path_of(name), env=NO_KEYS, status=0)
            wiretale('follow', *keys, '--raw', '-o', out('said'), path_of(name), '1', env=NO_KEYS, status=0)
        finally:
            os.umask(before)
        made = sorted(os.listdir(where))
        equal(made, ['keyed.pcapng', 'plain.pcapng', 'said.client', 'said.server'], 'files made')
        for n in made:
            equal(oct(stat.S_IMODE(os.stat(out(n)).st_mode)), '0o600', f'mode of {n}')
        for side in ('client', 'server'):
            with open(out('said.' + side), 'rb') as f:
                text = f.read()
            equal({'bytes': len(text), 'sha256': hashlib.sha256(text).hexdigest()}, SAID[name, 1][side], f'follow --raw: {side}')


def no_digest():
    """All else is the same without the hash."""
    capture = path_of('article.pcapng')
    with_it, without = (read(capture, '--keylog', capture + '.keys', *more) for more in ([], ['--no-digest']))
    hashes = [side.pop('sha256') for one in with_it.values() for side in one.get('plaintext', {}).values()]
    check(len(hashes) > 1, 'hashes')
    equal(without, with_it, 'without the hash')


def requests():
    """What HTTP said, told request by request."""
    name, got = 'downloads.pcapng.zst', read(path_of('downloads.pcapng.zst'), '--keylog', path_of('downloads.pcapng.zst') + '.keys')
    with open(path_of(name) + '.served', encoding='ascii') as f:
        served = [line.split('\t')[:2] for line in f]
    for stream, version in enumerate(('HTTP/1.1', 'HTTP/2', 'HTTP/1.1', 'HTTP/2')):
        told = [(e.get('method'), e.get('path'), e.get('status'), e.get('response_bytes')) for e in got[stream].get('exchanges', [])]
        equal(told, [('GET', path, 200, int(size)) for path, size in served], f'{name} stream {stream}: requests')
        equal(got[stream].get('application'), version, f'{name} stream {stream}: application')
    for stream in (4, 5):
        told = got[stream].get('exchanges', [])
        equal([(e.get('method'), e.get('path'), e.get('status')) for e in told],
              [('GET', '/gzip/text.txt', 200), ('POST', '/post', 200), ('HEAD', '/text.txt', 200), ('GET', '/text.txt', 206),
               ('GET', '/none', 404)],
              f'{name} stream {stream}: requests')
        equal([told[0].get('content_encoding'), told[1].get('request_bytes'), told[1].get('response_bytes'), told[2].get('response_bytes'),
               told[3].get('response_bytes')], ['gzip', 15892, 6, 0, 200], f'{name} stream {stream}: what was carried')


def million():
    """Lines of strangers, the two that matter, and some that are no lines: loaded in seconds, the bad ones named."""
    name, rng = 'whole.pcapng', random.Random(8446)
    with open(path_of(name) + '.keys', encoding='ascii') as f:
        ours = f.read()
    labels = ('CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'SERVER_HANDSHAKE_TRAFFIC_SECRET', 'CLIENT_TRAFFIC_SECRET_0', 'SERVER_TRAFFIC_SECRET_0')
    bad = {250_000: 'CLIENT_RANDOM abc', 500_000: 'CLIENT_TRAFFIC_SECRET_0 ' + 64 * 'g' + ' ' + 64 * '0', 750_000: 'no key log line at all'}
    with tempfile.NamedTemporaryFile('w', suffix='.keys') as f:
        for number in range(1, MILLION + 1):
            if number == MILLION // 2 + 1:
                f.write(ours)
            f.write(bad.get(number) or f'{labels[number % 4]} {rng.getrandbits(256):064x} {rng.getrandbits(256):064x}')
            f.write('\n')
        f.flush()
        start = time.monotonic()
        told = wiretale('read', '--json', '--keylog', f.name, path_of(name), env=NO_KEYS)
        seconds = time.monotonic() - start
        for connection in told.json()[0]:
            opened(connection, name, connection['stream'], 'keylog', f"{name} stream {connection['stream']}, among a million lines")
        after = ours.count('\n')
        for number in bad:
            line = number if number <= MILLION // 2 else number + after
            check(f'{f.name}:{line}:' in told.err, f'line {line} is named: {told.err[:400]!r}')
        check(seconds < SECONDS, f'a million lines took {seconds:.1f} s')
        print(f'a million lines of key log: {seconds:.1f} s')


def main():
    all_captures()
    without_keys()
    rsa_keys()
    psks()
    psks_13()
    partial_13()
    partial_12()
    resumed_by_one_secret()
    old_spellings()
    secrets_block()
    environment()
    several()
    modes()
    requests()
    no_digest()
    million()
    suites = tally.pop('suites')
    for version in sorted({v for v, _ in suites}):
        print(f"{version}: {sum(v == version for v, _ in suites)} suites opened")
    print(', '.join(f'{n} {what}' for what, n in tally.items()))
    done(least=5000)


if __name__ == '__main__':
    main()
