"""Peers that speak over UDP, on the loopback of a network namespace of its own: each scene has a port, a folder, a capture
and a key log."""
import contextlib
import glob
import os
import re
import signal
import subprocess
import sys
import time
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tools'))
from peers import LIMIT, NAME, ran  # noqa: E402
from tale import CAPTURES  # noqa: E402

PKI = os.path.abspath(os.path.join(CAPTURES, 'pki'))
MTU = 1500  # the loopback's own is 64 KiB, in which nothing is ever fragmented
QUIC = {'client': ['gtlsclient', '--no-quic-dump', '--no-http-dump', '--exit-on-all-streams-close'], 'server': ['gtlsserver', '--no-quic-dump', '--no-http-dump']}


class Trouble(Exception):
    """A peer did not do what it was told to: its sentence is the scene's result."""


def pki(name):
    return os.path.join(PKI, name)


def bound(port):
    """Whether somebody has a UDP socket on the port. Asking the kernel sends nothing to it."""
    for table in ('/proc/net/udp', '/proc/net/udp6'):
        with contextlib.suppress(OSError), open(table, encoding='ascii') as f:
            if any(int(line.split()[1].rsplit(':', 1)[1], 16) == port for line in list(f)[1:]):
                return True
    return False


def ready():
    """The namespace as a wire would be."""
    subprocess.run(['ip', 'link', 'set', 'lo', 'mtu', str(MTU)], check=True)
    subprocess.run(['ip', 'address', 'add', '192.0.2.80/32', 'dev', 'lo'], check=False, stderr=subprocess.DEVNULL)


class Stage:
    """One scene: `begin()`, peers, `end()`. What is still running at the end is stopped."""

    def __init__(self, folder, port, identity):
        self.folder, self.port, self.identity, self.running = folder, port, identity, []
        self.capture, self.keys = self.path('capture.pcap'), self.path('keys')
        for side in ('client', 'server'):
            os.makedirs(self.path(side))
        with open(self.path('server', 'page'), 'wb') as f:
            f.write(b'A page of a few packets.\n' * 400)
        with open(self.path('server', 'large'), 'wb') as f:
            f.write(bytes(300000))

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def environment(self):
        kept = {k: v for k, v in os.environ.items() if k not in ('SSL_CERT_FILE', 'SSL_CERT_DIR', 'LANGUAGE', 'MALLOC_PERTURB_')}
        return {**kept, 'LC_ALL': 'C.UTF-8', 'SSLKEYLOGFILE': self.keys}

    def start(self, command, log, **keywords):
        with open(self.path(log), 'wb') as f:
            process = subprocess.Popen([str(word) for word in command], stdout=f, stderr=subprocess.STDOUT, env=self.environment(),
                                       cwd=self.folder, **{'stdin': subprocess.DEVNULL, **keywords})
        self.running.append(process)
        return process

    def await_(self, so, what):
        end = time.monotonic() + LIMIT
        while not so():
            if time.monotonic() > end:
                raise Trouble(f'waited in vain for {what}')
            time.sleep(0.02)

    def said(self, log, word):
        with open(self.path(log), 'rb') as f:
            return word in f.read()

    def begin(self):
        """Two ports: a preferred address has one of its own. An ICMP message quotes the datagram that it is about, whose
        ports are 28 bytes behind the message's own header (RFC 792)."""
        filter_ = f'udp portrange {self.port}-{self.port + 1} or icmp[30:2] = {self.port}'
        self.tcpdump = self.start(['tcpdump', '-i', 'lo', '-s', '0', '-B', '65536', '--immediate-mode', '-U', '-Z', 'root', '-w', self.capture, filter_], 'tcpdump')
        self.await_(lambda: self.said('tcpdump', b'listening on'), 'tcpdump')

    def serve(self, *command, log='server.log', port=None, **keywords):
        process = self.start(command, log, **keywords)
        self.await_(lambda: bound(port or self.port) or process.poll() is not None, f'{command[0]} to listen')
        if process.poll() is not None:
            raise Trouble(f'{command[0]} ended with {process.returncode}')
        return process

    def run(self, *command, data=b'', limit=LIMIT):
        return ran(command, data, limit, env=self.environment(), cwd=self.folder)

    def stop(self, process, number=signal.SIGINT):
        if process in self.running:
            self.running.remove(process)
        if process.poll() is None:
            process.send_signal(number)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin:
            process.stdin.close()

    def stop_soon(self, process):
        """It ends by itself, or else is stopped."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)
        self.stop(process)

    def end(self):
        """The peers first, whose last words still belong into the capture."""
        tcpdump = getattr(self, 'tcpdump', None)
        for process in [p for p in self.running if p is not tcpdump]:
            self.stop(process)
        size = -1
        while tcpdump and size != os.path.getsize(self.capture):  # what it has yet to write
            size = os.path.getsize(self.capture)
            time.sleep(0.3)
        if tcpdump:
            self.stop(tcpdump)

    def has_gaps(self):
        found = re.search(rb'(\d+) packets? dropped by kernel', open(self.path('tcpdump'), 'rb').read())
        return not found or int(found[1]) > 0

    # ngtcp2's client and server, on GnuTLS

    def quic_server(self, *options):
        return self.serve(*QUIC['server'], '-q', '--qlog-dir', self.path('server'), '-d', self.path('server'), *options, '127.0.0.1', self.port,
                          *self.identity)

    def quic_client(self, *options, pages=('page',), limit=LIMIT):
        urls = [f'https://localhost/{page}' for page in pages]  # the name it asks for where it is given an address
        return self.run(*QUIC['client'], '-q', '--qlog-dir', self.path('client'), *options, '127.0.0.1', self.port, *urls, limit=limit)

    def qlogs(self, side):
        return sorted(glob.glob(self.path(side, '*.*qlog')))
