#!/usr/bin/env python3
"""A client or a server by Python's ssl: python_ssl.py client|server KEY=VALUE... (README.md)"""
import json
import socket
import ssl
import sys

CURVES = {'secp256r1': 'prime256v1', 'secp384r1': 'secp384r1', 'secp521r1': 'secp521r1'}
VERSIONS = {'1.2': ssl.TLSVersion.TLSv1_2, '1.3': ssl.TLSVersion.TLSv1_3}
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n'
SUITES = 'ECDHE+AESGCM:ECDHE+CHACHA20'
DHE = 'DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384'


def iana(name):
    """ECDHE-ECDSA-AES128-GCM-SHA256, as IANA has it."""
    if name.startswith('TLS_'):
        return name
    name = name.replace('AES128', 'AES_128').replace('AES256', 'AES_256').replace('CHACHA20-POLY1305', 'CHACHA20-POLY1305-SHA256').replace('-', '_')
    return 'TLS_' + name.replace('ECDSA_', 'ECDSA_WITH_').replace('RSA_', 'RSA_WITH_')


def told(s):
    print(json.dumps({'version': s.version().replace('TLSv', 'TLS '), 'cipher_suite': iana(s.cipher()[0]), 'resumed': s.session_reused,
                      'alpn': s.selected_alpn_protocol()}), flush=True)


def context_of(words, side):
    context = ssl.SSLContext(side)
    context.minimum_version = context.maximum_version = VERSIONS[words['version']]
    ffdhe = words['groups'].startswith('ffdhe')
    context.set_ciphers(DHE if ffdhe and words['version'] == '1.2' else SUITES)
    if words['alpn'] == '1':
        context.set_alpn_protocols(['http/1.1'])
    if words['tickets'] == '0':
        context.options |= ssl.OP_NO_TICKET
    if 'chain' in words:
        context.load_cert_chain(words['chain'], words['key'])
    if 'ca' in words:
        context.load_verify_locations(words['ca'])
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def serve(words):
    context, groups = context_of(words, ssl.PROTOCOL_TLS_SERVER), words['groups'].split(',')
    if 'dh' in words:
        context.load_dh_params(words['dh'])
    elif groups[0] in CURVES:
        context.set_ecdh_curve(CURVES[groups[0]])
    with socket.create_server(('127.0.0.1', int(words['port']))) as listening:
        while True:
            connection, _ = listening.accept()
            try:
                with context.wrap_socket(connection, server_side=True) as s:
                    s.recv(4096)
                    told(s)
                    s.sendall(ANSWER)
                    s.unwrap()
            except OSError as e:
                print(f'failed: {e}', flush=True)


def connect(words):
    context, groups = context_of(words, ssl.PROTOCOL_TLS_CLIENT), words['groups'].split(',')
    # One curve is all that can be set: where another one is to come first, the library's own list is left.
    if len(groups) == 1 and groups[0] in CURVES:
        context.set_ecdh_curve(CURVES[groups[0]])
    session = None
    for _ in range(int(words['count'])):
        connection = socket.create_connection(('127.0.0.1', int(words['port'])), timeout=30)
        with context.wrap_socket(connection, server_hostname=words['host'], session=session) as s:
            s.sendall(b'GET / HTTP/1.1\r\nHost: ' + words['host'].encode() + b'\r\nConnection: close\r\n\r\n')
            got = b''
            while piece := s.recv(4096):
                got += piece
            if not got.startswith(b'HTTP/1.1 200'):
                sys.exit(f'{got!r}')
            told(s)
            session = s.session
            s.unwrap()


if __name__ == '__main__':
    (serve if sys.argv[1] == 'server' else connect)(dict(word.split('=', 1) for word in sys.argv[2:]))
