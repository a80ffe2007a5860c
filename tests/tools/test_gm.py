#!/usr/bin/env python3
"""TLCP (GB/T 38636) and TLS 1.3 with RFC 8998's suites, as gm_peer plays them: found, told, opened by a key log and by the
encryption certificate's SM2 key, each proof held against what it covers, each fault of the two certificates named."""
import base64
import os
import tempfile

import gm
import packets
import page
from tale import check, done, equal, wiretale

PROOFS = {'server_signature', 'client_finished', 'server_finished', 'chain', 'host_name'}
REQUEST, ANSWER = 43, 40  # bytes that gm_peer's sides say
PAIR = 'tlcp-certificate-pair'


def read(played, *options, keys=True):
    told = wiretale('read', '--json', '--ca-file', played.root, *(('--keylog', played.keys) if keys else ()), *options, played.pcap)
    connections, _ = told.json()
    if not check(len(connections) == 1, f'{played.words}: {len(connections)} connections {told.err}'):
        return {}
    return connections[0]


def ids(connection):
    return {f['id'] for f in connection.get('findings', [])}


def cause(connection):
    return next((f['id'] for f in connection.get('findings', []) if f['severity'] == 'fatal'), None)


def suite(words):
    if any(word.startswith('rsa') for word in words):
        return f"RSA_SM4_{'CBC' if 'cbc' in words else 'GCM'}_SM3"
    if 'tls13' in words or 'ccm' in words:
        return f"TLS_SM4_{'CCM' if 'ccm' in words else 'GCM'}_SM3"
    return f"{'ECDHE' if 'ecdhe' in words else 'ECC'}_SM4_{'CBC' if 'cbc' in words else 'GCM'}_SM3"


def holds(connection, words, decryption):
    where, verified = ' '.join(words), connection.get('verified', {})
    equal(connection.get('state'), 'established', where)
    equal(connection.get('decryption'), decryption, where)
    equal(connection.get('cipher_suite'), suite(words), where)
    equal({k for k, v in verified.items() if v == 'ok'}, PROOFS | ({'client_signature'} if 'client' in words else set()), where)
    equal({k: v for k, v in verified.items() if v != 'ok'}, {}, where)
    equal([connection.get('plaintext', {}).get(side, {}).get('bytes') for side in ('client', 'server')], [REQUEST, ANSWER], where)
    equal(connection.get('application'), 'HTTP/1.1', where)
    check(not ids(connection) & {PAIR, 'signature-mismatch', 'finished-mismatch', 'malformed-message', 'unexpected-message',
                                 'deprecated-version', 'sni-missing'}, f'{where}: {ids(connection)}')


def check_healthy(folder):
    """Both key exchanges, both ciphers; CertificateVerify and the client's point in both forms of the field."""
    for words in (('gcm',), ('cbc',), ('client',), ('cbc', 'client', 'verify-bare'), ('ecdhe', 'client'),
                  ('ecdhe', 'cbc', 'client', 'keys-long', 'verify-bare'), ('client', 'client-alone')):
        played = gm.Played(folder, *words)
        connection = read(played)
        equal((connection.get('protocol'), connection.get('version')), ('tlcp', 'TLCP 1.1'), ' '.join(words))
        holds(connection, words, 'keylog')
        equal([c.get('role') for c in connection['certificates']['server']], ['signing', 'encryption', None], 'roles')
        if 'client' in words and 'client-alone' not in words:
            equal([c.get('role') for c in connection['certificates']['client']], ['signing', 'encryption', None], 'roles')
    for words in (('tls13',), ('ccm',)):
        connection = read(gm.Played(folder, *words))
        equal((connection.get('protocol'), connection.get('version')), ('tls', 'TLS 1.3'), ' '.join(words))
        holds(connection, words, 'keylog')
        check(not any('role' in c for c in connection['certificates']['server']), 'TLS has one certificate')


def check_rsa(folder):
    """The server's two keys are RSA's: what they sign is checked, whatever hash it is, and the second opens the connection."""
    for words in (('rsa',), ('rsa-sha256', 'cbc', 'client')):
        played = gm.Played(folder, *words)
        holds(read(played), words, 'keylog')
        holds(read(played, '--rsa-key', played.sm2, keys=False), words, 'rsa_key')
    connection = read(gm.Played(folder, 'rsa', 'flip-server-key-exchange'))
    verdict = connection['verified']['server_signature']
    check(verdict.startswith('bad: ') and 'signature-mismatch' in ids(connection), f'a byte of the signature is another: {verdict}')


