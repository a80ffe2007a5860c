#!/usr/bin/env python3
"""wiretale run where much is missing or forbidden, and with programs that go their own ways: the program runs as it does
without, and what cannot be had is said.

Missing programs, signals, descriptors, forks and an unset environment are in test_run.py."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import runs
from peers import enter_namespace
from runs import GATEWAY, NOBODY, PYTHON, Run, curl, processes_with, until
from tale import check, done, equal

DROP = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']
URLLIB = '''
import ssl, sys, urllib.request
c = ssl.create_default_context(); c.check_hostname = False; c.verify_mode = ssl.CERT_NONE
print(len(urllib.request.urlopen(sys.argv[1], context=c).read()))
'''


def forbidden(*calls):
    return [PYTHON, os.path.join(runs.WORK, 'forbid.py'), *calls, '--']


def place_for_all():
    folder = tempfile.mkdtemp(dir=runs.WORK)
    os.chmod(folder, 0o777)
    return folder


# --- programs ---

def check_without_tls(prefix, host, *way):
    run = Run(prefix, *way, 'true')
    check(run.status == 0 and run.err.startswith('wiretale: no TLS connection of true\n'), f'{way}: nothing at all: {run.err!r}')
    with subprocess.Popen([PYTHON, '-m', 'http.server', '8080', '--bind', '0.0.0.0'], cwd=runs.WORK, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        until(lambda: subprocess.run(['curl', '-s', 'http://127.0.0.1:8080/'], stdout=subprocess.DEVNULL, check=False).returncode == 0)
        run = Run(prefix, *way, '--', 'curl', '-s', f'http://{host}:8080/')
        server.kill()
    check(run.status == 0 and 'no TLS connection of curl' in run.err and '<html' in run.out.lower(), f'{way}: HTTP without TLS: {run.status} {run.err[:500]!r}')


def check_dropped(host):
    """Root's program that becomes somebody else: he can write keys down, and his libraries do not fail of a key log."""
    url = f'https://{host}:{runs.SERVER.port}/33'
    for way in (('--isolate',),) if host == GATEWAY else ((),):
        keep = os.path.join(place_for_all(), 'kept')
        for options in ([], ['--keep', keep]):
            for name, words, wanted in (('setpriv', [*DROP, *curl(host, 33)], 'x' * 33), ('setpriv, Python', [*DROP, PYTHON, '-c', URLLIB, url], '33\n'),
                                        ('su', ['su', '-s', '/bin/sh', 'nobody', '-c', ' '.join(curl(host, 33))], 'x' * 33)):
                if options and name != 'setpriv':
                    continue
                run = Run([], *way, *options, '--', *words)
                equal((run.status, run.out), (0, wanted), f'{way}: gives up its rights by {name}: {run.err[:500]!r}')
                check('1 decrypted with its own keys' in run.err, f'{way}: keys of {name}: {run.err[:500]!r}')
                equal(run.left(), [], f'{way}: left by {name}')
        with open(os.path.join(keep, 'environment.keys'), encoding='ascii') as f:
            check('CLIENT_TRAFFIC_SECRET_0' in f.read(), f'{way}: they are kept')
        equal({oct(os.stat(os.path.join(keep, n)).st_mode & 0o077) for n in os.listdir(keep)}, {'0o0'}, f'{way}: for its owner alone')
    # nobody else reads them, nor finds them
    run = Run([], '--', 'sh', '-c', 'ls -ld "${SSLKEYLOGFILE%/*/*}" "${SSLKEYLOGFILE%/*}" "$SSLKEYLOGFILE"; ' + ' '.join(DROP) + ' sh -c \'cat "$SSLKEYLOGFILE"; ls "${SSLKEYLOGFILE%/*/*}"; ls "${SSLKEYLOGFILE%/*}"; echo $?\'')
    equal([line.split()[0] for line in run.out.splitlines()], ['drwx--x--x', 'drwx--x--x', '-rw--w--w-', '2'], 'who may do what with the key log')


