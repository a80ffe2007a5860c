#!/usr/bin/env python3
"""wiretale client against servers of others on the loopback: what it says, its exit status, and what it passes through."""
import base64
import hashlib
import json
import os
import re
import select
import shutil
import socket
import ssl
import stat
import struct
import subprocess
import time
from peers import NAME, Authority, client, folder, free_port, needs, openssl, program, scripted
from tale import BINARY, check, done, equal, wiretale

LINE = r'✓ TLS 1\.[23], [A-Z0-9_]+, \w+(, http/1\.1)?; \d+\.\d ms, [12] round trips?'


def s_server(at, *more, cert='www', port=None):
    port = port or free_port()
    return port, program('openssl', 's_server', '-accept', f'127.0.0.1:{port}', '-cert', at.path(cert + '.pem'), '-key', at.path(cert + '.key'), '-quiet', *more,
                         port=port)


def check_established(at):
    port, server = s_server(at, '-www', '-alpn', 'http/1.1')
    with server:
        told = client(port, '--ca', at.ca, '--get', '/', status=0)
        check(told.out.startswith('HTTP/1.0 200 ok'), f'--get: {told.out[:200]!r}')
        lines = told.err.split('\n')
        check(re.fullmatch(LINE, lines[0]) and ', http/1.1;' in lines[0], f'first line: {lines[0]!r}')
        check(re.fullmatch(rf'✓ certificate is for {NAME}, leads to example root, valid until \d\d\d\d-\d\d-\d\d', lines[1]), f'second line: {lines[1]!r}')
        equal(lines[2:], [''], 'nothing more is said')
        for version, trips in (('1.2', '2 round trips'), ('1.3', '1 round trip')):
            told = client(port, '--ca', at.ca, '--versions', version, status=0)
            check(f'TLS {version}' in told.err and trips in told.err, f'--versions {version}: {told.err!r}')
        told = client(port, '--ca', at.ca, '--groups', 'x448,p-256', '--suites', 'tls_chacha20_poly1305_sha256', status=0)
        check('TLS_CHACHA20_POLY1305_SHA256, x448' in told.err, f'--groups and --suites: {told.err!r}')
        told = client(port, '--ca', at.ca, '--lang', 'zh', status=0)
        check('TLS 1.3' in told.err, f'--lang zh: {told.err!r}')
        told = client(port, '--ca', at.ca, '--ascii', status=0)
        check(told.err.startswith('[ok] TLS 1.3'), f'--ascii: {told.err!r}')


def check_stapled(at):
    """What the server staples is said beside the certificate."""
    at.staple('www', 'staple')
    port, server = s_server(at, '-www', '-status_file', at.path('staple'))
    with server:
        for version in ('1.2', '1.3'):
            told = client(port, '--ca', at.ca, '--versions', version, status=0)
            check('; OCSP good\n' in told.err, f'stapled, TLS {version}: {told.err!r}')


def check_stamped(at):
    """Signed certificate timestamps (RFC 6962, 3.3.1) are asked for; what is claimed of them is what was verified."""
    at.key(at.path('log.key'), 'ec')
    der = subprocess.run(['openssl', 'x509', '-in', at.path('www.pem'), '-outform', 'der'], check=True, stdout=subprocess.PIPE).stdout
    spki = subprocess.run(['openssl', 'pkey', '-in', at.path('log.key'), '-pubout', '-outform', 'der'], check=True, stdout=subprocess.PIPE).stdout
    moment = (1750000000000).to_bytes(8, 'big')
    entry = bytes(2) + moment + bytes(2) + len(der).to_bytes(3, 'big') + der + bytes(2)
    signature = subprocess.run(['openssl', 'dgst', '-sha256', '-sign', at.path('log.key')], input=entry, check=True, stdout=subprocess.PIPE).stdout
    sct = bytes(1) + hashlib.sha256(spki).digest() + moment + bytes(2) + bytes((4, 3)) + len(signature).to_bytes(2, 'big') + signature
    listed = (len(sct) + 2).to_bytes(2, 'big') + len(sct).to_bytes(2, 'big') + sct
    # of a ClientHello, a ServerHello of TLS 1.2, a Certificate of TLS 1.3
    info = (0x1180).to_bytes(4, 'big') + (18).to_bytes(2, 'big') + len(listed).to_bytes(2, 'big') + listed
    with open(at.path('serverinfo'), 'w', encoding='ascii') as f:
        f.write(f'-----BEGIN SERVERINFOV2 FOR SCT-----\n{base64.encodebytes(info).decode()}-----END SERVERINFOV2 FOR SCT-----\n')
    with open(at.path('logs'), 'w', encoding='ascii') as f:
        f.write(base64.b64encode(spki).decode() + '\n')
    port, server = s_server(at, '-www', '-serverinfo', at.path('serverinfo'))
    with server:
        for version in ('1.2', '1.3'):
            told = client(port, '--ca', at.ca, '--versions', version, status=0)
            check('; 1 SCT, not judged\n' in told.err, f'no logs, TLS {version}: {told.err!r}')
            told = client(port, '--ca', at.ca, '--versions', version, '--sct-logs', at.path('logs'), status=0)
            check('; 1 SCT, 1 verified\n' in told.err, f'logs, TLS {version}: {told.err!r}')
            told = client(port, '--ca', at.ca, '--versions', version, '--sct-logs', at.path('logs'), '--json', status=0)
            connection, end = [json.loads(line) for line in told.out.splitlines()]
            equal(end['scts'], {'certificate': 0, 'extension': 1, 'ocsp': 0, 'verified': 1, 'bad': 0, 'unknown_log': 0}, 'JSON')
            equal(connection['scts'], {'extension': 1, 'verified': 1, 'bad': 0, 'unknown_log': 0}, 'the observer counts the same')


