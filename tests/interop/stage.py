"""What every connection needs: ports, certificates, a capture of the loopback, and the two commands of ours."""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tools'))
from peers import LIMIT, NAME, ran  # noqa: E402
from tale import BINARY, CAPTURES, Told  # noqa: E402

PKI = os.path.abspath(os.path.join(CAPTURES, 'pki'))
PORTS = (21000, 22999)
WITHIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'within')
LIBRARIES = os.environ.get('WIRETALE_LIBRARIES', '')  # another system's, with a libcrypto that has ML-KEM
DHE = ('TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_DHE_RSA_WITH_AES_256_GCM_SHA384', 'TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256')


class Trouble(Exception):
    """Something of a case's did not come about: its sentence is the case's result."""


def pki(name):
    return os.path.join(PKI, name)


def ours_for(case):
    """Our command, with a libcrypto that has the case's group."""
    return [WITHIN, LIBRARIES, BINARY] if case.is_hybrid else [BINARY]


def openssl_for(case):
    return [WITHIN, LIBRARIES, os.path.join(LIBRARIES, 'usr', 'bin', 'openssl')] if case.is_hybrid else ['openssl']


def listening():
    """The ports on which somebody listens. Asking the kernel is no connection, which a peer might count."""
    ports = set()
    for table in ('/proc/net/tcp', '/proc/net/tcp6'):
        with contextlib.suppress(OSError), open(table, encoding='ascii') as f:
            ports |= {int(words[1].rsplit(':', 1)[1], 16) for words in map(str.split, list(f)[1:]) if words[3] == '0A'}
    return ports


def await_port(port, process, what):
    end = time.monotonic() + LIMIT
    while port not in listening():
        if process.poll() is not None:
            raise Trouble(f'{what} ended with {process.returncode} before it listened')
        if time.monotonic() > end:
            raise Trouble(f'{what} does not listen')
        time.sleep(0.01)


def stop(process, number=signal.SIGTERM):
    if process.poll() is None:
        process.send_signal(number)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def environment(more=None):
    kept = {k: v for k, v in os.environ.items() if k not in ('SSLKEYLOGFILE', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'LANGUAGE', 'MALLOC_PERTURB_')}
    return {**kept, 'COLUMNS': '1000', 'LC_ALL': 'C.UTF-8', **(more or {})}


def run(command, data=b'', env=None, cwd=None, limit=LIMIT):
    """A program to its end: status, and what it wrote."""
    status, out = ran(command, data, limit, env=environment(env), cwd=cwd)
    if status is None:
        raise Trouble(f'{command[0]} does not end: {out[-300:]!r}')
    return status, out


class Stage:
    """For one peer in one seat: a folder, a key log, a capture of the loopback where that is allowed."""

    def __init__(self, folder):
        self.folder, self.keylog, self.capture = folder, os.path.join(folder, 'keys'), os.path.join(folder, 'loopback.pcap')
        self.port, self.tcpdump, self.complaint, self.captures = PORTS[0] + os.getpid() % 997, None, '', []

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def next_port(self):
        taken = listening()
        for _ in range(PORTS[1] - PORTS[0]):
            self.port = self.port + 1 if self.port < PORTS[1] else PORTS[0]
            if self.port not in taken and self.free(self.port):
                return self.port
        raise Trouble('no port is free')

    @staticmethod
    def free(port):
        with socket.socket() as s, contextlib.suppress(OSError):
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(('', port))
            return True
        return False

    def begin(self, own):
        """Without tcpdump, or the right to use it, the commands' own --capture is read."""
        if own or not shutil.which('tcpdump') or os.geteuid() != 0:
            return
        command = ['tcpdump', '-i', 'lo', '-s', '0', '-B', '32768', '--immediate-mode', '-U', '-Z', 'root', '-w', self.capture, f'tcp portrange {PORTS[0]}-{PORTS[1]}']
        self.tcpdump = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        line = self.tcpdump.stderr.readline()
        if b'listening on' not in line and b'listening on' not in self.tcpdump.stderr.readline():
            stop(self.tcpdump)
            self.tcpdump = None

    def captures_own(self):
        """Options for a command of ours, where the loopback is not captured."""
        if self.tcpdump:
            return []
        self.captures.append(self.path(f'own-{len(self.captures)}.pcapng'))
        return ['--capture', self.captures[-1]]

    def end(self):
        """What an observer sees in the capture: its connections, by the server's port."""
        files = self.captures
        if self.tcpdump:
            time.sleep(0.3)
            stop(self.tcpdump, signal.SIGINT)
            dropped = re.search(rb'(\d+) packets dropped by kernel', self.tcpdump.stderr.read())
            self.tcpdump.stderr.close()
            if dropped and int(dropped[1]):
                self.complaint = f'tcpdump lost {int(dropped[1])} packets'
            files = [self.capture]
        by_port = {}
        for file in files:
            if not os.path.exists(file) or not os.path.getsize(file):
                continue
            options = ['--keylog', self.keylog] if os.path.exists(self.keylog) else []
            told = subprocess.run([BINARY, 'read', '--json', '--verify', 'all', '--ca-file', pki('root.pem'), *options, file], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env=environment(), check=False)
            for connection in Told(told).json()[0]:
                by_port.setdefault(connection['server']['port'], []).append(connection)
        return by_port


