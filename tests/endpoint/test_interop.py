#!/usr/bin/env python3
"""Sessions, pre-shared keys, early data and cookies against OpenSSL and GnuTLS, in both seats."""
import os
import subprocess
import sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tools'))
from peers import LIMIT, NAME, Authority, built, folder, free_port, needs, output, program  # noqa: E402
from tale import check, done  # noqa: E402

PEER = built(os.environ['PEER'])
KEY = '00112233445566778899aabbccddeeff0123'


def expect(lines, wanted, what):
    """Each line has each of its words."""
    check(len(lines) == len(wanted) and all(word in line for line, words in zip(lines, wanted) for word in words), f'{what}: {lines!r}, not {wanted!r}')


def ours(port, at, count, *options):
    return output(*PEER, 'client', str(port), at.ca, str(count), *options).splitlines()


def s_server(at, *more):
    port = free_port()
    return port, program('openssl', 's_server', '-accept', f'127.0.0.1:{port}', *more, '-quiet', port=port)


def certificate(at):
    return ['-cert', at.path('www.pem'), '-key', at.path('www.key')]


def check_client(at):
    for version, server in (('1.2', []), ('1.2', ['-no_ticket']), ('1.3', []), ('1.3', ['-no_ticket'])):
        port, running = s_server(at, '-www', *certificate(at), *server)
        with running:
            expect(ours(port, at, 3, version), [['resumed 0', 'got 1']] + 2 * [['resumed 1', 'got 1', 'why -']], f'client, TLS {version} {server}')
    port, running = s_server(at, '-www', '-nocert', '-tls1_3', '-psk', KEY, '-psk_identity', 'us')
    with running:
        expect(ours(port, at, 1, f'psk={KEY}'), [['psk 1', 'got 1', 'why -']], 'client, external PSK')
        expect(ours(port, at, 1, 'psk=' + KEY[2:] + '99'), [['psk 0', 'got 0']], 'client, another key')
    check_early_client(at)


def check_early_client(at):
    """s_server ends a connection at a q of its standard input."""
    port = free_port()
    with program('openssl', 's_server', '-accept', f'127.0.0.1:{port}', *certificate(at), '-early_data', '-tls1_3', '-naccept', '2', stdin=subprocess.PIPE,
                 stdout=subprocess.PIPE) as process:
        while b'ACCEPT' not in process.stdout.readline():
            pass
        client = subprocess.Popen([*PEER, 'client', str(port), at.ca, '2', 'early'], stdout=subprocess.PIPE)
        text = b''
        for number, letter in enumerate((b'q\n', b'Q\n'), 1):
            while text.count(b'GET / HTTP/1.0') < number:
                more = process.stdout.read1(4096)
                if not more:
                    break
                text += more
            process.stdin.write(letter)
            process.stdin.flush()
        text += process.stdout.read()
        lines = client.stdout.read().decode().splitlines()
        client.wait(LIMIT)
        client.stdout.close()
        expect(lines, [['early 0'], ['resumed 1', 'early 1']], f'client, early data: {text[-600:]!r}')
        check(b'Early data received' in text, f'client, early data: {text[-600:]!r}')


def with_server(at, count, *options):
    port = free_port()
    process = subprocess.Popen([*PEER, 'server', str(port), at.path('www.pem'), at.path('www.key'), str(count), *options], stdout=subprocess.PIPE)
    process.stdout.readline()
    return port, process


