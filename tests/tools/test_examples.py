#!/usr/bin/env python3
"""The programs of examples/, which see the public headers and link the shared library: what they print of captures."""
import os
import re
import subprocess

from peers import Authority, folder, free_port, needs, program
from tale import BINARY, CAPTURES, HERE, check, done, equal

FAILURES = os.path.normpath(os.path.join(HERE, '..', 'failures'))
# capture, root cause
FAILED = (('certificate-expired-openssl-12.pcapng', 'certificate-expired'), ('certificate-expired-curl.pcapng', 'certificate-expired'),
          ('certificate-expired-fine.pcapng', None))
HELLO = """\
   0 +2    legacy_version = 771 TLS 1.2
   2 +32   random
  35 +0    session_id
  37 +56   cipher_suites
  37 +2      cipher_suite = 49196 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
  39 +2      cipher_suite = 49200 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
  41 +2      cipher_suite = 159 TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"""


def run(name, *arguments, status=0):
    ran = subprocess.run([os.environ['EXAMPLE_' + name.upper()], *arguments], stdout=subprocess.PIPE, check=False,
                         env={**os.environ, 'LC_ALL': 'C'}, timeout=60)
    equal(ran.returncode, status, f'{name} {arguments}: exit status')
    return ran.stdout.decode()


def failures():
    for capture, cause in FAILED:
        path = os.path.join(FAILURES, capture)
        lines = run('failures', path).splitlines()
        if cause:
            equal(len(lines), 1, f'{capture}: lines')
            check(lines and re.match(re.escape(path) + r': [0-9a-f.:]+:\d+ -> [0-9a-f.:]+:\d+: ' + cause + ': .+', lines[0]),
                  f'{capture}: {lines}')
        else:
            equal(lines, [], capture)
    run('failures', 'no such file', status=1)


def fields():
    out = run('fields', os.path.join(CAPTURES, 'article.pcapng'))
    lines = out.splitlines()
    equal('\n'.join(line.split(' -- ')[0] for line in lines[:7]), HELLO, 'the first fields of the ClientHello')
    check(' -- ' in lines[1] and ' -- ' in lines[3], 'explanations are missing')
    check(any(' extension -- ' in line for line in lines), 'extensions are missing')
    run('fields', os.path.join(FAILURES, 'no such file'), status=1)


def get():
    """A page of `wiretale server`; an authority that did not issue its certificate; nobody there."""
    needs('openssl')
    with folder() as at, folder() as elsewhere:
        ours, other = Authority(at), Authority(elsewhere, 'other root')
        chain, key = ours.leaf('www', names=('localhost',))
        www = os.path.join(at, 'www')
        os.mkdir(www)
        with open(os.path.join(www, 'page.txt'), 'w', encoding='ascii') as f:
            f.write('a page\n')
        port = free_port()
        with program(BINARY, 'server', '--cert', chain, '--key', key, '--port', str(port), '--www', www, port=port):
            out = run('get', 'localhost', str(port), '/page.txt', ours.ca)
            check(out.startswith('HTTP/1.') and out.endswith('\r\n\r\na page\n'), f'get: {out!r}')
            equal(run('get', 'localhost', str(port), '/page.txt', other.ca, status=1), '', 'get: not trusted')
        run('get', 'localhost', str(port), '/', ours.ca, status=1)
        run('get', 'localhost', str(port), '/', os.path.join(at, 'none.pem'), status=2)


failures()
fields()
get()
done(8)
