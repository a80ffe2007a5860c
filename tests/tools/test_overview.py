#!/usr/bin/env python3
"""The overview that ends a reading, --summary, and the exit status that --fail-on asks for."""
import os
from tale import CAPTURES, check, done, equal, wiretale

FAILED = os.path.join(CAPTURES, 'alerts-negotiation.pcapng')
HEALTHY = os.path.join(CAPTURES, 'versions-mixed.pcapng')
FAILURES = os.path.join(CAPTURES, '..', 'failures')
ARTICLE = os.path.join(CAPTURES, 'article.pcapng')


def check_text():
    for options in ([], ['--lines'], ['--summary']):
        out = wiretale('read', *options, HEALTHY, FAILED, status=0).out
        equal(out.count('overview of 20 TLS connections: 10 established, 10 failed, 0 incomplete'), 1, f'{options}: overview')
        check('of alerts-negotiation.pcapng' in out, f'{options}: the file of the first that failed')
    check('overview' not in wiretale('read', ARTICLE, status=0).out, 'one story needs no overview')
    check('overview of 1 TLS connection' in wiretale('read', '--summary', ARTICLE, status=0).out, 'asked for')
    out = wiretale('read', '--summary', '--stream', '1', FAILED, status=0).out
    check('10 TLS connections' in out and 'overview of 1 TLS' in out, 'the overview is of what is chosen')


def check_json():
    connections, summary = wiretale('read', '--json', HEALTHY, FAILED, status=0).json()
    equal(summary['told'], len(connections), 'told')
    equal(sum(s['connections'] for s in summary['servers']), len(connections), 'servers')
    equal(sum(c['connections'] for c in summary['causes']), sum(c['state'] == 'failed' for c in connections), 'causes')
    for key, row in (('version', 'versions'), ('cipher_suite', 'cipher_suites'), ('group', 'groups')):
        names = [c[key] for c in connections if key in c]
        equal({r[key]: r['connections'] for r in summary[row]}, {n: names.count(n) for n in names}, row)
    pairs = [p for c in connections for p in {(f['id'], f['severity']) for f in c.get('findings', [])}]
    equal({(f['id'], f['severity']): f['connections'] for f in summary['findings']}, {p: pairs.count(p) for p in pairs}, 'findings')
    leaves = {c['certificates']['server'][0]['sha256'] for c in connections if 'server' in c.get('certificates', {})}
    equal({c['sha256'] for c in summary['certificates']}, leaves, 'certificates')
    for name in ('malformed-message-twice.pcapng', 'capture-truncated.pcapng'):  # odd and cut, but over no limit
        equal(wiretale('read', '--json', os.path.join(FAILURES, name)).json()[1].get('undecoded', {}), {}, f'{name}: undecoded')
    _, alone = wiretale('read', '--json', '--summary', HEALTHY, FAILED, status=0).json()
    equal(alone, summary, '--summary counts the same')


def check_fail_on():
    def worst(name):
        order = ['notice', 'warning', 'error', 'fatal']
        return max((order.index(f['severity']) for c in wiretale('read', '--json', name).json()[0] for f in c.get('findings', [])), default=-1)
    for name in (FAILED, HEALTHY, os.path.join(CAPTURES, 'transport-failures.pcapng'), os.path.join(CAPTURES, 'wrong-secrets.pcap')):
        reached = worst(name)
        for rank, word in enumerate(('notice', 'warning', 'error', 'fatal')):
            for form in ('--lines', '--json', '--summary'):
                wiretale('read', form, '--fail-on', word, name, status=3 if rank <= reached else 0)
        wiretale('read', '--summary', '--fail-on=notice', '--filter', 'tls.handshake.type == 250', name, status=0)
    wiretale('read', '--fail-on', 'errors', HEALTHY, status=2)
    wiretale('read', '--fail-on=notice', os.path.join(CAPTURES, 'no such'), status=1)


def main():
    check_text()
    check_json()
    check_fail_on()
    done()


if __name__ == '__main__':
    main()