def check_untrusted(at):
    at.leaf('expired', days=-1)
    at.leaf('other', names=('other.example.com',))
    for cert, arguments, cause in (('www', [], 'certificate-unknown-issuer'), ('expired', ['--ca', at.ca], 'certificate-expired'),
                                   ('other', ['--ca', at.ca], 'certificate-host-mismatch')):
        port, server = s_server(at, '-www', cert=cert)
        with server:
            for version in ('1.2', '1.3'):
                told = client(port, *arguments, '--get', '/', '--versions', version, status=3)
                equal(told.out, '', f'{cause}: no byte of the server')
                check(told.err.startswith(f'✗ {cause}: '), f'{cause}: {told.err[:300]!r}')
                check('\n→ ' in told.err and f'tried: 127.0.0.1 port {port}, as {NAME}' in told.err, f'{cause}: advice, what was tried: {told.err!r}')
            told = client(port, *arguments, '--get', '/', '--without-verification', status=0)
            check(told.out.startswith('HTTP/') and f'✗ {cause}' in told.err and 'not verified' in told.err, f'--without-verification: {told.err!r}')
            told = client(port, *arguments, '--json', status=3)
            connection, end = [json.loads(line) for line in told.out.splitlines()]
            equal((connection['type'], connection['state'], end['type'], end['status'], end['verified'], end['cause']['id']),
                  ('connection', 'failed', 'client', 3, False, cause), f'{cause}: JSON')
            check(cause in [f['id'] for f in connection['findings']], f'{cause}: the story says so, too')


def check_failed(at):
    port, server = s_server(at, '-tls1_1')
    with server:
        told = client(port, '--ca', at.ca, status=4)
        check('✗ no-shared-version' in told.err and 'TLS_AES_128_GCM_SHA256' in told.err, f'version: {told.err!r}')
        told = client(port, '--ca', at.ca, '--versions', '1.2', status=4)
        tried = [line for line in told.err.splitlines() if 'tried: ' in line][0]
        check('; TLS 1.2; TLS_ECDHE_' in tried and 'TLS_AES_' not in tried, f'what is not offered is not said to be: {tried!r}')
    port, server = s_server(at, '-groups', 'P-384')
    with server:
        told = client(port, '--ca', at.ca, '--groups', 'x25519', '--versions', '1.3', status=4)
        check(told.err.startswith('✗ ') and 'x25519' in told.err, f'group: {told.err!r}')
        told = client(port, '--ca', at.ca, status=0)
        check('secp384r1' in told.err and '2 round trips' in told.err, f'HelloRetryRequest: {told.err!r}')
    at.leaf('me', names=('me',), usage='clientAuth')
    port, server = s_server(at, '-Verify', '1', '-CAfile', at.ca, '-verify_return_error', '-www')
    with server:
        for version in ('1.2', '1.3'):
            told = client(port, '--ca', at.ca, '--get', '/', '--versions', version)
            check(told.status in (1, 4) and 'client-certificate-missing' in told.err, f'without a certificate: {told.status} {told.err!r}')
            told = client(port, '--ca', at.ca, '--get', '/', '--cert', at.path('me.pem'), '--key', at.path('me.key'), '--versions', version, status=0)
            check(told.out.startswith('HTTP/'), f'with a certificate: {told.err!r}')
    with scripted(lambda c: (c.recv(4096), c.sendall(b'SSH-2.0-OpenSSH_9.2\r\n'), time.sleep(0.2))) as port:
        told = client(port, status=4)
        check('SSH' in told.err, f'no TLS: {told.err!r}')
    with scripted(lambda c: c.recv(4096)) as port:
        told = client(port, status=4)
        check('closed-during-handshake' in told.err, f'closed: {told.err!r}')

    def reset(c):
        c.recv(4096)
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))

    with scripted(reset) as port:
        told = client(port, status=4)
        check('✗ reset-after-client-hello' in told.err, f'reset: {told.err!r}')
        check(told.err.endswith(f'tried: 127.0.0.1 port {port}, as {NAME}; TLS 1.2, TLS 1.3\n'), f'lists that say nothing: {told.err!r}')
    with scripted(lambda c: (c.recv(4096), time.sleep(1.5))) as port:
        begun = time.monotonic()
        told = client(port, '--timeout', '1', status=4)
        check('✗ no-answer-to-client-hello: The server did not answer the ClientHello within 1 seconds.\n' in told.err and 0.9 < time.monotonic() - begun < 20, f'silence: {told.err!r}')


