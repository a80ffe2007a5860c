#!/usr/bin/env python3
"""wiretale server against the clients of others and its own: what it serves, what it says, and how it ends."""
import contextlib
import json
import os
import re
import select
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import threading
import time
from peers import LIMIT, NAME, client, folder, free_port
from tale import BINARY, check, done, equal, fail, wiretale


@contextlib.contextmanager
def serving(at, *arguments, make=NAME):
    """A server with an authority of its own in `at`; gives its port, and afterwards what it said (as attributes)."""
    class Said:
        port, out, err, status, stopped = 0, '', '', None, False
    said = Said()
    environment = {**os.environ, 'COLUMNS': '1000', 'LC_ALL': 'C.UTF-8'}
    for name in ('SSLKEYLOGFILE', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'LANGUAGE', 'MALLOC_PERTURB_'):
        environment.pop(name, None)
    made = ['--make', make, '-o', os.path.join(at, make)] if make else []
    process = subprocess.Popen([BINARY, 'server', *made, '--port', '0', '--listen', '127.0.0.1', *arguments], cwd=at, env=environment,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out = []
    reader = threading.Thread(target=lambda: out.append(process.stdout.read()), daemon=True)
    reader.start()
    line = process.stderr.readline().decode()
    found = re.search(r'listening on port (\d+)', line)
    said.err = line
    try:
        if not found:
            fail(f'server {arguments}: {line!r}')
        else:
            said.port = int(found[1])
            said.process = process
            yield said
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.5 if '--limit' in arguments else 0)
        if process.poll() is None and not said.stopped:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            fail(f'server {arguments}: does not end')
            process.kill()
            process.wait()
        reader.join(LIMIT)
        said.err += process.stderr.read().decode()
        said.out = (out[0] if out else b'').decode()
        said.status = process.returncode
        process.stdout.close()
        process.stderr.close()
        check('Sanitizer' not in said.err and 'runtime error' not in said.err, f'server {arguments}: {said.err[:2000]}')
        equal(said.status, 0, f'server {arguments}: exit status, after {said.err[-300:]!r}')


def ca(at, make=NAME):
    return os.path.join(at, make, 'ca.pem')


def connected(at, port, name=NAME, **keywords):
    context = ssl.create_default_context(cafile=ca(at, name))
    for key, value in keywords.items():
        setattr(context, key, value)
    return context.wrap_socket(socket.create_connection(('127.0.0.1', port), timeout=LIMIT), server_hostname=name)


def ask(s, request):
    """The head and the body of an answer that has a length."""
    s.sendall(request)
    got = b''
    while b'\r\n\r\n' not in got:
        piece = s.recv(65536)
        if not piece:
            return got.decode(), b''
        got += piece
    head, body = got.split(b'\r\n\r\n', 1)
    length = int(re.search(rb'Content-Length: (\d+)', head)[1]) if not request.startswith(b'HEAD') else 0
    while len(body) < length:
        piece = s.recv(65536)
        if not piece:
            break
        body += piece
    return head.decode(), body


def check_make(at):
    """Two commands from nothing to a handshake; the second time the same authority."""
    with serving(at) as said:
        line = said.process.stderr.readline().decode()
        words = line.split(': ', 1)[1].split()
        equal(words[:2], ['wiretale', 'client'], "the client's line")
        told = subprocess.run([BINARY, *words[1:]], cwd=at, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=LIMIT)
        equal(told.returncode, 0, f'it works: {told.stderr!r}')
        check(b'TLS 1.3, TLS_AES_128_GCM_SHA256, x25519, http/1.1, www.example.com' in told.stdout, f'it is told what was agreed on: {told.stdout!r}')
    check(re.search(r'^127\.0\.0\.1:\d+ ✓ TLS 1\.3, TLS_AES_128_GCM_SHA256, x25519, http/1\.1, www\.example\.com; \d+\.\d ms$', said.out, re.M), f'one line: {said.out!r}')
    modes = {name: stat.S_IMODE(os.stat(os.path.join(at, NAME, name)).st_mode) for name in os.listdir(os.path.join(at, NAME))}
    equal(modes, {'ca.pem': 0o644, 'chain.pem': 0o644, 'ca-key.pem': 0o600, 'key.pem': 0o600}, 'modes')
    with open(ca(at), 'rb') as f:
        before = f.read()
    with serving(at) as said:
        client(said.port, '--ca', ca(at), status=0)
    with open(ca(at), 'rb') as f:
        equal(f.read(), before, 'what is there is used')
    for name in ('::1', '*.example.net', 'a' * 64 + '.example', 'a b', ''):
        with serving(at, make=name) if name in ('::1', '*.example.net') else contextlib.nullcontext() as said:
            if not said:
                told = wiretale('server', '--make', name, '-o', os.path.join(at, 'x'), status=2)
                check('--make' in told.err, f'--make {name!r}: {told.err!r}')
            else:
                client(said.port, '--ca', ca(at, name), host='[::1]' if name == '::1' else 'www.example.net', status=0)


