"""What tests of `wiretale run` have in common: a place of their own, with a server on the loopback and a way out that leads
nowhere; and runs as root, beside which it listens, or as `nobody`, who gets a network of his own by pasta."""
import contextlib
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from peers import Authority
from tale import BINARY, check

NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']
LIBRARY = os.path.join(os.path.dirname(BINARY), 'preload', 'libwiretale-keys.so')
GATEWAY = '192.0.2.1'
LIMIT = 60
WORK = PROGRAM = SERVER = None  # while there is a place
PYTHON = '/usr/bin/python3'  # that `nobody` may run
# A sanitizer reports leaks through ptrace, and has its own way to die.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ('SSLKEYLOGFILE', 'LD_PRELOAD', 'NODE_OPTIONS')} | {'COLUMNS': '100', 'LC_ALL': 'C.UTF-8'}


class Server:
    """HTTPS: GET /n answers n bytes, after as long as a network takes: a socket that nobody looks at while it is open names no process."""

    def __init__(self, authority):
        authority.leaf('server', ('www.example.com',))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(authority.path('server.pem'), authority.path('server.key'))
        self.listener = socket.create_server(('0.0.0.0', 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        try:
            with self.context.wrap_socket(connection, server_side=True) as tls:
                request = tls.recv(4096).decode()
                time.sleep(0.05)
                body = b'x' * int(re.match(r'GET /(\d+)', request)[1])
                tls.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' % (len(body), body))
        except (OSError, TypeError):
            pass


class Run:
    """One run, as the user whose prefix that is."""

    def __init__(self, prefix, *words, env=None, stdin=subprocess.DEVNULL, wait=True, folder=None):
        self.temporary = folder or tempfile.mkdtemp(dir=WORK)
        os.chmod(self.temporary, 0o777)
        self.process = subprocess.Popen([*prefix, PROGRAM, 'run', *words], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env={**ENVIRONMENT, 'TMPDIR': self.temporary, **(env or {})}, start_new_session=True)
        if wait:
            self.end()

    def end(self):
        try:
            out, err = self.process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            check(False, f'{self.process.args}: no end within {LIMIT} s')
        self.out, self.err, self.status = out.decode(), err.decode(), self.process.returncode
        check('Sanitizer' not in self.err and 'runtime error' not in self.err, self.err[:2000])
        return self

    def left(self):
        return [name for name in os.listdir(self.temporary) if name.startswith('wiretale-run')]


def curl(host, size=100):
    return ['curl', '-sk', '--max-time', '20', f'https://{host}:{SERVER.port}/{size}']


def until(so, seconds=20):
    end = time.monotonic() + seconds
    while not so() and time.monotonic() < end:
        time.sleep(0.05)
    return so()


def processes_with(word):
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/cmdline', 'rb') as f:
                command = f.read()
        except OSError:
            continue
        if word.encode() in command and int(pid) != os.getpid():
            found.append(pid)
    return found


STATIC = r"""
#include <openssl/ssl.h>
int main(int argc, char **argv)
{
    char answer[4096];
    BIO *bio = BIO_new_ssl_connect(SSL_CTX_new(TLS_client_method()));
    BIO_set_conn_hostname(bio, argv[argc - 1]);
    if (BIO_do_connect(bio) <= 0 || BIO_puts(bio, "GET /5 HTTP/1.0\r\n\r\n") <= 0)
        return 1;
    while (BIO_read(bio, answer, sizeof answer) > 0)
        ;
    return 0;
}
"""


def static_client():
    source, path = os.path.join(WORK, 'static.c'), os.path.join(WORK, 'static')
    with open(source, 'w', encoding='ascii') as f:
        f.write(STATIC)
    if subprocess.run(['gcc', '-static', '-o', path, source, '-lssl', '-lcrypto', '-ldl', '-lpthread'], stderr=subprocess.DEVNULL, check=False).returncode:
        print('without a static client: there is no libssl.a')
        return None
    return path


def route():
    """pasta copies addresses and routes of the interface that leads out: here to nowhere."""
    for words in (['tuntap', 'add', 'out', 'mode', 'tap'], ['address', 'add', '192.0.2.2/24', 'dev', 'out'], ['link', 'set', 'out', 'up'], ['route', 'add', 'default', 'via', GATEWAY]):
        subprocess.run(['ip', *words], check=True)


def needs_own_network():
    """A container may forbid what pasta needs."""
    for words in (['unshare', '--user', '--net', 'true'], ['test', '-r', '/dev/net/tun', '-a', '-w', '/dev/net/tun']):
        if subprocess.run([*NOBODY, *words], stderr=subprocess.DEVNULL, check=False).returncode:
            print('skipped: needs user namespaces and /dev/net/tun for everybody')
            sys.exit(77)


@contextlib.contextmanager
def place():
    """In a network namespace that nobody else is in (peers.enter_namespace)."""
    global WORK, PROGRAM, SERVER
    needs_own_network()
    route()
    with tempfile.TemporaryDirectory() as WORK:
        os.chmod(WORK, 0o755)
        PROGRAM = shutil.copy(BINARY, WORK)  # where `nobody` may read it
        if os.path.exists(LIBRARY):
            shutil.copy(LIBRARY, WORK)
        SERVER = Server(Authority(tempfile.mkdtemp(dir=WORK)))
        yield
