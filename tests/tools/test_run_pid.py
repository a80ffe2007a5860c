#!/usr/bin/env python3
"""wiretale run --pid: a program that runs already is listened to; it goes on as if nobody did, and nobody else's keys come out.

On the loopback of a network namespace that this test has for itself."""
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'preload'))
from test_preload import Server, lines_of  # noqa: E402
from peers import enter_namespace  # noqa: E402
from tale import BINARY, check, done, equal  # noqa: E402

ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ('SSLKEYLOGFILE', 'LD_PRELOAD', 'NODE_OPTIONS')} | {'COLUMNS': '100', 'LC_ALL': 'C.UTF-8'}
STATIC = os.environ.get('TALK_STATIC')
PYTHON = '/usr/bin/python3'
LIMIT = 60

# Says what it has to say with the port that each line of its input has; "hold" keeps a connection, "use" speaks on it.
CLIENT = '''
import socket, ssl, subprocess, sys, threading
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
context.keylog_filename = sys.argv[1]
def connect(port):
    return context.wrap_socket(socket.create_connection(('127.0.0.1', int(port))), server_hostname='x')
def one(port):
    with connect(port) as tls:
        tls.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n')
        while tls.recv(4096): pass
print('ready', flush=True)
for line in sys.stdin:
    what, *words = line.split()
    if what == 'one':
        one(*words)
    elif what == 'threads':
        all = [threading.Thread(target=one, args=words) for _ in range(6)]
        [t.start() for t in all]; [t.join() for t in all]
    elif what == 'fork':
        # a grandchild whose parent is gone
        subprocess.run([sys.executable, '-c', 'import os, sys, time\\nif os.fork(): os._exit(0)\\ntime.sleep(.3); os.execv(sys.argv[1], sys.argv[1:])',
                        sys.executable, __file__, sys.argv[1]], input='one ' + words[0] + '\\n', text=True, stdout=subprocess.DEVNULL)
    elif what == 'hold':
        held = connect(*words)
    elif what == 'use':
        held.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n')
        while held.recv(4096): pass
    elif what == 'run':
        subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    print('done', flush=True)
'''

SERVER = '''
import os, socket, ssl, sys, threading
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
listener = socket.create_server(('127.0.0.1', 0))
def serve():
    while True:
        peer = listener.accept()[0]
        try:
            with context.wrap_socket(peer, server_side=True) as tls:
                tls.recv(4096)
                tls.sendall(b'HTTP/1.0 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhello')
                tls.unwrap()
        except (OSError, ValueError): pass
for _ in range(2):
    if os.fork() == 0: break
for _ in range(2): threading.Thread(target=serve).start()
if os.getppid() == int(sys.argv[3]): print(listener.getsockname()[1], flush=True)
'''

GO = '''package main
import ("bufio"; "crypto/tls"; "fmt"; "io"; "os")
func main() {
    fmt.Println("ready")
    for in := bufio.NewScanner(os.Stdin); in.Scan(); {
        c, err := tls.Dial("tcp", "127.0.0.1:"+in.Text()[4:], &tls.Config{InsecureSkipVerify: true})
        if err != nil { fmt.Println(err); continue }
        c.Write([]byte("GET / HTTP/1.0\\r\\n\\r\\n"))
        io.ReadAll(c)
        c.Close()
        fmt.Println("done")
    }
}
'''


