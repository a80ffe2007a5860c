#!/usr/bin/env python3
"""wiretale run: programs keep what is theirs, their connections are told with their own keys, and nothing is left behind.

As root it listens beside the program; as `nobody` the program has a network of its own, by pasta. Servers are on the loopback
of a network namespace that this test has for itself, with a way out that leads nowhere."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import runs
from peers import enter_namespace
from runs import BINARY, ENVIRONMENT, GATEWAY, LIMIT, NOBODY, PYTHON, Run, curl, processes_with, until
from tale import check, done, equal


def check_story(prefix, host, *way):
    run = Run(prefix, *way, '--', *curl(host))
    equal((run.status, run.out), (0, 'x' * 100), f'{way}: what the program has and says: {run.err[-300:]}')
    found = re.search(r'^wiretale: 1 connection of curl \(pid (\d+)\), 1 decrypted with its own keys \(SSLKEYLOGFILE\)$', run.err, re.M)
    if not check(found, f'{way}: the summary: {run.err[:600]!r}'):
        return
    check(f'curl (pid {found[1]}): curl -sk --max-time 20 https://{host}:{runs.SERVER.port}/100' in re.sub(r'\n +', ' ', run.err), f'{way}: whose it is: {run.err[:900]!r}')
    check('verified: server signature, server Finished, client Finished' in run.err, f'{way}: what was verified')
    check(0 < run.err.find('GET /100') < run.err.find('ClientHello'), f'{way}: requests come first')
    equal(run.left(), [], f'{way}: what is left in the folder')


def check_json(prefix, host, *way):
    run = Run(prefix, *way, '--json', '-o', '-', '--', 'sh', '-c', '{}; {}'.format(' '.join(curl(host, 7)), ' '.join(curl(host, 8))))
    lines = [json.loads(line) for line in run.out[15:].splitlines()]
    equal(run.out[:15], 'x' * 15, f'{way}: output of the program')
    connections = [c for c in lines if c['type'] == 'connection']
    equal([(c['process']['program'], c['process']['arguments'][-1][-2:], c['decryption']) for c in connections],
          [('curl', '/7', 'keylog'), ('curl', '/8', 'keylog')], f'{way}: processes in JSON')
    equal(len({c['process']['pid'] for c in connections}), 2, f'{way}: two processes')
    equal([c['exchanges'][0]['response_bytes'] for c in connections], [7, 8], f'{way}: bytes')
    shared = tempfile.mkdtemp(dir=runs.WORK)
    os.chmod(shared, 0o777)
    report = os.path.join(shared, 'report')
    run = Run(prefix, *way, '--lines', '-o', report, '--', *curl(host))
    with open(report, encoding='utf-8') as f:
        check(' ok ' in f.read(), f'{way}: --output')
    check(' ok ' not in run.err, f'{way}: with --output the story is not on standard error')
    page = os.path.join(shared, 'page.html')
    run = Run(prefix, *way, '--html', page, '--', *curl(host))
    check(os.path.exists(page) and os.path.getsize(page) > 10000, f'{way}: --html: {run.err[-300:]}')


def check_capture(prefix, host, *way):
    shared = tempfile.mkdtemp(dir=runs.WORK)
    os.chmod(shared, 0o777)
    capture, keep = os.path.join(shared, 'out.pcapng'), os.path.join(shared, 'kept')
    run = Run(prefix, *way, '-w', capture, '--keep', keep, '--', *curl(host))
    equal(os.stat(capture).st_mode & 0o777, 0o600, f'{way}: mode of the capture')
    told = subprocess.run([BINARY, 'read', '--json', capture], stdout=subprocess.PIPE, check=True, env=ENVIRONMENT)
    story = json.loads(told.stdout.splitlines()[0])
    equal((story['decryption'], len(story['exchanges'])), ('dsb', 1), f'{way}: the capture opens itself')
    equal(os.stat(keep).st_mode & 0o777, 0o700, f'{way}: mode of the kept folder')
    names = os.listdir(keep)
    check('environment.keys' in names and any(n.endswith(('.pcap', '.pcapng')) for n in names), f'{way}: kept: {names}')
    equal({oct(os.stat(os.path.join(keep, n)).st_mode & 0o077) for n in names}, {'0o0'}, f'{way}: what is kept is its owner\'s')
    again = Run(prefix, *way, '--keep', keep, 'true')
    equal((again.status, 'not empty' in again.err), (125, True), f'{way}: a folder that is not empty')
    check(run.status == 0, f'{way}: status')


def check_statuses(prefix, *way):
    for words, status in ((['true'], 0), (['false'], 1), (['sh', '-c', 'exit 42'], 42), (['sh', '-c', 'kill -9 $$'], 137), (['sh', '-c', 'kill -TERM $$'], 143),
                          (['no-such-program'], 127), (['/no/such'], 127), (['/etc/passwd'], 126), (['/'], 126)):
        equal(Run(prefix, *way, *words).status, status, f'{way}: status of {words}')
    run = Run(prefix, *way, '--', 'sh', '-c', 'cat; pwd >&2; echo $SSLKEYLOGFILE', stdin=subprocess.PIPE, wait=False)
    run.process.stdin.write(b'what is written\n')
    equal(run.end().out.split('\n')[0], 'what is written', f'{way}: standard input')
    check(run.temporary in run.out and not os.path.exists(run.out.split('\n')[1]), f'{way}: the key log is gone: {run.out!r}')
    # what follows the program is its own
    equal(Run(prefix, *way, 'echo', '--help', '--lang', 'zh', '-j').out, '--help --lang zh -j\n', f'{way}: options of the program')
    # neither descriptors nor signals of ours
    run = Run(prefix, *way, '--', PYTHON, '-c', 'import os,signal; print(sorted(map(int, os.listdir("/proc/self/fd")))[:-1], signal.getsignal(signal.SIGINT) is signal.default_int_handler, '
              'open("/proc/self/status").read().split("SigBlk:")[1].split()[0], os.environ.get("LANGUAGE"))')
    equal(run.out, f'[0, 1, 2] True {"0" * 16} None\n', f'{way}: what the program inherits')


def check_environment(prefix, host, *way):
    own = os.path.join(tempfile.mkdtemp(dir=runs.WORK), 'own.keys')
    os.chmod(os.path.dirname(own), 0o777)
    run = Run(prefix, *way, '--', *curl(host), env={'SSLKEYLOGFILE': own, 'NODE_OPTIONS': '--no-deprecation'})
    with open(own, encoding='ascii') as f:
        lines = f.read()
    check('CLIENT_TRAFFIC_SECRET_0' in lines and lines.endswith('\n'), f'{way}: the user\'s key log gets its lines: {lines[:200]!r}')
    equal(os.stat(own).st_mode & 0o777, 0o600, f'{way}: its mode')
    run = Run(prefix, *way, 'sh', '-c', 'echo $NODE_OPTIONS', env={'NODE_OPTIONS': '--no-deprecation'})
    check(re.fullmatch(r'--no-deprecation --tls-keylog=/.*/node\.keys\n', run.out), f'{way}: NODE_OPTIONS: {run.out!r}')
    # without its environment a program gives no key away, and its connection is told all the same
    run = Run(prefix, *way, '--', 'env', '-i', '/usr/bin/env', *curl(host))
    equal(run.status, 0, f'{way}: without environment')
    check('1 connection of curl' in run.err and 'none decrypted' in run.err and '1 stayed encrypted: ' in run.err, f'{way}: without environment: {run.err[:500]!r}')
    # a garbled key log is no fault of the program's
    run = Run(prefix, *way, '--', 'sh', '-c', 'echo garbage >> "$SSLKEYLOGFILE"; ' + ' '.join(curl(host)))
    check(run.status == 0 and '1 decrypted' in run.err and 'environment.keys:1:1' in run.err, f'{way}: garbage: {run.status} {run.err[:400]!r}')
    # secrets in arguments
    run = Run(prefix, *way, '--', *curl(host), '-H', 'Authorization: Bearer geheim', '-u', 'me:geheim', '--data-urlencode', 'x=y', '-G', '--oauth2-bearer', 'geheim')
    check('geheim' not in run.err and 'Authorization: …' in run.err, f'{way}: secrets in arguments: {run.err[:700]!r}')


def check_others(prefix, host, *way):
    # closes what it has, forks away, and goes on
    script = f"""import os, time
