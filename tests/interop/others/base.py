"""What a peer has to have to be one of the table."""
import contextlib
import functools
import json
import re
import shutil
import subprocess
from stage import NAME, Trouble, pki, program, run

REQUEST = b'GET / HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n'
CLIENT_CA = pki('client-ca.pem')
ROOT = pki('root.pem')


class Peer:
    """`server` and `client` are the Claims of these seats, None where it has no such seat. `lacks` says in a few words what is
    not claimed, and why, for the page; `needs` are Debian's packages."""
    name = needs = lacks = ''
    server = client = None
    programs = ()
    echoes = False  # its server sends back what it gets, and speaks no HTTP
    connects_more = False  # its client makes more connections than it asks for something in
    differs = ()  # paragraphs for the page: what was found, and who is right

    def version(self):
        """The version for the page, or None."""
        return None

    def absent(self):
        """Why it cannot take part here; '' when it can."""
        missing = [p for p in self.programs if not where(p)]
        if missing:
            return f'{", ".join(missing)} is not installed (Debian: {self.needs})'
        return ''

    def prepare(self, stage):
        """Before the first case of a stage: databases, compilations."""

    def www(self, stage):
        """A folder for our server to serve; None: it answers with what was agreed on."""
        return None

    def first(self, case):
        """A group other than the case's, for a client's first key share. Servers of ours and of the peer are told the case's
        alone."""
        return 'x25519' if case.group != 'x25519' else 'secp256r1'

    @contextlib.contextmanager
    def serve(self, stage, case):
        """The peer's server: gives its port, and a function that tells what it says of its connections afterwards."""
        raise NotImplementedError
        yield  # pylint: disable=unreachable

    def connect(self, stage, case, port):
        """The peer's client, case.count times: what it says of each connection, as far as it does."""
        raise NotImplementedError


def where(name):
    return shutil.which(name) or shutil.which(name, path='/usr/sbin:/sbin')


def identity(name):
    """Certificate, key, and chain, as files."""
    return pki(name + '.pem'), pki(name + '.key'), pki(name + '.chain.pem')


def said_nothing():
    return []


@functools.lru_cache(None)
def iana():
    """OpenSSL's names of suites, and IANA's."""
    _, out = run(['openssl', 'ciphers', '-stdname', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0'])
    return {words[2]: words[0] for words in map(str.split, out.splitlines()) if len(words) > 2}


def version_of(*command, pattern=r'(\d+(?:\.\d+)+\w*)'):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(pattern, done.stdout.decode('utf-8', 'replace'))
    return found and found[1]


def package_version(package):
    """Debian's, without its own revision."""
    if not shutil.which('dpkg-query'):
        return None
    done = subprocess.run(['dpkg-query', '-W', '-f', '${Version}', package], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return re.sub(r'^\d+:|[-+].*$', '', done.stdout.decode()) or None


class OfOurs(Peer):
    """A library that has no command for the matter: a program of ours (programs/), which is given words KEY=VALUE and writes
    a line of JSON for each connection."""
    tickets_can_be_off = True

    def command(self, stage):
        raise NotImplementedError

    def words(self, stage, case, groups):
        words = {'version': case.version, 'groups': ','.join(groups), 'alpn': int(case.alpn), 'tickets': int(case.resumption != 'id')}
        return words

    @contextlib.contextmanager
    def serve(self, stage, case):
        port = stage.next_port()
        words = {'port': port, 'chain': identity(case.certificate)[2], 'key': identity(case.certificate)[1], **self.words(stage, case, case.server_groups())}
        if case.client:
            words['ca'] = CLIENT_CA
        with program(stage, [*self.command(stage), 'server', *(f'{k}={v}' for k, v in words.items())], port, cwd=stage.folder) as written:
            yield port, lambda: of_lines(written())

    def connect(self, stage, case, port):
        words = {'port': port, 'host': NAME, 'ca': ROOT, 'count': case.count, **self.words(stage, case, case.groups(self.first(case)))}
        if case.client:
            words.update(chain=identity(case.client)[2], key=identity(case.client)[1])
        status, out = run([*self.command(stage), 'client', *(f'{k}={v}' for k, v in words.items())], cwd=stage.folder)
        told = of_lines(out)
        if status or len(told) != case.count:
            raise Trouble(f'{self.name}: exit status {status}, {len(told)} connections: {out[-400:]!r}')
        return told


def of_lines(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith('{')]