class Target:
    """A program that runs, and does what it is told."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT, text=True)
        self.pid = self.process.pid
        TARGETS.append(self)
        equal(self.process.stdout.readline(), 'ready\n', f'{command}: it runs')

    def tell(self, *words):
        self.process.stdin.write(' '.join(map(str, words)) + '\n')
        self.process.stdin.flush()
        equal(self.process.stdout.readline(), 'done\n', f'{words}: the target goes on')

    def end(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()


TARGETS = []


def python(name):
    return Target(PYTHON, os.path.join(WORK, 'client.py'), os.path.join(WORK, name + '.keys'))


class Listener:
    def __init__(self, pid, *words, prefix=()):
        self.temporary = tempfile.mkdtemp(dir=WORK)
        os.chmod(self.temporary, 0o777)
        self.process = subprocess.Popen([*prefix, BINARY, 'run', '--pid', str(pid), *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, env={**ENVIRONMENT, 'TMPDIR': self.temporary}, start_new_session=True)
        self.first = self.process.stderr.readline()
        if 'no keys can be had' in self.first:
            self.first += self.process.stderr.readline()

    def end(self, number=signal.SIGINT):
        time.sleep(0.3)  # for the last packets
        if number:
            self.process.send_signal(number)
        try:
            self.out, err = self.process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.out, err = self.process.communicate()
            check(False, f'{self.process.args}: no end within {LIMIT} s')
        self.err, self.status = self.first + err, self.process.returncode
        check('Sanitizer' not in self.err and 'runtime error' not in self.err, self.err[:2000])
        equal([name for name in os.listdir(self.temporary) if name.startswith('wiretale-run')], [], 'nothing is left behind')
        return self


def library_code(pid):
    """What the process has in memory of libssl's code, and what the file has."""
    with open(f'/proc/{pid}/maps', encoding='utf-8') as f:
        line = next(line for line in f if 'r-xp' in line and 'libssl.so' in line)
    begin, end = (int(n, 16) for n in line.split()[0].split('-'))
    with open(f'/proc/{pid}/mem', 'rb') as memory, open(line.split()[-1], 'rb') as file:
        memory.seek(begin)
        file.seek(int(line.split()[2], 16))
        n = end - begin
        read = file.read(n)
        return memory.read(n)[:len(read)], read


def check_library(server):
    """A program with the system's libssl, which has no symbols; another one with the same file, before and meanwhile."""
    target, other = python('target'), python('other')
    target.tell('hold', server.port)
    held = set(lines_of(os.path.join(WORK, 'target.keys')))
    shared = tempfile.mkdtemp(dir=WORK)
    run = Listener(target.pid, '--keep', os.path.join(shared, 'kept'), '--json', '-o', '-', '-w', os.path.join(shared, 'out.pcapng'))
    check(f'listening beside python3 (pid {target.pid})' in run.first, f'it says that it listens: {run.first!r}')
    memory, file = library_code(target.pid)
    equal(sum(a != b for a, b in zip(memory, file)), 1, 'one probe in libssl')
    for _ in range(2):
        target.tell('one', server.port)
        other.tell('one', server.port)
    target.tell('threads', server.port)
    other.tell('threads', server.port)
    target.tell('fork', server.port)
    time.sleep(1.5)
    target.tell('use')
    run.end()
    mine = {random: lines for random, lines in lines_of(os.path.join(WORK, 'target.keys')).items() if random not in held}
    equal(len(mine), 9, 'connections of the target, its threads and what it has started')
    got = lines_of(os.path.join(shared, 'kept', 'probes.keys'))
    check(got == mine, f'lines of {sorted(got)}, not {sorted(mine)}')
    equal(set(got) & set(lines_of(os.path.join(WORK, 'other.keys'))), set(), 'no key of the other one')
    stories = [json.loads(line) for line in run.out.splitlines()]
    connections = [c for c in stories if c['type'] == 'connection']
    equal(sorted(c.get('decryption', 'none') for c in connections), ['keylog'] * 9 + ['none'], f'connections: {run.err[:800]}')
    equal(run.status, 0, f'exit status: {run.err[:500]}')
    check('decrypted with its own keys (uprobes)' in run.err and 'their handshake was before wiretale came' in run.err, f'the summary: {run.err[:800]!r}')
    memory, file = library_code(target.pid)
    check(memory == file, 'no probe is left')
    told = subprocess.run([BINARY, 'read', '--json', os.path.join(shared, 'out.pcapng')], stdout=subprocess.PIPE, check=True, env=ENVIRONMENT)
    equal(sorted(json.loads(line).get('decryption', '') for line in told.stdout.splitlines()).count('dsb'), 9, 'the capture opens itself')
    equal((target.end(), other.end()), (0, 0), 'both end well')