if os.fork(): os._exit(5)
os.setsid()
os.closerange(0, 64)
for _ in range(3): os.open('/dev/null', os.O_RDWR)
time.sleep(.3)
words = {curl(host)!r}
os.execvp(words[0], words)"""
    run = Run(prefix, *way, '--', PYTHON, '-c', script)
    equal(run.status, 5, f'{way}: status of what forks away')
    check('of curl' in run.err and '1 decrypted' in run.err, f'{way}: what forks away is waited for: {run.err[:600]!r}')
    # who has nothing to do with networks is not waited for
    begun = time.monotonic()
    run = Run(prefix, *way, '--', 'sh', '-c', 'sleep 30 >/dev/null 2>&1 & exit 6')
    check(run.status == 6 and time.monotonic() - begun < 20, f'{way}: who does not talk is not waited for: {run.status}')
    run = Run(prefix, *way, '--timeout', '1', '--', 'sleep', '30')
    check(run.status == 143 and time.monotonic() - begun < 40, f'{way}: --timeout: {run.status}')
    run = Run(prefix, *way, '--fail-on', 'notice', '--', *curl(host))
    equal(run.status, 3, f'{way}: --fail-on')
    run = Run(prefix, *way, '--lines', '--', 'sh', '-c', '; '.join(' '.join(curl(host, n)) for n in range(1, 13)))
    check(re.search(r'12 connections of curl \(12 processes\), 12 decrypted', run.err), f'{way}: many processes: {run.err[:500]!r}')


def check_signals(prefix, *way):
    script = 'trap "echo got; exit 9" INT; echo ready; while :; do sleep 0.1; done'
    run = Run(prefix, *way, '--', 'sh', '-c', script, wait=False)
    equal(run.process.stdout.readline(), b'ready\n', f'{way}: begins')
    run.process.send_signal(signal.SIGINT)
    run.end()
    equal((run.status, run.out), (9, 'got\n'), f'{way}: the first signal is the program\'s')
    run = Run(prefix, *way, '--', 'sh', '-c', 'trap "" INT; echo ready; sleep 40; sleep 40', wait=False)
    run.process.stdout.readline()
    run.process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    run.process.send_signal(signal.SIGINT)
    equal(run.end().status, 137, f'{way}: the second ends it')
    equal(run.left(), [], f'{way}: left after two signals')


def check_killed(prefix, *way):
    run = Run(prefix, *way, '--', 'sh', '-c', 'echo $PPID; sleep 47.11', wait=False)
    wiretale_pid = int(run.process.stdout.readline())
    equal(len(run.left()), 1 if prefix else 2, f'{way}: a folder while it runs, and with root one for those whom its program may become')
    os.kill(wiretale_pid, signal.SIGKILL)
    run.process.wait(LIMIT)
    check(until(lambda: not processes_with(run.temporary) or way == ('--no-isolate',)), f'{way}: helpers end: {processes_with(run.temporary)}')
    check(until(lambda: not run.left()), f'{way}: the folder goes with it: {run.left()}')
    # one whose watcher was killed, too
    left = os.path.join(run.temporary, 'wiretale-run-abcdef')
    subprocess.run([*prefix, 'mkdir', left], check=True)
    subprocess.run([*prefix, 'touch', os.path.join(left, 'environment.keys')], check=True)
    Run(prefix, *way, 'true', folder=run.temporary)
    equal(run.left(), [], f'{way}: what a dead run has left')
    for pid in processes_with('47.11'):
        if way == ('--no-isolate',):
            os.kill(int(pid), signal.SIGKILL)
        else:
            check(until(lambda p=pid: not os.path.exists(f'/proc/{p}')), f'{way}: the program ends with wiretale')


def check_refused_beside():
    """Its socket is gone before anybody can look: it is none of the run's for certain, and no TLS connection."""
    run = Run([], '--no-isolate', '--', 'curl', '-sk', 'https://127.0.0.1:9/')
    equal(run.status, 7, 'refused: the status is curl\'s')
    check('no TLS connection of curl' in run.err and '1 connection was refused meanwhile, by 127.0.0.1:9: nobody listens there' in run.err, f'refused: {run.err!r}')
    check('other TLS connection' not in run.err, f'refused: {run.err!r}')


