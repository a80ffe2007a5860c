#!/usr/bin/env python3
"""Two peers that send handshake messages in the order that a script says, and accept it whatever the RFCs say of it.

    order.py server PORT KEYLOG PKI VERSION STEP...
    order.py client ADDRESS PORT KEYLOG PKI VERSION STEP...

VERSION: 1.0, 1.2 or 1.3. Both get the same steps. STEP: SIDE:MESSAGE[+MARK...], SIDE c or s.

Signatures and, in TLS 1.3, Finished are right: of this script's handshake, so that the order is all that is wrong. TLS 1.3 is
TLS_SHA256_SHA256 (RFC 9150), which takes no more than HMAC, with a made-up (EC)DHE secret or the PSK; what is under keys in TLS
1.2 is noise. Messages: hello, hello_done, certificate, key_exchange, certificate_request, verify, ccs, finished, ticket, retry,
extensions, end_of_early_data, update, data; alert:DESCRIPTION.

Marks: of any message never (it is not sent); of a hello moved (after a retry: its last extension but the cookie is the first),
early, psk, ticket (offered; promised), session (an id, echoed), rsa (not ECDHE_RSA), post_auth; of extensions
early; of a certificate empty.
"""
import base64
import hashlib
import hmac
import os
import socket
import struct
import subprocess
import sys

CCS, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23
TYPES = {'hello': (1, 2), 'ticket': (4, 4), 'end_of_early_data': (5, 5), 'retry': (2, 2), 'extensions': (8, 8),
         'certificate': (11, 11), 'key_exchange': (16, 12), 'certificate_request': (13, 13), 'hello_done': (14, 14),
         'verify': (15, 15), 'finished': (20, 20), 'update': (24, 24)}
RETRY = bytes.fromhex('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c')
SECRET, PSK, SESSION, POINT = b'e' * 32, bytes(range(32)), b'i' * 32, b'\x09' + bytes(31)


def vector(size, body):
    return len(body).to_bytes(size, 'big') + body


def extension(kind, body=b''):
    return struct.pack('>H', kind) + vector(2, body)


def expand(secret, label, context=b'', size=32):
    info = struct.pack('>H', size) + vector(1, b'tls13 ' + label) + vector(1, context)
    return hmac.digest(secret, info + b'\1', 'sha256')[:size]


def extract(salt, secret):
    return hmac.digest(salt, secret, 'sha256')


def digest(data):
    return hashlib.sha256(data).digest()