def check_encrypted_key(folder):
    """A private key under a password: as OpenSSL writes it, and as GmSSL does, with HMAC-SM3 for a PRF."""
    played = gm.Played(folder, 'gcm')
    key = gm.bare(played.sm2)
    password = os.path.join(folder, 'password')
    with open(password, 'w', encoding='ascii') as f:
        f.write('not this one\nWeak, but 2 lines\n')
    sealed = gm.sealed(key, b'Weak, but 2 lines')
    pem = b'-----BEGIN ENCRYPTED PRIVATE KEY-----\n' + base64.encodebytes(sealed) + b'-----END ENCRYPTED PRIVATE KEY-----\n'
    for name, data in (('sealed.der', sealed), ('sealed.pem', pem), ('openssl.pem', gm.sealed_by_openssl(folder, key, 'Weak, but 2 lines'))):
        path = os.path.join(folder, name)
        with open(path, 'wb') as f:
            f.write(data)
        holds(read(played, '--sm2-key', path, '--rsa-password-file', password, keys=False), ('gcm',), 'sm2_key')
        told = wiretale('read', '--sm2-key', path, played.pcap, status=1)
        check('password' in told.err, f'{name} without a password: {told.err}')
    with open(password, 'w', encoding='ascii') as f:
        f.write('neither\n')
    told = wiretale('read', '--sm2-key', os.path.join(folder, 'sealed.pem'), '--rsa-password-file', password, played.pcap, status=1)
    check('password' in told.err, told.err)


def check_sm2_key(folder):
    for words in (('gcm',), ('cbc', 'client')):
        played = gm.Played(folder, *words)
        holds(read(played, '--sm2-key', played.sm2, keys=False), words, 'sm2_key')
    other, played = gm.Played(folder, 'swap'), gm.Played(folder, 'gcm')
    connection = read(played, '--sm2-key', other.sm2, keys=False)
    check('None of the private keys' in connection.get('not_decrypted', ''), connection.get('not_decrypted'))
    played = gm.Played(folder, 'ecdhe', 'client')
    connection = read(played, '--sm2-key', played.sm2, keys=False)
    check('ephemeral key exchange (curveSM2)' in connection.get('not_decrypted', ''), connection.get('not_decrypted'))
    rsa = os.path.join(folder, 'rsa.key')
    with open(rsa, 'w', encoding='ascii') as f:
        f.write('-----BEGIN PRIVATE KEY-----\n')
    told = wiretale('read', '--sm2-key', rsa, played.pcap, status=1)
    check('no private key' in told.err, told.err)


def check_flips(folder):
    """One byte of a proof is another: that proof is bad, it is named, and all others hold."""
    signature, finished = 'signature-mismatch', 'finished-mismatch'
    for words, proof, finding in (
            ((), 'server-key-exchange', signature), (('ecdhe', 'cbc', 'client'), 'server-key-exchange', signature),
            (('client',), 'certificate-verify', signature), (('ecdhe', 'client', 'verify-bare'), 'certificate-verify', signature),
            ((), 'client-finished', finished), (('cbc',), 'server-finished', finished),
            (('tls13',), 'certificate-verify', signature), (('ccm',), 'server-finished', finished)):
        connection = read(gm.Played(folder, *words, 'flip-' + proof))
        server = 'server_signature' if proof == 'server-key-exchange' or 'tls13' in words else 'client_signature'
        bad = proof.replace('-', '_') if 'finished' in proof else server
        where, verified = f'{words} flip-{proof}', connection.get('verified', {})
        equal({k for k, v in verified.items() if v != 'ok'}, {bad}, where)
        check(verified[bad].startswith('bad: '), f'{where}: {verified[bad]}')
        equal(ids(connection) & {signature, finished, PAIR}, {finding}, where)