def check_own_network():
    run = Run(NOBODY, '--', *curl('127.0.0.1'))
    check(run.status == 7 and f'--forward {runs.SERVER.port}' in run.err and re.search(r'1 connection of (curl|the run)', run.err), f'refused on the loopback: {run.err[:600]!r}')
    run = Run(NOBODY, '--forward', str(runs.SERVER.port), '--', *curl('127.0.0.1'))
    check(run.status == 0 and '1 decrypted' in run.err, f'--forward: {run.err[:600]!r}')
    # a name server on this machine's loopback is not there on the program's
    servers = os.path.join(runs.WORK, 'resolv.conf')
    for text, wanted in (('nameserver 127.0.0.1\noptions edns0\n', f'nameserver {GATEWAY}\noptions edns0\n'), ('nameserver 192.0.2.53\n', 'nameserver 192.0.2.53\n')):
        with open(servers, 'w', encoding='ascii') as f:
            f.write(text)
        run = Run(['unshare', '-m', 'sh', '-c', f'mount --bind {servers} /etc/resolv.conf && exec "$@"', 'sh', *NOBODY], 'cat', '/etc/resolv.conf')
        equal(run.out, wanted, 'name servers of its own network')
    run = Run(NOBODY, '--', 'id', '-un')
    equal(run.out, 'nobody\n', 'who it is')
    run = Run(NOBODY, '--no-isolate', 'true')
    equal((run.status, run.err.count('\n')), (125, 1), f'--no-isolate without privileges: {run.err!r}')
    run = Run([], '--isolate', '--', 'sh', '-c', ' '.join(curl(GATEWAY)) + '; setpriv --reuid 65534 --clear-groups id -un')
    check(run.out == 'x' * 100 + 'nobody\n' and '1 decrypted' in run.err, f'root in a network of its own: {run.out!r} {run.err[:400]!r}')
    without = tempfile.mkdtemp(dir=runs.WORK)
    os.chmod(without, 0o755)
    os.symlink(shutil.which('true'), os.path.join(without, 'true'))
    run = Run([shutil.which('setpriv'), *NOBODY[1:]], 'true', env={'PATH': without})
    check(run.status == 0 and 'install passt' in run.err and run.err.count('\n') == 1, f'without pasta: {run.status} {run.err!r}')
    # and where namespaces are forbidden
    run = Run([*NOBODY, 'unshare', '-Ur', 'setpriv', '--bounding-set', '-all', '--inh-caps', '-all'], 'sh', '-c', 'echo here; exit 4')
    check((run.status, run.out) == (4, 'here\n') and 'nothing is captured' in run.err and run.err.count('\n') == 1, f'without namespaces: {run.status} {run.err!r}')


