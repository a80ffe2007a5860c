"""Botan 2: its command's tls_server and tls_client."""
import contextlib
import os
import re
from cases import Claims
from stage import NAME, Trouble, program, run
from others.base import REQUEST, ROOT, Peer, identity, said_nothing, version_of

GROUPS = {'x25519': 'x25519', 'secp256r1': 'secp256r1', 'secp384r1': 'secp384r1', 'secp521r1': 'secp521r1', 'ffdhe2048': 'ffdhe/ietf/2048', 'ffdhe3072': 'ffdhe/ietf/3072'}


def policy(stage, case, groups):
    """It takes its policy as a file."""
    path = stage.path('policy')
    lines = ['allow_tls10 = false', 'allow_tls11 = false', 'allow_tls12 = true', 'key_exchange_methods = ' + ('DH' if case.is_ffdhe else 'ECDH'),
             'key_exchange_groups = ' + ' '.join(GROUPS[g] for g in groups), 'signature_methods = RSA ECDSA', 'minimum_dh_group_size = 2048',
             'minimum_rsa_bits = 2048', 'require_cert_revocation_info = false', 'ciphers = AES-256/GCM AES-128/GCM ChaCha20Poly1305', 'macs = AEAD']
    with open(path, 'w', encoding='ascii') as f:
        f.write('\n'.join(lines) + '\n')
    return path


class Botan(Peer):
    name = 'Botan'
    needs = 'botan'
    programs = ('botan', 'unshare', 'mount')
    echoes = True
    differs = ('''tls_server selects `echo/0.1` by ALPN whatever the client offers, and wiretale client ends the connection with
        illegal_parameter when it has offered something else, as OpenSSL's client does. RFC 7301, 3.2: the server selects a protocol
        "that is also advertised by the client".''',)
    server = Claims(versions=('1.2',), certificates=('rsa', 'p256'), groups=tuple(GROUPS), resumptions=('', 'id'), clients=('',), alpn=(False,))
    client = Claims(versions=('1.2',), certificates=('rsa', 'p256'), groups=tuple(GROUPS), resumptions=('',), clients=('',))
    lacks = 'TLS 1.3, RSA-PSS keys, Ed25519, x448: not in Botan 2; its command has no options for client certificates, tickets or ALPN of its server, and keeps ' \
        'no sessions as a client'

    def version(self):
        return version_of('botan', 'version')

    @contextlib.contextmanager
    def serve(self, stage, case):
        port = stage.next_port()
        _, key, chain = identity(case.certificate)
        with program(stage, ['botan', 'tls_server', chain, key, f'--port={port}', f'--policy={policy(stage, case, case.server_groups())}'], port):
            yield port, said_nothing

    def connect(self, stage, case, port):
        # It has no option for another address than the name's: it gets a file of hosts of its own.
        with open(stage.path('hosts'), 'w', encoding='ascii') as f:
            f.write(f'127.0.0.1 {NAME}\n')
        command = ['unshare', '-m' if os.geteuid() == 0 else '-rm', 'sh', '-c', 'mount --bind "$0" /etc/hosts && exec "$@"', stage.path('hosts')]
        command += ['botan', 'tls_client', NAME, f'--port={port}', f'--policy={policy(stage, case, case.groups())}', '--skip-system-cert-store', f'--trusted-cas={ROOT}']
        if case.alpn:
            command += ['--next-protocols=http/1.1']
        status, out = run(command, REQUEST)
        if status or '200 OK' not in out:
            raise Trouble(f'botan: exit status {status}: {out[-500:]!r}')
        return [{'version': 'TLS ' + v} for v in re.findall(r'TLS v(1\.\d)', out)[:1]]
