#!/usr/bin/env python3
"""What the command says to a person who uses it wrongly, and how it behaves on pipes and terminals."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import tempfile
import termios
from tale import BINARY, CAPTURES, check, done, equal, wiretale

ARTICLE = os.path.join(CAPTURES, 'article.pcapng')
FAILURES = os.path.join(CAPTURES, '..', 'failures')
MANY = os.path.join(CAPTURES, 'versions-mixed.pcapng')


def check_usage_errors():
    wrong = [
        ([], 'wiretale read CAPTURE'), (['raed', ARTICLE], "did you mean 'wiretale read'"),
        ([ARTICLE], "did you mean 'wiretale read "), (['nonsense'], 'wiretale help'), (['--jsno'], 'unknown command'),
        (['read'], 'missing capture'), (['read', '--jsno', ARTICLE], 'did you mean --json?'),
        (['read', '--colour=never', ARTICLE], 'did you mean --color?'), (['read', '--xyzzyx', ARTICLE], 'help read'),
        (['read', '-Q', ARTICLE], 'unknown option -Q'), (['read', '--filter'], 'needs a value'),
        (['read', ARTICLE, '-f'], 'needs a value'), (['read', '--json=yes', ARTICLE], 'takes no value'),
        (['read', '--stream', '-1', ARTICLE], 'number from 0'), (['read', '--stream', '4x', ARTICLE], "not '4x'"),
        (['read', '--stream', '99999999999', ARTICLE], 'number from 0'),
        (['read', '--columns', '5', ARTICLE], 'number from 20'), (['read', '--color=red', ARTICLE], "not 'red'"),
        (['read', '--lines', '--explain', ARTICLE], 'cannot be combined'), (['read', '--json', '--explain', ARTICLE], '--json --bytes'), (['read', '--json', '--color=always', ARTICLE], '--color is for text'),
        (['live'], 'missing interface'), (['live', 'eth0'], 'live -i eth0'), (['live', '-i', 'lo', '--snaplen', 'all'], 'number'),
        (['read', '--psk', 'xyz', ARTICLE], 'hexadecimal'), (['read', '--psk', 'id:abc', ARTICLE], 'two per byte'),
        (['read', '--psk', '', ARTICLE], 'hexadecimal'), (['read', '--verify', 'some', ARTICLE], "auto, all, none, not 'some'"),
        (['read', '--record', '0', ARTICLE], 'number from 1'), (['read', '--record', '3:srv', ARTICLE], 'client, server'),
        (['read', '--record', '3x:client', ARTICLE], "not '3x'"), (['read', '--lines', '--secrets', ARTICLE], 'cannot be combined'),
        (['read', '--lines', '--record=1', ARTICLE], 'cannot be combined'), (['read', '-k', '-', '-'], 'used twice'),
        (['read', '-k', '-', '-k', '-', ARTICLE], 'used twice'), (['read', '--rsa-password-file', ARTICLE, ARTICLE], '--rsa-key'),
        (['follow'], 'wiretale follow CAPTURE 0'), (['follow', ARTICLE], 'missing stream'), (['follow', ARTICLE, 'x'], "not 'x'"),
        (['follow', ARTICLE, '0', '1'], 'does not continue'), (['follow', ARTICLE, '0', '-o', 'x'], '--raw'),
        (['follow', ARTICLE, '0', '--raw'], '-o PREFIX'), (['follow', ARTICLE, '0', '--side', 'both'], 'client, server'),
        (['decrypt'], 'missing capture'), (['decrypt', ARTICLE], '-o FILE'), (['decrypt', ARTICLE, '-o', 'x', '--map-port', '443'], '443:80'),
        (['decrypt', ARTICLE, '-o', 'x', '--map-port', '0:80'], '443:80'), (['decrypt', ARTICLE, '-o', 'x', '--map-port', '443:80x'], '443:80'),
        (['decrypt', '-', '-o', 'x', '--filter', 'tls'], 'reads it twice'), (['keys', ARTICLE], '-o FILE'), (['keys'], 'missing capture'),
        (['keys', '-', '-o', 'x'], 'more than once'),
        (['read', '--at', '2026-02-30', ARTICLE], "not '2026-02-30'"), (['read', '--at', 'noon', ARTICLE], "not 'noon'"),
        (['read', '--ca-file', '/no/such', ARTICLE], 'No such file'), (['read', '--fail-on', 'bad', ARTICLE], 'fatal, not'),
        (['read', '--max-memory', '15', ARTICLE], 'a number from 16 to 1048576'),
        (['client'], 'missing host'), (['client', 'a', 'b'], "what is 'b'"), (['client', 'a:b'], "'a:b' is no HOST"), (['client', 'a:0'], 'is no HOST'),
        (['client', 'a:65536'], 'is no HOST'), (['client', 'fe80:::1:1'], 'is no HOST'), (['client', '[::1'], 'is no HOST'), (['client', 'http://a'], 'is no HOST'),
        (['client', 'a', '--get', 'index.html'], 'beginning with /'), (['client', 'a', '--get', '/a b'], 'without blanks'), (['client', 'a', '--get', '/', '--alpn', 'h2'], 'http/1.1'),
        (['client', 'a', '--connect', ':443'], '--connect takes HOST'), (['client', 'a', '--starttls', 'smpt'], 'did you mean smtp?'), (['client', 'a', '--starttls', 'socks'], 'one of postgresql, mysql'),
        (['client', 'a', '--proxy', 'a:1'], '--proxy takes http://HOST:PORT'), (['client', 'a', '--proxy', 'http://'], '--proxy takes'), (['client', 'a', '--timeout', '0'], 'number from 1'),
        (['client', 'a', '--versions', '1.1'], "no '1.1'; 1.2 and 1.3"), (['client', 'a', '--suites', 'TLS_AES_128_GCM_SHA25'], 'did you mean TLS_AES_128_GCM_SHA256?'),
        (['client', 'a', '--suites', 'TLS_RSA_WITH_NULL_MD5'], 'TLS_RSA_WITH_NULL_MD5 is not available'), (['client', 'a', '--suites', 'nonsense'], "no 'nonsense': names are IANA's"),
        (['client', 'a', '--suites', 'TLS_AES_128_GCM_SHA256', '--versions', '1.2'], 'for these --versions'), (['client', 'a', '--groups', 'x2551'], 'did you mean x25519?'),
        (['client', 'a', '--groups', ','], 'the list is empty'), (['client', 'a', '--schemes', 'ed2551'], 'did you mean ed25519?'), (['client', 'a', '--alpn', 'h2,,x'], 'of 1 to 255 bytes'),
        (['client', 'a', '--cert', ARTICLE], 'needs a --key'), (['client', 'a', '--cert', '/no/such', '--key', '/no/such'], 'No such file'), (['client', 'a', '--cert', ARTICLE, '--key', ARTICLE], 'article.pcapng: '),
        (['client', 'a', '--ca', '/no/such'], 'No such file'), (['client', 'a', '--keylog', '/no/such/file'], 'No such file'), (['client', 'a', '--capture', '/no/such/file'], 'No such file'),
        (['server'], '--make NAME'), (['server', '--tickets', '9'], '--tickets takes a number from 0 to 8'), (['server', '--early', '65537'], '--early takes a number from 1 to 65536'),
        (['server', '--psk', 'a'], '--psk: '), (['client', 'a', '--psk', 'a'], '--psk: '), (['client', 'a', '--early', 'x'], '--early needs --session'), (['server', 'x'], "what is 'x'"), (['server', '--echo', '--www', '.'], 'keep one'), (['server', '--proxy-to', 'a'], '--proxy-to takes HOST:PORT'),
        (['server', '--port', '65536'], 'number from 0 to 65535'), (['server', '--limit', '0'], 'number from 1'), (['server', '--verify-client=maybe'], 'must be one of none, optional, required'),
        (['server', '--make', 'a/b'], '--make a/b: '), (['server', '--www', '/no/such', '--cert', 'x'], '/no/such: No such file'),
        (['run'], 'run -- PROGRAM'), (['run', '--no-isolate', '--forward', '80', 'true'], 'remove it, or --no-isolate'),
        (['run', '--forward', '0', 'true'], 'number from 1 to 65535'), (['run', '--timeout', '0', 'true'], 'number from 1'),
        (['run', '--redact', '-w', 'x', 'true'], 'cannot be combined with --write'), (['run', '--lines', '--bytes', 'true'], '--lines cannot be combined'),
        (['compare', ARTICLE], 'expected two captures'), (['fields', '--all'], 'unknown option'), (['help', 'raed'], 'help read'), (['help', '--what'], 'unknown option'),
    ]
    for arguments, mend in wrong:
        told = wiretale(*arguments, status=2)
        check(mend in told.err, f'{arguments}: {told.err!r} lacks {mend!r}')
        equal(told.err.count('\n'), 1, f'{arguments}: lines of {told.err!r}')
        equal(told.out, '', f'{arguments}: standard output')
    for filter, column in (('ip.addr ==', 11), ('(tls', 5), ('no.such.field == 1', 1), ('tls && && ssl', 8)):
        told = wiretale('read', '--filter', filter, ARTICLE, status=2)
        found = re.search(r'column (\d+): .', told.err)
        check(found and abs(int(found.group(1)) - column) <= 1, f'filter {filter!r}: {told.err!r}, not column {column}')


def check_help():
    overview = wiretale('help', status=0).out
    equal(wiretale('--help', status=0).out, overview, '--help')
    commands = re.findall(r'^  (\w+) ', overview, re.M)
    equal(commands, ['read', 'live', 'run', 'follow', 'decrypt', 'keys', 'compare', 'client', 'server', 'fields', 'help'], 'commands')
    for command in commands:
        text = wiretale('help', command, status=0).out
        equal(wiretale(command, '--help', status=0).out, text, f'{command} --help')
        check(text.startswith('usage: wiretale ' + command), f'help {command}')
        check(max(map(len, text.split('\n'))) <= 110, f'help {command} is wide')
    check(re.fullmatch(r'wiretale \d+\.\d+\.\d+\n', wiretale('--version', status=0).out), '--version')
    fields = wiretale('fields', status=0).out.splitlines()
    check(len(fields) > 20, 'few fields')
    check(any(line.startswith('tls.handshake.type ') for line in fields), 'fields lacks tls.handshake.type')
    some = wiretale('fields', 'handshake', status=0).out.splitlines()
    check(some and all('handshake' in line.split()[0] for line in some) and len(some) < len(fields), 'fields WORD')


def check_forms():
    story = wiretale('read', ARTICLE, status=0).out
    line = wiretale('read', '--lines', ARTICLE, status=0).out
    explained = wiretale('read', '--explain', ARTICLE, status=0).out
    with_bytes = wiretale('read', '--bytes', ARTICLE, status=0).out
    check(len(line) < len(story) < len(explained) < len(with_bytes), 'line < story < explained < with bytes')
    check('www.example.com' in line and 'www.example.com' in story, 'the name is told')
    check('article.pcapng: ' in story.split('\n')[0], f'head: {story[:80]!r}')
    with tempfile.TemporaryDirectory() as folder:
        deep = os.path.join(folder, 'a' * 100, 'b' * 100)
        os.makedirs(deep)
        os.symlink(ARTICLE, os.path.join(deep, 'the-name.pcapng'))
        path = os.path.join(deep, 'the-name.pcapng')
        head = wiretale('read', path, status=0, env={'COLUMNS': ''}).out.split('\n')[0]
        check(path + ': ' in head, f'a long path is whole where output has no width: {head!r}')
        head = wiretale('read', '--columns', '80', path, status=0).out
        check(path in head.replace('\n', ''), f'and broken, not cut, on a narrow terminal: {head[:300]!r}')
    many = wiretale('read', MANY, status=0).out
    equal(wiretale('read', '--lines', MANY, status=0).out, many, 'many connections are told in lines unasked')
    one = wiretale('read', '--stream', '3', MANY, status=0).out
    check(len(one) > 0 and one != many, '--stream')
    connections, summary = wiretale('read', '--json', '--stream', '3', MANY, status=0).json()
    equal([c['stream'] for c in connections], [3], '--stream 3')
    check(summary['connections'] > 1, 'the summary counts what was read, not what was chosen')
    check('that stream' in wiretale('read', '--stream', '999', MANY, status=1).out, '--stream of none')
    check('matches the filter' in wiretale('read', '--filter', 'tcp.port == 9', MANY, status=0).out, '--filter of none')
    filtered, _ = wiretale('read', '--json', '--filter', 'tcp.stream == 3', MANY, status=0).json()
    equal(filtered, connections, '--filter tcp.stream')
    summary_only = wiretale('read', '--summary', MANY, status=0).out
    check(0 < len(summary_only) < len(many) and '192.0.2.10' not in summary_only, '--summary')
    check(wiretale('read', '--ascii', '--explain', ARTICLE, status=0).out.isascii(), '--ascii')
    check(wiretale('read', ARTICLE, status=0, env={'LC_ALL': 'C'}).out.isascii(), 'C locale')
    for columns in ('60', '80', '200'):
        wide = max(map(len, wiretale('read', '--columns', columns, ARTICLE, status=0).out.split('\n')))
        check(wide <= int(columns), f'--columns {columns}: a line of {wide}')
    check('\x1b[' in wiretale('read', '--color', ARTICLE, status=0, env={'NO_COLOR': '1'}).out, '--color over NO_COLOR')
    # "--" ends the options, and options may stand behind operands
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.abspath(ARTICLE), os.path.join(folder, '--json'))
        check(not wiretale('read', '--', '--json', cwd=folder, status=0).out.startswith('{'), '--')
    check(wiretale('read', ARTICLE, '-jm', status=0).out.startswith('{'), 'bundled letters behind the operand')


def check_causes():
    """What failed is told whole and by name, also where there never was any TLS."""
    for name, cause, side in (('tcp-refused-curl', 'tcp-refused', "server's fault, detected by the client"),
                              ('starttls-refused-postgres', 'starttls-refused', "server's fault"),
                              ('certificate-expired-curl', 'certificate-expired', "server's fault, detected by the client")):
        file = os.path.join(FAILURES, name + '.pcapng')
        story = wiretale('read', file, status=0).out
        check(f'cause: {cause} ({side})' in story and '→ ' in story, f'{name}: {story[:600]}')
        line = wiretale('read', '--lines', file, status=0).out.split('\n')[0]
        check(line.endswith(' ' + cause), f'{name}: {line!r}')


def check_several_files():
    connections, summary = wiretale('read', '--json', ARTICLE, MANY, ARTICLE, status=0).json()
    equal(summary['files'], 3, 'files')
    equal(summary['connections'], len(connections), 'connections over files')
    equal([c['stream'] for c in connections if c['file'] == ARTICLE], [0, 0], 'streams start anew in each file')
    with open(ARTICLE, 'rb') as f:
        piped = wiretale('read', '--json', '-', data=f.read(), status=0).json()[0]
    alone = wiretale('read', '--json', ARTICLE, status=0).json()[0]
    equal([{**c, 'file': ''} for c in piped], [{**c, 'file': ''} for c in alone], 'standard input')
    text = wiretale('read', '--lines', '--columns', '300', ARTICLE, MANY, status=0).out
    check(text.count('article.pcapng') >= 1 and text.count('versions-mixed.pcapng') >= 1, 'each file has its head')


def check_pipes():
    # A reader that has had enough is no failure and leaves no words.
    process = subprocess.Popen([BINARY, 'read', '--json', '--messages', *[MANY] * 20], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    process.stdout.read(100)
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    equal((process.wait(), err), (0, b''), 'closed pipe')
    with open('/dev/full', 'wb') as full:
        done_ = subprocess.run([BINARY, 'read', ARTICLE], stdout=full, stderr=subprocess.PIPE, check=False)
    equal(done_.returncode, 1, 'full disk: exit status')
    check(b'No space left' in done_.stderr, f'full disk: {done_.stderr!r}')


def on_terminal(arguments, columns, env=None):
    """Runs with standard output on a terminal of its own."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k not in ('COLUMNS', 'NO_COLOR')}
    environment.update({'TERM': 'xterm', 'LC_ALL': 'C.UTF-8'}, **(env or {}))
    process = subprocess.Popen([BINARY, *arguments], stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL, env=environment)
    os.close(theirs)
    out = b''
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        out += piece
    os.close(ours)
    equal(process.wait(), 0, f'{arguments} on a terminal')
    return out.decode()


def check_terminal():
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError as error:  # a bare folder without /dev/pts
        print(f'no terminal to be had here ({error}): what is shown on one is not checked')
        return
    plain = re.compile(r'\x1b\[[0-9;]*[mK]')
    for columns in (80, 132):
        out = on_terminal(['read', ARTICLE], columns)
        check('\x1b[' in out, 'colour on a terminal')
        wide = max(len(plain.sub('', line).rstrip('\r')) for line in out.split('\n'))
        check(wide <= columns, f'a line of {wide} on a terminal of {columns}')
    check('\x1b[' not in on_terminal(['read', ARTICLE], 80, {'NO_COLOR': '1'}), 'NO_COLOR')
    check('\x1b[' not in on_terminal(['read', ARTICLE], 80, {'TERM': 'dumb'}), 'TERM=dumb')
    check('%' not in plain.sub('', on_terminal(['read', '--lines', ARTICLE], 80)), 'no progress for what is quick')


def main():
    check_usage_errors()
    check_help()
    check_forms()
    check_causes()
    check_several_files()
    check_pipes()
    check_terminal()
    done()


if __name__ == '__main__':
    main()
