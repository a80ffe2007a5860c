#!/usr/bin/env python3
"""Writes peers.def: records that OpenSSL, GnuTLS and NSS sealed, out of the captures beside this directory, with the keys
their key logs give: the first two of a client for each version, cipher, MAC and order of the two.

    tests/protect/peers.py > tests/protect/peers.def

Keys are derived here (RFC 6101, 6; RFC 5246, 5, 6.3, 8.1; RFC 8446, 7.3), apart from the engine's own derivation. tshark
takes the packets apart; needs zstd for packed captures."""
import glob
import hashlib
import hmac
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
REGISTRY = os.path.join(HERE, '..', '..', 'src', 'registry')


def rows(name, macro):
    text = re.sub(r'/\*.*?\*/', '', open(os.path.join(REGISTRY, name), encoding='utf-8').read(), flags=re.S)
    for row in re.findall(macro + r'\((.*?)\)(?=\s*(?:\w+\(|$))', text, flags=re.S):
        yield [c.strip().strip('"') for c in re.split(r',\s*(?![^"]*"(?:[^"]*"[^"]*")*[^"]*$)', row)]


SUITES = {int(r[0], 16): r for r in rows('cipher_suites.def', 'WT_SUITE')}
CIPHERS = {r[0]: dict(mode=r[4], key=int(r[5]), effective=int(r[6]), block=int(r[7]), iv=int(r[8]))
           for r in rows('ciphers.def', 'WT_CIPHER')}
HASHES = {'MD5': 'md5', 'SHA1': 'sha1', 'SHA256': 'sha256', 'SHA384': 'sha384', 'NONE': None}


def p_hash(name, secret, seed, n):
    out, a = b'', seed
    while len(out) < n:
        a = hmac.new(secret, a, name).digest()
        out += hmac.new(secret, a + seed, name).digest()
    return out[:n]


def prf(version, name, secret, label, seed, n):
    if version == 0x0303:
        return p_hash(name, secret, label + seed, n)
    half = (len(secret) + 1) // 2
    one, two = p_hash('md5', secret[:half], label + seed, n), p_hash('sha1', secret[-half:], label + seed, n)
    return bytes(a ^ b for a, b in zip(one, two))


def ssl3(secret, seed, n):
    out = b''
    for i in range(26):
        inner = hashlib.sha1(bytes([65 + i]) * (i + 1) + secret + seed).digest()
        out += hashlib.md5(secret + inner).digest()
    return out[:n]


def key_block(c):
    """The client's MAC key, key and IV."""
    suite, cipher = SUITES[c['suite']], CIPHERS[SUITES[c['suite']][4]]
    name = HASHES[suite[6]]
    mac = HASHES[suite[5]]
    m, k = hashlib.new(mac).digest_size if mac else 0, cipher['effective']
    i = cipher['iv'] if cipher['mode'] != 'WT_MODE_CBC' or c['version'] <= 0x0301 else 0
    n = 2 * (m + k + i)
    randoms = c['server_random'] + c['client_random']
    if c['version'] == 0x0300:
        block = ssl3(c['master'], randoms, n)
    else:
        block = prf(c['version'], name, c['master'], b'key expansion', randoms, n)
    mac_key, key, iv = block[:m], block[2 * m:2 * m + k], block[2 * (m + k):2 * (m + k) + i]
    if 'EXPORT' in suite[2]:
        both = c['client_random'] + c['server_random']
        if c['version'] == 0x0300:
            key = hashlib.md5(key + both).digest()[:cipher['key']]
            iv = hashlib.md5(both).digest()[:i]
        else:
            key = prf(c['version'], name, key, b'client write key', both, cipher['key'])
            iv = prf(c['version'], name, b'', b'IV block', both, 2 * i)[:i]
    return mac_key, key, iv


def expand_label(name, secret, label, n):
    label = b'tls13 ' + label
    return hmac.new(secret, n.to_bytes(2, 'big') + bytes([len(label)]) + label + b'\0\1', name).digest()[:n]


def master_of(c, keys):
    master = keys.get(('CLIENT_RANDOM', c['client_random']))
    premaster = keys.get(('RSA', c['exchange'][:8])) or keys.get(('RSA', c['exchange'][2:10]))
    if master or not premaster:
        return master
    randoms = c['client_random'] + c['server_random']
    if c['version'] == 0x0300:
        return ssl3(premaster, randoms, 48)
    return None if c['ems'] else prf(c['version'], HASHES[SUITES[c['suite']][6]], premaster, b'master secret', randoms, 48)


def extensions(body):
    found, at = {}, 0
    while at + 4 <= len(body):
        n = int.from_bytes(body[at + 2:at + 4], 'big')
        found[int.from_bytes(body[at:at + 2], 'big')] = body[at + 4:at + 4 + n]
        at += 4 + n
    return found


def messages(records):
    """Handshake messages in front of the first ChangeCipherSpec, and the records behind it."""
    plain, behind, changed = b'', [], False
    for kind, version, body in records:
        if changed:
            behind.append((kind, version, body))
        elif kind == 20:
            changed = True
        elif kind == 22:
            plain += body
        elif kind == 23:
            behind.append((kind, version, body))
    out, at = [], 0
    while at + 4 <= len(plain):
        n = int.from_bytes(plain[at + 1:at + 4], 'big')
        out.append((plain[at], plain[at + 4:at + 4 + n]))
        at += 4 + n
    return out, behind


