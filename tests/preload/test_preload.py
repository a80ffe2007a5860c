#!/usr/bin/env python3
"""libwiretale-keys.so beside programs with and without TLS: the lines that it writes are those that the server has, and
the programs do what they do without it."""
import glob
import os
import re
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import threading
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tools'))
from peers import Authority, NAME, folder  # noqa: E402
from tale import check, done, equal  # noqa: E402

LIBRARY = os.environ['KEYS_LIBRARY']
TALK, SPEAK = os.environ.get('TALK'), os.environ.get('SPEAK')
SYMBOLS = {'SSL_CTX_new', 'SSL_CTX_new_ex', 'SSL_CTX_set_keylog_callback', 'SSL_CTX_get_keylog_callback'}
ALONE = os.environ['HARDENED'] != 'no'  # a sanitizer's library has to come before all others


class Server:
    """Greets whoever connects, and has a key log of its own."""

    def __init__(self, at, version=ssl.TLSVersion.TLSv1_3):
        authority = Authority(at)
        authority.leaf('leaf')
        self.ca, self.log = authority.ca, os.path.join(at, f'server-{version}.keys')
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(authority.path('leaf.pem'), authority.path('leaf.key'))
        self.context.maximum_version = version
        self.context.keylog_filename = self.log
        self.socket = socket.create_server(('127.0.0.1', 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer = self.socket.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        try:
            peer.settimeout(20)
            with self.context.wrap_socket(peer, server_side=True) as tls:
                tls.recv(4096)
                tls.sendall(b'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello')
                tls.unwrap()
        except (OSError, ValueError):
            pass

    def lines(self):
        return lines_of(self.log)


def lines_of(path):
    """Lines of a key log, by the client's random."""
    found = {}
    if os.path.exists(path):
        with open(path, encoding='ascii') as f:
            for line in f:
                if not line.startswith('#'):
                    check(re.fullmatch(r'[A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]{64,128}\n', line), f'a line of a key log: {line!r}')
                    found.setdefault(line.split()[1], set()).add(line.strip())
    return found


def counts(lines):
    """Short, and without secrets."""
    return {random[:8]: sorted(line.split()[0] for line in mine) for random, mine in lines.items()}


class Case:
    """One program, with and without the library."""

    def __init__(self, at, server, name):
        self.at, self.server, self.name = at, server, name
        self.keys = os.path.join(at, f'{name}.keys')
        with open(self.keys, 'wb'):
            os.chmod(self.keys, 0o600)

    def environment(self, library=LIBRARY, **more):
        environment = {k: v for k, v in os.environ.items() if k not in ('SSLKEYLOGFILE', 'LD_PRELOAD')}
        return {**environment, 'LD_PRELOAD': library, 'WIRETALE_KEYLOG': self.keys, **more}

    def run(self, *command, connections=1, wanted=None, lines=True, bare=None, **options):
        options.setdefault('env', self.environment())
        without = {k: v for k, v in options['env'].items() if k not in ('LD_PRELOAD', 'WIRETALE_KEYLOG')}
        options = {'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, 'stdin': subprocess.DEVNULL, 'timeout': 60, 'check': False, **options}
        plain = subprocess.run(command, **{**options, 'env': without})
        before = set(self.server.lines())
        told = subprocess.run(command, **options)
        equal(told.returncode, plain.returncode, f'{self.name}: exit status: {told.stderr[-800:]}')
        if wanted is not None:
            equal(told.returncode, wanted, f'{self.name}: exit status: {told.stderr[-800:]}')
        check(b'wiretale' not in told.stderr and b'Sanitizer' not in told.stderr, f'{self.name}: {told.stderr[-800:]}')
        seen = self.server.lines()
        mine = {random: seen[random] for random in seen if random not in before}
        equal(len(mine), connections, f'{self.name}: connections')
        got, wanted = lines_of(self.keys), mine if lines else {}
        check(got == wanted, f'{self.name}: lines of {counts(got)}, not {counts(wanted)}')
        return told


# --- the file itself ---

def check_file():
    """It gives its hooks and nothing else, and needs nothing: neither a library nor a version of a function."""
    out = subprocess.run(['nm', '-D', LIBRARY], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    defined = {line.split()[-1] for line in out if line.split()[-2] in 'TtWVDBR' and len(line.split()) == 3}
    equal(defined, SYMBOLS, 'what it exports')
    if not ALONE:
        return
    check(not any('@' in line for line in out), 'functions of no particular version')
    dynamic = subprocess.run(['readelf', '-dW', LIBRARY], stdout=subprocess.PIPE, text=True, check=True).stdout
    check('(NEEDED)' not in dynamic, 'no library is needed')
    check('BIND_NOW' not in dynamic and ' NOW' not in dynamic, 'a function that is missing is missed when it is called, and then we do not call it')
    check(os.stat(LIBRARY).st_size < 100000, 'it is small')


# --- programs of the test ---

def check_talk(at, server):
    case = Case(at, server, 'plain')
    case.run(TALK, str(server.port), 'plain', wanted=0)
    equal(stat.S_IMODE(os.stat(case.keys).st_mode), 0o600, 'the file stays as it was')

    case = Case(at, server, 'own')
    told = case.run(TALK, str(server.port), 'own', wanted=0)
    own = {line[4:] for line in told.stdout.decode().splitlines() if line.startswith('own ')}
    equal({frozenset(v) for v in lines_of(case.keys).values()}, {frozenset(own)}, 'its own callback gets the same lines')

    other = os.path.join(at, 'others-file')
    Case(at, server, 'closed').run(TALK, str(server.port), 'closed', other, wanted=0)
    equal(os.path.getsize(other), 0, 'nothing is written to a file that took our number')

    Case(at, server, 'forked').run(TALK, str(server.port), 'forked', wanted=0, connections=2)
    Case(at, server, 'bare').run(TALK, str(server.port), 'bare', wanted=0)
    Case(at, server, 'small').run(TALK, str(server.port), 'small', wanted=0, lines=False)
    Case(at, server, 'threads').run(TALK, str(server.port), 'threads', wanted=0, connections=8)

    case = Case(at, server, 'no variable')
    environment = case.environment()
    del environment['WIRETALE_KEYLOG']
    case.run(TALK, str(server.port), 'own', env=environment, wanted=0, lines=False)
    case = Case(at, server, 'no such file')
    case.run(TALK, str(server.port), 'own', env=case.environment(WIRETALE_KEYLOG=os.path.join(at, 'none', 'x')), wanted=0, lines=False)
    case = Case(at, server, 'a folder')
    case.run(TALK, str(server.port), 'plain', env=case.environment(WIRETALE_KEYLOG=at), wanted=0, lines=False)
    os.mkfifo(os.path.join(at, 'fifo'))
    case = Case(at, server, 'a pipe without a reader')
    case.run(TALK, str(server.port), 'plain', env=case.environment(WIRETALE_KEYLOG=os.path.join(at, 'fifo')), wanted=0, lines=False)


def check_modules(at, server):
    """libssl that arrives late and for its module alone; and two of them in one process."""
    Case(at, server, 'module').run(bare_talk(at), str(server.port), 'modules', SPEAK, wanted=0)
    other = os.path.join(at, 'other')
    os.mkdir(other)
    libssl = next((line.split()[2] for line in subprocess.run(['ldd', SPEAK], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
                   if 'libssl.so' in line), None)
    if not libssl:
        return
    soname = re.search(r'libssl\.so\.[0-9.]+', libssl)[0].encode()
    renamed = soname.replace(b'libssl', b'libsSl')
    for path, name in ((libssl, renamed.decode()), (SPEAK, 'speak.so')):
        with open(path, 'rb') as f:
            data = f.read()
        with open(os.path.join(other, name), 'wb') as f:
            f.write(data.replace(soname + b'\0', renamed + b'\0'))
    case = Case(at, server, 'two modules')
    case.run(bare_talk(at), str(server.port), 'modules', SPEAK, os.path.join(other, 'speak.so'), connections=2, wanted=0,
             env=case.environment(LD_LIBRARY_PATH=other))
    case = Case(at, server, 'linked and a module')
    case.run(TALK, str(server.port), 'modules', os.path.join(other, 'speak.so'), SPEAK, connections=2, wanted=0,
             env=case.environment(LD_LIBRARY_PATH=other))


def check_stubs(at):
    """Libraries of other versions: without key-log callbacks, as LibreSSL once was; and OpenSSL 1.1 and 3, one beside the other."""
    talk, module = ({n: os.environ.get(f'STUB_{what}_{n}') for n in '123'} for what in ('TALK', 'MODULE'))
    if not talk['1']:
        return
    for name, words, wanted in (('without callbacks', [talk['1']], ''), ('without callbacks, asks', [talk['1'], 'ask'], ''),
                                ('OpenSSL 1.1', [talk['2']], '2'), ('OpenSSL 1.1, asks', [talk['2'], 'ask'], '2'), ('OpenSSL 3', [talk['3'], 'ask'], '3'),
                                ('3 beside 1.1', [talk['2'], module['3']], '23'), ('1.1 beside 3', [talk['3'], module['2']], '32'),
                                ('all', [talk['2'], module['3'], module['2'], module['3']], '2323')):
        keys = os.path.join(at, 'stubs.keys')
        with open(keys, 'wb'):
            pass
        runs = [subprocess.run(words, env={**os.environ, **more}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
                for more in ({}, {'LD_PRELOAD': LIBRARY, 'WIRETALE_KEYLOG': keys})]
        equal((runs[1].returncode, runs[1].stdout), (0, runs[0].stdout), f'{name}: as without: {runs[0].returncode}')
        with open(keys, encoding='ascii') as f:
            equal(''.join(line.split()[1].lstrip('0') for line in f), wanted, f'{name}: whose lines')


def bare_talk(at):
    """An interpreter without libssl that opens modules as the program does."""
    path = os.path.join(at, 'bare-talk')
    if not os.path.exists(path):
        with open(path, 'w', encoding='ascii') as f:
            f.write('''#!/usr/bin/env python3
import ctypes, sys
LINE = ctypes.CFUNCTYPE(None, ctypes.c_char_p)
own = LINE(lambda line: None)
for module in sys.argv[3:]:
    speak = ctypes.CDLL(module)
    speak.speak_begin.restype = ctypes.c_void_p
    speak.speak_end.argtypes = [ctypes.c_void_p, ctypes.c_int]
    if speak.speak_end(speak.speak_begin(own), int(sys.argv[1])):
        sys.exit(1)
''')
        os.chmod(path, 0o755)
    return path


def check_rights(at, server):
    """As root alone: rights that are given up; and a set-user-id program, which it is never in."""
    if os.geteuid() != 0:
        return
    os.chmod(at, 0o755)
    private = os.path.join(at, 'private')
    os.mkdir(private, 0o700)
    case = Case(private, server, 'dropped')
    case.run(TALK, str(server.port), 'dropped', wanted=0)
    program = os.path.join(at, 'set-user-id')
    shutil.copy(TALK, program)
    os.chmod(program, 0o4755)
    case = Case(at, server, 'set-user-id')
    os.chmod(case.keys, 0o666)
    case.run(program, str(server.port), 'plain', wanted=0, lines=False, user=65534, group=65534, cwd='/')


def check_idle(at, server):
    """Programs without TLS: no library arrives, nothing is allocated, nothing is said, no descriptor is opened."""
    case = Case(at, server, 'idle')
    told = [subprocess.run([TALK, '0', 'idle'], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
            for env in (case.environment(), case.environment(LD_PRELOAD=''))]
    equal(told[0].stdout, told[1].stdout, 'bytes of the heap in use when the program begins')
    equal(told[0].stderr, b'', 'words')
    maps = subprocess.run(['cat', '/proc/self/maps'], env=case.environment(), stdout=subprocess.PIPE, text=True, check=True).stdout
    check(os.path.basename(LIBRARY) in maps and 'libssl' not in maps and 'libcrypto' not in maps, 'no libssl where there was none')
    listed = subprocess.run(['ls', '-l', '/proc/self/fd'], env=case.environment(), stdout=subprocess.PIPE, text=True, check=True).stdout
    check('keys' not in listed, 'no descriptor')
    equal(os.path.getsize(case.keys), 0, 'no line')


# --- programs of others ---

PYTHON = '''
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(sys.argv[2])
if len(sys.argv) > 3:
    context.keylog_filename = sys.argv[3]
with context.wrap_socket(socket.create_connection(('127.0.0.1', int(sys.argv[1]))), server_hostname='NAME') as tls:
    tls.sendall(b'x')
    assert tls.recv(99).endswith(b'hello')
'''.replace('NAME', NAME)
PERL = '''
use IO::Socket::SSL;
my $s = IO::Socket::SSL->new(PeerHost => '127.0.0.1', PeerPort => $ARGV[0], SSL_ca_file => $ARGV[1], SSL_verifycn_name => 'NAME',
    SSL_hostname => 'NAME') or die $SSL_ERROR;
print $s "x\\n"; my $text = join('', <$s>); die unless $text =~ /hello$/;
'''.replace('NAME', NAME)


def check_programs(at, server, version):
    tag = f' {version}'
    Case(at, server, 's_client' + tag).run('openssl', 's_client', '-connect', f'127.0.0.1:{server.port}', '-CAfile', server.ca, input=b'x\n',
                                           stdin=None, wanted=0)
    for python in sorted({sys.executable, '/usr/bin/python3'} & {p for p in (sys.executable, '/usr/bin/python3') if os.path.exists(p)}):
        place = ' of the system' if python == '/usr/bin/python3' else ''
        Case(at, server, 'python' + place + tag).run(python, '-c', PYTHON, str(server.port), server.ca, wanted=0)
        case, own = Case(at, server, 'python with a key log' + place + tag), os.path.join(at, f'own{place}{version}.keys')
        case.run(python, '-c', PYTHON, str(server.port), server.ca, own, wanted=0)
        check(lines_of(own).items() >= lines_of(case.keys).items(), 'both have the lines')
    if subprocess.run(['perl', '-MIO::Socket::SSL', '-e', '1'], stderr=subprocess.DEVNULL, check=False).returncode == 0:
        Case(at, server, 'perl' + tag).run('perl', '-e', PERL, str(server.port), server.ca, wanted=0)
    if shutil.which('curl'):
        Case(at, server, 'curl' + tag).run('curl', '-s', '--cacert', server.ca, '--connect-to', f'{NAME}:{server.port}:127.0.0.1:{server.port}',
                                           f'https://{NAME}:{server.port}/', wanted=0)
        case, own = Case(at, server, 'curl with a key log' + tag), os.path.join(at, f'curl{version}.keys')
        case.run('curl', '-s', '--cacert', server.ca, '--connect-to', f'{NAME}:{server.port}:127.0.0.1:{server.port}',
                 f'https://{NAME}:{server.port}/', env=case.environment(SSLKEYLOGFILE=own), wanted=0)
        check(lines_of(own).items() >= lines_of(case.keys).items(), 'both have the lines')


def check_boringssl(at, server):
    """Another libssl, with other functions behind the same names."""
    libraries = glob.glob('/usr/lib/*/android/libssl.so.0')
    if not libraries or not os.path.exists('/usr/include/android/openssl/ssl.h') or not shutil.which('cc'):
        return
    program, place = os.path.join(at, 'boringssl'), os.path.dirname(libraries[0])
    sources = os.path.dirname(os.path.abspath(__file__))
    built = subprocess.run(['cc', '-D_GNU_SOURCE', '-I/usr/include/android', os.path.join(sources, 'talk.c'), os.path.join(sources, 'speak.c'), '-o', program,
                            '-L' + place, '-Wl,-rpath,' + place, '-l:libssl.so.0', '-l:libcrypto.so.0', '-lpthread', '-ldl'],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if not check(built.returncode == 0, built.stdout[-500:]):
        return
    for way, connections in (('plain', 1), ('own', 1), ('threads', 8), ('forked', 2), ('bare', 1)):
        Case(at, server, f'BoringSSL, {way}').run(program, str(server.port), way, wanted=0, connections=connections)
    # two libssl of different make in one process
    Case(at, server, 'BoringSSL, and a module with OpenSSL').run(program, str(server.port), 'modules', SPEAK, wanted=0)


def check_watched(at, server):
    """A sanitizer looks at it, in programs that are watched as well."""
    library, talk = os.environ.get('KEYS_WATCHED'), os.environ.get('TALK_WATCHED')
    if not talk:
        return
    runtime = subprocess.run(['ldd', talk], stdout=subprocess.PIPE, text=True, check=True).stdout
    first = ':'.join(re.findall(r'=> (\S*lib(?:asan|ubsan)\S*)', runtime))
    for way, connections in (('plain', 1), ('own', 1), ('threads', 8), ('bare', 1), ('closed', 1), ('forked', 2)):
        case = Case(at, server, 'watched ' + way)
        case.run(talk, str(server.port), way, os.path.join(at, 'others'), wanted=0, connections=connections,
                 env=case.environment(f'{first}:{library}' if first else library, ASAN_OPTIONS='detect_leaks=1'))


def main():
    check_file()
    if not TALK or not ALONE:
        print('without libssl, or in a sanitizer\'s build: only the file itself was looked at')
        sys.exit(done())
    with folder() as at:
        server = Server(at)
        check_talk(at, server)
        check_modules(at, server)
        check_stubs(at)
        check_rights(at, server)
        check_idle(at, server)
        check_programs(at, server, 'TLS 1.3')
        check_boringssl(at, server)
        check_watched(at, server)
        os.mkdir(os.path.join(at, '12'))
        check_programs(at, Server(os.path.join(at, '12'), ssl.TLSVersion.TLSv1_2), 'TLS 1.2')
    sys.exit(done())


if __name__ == '__main__':
    main()