# --- our two commands ---


def unsound(err):
    return b'Sanitizer' in err or b'runtime error' in err


def ours(case, groups):
    words = ['--versions', case.version, '--json', '--groups', ','.join(groups)]
    if case.version == '1.2' and case.is_ffdhe:
        words += ['--suites', ','.join(DHE)]
    return words


def speak(words, echoes):
    """Our client to its end. One that waits for an echo is given time for it before its input ends."""
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    if echoes:
        process.stdin.write(b'hello\n')
        process.stdin.flush()
        time.sleep(2)
    try:
        out, err = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        raise Trouble(f'wiretale client does not end: {process.communicate()[1][-300:]!r}') from None
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def connect(stage, case, port, first=None, echoes=False):
    """wiretale client, once or twice; what its observer and itself say of each connection. A server that echoes is sent a
    line in place of a request."""
    session, said = stage.path(f'session-{port}'), []
    words = [*ours_for(case), 'client', f'{NAME}:{port}', '--connect', f'127.0.0.1:{port}', '--ca', pki('root.pem'), '--keylog', stage.keylog]
    words += [] if echoes else ['--get', '/']
    words += ours(case, case.groups(first))
    if case.client:
        words += ['--cert', pki(case.client + '.chain.pem'), '--key', pki(case.client + '.key')]
    if case.resumption:
        words += ['--session', session]
    for _ in range(case.count):
        done = speak(words + stage.captures_own(), echoes)
        if done.returncode not in (0, 1, 3, 4, 5) or unsound(done.stderr):
            raise Trouble(f'wiretale client: exit status {done.returncode}: {done.stderr[-2000:]!r}')
        items = [json.loads(line) for line in done.stdout.splitlines()]
        said.append(({i['type']: i for i in items}, done.returncode))
    return said


@contextlib.contextmanager
def serve(stage, case, www=None):
    """wiretale server until the end of the block; gives its port, and a list for what its observer says, which is filled
    afterwards."""
    port, told = stage.next_port(), []
    words = [*ours_for(case), 'server', '--listen', '127.0.0.1', '--port', str(port), '--timeout', str(LIMIT), '--cert', pki(case.certificate + '.chain.pem'), '--key', pki(case.certificate + '.key'),
             '--keylog', stage.keylog, *ours(case, case.server_groups()), *stage.captures_own(), *(['--www', www] if www else [])]
    if case.client:
        words += ['--verify-client', '--ca', pki('client-ca.pem')]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(process.stdout.readlines()), daemon=True)
    reader.start()
    try:
        try:
            await_port(port, process, 'wiretale server')
        except Trouble as e:
            raise Trouble(f'{e}: {process.stderr.read()[-300:] if process.poll() is not None else b""!r}') from None
        yield port, told
    finally:
        stop(process)
        reader.join(LIMIT)
        err = process.stderr.read()
        process.stdout.close()
        process.stderr.close()
        told += [item for item in map(json.loads, lines) if item['type'] == 'connection']
    if process.returncode != 0 or unsound(err):
        raise Trouble(f'wiretale server: exit status {process.returncode}: {err[-2000:]!r}')


# --- peers' programs ---


@contextlib.contextmanager
def program(stage, command, port, env=None, cwd=None, stdin=subprocess.DEVNULL):
    """A peer that serves at a port until the end of the block. Gives a function that tells what it wrote."""
    log = stage.path(f'log-{port}')
    with open(log, 'wb') as out:
        process = subprocess.Popen([str(word) for word in command], stdin=stdin, stdout=out, stderr=subprocess.STDOUT, env=environment(env), cwd=cwd)

    def written():
        with open(log, encoding='utf-8', errors='replace') as f:
            return f.read()
    try:
        try:
            await_port(port, process, command[0])
        except Trouble as e:
            raise Trouble(f'{e}: {written()[-300:]!r}') from None
        yield written
    finally:
        stop(process)
        if process.stdin:
            process.stdin.close()