def split(stream):
    at, out = 0, []
    while at + 5 <= len(stream):
        n = int.from_bytes(stream[at + 3:at + 5], 'big')
        if stream[at] not in (20, 21, 22, 23) or stream[at + 1] != 3 or at + 5 + n > len(stream):
            break
        out.append((stream[at], int.from_bytes(stream[at + 1:at + 3], 'big'), stream[at + 5:at + 5 + n]))
        at += 5 + n
    return out


def connection(client, server):
    mine, sealed = messages(split(client))
    theirs, _ = messages(split(server))
    c = dict(sealed=sealed, exchange=b'')
    for kind, body in mine:
        if kind == 1 and 'client_random' not in c:
            c['client_random'] = body[2:34]
        if kind == 16:
            c['exchange'] = body
    for kind, body in theirs:
        if kind == 2:
            c['version'], c['server_random'] = int.from_bytes(body[:2], 'big'), body[2:34]
            at = 35 + body[34]
            c['suite'] = int.from_bytes(body[at:at + 2], 'big')
            ext = extensions(body[at + 5:])
            c['etm'], c['truncated'], c['ems'] = 22 in ext, 4 in ext, 23 in ext
            if 43 in ext:
                c['version'] = int.from_bytes(ext[43], 'big')
    return c if 'suite' in c and 'client_random' in c and c['suite'] in SUITES else None


def connections(capture):
    pack = capture.endswith('.zst')
    data = subprocess.run(['zstd', '-dcq', capture], stdout=subprocess.PIPE, check=True).stdout if pack else open(capture, 'rb').read()
    out = subprocess.run(['tshark', '-r', '-', '-Y', 'tcp.len>0 && !tcp.analysis.retransmission', '-T', 'fields', '-e', 'tcp.stream',
                          '-e', 'tcp.dstport', '-e', 'tcp.payload'], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    streams = {}
    for line in out.decode().split('\n'):
        if line.count('\t') == 2:
            stream, port, payload = line.split('\t')
            sides = streams.setdefault(int(stream), {})
            sides[port] = sides.get(port, b'') + bytes.fromhex(payload)
    for number, sides in sorted(streams.items()):
        sides = list(sides.values())
        if len(sides) == 2:
            c = connection(*sides)
            if c:
                yield number, c


def secrets(path):
    keys = {}
    for line in open(path, encoding='ascii', errors='replace'):
        word = line.split()
        if len(word) == 3 and not line.startswith('#'):
            keys[word[0], bytes.fromhex(word[1])] = bytes.fromhex(word[2])
    return keys


def c_bytes(b):
    return '"' + b.hex() + '"'


def emit(name, number, c, keys):
    if c['version'] == 0x0304:
        secret = keys.get(('CLIENT_HANDSHAKE_TRAFFIC_SECRET', c['client_random']))
        if not secret or c['sealed'][0][0] != 23:
            return False
        h, size = HASHES[SUITES[c['suite']][6]], CIPHERS[SUITES[c['suite']][4]]['key']
        material = b'', expand_label(h, secret, b'key', size), expand_label(h, secret, b'iv', 12)
        sealed = c['sealed'][:1]
    else:
        c['master'] = master_of(c, keys)
        if not c['master'] or not c['sealed'] or c['sealed'][0][0] != 22:
            return False
        material, sealed = key_block(c), c['sealed'][:2]
    if any(len(body) > 400 for _, _, body in sealed):
        return False
    print(f"WT_PEER(\"{name}\", {number}, {c['suite']:#06x}, {c['version']:#06x}, {int(c['etm'])}, {int(c['truncated'])},")
    print('        ' + ', '.join(c_bytes(m) for m in material) + ',')
    for i in range(2):
        kind, version, body = sealed[i] if i < len(sealed) else (0, 0, b'')
        print(f'        {kind}, {version:#06x}, {c_bytes(body)}' + (')' if i else ','))
    return True


def main():
    print("/* WT_PEER(capture, stream, suite, version, encrypt_then_mac, truncated_hmac, mac_key, key, iv, then twice: type, version,")
    print(' * fragment of the first and second record that the client sealed, the first being its Finished). Type 0: not there.')
    print(' *')
    print(' * Made by peers.py out of tests/captures; not to be edited. */')
    seen = set()
    for capture in sorted(glob.glob(os.path.join(HERE, '..', 'captures', '*.pcap*'))):
        if re.search(r'\.(keys|rsa|psk|md)$', capture) or not os.path.exists(capture + '.keys') or not \
                re.search(r'suites|ciphers|cbc|compress|truncated|versions|records', os.path.basename(capture)):
            continue
        keys = secrets(capture + '.keys')
        for number, c in connections(capture):
            suite = SUITES[c['suite']]
            what = c['version'], suite[4], suite[5], c['etm'] and CIPHERS[suite[4]]['block'] > 0, c['truncated'], 'EXPORT' in suite[2]
            if what not in seen and emit(os.path.basename(capture), number, c, keys):
                seen.add(what)
    print(f'{len(seen)} kinds of records', file=sys.stderr)


if __name__ == '__main__':
    main()