def check_time(prefix, *way):
    """Whatever it has started has to end as well, even if it does not want to."""
    stubborn = f'{PYTHON} -c "import signal,socket,time; signal.signal(15,1); s=socket.socket(); s.bind((\'127.0.0.1\',0)); s.listen(); time.sleep(48.15)"'
    begun = time.monotonic()
    run = Run(prefix, *way, '--timeout', '3', '--', 'sh', '-c', f'{stubborn} >/dev/null 2>&1 & sleep 1; exit 4')
    check(run.status == 4 and 3 <= time.monotonic() - begun < 25, f'{way}: --timeout for what it has started: {run.status}')
    check(until(lambda: not processes_with('48.15')), f'{way}: it has ended: {processes_with("48.15")}')
    run = Run(prefix, *way, '--timeout', '1', '--', 'sh', '-c', f'{stubborn} >/dev/null 2>&1 & sleep 30')
    check(run.status == 143 and until(lambda: not processes_with('48.15')), f'{way}: the program heeds it, its child does not: {run.status} {processes_with("48.15")}')


def check_children(prefix, host, *way):
    script = f'i=0; while [ $i -lt 1000 ]; do /bin/true & i=$((i+1)); done; wait; {" ".join(curl(host))}'
    run = Run(prefix, *way, '--', 'sh', '-c', script)
    check(run.status == 0 and run.out == 'x' * 100 and '1 decrypted' in run.err, f'{way}: a thousand children: {run.status} {run.err[:500]!r}')
    # of the shell's own, which cost less than a program each, and wait for the end of a pipe
    script = f'sleep 3 | {{ exec 3<&0; i=0; while [ $i -lt 1000 ]; do (read -r _ <&3; :) & i=$((i+1)); done; {" ".join(curl(host))}; wait; }}'
    run = Run(prefix, *way, '--', 'sh', '-c', script)
    check(run.status == 0 and run.out == 'x' * 100 and '1 decrypted' in run.err, f'{way}: a thousand at the same time: {run.status} {run.err[:500]!r}')


def check_garbage(prefix, host, *way):
    script = ('import os,sys; f=open(os.environ["SSLKEYLOGFILE"],"ab"); f.write(b"\\0\\xff"*3000+b"\\n"+b"CLIENT_RANDOM "+b"0"*200000+b"\\n# fine\\nCLIENT_RANDOM 00 00\\n\\r\\n\\xe2\\x82\\n"); f.close(); '
              'os.execvp(sys.argv[1], sys.argv[1:])')
    run = Run(prefix, *way, '--', PYTHON, '-c', script, *curl(host))
    check(run.status == 0 and run.out == 'x' * 100 and '1 decrypted' in run.err, f'{way}: garbage in the key log: {run.status} {run.err[:500]!r}')
    run = Run(prefix, *way, '--', 'sh', '-c', f'rm "$SSLKEYLOGFILE"; {" ".join(curl(host))}')
    check(run.status == 0 and run.out == 'x' * 100 and '1 decrypted' in run.err, f'{way}: it removes its key log: {run.status} {run.err[:500]!r}')
    run = Run(prefix, *way, '--', 'sh', '-c', f'rm -r "${{SSLKEYLOGFILE%/*}}"; {" ".join(curl(host))}')
    check(run.out == 'x' * 100 and run.status == 1, f'{way}: it removes the folder, so that the report is incomplete: {run.status} {run.err[:500]!r}')


# --- the system ---

