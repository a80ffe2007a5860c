#!/usr/bin/env python3
"""wiretale certificates writes each certificate once; help of findings; options that would be ignored are refused."""
import base64
import hashlib
import os
import re
import tempfile
from tale import CAPTURES, check, done, equal, wiretale

FAILURES = os.path.join(CAPTURES, '..', 'failures')
EXPIRED = os.path.join(FAILURES, 'certificate-expired-fine.pcapng')
TYPES = os.path.join(CAPTURES, 'certificate-types.pcapng')
PEM = re.compile(r'-----BEGIN CERTIFICATE-----\n(.*?)-----END CERTIFICATE-----\n', re.S)


def digests(text):
    return [hashlib.sha256(base64.b64decode(body)).hexdigest() for body in PEM.findall(text)]


def told(*arguments):
    connections, _ = wiretale('read', '--json', *arguments, status=0).json()
    return {f['sha256'] for c in connections for side in c.get('certificates', {}).values() for f in side}


def check_pem():
    out = wiretale('certificates', EXPIRED, status=0).out
    equal(set(digests(out)), told(EXPIRED), 'the certificates of the capture')
    check('# subject: CN=www.example.com' in out and '# valid 2020-01-01 to 2021-01-01' in out, out[:300])
    check(all(len(line) <= 64 for body in PEM.findall(out) for line in body.splitlines()), 'RFC 7468: 64 characters in a line')
    keys = ['--keylog', TYPES + '.keys']
    with tempfile.TemporaryDirectory() as folder:
        where = os.path.join(folder, 'new')
        wiretale('certificates', *keys, TYPES, TYPES, '-o', where, status=0)
        files = sorted(os.listdir(where))
        written = []
        for name in files:
            with open(os.path.join(where, name), encoding='utf-8') as f:
                text = f.read()
            written += digests(text)
            check(digests(text)[0][:8] in name and '# sha256 ' + digests(text)[0] in text, f'{name} is named by its digest')
        equal(sorted(written), sorted(told(*keys, TYPES)), 'one file for each, however often it was sent')
    wiretale('certificates', '--stream', '77', EXPIRED, status=1)
    equal(digests(wiretale('certificates', '--failed', EXPIRED).out), [], '--failed')


def check_choice():
    names = [os.path.join(CAPTURES, 'alerts-negotiation.pcapng'), os.path.join(CAPTURES, 'versions-mixed.pcapng')]
    failed = wiretale('read', '--json', '--failed', *names, status=0).json()[0]
    equal(failed, wiretale('read', '--json', '--filter', 'state == "failed"', *names, status=0).json()[0], '--failed')
    both = wiretale('read', '--json', '--failed', '--filter', 'stream == 1 or stream == 3', *names, status=0).json()[0]
    equal(both, [c for c in failed if c['stream'] in (1, 3)], '--failed and a filter')
    missing = wiretale('read', '--stream', '77', names[0], status=1)
    check('77' in missing.err and '--lines' in missing.err, f'no such stream: {missing.err}')
    hidden = wiretale('read', '--stream', '1', '--filter', 'stream == 2', names[0], status=0)
    equal(hidden.err, '', 'a stream that is there and does not match is no error')
    hint = re.search(r'^    wiretale read --stream (\d+) (.*)$', wiretale('read', *names, status=0).out, re.M)
    if check(hint, 'a closing hint'):
        check('stream %s ' % hint[1] in wiretale('read', '--stream', hint[1], hint[2], status=0).out, 'the hint works')


def check_refused():
    for options in (['--json', '--lines'], ['--json', '--columns', '90'], ['--summary', '--explain'], ['--summary', '--secrets'],
                    ['--filter', 'tls', '--filter', 'tcp'], ['--stream', '1', '-n', '2'], ['--host', 'a', '--host', 'b']):
        refused = wiretale('read', *options, EXPIRED, status=2)
        equal(refused.err.count('\n'), 1, f'{options}: one line with the mend')
    wiretale('follow', '--hex', '--raw', EXPIRED, '0', status=2)


def check_help():
    out = wiretale('help', 'certificate-host-mismatch', status=0).out
    check('subjectAltName' in out and 'RFC 9525' in out and '--host' in out, out)
    check('%' not in wiretale('help', 'certificate-expired', status=0).out, 'no directives')
    check('subjectAltName' in wiretale('--lang', 'zh', 'help', 'certificate-host-mismatch', status=0).out, 'in Chinese')
    check('certificate-expired' in wiretale('help', 'certificate-expird', status=2).err, 'did you mean')
    with open(os.path.join(CAPTURES, '..', '..', 'docs', 'findings.md'), encoding='utf-8') as f:
        for name in re.findall(r'^### `([a-z0-9-]+)`', f.read(), re.M):
            wiretale('help', name, status=0)


def main():
    check_pem()
    check_choice()
    check_refused()
    check_help()
    done()


if __name__ == '__main__':
    main()
