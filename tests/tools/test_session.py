#!/usr/bin/env python3
"""Sessions in files, early data and pre-shared keys of wiretale client and server, against OpenSSL and each other."""
import contextlib
import hashlib
import json
import os
import select
import socket
import stat
import subprocess
import threading
import time
from peers import LIMIT, NAME, Authority, client, folder, free_port, needs, program
from tale import check, done, equal, fail, wiretale
from test_client import s_server
from test_server import ca, serving

KEY = '00112233445566778899aabbccddeeff'
OTHER = 'ffeeddccbbaa99887766554433221100'
EARLY = b'GET /early HTTP/1.0\r\n\r\n'


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def write(path, data, mode=0o600):
    with open(path, 'wb') as f:
        f.write(data)
    os.chmod(path, mode)
    return path


def said(told, *texts):
    for text in texts:
        check(text in told.err, f'says {text!r}: {told.err!r}')


def last(told):
    return json.loads(told.out.splitlines()[-1])


# --- sessions in files


def check_resumed(at):
    """Tickets and session ids of TLS 1.2, tickets of TLS 1.3: what the run before has kept is resumed, by the next one as well."""
    for version, more in (('1.2', []), ('1.2', ['-no_ticket']), ('1.3', []), ('1.3', ['-no_ticket'])):
        file = at.path('session')
        with contextlib.suppress(FileNotFoundError):
            os.remove(file)
        what = f'TLS {version} {more}'
        port, server = s_server(at, '-www', *more)
        with server:
            arguments = ['--ca', at.ca, '--versions', version, '--session', file, '--get', '/']
            told = client(port, *arguments, status=0)
            said(told, f'– session: {file} is not there yet', f'✓ session: kept in {file}, good until 20')
            equal(stat.S_IMODE(os.stat(file).st_mode), 0o600, f'{what}: mode')
            check(read(file).startswith(b'wiretale\2'), f'{what}: mark and form')
            equal(hashlib.sha256(read(file)[:-32]).digest(), read(file)[-32:], f'{what}: digest')
            for _ in range(2):
                before = read(file)
                told = client(port, *arguments, status=0)
                said(told, ', resumed; ', f'✓ session: that of {file} was resumed', '1 round trip')
                check('Reused' in told.out, f'{what}: s_server says so: {told.out[:300]!r}')
                check(version == '1.2' or read(file) != before, f'{what}: a new ticket')
            told = client(port, *arguments, '--json', status=0)
            got = last(told)
            equal((got['resumed'], got['session'], got['session_saved']), (True, 'resumed', version == '1.3'), f'{what}: JSON')
    equal(os.listdir(at.folder).count('session'), 1, 'nothing is left beside it')


def changed(session, at, value):
    """Another value at that place, with the digest that goes with it."""
    body = session[:at] + value + session[at + len(value):-32]
    return body + hashlib.sha256(body).digest()


def check_not_offered(at):
    """Whatever does not fit is said, and stops nothing."""
    file = at.path('session')
    port, server = s_server(at, '-www', '-alpn', 'http/1.1,imap')
    with server:
        arguments = ['--ca', at.ca, '--get', '/', '--session', file]
        with contextlib.suppress(FileNotFoundError):
            os.remove(file)
        told = client(port, *arguments, '--json', status=0)
        equal(last(told)['session'], 'none', 'the first time')
        kept = read(file)
        for state, text, session, more in (
                ('expired', 'was good until 2001-09-09 01:46:40 UTC', changed(kept, 29, (1000000000000).to_bytes(8, 'big')), []),
                ('other_host', f'is for {NAME}:{port}', kept, ['localhost']),
                ('other_port', f'is for {NAME}:{port + 1}' if port < 65535 else '', changed(kept, kept.index(NAME.encode()) + len(NAME), (port + 1).to_bytes(2, 'big')), []),
                ('other_version', 'is of TLS 1.3, TLS_', kept, ['--versions', '1.2']),
                ('other_cipher_suite', 'is of TLS 1.3, TLS_', kept, ['--suites', 'TLS_CHACHA20_POLY1305_SHA256']),
                ('unverified', 'is with a server that nobody has verified', changed(kept, 8 + 1 + 4 + 32 + 8, b'\2'), [])):
            write(file, session)
            host = more.pop() if more == ['localhost'] else NAME
            told = client(port, *arguments, *more, host=host, status=0)
            said(told, f'– session: that of {file} {text}', ': not offered', f'✓ session: kept in {file}')
            check('resumed' not in told.err, f'{state}: a full handshake: {told.err!r}')
            write(file, session)
            equal(last(client(port, *arguments, *more, '--json', host=host, status=0))['session'], state, f'JSON: {state}')
        write(file, kept)
        told = client(port, '--ca', at.ca, '--session', file, '--alpn', 'imap', status=0)
        said(told, 'http/1.1: not offered')


