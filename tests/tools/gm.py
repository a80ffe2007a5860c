"""Captures of connections with China's algorithms, played by gm_peer (its words are there): made for each test, with keys
that are drawn for it."""
import os
import struct
import subprocess

import packets

CLIENT, SERVER = (bytes([192, 0, 2, 10]), 41000), (bytes([192, 0, 2, 80]), 4433)
SYN, FIN, PSH, ACK = 2, 1, 8, 16


def checksum(data):
    total = sum(struct.unpack(f'>{(len(data) + 1) // 2}H', data + b'\0' * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def segment(time, sender, receiver, flags, seq, ack, data=b''):
    tcp = struct.pack('>HHIIBBHHH', sender[1], receiver[1], seq, ack, 5 << 4, flags, 65535, 0, 0)
    pseudo = sender[0] + receiver[0] + struct.pack('>HH', 6, len(tcp) + len(data))
    tcp = tcp[:16] + struct.pack('>H', checksum(pseudo + tcp + data)) + tcp[18:]
    ip = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(tcp) + len(data), 0, 0x4000, 64, 6, 0) + sender[0] + receiver[0]
    ip = ip[:10] + struct.pack('>H', checksum(ip)) + ip[12:]
    return packets.Packet(time, packets.RAW, ip + tcp + data)


# --- private keys under a password: RFC 8018, with the algorithms of GM/T 0006 ---


def der(tag, *parts):
    body = b''.join(parts)
    size = bytes([len(body)]) if len(body) < 128 else bytes([0x82]) + struct.pack('>H', len(body))
    return bytes([tag]) + size + body


def oid(hex_):
    return der(6, bytes.fromhex(hex_))


def hmac_sm3(key, data):
    out = subprocess.run(['openssl', 'dgst', '-sm3', '-mac', 'HMAC', '-macopt', f'hexkey:{key.hex()}', '-binary'], input=data,
                         stdout=subprocess.PIPE, check=True)
    return out.stdout


def sealed(key, password):
    """PKCS #8 as GmSSL writes it: PBKDF2 with HMAC-SM3 (1.2.156.10197.1.401.2), SM4-CBC."""
    salt, iv, rounds = bytes(range(8)), bytes(range(16)), 3
    u = hmac_sm3(password, salt + b'\0\0\0\1')
    made = int.from_bytes(u, 'big')
    for _ in range(rounds - 1):
        u = hmac_sm3(password, u)
        made ^= int.from_bytes(u, 'big')
    text = subprocess.run(['openssl', 'enc', '-sm4-cbc', '-K', made.to_bytes(32, 'big')[:16].hex(), '-iv', iv.hex()], input=key,
                          stdout=subprocess.PIPE, check=True).stdout
    prf = der(0x30, oid('2a811ccf5501831102'))
    derivation = der(0x30, oid('2a864886f70d01050c'), der(0x30, der(4, salt), der(2, bytes([rounds])), prf))
    cipher = der(0x30, oid('2a811ccf55016802'), der(4, iv))
    return der(0x30, der(0x30, oid('2a864886f70d01050d'), der(0x30, derivation, cipher)), der(4, text))


def bare(path):
    """The key in that file as PKCS #8."""
    return subprocess.run(['openssl', 'pkcs8', '-topk8', '-nocrypt', '-inform', 'DER', '-in', path, '-outform', 'DER'], stdout=subprocess.PIPE,
                          check=True).stdout


def sealed_by_openssl(folder, key, password):
    plain = os.path.join(folder, 'plain.der')
    with open(plain, 'wb') as f:
        f.write(key)
    return subprocess.run(['openssl', 'pkcs8', '-topk8', '-inform', 'DER', '-in', plain, '-v2', 'sm4-cbc', '-passout', f'pass:{password}'],
                          stdout=subprocess.PIPE, check=True).stdout


class Played:
    """A capture and what opens it, as files in `folder`: pcap, keys, sm2, root."""

    def __init__(self, folder, *words):
        self.words = words
        out = subprocess.run([os.environ['WIRETALE_GM_PEER'], *words], stdout=subprocess.PIPE, check=True).stdout.decode()
        lines = [line.split(' ', 1) for line in out.splitlines()]
        stem = os.path.join(folder, '-'.join(words) or 'gcm')
        self.pcap, self.keys, self.sm2, self.root = (stem + end for end in ('.pcap', '.keys', '.sm2', '.der'))
        self.pieces = [(what, bytes.fromhex(text)) for what, text in lines if what in ('client', 'server')]
        for path, data in ((self.keys, ''.join(text + '\n' for what, text in lines if what == 'keylog').encode()),
                           (self.sm2, bytes.fromhex(dict(lines)['sm2'])), (self.root, bytes.fromhex(dict(lines)['root'])),
                           (self.pcap, packets.write(self.packets()))):
            with open(path, 'wb') as f:
                f.write(data)

    def packets(self):
        now = int(subprocess.run(['date', '+%s'], stdout=subprocess.PIPE, check=True).stdout) * 10**9
        ends, seq = (CLIENT, SERVER), [1000, 5000]

        def send(side, flags, data=b''):
            nonlocal now
            now += 1000000
            made.append(segment(now, ends[side], ends[not side], flags, seq[side], seq[not side] if flags & ACK else 0, data))
            seq[side] += len(data) + bool(flags & (SYN | FIN))

        made = []
        send(0, SYN)
        send(1, SYN | ACK)
        send(0, ACK)
        for what, data in self.pieces:
            for at in range(0, len(data), 1400):
                send(what == 'server', PSH | ACK, data[at:at + 1400])
        send(0, FIN | ACK)
        send(1, FIN | ACK)
        send(0, ACK)
        return made