class Talk:
    def __init__(self, side, keylog, pki, version):
        self.side, self.keylog, self.pki = side, keylog, pki
        self.version, self.new = struct.pack('>H', {'1.0': 0x301, '1.2': 0x303, '1.3': 0x304}[version]), version == '1.3'
        self.wire = b'\3\3' if self.new else self.version
        self.transcript, self.random = b'', {}
        self.keys = {'c': None, 's': None}       # TLS 1.3: [secret, number of the next record]; before: None or noise
        self.early, self.psk, self.requests, self.retried, self.done = None, False, 0, False, {}

    # --- records ----------------------------------------------------------------------------------------------------

    def seal(self, side, kind, body):
        if not self.keys[side]:
            return struct.pack('>B2sH', kind, self.wire, len(body)) + body
        if not self.new:
            body = os.urandom(8 + len(body) + 16)
            return struct.pack('>B2sH', kind, self.wire, len(body)) + body
        secret, number = self.keys[side]
        self.keys[side][1] += 1
        inner = body + bytes([kind])
        header = struct.pack('>B2sH', DATA, self.wire, len(inner) + 32)
        iv = int.from_bytes(expand(secret, b'iv'), 'big') ^ number
        return header + inner + hmac.digest(expand(secret, b'key'), iv.to_bytes(32, 'big') + header + inner, 'sha256')

    def open(self, conn, side):
        header = self.exactly(conn, 5)
        body = self.exactly(conn, struct.unpack('>H', header[3:])[0])
        if self.keys[side] and self.new:
            self.keys[side][1] += 1
            return body[:-33]
        return body

    @staticmethod
    def exactly(conn, size):
        out = b''
        while len(out) < size:
            part = conn.recv(size - len(out))
            if not part:
                raise ConnectionError('closed')
            out += part
        return out

    # --- the schedule of TLS 1.3 -------------------------------------------------------------------------------------

    def traffic(self, side, of, label, name):
        secret = expand(of, label, digest(self.transcript))
        if self.side == 's':
            with open(self.keylog, 'a', encoding='ascii') as f:
                f.write(f'{name} {self.random["c"].hex()} {secret.hex()}\n')
        return [secret, 0]

    def after(self, side, word, marks):
        """Keys that start after a message."""
        if not self.new:
            return
        if word == 'hello' and side == 'c':
            self.early = extract(bytes(32), PSK if 'psk' in marks else bytes(32))
            if 'early' in marks:
                self.keys['c'] = self.traffic('c', self.early, b'c e traffic', 'CLIENT_EARLY_TRAFFIC_SECRET')
        elif word == 'hello':
            self.handshake = extract(expand(self.early, b'derived', digest(b'')), SECRET)
            self.next = self.traffic('c', self.handshake, b'c hs traffic', 'CLIENT_HANDSHAKE_TRAFFIC_SECRET')
            self.keys['s'] = self.traffic('s', self.handshake, b's hs traffic', 'SERVER_HANDSHAKE_TRAFFIC_SECRET')
            if not self.keys['c']:
                self.keys['c'] = self.next
        elif (word, side) == ('extensions', 's') and 'early' not in marks or word == 'end_of_early_data' and self.next:
            self.keys['c'], self.next = self.next, None
        elif word == 'finished' and side == 's':
            master = extract(expand(self.handshake, b'derived', digest(b'')), bytes(32))
            self.app = self.traffic('c', master, b'c ap traffic', 'CLIENT_TRAFFIC_SECRET_0')
            self.keys['s'] = self.traffic('s', master, b's ap traffic', 'SERVER_TRAFFIC_SECRET_0')
        elif word == 'finished' and side not in self.done:
            self.keys['c'] = self.app
        if word == 'finished':
            self.done[side] = True

    # --- messages ----------------------------------------------------------------------------------------------------

    def sign(self, side, data):
        name = 'client-rsa' if side == 'c' else 'rsa'
        pss = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:-1'] if self.new else []
        signature = subprocess.run(['openssl', 'dgst', '-sha256', *pss, '-sign', f'{self.pki}/{name}.key'], input=data,
                                   stdout=subprocess.PIPE, check=True).stdout
        return (b'\x08\x04' if self.new else b'\x04\x01') + vector(2, signature)

    def client_hello(self, marks):
        again = self.retried and 'c' in self.random     # RFC 8446, 4.1.2: the same, and the cookie
        self.random['c'] = self.random['c'] if again else os.urandom(32)
        share = extension(51, vector(2, b'\0\x1d' + vector(2, POINT)))
        more = extension(10, b'\0\2\0\x1d') + extension(11, b'\1\0') + extension(13, vector(2, b'\x08\x04\x04\x01'))
        more += extension(0, vector(2, b'\0' + vector(2, b'www.example.com')))
        if self.new:
            more += extension(43, b'\2\3\4') + share + extension(45, b'\1\1')
        if 'post_auth' in marks:
            more += extension(49)
        if 'ticket' in marks:
            more += extension(35, b'' if 'session' in marks else b'ticket')
        if 'early' in marks:
            more += extension(42)
        if 'moved' in marks:
            more = extension(45, b'\1\1') + more.replace(extension(45, b'\1\1'), b'')
        if again:
            more += extension(44, vector(2, b'cookie'))
        body = self.version if self.version < b'\3\4' else b'\3\3'
        body += self.random['c'] + vector(1, SESSION if 'session' in marks else b'')
        body += vector(2, b'\xc0\xb4' if self.new else b'\xc0\x2f\0\x9c\xc0\x13\0\x2f\0\xff') + b'\1\0'
        if 'psk' not in marks:
            return body + vector(2, more)
        identity = vector(2, vector(2, b'me') + bytes(4))
        length = len(identity) + 2 + 33
        head = body + struct.pack('>H', len(more) + 4 + length) + more + struct.pack('>HH', 41, length) + identity
        whole = b'\1' + (len(head) + 35).to_bytes(3, 'big') + head
        early = extract(bytes(32), PSK)
        key = expand(expand(early, b'ext binder', digest(b'')), b'finished')
        return head + vector(2, vector(1, hmac.digest(key, digest(self.transcript + whole), 'sha256')))

    def server_hello(self, marks):
        self.random['s'] = os.urandom(32)
        if self.new:
            more = extension(43, b'\3\4') + extension(51, b'\0\x1d' + vector(2, POINT))
            more += extension(41, b'\0\0') if 'psk' in marks else b''
            return b'\3\3' + self.random['s'] + b'\0' + b'\xc0\xb4' + b'\0' + vector(2, more)
        more = extension(65281, b'\0') + (extension(35) if 'ticket' in marks else b'')
        suite = {True: b'\0\x9c', False: b'\xc0\x2f'} if self.version == b'\3\3' else {True: b'\0\x2f', False: b'\xc0\x13'}
        return (self.version + self.random['s'] + vector(1, SESSION if 'session' in marks else b'') +
                suite['rsa' in marks] + b'\0' + vector(2, more))

    def certificate(self, side, marks):
        with open(f'{self.pki}/{"client-rsa.pem" if side == "c" else "rsa.chain.pem"}', encoding='ascii') as f:
            parts = [p.split('-----END')[0] for p in f.read().split('-----BEGIN CERTIFICATE-----')[1:]]
        tail = b'\0\0' if self.new else b''
        chain = b''.join(vector(3, c) + tail for c in map(base64.b64decode, parts)) if 'empty' not in marks else b''
        context = b'' if not self.new else vector(1, b'later' if side == 'c' and 'c' in self.done else b'')
        return context + vector(3, chain)

    def key_exchange(self, side, marks):
        if side == 'c':
            return vector(2, os.urandom(256)) if 'rsa' in marks else vector(1, POINT)
        if 'rsa' in marks:                       # RFC 2246, 7.4.3: a temporary RSA key, for exportable suites alone
            params = vector(2, b'\xd1' + os.urandom(63)) + vector(2, b'\1\0\1')
        else:
            params = b'\3\0\x1d' + vector(1, POINT)
        return params + self.sign('s', self.random['c'] + self.random['s'] + params)

    def verify(self, side, marks):
        if not self.new:
            return self.sign(side, self.transcript)
        name = b'client' if side == 'c' else b'server'
        return self.sign(side, b' ' * 64 + b'TLS 1.3, ' + name + b' CertificateVerify\0' + digest(self.transcript))

    def finished(self, side, marks):
        if not self.new:
            return bytes(12)
        secret = self.keys[side][0]
        return hmac.digest(expand(secret, b'finished'), digest(self.transcript), 'sha256')

    def body(self, side, word, marks):
        if word == 'hello':
            return self.client_hello(marks) if side == 'c' else self.server_hello(marks)
        if word == 'retry':
            return (b'\3\3' + RETRY + b'\0\xc0\xb4\0' + vector(2, extension(43, b'\3\4') + extension(44, vector(2, b'cookie'))))
        if word == 'certificate_request':
            if self.new:
                context = b'later' if 's' in self.done else b''
                return vector(1, context) + vector(2, extension(13, vector(2, b'\x08\x04')))
            schemes = vector(2, b'\x04\x01') if self.version == b'\3\3' else b''
            return vector(1, b'\1\x40') + schemes + b'\0\0'
        if word == 'ticket':
            lifetime = struct.pack('>I', 7200)
            return lifetime + (bytes(4) + b'\1n' + vector(2, b'another ticket') + b'\0\0' if self.new else vector(2, b'ticket'))
        if word == 'extensions':
            return vector(2, extension(42) if 'early' in marks else b'')
        if word == 'update':
            return b'\0'
        if word == 'certificate':
            return self.certificate(side, marks)
        maker = {'key_exchange': self.key_exchange, 'verify': self.verify, 'finished': self.finished}.get(word)
        return maker(side, marks) if maker else b''

    # --- the script --------------------------------------------------------------------------------------------------

    def step(self, conn, step):
        side, word = step.split(':', 1)
        word, *marks = word.split('+')
        mine = side == self.side
        if 'never' in marks:                     # the keys change all the same
            self.after(side, word, marks)
            return
        kind = {'ccs': CCS, 'data': DATA}.get(word, ALERT if word.startswith('alert') else HANDSHAKE)
        if mine:
            if kind == HANDSHAKE:
                body = self.body(side, word, marks)
                content = bytes([TYPES[word][side == 's']]) + vector(3, body)
            else:
                content = {CCS: b'\1', DATA: b'something'}.get(kind) or bytes([2, int(word[5:] or 0)])
            conn.sendall(self.seal(side, kind, content))
        else:
            content = self.open(conn, side)
        if kind == HANDSHAKE:
            if word == 'hello' and not mine:
                self.random[side] = content[6:38]
            if word == 'retry':                  # RFC 8446, 4.4.1
                self.transcript, self.retried = b'\xfe\0\0\x20' + digest(self.transcript), True
            if not (self.new and (word in ('ticket', 'update') or len(self.done) == 2)):
                self.transcript += content
            self.after(side, word, marks)
        elif kind == CCS and not self.new:
            self.keys[side] = True


def main():
    role, rest = sys.argv[1], sys.argv[2:]
    if role == 'server':
        server = socket.create_server(('0.0.0.0', int(rest.pop(0))))
        conn, _ = server.accept()
    else:
        conn = socket.create_connection((rest.pop(0), int(rest.pop(0))), 5)
    conn.settimeout(8)
    talk = Talk(role[0], *rest[:3])
    for step in rest[3:]:
        talk.step(conn, step)
    conn.shutdown(socket.SHUT_WR)
    conn.recv(1)
    conn.close()


if __name__ == '__main__':
    main()