def check_malformed(at):
    """A file that is none, of another form, or damaged: where, and what to do; it stays as it is, and the connection is made."""
    file = at.path('session')
    port, server = s_server(at, '-www')
    with server:
        arguments = ['--ca', at.ca, '--get', '/', '--session', file]
        with contextlib.suppress(FileNotFoundError):
            os.remove(file)
        client(port, *arguments, status=0)
        kept = read(file)
        pem = read(at.path('www.key'))
        for session, texts in (
                (pem, ['is no session', '(byte 0)', 'name another file']),
                (b'', ['is no session']),
                (kept[:8] + b'\7' + kept[9:], ['is of another version of wiretale (form 7, byte 8)', 'delete it']),
                (kept[:20], ['is damaged (made, byte 13)', 'delete it']),
                (kept[:-1], ['is damaged (ticket']),
                (kept[:60] + bytes([kept[60] ^ 1]) + kept[61:], [f'is damaged (digest, byte {len(kept) - 32})'])):
            write(file, session)
            told = client(port, *arguments, status=0)
            said(told, '✗ session: ', 'neither used nor replaced', *texts)
            equal(read(file), session, f'{texts}: left alone')
            equal(last(client(port, *arguments, '--json', status=0))['session'], 'malformed', f'{texts}: JSON')
        write(file, kept, 0o644)
        said(client(port, *arguments, status=0), f'{file}: others may read this secret: chmod 600 {file}')
        equal(stat.S_IMODE(os.stat(file).st_mode), 0o600, 'and the new one')
        told = client(port, '--ca', at.ca, '--get', '/', '--session', at.folder, '--json', status=0)
        equal(last(told)['session'], 'unreadable', 'a folder')
        told = client(port, '--ca', at.ca, '--get', '/', '--session', at.path('nowhere/session'), status=1)
        said(told, 'nowhere/session: ')


def check_used_up(at):
    """RFC 8446, C.4: a ticket is for one connection: where no other came the file goes. After a failure nothing is kept."""
    file = at.path('session')
    with contextlib.suppress(FileNotFoundError):
        os.remove(file)
    port, server = s_server(at, '-www')
    arguments = ['--ca', at.ca, '--get', '/', '--session', file]
    with server:
        client(port, *arguments, status=0)
    kept = read(file)
    told = client(port, *arguments, status=5)
    equal(read(file), kept, 'no connection: kept')
    port, server = s_server(at, '-www', '-num_tickets', '0', port=port)
    with server:
        told = client(port, *arguments, status=0)
        said(told, f'– session: the server did not take that of {file}', 'is used up, and no other came: deleted')
        check(not os.path.exists(file), 'deleted')
    port, server = s_server(at, '-www')
    with server:
        client(port, '--session', file, '--get', '/', status=3)
        check(not os.path.exists(file), 'not trusted: nothing is kept')


def check_openssl_resumes(at):
    """Ours as the server: s_client resumes, and does not where --tickets is 0."""
    session = at.path('s_client.pem')
    for tickets, reused in (([], True), (['--tickets', '8'], True), (['--tickets', '0'], False)):
        for version, more in (('1_2', []), ('1_2', ['-no_ticket']), ('1_3', [])):
            with serving(at.folder, *tickets) as running:
                outs = []
                for _ in range(2):
                    command = ['openssl', 's_client', '-connect', f'127.0.0.1:{running.port}', '-servername', NAME, '-CAfile', ca(at.folder), f'-tls{version}',
                               '-sess_in' if outs and os.path.exists(session) else '-sess_out', session, '-ign_eof', *more]
                    outs.append(subprocess.run(command, input=b'GET / HTTP/1.0\r\n\r\n', stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT,
                                               check=False).stdout)
                equal(b'Reused, TLSv1' in outs[1], reused, f'{tickets} TLS {version} {more}: {outs[1][-300:]!r}')
            equal(', resumed, ' in running.out, reused, f'{tickets} TLS {version} {more}: {running.out!r}')
            with contextlib.suppress(FileNotFoundError):
                os.remove(session)
    said(wiretale('server', '--tickets', '0', '--early', '10', status=2), '--early needs a session', 'remove --tickets 0')
    with serving(at.folder, '--tickets', '0') as running:
        told = client(running.port, '--ca', ca(at.folder), '--session', session, '--get', '/', status=0)
        check('session: kept' not in told.err, f'nothing to keep: {told.err!r}')


