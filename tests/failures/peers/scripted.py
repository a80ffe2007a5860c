#!/usr/bin/env python3
"""Peers that say what they are told to, whatever they hear.

    scripted.py server PORT STEP...
    scripted.py client ADDRESS PORT STEP...

STEP: hear (something), hear:TEXT (until TEXT came), text:TEXT (\\r, \\n and \\xHH work), alert:LEVEL:DESCRIPTION (in a
record of TLS 1.2), wait:SECONDS, reset, close. After the last step the connection is closed.
"""
import codecs
import socket
import struct
import sys
import time


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
