#!/usr/bin/env python3
"""Programs that bring their own TLS, stopped where their secrets pass: what is read there is what the server has, and the
programs do what they do when nobody looks."""
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'preload'))
from test_preload import Server, counts, lines_of  # noqa: E402
from peers import NAME, folder  # noqa: E402
from tale import check, done, equal  # noqa: E402

CHILD = os.environ['TRACE_CHILD']
FEW, TASKS = os.environ['TRACE_FEW'], 6  # with TOOL_TRACE_TASKS of so many
TALK, STATIC = os.environ.get('TALK'), os.environ.get('TALK_STATIC')
OTHER, LIBRARY, POINTS, NAMELESS = range(4)
FILES = 256  # TOOL_TRACE_FILES


class Traced:
    count = 0

    def __init__(self, at):
        Traced.count += 1
        self.keys = os.path.join(at, f'{Traced.count}.keys')

    def start(self, *command, env=None, tracer=CHILD, **options):
        options = {'stdin': subprocess.DEVNULL, 'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, **options}
        return subprocess.Popen([tracer, self.keys, *command], env={**os.environ, **(env or {})}, **options)

    def run(self, *command, env=None, tracer=CHILD, **options):
        with self.start(*command, env=env, tracer=tracer, **options) as process:
            out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def lines(self):
        return lines_of(self.keys)

    def seen(self):
        """Path: kind, armed, lines."""
        with open(self.keys + '.seen', encoding='utf-8') as f:
            rows = [line.rstrip('\n').split(' ', 3) for line in f]
        return {os.path.realpath(path): (int(kind), int(armed), int(lines)) for kind, armed, lines, path in rows}


def compare(at, server, name, *command, connections=1, status=0, wanted=POINTS, program=None, **options):
    """The program alone and traced; the lines are the server's."""
    plain = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    equal(plain.returncode, status, f'{name}, alone: {plain.stderr[-500:]}')
    before = set(server.lines())
    traced = Traced(at)
    got, out, err = traced.run(*command, **options)
    equal((got, out, err), (plain.returncode, plain.stdout, plain.stderr), f'{name}: exit status and words')
    after = server.lines()
    mine = {random: after[random] for random in after if random not in before}
    equal(len(mine), connections, f'{name}: connections')
    lines = traced.lines()
    # a server of OpenSSL's has secrets that Go and others never derive
    lines, mine = ({random: {line for line in of[random] if not line.startswith('EXPORTER')} for random in of} for of in (traced.lines(), mine))
    if wanted != POINTS:
        mine = {}
    check(lines == mine, f'{name}: lines of {counts(lines)}, not {counts(mine)}')
    seen = traced.seen().get(os.path.realpath(program or shutil.which(command[0])))
    check(seen and seen[0] == wanted and bool(seen[1]) == (wanted == POINTS), f'{name}: seen as {seen}')
    return traced


# --- static OpenSSL ---

def check_static(at, servers):
    for version, server in servers.items():
        compare(at, server, f'static, {version}', STATIC, str(server.port), 'plain')
        compare(at, server, f'static with threads, {version}', STATIC, str(server.port), 'threads', connections=8)
        compare(at, server, f'static, forks, {version}', STATIC, str(server.port), 'forked', connections=2)
        compare(at, server, f'static from a shell, {version}', 'sh', '-c', f'{STATIC} {server.port} plain; {STATIC} {server.port} plain & wait; exit 3',
                connections=2, status=3, program=STATIC)
    server = servers['TLS 1.3']
    stripped = os.path.join(at, 'stripped')
    subprocess.run(['strip', '-o', stripped, STATIC], check=True)
    compare(at, server, 'static and stripped', stripped, str(server.port), 'plain')
    if obscure(stripped):
        compare(at, server, 'static, stripped, by another compiler', stripped, str(server.port), 'plain', wanted=NAMELESS)
    # without the function that has all, the two that have it between them
    renamed = os.path.join(at, 'renamed')
    subprocess.run(['objcopy', '--redefine-sym', 'nss_keylog_int=inlined', STATIC, renamed], check=True)
    compare(at, server, 'without the name of nss_keylog_int', renamed, str(server.port), 'threads', connections=8)
    obscure(renamed)
    for version, server in servers.items():
        compare(at, server, f'without nss_keylog_int, {version}', renamed, str(server.port), 'threads', connections=8)


def obscure(program):
    """ssl_log_secret() does the same in other instructions, which are not known: push 32; pop rcx. False: it is none of these."""
    with open(program, 'rb') as f:
        code = f.read()
    was = b'\xb9\x20\0\0\0\x48\x89\xc6\xe9'  # mov ecx,32; mov rsi,rax; jmp
    if code.count(was) != 1:
        return False
    with open(program, 'wb') as f:
        f.write(code.replace(was, b'\x6a\x20\x59\x90\x90' + was[5:]))
    return True


# --- Go ---

GO = '''package main

import ("crypto/tls"; "crypto/x509"; "fmt"; "io"; "os"; "os/exec"; "strconv"; "sync")

func one(port string, roots *x509.CertPool) error {
    c, err := tls.Dial("tcp", "127.0.0.1:"+port, &tls.Config{RootCAs: roots, ServerName: "NAME"})
    if err != nil { return err }
    defer c.Close()
    if _, err = c.Write([]byte("x")); err != nil { return err }
    _, err = io.ReadAll(c)
    return err
}

func main() {
    pem, _ := os.ReadFile(os.Args[2])
    roots := x509.NewCertPool()
    roots.AppendCertsFromPEM(pem)
    n, _ := strconv.Atoi(os.Args[3])
    if len(os.Args) > 4 {
        if out, err := exec.Command(os.Args[4], os.Args[5:]...).CombinedOutput(); err != nil { fmt.Println(string(out), err); os.Exit(1) }
    }
    var all sync.WaitGroup
    failed := 0
    for i := 0; i < n; i++ {
        all.Add(1)
        go func() {
            defer all.Done()
            if err := one(os.Args[1], roots); err != nil { fmt.Println(err); failed = 1 }
        }()
    }
    all.Wait()
    fmt.Println("done", n)
    os.Exit(failed)
}
'''.replace('NAME', NAME)


def go_builds(at):
    source = os.path.join(at, 'client.go')
    with open(source, 'w', encoding='ascii') as f:
        f.write(GO)
    # ./check gives the tests of both its builds one cache: Go's own library is most of what is compiled
    environment = {'GOCACHE': os.path.join(at, 'go-cache'), **os.environ, 'GOFLAGS': '-mod=mod', 'GO111MODULE': 'off', 'GOTOOLCHAIN': 'local'}
    for name, options, more in (('plain', [], {}), ('stripped', ['-ldflags=-s -w'], {}), ('pie', ['-buildmode=pie'], {}),
                                ('pie and stripped', ['-buildmode=pie', '-ldflags=-s -w'], {}), ('without cgo', [], {'CGO_ENABLED': '0'}),
                                ('linked by gcc, stripped', ['-ldflags=-linkmode=external -s -w'], {'CGO_ENABLED': '1'}),
                                ('linked by gcc, pie, stripped', ['-buildmode=pie', '-ldflags=-linkmode=external -s -w'], {'CGO_ENABLED': '1'})):
        program = os.path.join(at, 'go-' + name.replace(' ', '-').replace(',', ''))
        built = subprocess.run(['go', 'build', *options, '-o', program, source], env={**environment, **more}, cwd=at,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if check(built.returncode == 0, f'go build, {name}: {built.stdout[-500:]}'):
            yield name, program


def check_go(at, servers):
    for name, program in go_builds(at):
        for version, server in servers.items():
            compare(at, server, f'Go, {name}, {version}', program, str(server.port), server.ca, '1')
        server = servers['TLS 1.3']
        compare(at, server, f'Go, {name}, 50 at a time', program, str(server.port), server.ca, '50', connections=50)
    server = servers['TLS 1.3']
    compare(at, server, 'Go that starts Go', program, str(server.port), server.ca, '1', program, str(server.port), server.ca, '2', connections=3)
    bare = os.path.join(at, 'go-no-sections')
    strip_sections(program, bare)
    compare(at, server, 'Go without sections', bare, str(server.port), server.ca, '1')


def strip_sections(program, to):
    """The table of sections is of use to nobody who runs it."""
    with open(program, 'rb') as f:
        data = bytearray(f.read())
    data[40:48] = bytes(8)
    data[58:64] = bytes(6)
    with open(to, 'wb') as f:
        f.write(data)
    os.chmod(to, 0o755)


# --- life ---

def state(pid):
    with open(f'/proc/{pid}/stat', encoding='ascii', errors='replace') as f:
        return f.read().rsplit(')', 1)[1].split()[0]


def exe(pid):
    try:
        return os.readlink(f'/proc/{pid}/exe')
    except OSError:
        return None


def wait_until(so, what):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if so():
            return True
        time.sleep(0.01)
    return check(False, what)


def children(pid):
    try:
        with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as f:
            return [int(p) for p in f.read().split()]
    except OSError:
        return []


SIGNALS = '''
import os, signal, sys, time
def got(number, frame):
    print('got', number, flush=True)
    if number == signal.SIGTERM:
        sys.exit(7)
for number in (signal.SIGUSR1, signal.SIGTRAP, signal.SIGTERM, signal.SIGCONT):
    signal.signal(number, got)
print('ready', flush=True)
while True:
    time.sleep(0.05)
'''


def check_signals(at):
    """Signals go through, SIGTRAP as well; a stop stops, and is undone."""
    with Traced(at).start(sys.executable, '-c', SIGNALS) as process:
        equal(process.stdout.readline(), b'ready\n', 'the child has begun')
        child = children(process.pid)[0]
        for number in (signal.SIGUSR1, signal.SIGTRAP):
            os.kill(child, number)
            equal(process.stdout.readline(), f'got {number.value}\n'.encode(), 'a signal')
        os.kill(child, signal.SIGSTOP)
        wait_until(lambda: state(child) in 'tT', 'it stops')
        time.sleep(0.2)
        check(state(child) in 'tT', 'and stays so')
        os.kill(child, signal.SIGCONT)
        equal(process.stdout.readline(), b'got 18\n', 'it goes on')
        os.kill(child, signal.SIGTERM)
        equal(process.stdout.readline(), b'got 15\n', 'it is told to end')
        equal(process.wait(20), 7, 'its exit status')
    for number in (signal.SIGKILL, signal.SIGSEGV):
        equal(Traced(at).run('sh', '-c', f'kill -{number.value} $$')[0], 128 + number, 'dies by a signal')
    equal(Traced(at).run('sh', '-c', 'exit 41')[0], 41, 'exit status')
    equal(Traced(at).run('/nonexistent/program')[0], 127, 'no such program')


def check_many(at):
    """Children in great number, and threads that come and go while the process is replaced."""
    got, out, _ = Traced(at).run('sh', '-c', 'i=0; while [ $i -lt 300 ]; do /bin/true & i=$((i+1)); done; wait; echo all')
    equal((got, out), (0, b'all\n'), 'three hundred children')
    got, out, _ = Traced(at).run(sys.executable, '-c', '''
import os, threading, time
for i in range(20): threading.Thread(target=time.sleep, args=(10,), daemon=True).start()
threading.Thread(target=lambda: os.execvp("echo", ["echo", "replaced"])).start()
time.sleep(10)
''')
    equal((got, out), (0, b'replaced\n'), 'execve() by a thread')


def check_files(at):
    """More programs than are read in one run (TOOL_TRACE_FILES): those that come later run as well, and are not told of."""
    place = os.path.join(at, 'many')
    os.mkdir(place)
    for i in range(FILES + 10):
        shutil.copy('/bin/true', os.path.join(place, str(i)))
    traced = Traced(at)
    got, out, err = traced.run('sh', '-c', f'cd {place} && i=0; while [ $i -lt {FILES + 10} ]; do ./$i || exit 9; i=$((i+1)); done; echo all')
    equal((got, out, err), (0, b'all\n', b''), 'hundreds of programs')
    equal(len(traced.seen()), FILES, 'programs that were looked at')


def check_tasks(at, server):
    """More threads than are remembered (TOOL_TRACE_TASKS): programs that begin then run as well, without breakpoints; threads and
    forks of one that has them have them, too."""
    for others, lines in ((TASKS - 2, True), (TASKS - 1, False)):  # and the shell, and the client
        traced = Traced(at)
        got, out, err = traced.run('sh', '-c', f'i=0; while [ $i -lt {others} ]; do sleep 60 & p="$p $!"; i=$((i+1)); done; '
                                    f'for q in $p; do while read c < /proc/$q/comm && [ "$c" != sleep ]; do :; done; done; {STATIC} {server.port} plain; s=$?; kill $p; wait; exit $s', tracer=FEW)
        equal((got, out, err), (0, b'', b''), f'{others} others: exit status and words')
        equal(len(traced.lines()), int(lines), f'{others} others: connections with lines')
    for way, connections in (('threads', 8), ('forked', 2)):
        compare(at, server, f'few, {way}', STATIC, str(server.port), way, connections=connections, tracer=FEW)


def check_end(at, server):
    """It lets go of what runs on, and what runs on does well; and whoever is killed takes the child along."""
    program = STATIC or TALK
    got, out, err = Traced(at).run('sh', '-c', f'sleep 1; {program} {server.port} threads && echo well', env={'TRACE_FOR': '300'})
    equal((got, out), (0, b'well\n'), f'goes on untraced: {err}')
    # a program that has its library beside it is let go of, hence not TALK
    stays = [STATIC, '0', 'stay'] if STATIC else [shutil.which('sleep'), '60']
    with Traced(at).start(*stays) as process:
        wait_until(lambda: [exe(child) for child in children(process.pid)] == [os.path.realpath(stays[0])], 'the child runs')
        child = children(process.pid)[0]
        wait_until(lambda: state(child) == 'S', 'the child sleeps')
        process.kill()
        process.wait()
    wait_until(lambda: not os.path.exists(f'/proc/{child}') or state(child) == 'Z', 'it is gone as well')


def main():
    if not TALK:
        print('without libssl: nothing to trace')
        sys.exit(77)
    with folder() as at:
        servers = {}
        for version, most in (('TLS 1.3', ssl.TLSVersion.TLSv1_3), ('TLS 1.2', ssl.TLSVersion.TLSv1_2)):
            place = os.path.join(at, version.replace(' ', ''))
            os.mkdir(place)
            servers[version] = Server(place, most)
        traced = Traced(at)
        if b'not traced' in traced.run('true')[2]:
            print('tracing is not allowed here')
            sys.exit(77)
        check_signals(at)
        check_many(at)
        check_files(at)
        check_end(at, servers['TLS 1.3'])
        compare(at, servers['TLS 1.3'], 'linked with libssl', TALK, str(servers['TLS 1.3'].port), 'plain', wanted=LIBRARY)
        if STATIC:
            check_static(at, servers)
            check_tasks(at, servers['TLS 1.3'])
        if shutil.which('go'):
            check_go(at, servers)
    sys.exit(done())


if __name__ == '__main__':
    main()
