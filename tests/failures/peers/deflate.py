#!/usr/bin/env python3
"""TLS 1.2 with DEFLATE (RFC 3749), which no library of Debian 12 has any more: one line each way over TLS_PSK_WITH_NULL_SHA256.

    deflate.py server PORT PSK KEYLOG
    deflate.py client ADDRESS PORT NAME PSK KEYLOG

The client offers DEFLATE and null, and takes what the server chooses; the server chooses DEFLATE. The suite does not encrypt,
so that hashes and HMAC are all that it takes. The server hears its client out: it is no server for strangers.
"""
import hashlib
import hmac
import os
import socket
import struct
import sys
import zlib

SUITE, DEFLATE = b'\x00\xb0', 1
CHANGE_CIPHER_SPEC, HANDSHAKE, DATA, ALERT = 20, 22, 23, 21


def prf(secret, label, seed, size):
    seed, out = label + seed, b''
    a = seed
    while len(out) < size:
        a = hmac.digest(secret, a, 'sha256')
        out += hmac.digest(secret, a + seed, 'sha256')
    return out[:size]


class Peer:
    def __init__(self, conn):
        self.conn, self.transcript, self.waiting = conn, b'', []
        self.sends = self.hears = None           # [MAC key, number of the next record, zlib's stream or None]

    def send(self, kind, body):
        if self.sends:
            key, number, packer = self.sends
            if packer:
                body = packer.compress(body) + packer.flush(zlib.Z_SYNC_FLUSH)
            body += hmac.digest(key, struct.pack('>QB2sH', number, kind, b'\3\3', len(body)) + body, 'sha256')
            self.sends[1] += 1
        self.conn.sendall(struct.pack('>B2sH', kind, b'\3\3', len(body)) + body)

    def exactly(self, size):
        out = b''
        while len(out) < size:
            part = self.conn.recv(size - len(out))
            if not part:
                raise ConnectionError('closed')
            out += part
        return out

    def hear(self):
        kind, _, size = struct.unpack('>B2sH', self.exactly(5))
        body = self.exactly(size)
        if self.hears:
            key, number, packer = self.hears
            body, mac = body[:-32], body[-32:]
            if not hmac.compare_digest(mac, hmac.digest(key, struct.pack('>QB2sH', number, kind, b'\3\3', len(body)) + body, 'sha256')):
                raise ConnectionError('bad_record_mac')
            self.hears[1] += 1
            body = packer.decompress(body) if packer else body
        return kind, body

    def say(self, kind, body):
        message = bytes([kind]) + len(body).to_bytes(3, 'big') + body
        self.transcript += message
        self.send(HANDSHAKE, message)

    def message(self):
        while not self.waiting:
            kind, body = self.hear()
            if kind != HANDSHAKE:
                return kind, body
            while body:
                size = 4 + int.from_bytes(body[1:4], 'big')
                self.waiting.append(body[:size])
                body = body[size:]
        message = self.waiting.pop(0)
        self.transcript += message
        return message[0], message[4:]

    def keys(self, psk, client_random, server_random, method, is_client, keylog):
        zeros = struct.pack('>H', len(psk)) + bytes(len(psk)) + struct.pack('>H', len(psk)) + psk
        self.master = prf(zeros, b'master secret', client_random + server_random, 48)
        with open(keylog, 'a', encoding='ascii') as f:
            f.write(f'CLIENT_RANDOM {client_random.hex()} {self.master.hex()}\n')
        block = prf(self.master, b'key expansion', server_random + client_random, 64)
        client = [block[:32], 0, None]
        server = [block[32:], 0, None]
        self.next_sends, self.next_hears = (client, server) if is_client else (server, client)
        if method == DEFLATE:
            self.next_sends[2], self.next_hears[2] = zlib.compressobj(), zlib.decompressobj()

    def finish(self, side):
        self.send(CHANGE_CIPHER_SPEC, b'\1')
        self.sends = self.next_sends
        self.say(20, self.finished(side))

    def check(self, side):
        kind, _ = self.message()
        if kind != CHANGE_CIPHER_SPEC:
            raise ConnectionError(f'message {kind}, not ChangeCipherSpec')
        self.hears = self.next_hears
        wanted = self.finished(side)
        if self.message() != (20, wanted):
            raise ConnectionError('the Finished is another')

    def finished(self, side):
        return prf(self.master, side + b' finished', hashlib.sha256(self.transcript).digest(), 12)

    def part(self):
        self.send(ALERT, b'\1\0')
        self.conn.close()


def client(conn, name, psk, keylog):
    peer, random = Peer(conn), os.urandom(32)
    sni = b'\0' + struct.pack('>H', len(name)) + name
    sni = struct.pack('>HHH', 0, len(sni) + 2, len(sni)) + sni
    peer.say(1, b'\3\3' + random + b'\0' + struct.pack('>H', 4) + SUITE + b'\0\xff' + b'\2' + bytes([DEFLATE, 0]) +
             struct.pack('>H', len(sni)) + sni)
    _, hello = peer.message()
    method = hello[35 + hello[34] + 2]
    while peer.message()[0] != 14:
        pass
    peer.say(16, struct.pack('>H', 15) + b'Client_identity')
    peer.keys(psk, random, hello[2:34], method, True, keylog)
    peer.finish(b'client')
    peer.check(b'server')
    peer.send(DATA, b'ping from the client\n' * 4)
    peer.hear()
    peer.part()


def server(conn, psk, keylog):
    peer, random = Peer(conn), os.urandom(32)
    _, hello = peer.message()
    peer.say(2, b'\3\3' + random + b'\0' + SUITE + bytes([DEFLATE]) + bytes.fromhex('0005ff01000100'))
    peer.say(14, b'')
    peer.message()
    peer.keys(psk, hello[2:34], random, DEFLATE, False, keylog)
    peer.check(b'client')
    peer.finish(b'server')
    _, heard = peer.hear()
    peer.send(DATA, heard[::-1])
    peer.hear()
    peer.part()


def main():
    if sys.argv[1] == 'client':
        address, port, name, psk, keylog = sys.argv[2:]
        client(socket.create_connection((address, int(port)), 5), name.encode(), bytes.fromhex(psk), keylog)
        return
    port, psk, keylog = sys.argv[2:]
    listener = socket.create_server(('0.0.0.0', int(port)))
    while True:
        conn, _ = listener.accept()
        conn.settimeout(5)
        try:
            server(conn, bytes.fromhex(psk), keylog)
        except (OSError, zlib.error) as error:
            print(error, flush=True)


if __name__ == '__main__':
    main()
