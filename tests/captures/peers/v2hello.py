#!/usr/bin/env python3
"""A client that opens with an SSL 2.0 ClientHello, as clients did into the 2000s, and goes on in TLS 1.0.

    v2hello.py ADDRESS PORT SERVER-PUBLIC-KEY.pem KEYLOG

No peer of today sends this hello, servers still take it (RFC 5246, E.2). TLS_RSA_WITH_NULL_SHA keeps it short: the
standard library has every primitive, and openssl encrypts the premaster secret.
"""
import hashlib
import hmac
import os
import socket
import struct
import subprocess
import sys

TLS10 = b'\x03\x01'


def p_hash(name, secret, seed, length):
    out, a = b'', seed
    while len(out) < length:
        a = hmac.new(secret, a, name).digest()
        out += hmac.new(secret, a + seed, name).digest()
    return out[:length]


def prf(secret, label, seed, length):
    """RFC 2246, 5: the secret's halves, overlapping by a byte if odd, through MD5 and SHA-1."""
    half = (len(secret) + 1) // 2
    md5 = p_hash('md5', secret[:half], label + seed, length)
    sha1 = p_hash('sha1', secret[-half:], label + seed, length)
    return bytes(a ^ b for a, b in zip(md5, sha1))


class Connection:
    def __init__(self, address, port):
        self.socket = socket.create_connection((address, port), timeout=5)
        self.transcript = b''
        self.mac = {}                            # direction → [key, sequence number]

    def exactly(self, number):
        out = b''
        while len(out) < number:
            part = self.socket.recv(number - len(out))
            if not part:
                raise ConnectionError('closed')
            out += part
        return out

    def tag(self, direction, kind, body):
        key, sequence = self.mac[direction]
        self.mac[direction][1] += 1
        return hmac.new(key, struct.pack('>QB', sequence, kind) + TLS10 + struct.pack('>H', len(body)) + body, 'sha1').digest()

    def send(self, kind, body):
        if kind == 22:
            self.transcript += body
        if 'out' in self.mac:
            body += self.tag('out', kind, body)
        self.socket.sendall(bytes([kind]) + TLS10 + struct.pack('>H', len(body)) + body)

    def receive(self):
        head = self.exactly(5)
        body = self.exactly(struct.unpack('>H', head[3:])[0])
        if 'in' in self.mac:
            body, tag = body[:-20], body[-20:]
            assert tag == self.tag('in', head[0], body), 'bad MAC'
        return head[0], body

    def messages(self):
        """Handshake messages, each added to the transcript as it is handed out."""
        buffer = b''
        while True:
            while len(buffer) >= 4 and len(buffer) >= 4 + int.from_bytes(buffer[1:4], 'big'):
                size = 4 + int.from_bytes(buffer[1:4], 'big')
                message, buffer = buffer[:size], buffer[size:]
                self.transcript += message
                yield message[0], message[4:]
            kind, body = self.receive()
            assert kind == 22, 'record of type %d: %s' % (kind, body.hex())
            buffer += body

    def verify_data(self, master, label):
        return prf(master, label, hashlib.md5(self.transcript).digest() + hashlib.sha1(self.transcript).digest(), 12)


def main():
    address, port, key, keylog = sys.argv[1:]
    c = Connection(address, int(port))
    challenge = os.urandom(32)
    specs = bytes.fromhex('000002' '000005' '00002f' '0000ff' '010080' '0700c0')      # three-byte kinds, SSL 2.0's own among them
    hello = b'\x01' + TLS10 + struct.pack('>HHH', len(specs), 0, len(challenge)) + specs + challenge
    c.socket.sendall(struct.pack('>H', 0x8000 | len(hello)) + hello)
    c.transcript += hello                        # without the two-byte header
    server_random = None
    for kind, body in c.messages():
        if kind == 2:
            server_random = body[2:34]
        if kind == 14:
            break
    premaster = TLS10 + os.urandom(46)
    encrypted = subprocess.run(['openssl', 'pkeyutl', '-encrypt', '-pubin', '-inkey', key, '-pkeyopt', 'rsa_padding_mode:pkcs1'],
                               input=premaster, stdout=subprocess.PIPE, check=True).stdout
    c.send(22, b'\x10' + (len(encrypted) + 2).to_bytes(3, 'big') + struct.pack('>H', len(encrypted)) + encrypted)
    master = prf(premaster, b'master secret', challenge + server_random, 48)
    with open(keylog, 'a') as f:
        f.write('CLIENT_RANDOM %s %s\n' % (challenge.hex(), master.hex()))
    block = prf(master, b'key expansion', server_random + challenge, 40)
    c.send(20, b'\x01')
    c.mac['out'] = [block[:20], 0]
    c.send(22, b'\x14\x00\x00\x0c' + c.verify_data(master, b'client finished'))
    while True:                                  # a NewSessionTicket cannot come: the hello has no extensions
        kind, _ = c.receive()
        if kind == 20:
            break
    c.mac['in'] = [block[20:40], 0]
    expected = c.verify_data(master, b'server finished')
    kind, body = next(c.messages())
    assert (kind, body) == (20, expected), 'bad Finished'
    c.send(23, b'ping from the client\n')
    c.receive()
    c.send(21, b'\x01\x00')
    print('established')


if __name__ == '__main__':
    main()
