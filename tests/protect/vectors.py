#!/usr/bin/env python3
"""Writes vectors.def: records sealed by hand, with Python's hmac, hashlib and zlib and the package "cryptography", for
formats and corners that the peers of tests/captures do not speak.

    tests/protect/vectors.py > tests/protect/vectors.def"""
import hashlib
import hmac
import struct
import zlib

from cryptography.hazmat.primitives import hashes, poly1305
from cryptography.hazmat.primitives import hmac as hmac2
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

APPLICATION, HANDSHAKE = 23, 22


def stuff(what, n):
    """Bytes that look like none: SHA-256 in counter mode over a name."""
    return b''.join(hashlib.sha256(f'{what} {i}'.encode()).digest() for i in range(n // 32 + 1))[:n]


def mac_of(name, key, data):
    if name == 'sm3':
        h = hmac2.HMAC(key, hashes.SM3())
        h.update(data)
        return h.finalize()
    return hmac.new(key, data, name).digest()


def head(seq, kind, version, n):
    return struct.pack('>QBHH', seq, kind, version, n)


def ssl3_mac(name, secret, seq, kind, data):
    n = 48 if name == 'md5' else 40
    inner = hashlib.new(name, secret + b'\x36' * n + struct.pack('>QBH', seq, kind, len(data)) + data).digest()
    return hashlib.new(name, secret + b'\x5c' * n + inner).digest()


def cbc(algorithm, iv, plain):
    e = Cipher(algorithm, modes.CBC(iv)).encryptor()
    return e.update(plain) + e.finalize()


def pad(plain, block, extra=0):
    n = block - len(plain) % block + extra * block
    return plain + bytes([n - 1]) * n, n


def line(b):
    return '"' + b.hex() + '"'


def begin(name, suite, version, mac_key=b'', key=b'', iv=b'', etm=0, truncated=0, compression=0, seq=0):
    print(f'WT_BEGIN("{name}", {suite:#06x}, {version:#06x}, {etm}, {truncated}, {compression}, {seq:#x},')
    print(f'         {line(mac_key)}, {line(key)}, {line(iv)})')


def record(kind, version, fragment, text, inner=None, padding=0, ask=0, nonce=b'', exact=1):
    """ask: what wt_protector_seal() is asked for as padding; exact: sealing gives these very bytes."""
    print(f'WT_RECORD({kind}, {version:#06x}, {line(fragment)},')
    print(f'          {line(text)}, {inner or kind}, {padding}, {ask}, {line(nonce)}, {exact})')


TEXTS = [b'What is said first.', b'', b'x', bytes(range(64)), b'And what is said last: ' + b'so ' * 30]


def ssl3():
    for name, suite, h, m in (('SSL 3.0, AES-CBC, SHA, any bytes as padding', 0x2f, 'sha1', 20), ('SSL 3.0, NULL, MD5', 0x01, 'md5', 16),
                              ('SSL 3.0, RC4, MD5', 0x04, 'md5', 16), ('SSL 3.0, RC4, SHA', 0x05, 'sha1', 20)):
        mac_key, key, chain = stuff(name + ' mac', m), stuff(name, 16), stuff(name + ' iv', 16)
        stream = Cipher(algorithms.ARC4(key), None).encryptor()
        begin(name, suite, 0x300, mac_key, key if suite != 1 else b'', chain if suite == 0x2f else b'')
        for seq, text in enumerate(TEXTS):
            plain, padding = text + ssl3_mac(h, mac_key, seq, APPLICATION, text), 0
            if suite == 0x2f:
                padding = 16 - len(plain) % 16
                plain += stuff('padding', padding - 1) + bytes([padding - 1])
                fragment = cbc(algorithms.AES(key), chain, plain)
                chain = fragment[-16:]
            else:
                fragment = plain if suite == 1 else stream.update(plain)
            record(APPLICATION, 0x300, fragment, text, padding=padding, exact=int(suite != 0x2f))


def block():
    aes, sm4 = algorithms.AES, algorithms.SM4
    for name, suite, version, h, m, k, algorithm, etm, truncated in (
            ('TLS 1.0, chained IV', 0x35, 0x301, 'sha1', 20, 32, aes, 0, 0),
            ('TLS 1.0, chained IV, MAC outside', 0x2f, 0x301, 'sha1', 20, 16, aes, 1, 0),
            ('TLS 1.0, MAC of 10 bytes', 0x2f, 0x301, 'sha1', 20, 16, aes, 0, 1),
            ('TLS 1.1, MAC of 10 bytes outside', 0x2f, 0x302, 'sha1', 20, 16, aes, 1, 1),
            ('TLS 1.1, explicit IV', 0x2f, 0x302, 'sha1', 20, 16, aes, 0, 0),
            ('TLS 1.2, SHA-384', 0xc028, 0x303, 'sha384', 48, 32, aes, 0, 0),
            ('TLS 1.2, SHA-384 outside', 0xc028, 0x303, 'sha384', 48, 32, aes, 1, 0),
            ('TLCP, SM4-CBC and SM3', 0xe013, 0x101, 'sm3', 32, 16, sm4, 0, 0)):
        mac_key, key, chain = stuff(name + ' mac', m), stuff(name, k), stuff(name + ' iv', 16)
        own = version != 0x301
        seq = 0x1122334455 if own else 0
        begin(name, suite, version, mac_key, key, b'' if own else chain, etm, truncated, seq=seq)
        for i, text in enumerate(TEXTS):
            iv = stuff(f'{name} iv {i}', 16) if own else chain
            extra = [0, 0, 3, 14 if m < 48 else 11, 0][i]
            mac = 10 if truncated else m
            if etm:
                plain, padding = pad(text, 16, extra)
            else:
                plain, padding = pad(text + mac_of(h, mac_key, head(seq, APPLICATION, version, len(text)) + text)[:mac], 16, extra)
            sealed = cbc(algorithm(key), iv, plain)
            chain = sealed[-16:]
            sealed = (iv if own else b'') + sealed
            if etm:
                sealed += mac_of(h, mac_key, head(seq, APPLICATION, version, len(sealed)) + sealed)[:mac]
            record(APPLICATION, version, sealed, text, padding=padding, ask=extra, nonce=iv if own else b'')
            seq += 1


def aead12():
    for name, suite, cipher, n in (('TLS 1.2, AES-GCM', 0x9c, AESGCM, 16), ('TLS 1.2, AES-CCM', 0xc09c, AESCCM, 16),
                                   ('TLS 1.2, AES-CCM-8', 0xc0a0, lambda key: AESCCM(key, 8), 8)):
        key, iv, seq = stuff(name, 16), stuff(name + ' iv', 4), 0xffffffff
        begin(name, suite, 0x303, b'', key, iv, seq=seq)
        for text in TEXTS:
            nonce = stuff(f'{name} {seq}', 8)
            sealed = cipher(key).encrypt(iv + nonce, text, head(seq, APPLICATION, 0x303, len(text)))
            record(APPLICATION, 0x303, nonce + sealed, text, nonce=nonce)
            seq += 1
    name, seq = 'TLS 1.2, ChaCha20-Poly1305', 0x0123456789abcdef
    key, iv = stuff(name, 32), stuff(name + ' iv', 12)
    begin(name, 0xcca8, 0x303, b'', key, iv, seq=seq)
    for text in TEXTS:
        nonce = bytes(a ^ b for a, b in zip(iv, bytes(4) + seq.to_bytes(8, 'big')))
        record(APPLICATION, 0x303, ChaCha20Poly1305(key).encrypt(nonce, text, head(seq, APPLICATION, 0x303, len(text))), text)
        seq += 1
    name, seq = "TLS 1.2, Google's first ChaCha20-Poly1305", 7
    key = stuff(name, 32)
    begin(name, 0xcc13, 0x303, b'', key, b'', seq=seq)
    for text in TEXTS:
        nonce, aad = seq.to_bytes(8, 'big'), head(seq, APPLICATION, 0x303, len(text))
        stream = Cipher(algorithms.ChaCha20(key, bytes(8) + nonce), None).encryptor()
        one_time = stream.update(bytes(64))[:32]
        sealed = stream.update(text)
        covered = aad + struct.pack('<Q', len(aad)) + sealed + struct.pack('<Q', len(sealed))
        record(APPLICATION, 0x303, sealed + poly1305.Poly1305.generate_tag(one_time, covered), text)
        seq += 1


def tls13():
    for name, suite, version, outer, cipher, k in (
            ('TLS 1.3, AES-GCM', 0x1301, 0x304, 0x303, AESGCM, 16),
            ('TLS 1.3, ChaCha20-Poly1305', 0x1303, 0x304, 0x303, ChaCha20Poly1305, 32),
            ('TLS 1.3, AES-CCM-8', 0x1305, 0x304, 0x303, lambda key: AESCCM(key, 8), 16),
            ('TLS 1.3 draft 24: no additional data', 0x1301, 0x7f18, 0x301, AESGCM, 16),
            ('TLS 1.3 draft 25: the header as additional data', 0x1301, 0x7f19, 0x301, AESGCM, 16),
            ('TLS 1.3 draft 23 as Facebook counts', 0x1301, 0xfb17, 0x301, AESGCM, 16)):
        key, iv, seq = stuff(name, k), stuff(name + ' iv', 12), 0x100
        begin(name, suite, version, b'', key, iv, seq=seq)
        bare = version in (0x7f18, 0xfb17)
        for i, text in enumerate(TEXTS):
            zeros, inner = [0, 0, 1, 200, 0][i], [HANDSHAKE, APPLICATION, 21, APPLICATION, 26][i]
            plain = text + bytes([inner]) + bytes(zeros)
            aad = struct.pack('>BHH', 23, outer, len(plain) + (8 if k == 16 and suite == 0x1305 else 16))
            nonce = bytes(a ^ b for a, b in zip(iv, bytes(4) + seq.to_bytes(8, 'big')))
            record(23, outer, cipher(key).encrypt(nonce, plain, b'' if bare else aad), text, inner, zeros, zeros)
            seq += 1
    for name, suite, h in (('TLS 1.3, HMAC-SHA256 alone', 0xc0b4, 'sha256'), ('TLS 1.3, HMAC-SHA384 alone', 0xc0b5, 'sha384')):
        n, seq = hashlib.new(h).digest_size, 0xabcdef
        key, iv = stuff(name, n), stuff(name + ' iv', n)
        begin(name, suite, 0x304, b'', key, iv, seq=seq)
        for text in TEXTS:
            plain = text + b'\x17'
            nonce = bytes(a ^ b for a, b in zip(iv, bytes(n - 8) + seq.to_bytes(8, 'big')))
            aad = struct.pack('>BHH', 23, 0x303, len(plain) + n)
            record(23, 0x303, plain + hmac.new(key, nonce + aad + plain, h).digest(), text)
            seq += 1


def compressed():
    for name, suite, version, etm in (('TLS 1.0, RC4, DEFLATE', 0x05, 0x301, 0), ('TLS 1.2, AES-CBC, DEFLATE', 0x2f, 0x303, 0),
                                      ('TLS 1.2, AES-GCM, DEFLATE', 0x9c, 0x303, 0)):
        mac_key, key = stuff(name + ' mac', 20 if suite != 0x9c else 0), stuff(name, 16)
        begin(name, suite, version, mac_key, key, stuff(name + ' iv', 4) if suite == 0x9c else b'', etm, 0, 1)
        z, stream = zlib.compressobj(), Cipher(algorithms.ARC4(key), None).encryptor()
        for seq, text in enumerate(TEXTS + TEXTS):
            # OpenSSL compresses nothing to nothing; others flush all the same.
            packed = z.compress(text) + z.flush(zlib.Z_SYNC_FLUSH) if text or seq > len(TEXTS) else b''
            covered = head(seq, APPLICATION, version, len(packed)) + packed
            plain, padding, nonce = packed + hmac.new(mac_key, covered, 'sha1').digest(), 0, b''
            if suite == 0x05:
                fragment = stream.update(plain)
            elif suite == 0x2f:
                nonce = stuff(f'{name} {seq}', 16)
                plain, padding = pad(plain, 16)
                fragment = nonce + cbc(algorithms.AES(key), nonce, plain)
            else:
                nonce = stuff(f'{name} {seq}', 8)
                fragment = nonce + AESGCM(key).encrypt(stuff(name + ' iv', 4) + nonce, packed, covered[:13])
            record(APPLICATION, version, fragment, text, padding=padding, nonce=nonce, exact=0)


def main():
    print('/* WT_BEGIN(what, suite, version, encrypt_then_mac, truncated_hmac, compression, sequence, mac_key, key, iv), then its')
    print(' * records one after the other: WT_RECORD(type, version, fragment, text, inner type, padding, padding to ask for when')
    print(' * sealing, explicit nonce or IV, whether sealing gives these very bytes).')
    print(' *')
    print(' * Made by vectors.py; not to be edited. */')
    for make in (ssl3, block, aead12, tls13, compressed):
        make()


main()
