#!/usr/bin/env python3
"""wiretale live, on the loopback of a network namespace of its own, with openssl at both ends. Needs root; skips without."""
import ctypes
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from page import Page
from peers import enter_namespace
from tale import BINARY, check, done, equal, wiretale


class Live:
    def __init__(self, *arguments):
        self.errors = tempfile.TemporaryFile()
        interface = [] if '-i' in arguments else ['-i', 'lo']
        self.process = subprocess.Popen([BINARY, 'live', *interface, *arguments], stdout=subprocess.PIPE, stderr=self.errors,
                                        bufsize=0)
        self.wait_for('listening')

    def err(self):
        self.errors.seek(0)
        return self.errors.read().decode()

    def wait_for(self, word):
        end = time.monotonic() + 20
        while word not in self.err() and time.monotonic() < end and self.process.poll() is None:
            time.sleep(0.02)
        if not check(word in self.err(), f'live never said {word!r}: {self.err()!r}'):
            done()

    def line(self, seconds=20):
        """The next line; empty when none comes in time."""
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        return self.process.stdout.readline().decode() if ready else ''

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        try:
            rest = self.process.communicate(timeout=20)[0].decode()
        except subprocess.TimeoutExpired:
            self.process.kill()
            rest = 'no end after Ctrl-C'
        equal(self.process.returncode, 0, f'exit status of live: {self.err()}')
        return rest


