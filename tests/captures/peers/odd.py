#!/usr/bin/env python3
"""Servers and go-betweens that misbehave, each in one way.

    odd.py PORT reset                 RST in answer to the ClientHello
    odd.py PORT close                 FIN in answer to the ClientHello
    odd.py PORT silent                takes the ClientHello, says nothing
    odd.py PORT banner                greets like an SSH server
    odd.py PORT cut TARGET BYTES      passes on to TARGET; after BYTES bytes from it, resets both sides
    odd.py PORT fin TARGET BYTES      the same, but closes
    odd.py PORT flip TARGET N         changes the last byte of the client's record number N
"""
import socket
import struct
import sys
import threading
import time


def reset(conn):
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    conn.close()


def exactly(conn, number):
    out = b''
    while len(out) < number:
        part = conn.recv(number - len(out))
        if not part:
            raise ConnectionError
        out += part
    return out


def records(source, target, number):
    """Passes TLS records on, one of them changed."""
    try:
        count = 0
        while True:
            head = exactly(source, 5)
            body = bytearray(exactly(source, struct.unpack('>H', head[3:])[0]))
            count += 1
            if count == number:
                body[-1] ^= 1
            target.sendall(head + body)
    except OSError:
        shut(target)


def shut(conn):
    try:
        conn.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def copy(source, target, limit=None, after=None):
    try:
        while limit is None or limit > 0:
            part = source.recv(min(4096, limit or 4096))
            if not part:
                break
            target.sendall(part)
            limit = None if limit is None else limit - len(part)
    except OSError:
        pass
    time.sleep(0.05)
    if after and limit is not None and limit <= 0:
        after(target)
    else:
        shut(target)


def serve(conn, mode, rest):
    if mode == 'banner':
        conn.sendall(b'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n')
        conn.recv(4096)
        conn.close()
    elif mode in ('reset', 'close', 'silent'):
        conn.recv(4096)
        if mode == 'silent':
            conn.recv(4096)
        (reset if mode == 'reset' else socket.socket.close)(conn)
    else:
        target = socket.create_connection(('127.0.0.1', int(rest[0])))
        number = int(rest[1])
        if mode == 'flip':
            threading.Thread(target=records, args=(conn, target, number), daemon=True).start()
            copy(target, conn)
        else:
            threading.Thread(target=copy, args=(conn, target), daemon=True).start()
            copy(target, conn, number, reset if mode == 'cut' else socket.socket.close)


def main():
    server = socket.create_server(('0.0.0.0', int(sys.argv[1])))
    while True:
        conn, _ = server.accept()
        threading.Thread(target=serve, args=(conn, sys.argv[2], sys.argv[3:]), daemon=True).start()


if __name__ == '__main__':
    main()