def check_ptrace(prefix, host, static, *way):
    prefix = ['env', f'ASAN_OPTIONS={os.environ.get("ASAN_OPTIONS", "")}:detect_leaks=0', *prefix]  # which takes ptrace itself
    for calls in (['ptrace'], ['process_vm_readv']):
        run = Run([*forbidden(*calls), *prefix], *way, '--', *curl(host))
        check(run.status == 0 and '1 decrypted' in run.err and 'ptrace' not in run.err, f'{way}: without {calls}: {run.status} {run.err[:500]!r}')
    if static:
        run = Run([*forbidden('ptrace'), *prefix], *way, '--', static, f'{host}:{runs.SERVER.port}')
        check(run.status == 0 and '1 stayed encrypted' in run.err and 'ptrace is forbidden' in re.sub(r'\s+', ' ', run.err), f'{way}: ptrace is forbidden: {run.status} {run.err[:500]!r}')
        run = Run(NOBODY, '--no-trace', '--', static, f'{GATEWAY}:{runs.SERVER.port}')
        check(run.status == 0 and 'without --no-trace' in run.err, f'{way}: --no-trace is named: {run.status} {run.err[:500]!r}')


def check_container():
    """No user namespaces, by the number that the system allows or by a filter; no place for files; neither memfd."""
    limit = ['unshare', '-Urm', 'sh', '-c', 'echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set -all --inh-caps -all "$@"', 'sh']
    for name, prefix in (('max_user_namespaces', [*NOBODY, *limit]), ('seccomp', [*NOBODY, *forbidden('unshare')])):
        run = Run(prefix, 'sh', '-c', 'echo here; exit 4')
        check((run.status, run.out) == (4, 'here\n') and 'nothing is captured' in run.err and run.err.count('\n') == 1, f'{name}: {run.status} {run.out!r} {run.err!r}')
        run = Run(prefix, '--isolate', 'echo', 'here')
        check((run.status, run.out, run.err.count('\n')) == (125, '', 1), f'{name}, --isolate: {run.status} {run.out!r} {run.err!r}')
    nowhere = ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs -o ro none /tmp && mount -t tmpfs -o ro none /dev/shm && mount -t tmpfs -o ro none /var/tmp && exec "$@"', 'sh']
    program = shutil.copy(runs.PROGRAM, '/')
    try:
        for prefix in ([], NOBODY):
            for words, wanted in ((['sh', '-c', 'echo here; exit 4'], (4, 'here\n')), (['sh', '-c', 'kill $$'], (143, '')), (['/no/such'], (127, '')), (['/etc/passwd'], (126, ''))):
                told = subprocess.run([*nowhere, *prefix, program, 'run', '--', *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**runs.ENVIRONMENT, 'TMPDIR': '/no/such'}, check=False)
                equal((told.returncode if told.returncode >= 0 else 128 - told.returncode, told.stdout.decode()), wanted, f'{words} where nothing can be written: {told.stderr[-300:]}')
                check(b'nothing is captured' in told.stderr, f'{words}: that is said: {told.stderr[-300:]}')
    finally:
        os.unlink(program)


def check_closed(prefix, host, *way):
    """Without standard input, output and error of its own."""
    out = os.path.join(place_for_all(), 'out')
    for closed in ('<&-', '>&-', '2>&-', '<&- >&- 2>&-'):
        command = f'exec "$@" {closed}'
        run = Run(['sh', '-c', command, 'sh', *prefix], *way, '--', 'curl', '-sk', '-o', out, f'https://{host}:{runs.SERVER.port}/44')
        equal((run.status, os.path.getsize(out)), (0, 44), f'{way}: {closed}: {run.err[:500]!r}')
        check('2>' in closed or '1 decrypted' in run.err, f'{way}: {closed}: {run.err[:500]!r}')
        os.unlink(out)


