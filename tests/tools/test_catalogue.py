#!/usr/bin/env python3
"""Every finding that there is has a capture in which it is told, and one that comes near it in which it must not be.

The catalogue is below: ids are a contract, so that a row of src/diagnosis/*.def that is added, lost or renamed fails here.
The captures are those of tests/failures, as EXPECTED.tsv describes them:

    positive    `cause` is the id, or `observations` has it; and it is told
    near miss   `observations` has !ID; and it is not told

The rows are held to the ids here. That each is told, or not told, test_failures.py checks, which reads the captures; it
asks check_told() below.

    test_catalogue.py [-m]     -m reads them too and prints the matrix: id, positives, near misses"""
import collections
import csv
import os
import re
import sys

from tale import HERE, check, done, equal, fail

FAILURES = os.path.normpath(os.path.join(HERE, '..', 'failures'))
DIAGNOSIS = os.path.normpath(os.path.join(HERE, '..', '..', 'src', 'diagnosis'))
UNITS = [os.path.normpath(os.path.join(HERE, '..', name)) for name in ('diagnosis', 'observer', 'observer/dtls', 'observer/quic')]

CAUSES = '''
tcp-refused tcp-no-answer no-answer-to-client-hello reset-after-client-hello closed-during-handshake handshake-stalled
peer-not-tls client-not-tls starttls-refused no-shared-version no-shared-cipher-suite no-shared-group
no-shared-signature-scheme no-shared-alpn unrecognized-server-name certificate-expired certificate-not-yet-valid
certificate-self-signed certificate-unknown-issuer certificate-chain-incomplete certificate-host-mismatch
certificate-wrong-purpose certificate-weak certificate-revoked certificate-bad-signature ocsp-staple-missing ocsp-staple-bad
client-certificate-missing client-certificate-rejected rejected-by-client rejected-by-server signature-mismatch
finished-mismatch record-corrupted weak-dh downgrade-refused downgrade-detected psk-unknown-identity psk-mismatch
renegotiation-refused malformed-message peer-internal-error version-negotiation-failed tlcp-certificate-pair'''.split()

OBSERVATIONS = '''
truncated-close certificate-expires-soon deprecated-version weak-cipher-suite no-forward-secrecy weak-key weak-signature
compression-enabled heartbleed-attempt heartbleed-leak no-extended-master-secret no-secure-renegotiation
client-renegotiation ticket-lifetime-excessive session-id-reused-across-hosts early-data-replayable hello-retry
slow-handshake sni-missing sni-mismatch-host plaintext-before-starttls quantum-vulnerable-key-exchange
post-quantum-key-exchange ech-offered capture-gap capture-starts-late capture-truncated-packets keys-do-not-fit
handshake-step-skipped left-after-handshake tls-intercepted client-hello-reordered'''.split()

# What the network does, and no peer at will, or what takes no more than a few packets of TCP: tests/diagnosis and
# tests/observer make it packet by packet, with a neighbour in which it is not.
BY_PACKETS = '''
idle-connection-lost receiver-stopped-reading tcp-loss same-connection-elsewhere client-silent capture-disorder memory-limit dtls-fragment-conflict
dtls-number-mask'''.split()

# What stands in the way of reading, beside the catalogue.
READING = '''
tcp-overlap-conflict unexpected-message record-boundary-lost message-too-long capture-one-sided capture-clock
capture-duplicates stray-reset damaged-segment dtls-cookie-exchange dtls-retransmissions
dtls-replay quic-retry quic-retry-bad-tag quic-hello-changed-after-retry quic-connection-id-mismatch quic-protocol-violation
quic-amplification-stall quic-path-not-validated quic-idle-timeout quic-stateless-reset quic-version-negotiation peer-unreachable
segmentation-offload'''.split()

# The catalogue's causes that are also told of connections that came up: both are shown.
GONE_ON = '''
certificate-expired certificate-not-yet-valid certificate-self-signed certificate-unknown-issuer certificate-chain-incomplete
certificate-host-mismatch certificate-wrong-purpose certificate-weak certificate-revoked certificate-bad-signature
ocsp-staple-missing ocsp-staple-bad'''.split()


