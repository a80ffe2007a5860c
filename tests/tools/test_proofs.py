#!/usr/bin/env python3
"""Breaks one proof in a capture and leaves all others whole: each has to be named by its finding, and nothing else may be.

Bytes in the clear are flipped where they stand. What passes encrypted is opened with the key log, altered, sealed again,
and the Finished messages behind it are made anew, so that only the proof meant is wrong (records.py). The capture as it
was is read in the same way first: there all proofs hold."""
import csv
import os
import sys
import tempfile

import packets
import records
from records import CERTIFICATE_VERIFY, CLIENT, CLIENT_HELLO, DATA, FINISHED, SERVER, SERVER_HELLO, SERVER_KEY_EXCHANGE
from tale import CAPTURES, check, done, equal, wiretale

ALARMS = {'signature-mismatch', 'finished-mismatch', 'record-corrupted', 'keys-do-not-fit', 'psk-mismatch', 'malformed-message'}
SIDES = ('client', 'server')
counted = {}


def index():
    rows = {}
    with open(os.path.join(CAPTURES, 'INDEX.tsv'), encoding='utf-8', newline='') as f:
        for row in csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE):
            if row['stream'] != '-':
                rows.setdefault(row['file'], []).append(dict(p.split('=', 1) for p in row['facts'].split(';') if p))
    return rows


INDEX = index()


class Scene:
    """A capture to be broken: its conversations with their facts, and the secrets to open them."""

    def __init__(self, name):
        self.name, self.path, self.facts = name, os.path.join(CAPTURES, name), INDEX[name]
        self.packets = packets.read(self.path)
        self.talks = records.conversations(self.packets)
        self.secrets = {}
        if os.path.exists(self.path + '.keys'):
            with open(self.path + '.keys', encoding='ascii') as f:
                self.secrets = records.secrets_of(f.read())

    def tls(self, number):
        return records.Tls(self.talks[number], self.secrets, self.facts[number]['cipher_suite'])

    def clear(self, number):
        """Handshake messages of both sides that pass in the clear."""
        talk = self.talks[number]
        probe = records.Tls.__new__(records.Tls)
        probe.conversation = talk
        probe.records = [list(probe.split(side, 0)) for side in (CLIENT, SERVER)]
        return [probe.messages(side, clear=True) for side in (CLIENT, SERVER)]

    def established(self, number):
        facts = self.facts[number]
        return facts.get('state') == 'established' and facts.get('keys') != 'wrong'

    def opens(self, number):
        """Whether its secrets are there."""
        return self.established(number) and 'keys' not in self.facts[number]

    def reseals(self, number):
        """And whether cipher.c has its cipher: libcrypto has no Camellia-GCM."""
        suite = self.facts[number].get('cipher_suite', '')
        return self.opens(number) and not ('CAMELLIA' in suite and 'GCM' in suite)


def read(path, *options):
    told = wiretale('read', '--json', '--verify', 'all', *options, path, env={'SSLKEYLOGFILE': ''})
    return {c['stream']: c for c in told.json()[0]}


def keyed(scene):
    return ('--keylog', scene.path + '.keys')


def alarms(connection):
    return [f['id'] for f in connection.get('findings', []) if f['id'] in ALARMS]


def bad(connection):
    """Of what the two prove to each other; whether chains and names hold is another test's."""
    return sorted(k for k, v in connection.get('verified', {}).items()
                  if v.startswith('bad') and k not in ('chain', 'host_name'))


def broken(name, what, how, options=keyed):
    """Lets `how(scene, number)` break each conversation it can: it returns the findings to come and the proofs that are to
    fail, or None. Then all are read at once: those left alone are to have no alarm."""
    scene, wanted = Scene(name), {}
    options = options(scene) if options else ()
    for number, connection in read(scene.path, *options).items():
        if scene.established(number):
            equal([alarms(connection), bad(connection)], [[], []], f'{name} stream {number}, as it was')
    for number in range(len(scene.talks)):
        found = how(scene, number)
        if found:
            wanted[number] = found
    with tempfile.NamedTemporaryFile(suffix='.pcap') as f:
        f.write(packets.write(scene.packets))
        f.flush()
        after = read(f.name, *options)
        equal(sorted(wanted.keys() - after.keys()), [], f'{name}, {what}: connections that are gone')
        for number, connection in after.items():
            where = f'{name} stream {number} ({scene.facts[number].get("cipher_suite")}), {what}'
            if number in wanted:
                equal([alarms(connection), bad(connection)], [*wanted[number]], where + ': findings, proofs that fail')
            elif scene.established(number):
                equal(alarms(connection), [], where + ': left alone')
    check(wanted, f'{name}: nothing to break ({what})')
    counted[what] = counted.get(what, 0) + len(wanted)


# --- signed key exchanges, up to TLS 1.2: no keys needed ---------------------------------------


