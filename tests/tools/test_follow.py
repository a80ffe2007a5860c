#!/usr/bin/env python3
"""wiretale follow, and what all commands that write files promise: for their owner alone, whole or not at all, and never in
place of what is being read. And what is said of key logs that are not in order."""
import os
import pty
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from tale import BINARY, CAPTURES, check, done, equal, wiretale

ARTICLE = os.path.join(CAPTURES, 'article.pcapng')
HTTP2 = os.path.join(CAPTURES, 'http2-curl.pcapng')
KEYS = ('--keylog', ARTICLE + '.keys')
SAFE = re.compile(r'[^\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]*')


def raw(path, stream, side, *options):
    """The very bytes of a side, on standard output."""
    told = subprocess.run([BINARY, 'follow', '--raw', '--side', side, *options, path, str(stream)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    equal(told.returncode, 0, f'follow --raw --side {side}: {told.stderr!r}')
    return told.stdout


def check_text():
    client, server = raw(ARTICLE, 0, 'client', *KEYS), raw(ARTICLE, 0, 'server', *KEYS)
    check(client.startswith(b'GET / HTTP/1.1\r\n') and server.startswith(b'HTTP/1.1 200 OK\r\n'), f'{client!r} {server!r}')
    text = wiretale('follow', *KEYS, ARTICLE, '0', status=0).out
    lines = ['> ' + line for line in client.decode().splitlines()] + ['< ' + line for line in server.decode().splitlines()]
    equal(text.splitlines(), lines, 'the text of both sides')
    only = wiretale('follow', *KEYS, '--side', 'server', ARTICLE, '0', status=0).out
    equal(only, ''.join(line + '\n' for line in text.splitlines() if line.startswith('<')), '--side server')
    color = wiretale('follow', *KEYS, '--color', ARTICLE, '0', status=0).out
    plain = [line[2:] for line in text.splitlines()]
    equal(re.sub(r'\x1b\[\d*m', '', color).splitlines(), plain, 'colours stand for the prefixes')
    equal(color.count('\x1b[31m') + color.count('\x1b[34m'), len(plain), 'a colour per line')
    equal(color.count('\x1b[0m'), len(plain), 'each is taken back')


def check_escapes():
    for options in ((), ('--ascii',)):
        text = wiretale('follow', *options, '--keylog', HTTP2 + '.keys', HTTP2, '0', status=0).out
        check(SAFE.fullmatch(text), f'what could move a terminal is printed {options}')
        check('\\x00' in text, 'binary is escaped')
        check(text.isascii() or not options, '--ascii')


def check_hex():
    rows = wiretale('follow', *KEYS, '--hex', ARTICLE, '0', status=0).out.splitlines()
    for sign, side in (('>', 'client'), ('<', 'server')):
        told = b''
        for row in rows:
            found = re.fullmatch(r'([<>]) ([0-9a-f]{8})  ([0-9a-f ]{48})  \|(.{1,16})\|', row)
            if not check(found, f'a row: {row!r}') or found.group(1) != sign:
                continue
            equal(int(found.group(2), 16), len(told), 'offset')
            piece = bytes.fromhex(found.group(3))
            equal(found.group(4), ''.join(chr(c) if 32 <= c < 127 else '.' for c in piece), 'ASCII')
            told += piece
        equal(told, raw(ARTICLE, 0, side, *KEYS), f'--hex of the {side}')


def check_raw_files(folder):
    prefix = os.path.join(folder, 'said')
    wiretale('follow', *KEYS, '--raw', '-o', prefix, ARTICLE, '0', status=0)
    equal(sorted(os.listdir(folder)), ['said.client', 'said.server'], 'files of --raw')
    for side in ('client', 'server'):
        with open(f'{prefix}.{side}', 'rb') as f:
            equal(f.read(), raw(ARTICLE, 0, side, *KEYS), f'file of the {side}')
        equal(stat.S_IMODE(os.stat(f'{prefix}.{side}').st_mode), 0o600, f'mode of the {side}\'s')
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))