ROW = re.compile(r'^(/\*(?:[^*]|\*(?!/))*\*/\n)?WT_FINDING\(\w+, "([a-z0-9-]+)", WT_(\w+),(.*?)"([^"]*)"\)$', re.M | re.S)
SOURCE = re.compile(r'RFC \d{4}|GB/T \d+|NIST (SP|IR) |FIPS \d|CVE-\d{4}|draft-[a-z]')


def rows_of_source():
    """id and severity of each row of the .def files; each names where its severity comes from, and an anchor."""
    found = {}
    for name in sorted(n for n in os.listdir(DIAGNOSIS) if n.endswith('.def')):
        with open(os.path.join(DIAGNOSIS, name), encoding='utf-8') as f:
            for comment, row, severity, text, anchor in ROW.findall(f.read()):
                check(row not in found, f'{row} has two rows')
                check('WT_FINDING' not in text, f'{row}: its end was not found')
                check(SOURCE.search(comment), f'{row}: no comment before it names the source of its severity')
                check(SOURCE.search(anchor), f'{row}: its anchor is "{anchor}"')
                found[row] = severity
    return found


def count(rows, told):
    """For each id the rows in which it has to be told, and was; in which it must not be, and was not; and those where it is
    told although nothing failed."""
    positive, negative, gone_on = (collections.defaultdict(set) for _ in range(3))
    for row in rows:
        where, findings = (row['capture'], row['stream']), told(row)
        if findings is None:
            fail(f'{where}: not told of at all')
            continue
        ids = {name for _, name in findings}
        fatal = {name for severity, name in findings if severity == 'fatal'}
        named = [] if row['observations'] == '-' else row['observations'].split(',')
        if row['cause'] in fatal:
            positive[row['cause']].add(where)
        for name in named:
            (negative if name[0] == '!' else positive)[name.lstrip('!')].update({where} if (name[0] == '!') != (name in ids) else ())
            if name in ids and row['cause'] == 'none':
                gone_on[name].add(where)
    return positive, negative, gone_on


CATALOGUE = CAUSES + OBSERVATIONS + READING


def check_told(rows, told):
    """Each id is told in a capture and not in another; told() gives the findings of a row."""
    positive, negative, gone_on = count(rows, told)
    for name in CATALOGUE:
        check(positive[name], f'{name}: no capture in which it is told')
        check(negative[name], f'{name}: no near miss in which it is not')
    for name in GONE_ON:
        check(gone_on[name], f'{name}: no connection that came up all the same')
    return positive, negative


def main():
    source = rows_of_source()
    catalogue = CATALOGUE
    known = catalogue + BY_PACKETS
    equal(len(known), len(set(known)), 'ids of the catalogue')
    equal(sorted(set(source) - set(known)), [], 'rows that the catalogue lacks')
    equal(sorted(set(known) - set(source)), [], 'ids that no row has')
    units = ''
    for folder in filter(os.path.isdir, UNITS):
        for name in sorted(n for n in os.listdir(folder) if n.endswith('.c')):
            with open(os.path.join(folder, name), encoding='utf-8') as f:
                units += f.read().replace('\\"', '"')  # some look for it in JSON, quotes and all
    for name in BY_PACKETS:
        check(f'"{name}"' in units, f'{name}: no test of tests/diagnosis or tests/observer names it')
    for name in CAUSES:
        check(source.get(name) == 'FATAL' or name == 'malformed-message', f'{name} is a root cause, its row is no WT_FATAL')
    for name in OBSERVATIONS + READING + BY_PACKETS:
        check(source.get(name) in ('ERROR', 'WARNING', 'NOTICE'), f'{name} is an observation, its row is WT_{source.get(name)}')
    with open(os.path.join(FAILURES, 'EXPECTED.tsv'), encoding='utf-8', newline='') as f:
        rows = list(csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE))
    mentioned = {n.lstrip('!') for r in rows for n in r['observations'].split(',')} | {r['cause'] for r in rows}
    equal(sorted(mentioned - set(known) - {'-', 'none'}), [], 'ids of EXPECTED.tsv that there are not')
    if '-m' in sys.argv[1:]:
        from test_failures import told
        positive, negative = check_told(rows, told)
        print(f'{"id":34} {"told":>4} {"near misses":>12}')
        for name in catalogue:
            print(f'{name:34} {len(positive[name]):4} {len(negative[name]):12}')
    done(len(catalogue))


if __name__ == '__main__':
    main()
