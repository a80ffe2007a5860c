#!/usr/bin/env python3
"""A mail client that asks for STARTTLS, and a server that grants it; behind the words of either may stand more, in the same
segment, which the other throws away as TLS begins (Postfix does since 2.7.3).

    pipelining.py client ADDRESS PORT NAME smtp|imap [TEXT]      TEXT: \\r and \\n work
    pipelining.py server PORT CHAIN KEY smtp|imap [TEXT]

What is behind STARTTLS is in the clear, where anybody on the way may have put it (CVE-2011-0411).
"""
import codecs
import socket
import ssl
import sys

# Greeting; what the client says first, and the answer; how it asks for TLS, and the answer; what it says in TLS, and the answer.
WORDS = {'smtp': (b'220 mail.example.com ESMTP\r\n', b'EHLO client.example.com\r\n',
                  b'250-mail.example.com\r\n250-PIPELINING\r\n250 STARTTLS\r\n', b'STARTTLS\r\n',
                  b'220 2.0.0 Ready to start TLS\r\n', b'NOOP\r\n', b'250 2.0.0 OK\r\n'),
         'imap': (b'* OK IMAP4rev1 ready\r\n', b'a CAPABILITY\r\n',
                  b'* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na OK done\r\n', b'b STARTTLS\r\n',
                  b'b OK begin TLS now\r\n', b'c NOOP\r\n', b'c OK done\r\n')}


def part(tls):
    try:
        tls.unwrap().close()
    except OSError:
        tls.close()


def text(more):
    return b''.join(codecs.decode(t, 'unicode_escape').encode('latin-1') for t in more)


def client(address, port, name, protocol, *more):
    _, hello, _, ask, _, word, _ = WORDS[protocol]
    conn = socket.create_connection((address, int(port)), 5)
    conn.recv(1024)
    conn.sendall(hello)
    conn.recv(1024)
    conn.sendall(ask + text(more))
    conn.recv(1024)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    tls = context.wrap_socket(conn, server_hostname=name)
    tls.sendall(word)
    tls.recv(1024)
    part(tls)


def server(port, chain, key, protocol, *more):
    greeting, _, hello, _, grant, _, answer = WORDS[protocol]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    listener = socket.create_server(('0.0.0.0', int(port)))
    while True:
        conn, _ = listener.accept()
        conn.settimeout(5)
        try:
            conn.sendall(greeting)
            conn.recv(1024)
            conn.sendall(hello)
            conn.recv(1024)                      # with all that is behind it
            conn.sendall(grant + text(more))
            tls = context.wrap_socket(conn, server_side=True)
            tls.recv(1024)
            tls.sendall(answer)
            part(tls)
        except OSError as error:
            print(error, flush=True)


if __name__ == '__main__':
    {'client': client, 'server': server}[sys.argv[1]](*sys.argv[2:])