def check_not_opened(folder):
    prefix = os.path.join(folder, 'nothing')
    told = wiretale('follow', ARTICLE, '0', status=1)
    check('secret' in told.err and told.err.count('\n') == 1 and not told.out, f'without keys: {told.err!r}')
    wiretale('follow', '--raw', '-o', prefix, ARTICLE, '0', status=1)
    equal(os.listdir(folder), [], 'no files when nothing was opened')
    told = wiretale('follow', *KEYS, ARTICLE, '7', status=1)
    check('stream 7' in told.err and told.err.count('\n') == 1, f'no such stream: {told.err!r}')
    told = wiretale('follow', *KEYS, os.path.join(folder, 'none.pcap'), '0', status=1)
    check('none.pcap' in told.err and told.err.count('\n') == 1, f'no such file: {told.err!r}')
    wiretale('decrypt', ARTICLE, '-o', prefix, status=1)
    wiretale('keys', ARTICLE, '-o', prefix, status=1)
    wiretale('keys', *KEYS, '--stream', '7', ARTICLE, '-o', prefix, status=1)
    equal(os.listdir(folder), [], 'no files when there is nothing to write')


def check_inputs_stay(folder):
    own, link, hard = (os.path.join(folder, n) for n in ('own.pcapng', 'link.pcapng', 'hard.pcapng'))
    shutil.copyfile(ARTICLE, own)
    os.symlink(own, link)
    os.link(own, hard)
    for command in ('decrypt', 'keys'):
        for path in (own, link, hard):
            told = wiretale(command, *KEYS, own, '-o', path, status=1)
            check('is the input' in told.err, f'{command} over its input: {told.err!r}')
    with open(own, 'rb') as f, open(ARTICLE, 'rb') as g:
        equal(f.read(), g.read(), 'the input')
    # what is not read may be replaced, also behind a symbolic link, and is then its owner's alone
    target, name = os.path.join(folder, 'target'), os.path.join(folder, 'name')
    with open(target, 'w', encoding='ascii') as f:
        f.write('something old')
    os.chmod(target, 0o644)
    os.symlink(target, name)
    for command in ('decrypt', 'keys'):
        wiretale(command, *KEYS, own, '-o', name, status=0)
        check(os.path.islink(name), 'a link stays one')
        equal(stat.S_IMODE(os.stat(target).st_mode), 0o600, f'mode of what {command} wrote')
        wiretale('read', '--lines', name, status=0)
    equal(len(os.listdir(folder)), 5, f'nothing is left beside: {os.listdir(folder)}')