def check_unreached():
    port = free_port()
    told = client(port, status=5)
    check('✗ tcp-refused' in told.err and f'tried: 127.0.0.1 port {port}: Connection refused' in told.err, f'refused: {told.err!r}')
    end = json.loads(client(port, '--json', status=5).out)
    equal((end['status'], end['cause']['id'], [a['port'] for a in end['tried']['addresses']]), (5, 'tcp-refused', [port]), 'refused: JSON')
    told = client(port, '--connect', 'no-such-host.invalid', status=5)
    check('no-such-host.invalid has no address' in told.err and '\n→ ' in told.err, f'no address: {told.err!r}')


def check_through(at):
    """Bytes of standard input come out of the server, and its bytes at standard output; no letter is a command."""
    port = free_port()
    words = b'Q\nR\nk\nB\n\x00\xff\x1c\n' + bytes(range(256)) * 2000
    server = program('openssl', 's_server', '-accept', f'127.0.0.1:{port}', '-cert', at.path('www.pem'), '-key', at.path('www.key'), '-rev', '-quiet', port=port)
    with server:
        told = client(port, '--ca', at.ca, data=b'abc\nQ\ndef\n', status=0)
        equal(told.out, 'cba\nQ\nfed\n', 'lines come back reversed')
    for version in ('1.2', '1.3'):
        port = free_port()
        with program('openssl', 's_server', '-accept', f'127.0.0.1:{port}', '-cert', at.path('www.pem'), '-key', at.path('www.key'), '-quiet', '-naccept', '2',
                     port=port, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            client(port, '--ca', at.ca, '--versions', version, data=words, status=0)
            out = b''
            while len(out) < len(words):
                piece = process.stdout.read1(65536)
                if not piece:
                    break
                out += piece
            equal(out == words, True, f'TLS {version}: {len(out)} of {len(words)} bytes, as they were')


def check_records(at, folder_name):
    keylog, capture, page = (os.path.join(folder_name, n) for n in ('session.keys', 'out.pcapng', 'page.html'))
    port, server = s_server(at, '-www')
    with server:
        for version in ('1.2', '1.3'):
            told = client(port, '--ca', at.ca, '--get', '/', '--versions', version, '--keylog', keylog, '--capture', capture, '--html', page, '--story', status=0)
            for word in ('ClientHello', 'Finished', '✓ TLS'):
                check(word in told.err, f'--story lacks {word}')
            equal(stat.S_IMODE(os.stat(keylog).st_mode), 0o600, 'key log: mode')
            equal(stat.S_IMODE(os.stat(capture).st_mode), 0o600, 'capture: mode')
            with open(page, encoding='utf-8') as f:
                check('<html' in f.read(400).lower(), '--html')
            connection = wiretale('read', '--json', '--ca-file', at.ca, capture, status=0).json()[0][0]
            equal((connection['state'], connection['version'], connection['decryption'], connection['sni']), ('established', f'TLS {version}', 'dsb', NAME), 'capture, read back')
            equal(connection['verified'].get('chain'), 'ok', 'capture: chain')
            follow = wiretale('follow', '--raw', '--side', 'server', capture, '0', status=0)
            equal(follow.out, told.out, 'capture: the data of the server')
            if shutil.which('tshark'):
                shown = subprocess.run(['tshark', '-r', capture, '-o', 'http.desegment_body:FALSE', '-Y', 'http', '-T', 'fields', '-e', 'http.request.uri', '-e', 'http.response.code'], check=False,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
                check('/' in shown and '200' in shown, f'tshark decrypts it: {shown!r}')
                wrong = subprocess.run(['tshark', '-r', capture, '-Y', 'tcp.analysis.flags || _ws.malformed || tcp.checksum.status == 0'], check=False,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
                equal(wrong, '', 'tshark finds nothing wrong with the packets')
    with open(keylog, encoding='ascii') as f:
        lines = f.read().split('\n')
    check({line.split()[0] for line in lines if line} >= {'CLIENT_RANDOM', 'CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'SERVER_TRAFFIC_SECRET_0'}, 'both are in the key log')


def check_closings(at):
    """Without close_notify that is said; nobody reads: no failure."""
    port, server = s_server(at, '-www')
    with server:
        full = subprocess.run(f'exec {BINARY} client localhost:{port} --ca {at.ca} --get / | head -c 1 | wc -c', shell=True, check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        equal((full.stdout.strip(), b'standard output' in full.stderr), (b'1', False), f'a reader that has had enough: {full.stderr!r}')
    if shutil.which('gnutls-serv'):
        port = free_port()
        with program('gnutls-serv', '--echo', '--quiet', '--port', str(port), '--x509certfile', at.path('www.pem'), '--x509keyfile', at.path('www.key'), '--disable-client-cert',
                     port=port):
            told = client(port, '--ca', at.ca, data=b'hello\n', status=0)
            check(told.out.startswith('hello'), f'gnutls-serv: {told.out!r} {told.err!r}')


def check_nginx(at, folder_name):
    if not shutil.which('nginx') and not os.path.exists('/usr/sbin/nginx'):
        return
    port, root = free_port(), os.path.join(folder_name, 'nginx')
    os.makedirs(os.path.join(root, 'logs'))
    with open(os.path.join(root, 'file.txt'), 'w', encoding='ascii') as f:
        f.write('from nginx\n' * 1000)
    with open(os.path.join(root, 'conf'), 'w', encoding='ascii') as f:
        f.write(f'''daemon off; master_process off; pid {root}/pid; error_log {root}/logs/error; events {{}}
http {{ access_log off; client_body_temp_path {root}/b; proxy_temp_path {root}/p; fastcgi_temp_path {root}/f; uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;
server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {at.path('www.pem')}; ssl_certificate_key {at.path('www.key')}; root {root}; }} }}
''')
    with program(shutil.which('nginx') or '/usr/sbin/nginx', '-p', root, '-c', os.path.join(root, 'conf'), port=port):
        told = client(port, '--ca', at.ca, '--get', '/file.txt', status=0)
        check(told.out.endswith('from nginx\n' * 1000) and 'HTTP/1.1 200' in told.out, f'nginx: {told.out[:300]!r} {told.err!r}')


SMTP = [(b'EHLO', b'250-mail\r\n250 STARTTLS\r\n'), (b'STARTTLS', b'220 go\r\n')]


def upgrading(at, greeting, script, behind=b''):
    """A scripted server that speaks plain text, then TLS; of `script`, what it waits for and answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(at.path('www.pem'), at.path('www.key'))

    def serve(c):
        c.sendall(greeting)
        for i, (wanted, answer) in enumerate(script):
            got = b''
            while wanted not in got:
                piece = c.recv(4096)
                if not piece:
                    return
                got += piece
            c.sendall(answer + (behind if i + 1 == len(script) else b''))
        if script[-1][1][:1] in (b'4', b'N'):
            return
        with context.wrap_socket(c, server_side=True) as s:
            s.sendall(b'under TLS')
            while s.recv(4096):
                pass
    return serve


def check_starttls(at, folder_name):
    capture = os.path.join(folder_name, 'starttls.pcapng')
    for protocol, greeting, script in (('smtp', b'220 mail ESMTP\r\n', SMTP),
                                       ('imap', b'* OK ready\r\n', [(b'a1 CAPABILITY', b'* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK\r\n'), (b'a2 STARTTLS', b'a2 OK\r\n')]),
                                       ('pop3', b'+OK ready\r\n', [(b'STLS', b'+OK\r\n')]), ('postgresql', b'', [(b'\x04\xd2\x16/', b'S')]),
                                       ('irc', b'', [(b'STARTTLS', b':mail 670 * :go\r\n')]), ('nntp', b'200 hi\r\n', [(b'STARTTLS', b'382 go\r\n')]),
                                       ('ftp', b'220-two\r\n220 lines\r\n', [(b'AUTH TLS', b'234 go\r\n')])):
        with scripted(upgrading(at, greeting, script)) as port:
            told = client(port, '--ca', at.ca, '--starttls', protocol, '--capture', capture, status=0)
            equal(told.out, 'under TLS', f'{protocol}: {told.err!r}')
        connection = wiretale('read', '--json', capture, status=0).json()[0][0]
        equal((connection.get('starttls'), connection['state']), (protocol, 'established'), f'{protocol}: the capture')
    with scripted(upgrading(at, b'220 mail\r\n', SMTP, b'250 injected\r\n')) as port:
        told = client(port, '--ca', at.ca, '--starttls', 'smtp', status=0)
        check(told.out == 'under TLS' and '14 bytes that came in plain text' in told.err, f'thrown away, and said: {told.out!r} {told.err!r}')
    with scripted(upgrading(at, b'220 mail\r\n', [SMTP[0], (b'STARTTLS', b'454 not now\r\n')])) as port:
        told = client(port, '--ca', at.ca, '--starttls', 'smtp', status=4)
        check('✗ starttls-refused' in told.err and '454 not now' in told.err, f'refused: {told.err!r}')
    with scripted(lambda c: (c.sendall(b'hello\r\n'), time.sleep(1.5))) as port:
        told = client(port, '--starttls', 'smtp', '--timeout', '1', status=4)
        check('✗ starttls-failed' in told.err, f'no answer: {told.err!r}')


def tunnel(c, host, port):
    """Passes bytes both ways until one side ends."""
    with socket.create_connection((host, port)) as s:
        while True:
            ready, _, _ = select.select([c, s], [], [], 20)
            for one in ready:
                data = one.recv(65536)
                if not data:
                    return
                (s if one is c else c).sendall(data)


def check_proxy(at):
    port, server = s_server(at, '-www')

    def http(c):
        head = b''
        while b'\r\n\r\n' not in head:
            head += c.recv(4096)
        check(head.startswith(b'CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n' % (port, port)), f'CONNECT: {head!r}')
        c.sendall(b'HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n')
        tunnel(c, '127.0.0.1', port)

    def socks(c):
        equal(c.recv(3), b'\5\1\0', 'SOCKS: methods')
        c.sendall(b'\5\0')
        request = c.recv(300)
        equal(request, b'\5\1\0\3\x09127.0.0.1' + port.to_bytes(2, 'big'), 'SOCKS: request')
        c.sendall(b'\5\0\0\1\0\0\0\0\0\0')
        tunnel(c, '127.0.0.1', port)

    with server:
        for scheme, serve in (('http', http), ('socks5', socks)):
            with scripted(serve) as through:
                told = client(port, '--ca', at.ca, '--get', '/', '--proxy', f'{scheme}://127.0.0.1:{through}', status=0)
                check(told.out.startswith('HTTP/1.0 200'), f'{scheme}: {told.err!r}')
    for scheme, answer in (('http', b'HTTP/1.1 403 Forbidden\r\n\r\n'), ('socks5', b'\5\xff')):
        with scripted(lambda c, answer=answer: (c.recv(4096), c.sendall(answer), c.recv(100))) as through:
            told = client(port, '--ca', at.ca, '--proxy', f'{scheme}://127.0.0.1:{through}', status=4)
            check('✗ starttls-refused' in told.err, f'{scheme}: {told.err!r}')
    told = client(port, '--proxy', f'http://127.0.0.1:{free_port()}', status=5)
    check('✗ tcp-refused' in told.err, f'no proxy: {told.err!r}')


def main():
    needs('openssl')
    with folder() as name:
        at = Authority(name)
        at.leaf('www')
        check_established(at)
        check_stapled(at)
        check_stamped(at)
        check_untrusted(at)
        check_failed(at)
        check_unreached()
        check_through(at)
        check_records(at, name)
        check_closings(at)
        check_starttls(at, name)
        check_proxy(at)
        check_nginx(at, name)
    done(60)


if __name__ == '__main__':
    main()