def told(process):
    try:
        process.wait(LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
    out = process.stdout.read().decode().splitlines()
    process.stdout.close()
    return out


def s_client(at, port, *more, data=b'GET / HTTP/1.0\r\n\r\n'):
    return output('openssl', 's_client', '-connect', f'127.0.0.1:{port}', '-servername', NAME, '-CAfile', at.ca, *more, '-ign_eof', data=data)


def check_server(at):
    session, early = at.path('session.pem'), at.path('early')
    with open(early, 'wb') as f:
        f.write(b'GET /early HTTP/1.0\r\n\r\n')
    for version, more in (('1_2', []), ('1_2', ['-no_ticket']), ('1_3', [])):
        port, process = with_server(at, 2)
        s_client(at, port, f'-tls{version}', '-sess_out', session, *more)
        out = s_client(at, port, f'-tls{version}', '-sess_in', session, *more)
        check('Reused, TLSv1' in out and 'hello' in out, f'server, TLS {version} {more}: {out[-1500:]}')
        expect(told(process), [['resumed 0'], ['resumed 1', 'got 1', 'why -']], f'server, TLS {version} {more}')
    port, process = with_server(at, 2, 'early')
    s_client(at, port, '-tls1_3', '-sess_out', session)
    out = s_client(at, port, '-tls1_3', '-sess_in', session, '-early_data', early, data=b'')
    check('Early data was accepted' in out and 'hello' in out, f'server, early data: {out[-1500:]}')
    expect(told(process), [['early 0'], ['resumed 1', 'early 1', 'got 1', 'why -']], 'server, early data')
    port, process = with_server(at, 2)
    s_client(at, port, '-tls1_3', '-sess_out', session, '-ciphersuites', 'TLS_AES_256_GCM_SHA384')
    s_client(at, port, '-tls1_3', '-sess_in', session)
    expect(told(process), [['resumed 0'], ['resumed 1']], 'server, a session of SHA-384')
    port, process = with_server(at, 1, f'psk={KEY}')
    out = s_client(at, port, '-tls1_3', '-psk', KEY, '-psk_identity', 'us')
    expect(told(process), [['psk 1', 'got 1', 'why -']], 'server, external PSK')
    port, process = with_server(at, 1, f'psk={KEY}')
    s_client(at, port, '-tls1_3', '-psk', KEY, '-psk_identity', 'others')
    expect(told(process), [['psk 0', 'got 1', 'why -']], 'server, unknown identity')
    port, process = with_server(at, 1, f'psk={KEY}')
    s_client(at, port, '-tls1_3', '-psk', KEY[2:] + '99', '-psk_identity', 'us')
    expect(told(process), [['why psk-mismatch']], 'server, another key')
    port, process = with_server(at, 1, 'cookie')
    s_client(at, port, '-tls1_3')
    expect(told(process), [['retried 1', 'got 1', 'why -']], 'server, cookie')


def check_gnutls(at):
    request = b'GET / HTTP/1.0\r\n\r\n'
    trust = ['--x509cafile', at.ca, '--port']
    for version in ('1.2', '1.3'):
        port, process = with_server(at, 2)
        output('gnutls-cli', '--resume', '--waitresumption', *trust, str(port), '--sni-hostname', NAME, '--verify-hostname', NAME, '--priority',
            f'NORMAL:-VERS-ALL:+VERS-TLS{version}', '127.0.0.1', data=request)
        lines = told(process)
        expect(lines[1:], [['resumed 1']], f'server, GnuTLS, TLS {version}: {lines!r}')
    for kx, group in (('PSK', 'group 0000'), ('ECDHE-PSK', 'group 001d')):
        port, process = with_server(at, 1, f'psk={KEY}', 'psk_ke')
        output('gnutls-cli', '--pskusername', 'us', '--pskkey', KEY, '--priority', f'NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+{kx}:-GROUP-ALL:+GROUP-X25519',
            '--port', str(port), '127.0.0.1', data=request)
        expect(told(process), [['psk 1', group, 'got 1']], f'server, GnuTLS, {kx}')


# TLS 1.2: our number of the suite; OpenSSL's name and GnuTLS's priority for it, if they have it
PSK_SUITES = (
    ('ccac', 'ECDHE-PSK-CHACHA20-POLY1305', '+ECDHE-PSK:-CIPHER-ALL:+CHACHA20-POLY1305'),
    ('c037', 'ECDHE-PSK-AES128-CBC-SHA256', '+ECDHE-PSK:-CIPHER-ALL:+AES-128-CBC:-MAC-ALL:+SHA256'),
    ('00ab', 'DHE-PSK-AES256-GCM-SHA384', '+DHE-PSK:-CIPHER-ALL:+AES-256-GCM'),
    ('c0a6', 'DHE-PSK-AES128-CCM', '+DHE-PSK:-CIPHER-ALL:+AES-128-CCM'),
    ('00a8', 'PSK-AES128-GCM-SHA256', '+PSK:-CIPHER-ALL:+AES-128-GCM'),
)


def check_psk12(at):
    for suite, name, _ in PSK_SUITES:
        told_12 = f'suite {suite}'
        for hint in ([], ['-psk_hint', 'a hint']):
            port, running = s_server(at, '-www', '-nocert', '-tls1_2', '-psk', KEY, '-psk_identity', 'us', '-cipher', name, *hint)
            with running:
                expect(ours(port, at, 2, '1.2', f'psk={KEY}', f'suite={suite}'),
                    [['version 0303', 'psk 1', told_12, f'resumed {n}', 'got 1', 'why -'] for n in (0, 1)], f'client, {name} {hint}')
        port, running = s_server(at, '-www', '-nocert', '-tls1_2', '-psk', KEY, '-psk_identity', 'us', '-cipher', name)
        with running:
            expect(ours(port, at, 1, '1.2', 'psk=' + KEY[2:] + '99', f'suite={suite}'), [['got 0', 'why psk-mismatch']], f'client, {name}, another key')
        session = at.path('session.pem')
        port, process = with_server(at, 2, '1.2', f'psk={KEY}', f'suite={suite}')
        s_client(at, port, '-tls1_2', '-psk', KEY, '-psk_identity', 'us', '-cipher', name, '-sess_out', session)
        out = s_client(at, port, '-tls1_2', '-psk', KEY, '-psk_identity', 'us', '-cipher', name, '-sess_in', session)
        check('hello' in out, f'server, {name}: {out[-1500:]}')
        expect(told(process), [['psk 1', told_12, 'resumed 0'], ['psk 1', told_12, 'resumed 1', 'got 1', 'why -']], f'server, {name}')
        for identity, key, why in (('others', KEY, 'psk-unknown-identity'), ('us', KEY[2:] + '99', 'psk-mismatch')):
            port, process = with_server(at, 1, '1.2', f'psk={KEY}', f'suite={suite}')
            s_client(at, port, '-tls1_2', '-psk', key, '-psk_identity', identity, '-cipher', name)
            expect(told(process), [[f'why {why}']], f'server, {name}, {why}')


def check_psk12_gnutls(at):
    passwords = at.path('passwords')
    with open(passwords, 'w', encoding='ascii') as f:
        f.write(f'us:{KEY}\n')
    for suite, _, kx in PSK_SUITES:
        priority = f'NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:{kx}'
        port, process = with_server(at, 1, '1.2', f'psk={KEY}', f'suite={suite}')
        output('gnutls-cli', '--pskusername', 'us', '--pskkey', KEY, '--priority', priority, '--port', str(port), '127.0.0.1', data=b'GET / HTTP/1.0\r\n\r\n')
        # gnutls-cli 3.7.9 crashes behind a handshake of DHE_PSK or ECDHE_PSK, also with gnutls-serv
        got = ['got 1'] if kx.startswith('+PSK') else []
        expect(told(process), [['version 0303', 'psk 1', f'suite {suite}', *got]], f'server, GnuTLS, {priority}')
        port = free_port()
        with program('gnutls-serv', '--http', '--port', str(port), '--pskpasswd', passwords, '--priority', priority, port=port):
            expect(ours(port, at, 1, '1.2', f'psk={KEY}', f'suite={suite}'), [['version 0303', 'psk 1', f'suite {suite}', 'got 1']], f'client, GnuTLS, {priority}')


def main():
    needs('openssl')
    with folder() as name:
        at = Authority(name)
        at.leaf('www')
        check_client(at)
        check_server(at)
        check_psk12(at)
        if subprocess.run(['which', 'gnutls-cli'], stdout=subprocess.DEVNULL, check=False).returncode == 0:
            check_gnutls(at)
            check_psk12_gnutls(at)
    done()


main()