def check_pairs(folder):
    """The two certificates in the wrong order, one of them missing, out of date, of another issuer: and what a client said."""
    for words, text, fault in (
            (('swap',), 'before its signing certificate', 'server'), (('no-encryption',), 'sent no encryption certificate', 'server'),
            (('no-signing',), 'sent no signing certificate', 'server'), (('expired-encryption',), 'encryption certificate', 'server'),
            (('expired-signing',), 'signing certificate', 'server'), (('other-issuer',), 'has a signature that does not verify', 'server'),
            (('ecdhe',), 'asked for no client certificate', 'server'),
            (('ecdhe', 'client', 'client-alone'), 'client sent no encryption certificate', 'client'),
            (('ecdhe', 'client', 'client-none'), 'client sent no certificates', 'client')):
        connection = read(gm.Played(folder, *words))
        found = [f for f in connection.get('findings', []) if f['id'] == PAIR]
        if check(len(found) == 1, f'{words}: {connection.get("findings")}'):
            check(text in found[0]['text'], f'{words}: {found[0]["text"]}')
            equal((found[0]['severity'], found[0]['fault']), ('error', fault), words)
        if 'client' not in words and 'ecdhe' not in words:
            refused = read(gm.Played(folder, *words, 'alert'))
            equal((refused.get('state'), cause(refused)), ('failed', PAIR), words)
    # who has them in the wrong order and goes by their places signs rightly all the same
    equal(read(gm.Played(folder, 'swap'))['verified']['server_signature'], 'ok', 'swap')
    equal([c.get('role') for c in read(gm.Played(folder, 'swap'))['certificates']['server']], ['encryption', 'signing', None], 'swap')
    for words, reason in ((('expired-encryption',), 'expired'), (('other-issuer',), 'signature')):
        chain = read(gm.Played(folder, *words))['verified']['chain']
        check(chain.startswith('bad: ') and reason in chain, f'{words}: {chain}')


def check_identity_based(folder):
    """The suites of SM9, which libcrypto lacks: named, and why their signature is not checked is said in both languages. The hellos
    are those of ECC but for the suite: what follows signs nothing that anybody could check."""
    for code, name in ((0xe057, 'IBC_SM4_GCM_SM3'), (0xe055, 'IBSDH_SM4_GCM_SM3'), (0xe017, 'IBC_SM4_CBC_SM3'), (0xe015, 'IBSDH_SM4_CBC_SM3')):
        played = gm.Played(folder, 'gcm')
        for side in ('client', 'server'):
            at = next(i for i, (what, data) in enumerate(played.pieces) if what == side and b'\xe0\x53' in data)
            played.pieces[at] = (side, played.pieces[at][1].replace(b'\xe0\x53', code.to_bytes(2, 'big'), 1))
        with open(played.pcap, 'wb') as f:
            f.write(packets.write(played.packets()))
        connection = read(played, keys=False)
        equal(connection.get('cipher_suite'), name, f'{code:#x}')
        equal(connection['verified'].get('server_signature'), "unknown: libcrypto has no SM9 (identity-based cryptography, GB/T 38635), "
              "with which TLCP's IBC and IBSDH suites sign", name)
        check(not ids(connection) & {'signature-mismatch', 'malformed-message', PAIR}, f'{name}: {ids(connection)}')
        chinese = ''.join(wiretale('read', '--explain', '--lang', 'zh', '--columns', '400', played.pcap).out.split())
        check('libcrypto不支持SM9' in chinese and 'GB/T38635' in chinese, f'{name}: nothing of SM9 in Chinese')


def check_words(folder):
    """What a person reads, in both languages; and filters."""
    played = gm.Played(folder, 'client')
    options = ('--ca-file', played.root, '--keylog', played.keys)
    english = wiretale('read', '--explain', '--columns', '400', '--lang', 'en', *options, played.pcap).out
    for text in ('TLCP 1.1, established', 'signing certificate', 'encryption certificate', 'for the encryption certificate',
                 "premaster secret encrypted for the server's encryption certificate", 'identity 1234567812345678',
                 'GB/T 38636-2020, 6.4.5.4', 'the server is authenticated', 'TLCP handshake'):
        check(text in ' '.join(english.split()), f'lacks {text!r}')
    check('RSA key' not in english and 'MD5 and SHA-1' not in english, 'says of TLS what is not so in TLCP')
    chinese = wiretale('read', '--explain', '--columns', '400', '--lang', 'zh', *options, played.pcap).out
    for text in ('双证书', '签名证书', '加密证书', '预主密钥'):
        check(text in ''.join(chinese.split()), f'lacks {text!r}')
    for expression, wanted in (('protocol == "tlcp"', 1), ('tls.record.version == 0x0101', 1), ('protocol == "tls"', 0),
                               ('tls.handshake.ciphersuite == 0xe053', 1), ('decryption == "keylog"', 1)):
        connections, _ = wiretale('read', '--json', '--filter', expression, *options, played.pcap).json()
        equal(len(connections), wanted, expression)


    # stand-ins leave what is for whom
    redacted, _ = wiretale('read', '--json', '--redact', *options, played.pcap).json()
    equal([c.get('role') for c in redacted[0]['certificates']['server']], ['signing', 'encryption', None], 'redacted')


