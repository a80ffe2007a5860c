#!/usr/bin/env python3
"""read --bytes, --explain and --secrets: each byte of a message has its field, headers are shown, hashes name their messages."""
import os
from tale import CAPTURES, check, done, equal, wiretale



def text_of(name, *options, lang='en', keys=True):
    path = os.path.join(CAPTURES, name)
    given = ['--keylog', path + '.keys'] if keys else []
    return ' '.join(wiretale('--lang', lang, 'read', path, *options, *given, '--columns', '110', status=0).out.split())


def json_of(name, *options):
    path = os.path.join(CAPTURES, name)
    return wiretale('read', '--json', path, '--keylog', path + '.keys', *options, status=0).json()[0]


def has(text, *sentences):
    for sentence in sentences:
        check(sentence in text, f'{sentence!r} is missing')


def handshake(connection, kind):
    return [m for m in connection['messages'] if m.get('type') == kind]


def uncovered(fields):
    """Bytes of the body, up to the last that a field has, that belong to no value and to no prefix."""
    end = max(f['offset'] + f.get('length', 0) for f in fields)
    left = set(range(end))
    for f in fields:
        if 'error' not in f:
            left.difference_update(range(f['offset'] - f['prefix'], f['offset']))
        # what is held in DER has fields of its own, and their bytes are theirs
        if 'value' in f and not any(o['path'].startswith(f['path'] + '/') for o in fields):
            left.difference_update(range(f['offset'], f['offset'] + f['length']))
    return left, end


def check_certificates():
    """RFC 5280, 4.1: every byte of a Certificate message belongs to a named field."""
    seen = set()
    for name in ('article.pcapng', 'ocsp-stapling.pcapng', 'certificate-types.pcapng', 'client-certificates-mixed.pcap'):
        for connection in json_of(name, '--bytes'):
            for kind in ('certificate', 'certificate_status', 'certificate_request'):
                for message in handshake(connection, kind):
                    if 'fields' not in message:
                        continue
                    left, end = uncovered(message['fields'])
                    equal(left, set(), f'{name}: {kind}')
                    equal(end, message['length'], f'{name}: the end of {kind}')
                    seen.update(f['path'].rsplit('/', 1)[-1] for f in message['fields'])
                    check(not any('error' in f for f in message['fields']), f'{name}: {kind} is whole')
    for field in ('version', 'serialNumber', 'signature', 'issuer', 'validity', 'subject', 'subjectPublicKeyInfo', 'keyUsage',
                  'extKeyUsage', 'basicConstraints', 'authorityInfoAccess', 'subjectAltName', 'signatureAlgorithm',
                  'signatureValue', 'OCSPResponse', 'rdnSequence'):
        check(field in seen, f'{field} is nowhere')
    text = text_of('article.pcapng', '--bytes')
    has(text, 'tbsCertificate 779 bytes', 'version 2 [a0030201] 02', 'serialNumber 4096 [0202] 1000',
        'Extension 14 bytes 2.5.29.15 X509v3 Key Usage', 'keyUsage digitalSignature, keyEncipherment [030205] a0',
        'KeyPurposeId 1.3.6.1.5.5.7.3.1 TLS Web Server Authentication', 'dNSName *.example.com',
        'AttributeTypeAndValue 22 bytes 2.5.4.3 commonName', 'signatureValue 256 bytes', 'responseStatus 0')
    check('tbsCertificate' not in text_of('article.pcapng', '--explain'), 'without --bytes: no DER')
    has(text_of('article.pcapng', '--bytes', lang='zh'), 'keyUsage digitalSignature, keyEncipherment [030205] a0', '颁发者')


def check_change_cipher_spec():
    """RFC 5246, 7.1: "a single byte of value 1"; RFC 8446, 5: in TLS 1.3, too. Where it passes encrypted and is not opened it has none."""
    for name in ('article.pcapng', 'hello-retry.pcapng', 'renegotiation.pcapng'):
        seen = [m for c in json_of(name, '--bytes')[:1] for m in c['messages'] if m['content_type'] == 'change_cipher_spec']
        check(len(seen) >= 2, f'{name}: both sides send one')
        for message in seen:
            equal(message.get('fields'), [{'path': 'type', 'offset': 0, 'length': 1, 'prefix': 0, 'value': 1}], name)
    path = os.path.join(CAPTURES, 'renegotiation.pcapng')
    closed = wiretale('read', '--json', '--bytes', path, status=0).json()[0][0]
    for message in closed['messages']:
        if message['content_type'] == 'change_cipher_spec':
            equal('fields' in message, message['length'] == 1, f'packet {message["frame"]}: only what can be read has fields')
    has(text_of('article.pcapng', '--explain'), 'type 1 Always 1: the message says nothing but that it is there.')


