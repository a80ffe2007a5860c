"""Peers for the commands that speak TLS: certificates made for a test, programs that serve on the loopback, and scripted
ones. All of it ends with the test."""
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from tale import BINARY, Told, check, fail

NAME = 'www.example.com'
LIMIT = 30  # seconds: for whatever is waited for


def built(path):
    """What runs a program of the build: one that was made for another machine may need an emulator."""
    return [*os.environ.get('MESON_EXE_WRAPPER', '').split(), path]


def needs(*programs):
    """Skips the whole test where one of them is not installed."""
    for program in programs:
        if not shutil.which(program):
            print(f'needs {program}')
            sys.exit(77)


def enter_namespace(*programs):
    """This program again, as root in a network namespace where nobody else sends anything; skips where there is none."""
    if os.environ.get('WIRETALE_NAMESPACE'):
        subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
        return
    if os.geteuid() != 0:
        print('needs root, to capture and to make a network namespace')
        sys.exit(77)
    needs('unshare', 'ip', *programs)
    if subprocess.run(['unshare', '-n', 'true'], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print('no network namespaces here')
        sys.exit(77)
    os.environ['WIRETALE_NAMESPACE'] = 'yes'
    os.execvp('unshare', ['unshare', '-n', sys.executable, *sys.argv])


def openssl(*arguments, cwd):
    subprocess.run(['openssl', *arguments], cwd=cwd, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


class Authority:
    """An authority in a folder of its own: ca.pem, and NAME.pem and NAME.key for each leaf."""

    def __init__(self, folder, name='example root'):
        self.folder = folder
        self.key(self.path('ca.key'))
        openssl('req', '-x509', '-key', 'ca.key', '-out', 'ca.pem', '-days', '3650', '-subj', f'/CN={name}', '-addext', 'basicConstraints=critical,CA:TRUE',
                '-addext', 'keyUsage=critical,keyCertSign,cRLSign', cwd=folder)
        self.ca = self.path('ca.pem')

    def path(self, name):
        return os.path.join(self.folder, name)

    def key(self, path, kind='ec'):
        parameters = {'ec': ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], 'rsa': ['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], 'ed25519': ['ED25519']}[kind]
        openssl('genpkey', '-algorithm', *parameters, '-out', path, cwd=self.folder)

    def leaf(self, file, names=(NAME, 'localhost'), days=300, usage='serverAuth', kind='ec', must_staple=False, addresses=('127.0.0.1',)):
        """Its certificate and key."""
        key, request, out = self.path(file + '.key'), self.path(file + '.csr'), self.path(file + '.pem')
        self.key(key, kind)
        with open(self.path(file + '.ext'), 'w', encoding='ascii') as f:
            f.write('subjectAltName=' + ','.join(['DNS:' + n for n in names] + ['IP:' + a for a in addresses]) + f'\nextendedKeyUsage={usage}\n')
            f.write('tlsfeature=status_request\n' if must_staple else '')
        openssl('req', '-new', '-key', key, '-out', request, '-subj', f'/CN={names[0]}', cwd=self.folder)
        openssl('x509', '-req', '-in', request, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', str(days), '-extfile',
                self.path(file + '.ext'), '-out', out, cwd=self.folder)
        return out, key

    def staple(self, file, out):
        """An OCSP response that says that a leaf is good, for a day."""
        told = subprocess.run(['openssl', 'x509', '-in', self.path(file + '.pem'), '-noout', '-serial'], check=True, stdout=subprocess.PIPE)
        serial = told.stdout.decode().strip().split('=')[1]
        with open(self.path('index'), 'w', encoding='ascii') as f:
            f.write(f'V\t491231235959Z\t\t{serial}\tunknown\t/CN={NAME}\n')
        openssl('ocsp', '-index', 'index', '-CA', 'ca.pem', '-rsigner', 'ca.pem', '-rkey', 'ca.key', '-issuer', 'ca.pem', '-cert', file + '.pem', '-respout', out, '-ndays', '1',
                cwd=self.folder)


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def reachable(port):
    with contextlib.suppress(OSError):
        with socket.create_connection(('127.0.0.1', port), timeout=1):
            return True
    return False


@contextlib.contextmanager
def program(*arguments, port=None, cwd=None, **keywords):
    """A program that serves, until the end of the block; with a port, from when it listens there."""
    keywords = {'stdin': subprocess.DEVNULL, 'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL, **keywords}
    process = subprocess.Popen(arguments, cwd=cwd, **keywords)
    try:
        end = time.monotonic() + LIMIT
        while port and not reachable(port) and time.monotonic() < end and process.poll() is None:
            time.sleep(0.02)
        if port and process.poll() is not None:
            fail(f'{arguments}: ended with {process.returncode}')
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()


def ran(command, data=b'', limit=LIMIT, **keywords):
    """A program to its end: its exit status, None when it had to be killed, and what it wrote. Its standard input stays open
    until then: in TLS 1.2 a client that says close_notify need not get an answer to what it has sent before. RFC 5246, 7.2.1:
    "The other party MUST respond with a close_notify alert of its own and close down the connection immediately, discarding
    any pending writes." """
    process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **keywords)
    late = []
    timer = threading.Timer(limit, lambda: (late.append(True), process.kill()))
    timer.start()
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(data)
        process.stdin.flush()
    out = process.stdout.read()
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    process.wait()
    timer.cancel()
    process.stdout.close()
    return None if late else process.returncode, out.decode('utf-8', 'replace')


def output(*command, data=b'', limit=LIMIT):
    """What a program writes."""
    return ran(command, data, limit)[1]


@contextlib.contextmanager
def scripted(serve, count=1):
    """Runs serve(connection) in a thread for each of `count` connections; gives the port. What it raises is a failure."""
    listening = socket.socket()
    listening.bind(('127.0.0.1', 0))
    listening.listen()
    listening.settimeout(LIMIT)

    def work():
        for _ in range(count):
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(LIMIT)
                try:
                    serve(connection)
                except OSError as e:
                    print(f'(scripted peer: {e})')

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()
        thread.join(LIMIT)


def client(port, *arguments, data=b'', status=None, host=NAME, env=None):
    """wiretale client to a port of the loopback, as if it were `host`."""
    environment = {**os.environ, 'COLUMNS': '1000', 'LC_ALL': 'C.UTF-8', **(env or {})}
    for name in ('SSLKEYLOGFILE', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'LANGUAGE'):
        environment.pop(name, None)
    command = [BINARY, 'client', f'{host}:{port}', '--connect', f'127.0.0.1:{port}', *arguments]
    try:
        told = Told(subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT, env=environment, check=False))
    except subprocess.TimeoutExpired as e:
        fail(f'{arguments}: no end: {e.stderr!r}')
        return Told(subprocess.CompletedProcess([], -1, e.stdout or b'', e.stderr or b''))
    if status is not None:
        check(told.status == status, f'client {arguments}: exit status {told.status}, not {status}: {told.err[-800:]}')
    check('Sanitizer' not in told.err and 'runtime error' not in told.err, f'client {arguments}: {told.err[:2000]}')
    return told


def folder():
    return tempfile.TemporaryDirectory(prefix='wiretale-test-')