def check_www(at):
    www = os.path.join(at, 'www')
    os.makedirs(os.path.join(www, 'sub'))
    large = os.urandom(3000000)
    for name, data in (('index.html', b'<p>start'), ('sub/index.html', b'<p>below'), ('a b.txt', b'blank'), ('empty.css', b''), ('large.bin', large)):
        with open(os.path.join(www, name), 'wb') as f:
            f.write(data)
    with open(os.path.join(at, 'secret'), 'wb') as f:
        f.write(b'secret')
    os.symlink('../secret', os.path.join(www, 'link'))
    os.symlink('..', os.path.join(www, 'up'))
    os.mkfifo(os.path.join(www, 'pipe'))
    with serving(at, '--www', www) as said:
        with connected(at, said.port) as s:
            for path, status, kind, body in ((b'/', '200', 'text/html', b'<p>start'), (b'/sub/', '200', 'text/html', b'<p>below'), (b'/a%20b.txt?x=1', '200', 'text/plain', b'blank'),
                                             (b'/empty.css', '200', 'text/css', b''), (b'/large.bin', '200', 'application/octet-stream', large), (b'/none', '404', '', None),
                                             (b'/sub', '404', '', None), (b'/pipe', '404', '', None), (b'/link', '403', '', None), (b'/up/secret', '40', '', None),
                                             (b'/../secret', '400', '', None), (b'/sub/../../secret', '400', '', None), (b'/%2e%2e/secret', '400', '', None),
                                             (b'/sub/..%2f..%2fsecret', '400', '', None), (b'//etc/passwd', '400', '', None), (b'/%00', '400', '', None), (b'/%zz', '400', '', None)):
                head, got = ask(s, b'GET ' + path + b' HTTP/1.1\r\nHost: ' + NAME.encode() + b'\r\n\r\n')
                check(head.startswith('HTTP/1.1 ' + status), f'{path}: {head[:60]!r}')
                check(kind in head and 'secret' not in got.decode('latin-1')[:100], f'{path}: {head!r}')
                if body is not None:
                    check(got == body, f'{path}: {len(got)} bytes')
            head, got = ask(s, b'HEAD /large.bin HTTP/1.1\r\n\r\n')
            check('Content-Length: 3000000' in head and got == b'', f'HEAD: {head!r}')
            head, _ = ask(s, b'DELETE / HTTP/1.1\r\n\r\n')
            check(head.startswith('HTTP/1.1 405'), f'DELETE: {head!r}')
            s.sendall(b'GET / HTTP/1.1\r\n\r\nGET /sub/ HTTP/1.1\r\nConnection: close\r\n\r\n')
            got = b''
            while True:
                piece = s.recv(65536)
                if not piece:
                    break
                got += piece
            check(b'<p>start' in got and got.endswith(b'<p>below') and b'Connection: close' in got, f'two requests at once, and the end: {got!r}')
        for request in (b'nonsense\r\n\r\n', b'GET / HTTP/1.1\r\nX: ' + b'x' * 9000 + b'\r\n\r\n'):
            with connected(at, said.port) as s:
                head, _ = ask(s, request)
                check(head.startswith('HTTP/1.1 4') and 'Connection: close' in head, f'{request[:20]}: {head!r}')
        if shutil.which('curl'):
            told = subprocess.run(['curl', '-sS', '--cacert', ca(at), '--resolve', f'{NAME}:{said.port}:127.0.0.1', f'https://{NAME}:{said.port}/large.bin'], check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT)
            check(told.stdout == large, f'curl: {len(told.stdout)} bytes, {told.stderr!r}')
        told = client(said.port, '--ca', ca(at), '--get', '/sub/', status=0)
        check(told.out.endswith('<p>below'), f'our own client: {told.out!r} {told.err!r}')


def both_ways(s, data):
    """Sends and receives in one thread: two must not use one connection of ssl at once."""
    s.setblocking(False)
    got, sent = b'', 0
    while len(got) < len(data):
        before = len(got), sent
        with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
            if sent < len(data):
                sent += s.send(data[sent:sent + 16384])
        with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
            piece = s.recv(65536)
            if not piece:
                break
            got += piece
        if before == (len(got), sent) and not any(select.select([s], [s] if sent < len(data) else [], [], LIMIT)):
            break
    return got