def check_headers():
    """RFC 5246, 6.2.1 and 7.4: type, version and length of the record, type and length of the message."""
    for lang, record, message, comma in (('en', 'record header', 'handshake header', ', '), ('zh', '记录头', '握手头', '，')):
        text = text_of('article.pcapng', '--explain', lang=lang)
        has(text, f'{record} 16 0301 00c1 type 22 handshake{comma}version 0x0301 TLS 1.0{comma}length 193',
            f'{message} 01 0000bd msg_type 1 client_hello{comma}length 189', f'{record} 14 0303 0001',
            f'{message} 14 00000c msg_type 20 finished{comma}length 12')
    has(text_of('article.pcapng', '--explain'), 'decrypted 40 bytes of record → 8 of nonce, 16 of content, 16 of tag')
    check('decrypted 40 bytes' not in text_of('article.pcapng', '--explain', keys=False), 'without keys nothing is decrypted')
    # RFC 8446, 5.2: content, content type, zeros; 5.4: padding
    text = text_of('groups-tls13.pcap', '--explain', '--stream', '0')
    has(text, 'record header 17 0303', '1 of inner content type, 0x16 handshake, 0 of padding (zeros), 16 of tag')
    has(text_of('groups-tls13.pcap', '--explain', '--stream', '0', lang='zh'), '内层内容类型 1 字节，即 0x16 handshake')


def check_hashes():
    """RFC 5246, 7.4.9: all messages up to, but not including, this Finished; RFC 8446, 7.1 and 4.4.1."""
    first = ['client_hello', 'server_hello', 'certificate', 'certificate_status', 'server_key_exchange', 'server_hello_done',
             'client_key_exchange']
    steps = {(s['id'], s['frame']): s.get('messages') for s in json_of('article.pcapng', '--secrets')[0]['derivation']}
    equal(steps.get(('handshake_hash', 12)), first, 'before the client Finished, of packet 12')
    equal(steps.get(('handshake_hash', 13)), first + ['finished', 'new_session_ticket'], 'before the server Finished')
    check(('client_verify_data', 12) in steps and ('server_verify_data', 13) in steps, 'the packets of both Finished')
    equal(steps.get(('key_block', 12)), None, 'no hash goes into the key block')
    text = text_of('article.pcapng', '--secrets')
    has(text, 'hash over 7 messages: ClientHello, ServerHello, Certificate, CertificateStatus, ServerKeyExchange, '
        'ServerHelloDone, ClientKeyExchange', 'The key log begins with the master secret. The premaster secret')
    has(text_of('article.pcapng', '--secrets', lang='zh'), '以下 7 条消息的散列', '密钥日志从主密钥开始')
    connection = json_of('groups-tls13.pcap', '--secrets', '--stream', '0')[0]
    for step in connection['derivation']:
        if step['id'] == 'verify_data':
            equal(step['messages'][:3], ['client_hello', 'server_hello', 'encrypted_extensions'], 'what Finished covers')
            equal(step['messages'][-1], 'finished' if step['side'] == 'client' else 'certificate_verify', step['side'])
    text = text_of('groups-tls13.pcap', '--secrets', '--stream', '0')
    has(text, 'The key log begins with the traffic secrets.', 'ClientHello…ServerHello', 'ClientHello…server Finished',
        'ClientHello…client Finished')


def check_signaling():
    """RFC 5746, 3.3, and RFC 7507: values in the list of suites that are none."""
    text = text_of('article.pcapng', '--explain')
    has(text, 'offers TLS 1.2, 27 suites', 'Number 8 of the 27', 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV Not a suite, and never selected',
        'The ServerHello answers it with renegotiation_info: both sides support secure renegotiation.',
        "It answers the client's TLS_EMPTY_RENEGOTIATION_INFO_SCSV")
    has(text_of('article.pcapng', '--explain', lang='zh'), '不是密码套件，也绝不会被选中', 'ServerHello 以 renegotiation_info 回应')
    hello = handshake(json_of('article.pcapng', '--messages')[0], 'client_hello')[0]
    equal(hello['client_hello']['signaling_suites'], ['TLS_EMPTY_RENEGOTIATION_INFO_SCSV'], 'in JSON')


def check_hybrid():
    """draft-ietf-tls-ecdhe-mlkem, 4: the order and the lengths of the two shares."""
    wanted = {'SecP256r1MLKEM768': (65, 1184, 1088, True), 'X25519MLKEM768': (32, 1184, 1088, False),
              'SecP384r1MLKEM1024': (97, 1568, 1568, True)}
    seen = set()
    for connection in json_of('chromium.pcapng', '--bytes'):
        for message in handshake(connection, 'client_hello') + handshake(connection, 'server_hello'):
            group = None
            for at, field in enumerate(message.get('fields', [])):
                group = field['name'] if field['path'].endswith('/group') and 'name' in field else group
                if not field['path'].endswith('/key_exchange') or group not in wanted:
                    continue
                ecdh, key, ciphertext, first = wanted[group]
                client = message['type'] == 'client_hello'
                kem = ('mlkem_encapsulation_key', key) if client else ('mlkem_ciphertext', ciphertext)
                parts = [('ecdh_share', ecdh), kem] if first else [kem, ('ecdh_share', ecdh)]
                got = message['fields'][at + 1:at + 3]
                equal([(f['path'].rsplit('/', 1)[-1], f['length']) for f in got], parts, f'{group} {message["type"]}')
                equal(got[0]['offset'], field['offset'], f'{group}: the first part begins the share')
                equal(got[1]['offset'], field['offset'] + parts[0][1], f'{group}: the second follows')
                seen.add((group, client))
    check(('X25519MLKEM768', True) in seen, 'as Chromium offers it')
    has(text_of('chromium.pcapng', '--explain', '--stream', '0'), 'mlkem_encapsulation_key', 'ecdh_share')


def main():
    check_certificates()
    check_headers()
    check_change_cipher_spec()
    check_hashes()
    check_signaling()
    check_hybrid()
    done(40)


if __name__ == '__main__':
    main()