def check_go(server):
    source = os.path.join(WORK, 'client.go')
    with open(source, 'w', encoding='ascii') as f:
        f.write(GO)
    environment = {**os.environ, 'GOCACHE': os.path.join(WORK, 'go-cache'), 'GOFLAGS': '-mod=mod', 'GO111MODULE': 'off', 'GOTOOLCHAIN': 'local'}
    program = os.path.join(WORK, 'go-client')
    built = subprocess.run(['go', 'build', '-ldflags=-s -w', '-o', program, source], env=environment, cwd=WORK, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if not check(built.returncode == 0, f'go build: {built.stdout[-500:]}'):
        return
    target, other = Target(program), Target(program)
    run = Listener(target.pid, '--lines')
    target.tell('one', server.port)
    other.tell('one', server.port)
    target.tell('one', server.port)
    run.end(signal.SIGTERM)
    check(re.search(r'2 connections of go-client \(pid \d+\), 2 decrypted with its own keys \(uprobes\)', run.err), f'Go: {run.err[:600]!r}')
    check('1 other TLS connection passed' in run.err, f'the other one is counted: {run.err[:600]!r}')
    equal((run.status, target.end(), other.end()), (0, 0, 0), 'Go: all end well')


def check_held(program, server):
    """While a uprobe is where a breakpoint of another run would be: that one says so, leaves it, and its program runs."""
    told = subprocess.run([BINARY, 'run', '--no-isolate', '--', program, str(server.port), 'plain'], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True, env={**ENVIRONMENT, 'TMPDIR': WORK}, timeout=LIMIT, check=False)
    equal(told.returncode, 0, f'{program}: beside a probe: {told.stderr[:600]!r}')
    check("1 stayed encrypted: somebody else's probe is where its secrets pass" in told.stderr, f'{program}: beside a probe: {told.stderr[:800]!r}')


def check_static(server):
    """What the target starts while it is listened to, from a place that only its mount namespace has. A probe is of a file: others
    who are at the same one, as the test of breakpoints, would not be stopped where it is."""
    static, stripped = os.path.join(WORK, 'static'), os.path.join(WORK, 'stripped')
    shutil.copy(STATIC, static)
    subprocess.run(['strip', '-o', stripped, STATIC], check=True)
    for program in (static, stripped):
        target = python('starter')
        run = Listener(target.pid)
        for _ in range(3):  # the first may be over before its file was looked at
            target.tell('run', program, server.port, 'plain')
            time.sleep(0.3)
        check_held(program, server)
        run.end()
        decrypted = re.findall(r'(\d+) decrypted with its own keys', run.err)
        check(sum(map(int, decrypted)) >= 2, f'{program}: {run.err[:800]!r}')
        equal((run.status, target.end()), (0, 0), f'{program}: all end well')


def check_server(server):
    """A server that has forked, with threads."""
    leaf = os.path.dirname(server.ca)
    process = subprocess.Popen([PYTHON, '-c', SERVER, os.path.join(leaf, 'leaf.pem'), os.path.join(leaf, 'leaf.key'), str(os.getpid())], stdout=subprocess.PIPE, text=True,
                               start_new_session=True)
    try:
        port, client = int(process.stdout.readline()), python('client')
        run = Listener(process.pid)
        check('and 2 processes' in run.first or 'and 3 processes' in run.first, f'processes: {run.first!r}')
        for _ in range(4):
            client.tell('threads', port)
        run.end()
        decrypted = [int(n) for n in re.findall(r'(\d+) decrypted with its own keys \(uprobes\)', run.err)]
        equal((sum(decrypted), run.status), (24, 0), f'a server: {run.err[:900]!r}')
        equal(client.end(), 0, 'its client ends well')
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def check_ends(server):
    target = python('ending')
    run = Listener(target.pid)
    target.tell('one', server.port)
    target.end()
    run.end(None)
    equal((run.status, '1 decrypted' in run.err), (0, True), f'the target ends: {run.err[:400]!r}')
    target = python('timeout')
    run = Listener(target.pid, '--timeout', '1')
    run.end(None)
    check(run.status == 0 and 'no TLS connection' in run.err, f'--timeout: {run.err[:300]!r}')
    run = Listener(target.pid)
    run.process.kill()
    run.process.communicate()
    end = time.monotonic() + 20
    while time.monotonic() < end and [name for name in os.listdir(run.temporary) if name.startswith('wiretale-run')]:
        time.sleep(0.05)
    equal([name for name in os.listdir(run.temporary) if name.startswith('wiretale-run')], [], 'killed: the folder is gone')
    target.tell('one', server.port)
    memory, file = library_code(target.pid)
    check(memory == file, 'killed: no probe is left')
    equal(target.end(), 0, 'killed: the target is well')


def check_network():
    """A process with a network of its own."""
    leaf = os.path.join(WORK, 'inner')
    os.mkdir(leaf)
    script = f'''import subprocess, sys
subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
sys.path[:0] = {sys.path!r}
from test_preload import Server
import ssl
server = Server({leaf!r}, ssl.TLSVersion.TLSv1_3)
print('ready', flush=True)
context = ssl.create_default_context(cafile=server.ca)
for line in sys.stdin:
    import socket
    with context.wrap_socket(socket.create_connection(('127.0.0.1', server.port)), server_hostname='www.example.com') as tls:
        tls.sendall(b'x')
        while tls.recv(4096): pass
    print('done', flush=True)
'''
    os.environ.setdefault('KEYS_LIBRARY', '')
    target = Target('unshare', '-n', PYTHON, '-c', script)
    run = Listener(target.pid)
    with open(os.path.join(WORK, 'inner-told'), 'w', encoding='ascii'):
        target.tell('one')
    run.end()
    check('1 decrypted' in run.err, f'another network: {run.err[:600]!r}')
    target.process.kill()


def refused(words, status, pattern, prefix=()):
    told = subprocess.run([*prefix, BINARY, 'run', *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=LIMIT, env=ENVIRONMENT, check=False)
    check(told.returncode == status and re.search(pattern, told.stderr) and told.stderr.count('\n') == 1, f'{words}: {told.returncode} {told.stderr!r}')


def check_refused():
    for word in ('0', '-1', 'x', '', '1x', '4194305', '99999999999999999999'):
        refused([f'--pid={word}'], 2, '--pid')
    refused(['--pid', '4194304'], 125, 'there is no such process')
    refused(['--pid', '2'], 125, 'that is a thread of the kernel') if kernel_thread() else None
    target = python('refused')
    refused(['--pid', str(target.pid), '--', 'true'], 2, 'the program that is to be started')
    refused(['--pid', str(target.pid), '--isolate'], 2, 'has its network already')
    refused(['--pid', str(target.pid), '--forward', '80'], 2, 'has its network already')
    refused(['--pid', str(target.pid), '--no-trace'], 2, '--no-trace is for programs that are started')
    refused(['--pid', str(target.pid)], 125, "it is another user's: run wiretale as root", prefix=('setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'))
    target.end()
    # a shell becomes wiretale, and keeps its number
    told = subprocess.run(['sh', '-c', f'exec {BINARY} run --pid $$'], stderr=subprocess.PIPE, text=True, env=ENVIRONMENT, check=False)
    check(told.returncode == 125 and 'that is wiretale itself' in told.stderr, f'itself: {told.stderr!r}')
    with subprocess.Popen(['true']) as gone:
        os.waitid(os.P_PID, gone.pid, os.WEXITED | os.WNOWAIT)
        refused(['--pid', str(gone.pid)], 125, 'it has ended')


def kernel_thread():
    try:
        with open('/proc/2/comm', encoding='ascii') as f:
            return f.read() == 'kthreadd\n'
    except OSError:
        return False


def skip_without_probes():
    with subprocess.Popen(['sleep', '30']) as sleeping:
        run = Listener(sleeping.pid)
        sleeping.kill()
        run.end(None)
    if 'listening beside' not in run.first or 'no keys can be had' in run.first:
        print('skipped:', run.first)
        sys.exit(77)


if __name__ == '__main__':
    enter_namespace('setpriv', 'openssl')
    if not os.path.exists(PYTHON):
        print('needs the system\'s Python')
        sys.exit(77)
    with tempfile.TemporaryDirectory() as WORK:
        os.chmod(WORK, 0o755)
        with open(os.path.join(WORK, 'client.py'), 'w', encoding='ascii') as f:
            f.write(CLIENT)
        try:
            check_refused()
            skip_without_probes()
            SERVER_13 = Server(tempfile.mkdtemp(dir=WORK), ssl.TLSVersion.TLSv1_3)
            check_library(SERVER_13)
            if shutil.which('go'):
                check_go(SERVER_13)
            if STATIC:
                check_static(SERVER_13)
            check_server(SERVER_13)
            check_ends(SERVER_13)
            check_network()
        finally:
            for one in TARGETS:
                one.process.kill()
    sys.exit(done())
