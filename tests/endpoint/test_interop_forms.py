#!/usr/bin/env python3
"""Forms of records, suites and offers against OpenSSL: CBC with the MAC inside and outside, CCM, ARIA, limits of
records, padding, GREASE."""
import os
import subprocess
import sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tools'))
from peers import LIMIT, NAME, Authority, built, folder, free_port, needs, output, program  # noqa: E402
from tale import check, done  # noqa: E402

PEER = built(os.environ['PEER'])
# TLS 1.2, with ECDSA: the code point, OpenSSL's name, whether it is CBC
SUITES = (('c009', 'ECDHE-ECDSA-AES128-SHA', True), ('c023', 'ECDHE-ECDSA-AES128-SHA256', True), ('c024', 'ECDHE-ECDSA-AES256-SHA384', True),
          ('c072', 'ECDHE-ECDSA-CAMELLIA128-SHA256', True), ('c0ac', 'ECDHE-ECDSA-AES128-CCM', False), ('c0ae', 'ECDHE-ECDSA-AES128-CCM8', False),
          ('c05c', 'ECDHE-ECDSA-ARIA128-GCM-SHA256', False))


def has(text, words, what):
    check(all(word in text for word in words), f'{what}: {text[-800:]!r}, not {words!r}')


def as_client(at, server, options, words):
    port = free_port()
    with program(*[word.replace('PORT', str(port)) for word in server], port=port):
        has(output(*PEER, 'client', str(port), at.ca, '1', *options), words, f'client {options}')


def as_server(at, client, options, words):
    port = free_port()
    process = subprocess.Popen([*PEER, 'server', str(port), at.path('www.pem'), at.path('www.key'), '1', *options], stdout=subprocess.PIPE)
    process.stdout.readline()
    output(*[word.replace('PORT', str(port)) for word in client], data=b'GET / HTTP/1.0\r\n\r\n')
    try:
        process.wait(LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
    has(process.stdout.read().decode(), words, f'server {options}')
    process.stdout.close()


def main():
    needs('openssl')
    with folder() as name:
        at = Authority(name)
        at.leaf('www')
        server = ['openssl', 's_server', '-accept', '127.0.0.1:PORT', '-www', '-cert', at.path('www.pem'), '-key', at.path('www.key'), '-quiet']
        client = ['openssl', 's_client', '-connect', '127.0.0.1:PORT', '-servername', NAME, '-CAfile', at.ca, '-ign_eof']
        for code, suite, cbc in SUITES:
            for outside in (True, False) if cbc else (False,):
                words = [f'suite {code}', f'etm {int(outside)}', 'got 1', 'why -']
                options = ['1.2', f'suite={code}'] + ([] if outside else ['no_etm'])
                as_client(at, [*server, '-cipher', suite + ':@SECLEVEL=0'], options, words)
                as_server(at, [*client, '-cipher', suite + ':@SECLEVEL=0', '-tls1_2'], options, words)
        for options in (['grease'], ['1.2', 'grease'], ['padding=512'], ['inflates'], ['1.2', 'fragment=512'], ['fragment=512']):
            as_client(at, server, options, ['got 1', 'why -'])
        as_server(at, [*client, '-maxfraglen', '512'], [], ['got 1', 'why -'])
        as_server(at, client, ['padding=1000'], ['got 1', 'why -'])
    done()


main()