def check_parts(folder):
    """A capture that begins in the middle, has a hole, or one side alone: by its records it is TLCP, and nothing is malformed."""
    played = gm.Played(folder, 'cbc', 'client')
    whole, path = played.packets(), os.path.join(folder, 'part.pcap')
    client, server = gm.CLIENT[0], gm.SERVER[0]
    parts = [whole[n:] for n in range(4, len(whole) - 4)] + [whole[:n] + whole[n + 1:] for n in range(3, len(whole) - 4)]
    parts += [[p for p in whole if p.data[12:16] == side] for side in (client, server)]
    for n, part in enumerate(parts):
        with open(path, 'wb') as f:
            f.write(packets.write(part))
        found, _ = wiretale('read', '--json', '--messages', '--keylog', played.keys, path).json()
        equal([c['protocol'] for c in found], ['tlcp'], f'part {n}')
        check(not ids(found[0]) & {'malformed-message', 'unexpected-message', PAIR, 'signature-mismatch', 'finished-mismatch'},
              f'part {n}: {ids(found[0])}')


def check_fields(folder):
    """Every byte of every message is a field's."""
    for words in (('client',), ('ecdhe', 'cbc', 'client', 'keys-long'), ('ecdhe', 'client')):
        played = gm.Played(folder, *words)
        told = wiretale('read', '--json', '--messages', '--bytes', '--keylog', played.keys, played.pcap)
        for message in told.json()[0][0]['messages']:
            if message['content_type'] != 'handshake':
                continue
            seen, length = set(), message['length']
            for field in message.get('fields', []):
                seen.update(range(field['offset'], field['offset'] + field['length']))
                seen.update(range(field['offset'] - field.get('prefix', 0), field['offset']))
            check(seen >= set(range(length)), f"{words} {message['type']}: {sorted(set(range(length)) - seen)[:8]} of {length}")


def covered(fields, size, where):
    """Every byte is in one field, and in no second one."""
    taken = bytearray(size)
    for i, (_, depth, offset, prefix, length, *_) in enumerate(fields):
        leaf = i + 1 == len(fields) or fields[i + 1][1] <= depth
        for at in range(offset - prefix, offset + length if leaf else offset):
            taken[at] += 1
    equal([at for at, n in enumerate(taken) if n != 1][:8], [], where)


def check_page(folder):
    """The page has the two certificates by their roles, each byte of each message in a field, and what is learnt by whom."""
    for words in (('client',), ('ecdhe', 'cbc', 'client')):
        played = gm.Played(folder, *words)
        html = os.path.join(folder, 'page.html')
        wiretale('read', '--html', html, '--ca-file', played.root, '--keylog', played.keys, played.pcap, status=0)
        held = page.Page(html)
        detail, = held.connections()
        roles = ['signing', 'encryption', None]
        equal(detail.get('roles'), {'client': roles, 'server': roles}, f'{words}: roles')
        names = set()
        for message in detail['messages']:
            if 'body' in message and 'fields' in message:
                names.add(message.get('type_name'))
                covered(message['fields'], len(base64.b64decode(message['body'])), f"{words} {message['name']}")
        wanted = {'client_hello', 'server_hello', 'certificate', 'server_key_exchange', 'certificate_request', 'client_key_exchange',
                  'certificate_verify', 'finished'}
        equal(wanted - names, set(), f'{words}: messages with fields')
        told = str(held.spoken(detail, page.CHINESE))
        for text in ('双证书', '签名证书', '加密证书', '预主密钥'):
            check(text in told, f'{words}: the page lacks {text!r}')
        learnt = {held.spoken(entry[1], page.ENGLISH) for message in detail['messages'] for entry in message.get('learns', [])}
        encrypted = "premaster secret, encrypted to the server's public key" in learnt
        equal((encrypted, "the client's key share (public)" in learnt), ('ecdhe' not in words, 'ecdhe' in words), f'{words}: learnt')


with tempfile.TemporaryDirectory() as work:
    check_page(work)
    check_parts(work)
    check_healthy(work)
    check_sm2_key(work)
    check_rsa(work)
    check_encrypted_key(work)
    check_flips(work)
    check_pairs(work)
    check_identity_based(work)
    check_words(work)
    check_fields(work)
done(least=150)