def check_sources(prefix, host, *way):
    """What gives no key by the environment: a library of its own context, and one that is linked into the program."""
    run = Run(prefix, *way, '--', PYTHON, '-c', f'import ssl,socket; c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT); c.check_hostname = False; c.verify_mode = 0; '
              f's = c.wrap_socket(socket.create_connection(({host!r}, {runs.SERVER.port}))); s.sendall(b"GET /5 HTTP/1.0\\r\\n\\r\\n"); print(len(s.recv(4096)) > 5)')
    check(run.out == 'True\n' and '1 decrypted with its own keys (libwiretale-keys.so)' in run.err, f'{way}: by the library: {run.out!r} {run.err[:300]!r}')
    if STATIC_CLIENT:
        run = Run(prefix, *way, '--', STATIC_CLIENT, f'{host}:{runs.SERVER.port}')
        check(run.status == 0 and '1 decrypted with its own keys (breakpoints)' in run.err, f'{way}: by breakpoints: {run.status} {run.err[:300]!r}')
        run = Run(prefix, *way, '--no-trace', '--', STATIC_CLIENT, f'{host}:{runs.SERVER.port}')
        check(run.status == 0 and 'none decrypted' in run.err, f'{way}: --no-trace: {run.status} {run.err[:300]!r}')


def check_beside():
    """What others say meanwhile is counted, and not told."""
    other = subprocess.Popen(['sh', '-c', f'sleep 0.5; {" ".join(curl("127.0.0.1", 9))}'], stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    run = Run([], '--', 'sh', '-c', f'sleep 1.5; {" ".join(curl("127.0.0.1"))}')
    other.wait(LIMIT)
    check('1 connection of curl' in run.err and '1 other TLS connection passed meanwhile' in run.err and 'GET /9' not in run.err, f'others: {run.err[:600]!r}')


def check_many(prefix, host, *way):
    """At the same time, and nothing is left of it."""
    folder = tempfile.mkdtemp(dir=runs.WORK)
    os.chmod(folder, 0o777)
    started = [Run(prefix, *way, '--lines', '--', *curl(host), folder=folder, wait=False) for _ in range(6)]
    for run in started:
        run.end()
    equal([(r.status, r.err.count('1 decrypted')) for r in started], [(0, 1)] * 6, f'{way}: six at a time: {[r.err[:200] for r in started if r.status]}')
    equal(started[0].left(), [], f'{way}: left by six')
    check(until(lambda: not processes_with(folder)), f'{way}: helpers of six')


if __name__ == '__main__':
    enter_namespace('curl', 'pasta', 'setpriv', 'openssl')
    with runs.place():
        STATIC_CLIENT = runs.static_client()
        for prefix, host, way in (([], '127.0.0.1', ()), (NOBODY, GATEWAY, ())):
            check_story(prefix, host, *way)
            check_json(prefix, host, *way)
            check_capture(prefix, host, *way)
            check_statuses(prefix, *way)
            check_environment(prefix, host, *way)
            check_others(prefix, host, *way)
            check_sources(prefix, host, *way)
            check_signals(prefix, *way)
            check_many(prefix, host, *way)
            check_killed(prefix, *way)
        check_refused_beside()
        check_own_network()
        check_beside()
    done()
