#!/usr/bin/env python3
"""wiretale read as root: another user reads, with as little as it takes. Needs root; skips without."""
import os
import pwd
import select
import subprocess
import sys
import tempfile
import time
from tale import BINARY, CAPTURES, check, done, equal, wiretale

ARTICLE = os.path.join(CAPTURES, 'article.pcapng')
READ_ANY, OVERRIDE = 1 << 2, 1 << 1  # CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE


def status_of(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as f:
        return {key: rest.split() for key, _, rest in (line.partition(':') for line in f)}


class Held:
    """A process that has been given all of a capture through a pipe but its end: it has reported nothing is left to open."""

    def __init__(self, *arguments, environment=None, to=None):
        held = {k: v for k, v in {**os.environ, **(environment or {})}.items() if not k.startswith('SSL_CERT')}
        self.process = subprocess.Popen([BINARY, 'read', '--json', *arguments], stdin=subprocess.PIPE if to is None else subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=held)
        self.pipe = self.process.stdin if to is None else open(to, 'wb')
        with open(ARTICLE, 'rb') as f:
            self.pipe.write(f.read())
        self.pipe.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], 20)
        check(ready, 'what has ended is reported while the pipe pauses')
        self.status = status_of(self.process.pid)

    def end(self):
        self.pipe.close()
        out = self.process.stdout.read()
        equal(self.process.wait(), 0, self.process.stderr.read().decode())
        check(b'"type":"summary"' in out, 'all is read')


def is_user(status, name, what):
    user = pwd.getpwnam(name)
    equal(set(status['Uid']), {str(user.pw_uid)}, f'{what}: user')
    equal(set(status['Gid']), {str(user.pw_gid)}, f'{what}: group')
    equal(set(status['Groups']), {str(user.pw_gid)}, f'{what}: groups')


def capabilities(status):
    return int(status['CapPrm'][0], 16), int(status['CapEff'][0], 16)


def check_nobody():
    """From the first byte on: without root, capabilities, a way back, or programs to start."""
    held = Held('-', environment={'SUDO_UID': ''})
    is_user(held.status, 'nobody', 'by default')
    equal(capabilities(held.status), (0, 0), 'no capability when all is open')
    equal((held.status['NoNewPrivs'], held.status['Seccomp']), (['1'], ['2']), 'confined')
    held.end()


def check_named():
    held = Held('-', '--user', 'daemon')
    is_user(held.status, 'daemon', '--user')
    held.end()
    sudo = pwd.getpwnam('daemon')
    held = Held('-', environment={'SUDO_UID': str(sudo.pw_uid), 'SUDO_GID': str(sudo.pw_gid)})
    is_user(held.status, 'daemon', 'who called sudo')
    held.end()
    held = Held('-', '--user', 'root')
    equal(set(held.status['Uid']), {'0'}, 'root stays by request')
    equal(held.status['NoNewPrivs'], ['0'], 'and everything else')
    held.end()
    told = wiretale('read', '--user', 'no-such-user', ARTICLE, status=2)
    check("cannot become 'no-such-user'" in told.err, told.err)


def check_root_files(folder):
    """What only root can read is read, the last of several too; before that one is open, nothing but reading is possible."""
    paths = [os.path.join(folder, name) for name in ('one.pcapng', 'two.pcapng')]
    for path in paths:
        with open(ARTICLE, 'rb') as source, open(path, 'wb') as target:
            target.write(source.read())
        os.chmod(path, 0o600)
    equal(os.stat(folder).st_mode & 0o777, 0o700, 'a folder that is root\'s alone')
    one = wiretale('read', '--json', ARTICLE).json()
    both = wiretale('read', '--json', *paths).json()
    equal(both[-1]['connections'], 2 * one[-1]['connections'], 'captures that only root can read')
    pipe = os.path.join(folder, 'pipe')
    os.mkfifo(pipe, 0o600)
    first = Held(pipe, paths[0], to=pipe)
    is_user(first.status, 'nobody', 'while more is to be opened')
    equal(capabilities(first.status), (READ_ANY, READ_ANY), 'reading alone')
    first.end()
    last = Held(paths[0], pipe, to=pipe)
    end = time.monotonic() + 20
    while capabilities(status_of(last.process.pid)) != (0, 0) and time.monotonic() < end:
        time.sleep(0.02)  # the report of the first file may have come before the second was opened
    equal(capabilities(status_of(last.process.pid)), (0, 0), 'nothing when the last is open')
    last.end()
    keys = os.path.join(folder, 'keys')
    with open(ARTICLE + '.keys', 'rb') as source, open(keys, 'wb') as target:
        target.write(source.read())
    os.chmod(keys, 0o600)
    opened = wiretale('read', '--json', '--keylog', keys, paths[0]).json()[0][0]
    equal(opened.get('decryption'), 'keylog', 'a key log that only root can read')


def check_order(folder):
    """What waits for the first connection, which stays open, goes into a temporary file, in a folder of no concern."""
    path = os.path.join(folder, 'oldest-open.pcap')
    subprocess.run([os.environ['WIRETALE_GENERATE'], '--connections', '12000', '--oldest-open', path], check=True)
    told = wiretale('read', '--json', path)
    equal(told.err, '', 'room to keep connections in order')
    equal([c['stream'] for c in told.json()[0]], list(range(12000)), 'their order')


def check_written(folder):
    """A page is root's, as it was asked for; nothing else than files can be reached meanwhile."""
    page = os.path.join(folder, 'page.html')
    wiretale('read', '--html', page, ARTICLE)
    st = os.stat(page)
    equal((st.st_uid, st.st_gid), (0, 0), 'a page in a folder of root')
    os.chmod(folder, 0o755)
    told = wiretale('read', '--html', page, '--user', 'daemon', ARTICLE, status=1)
    check('cannot make files there' in told.err and folder in told.err, told.err)
    os.chmod(folder, 0o777)
    wiretale('read', '--html', os.path.join(folder, 'other.html'), '--user', 'daemon', ARTICLE)
    equal(os.stat(os.path.join(folder, 'other.html')).st_uid, pwd.getpwnam('daemon').pw_uid, 'a page of that user')
    pipe = os.path.join(folder, 'capture')
    os.mkfifo(pipe)
    with subprocess.Popen([BINARY, 'read', '--html', page, pipe], stderr=subprocess.PIPE) as process:
        with open(pipe, 'wb') as target, open(ARTICLE, 'rb') as source:  # opened when the other end is
            status = status_of(process.pid)
            target.write(source.read())
        process.stderr.read()
    equal(set(status['Uid']), {'0'}, 'root, who writes the page')
    equal(capabilities(status), (READ_ANY | OVERRIDE,) * 2, 'but files')
    equal((status['NoNewPrivs'], status['Seccomp']), (['1'], ['2']), 'confined')


def main():
    if os.environ.get('HARDENED', 'no') == 'no' or os.geteuid() != 0 or os.uname().machine not in ('x86_64', 'aarch64'):
        print('needs root, and no sanitizer')
        sys.exit(77)
    if not int(status_of('self')['CapEff'][0], 16) & READ_ANY:
        print('needs all of root')
        sys.exit(77)
    check_nobody()
    check_named()
    with tempfile.TemporaryDirectory() as folder:
        check_root_files(folder)
        check_order(folder)
    with tempfile.TemporaryDirectory() as folder:
        check_written(folder)
    done()


main()
