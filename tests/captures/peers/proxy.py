#!/usr/bin/env python3
"""A proxy for HTTP CONNECT, SOCKS 4, 4a and 5, told apart by the first byte. Every tunnel leads to one target.

    proxy.py PORT TARGET-ADDRESS TARGET-PORT [USER:PASSWORD]      with a password: CONNECT and SOCKS 5 ask for it
"""
import selectors
import socket
import sys
import threading


def exactly(conn, number):
    out = b''
    while len(out) < number:
        part = conn.recv(number - len(out))
        if not part:
            raise ConnectionError('closed in the plaintext part')
        out += part
    return out


def until(conn, end):
    out = b''
    while not out.endswith(end):
        out += exactly(conn, 1)
    return out


def socks4(conn):
    exactly(conn, 2)
    exactly(conn, 2)
    address = exactly(conn, 4)
    until(conn, b'\0')
    if address[:3] == b'\0\0\0' and address[3]:
        until(conn, b'\0')                       # 4a: the name follows
    conn.sendall(b'\x00\x5a' + bytes(6))


def socks5(conn, password):
    methods = exactly(conn, exactly(conn, 2)[1])
    if password and 2 in methods:
        conn.sendall(b'\x05\x02')
        exactly(conn, exactly(conn, 2)[1])
        exactly(conn, exactly(conn, 1)[0])
        conn.sendall(b'\x01\x00')
    else:
        conn.sendall(b'\x05\x00')
    kind = exactly(conn, 4)[3]
    exactly(conn, {1: 4, 4: 16}.get(kind) or exactly(conn, 1)[0])
    exactly(conn, 2)
    conn.sendall(b'\x05\x00\x00\x01' + bytes(6))


def connect(conn, password):
    while True:
        head = until(conn, b'\r\n\r\n')
        if not password or b'\r\nproxy-authorization:' in head.lower():
            conn.sendall(b'HTTP/1.1 200 Connection established\r\n\r\n')
            return
        conn.sendall(b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="test"\r\n'
                     b'Content-Length: 0\r\n\r\n')


def relay(a, b):
    selector = selectors.DefaultSelector()
    for one, other in ((a, b), (b, a)):
        selector.register(one, selectors.EVENT_READ, other)
    while selector.get_map():
        for key, _ in selector.select(5) or sys.exit():
            part = key.fileobj.recv(16384)
            if part:
                key.data.sendall(part)
            else:
                selector.unregister(key.fileobj)
                key.data.shutdown(socket.SHUT_WR)


def serve(conn, target, password):
    try:
        first = conn.recv(1, socket.MSG_PEEK)
        if first == b'\x04':
            socks4(conn)
        elif first == b'\x05':
            socks5(conn, password)
        else:
            connect(conn, password)
        relay(conn, socket.create_connection(target))
    except OSError as error:
        print(error, flush=True)
    conn.close()


def main():
    target, password = (sys.argv[2], int(sys.argv[3])), (sys.argv[4:] or [''])[0]
    server = socket.create_server(('0.0.0.0', int(sys.argv[1])))
    while True:
        conn, _ = server.accept()
        threading.Thread(target=serve, args=(conn, target, password), daemon=True).start()


if __name__ == '__main__':
    main()
