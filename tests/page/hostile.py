#!/usr/bin/env python3
"""Writes a capture into which a peer put what could break out of a page.   hostile.py FOLDER

Its ClientHello asks for a server named as markup, offers ALPN names and a session ticket of the same kind, and the
server's certificate bears such names. The file's own name is hostile too. Prints the file's path.

Each text that is put in has MARK in it, so that a test finds where it went."""
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tools'))
from packets import RAW, SYN, Packet, write  # noqa: E402

MARK = 'owned'
SCRIPT = '<script>window.owned=1</script>'
CLOSES = '</script><img src=x onerror="window.owned=2">'
QUOTES = '"\'><svg onload=window.owned=3>`${window.owned=4}`'
BIDI = '\u202egnp.owned\u2066\u200f\u200b'
CONTROLS = 'owned\x1b[31m\x01\x02\x03\x07\r\n\x7f\x85'
MS = 10**6
PUSH = 0x18


def vector(size, data):
    return len(data).to_bytes(size, 'big') + data


def extension(kind, body):
    return struct.pack('>H', kind) + vector(2, body)


def record(kind, body):
    return struct.pack('>BH', kind, 0x0303) + vector(2, body)


def handshake(kind, body):
    return record(22, bytes([kind]) + vector(3, body))


def client_hello():
    name = (CLOSES + QUOTES + SCRIPT + BIDI + CONTROLS).encode()
    protocols = [SCRIPT.encode(), QUOTES.encode(), BIDI.encode(), CONTROLS.encode(), b'\xff\xfe owned <b>']
    extensions = b''.join([
        extension(0, vector(2, b'\0' + vector(2, name))),
        extension(10, vector(2, b'\0\x17')),
        extension(11, vector(1, b'\0')),
        extension(13, vector(2, b'\4\3\4\1')),
        extension(16, vector(2, b''.join(vector(1, p) for p in protocols))),
        extension(35, SCRIPT.encode()),
        extension(0xfe00, CLOSES.encode()),
    ])
    body = b'\3\3' + bytes(range(32)) + vector(1, b'') + vector(2, b'\xc0\x2b\xc0\x2f') + vector(1, b'\0') + vector(2, extensions)
    return handshake(1, body)


def certificate():
    """Names go through openssl's configuration, where a text may hold anything but a line's end, a $ and a backslash."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'c')
        quoted = QUOTES.replace('$', '\\$').replace('"', '\\"').replace("'", "\\'")
        with open(path, 'w', encoding='utf-8') as f:
            f.write('[req]\ndistinguished_name=n\nprompt=no\nstring_mask=utf8only\nutf8=yes\nx509_extensions=x\n[n]\n'
                    f'CN={SCRIPT}\nO={CLOSES.replace(chr(34), chr(92) + chr(34))}\nOU={quoted}\nL={BIDI}\n'
                    f'ST=owned\x1b[31m\x01\x02\x03\x7f\n[x]\nsubjectAltName=DNS:{SCRIPT}\n')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-config', path,
                        '-keyout', path + '.key', '-out', path + '.der', '-outform', 'DER', '-days', '30'], check=True, stderr=subprocess.DEVNULL)
        with open(path + '.der', 'rb') as f:
            return f.read()


def server_flight():
    extensions = extension(16, vector(2, vector(1, SCRIPT.encode()))) + extension(11, vector(1, b'\0'))
    hello = b'\3\3' + bytes(range(32, 64)) + vector(1, b'') + b'\xc0\x2b\0' + vector(2, extensions)
    return handshake(2, hello) + handshake(11, vector(3, vector(3, certificate()))) + handshake(14, b'')


class Wire:
    """Segments between two hosts, over IPv4 without a link's header."""

    def __init__(self):
        self.packets, self.next, self.time = [], [1000, 5000], 1_700_000_000 * 10**9

    def send(self, side, payload=b'', flags=16):
        ends = [(b'\xc0\0\2\x0a', 40000), (b'\xc0\0\2\x50', 443)]
        (source, sport), (target, tport) = ends[side], ends[1 - side]
        ack = self.next[1 - side] if flags & 16 else 0
        tcp = struct.pack('>HHIIBBHHH', sport, tport, self.next[side], ack, 5 << 4, flags, 65535, 0, 0)
        ip = struct.pack('>BBHHHBBH', 0x45, 0, 40 + len(payload), 0, 0x4000, 64, 6, 0) + source + target
        self.packets.append(Packet(self.time, RAW, ip + tcp + payload))
        self.next[side] += len(payload) + (1 if flags & 3 else 0)
        self.time += 5 * MS


def main():
    wire = Wire()
    wire.send(0, flags=SYN)
    wire.send(1, flags=SYN | 16)
    wire.send(0)
    wire.send(0, client_hello(), PUSH)
    flight = server_flight()
    for at in range(0, len(flight), 1400):
        wire.send(1, flight[at:at + 1400], PUSH)
    wire.send(0, record(21, b'\2\x2e'), PUSH)
    wire.send(0, flags=17)
    path = os.path.join(sys.argv[1], 'owned"><img src=x onerror=window.owned=5>\'\u202e\x1b[31m\n<script>.pcap')
    with open(path, 'wb') as f:
        f.write(write(wire.packets))
    sys.stdout.write(path)


main()