def parameters_end(body, suite):
    """Where the parameters of a ServerKeyExchange end."""
    exchange = suite.split('_WITH_')[0]
    if 'ECDH' in exchange:
        return 4 + body[3]                       # RFC 8422, 5.4: curve type, curve, point
    at = 0
    for width in (2, 2, 1, 2) if 'SRP' in exchange else (2, 2, 2):  # RFC 5054, 2.8.3; RFC 5246, 7.4.3
        at += width + int.from_bytes(body[at:at + width], 'big')
    return at


def key_exchange(scene, number, where):
    facts = scene.facts[number]
    suite = facts.get('cipher_suite', '')
    if facts.get('version') == 'TLS 1.3' or 'anon' in suite or 'PSK' in suite or 'TLS_SRP_SHA_WITH' in suite:
        return None
    if 'starttls' in facts or facts.get('protocol') == 'none' or not scene.established(number):
        return None
    server = scene.clear(number)[SERVER]
    message = next((m for m in server if m.kind == SERVER_KEY_EXCHANGE), None)
    if message is None:
        return None
    at = {'signature': -1, 'parameters': 3 + parameters_end(message.bytes()[4:], suite), 'random': None}[where]
    if at is None:                               # the signature covers both randoms as well
        message, at = next(m for m in server if m.kind == SERVER_HELLO), 6 + 13
    record, offset = message.places[at]
    scene.talks[number].flip(SERVER, record.at + 5 + offset)
    return ['signature-mismatch'], ['server_signature']


def signed_exchanges():
    for name in ('certificate-types.pcapng', 'kx-openssl.pcap', 'kx-gnutls.pcapng', 'signatures-old.pcapng', 'groups-tls12.pcap',
                 'ffdhe-tls12.pcap', 'suites-openssl-old.pcap.zst', 'suites-gnutls.pcapng.zst'):
        for where in ('signature', 'parameters', 'random'):
            broken(name, f'ServerKeyExchange: {where}', lambda s, n, where=where: key_exchange(s, n, where), None)


# --- CertificateVerify --------------------------------------------------------------------------


def client_verify_clear(scene, number):
    """TLS 1.0 to 1.2: it passes in the clear, and what it signs does too."""
    if scene.facts[number].get('version') in ('TLS 1.3', 'SSL 3.0') or not scene.established(number):
        return None
    message = next((m for m in scene.clear(number)[CLIENT] if m.kind == CERTIFICATE_VERIFY), None)
    if message is None:
        return None
    record, offset = message.places[-1]
    scene.talks[number].flip(CLIENT, record.at + 5 + offset)
    return ['signature-mismatch'], ['client_signature']


def verify_sealed(scene, number, side):
    """With keys: the Finished messages behind it are made to fit."""
    if not scene.reseals(number):
        return None
    tls = scene.tls(number)
    message = tls.find(side, CERTIFICATE_VERIFY)
    if message is None:
        return None
    tls.alter(message, -1)
    tls.repair()
    tls.put()
    return ['signature-mismatch'], [SIDES[side] + '_signature']


def certificate_verifies():
    for name in ('client-certificates.pcapng', 'client-certificates-old.pcapng'):
        broken(name, "client's CertificateVerify, in the clear", client_verify_clear, None)
        broken(name, "client's CertificateVerify, resealed", lambda s, n: verify_sealed(s, n, CLIENT))
    for name in ('certificate-types.pcapng', 'ciphers-tls13.pcap', 'hello-retry.pcapng'):
        broken(name, "server's CertificateVerify, resealed", lambda s, n: verify_sealed(s, n, SERVER))


# --- Finished -----------------------------------------------------------------------------------


def finished(scene, number, side):
    if not scene.reseals(number):
        return None
    tls = scene.tls(number)
    check(tls.holds(), f'{scene.name} stream {number}: the Finished messages hold')
    message = tls.find(side, FINISHED)
    tls.alter(message, 4 + number % 12)
    tls.repair(but=message)
    tls.put()
    if tls.version == 0x0304 and side == SERVER and tls.find(CLIENT, CERTIFICATE_VERIFY):
        # RFC 8446, 4.4.3: the client signed the transcript with the server's Finished, and nobody here can sign anew
        return ['finished-mismatch', 'signature-mismatch'], ['client_signature', 'server_finished']
    return ['finished-mismatch'], [SIDES[side] + '_finished']


def finisheds():
    for name in ('ciphers-tls13.pcap', 'hello-retry.pcapng', 'psk-tls13.pcapng', 'resumption-tls13.pcap', 'ciphers-openssl.pcap',
                 'ciphers-gnutls.pcapng', 'ciphers-cbc-versions.pcap', 'ciphers-nss.pcapng', 'resumption-tls12.pcapng',
                 'suites-openssl.pcapng.zst', 'suites-openssl-old.pcap.zst', 'suites-nss.pcapng.zst', 'client-certificates.pcapng'):
        for side in (CLIENT, SERVER):
            broken(name, f"{SIDES[side]}'s Finished", lambda s, n, side=side: finished(s, n, side))