class Server:
    def __init__(self, folder):
        key, certificate = os.path.join(folder, 'key.pem'), os.path.join(folder, 'certificate.pem')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate,
                        '-subj', '/CN=live.example', '-days', '2'], check=True, stderr=subprocess.DEVNULL)
        self.process = subprocess.Popen(['openssl', 's_server', '-accept', '4433', '-key', key, '-cert', certificate, '-quiet',
                                         '-www'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while time.monotonic() < end and subprocess.run(['openssl', 's_client', '-connect', '127.0.0.1:4433'],
                                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                                        stderr=subprocess.DEVNULL, check=False).returncode:
            time.sleep(0.1)


def connect(*options):
    subprocess.run(['openssl', 's_client', '-connect', '127.0.0.1:4433', '-servername', 'live.example', *options],
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20, check=False)


def status_of(process, key):
    with open(f'/proc/{process.pid}/status', encoding='ascii') as f:
        return next(line.split()[1:] for line in f if line.startswith(key + ':'))


def check_lines():
    live = Live('--lines')
    uids = status_of(live.process, 'Uid')
    check('0' not in uids, f'root is kept: {uids}')
    equal(int(status_of(live.process, 'CapEff')[0], 16), 0, 'capabilities')
    gids = status_of(live.process, 'Gid')
    check('0' not in gids, f"root's group is kept: {gids}")
    equal(set(status_of(live.process, 'Groups')), {gids[0]}, 'groups of root')
    equal(status_of(live.process, 'NoNewPrivs'), ['1'], 'no new privileges')
    if os.environ.get('HARDENED', 'no') != 'no' and os.uname().machine in ('x86_64', 'aarch64'):
        equal(status_of(live.process, 'Seccomp'), ['2'], 'a filter of system calls')
    connect('-tls1_2')
    line = live.line()  # comes while the capture goes on
    check('live.example' in line and 'TLS 1.2' in line, f'a line: {line!r}')
    connect('-tls1_3')
    check('TLS 1.3' in live.line(), 'a second line')
    rest = live.stop()
    check('\n' in rest, 'the sums at the end')
    check('none dropped' in live.err(), f'counters: {live.err()!r}')


def check_json_and_filters():
    live = Live('--json', '--bpf', 'tcp port 4433', '--filter', 'version == "TLS 1.2"')
    connect('-tls1_3')
    connect('-tls1_2')
    told = json.loads(live.line() or '{}')
    equal((told.get('type'), told.get('version'), told.get('sni')), ('connection', 'TLS 1.2', 'live.example'), 'JSON')
    summary = [json.loads(line) for line in live.stop().splitlines()]
    equal([s['type'] for s in summary], ['summary'], 'what follows')
    equal(summary[0]['connections'], 2, 'connections seen')


def check_filter_on_messages():
    """Only the end decides; none may be lost, and none told twice."""
    live = Live('--json', '--filter', 'tls.handshake.type == 12')
    connect('-tls1_3')
    connect('-tls1_2')
    time.sleep(0.5)
    told = [json.loads(line) for line in live.stop().splitlines()]
    equal([t.get('version', t['type']) for t in told], ['TLS 1.2', 'summary'], 'told at the end')


def check_key_log(folder):
    """EncryptedExtensions passes under keys. The log is not there yet, is replaced, is emptied: all of it is noticed."""
    os.chmod(folder, 0o755)  # root is given up
    log = os.path.join(folder, 'live.keys')
    live = Live('--json', '--keylog', log, '--filter', 'tls.handshake.type == 8')
    for change in (None, lambda: os.rename(log, log + '.1'), lambda: os.truncate(log, 0)):
        if change:
            change()
        connect('-tls1_3', '-keylogfile', log)
        time.sleep(0.6)
    connect('-tls1_3')  # nobody knows its secrets
    time.sleep(0.6)
    told = [json.loads(line) for line in live.stop().splitlines()]
    equal([t['type'] for t in told], ['connection'] * 3 + ['summary'], f'told with a key log that grows: {live.err()!r}')
    equal(told[-1].get('connections'), 4, 'connections seen')
    other = Live('--json', '--keylog', log + '/not-there')  # waited for
    connect('-tls1_3')
    line = other.line()
    check('TLS 1.3' in line, 'a key log that never comes is no end')
    check('A key log was given' in line, f'and was given all the same: {line!r}')
    other.stop()


def memory_has(process, wanted):
    """Whether these bytes are anywhere in what the process can write to."""
    with open(f'/proc/{process.pid}/maps', encoding='ascii') as maps, open(f'/proc/{process.pid}/mem', 'rb', buffering=0) as memory:
        for line in maps:
            place, rights = line.split()[:2]
            if 'w' not in rights:
                continue
            start, end = (int(word, 16) for word in place.split('-'))
            memory.seek(start)
            if wanted in memory.read(end - start):
                return True
    return False


def check_forgetting(folder):
    """Secrets are in memory while their connection is open, and no longer: as bytes, and as the log has them."""
    if os.environ.get('HARDENED', 'no') == 'no':
        return
    os.chmod(folder, 0o755)
    log = os.path.join(folder, 'forgotten.keys')
    live = Live('--json', '--keylog', log)
    with subprocess.Popen(['openssl', 's_client', '-connect', '127.0.0.1:4433', '-tls1_3', '-keylogfile', log], stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as client:
        end, secret = time.monotonic() + 20, b''
        while time.monotonic() < end and not (secret and memory_has(live.process, secret)):
            time.sleep(0.1)
            if os.path.exists(log):
                with open(log, encoding='ascii') as f:
                    words = [line.split() for line in f]
                secret = next((bytes.fromhex(w[2]) for w in words if w[0] == 'SERVER_TRAFFIC_SECRET_0'), b'')
        check(secret and memory_has(live.process, secret), 'in memory while the connection is open')
        client.stdin.close()
    told = json.loads(live.line() or '{}')
    equal(told.get('decryption'), 'keylog', 'it was of use')
    while time.monotonic() < end and memory_has(live.process, secret):
        time.sleep(0.1)
    check(not memory_has(live.process, secret), 'gone when the connection has ended')
    check(not memory_has(live.process, secret.hex().encode()[8:]), 'its text too')
    live.stop()


def check_failures():
    """What failed is told with why and what to do, while the capture goes on; a filter on findings works there."""
    live = Live('--filter', 'findings.id == "tcp-refused" || findings.id == "tcp-no-answer"')
    connect('-tls1_2')
    subprocess.run(['openssl', 's_client', '-connect', '127.0.0.1:443'], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=20, check=False)  # nobody listens there
    told = ''
    while 'ss -ltnp' not in told:
        line = live.line()
        told += line
        if not check(line, f'a refused connection is told with advice: {told!r} {live.err()!r}'):
            break
    check('cause: tcp-refused' in told and 'live.example' not in told, f'what the filter lets through: {told!r}')
    rest = live.stop()
    check('overview of 1 TLS' in rest or '2 TLS connections' in rest, f'the end: {rest!r}')


def check_root_key_log(folder):
    """Only root can read it: it stays open, and is read on when it is emptied. Its successor cannot be opened."""
    os.chmod(folder, 0o755)
    log, other = os.path.join(folder, 'root.keys'), os.path.join(folder, 'other.keys')
    open(log, 'wb').close()
    os.chmod(log, 0o600)
    live = Live('--json', '--keylog', log)

    def opened():
        told = json.loads(live.line() or '{}')
        return told.get('decryption')

    def talk(where):
        if os.path.exists(other):
            os.remove(other)
        connect('-tls1_3', '-keylogfile', other)
        with open(other, 'rb') as source, open(where, 'ab') as target:
            target.write(source.read())
    with open(log, 'ab') as held:  # the writer keeps its own handle, as browsers do
        talk(f'/proc/self/fd/{held.fileno()}')
        equal(opened(), 'keylog', f'opened through the handle: {live.err()!r}')
        held.truncate(0)
        talk(f'/proc/self/fd/{held.fileno()}')
        equal(opened(), 'keylog', f'after it was emptied: {live.err()!r}')
        equal(live.err().count('Permission'), 0, f'nothing to complain of: {live.err()!r}')
        os.rename(log, log + '.1')
        open(log, 'wb').close()
        os.chmod(log, 0o600)
        live.wait_for('was replaced, and the new one cannot be read')
        talk(f'/proc/self/fd/{held.fileno()}')
        equal(opened(), 'keylog', f'the old one is read on: {live.err()!r}')
    equal(live.err().count('was replaced'), 1, 'said once')
    live.stop()


def has_landlock():
    """Whether this build and this kernel can keep files from a process: landlock_create_ruleset() gives the version."""
    return os.environ.get('HARDENED', 'no') != 'no' and ctypes.CDLL(None).syscall(444, None, 0, 1) > 0


def check_confined_files(folder):
    """A file that everybody can read, but in a folder that has nothing to do with what was named."""
    if not has_landlock():
        return
    os.chmod(folder, 0o755)
    here, there = os.path.join(folder, 'here'), os.path.join(folder, 'there')
    os.mkdir(here)
    os.mkdir(there)
    log, other = os.path.join(here, 'live.keys'), os.path.join(there, 'other.keys')
    for path in (log, other):
        open(path, 'wb').close()
    live = Live('--json', '--keylog', log)
    os.rename(log, log + '.1')
    os.symlink(other, log)
    live.wait_for('was replaced, and the new one cannot be read: Permission denied')
    live.stop()


def check_writing(folder):
    os.chmod(folder, 0o777)  # whoever captures makes files there
    one = os.path.join(folder, 'one.pcapng')
    live = Live('--json', '-w', one)
    connect('-tls1_2')
    told = json.loads(live.line() or '{}')
    live.stop()
    again = wiretale('read', '--json', one).json()[0]
    equal([(c['version'], c['state'], c['sni']) for c in again], [(told['version'], told['state'], told['sni'])], 'written and read')
    equal(os.stat(one).st_mode & 0o777, 0o600, 'nobody else reads it')
    live = Live('--json', '-w', os.path.join(folder, 'row.pcapng'), '-G', '1', '-W', '3', '--user', 'daemon')
    import pwd
    equal(status_of(live.process, 'Uid')[0], str(pwd.getpwnam('daemon').pw_uid), '--user')
    # a file ends with the first packet that is a second or more after its beginning: how many that are, time tells
    end = time.monotonic() + 30
    while time.monotonic() < end and not any(name >= 'row_00004' for name in os.listdir(folder) if name.startswith('row_')):
        connect('-tls1_2')
        time.sleep(0.4)
    live.stop()
    row = sorted(name for name in os.listdir(folder) if name.startswith('row_'))
    numbers = [int(name[4:9]) for name in row]
    if check(len(row) == 3, f'the newest three are kept: {row}'):
        check(numbers[0] > 1, f'the oldest is let go: {row}')
        equal(numbers, list(range(numbers[0], numbers[0] + 3)), 'names count on')
    equal({os.stat(os.path.join(folder, name)).st_uid for name in row}, {pwd.getpwnam('daemon').pw_uid}, 'whose files they are')
    check(wiretale('read', '--json', '--rotated', *(os.path.join(folder, n) for n in row)).json()[0], 'they are a capture')
    live = Live('--json', '-w', os.path.join(folder, 'size.pcapng'), '-C', '1')
    live.stop()
    check(any(name.startswith('size_00001_') for name in os.listdir(folder)), 'a row by size')
    os.chmod(folder, 0o700)
    told = wiretale('live', '-i', 'lo', '-w', os.path.join(folder, 'no.pcapng'), '-G', '1', status=1)
    check('--user' in told.err, f'a folder that is not theirs: {told.err!r}')


def check_page(folder):
    """The page is written anew while the capture goes on, by who root became: in a folder where that one can make files."""
    os.chmod(folder, 0o777)
    path = os.path.join(folder, 'live.html')
    live = Live('--html', path)
    check('"index"' in text_of(path), 'there from the beginning')
    connect('-tls1_2')
    line = live.line()
    check('live.example' in line, f'text beside it: {line!r}')
    end = time.monotonic() + 20
    while not rows_of(path) and time.monotonic() < end:
        time.sleep(0.05)
    equal(rows_of(path), 1, 'a connection that has ended, while the capture goes on')
    connect('-tls1_3')
    # its packets may still be on their way to us when the connection has ended
    while 'TLS 1.3' not in line and time.monotonic() < end:
        line = live.line()
    live.stop()
    equal(rows_of(path), 2, 'all at the end')
    os.chmod(folder, 0o700)
    told = wiretale('live', '-i', 'lo', '--html', path, status=1)
    check('--user' in told.err, f'a folder that is not theirs: {told.err!r}')


def text_of(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


def rows_of(path):
    return len(Page(path).index['rows'])


def check_vanishing():
    """The interface is removed while it is listened on."""
    made = [subprocess.run(['ip', *words.split()], stderr=subprocess.DEVNULL, check=False).returncode == 0
            for words in ('link add gone type veth peer name gone2', 'link set gone up')]
    if not all(made):
        return  # no such interfaces here
    with subprocess.Popen([BINARY, 'live', '--json', '-i', 'gone'], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        first = process.stderr.readline()
        check(b'listening on gone' in first, f'{first}')
        subprocess.run(['ip', 'link', 'del', 'gone'], check=True)
        out, err = process.communicate(timeout=30)
    equal(process.returncode, 1, f'an interface that vanishes: {err}')
    check(b'gone: ' in err and b'everything before that point is reported' in err, f'{err}')
    equal(json.loads(out.splitlines()[-1])['type'], 'summary', 'the sums are told')


def check_down():
    """The interface goes down and comes up again, without its carrier, and within a moment; then it is removed."""
    def ip(words):
        return subprocess.run(['ip', *words.split()], stderr=subprocess.DEVNULL, check=False).returncode == 0
    if not (ip('link add shaky type veth peer name shaky2') and ip('link set shaky2 up') and ip('link set shaky up')):
        return  # no such interfaces here
    errors = tempfile.TemporaryFile()

    def wait_for(words, count=1):
        end = time.monotonic() + 20
        said = ''
        while time.monotonic() < end and said.count(words) < count:
            time.sleep(0.02)
            errors.seek(0)
            said = errors.read().decode()
        equal(said.count(words), count, f'{words!r} in {said!r}')
    with subprocess.Popen([BINARY, 'live', '--json', '-i', 'shaky'], stdout=subprocess.PIPE, stderr=errors) as process:
        wait_for('listening on shaky')
        ip('link set shaky down')
        wait_for('shaky is down: no packets come until it is up again')
        ip('link set shaky up')
        wait_for('shaky is up again')
        ip('link set shaky2 down')  # without a carrier, of which the kernel tells once a second at most
        wait_for('shaky is down', 2)
        ip('link set shaky2 up')
        wait_for('shaky is up again', 2)
        ip('link set shaky down')
        ip('link set shaky up')
        wait_for('shaky is up again', 3)
        wait_for('shaky is down', 3)
        ip('link del shaky')
        out = process.communicate(timeout=30)[0]
    equal(process.returncode, 1, 'removed')
    wait_for('everything before that point is reported')
    wait_for('times: packets of that time are missing')  # what is removed may be down for a moment before
    equal(json.loads(out.splitlines()[-1])['type'], 'summary', 'the sums are reported')


def burst(name, count, size):
    """So many Ethernet frames of UDP, at once."""
    packet = bytes.fromhex('020000000001020000000002' '0800') + bytes(
        [0x45, 0, size - 14 >> 8, size - 14 & 255, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]) + bytes(size - 34)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
        out.bind((name, 0))
        for _ in range(count):
            out.send(packet)


def check_burst(folder):
    """What comes while the reader has no processor waits for it; of what comes while it has, no more is lost than by tcpdump."""
    made = [subprocess.run(['ip', *words.split()], stderr=subprocess.DEVNULL, check=False).returncode == 0
            for words in ('link add near type veth peer name far', 'link set near up', 'link set far up')]
    if not all(made):
        return
    count, size = 12000, 1000  # 12 MB: six times libpcap's own buffer
    live = Live('--json', '-i', 'far', '--bpf', 'udp and src host 192.0.2.1')
    live.process.send_signal(signal.SIGSTOP)
    burst('near', count, size)
    live.process.send_signal(signal.SIGCONT)
    told = live.stop()
    check(f'{count} packets received, none dropped' in live.err(), f'a burst: {live.err()!r}')
    check(f'"packets":{count},' in told, f'what waited in the kernel when Ctrl-C came is read: {told[:200]!r}')
    if shutil.which('tcpdump'):
        check_beside_tcpdump(os.path.join(folder, 'burst.pcap'), count, size)
    subprocess.run(['ip', 'link', 'del', 'near'], check=True)


def check_beside_tcpdump(path, count, size):
    live = Live('--json', '-i', 'far', '--bpf', 'udp and src host 192.0.2.1')
    with subprocess.Popen(['tcpdump', '-i', 'far', '-w', path, 'udp and src host 192.0.2.1'], stderr=subprocess.PIPE) as other:
        while b'listening' not in (line := other.stderr.readline()) and line:
            pass  # it says before that it drops privileges
        burst('near', count, size)
        time.sleep(0.5)
        other.send_signal(signal.SIGINT)
        said = other.stderr.read().decode()
    live.stop()
    if '\n0 packets dropped by kernel' in said:
        check(f'{count} packets received, none dropped' in live.err(), f'where tcpdump lost none: {live.err()!r}')


def main():
    enter_namespace('openssl')
    check_vanishing()
    check_down()
    told = wiretale('live', '-i', 'no-such-interface', status=1)
    check('no-such-interface' in told.err and told.err.count('\n') == 1, f'{told.err!r}')
    told = wiretale('live', '-i', 'lo', '--bpf', 'tcp prot 443', status=1)
    check('tcp prot 443' in told.err, f'{told.err!r}')
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder)
        try:
            check_lines()
            check_json_and_filters()
            check_filter_on_messages()
            check_key_log(folder)
            check_forgetting(folder)
            check_failures()
            check_root_key_log(folder)
            check_confined_files(folder)
            check_writing(folder)
            check_burst(folder)
            check_page(folder)
        finally:
            server.process.terminate()
            server.process.wait()
    done()


if __name__ == '__main__':
    main()