def check_failures(folder):
    out = os.path.join(folder, 'out.pcapng')
    before = os.listdir(folder)
    for command in ('decrypt', 'keys'):
        told = wiretale(command, *KEYS, ARTICLE, '-o', '/dev/full', status=1)
        check('No space left' in told.err, f'{command} to a full disk: {told.err!r}')
        told = wiretale(command, *KEYS, ARTICLE, '-o', os.path.join(folder, 'no', 'where'), status=1)
        check('No such file' in told.err and told.err.count('\n') == 1, f'{command} to nowhere: {told.err!r}')
    # ended while it reads: the half of a file goes
    process = subprocess.Popen([BINARY, 'decrypt', *KEYS, '-', '-o', out], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 20
    while len(os.listdir(folder)) == len(before) and time.monotonic() < end:
        time.sleep(0.02)
    check(len(os.listdir(folder)) > len(before), 'a temporary file')
    equal([n for n in os.listdir(folder) if stat.S_IMODE(os.lstat(os.path.join(folder, n)).st_mode) & 0o077
           and n not in before], [], 'its mode')
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    process.stdin.close()
    equal(process.returncode, -signal.SIGTERM, 'ended by the signal')
    equal(sorted(os.listdir(folder)), sorted(before), 'nothing is left')


def check_terminal():
    """Bytes that no terminal can stand are not sent to one."""
    try:
        ours, theirs = pty.openpty()
    except OSError as error:
        print(f'no terminal to be had here ({error}): not checked what is kept from one')
        return
    for arguments in (('follow', '--raw', '--side', 'client', ARTICLE, '0'), ('decrypt', ARTICLE, '-o', '-'),
                      ('keys', ARTICLE, '-o', '-')):
        told = subprocess.run([BINARY, arguments[0], *KEYS, *arguments[1:]], stdout=theirs, stderr=subprocess.PIPE, check=False)
        check(told.returncode == 1 and b'is a terminal' in told.stderr, f'{arguments}: {told.stderr!r}')
    os.close(ours)
    os.close(theirs)


def check_standard_output():
    for command in ('decrypt', 'keys'):
        out = subprocess.run([BINARY, command, *KEYS, ARTICLE, '-o', '-'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             check=True).stdout
        equal(out[:4], b'\x0a\x0d\x0d\x0a', f'{command} to standard output')
    with open(ARTICLE, 'rb') as f:
        piped = subprocess.run([BINARY, 'decrypt', *KEYS, '-', '-o', '-', '--map-port', '443:80'], stdin=f, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, check=True).stdout
    check(b'GET / HTTP/1.1\r\n' in piped and b'\x00\x50' in piped, 'decrypt from a pipe to a pipe')
    text = wiretale('keys', '--text', *KEYS, ARTICLE, '-o', '-', status=0).out
    with open(ARTICLE + '.keys', encoding='ascii') as f:
        held = {line for line in f.read().splitlines() if line and not line.startswith('#')}
    check(text and set(text.splitlines()) <= held, 'keys --text gives lines of the key log')


def check_key_logs(folder):
    log = os.path.join(folder, 'bad.keys')
    with open(ARTICLE + '.keys', encoding='ascii') as f:
        good = f.read()
    with open(log, 'w', encoding='ascii') as f:
        f.write('# a comment\n' + 'CLIENT_RANDOM 00 zz\n' * 14 + good)
    told = wiretale('follow', '--keylog', log, ARTICLE, '0', status=0)
    named = re.findall(r'bad\.keys:(\d+):(\d+): \w', told.err)
    equal([int(line) for line, _ in named], list(range(2, 12)), f'lines that are named: {told.err!r}')
    check(all(int(column) > 1 for _, column in named), 'columns')
    check('4 more' in told.err and told.err.count('\n') == 11, f'how many are not: {told.err!r}')
    check('GET / HTTP' in told.out, 'what stands behind them is used')
    told = wiretale('read', '--keylog', os.path.join(folder, 'none.keys'), ARTICLE, status=1)
    check('none.keys' in told.err and not told.out, f'no key log: {told.err!r}')
    told = wiretale('read', '--keylog', folder, ARTICLE, status=1)
    check('directory' in told.err, f'a folder: {told.err!r}')
    equal(wiretale('follow', '--keylog', '-', ARTICLE, '0', data=good.encode(), status=0).err, '', 'from standard input')
    told = wiretale('follow', ARTICLE, '0', env={'SSLKEYLOGFILE': ARTICLE + '.keys'}, status=0)
    check('SSLKEYLOGFILE' in told.err and told.err.count('\n') == 1, f'SSLKEYLOGFILE: {told.err!r}')
    told = wiretale('read', ARTICLE, env={'SSLKEYLOGFILE': os.path.join(folder, 'none.keys')}, status=0)
    equal(told.err, '', 'SSLKEYLOGFILE that leads nowhere')
    told = wiretale('follow', '--psk', '00', ARTICLE, '0', env={'SSLKEYLOGFILE': ARTICLE + '.keys'}, status=1)
    check('SSLKEYLOGFILE' not in told.err, 'SSLKEYLOGFILE is for those who name nothing else')


def check_key_files(folder):
    bad = os.path.join(folder, 'bad.pem')
    with open(bad, 'w', encoding='ascii') as f:
        f.write('no key\n')
    for option in ('--rsa-key', '--psk-file'):
        told = wiretale('read', option, bad, ARTICLE, status=1)
        check('bad.pem' in told.err and not told.out, f'{option}: {told.err!r}')
        told = wiretale('read', option, bad + '.none', ARTICLE, status=1)
        check('bad.pem.none: No such file' in told.err, f'{option}: {told.err!r}')
    if not shutil.which('openssl'):
        print('no openssl: keys with passwords are not checked')
        return
    key, passwords = os.path.join(folder, 'key.pem'), os.path.join(folder, 'passwords')
    subprocess.run(['openssl', 'genrsa', '-aes128', '-passout', 'pass:right one', '-out', key, '2048'], check=True,
                   stderr=subprocess.DEVNULL)
    with open(passwords, 'w', encoding='ascii') as f:
        f.write('wrong\r\nright one\n')
    told = wiretale('read', '--rsa-key', key, ARTICLE, status=1)
    check('key.pem' in told.err, f'a key under a password: {told.err!r}')
    equal(wiretale('read', '--rsa-key', key, '--rsa-password-file', passwords, ARTICLE, status=0).err, '', 'with its password')


def main():
    check_text()
    check_escapes()
    check_hex()
    check_terminal()
    check_standard_output()
    for part in (check_raw_files, check_not_opened, check_inputs_stay, check_failures, check_key_logs, check_key_files):
        with tempfile.TemporaryDirectory() as folder:
            part(folder)
    done()


if __name__ == '__main__':
    sys.exit(main())