# --- early data


def check_early(at):
    """Against s_server, which prints what came early."""
    file, early = at.path('session'), write(at.path('early'), EARLY)
    with contextlib.suppress(FileNotFoundError):
        os.remove(file)
    port = free_port()
    with program('openssl', 's_server', '-accept', f'127.0.0.1:{port}', '-cert', at.path('www.pem'), '-key', at.path('www.key'), '-early_data', '-naccept', '2',
                 stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        while b'ACCEPT' not in process.stdout.readline():
            pass
        for run in range(2):
            told = client(port, '--ca', at.ca, '--session', file, '--early', early, data=b'then')  # it ends as the other side does
            text = b''
            while b'then' not in text:
                more = process.stdout.read1(4096)
                if not more:
                    break
                text += more
            if run:
                said(told, f'✓ early data: {len(EARLY)} bytes accepted', ', resumed, early data; ')
                check(b'Early data received' in text and EARLY.split(b'\r')[0] in text, f's_server has them: {text!r}')
            else:
                said(told, f'– early data: no session to send {len(EARLY)} bytes under: not sent', 'with early data of up to 16384 bytes')
                check(EARLY.split(b'\r')[0] not in text, f'not sent: {text!r}')


def check_early_ours(at):
    """Ours on both sides: accepted, rejected, sent again, more than the session allows."""
    folder_name, file, early = at.folder, at.path('session'), write(at.path('early'), EARLY)
    with contextlib.suppress(FileNotFoundError):
        os.remove(file)
    arguments = ['--ca', ca(folder_name), '--session', file, '--early', early]
    with serving(folder_name, '--echo', '--early', '1000') as running:
        port = running.port
        told = client(port, *arguments, '--early-again', data=b'then', status=0)
        equal(told.out, EARLY.decode() + 'then', 'sent after the handshake, since there was no session')
        said(told, f'no session to send {len(EARLY)} bytes under: sent after the handshake')
        for _ in range(2):
            told = client(port, *arguments, data=b'then', status=0)
            equal(told.out, EARLY.decode() + 'then', 'early, and then the rest')
            said(told, f'✓ early data: {len(EARLY)} bytes accepted')
        got = last(client(port, *arguments, '--json', status=0))
        equal((got['early_data'], got['early_data_bytes']), ('accepted', len(EARLY)), 'JSON')
        write(early, b'x' * 1001)
        told = client(port, *arguments, data=b'then', status=0)
        said(told, 'early data: 1001 bytes are more than the session allows (1000): not sent')
        equal(told.out, 'then', 'not sent')
        write(early, EARLY)
    check(', resumed, early data; ' in running.out or ', resumed, early data,' in running.out, f'the server says so: {running.out!r}')
    for again in (False, True):  # another server, which has other keys for its tickets
        with serving(folder_name, '--echo', '--early', '1000', '--port', str(port)):
            more = ['--early-again'] if again else []
            kept = read(file)
            told = client(port, *arguments, *more, data=b'then', status=0)
            equal(told.out, (EARLY.decode() if again else '') + 'then', f'rejected {more}')
            said(told, f'– early data: {len(EARLY)} bytes rejected, ' + ('sent again after the handshake' if again else 'not sent again'))
            write(file, kept)
            got = last(client(port, *arguments, *more, '--json', status=0))
            equal((got['session'], got['early_data'], got['early_data_bytes']), ('declined', 'rejected', len(EARLY)), 'JSON')
    for words, text in ((['--early', early], '--early needs --session'), (['--early-again'], '--early-again needs --early'),
                        (['--session', file, '--early', at.path('no such file')], 'no such file'),
                        (['--session', file, '--early', write(at.path('long'), b'x' * 16385)], '1 to 16384')):
        said(wiretale('client', *words, 'localhost:1', status=2), text)


def check_replay(at):
    """Early data are handed on when the handshake is done: a plain service has nothing of a client that does not finish it, as none
    does that sends the bytes of another again."""
    file, early = at.path('session'), write(at.path('early'), EARLY)
    with contextlib.suppress(FileNotFoundError):
        os.remove(file)
    with socket.create_server(('127.0.0.1', 0)) as behind, serving(at.folder, '--proxy-to', f'127.0.0.1:{behind.getsockname()[1]}', '--early', '1000') as running:
        def middle(listening, hold):
            """Hands on the client's first flight and the server's, and then the rest."""
            with listening.accept()[0] as a, socket.create_connection(('127.0.0.1', running.port)) as b:
                ends, first = {a: b, b: a}, hold
                while ends:
                    for s in select.select(list(ends), [], [], LIMIT)[0]:
                        data = s.recv(65536)
                        if first and s is b:
                            time.sleep(1)  # the server has said all it has to say, and waits for the client
                            equal(select.select([behind], [], [], 0)[0], [], 'nothing of it goes to the service yet')
                            first = False
                        if data:
                            ends[s].sendall(data)
                        else:
                            with contextlib.suppress(OSError):
                                ends[s].shutdown(socket.SHUT_WR)
                            del ends[s]

        def serve(count):
            for _ in range(count):
                with behind.accept()[0] as c:
                    got = b''
                    while data := c.recv(4096):
                        got += data
                    c.sendall(got.upper())

        for hold in (False, True):
            with socket.create_server(('127.0.0.1', 0)) as listening:
                threads = [threading.Thread(target=middle, args=(listening, hold), daemon=True), threading.Thread(target=serve, args=(1,), daemon=True)]
                for thread in threads:
                    thread.start()
                told = client(running.port, '--connect', f'127.0.0.1:{listening.getsockname()[1]}', '--ca', ca(at.folder), '--session', file, '--early', early,
                              data=b'then', status=0)
                for thread in threads:
                    thread.join(LIMIT)
                equal(told.out, (EARLY.decode().upper() if hold else '') + 'THEN', 'and then it does')
        said(told, f'✓ early data: {len(EARLY)} bytes accepted')


def check_early_openssl(at):
    """s_client sends early data to our server."""
    session, early = at.path('s_client.pem'), write(at.path('early'), EARLY)
    with serving(at.folder, '--early', '5000') as running:
        for more in (['-sess_out', session], ['-sess_in', session, '-early_data', early]):
            out = subprocess.run(['openssl', 's_client', '-connect', f'127.0.0.1:{running.port}', '-servername', NAME, '-CAfile', ca(at.folder), '-tls1_3', '-ign_eof', *more],
                                 input=b'' if '-early_data' in more else b'GET / HTTP/1.0\r\n\r\n', stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT, check=False).stdout
        check(b'Early data was accepted' in out and b'HTTP/1.1 200' in out, f's_client: {out[-1500:]!r}')
    check(', resumed, early data' in running.out, f'the server: {running.out!r}')
    with serving(at.folder) as running:
        out = b''
        for more in (['-sess_out', session], ['-sess_in', session, '-early_data', early]):
            out = subprocess.run(['openssl', 's_client', '-connect', f'127.0.0.1:{running.port}', '-servername', NAME, '-CAfile', ca(at.folder), '-tls1_3', '-ign_eof', *more],
                                 input=b'GET / HTTP/1.0\r\n\r\n', stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT, check=False).stdout
        check(b'Early data was' not in out or b'Early data was not sent' in out or b'rejected' in out, f'none unless asked for: {out[-1500:]!r}')
    check('early data' not in running.out, f'the server: {running.out!r}')


# --- tickets that outlive their server


def check_ticket_key(at):
    """The server starts again, and another one beside it: what either gave is resumed by the other, TLS 1.2 and 1.3."""
    key, port = at.path('tickets.key'), free_port()

    def serve(*words):
        return serving(at.folder, *words, '--port', str(port))

    for version in ('1.2', '1.3'):
        file, given = at.path('session'), ('--ticket-key', key)
        with contextlib.suppress(FileNotFoundError):
            os.remove(file)
        arguments = ['--ca', ca(at.folder), '--versions', version, '--session', file, '--get', '/']
        for words, resumed in ((given, False), (given, True), ((), False), (given, False), (given, True)):
            with serve(*words):
                told = client(port, *arguments, status=0)
            check((', resumed; ' in told.err) == resumed, f'TLS {version} {words}: {told.err!r}')
        equal((len(read(key)), stat.S_IMODE(os.stat(key).st_mode)), (48, 0o600), 'the key that was made')
        with serve(*given):
            client(port, *arguments, status=0)
        write(key, os.urandom(32))  # who changes it begins anew
        with serve(*given):
            check(', resumed; ' not in client(port, *arguments, status=0).err, 'under another key')
        os.remove(key)
    equal([name for name in os.listdir(at.folder) if 'tickets.key' in name], [], 'nothing is left beside it')


def check_ticket_key_wrong(at):
    key = at.path('tickets.key')
    for mode in (0o640, 0o604, 0o620, 0o666):
        write(key, os.urandom(48), mode)
        said(wiretale('server', '--make', NAME, '-o', at.path(NAME), '--ticket-key', key, status=2), f'{key}: others may use this key: chmod 600 {key}')
    for data, text in ((b'x' * 31, 'a key has 32 random bytes at least'), (b'', 'a key has 32'), (b'x' * 4096, 'too large')):
        said(wiretale('server', '--make', NAME, '-o', at.path(NAME), '--ticket-key', write(key, data), status=2), f'--ticket-key {key}: {text}')
    os.remove(key)
    said(wiretale('server', '--make', NAME, '-o', at.path(NAME), '--ticket-key', at.folder, status=2), 'not a file')
    said(wiretale('server', '--make', NAME, '-o', at.path(NAME), '--ticket-key', at.path('none/key'), status=2), 'none/key: ')
    said(wiretale('server', '--make', NAME, '--ticket-key', key, '--ticket-key', key, status=2), '--ticket-key is given twice')
    check(not os.path.exists(key), 'none is made')


# --- pre-shared keys


def check_psk_client(at):
    port, server = s_server(at, '-www', '-nocert', '-tls1_3', '-psk', KEY, '-psk_identity', 'us')
    file = write(at.path('keys'), f'# of this server\nothers:{OTHER}\r\nus:{KEY}\n'.encode())
    with server:
        for words in (['--psk', f'us:{KEY}'], ['--psk-file', file]):
            told = client(port, *words, '--get', '/', status=0)
            said(told, ', PSK us; ')
            check(told.out.startswith('HTTP/1.0 200 ok'), f'{words}: {told.out[:100]!r}')
        got = last(client(port, '--psk', f'us:{KEY}', '--json', status=0))
        equal((got['psk'], got['verified'], got['resumed']), ('us', True, False), 'JSON')
        said(client(port, '--psk', f'us:{OTHER}', status=4), '✗ psk-mismatch')
        client(port, '--psk', f'us:{KEY},sha384', status=4)


def check_psk_server(at):
    """Without a certificate: s_client and ours; from the list, and looked up where it would be full."""
    many = b''.join(f'device:{i}:{i:032x}\n'.encode() for i in range(1, 3001))
    for words in (['--psk', f'us:{KEY}', '--psk', f'them:{OTHER},sha384'],
                  ['--psk-file', write(at.path('keys'), f'us:{KEY}\nthem:{OTHER},sha384\n'.encode() + many)]):
        with serving(at.folder, *words, make=None) as running:
            told = subprocess.run(['openssl', 's_client', '-connect', f'127.0.0.1:{running.port}', '-tls1_3', '-psk', KEY, '-psk_identity', 'us', '-ign_eof'],
                                  input=b'GET / HTTP/1.0\r\n\r\n', stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT, check=False).stdout
            check(b'HTTP/1.1 200 OK' in told, f's_client: {told[-500:]!r}')
            told = client(running.port, '--psk', f'them:{OTHER},sha384', '--get', '/', status=0)
            said(told, 'TLS_AES_256_GCM_SHA384', ', PSK them; ')
            said(client(running.port, '--psk', f'us:{OTHER}', status=4), '✗ psk-mismatch')
            said(client(running.port, '--psk', f'nobody:{OTHER}', status=4), '✗ psk-unknown-identity')
            if '--psk-file' in words:
                said(client(running.port, '--psk', f'device:2999:{2999:032x}', '--get', '/', status=0), ', PSK device:2999; ')
        check(', PSK us; ' in running.out and 'psk-mismatch: ' in running.out and 'psk-unknown-identity: ' in running.out, f'the server: {running.out!r}')
    with serving(at.folder, '--psk', f'us:{KEY}') as running:  # with one: who has no key gets it
        told = client(running.port, '--psk', f'nobody:{OTHER}', '--ca', ca(at.folder), status=0)
        check('PSK' not in told.err, f'a certificate: {told.err!r}')
        client(running.port, '--versions', '1.2', '--psk', f'us:{KEY}', '--ca', ca(at.folder), status=0)


def check_psk_hidden(at):
    """RFC 8446, E.6: whoever does not know a key learns nothing of the identities: the answers are the same."""
    with serving(at.folder, '--psk', f'us:{KEY}', '--hide-psks', make=None) as running:
        for identity in ('us', 'nobody'):
            said(client(running.port, '--psk', f'{identity}:{OTHER}', status=4), '✗ psk-mismatch')
        client(running.port, '--psk', f'us:{KEY}', '--get', '/', status=0)
    for words in (['--make', NAME], ['--cert', at.path('www.pem'), '--key', at.path('www.key')]):
        said(wiretale('server', '--psk', f'us:{KEY}', '--hide-psks', *words, status=2), f'remove {words[0]}, or --hide-psks')


def check_least_group(at):
    """s_server with a group of 1536 bits: refused, unless --min-dh takes it; one of 2048 never is."""
    at.leaf('rsa', kind='rsa')
    subprocess.run(['openssl', 'genpkey', '-genparam', '-algorithm', 'DH', '-pkeyopt', 'group:modp_1536', '-out', at.path('dh')], check=True, stderr=subprocess.DEVNULL)
    suite = ['--versions', '1.2', '--suites', 'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', '--ca', at.ca]
    for small, words, status in ((True, [], 4), (True, ['--min-dh', '1537'], 4), (True, ['--min-dh', '1536'], 0), (False, [], 0), (False, ['--min-dh', '2048'], 0)):
        more = ['-dhparam', at.path('dh'), '-cipher', 'DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0'] if small else []
        port, server = s_server(at, '-www', *more, cert='rsa')
        with server:
            told = client(port, *suite, *words, '--get', '/', status=status)
            check(('✗ weak-dh: The ServerKeyExchange' in told.err and '1536 bits' in told.err) == (status == 4), f'{small} {words}: {told.err!r}')
    for bits in ('1023', '2049', 'x'):
        said(wiretale('client', '--min-dh', bits, 'localhost:1', status=2), '--min-dh')


def check_psk_wrong(at):
    keys = at.path('keys')
    for words, text in ((['--psk', KEY], '--psk: '), (['--psk', 'us:xy'], '--psk: '), (['--psk', ''], 'IDENTITY:HEX'), (['--psk', f':{KEY}'], 'the identity is missing'),
                        (['--psk', f'us:{KEY[2:]}'], '16 random bytes at least'), (['--psk', f'us:{"00" * 1025}'], '1024 bytes at most'),
                        (['--psk', f'{"i" * 1025}:{KEY}'], 'an identity has 1024 bytes at most'), (['--psk', f'a:{KEY}', '--psk', f'a:{OTHER}'], 'this identity is there already'),
                        (['--psk', f'a:{KEY}', '--psk', f'b:{KEY}'], 'this key is there already'), (['--psk-file', write(keys, f'a:{KEY}\n\nb:0\n'.encode())], f'{keys}:3: '),
                        (['--psk-file', at.path('none')], 'none: ')):
        for command in (['client', 'localhost:1'], ['server']):
            told = wiretale(*command, *words, status=2)
            said(told, text)
            check(KEY not in told.err, f'no key is repeated: {told.err!r}')
    said(wiretale('server', '--psk-file', write(keys, b'# nothing\n'), status=2), 'no IDENTITY:HEX line')
    said(wiretale('client', *(f'--psk={i}:{i:032x}' for i in range(1, 6)), 'localhost:1', status=2), 'a client offers 4 keys at most, not 5')
    write(keys, f'a:{KEY}\n'.encode(), 0o640)
    said(client(free_port(), '--psk-file', keys, status=5), f'others may read this secret: chmod 600 {keys}')


def main():
    needs('openssl')
    with folder() as name:
        at = Authority(name)
        at.leaf('www')
        check_resumed(at)
        check_not_offered(at)
        check_malformed(at)
        check_used_up(at)
        check_openssl_resumes(at)
        check_early(at)
        check_early_ours(at)
        check_replay(at)
        check_early_openssl(at)
        check_ticket_key(at)
        check_ticket_key_wrong(at)
        check_psk_client(at)
        check_psk_server(at)
        check_psk_hidden(at)
        check_psk_wrong(at)
        check_least_group(at)
    done(150)


if __name__ == '__main__':
    main()