def check_echo(at):
    """Both ways at once, more than any buffer holds; with the clients of others."""
    data = os.urandom(1000000)
    with serving(at, '--echo') as said:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with connected(at, said.port, maximum_version=version) as s:
                got = both_ways(s, data)
                check(got == data, f'{version}: {len(got)} bytes come back')
        told = client(said.port, '--ca', ca(at), data=b'Q\nR\n' * 50000, status=0)
        check(told.out == 'Q\nR\n' * 50000, f'our own client: {len(told.out)} characters, {told.err!r}')
        if shutil.which('gnutls-cli'):
            told = subprocess.run(['gnutls-cli', '--logfile', '/dev/null', '--x509cafile', ca(at), '--sni-hostname', NAME, '--verify-hostname', NAME, '-p', str(said.port), '127.0.0.1'],
                                  input=b'from gnutls\n', check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT)
            equal(told.returncode, 0, f'gnutls-cli: {told.stderr[-300:]!r}')
        told = subprocess.run(['openssl', 's_client', '-connect', f'127.0.0.1:{said.port}', '-CAfile', ca(at), '-verify_return_error', '-servername', NAME, '-tls1_2'],
                              input=b'', check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT) if shutil.which('openssl') else None
        check(not told or told.returncode == 0, f's_client: {told and told.stderr[-300:]!r}')


def check_relay(at):
    listening = socket.create_server(('127.0.0.1', 0))

    def upper():
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                while True:
                    data = connection.recv(65536)
                    if not data:
                        break
                    connection.sendall(data.upper())
                connection.sendall(b'BYE')

    thread = threading.Thread(target=upper, daemon=True)
    thread.start()
    with serving(at, '--proxy-to', f'127.0.0.1:{listening.getsockname()[1]}') as said:
        for _ in range(2):
            told = client(said.port, '--ca', ca(at), data=b'hello ' * 30000, status=0)
            check(told.out == 'HELLO ' * 30000 + 'BYE', f'through to the plain service: {len(told.out)} characters, {told.err!r}')
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(LIMIT)
    with serving(at, '--proxy-to', f'127.0.0.1:{free_port()}') as said:
        client(said.port, '--ca', ca(at), data=b'x')
    check('no connection to the service' in said.err, f'no service: {said.err!r}')
    told = wiretale('server', '--make', NAME, '-o', os.path.join(at, NAME), '--proxy-to', 'no-such-name.invalid:80', status=2)
    check('no-such-name.invalid has no address' in told.err, f'looked up before anybody waits: {told.err!r}')