def check_resolved():
    """systemd-resolved listens on this machine's 127.0.0.53, and says elsewhere whom it asks itself."""
    stub, asked = (os.path.join(runs.WORK, n) for n in ('stub.conf', 'asked.conf'))
    for path, text in ((stub, 'nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch example.com\n'), (asked, 'nameserver 198.51.100.53\nsearch example.com\n')):
        with open(path, 'w', encoding='ascii') as f:
            f.write(text)
    make = f'mount -t tmpfs none /run && mkdir -p /run/systemd/resolve && cp {asked} /run/systemd/resolve/resolv.conf && '
    for name, before, wanted in (('with resolved', make, 'nameserver 198.51.100.53\nsearch example.com\n'),
                                 ('without', 'mount -t tmpfs none /run && ', f'nameserver {GATEWAY}\noptions edns0 trust-ad\nsearch example.com\n')):
        inside = ['unshare', '-m', 'sh', '-c', before + f'mount --bind {stub} /etc/resolv.conf && exec "$@"', 'sh']
        for prefix, way in ((NOBODY, ()), ([], ('--isolate',))):
            run = Run([*inside, *prefix], *way, 'cat', '/etc/resolv.conf')
            equal((run.status, run.out), (0, wanted), f'{name}: name servers of its own network')
        run = Run(inside, '--no-isolate', 'cat', '/etc/resolv.conf')
        check(run.out.startswith('nameserver 127.0.0.53\n'), f'{name}: beside it stays as it is: {run.out!r}')


# --- the end ---

def check_killed(prefix, host, *way):
    """All of its family goes with wiretale: in other sessions, with other environments, in the background."""
    family = 'sleep 46.01 & setsid sleep 46.02 & env -i sleep 46.03 & (env -i setsid sh -c "sleep 46.04; :" &) ; {} echo $PPID; sleep 46.05'
    at_once, later = family.format(''), family.format(f'{" ".join(curl(host))} >/dev/null; sleep 1;')
    for words, more in ((later, ()), (later, ('--no-trace',)), (at_once, ()), (at_once, ('--no-trace',))):
        run, what = Run(prefix, *way, *more, '--', 'sh', '-c', words, wait=False), f'{way} {more} {"later" if words == later else "at once"}'
        wiretale = int(run.process.stdout.readline())
        check(until(lambda: len(processes_with('46.0')) >= 5), f'{what}: the family is there: {processes_with("46.0")}')
        os.kill(wiretale, signal.SIGKILL)
        run.process.wait(runs.LIMIT)
        check(until(lambda: not processes_with('46.0')), f'{what}: gone: {processes_with("46.0")}')
        check(until(lambda r=run: not r.left()), f'{what}: the folder goes with it: {run.left()}')
        for stream in (run.process.stdout, run.process.stderr):
            stream.close()


def check_bystanders(prefix, *way):
    """Whoever only has the name of the folder that is kept, in his environment or among his words, is none of the run's."""
    keep = os.path.join(place_for_all(), 'kept')
    with subprocess.Popen(['sleep', '47.12'], env={**os.environ, 'OLDPWD': keep}) as one, subprocess.Popen(['sh', '-c', 'sleep 47.13; :', keep]) as other:
        run = Run(prefix, *way, '--keep', keep, '--', 'sh', '-c', 'sleep 1; echo $PPID; sleep 47.14', wait=False)
        os.kill(int(run.process.stdout.readline()), signal.SIGKILL)
        run.process.wait(runs.LIMIT)
        check(until(lambda: not processes_with('47.14')), f'{way}: the program is gone')
        time.sleep(0.5)
        equal((one.poll(), other.poll()), (None, None), f'{way}: bystanders live')
        for stream in (run.process.stdout, run.process.stderr):
            stream.close()
        subprocess.run(['pkill', '-P', str(other.pid)], check=False)
        other.kill()
        one.kill()


if __name__ == '__main__':
    enter_namespace('curl', 'pasta', 'setpriv', 'openssl', 'unshare')
    with runs.place():
        shutil.copy(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'forbid.py'), runs.WORK)
        STATIC = runs.static_client()
        for prefix, host, way in (([], '127.0.0.1', ()), (NOBODY, GATEWAY, ())):
            check_without_tls(prefix, host, *way)
            check_time(prefix, *way)
            check_children(prefix, host, *way)
            check_garbage(prefix, host, *way)
            check_ptrace(prefix, host, STATIC, *way)
            check_closed(prefix, host, *way)
            check_killed(prefix, host, *way)
            check_bystanders(prefix, *way)
        check_dropped('127.0.0.1')
        check_dropped(GATEWAY)
        check_container()
        check_resolved()
    done()
