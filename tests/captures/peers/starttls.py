#!/usr/bin/env python3
"""A server that speaks just enough of a plaintext protocol to be asked for TLS, then speaks TLS.

    starttls.py PROTOCOL PORT CERT KEY KEYLOG

After the handshake it answers one line with `pong` and closes cleanly. PROTOCOL is one of DIALOGUES, or `NAME-refused`
for a server that will not.
"""
import socket
import ssl
import struct
import sys


def line(conn):
    out = b''
    while not out.endswith(b'\n'):
        byte = conn.recv(1)
        if not byte:
            raise ConnectionError('closed in the plaintext part')
        out += byte
    return out


def lines_until(conn, word, answers):
    """Answers each line by the first of `answers` whose key it contains; returns after the line with `word`."""
    while True:
        text = line(conn)
        for key, answer in answers:
            if key in text.upper():
                conn.sendall(answer)
                break
        if word in text.upper():
            return


def smtp(conn, refused, hello=b'EHLO', banner=b'220 mail.example.com ESMTP\r\n'):
    conn.sendall(banner)
    offer = b'' if refused else b'250-STARTTLS\r\n'
    answer = b'454 4.7.0 TLS not available\r\n' if refused else b'220 2.0.0 Ready to start TLS\r\n'
    lines_until(conn, b'QUIT' if refused else b'STARTTLS',
                [(hello, b'250-mail.example.com\r\n' + offer + b'250 8BITMIME\r\n'), (b'STARTTLS', answer), (b'QUIT', b'221 Bye\r\n')])


def lmtp(conn, refused):
    smtp(conn, refused, b'LHLO', b'220 mail.example.com LMTP\r\n')


def imap(conn, refused):
    conn.sendall(b'* OK IMAP4rev1 ready\r\n')
    lines_until(conn, b'STARTTLS', [(b'CAPABILITY', b'* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\n. OK done\r\n'),
                                    (b'STARTTLS', b'. OK begin TLS now\r\n')])


def pop3(conn, refused):
    conn.sendall(b'+OK POP3 ready\r\n')
    lines_until(conn, b'STLS', [(b'CAPA', b'+OK\r\nSTLS\r\n.\r\n'), (b'STLS', b'+OK begin TLS now\r\n')])


def ftp(conn, refused):
    conn.sendall(b'220 ftp.example.com ready\r\n')
    lines_until(conn, b'AUTH TLS', [(b'FEAT', b'211-Features\r\n AUTH TLS\r\n211 End\r\n'), (b'AUTH TLS', b'234 AUTH TLS OK\r\n')])


def nntp(conn, refused):
    conn.sendall(b'200 news.example.com ready\r\n')
    lines_until(conn, b'STARTTLS', [(b'CAPABILITIES', b'101 list follows\r\nVERSION 2\r\nSTARTTLS\r\n.\r\n'),
                                    (b'STARTTLS', b'382 continue with TLS\r\n')])


def sieve(conn, refused):
    conn.sendall(b'"IMPLEMENTATION" "test"\r\n"SIEVE" "fileinto"\r\n"STARTTLS"\r\nOK\r\n')
    lines_until(conn, b'STARTTLS', [(b'STARTTLS', b'OK "begin TLS now"\r\n')])


def irc(conn, refused):
    lines_until(conn, b'STARTTLS', [(b'STARTTLS', b':irc.example.com 670 * :STARTTLS successful, go ahead\r\n')])


def until(conn, end):
    out = b''
    while end not in out:
        part = conn.recv(1)
        if not part:
            raise ConnectionError('closed in the plaintext part')
        out += part
    return out


def xmpp(conn, refused):
    until(conn, b"version='1.0'>")
    conn.sendall(b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
                 b"id='1' from='example.com' version='1.0'><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>"
                 b"<required/></starttls></stream:features>")
    until(conn, b'/>')
    conn.sendall(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")


def exactly(conn, number):
    out = b''
    while len(out) < number:
        part = conn.recv(number - len(out))
        if not part:
            raise ConnectionError('closed in the plaintext part')
        out += part
    return out


def postgres(conn, refused):
    length, code = struct.unpack('>II', exactly(conn, 8))
    assert (length, code) == (8, 80877103), 'no SSLRequest'
    conn.sendall(b'N' if refused else b'S')


def mysql(conn, refused):
    """Protocol::HandshakeV10 with CLIENT_SSL; the client answers with an SSLRequest packet."""
    greeting = (b'\x0a' + b'8.0.0-test\0' + struct.pack('<I', 1) + b'abcdefgh\0' + struct.pack('<H', 0xffff) + b'\x21'
                + struct.pack('<H', 2) + struct.pack('<H', 0xc1ff) + b'\x15' + bytes(10) + b'ijklmnopqrst\0' + b'mysql_native_password\0')
    conn.sendall(struct.pack('<I', len(greeting))[:3] + b'\0' + greeting)
    head = exactly(conn, 4)
    exactly(conn, int.from_bytes(head[:3], 'little'))


def ldap(conn, refused):
    """ExtendedRequest 1.3.6.1.4.1.1466.20037, answered by an ExtendedResponse: success."""
    head = exactly(conn, 2)
    body = exactly(conn, head[1])
    number = body[2:2 + body[1]]
    answer = b'\x02' + bytes([len(number)]) + number + b'\x78\x07\x0a\x01' + (b'\x34' if refused else b'\x00') + b'\x04\x00\x04\x00'
    conn.sendall(b'\x30' + bytes([len(answer)]) + answer)


DIALOGUES = {f.__name__: f for f in (smtp, lmtp, imap, pop3, ftp, nntp, sieve, irc, xmpp, postgres, mysql, ldap)}


def main():
    protocol, port, cert, key, keylog = sys.argv[1:]
    refused = protocol.endswith('-refused')
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.keylog_filename = keylog
    server = socket.create_server(('0.0.0.0', int(port)))
    while True:
        conn, _ = server.accept()
        conn.settimeout(5)
        try:
            DIALOGUES[protocol.split('-')[0]](conn, refused)
            if refused:
                conn.close()
                continue
            tls = context.wrap_socket(conn, server_side=True)
            tls.recv(1024)
            tls.sendall(b'pong\r\n')
            tls.unwrap().close()
        except (OSError, ValueError) as error:
            print(protocol, error, flush=True)
            conn.close()


if __name__ == '__main__':
    main()
