#!/usr/bin/env python3
"""Peers that say what they are told to, whatever they hear.

    scripted.py server PORT STEP...
    scripted.py client ADDRESS PORT STEP...

STEP: hear (something), hear:TEXT (until TEXT came), text:TEXT (\\r, \\n and \\xHH work), alert:LEVEL:DESCRIPTION (in a
record of TLS 1.2), wait:SECONDS, reset, close. After the last step the connection is closed.

Messages of TLS 1.2 in the clear, as far as scans for Heartbleed go: client_hello:NAME, server_hello (both with the heartbeat
extension), certificate:FILE (PEM), server_hello_done, heartbeat:TYPE:SAYS:HAS (1 request, 2 response; the length that it
says, and the bytes that it has).
"""
import base64
import codecs
import socket
import struct
import sys
import time


def extension(kind, body):
    return struct.pack('>HH', kind, len(body)) + body


def record(kind, body, version=b'\x03\x03'):
    return bytes([kind]) + version + struct.pack('>H', len(body)) + body


def message(kind, body):
    return record(22, bytes([kind]) + len(body).to_bytes(3, 'big') + body)


def tls(verb, value):
    """The record that a step of TLS stands for."""
    heartbeat, random = extension(15, b'\1'), bytes(range(32))
    if verb == 'client_hello':
        name = b'\0' + struct.pack('>H', len(value)) + value.encode()
        more = (extension(0, struct.pack('>H', len(name)) + name) + extension(10, bytes.fromhex('00020017')) +
                extension(11, b'\1\0') + extension(13, bytes.fromhex('000404010403')) + heartbeat)
        suites = bytes.fromhex('c02bc02f009c002f00ff')
        return message(1, b'\3\3' + random + b'\0' + struct.pack('>H', len(suites)) + suites + b'\1\0' +
                       struct.pack('>H', len(more)) + more)
    if verb == 'server_hello':
        more = extension(65281, b'\0') + heartbeat
        return message(2, b'\3\3' + random[::-1] + b'\0' + bytes.fromhex('002f') + b'\0' + struct.pack('>H', len(more)) + more)
    if verb == 'certificate':
        with open(value, encoding='ascii') as f:
            parts = [p.split('-----END')[0] for p in f.read().split('-----BEGIN CERTIFICATE-----')[1:]]
        chain = b''.join(len(c).to_bytes(3, 'big') + c for c in map(base64.b64decode, parts))
        return message(11, len(chain).to_bytes(3, 'big') + chain)
    if verb == 'server_hello_done':
        return message(14, b'')
    if verb == 'heartbeat':
        kind, says, has = map(int, value.split(':'))
        return record(24, struct.pack('>BH', kind, says) + b'x' * has)
    return b''


def play(conn, steps):
    for step in steps:
        verb, _, rest = step.partition(':')
        if verb == 'hear':
            heard, until = b'', codecs.decode(rest, 'unicode_escape').encode('latin-1')
            while not heard or until not in heard:
                part = conn.recv(4096)
                if not part:
                    break
                heard += part
        elif verb == 'text':
            conn.sendall(codecs.decode(rest, 'unicode_escape').encode('latin-1'))
        elif tls(verb, rest):
            conn.sendall(tls(verb, rest))
        elif verb == 'alert':
            conn.sendall(b'\x15\x03\x03\x00\x02' + bytes(map(int, rest.split(':'))))
        elif verb == 'wait':
            time.sleep(float(rest))
        elif verb == 'reset':
            conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    conn.close()


def main():
    if sys.argv[1] == 'client':
        conn = socket.create_connection((sys.argv[2], int(sys.argv[3])), 5)
        play(conn, sys.argv[4:])
        return
    server = socket.create_server(('0.0.0.0', int(sys.argv[2])))
    while True:
        conn, _ = server.accept()
        conn.settimeout(8)
        try:
            play(conn, sys.argv[3:])
        except OSError as error:
            print(error, flush=True)


if __name__ == '__main__':
    main()
