#!/usr/bin/env python3
"""An SMTP client that asks for STARTTLS, with or without something behind it in the same segment; and a server that throws
away what it has read when TLS begins, as Postfix does since 2.7.3.

    pipelining.py client ADDRESS PORT NAME [TEXT]      TEXT: \\r and \\n work
    pipelining.py server PORT CHAIN KEY

What is behind STARTTLS is in the clear, where anybody on the way may have put it (CVE-2011-0411).
"""
import codecs
import socket
import ssl
import sys


def part(tls):
    try:
        tls.unwrap().close()
    except OSError:
        tls.close()


def client(address, port, name, *more):
    conn = socket.create_connection((address, int(port)), 5)
    conn.recv(1024)
    conn.sendall(b'EHLO client.example.com\r\n')
    conn.recv(1024)
    conn.sendall(b'STARTTLS\r\n' + b''.join(codecs.decode(t, 'unicode_escape').encode('latin-1') for t in more))
    conn.recv(1024)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    tls = context.wrap_socket(conn, server_hostname=name)
    tls.sendall(b'NOOP\r\n')
    tls.recv(1024)
    part(tls)


def server(port, chain, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    listener = socket.create_server(('0.0.0.0', int(port)))
    while True:
        conn, _ = listener.accept()
        conn.settimeout(5)
        try:
            conn.sendall(b'220 mail.example.com ESMTP\r\n')
            conn.recv(1024)
            conn.sendall(b'250-mail.example.com\r\n250-PIPELINING\r\n250 STARTTLS\r\n')
            conn.recv(1024)                      # with all that is behind it
            conn.sendall(b'220 2.0.0 Ready to start TLS\r\n')
            tls = context.wrap_socket(conn, server_side=True)
            tls.recv(1024)
            tls.sendall(b'250 2.0.0 OK\r\n')
            part(tls)
        except OSError as error:
            print(error, flush=True)


if __name__ == '__main__':
    {'client': client, 'server': server}[sys.argv[1]](*sys.argv[2:])