def check_slow_relay(at):
    """A service that does not answer is waited for by its own connection alone; where a name has several addresses, the next is tried."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(('127.0.0.1', 0))
        full.listen(0)
        for s in (first, second):  # what would come after them is not answered
            s.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                s.connect(full.getsockname())
        with serving(at, '--proxy-to', f'127.0.0.1:{full.getsockname()[1]}') as said:
            begun = time.monotonic()
            waiting = [connected(at, said.port) for _ in range(3)]
            for s in waiting:
                s.sendall(b'x')
            with connected(at, said.port) as other:
                check(other.version() == 'TLSv1.3', 'another handshake meanwhile')
            check(time.monotonic() - begun < 3, f'nobody waits for the service: {time.monotonic() - begun:.1f} s')
            for s in waiting:
                s.settimeout(LIMIT)
                equal(s.recv(10), b'', 'the service has not answered')
                s.close()
            check(4 < time.monotonic() - begun < 15, f'it was waited for: {time.monotonic() - begun:.1f} s')
        check(said.err.count('no answer') >= 3, f'what was wrong: {said.err!r}')
    with socket.create_server(('127.0.0.1', 0)) as listening:
        with serving(at, '--proxy-to', f'localhost:{listening.getsockname()[1]}') as said, connected(at, said.port) as s:
            s.sendall(b'to whichever address')
            listening.settimeout(LIMIT)
            with listening.accept()[0] as behind:
                behind.settimeout(LIMIT)
                equal(behind.recv(100), b'to whichever address', 'of several addresses the one that answers')


def check_clients(at):
    """Certificates of clients: asked for, and verified."""
    with serving(at, make='me.example'):
        pass
    mine = ['--cert', os.path.join(at, 'me.example', 'chain.pem'), '--key', os.path.join(at, 'me.example', 'key.pem')]
    for version in ('1.2', '1.3'):
        with serving(at, '--verify-client', '--ca', ca(at, 'me.example')) as said:
            told = client(said.port, '--ca', ca(at), '--get', '/', '--versions', version, *mine, status=0)
            check('200 OK' in told.out, f'with a certificate: {told.out!r}')
            told = client(said.port, '--ca', ca(at), '--get', '/', '--versions', version)
            check(told.status in (1, 4) and 'client-certificate-missing' in told.err, f'without one: {told.status} {told.err!r}')
        check(', client certificate of me.example;' in said.out and '✗ client-certificate-missing' in said.out, f'TLS {version}: {said.out!r}')
    with serving(at, '--verify-client=optional', '--ca', ca(at, 'me.example')) as said:
        client(said.port, '--ca', ca(at), '--get', '/', status=0)


def check_names(at):
    """Several certificates, by the name that the client asks for; the first for all others."""
    with serving(at, make='other.example'):
        pass
    pairs = [o for name in (NAME, 'other.example') for o in ('--cert', os.path.join(at, name, 'chain.pem'), '--key', os.path.join(at, name, 'key.pem'))]
    with serving(at, *pairs, make=None) as said:
        client(said.port, '--ca', ca(at), host=NAME, status=0)
        client(said.port, '--ca', ca(at, 'other.example'), host='other.example', status=0)
        told = client(said.port, '--ca', ca(at), host='third.example', status=3)
        check('certificate-host-mismatch' in told.err, f'another name: {told.err!r}')


def check_records(at):
    keylog, capture = os.path.join(at, 'server.keys'), os.path.join(at, 'server.pcapng')
    with serving(at, '--json', '--limit', '2', '--keylog', keylog, '--capture', capture) as said:
        client(said.port, '--ca', ca(at), '--get', '/', status=0)
        client(said.port, status=3)
    told = [json.loads(line) for line in said.out.splitlines()]
    equal([(c['type'], c['state']) for c in told], [('connection', 'established'), ('connection', 'failed')], '--json')
    equal(stat.S_IMODE(os.stat(keylog).st_mode), 0o600, 'key log: mode')
    connections, _ = wiretale('read', '--json', capture, status=0).json()
    equal([(c['state'], c.get('decryption')) for c in connections], [('established', 'dsb'), ('failed', 'dsb')], 'capture, read back')
    with serving(at, '--story', '--limit', '1') as said:
        client(said.port, '--ca', ca(at), status=0)
    check('ClientHello' in said.out and 'Finished' in said.out, f'--story: {said.out[:300]!r}')


def check_many(at):
    """Idle connections cost little; a slow one costs the others nothing; TERM ends them in order."""
    count = 200
    with serving(at, '--timeout', '60') as said:
        def kib():
            with open(f'/proc/{said.process.pid}/status', encoding='ascii') as f:
                return int(re.search(r'VmRSS:\s+(\d+)', f.read())[1])
        silent = socket.create_connection(('127.0.0.1', said.port))
        open_ = [connected(at, said.port)]
        before = kib()
        open_ += [connected(at, said.port) for _ in range(count)]
        each = (kib() - before) / count
        if os.environ.get('HARDENED', 'no') != 'no':
            check(each < 20, f'{each:.1f} KiB for each idle connection')
        head, _ = ask(open_[0], b'GET / HTTP/1.1\r\n\r\n')
        check(head.startswith('HTTP/1.1 200'), 'the first one is still served')
        said.process.send_signal(signal.SIGTERM)
        said.stopped = True
        open_[0].settimeout(LIMIT)
        equal(open_[0].recv(1), b'', 'ended in order: close_notify, or recv() would raise')
        for s in [silent, *open_]:
            s.close()
    equal(said.out.count('✓'), count + 1, 'a line for each')
    with serving(at, '--timeout', '1', '--limit', '1') as said:
        with socket.create_connection(('127.0.0.1', said.port)) as s:
            s.settimeout(LIMIT)
            equal(s.recv(1), b'', 'silent for too long: closed')
    check('did not finish its handshake in time' in said.out, f'and said: {said.out!r}')


def check_wrong(at):
    with serving(at) as said:
        told = wiretale('server', '--make', NAME, '-o', os.path.join(at, NAME), '--listen', '127.0.0.1', '--port', str(said.port), status=1)
        check('Address already in use' in told.err, f'a port that is taken: {told.err!r}')
        client(said.port, '--ca', ca(at), status=0)


def main():
    with folder() as at:
        check_make(at)
        check_www(at)
        check_echo(at)
        check_relay(at)
        check_slow_relay(at)
        check_clients(at)
        check_names(at)
        check_records(at)
        check_many(at)
        check_wrong(at)
    done(60)


if __name__ == '__main__':
    main()