def transcript(scene, number):
    """Nothing but a name in the hello is changed on the way: both sides' Finished show it, and no signature does."""
    if scene.facts[number].get('version') == 'TLS 1.3' or not scene.established(number):
        return None
    message = next(m for m in scene.clear(number)[CLIENT] if m.kind == CLIENT_HELLO)
    at = message.bytes().find(b'www.example.com')
    if at < 0:
        return None
    record, offset = message.places[at]
    scene.talks[number].flip(CLIENT, record.at + 5 + offset)
    return ['finished-mismatch', 'finished-mismatch'], ['client_finished', 'server_finished']  # one for each side


# --- PSK binders --------------------------------------------------------------------------------


def binder(scene, number):
    if not scene.established(number):
        return None
    tls = scene.tls(number)
    hello = tls.find(CLIENT, CLIENT_HELLO)
    tls.alter(hello, -1)                         # RFC 8446, 4.2.11: the binders end the hello
    tls.repair()
    tls.put()
    return ['psk-mismatch'], ['psk_binder']


# --- records ------------------------------------------------------------------------------------


def data_record(scene, number, side):
    if scene.facts[number].get('version') == 'TLS 1.3':
        return next(iter(scene.tls(number).data(side)), None)
    probe = records.Tls.__new__(records.Tls)
    probe.conversation = scene.talks[number]
    return next((r for r in probe.split(side, 0) if r.kind == DATA), None)


def record(scene, number, last):
    if not scene.opens(number):
        return None
    side = number % 2
    found = data_record(scene, number, side)
    if found is None:
        return None
    scene.talks[number].flip(side, found.at + 5 + (len(found.body) - 1 if last else 0))
    return ['record-corrupted'], []


def corrupted():
    for name in ('ciphers-tls13.pcap', 'ciphers-openssl.pcap', 'ciphers-gnutls.pcapng', 'ciphers-cbc-versions.pcap', 'ciphers-nss.pcapng',
                 'suites-openssl.pcapng.zst', 'suites-openssl-old.pcap.zst', 'suites-gnutls.pcapng.zst', 'suites-nss.pcapng.zst',
                 'records.pcapng'):
        for last in (False, True):
            broken(name, f'application data, {"last" if last else "first"} byte', lambda s, n, last=last: record(s, n, last))


# --- another leg's keys -------------------------------------------------------------------------


def other_leg(name):
    """Each connection's random with the secrets of the next one of its kind."""
    scene = Scene(name)
    lines = [line.split() for line in open(scene.path + '.keys', encoding='ascii').read().splitlines()]
    by_label = {}
    for label, random, secret in lines:
        by_label.setdefault((label, len(secret)), []).append((random, secret))
    swapped = []
    for (label, _), pairs in by_label.items():
        secrets = [secret for _, secret in pairs]
        if len(set(secrets)) > 1:
            swapped += [f'{label} {random} {secrets[i - 1]}' for i, (random, _) in enumerate(pairs)]
    with tempfile.NamedTemporaryFile('w', suffix='.keys') as f:
        f.write('\n'.join(swapped) + '\n')
        f.flush()
        n = 0
        for number, connection in read(scene.path, '--keylog', f.name).items():
            if not any(connection_random(scene, number) in line for line in swapped):
                continue
            where, n = f"{name} stream {number} ({scene.facts[number]['cipher_suite']}), another leg's keys", n + 1
            found = [f['text'] for f in connection['findings'] if f['id'] == 'keys-do-not-fit']
            check(0 < len(set(found)) == len(alarms(connection)) <= 2, f'{where}: {alarms(connection)}: once for each side, nothing else')
            equal(bad(connection), [], where + ': proofs that fail')
            check('plaintext' not in connection or all(p['bytes'] == 0 for p in connection['plaintext'].values()), where + ': plaintext')
            check(connection.get('not_decrypted'), where + ': says why not')
        check(n > 1, f'{name}: nothing was swapped')
        counted["another leg's keys"] = counted.get("another leg's keys", 0) + n


def connection_random(scene, number):
    hello = next((m for m in scene.clear(number)[CLIENT] if m.kind == CLIENT_HELLO), None)
    return hello.bytes()[6:38].hex() if hello else 'none'


def main():
    if not os.environ.get('WIRETALE_CIPHER'):
        print('skip: needs WIRETALE_CIPHER, the helper that seals records')
        sys.exit(77)
    signed_exchanges()
    certificate_verifies()
    finisheds()
    broken('ciphers-openssl.pcap', "the hello's server name", transcript)
    broken('psk-tls13.pcapng', 'PSK binder', binder,
           lambda s: (*keyed(s), '--psk-file', s.path + '.psk'))
    corrupted()
    for name in ('ciphers-tls13.pcap', 'ciphers-openssl.pcap', 'ciphers-cbc-versions.pcap', 'groups-tls13.pcap'):
        other_leg(name)
    for what, n in sorted(counted.items()):
        print(f'{n:5} connections: {what}')
    done(least=2000)


if __name__ == '__main__':
    main()
