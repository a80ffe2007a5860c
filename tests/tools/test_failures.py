#!/usr/bin/env python3
"""Handshakes that failed for a known reason (tests/failures/EXPECTED.tsv), told by the command: the cause is named and no
other fatal finding stands beside it; on the healthy twins there is none. What was expected was written when the captures
were made, from what the peers were told to do.

    test_failures.py [CAPTURE...]     all, or those whose name begins so; prints a table of misses"""
import csv
import os
import sys

from tale import HERE, check, done, wiretale
from test_catalogue import check_told

FAILURES = os.path.normpath(os.path.join(HERE, '..', 'failures'))
LEAST = 60                                       # failing connections that must be there


def told(row, remembered={}):
    """The findings of a row's connection as (severity, id); each capture, key log and set of options is read once."""
    key = row['capture'], row['keys'], row['options']
    if key not in remembered:
        options = [] if row['options'] == '-' else row['options'].split()
        keys = [] if row['keys'] == '-' else ['--keylog', row['keys']]
        connections, _ = wiretale('read', '--json', *options, *keys, row['capture'], cwd=FAILURES).json()
        remembered[key] = {c['stream']: c for c in connections}
    connection = remembered[key].get(int(row['stream']))
    return None if connection is None else [(f['severity'], f['id']) for f in connection.get('findings', [])]


def judge(row):
    """What is wrong with what was told; empty where nothing is."""
    findings = told(row)
    if findings is None:
        return 'not told of at all'
    fatal = [name for severity, name in findings if severity == 'fatal']
    ids = {name for _, name in findings}
    wanted = [row['cause']] + ([] if row['alternatives'] == '-' else row['alternatives'].split('|'))
    wrong = []
    if len(fatal) > 1 or not (fatal[:1] or ['none'])[0] in wanted:
        wrong.append('fatal: ' + (', '.join(fatal) or 'none'))
    for name in row['observations'].split(','):
        if name.startswith('!') and name[1:] in ids:
            wrong.append(f'{name[1:]} is told')
        elif not name.startswith('!') and name != '-' and name not in ids:
            wrong.append(f'{name} is not told')
    return '; '.join(wrong)


def check_alone():
    """TLS 1.3 without keys: a certificate that was sent alone is told by its length; what may be two is not."""
    for name, alone in (('certificate-alone-rsa', True), ('certificate-alone-gnutls', True), ('certificate-alone-rsa-fine', False),
                        ('certificate-self-signed-openssl-13', True), ('certificate-unknown-issuer-openssl-13', False)):
        connections, _ = wiretale('read', '--json', name + '.pcapng', cwd=FAILURES).json()
        fatal = next(f for f in connections[0]['findings'] if f['severity'] == 'fatal')
        check(('holds a single certificate' in fatal['text']) == alone and fatal['certainty'] == 'probable', f'{name}: {fatal}')
        others = {a['id'] for a in fatal.get('alternatives', [])}
        check(not alone or others >= {'certificate-chain-incomplete', 'certificate-self-signed'}, f'{name}: {others}')


def main():
    with open(os.path.join(FAILURES, 'EXPECTED.tsv'), encoding='utf-8', newline='') as f:
        rows = list(csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE))
    names = {n for n in os.listdir(FAILURES) if n.endswith(('.pcap', '.pcapng', '.zst'))}
    check(names == {r['capture'] for r in rows}, f'captures and rows differ: {sorted(names ^ {r["capture"] for r in rows})}')
    failing = {(r['capture'], r['stream']) for r in rows if r['cause'] != 'none'}
    check(len(failing) >= LEAST, f'{len(failing)} failing connections, not {LEAST}')
    misses = []
    for row in rows:
        if sys.argv[1:] and not row['capture'].startswith(tuple(sys.argv[1:])):
            continue
        wrong = judge(row)
        if not check(not wrong, f'{row["capture"]} stream {row["stream"]}: {row["cause"]}: {wrong}'):
            misses.append((row, wrong))
    if not sys.argv[1:]:
        check_told(rows, told)
        check_alone()
    if misses:
        print(f'\n{"capture":44} {"keys":4} {"expected":32} told')
    for row, wrong in misses:
        keys = 'yes' if row['keys'] != '-' else ''
        print(f'{row["capture"] + ":" + row["stream"]:44} {keys:4} {row["cause"]:32} {wrong}')
    done(LEAST if not sys.argv[1:] else 1)


if __name__ == '__main__':
    main()
