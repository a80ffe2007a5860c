#!/usr/bin/env python3
"""Reads every shipped capture and holds what is told against INDEX.tsv, which other programs confirmed.

Nothing is decrypted here: what TLS 1.3 and Finished messages hide is not asked for."""
import csv
import os
from tale import CAPTURES, capture_names, check, done, equal, wiretale

HIDDEN_IN_13 = {'server_certificates', 'client_certificates', 'signature_scheme', 'alpn', 'ocsp', 'alerts', 'resumed_from'}
PLAIN = ('version', 'cipher_suite', 'cipher_suite_id', 'group', 'signature_scheme', 'sni', 'alpn', 'resumption',
         'resumed_from', 'early_data', 'starttls', 'state')


TOGETHER = 6  # captures that one process reads: to start one costs as much as to read one


def index():
    rows = {}
    with open(os.path.join(CAPTURES, 'INDEX.tsv'), encoding='utf-8', newline='') as f:
        for row in csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE):
            facts = dict(pair.split('=', 1) for pair in row['facts'].split(';') if pair)
            rows.setdefault(row['file'], {})[row['stream']] = (facts, row['flight'] or '')
    return rows


def as_iana(name):
    """tshark names a pair of TLS 1.2 "SHA224 DSA"; a pair without a SignatureScheme is told in the registry's way."""
    parts = name.split(' ')
    return f'{parts[1]}_{parts[0]}'.lower() if len(parts) == 2 and parts[0].startswith('SHA') else name


def flights(text):
    """Each side's handshake messages in the clear: up to its change_cipher_spec, or to what is encrypted."""
    sides, closed, side = {'>': [], '<': []}, set(), None
    for word in text.split():
        if word in sides:
            side = word
        elif word in ('change_cipher_spec', 'encrypted', 'data', 'encrypted_alert'):
            closed.add(side)
        elif side not in closed and not word.startswith('alert:'):
            sides[side].append(word.removeprefix('ssl2_'))
    return {'client': sides['>'], 'server': sides['<']}


def told_flights(connection):
    sides, closed = {'client': [], 'server': []}, set()
    for m in connection.get('messages', []):
        side = m['from']
        if m['content_type'] in ('change_cipher_spec', 'application_data'):
            closed.add(side)
        elif m['content_type'] == 'handshake' and side not in closed and m.get('type'):
            sides[side].append(m['type'])
    return sides


def check_alerts(where, connection, wanted):
    """Those that stand in the clear have to be told as they are; of the others, that they passed."""
    got = connection.get('alerts', [])
    wanted = [w.split(':') for w in wanted.split(',')]
    equal([a['from'] for a in got], [w[0] for w in wanted], f'{where}: alerts from')
    for a, w in zip(got, wanted):
        if 'description' in a:
            equal([a['from'], a['level'], a['description']], w, f'{where}: alert')


def check_stream(where, connection, facts, flight):
    hidden = HIDDEN_IN_13 if facts.get('version') == 'TLS 1.3' else set()
    for key in PLAIN:
        if key in facts and key not in hidden:
            wanted = as_iana(facts[key]) if key == 'signature_scheme' else facts[key]
            equal(str(connection.get(key)), wanted, f'{where}: {key}')
    for side in ('server', 'client'):
        key = side + '_certificates'
        if key in facts and key not in hidden:
            equal(str(len(connection.get('certificates', {}).get(side, []))), facts[key], f'{where}: {key}')
    if 'alerts' in facts and 'alerts' not in hidden:
        check_alerts(where, connection, facts['alerts'])
    if flight and not hidden and 'confirmed' not in facts:
        wanted, got = flights(flight), told_flights(connection)
        for side in wanted:
            n = len(wanted[side])
            equal(got[side][:n], wanted[side], f'{where}: messages of the {side}')
    if facts.get('hello_retry_request') == 'yes':
        types = [m.get('type') for m in connection.get('messages', [])]
        check('hello_retry_request' in types, f'{where}: no hello_retry_request told')


def check_capture(name, rows):
    cut = any(facts.get('confirmed') == 'cut' for facts, _ in rows.values())
    told = wiretale('read', '--json', '--messages', os.path.join(CAPTURES, name), status=0)
    connections, summary = told.json()
    overall = rows.pop('-')[0]
    if not check(summary is not None, f'{name}: no summary'):
        return
    if overall.get('packets', '0') != '0':
        equal(summary['packets'], int(overall['packets']), f'{name}: packets')
    equal(summary['connections'], int(overall['connections']), f'{name}: connections')
    equal(summary['established'] + summary['failed'] + summary['incomplete'], summary['connections'], f'{name}: sum')
    if cut:
        check(summary['undecoded'] or any(c.get('missing') for c in connections), f'{name}: that packets are cut is not said')
    check(len({c['stream'] for c in connections}) == len(connections), f'{name}: a stream told twice')
    tls = [s for s in sorted(rows, key=int) if rows[s][0].get('protocol') != 'none']
    # Wireshark counts what passes through a SOCKS proxy as conversations of their own, and so do we; the index does not.
    if not any(facts.get('starttls') == 'socks' for facts, _ in rows.values()):
        equal([str(c['stream']) for c in connections], tls, f'{name}: streams')
    for stream, connection in zip(tls, connections):
        check_stream(f'{name} {stream}', connection, *rows[stream])


def check_texts(names):
    """Text of each kind, of the same captures: nothing to compare with, but it has to come and to stay calm."""
    for options in ([], ['--lines'], ['--explain', '--bytes', '--columns', '80'], ['--summary', '--ascii']):
        text = wiretale('read', '--color=never', *options, *(os.path.join(CAPTURES, name) for name in names), status=0)
        check(text.out and not text.err, f'{names} {options}: {text.err!r}')
        check('\x1b' not in text.out, f'{names} {options}: an escape sequence without --color')


def main():
    rows = index()
    names = capture_names()
    equal(sorted(set(rows) ^ set(names)), [], 'captures and INDEX.tsv differ')
    for name in names:
        if name in rows:
            check_capture(name, rows[name])
    groups = -(-len(names) // TOGETHER)
    for i in range(groups):  # none beside one of a like name, which would be read as the next piece of it
        check_texts(names[i::groups])
    done(100)


if __name__ == '__main__':
    main()
