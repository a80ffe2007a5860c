#!/usr/bin/env python3
"""Key log lines for a capture's RSA key exchanges, from the server's private key.

    rsa_keylog.py CAPTURE KEY.pem >> KEYLOG

NSS as Debian builds it writes no SSLKEYLOGFILE; the server's own key says as much. One line for each ClientKeyExchange:
`RSA <first 8 bytes of the encrypted premaster secret> <premaster secret>`, as the key log format has it.
"""
import subprocess
import sys

capture, key = sys.argv[1:]
out = subprocess.run(['tshark', '-n', '-r', capture, '-Y', 'tls.handshake.epms', '-T', 'fields', '-e', 'tls.handshake.epms'],
                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
for line in out.split():
    for encrypted in line.split(','):
        encrypted = encrypted.replace(':', '')
        plain = subprocess.run(['openssl', 'pkeyutl', '-decrypt', '-inkey', key, '-pkeyopt', 'rsa_padding_mode:pkcs1'],
                               input=bytes.fromhex(encrypted), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
        if len(plain) == 48:
            print('RSA', encrypted[:16], plain.hex())
