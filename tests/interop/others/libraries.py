"""Libraries without a command for the matter: mbedTLS, wolfSSL, BearSSL. Each has a program of ours in C, which is compiled
when its stage begins."""
import contextlib
import dataclasses
import os
import subprocess
from cases import Claims
from stage import Trouble, run
from others.base import OfOurs, iana, package_version
from others.openssl import parameters
from others.scripts import PROGRAMS


class InC(OfOurs):
    programs = ('cc',)
    source = header = libraries = ''

    def absent(self):
        reason = super().absent()
        if reason:
            return reason
        found = subprocess.run(['cc', '-E', '-include', self.header, '-x', 'c', '-o', os.devnull, os.devnull], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return f'{self.header} is not installed (Debian: {self.needs})' if found.returncode else ''

    def version(self):
        return package_version(self.needs.split()[0])

    def prepare(self, stage):
        status, out = run(['cc', '-O1', '-Wall', '-Wextra', os.path.join(PROGRAMS, self.source), '-o', stage.path('peer'), *self.libraries.split()], limit=120)
        if status:
            raise Trouble(out)

    def command(self, stage):
        return [stage.path('peer')]


class MbedTLS(InC):
    name = 'mbedTLS'
    needs = 'libmbedtls-dev gcc'
    source, header, libraries = 'mbedtls.c', 'mbedtls/ssl.h', '-lmbedtls -lmbedx509 -lmbedcrypto'
    server = Claims(versions=('1.2',), certificates=('rsa', 'p256'), groups=('x25519', 'secp256r1', 'secp384r1', 'secp521r1', 'ffdhe2048', 'ffdhe3072'),
                    clients=('', 'client-rsa', 'client-p256'))
    client = Claims(versions=('1.2',), certificates=('rsa', 'p256'), groups=('x25519', 'secp256r1', 'secp384r1', 'secp521r1', 'ffdhe2048'),
                    clients=('', 'client-rsa', 'client-p256'))
    lacks = 'TLS 1.3, RSA-PSS keys, Ed25519, x448: not in mbedTLS 2.28, as Debian has it; its client offers no ffdhe group, and is given ffdhe2048'


def not_for_wolfssl(case):
    if case.version == '1.3':
        return False
    return 'p256' in case.certificate + case.client and case.group != 'secp256r1' and not case.is_ffdhe or case.is_ffdhe and case.client not in ('', 'client-rsa')


class WolfSSL(InC):
    name = 'wolfSSL'
    needs = 'libwolfssl-dev gcc openssl'
    source, header, libraries = 'wolfssl.c', 'wolfssl/options.h', '-lwolfssl'
    server = Claims(certificates=('rsa', 'p256', 'ed25519'), but=not_for_wolfssl)
    client = Claims(certificates=('rsa', 'p256', 'ed25519'))
    lacks = 'RSA-PSS keys: see below. Its server of TLS 1.2 takes secp256r1 whenever the client lists it, as one with P-256 ' \
        'certificates must, and with a DHE suite it asks for RSA certificates alone'
    differs = ('''Its client changes the order of its extensions after a HelloRetryRequest: psk_key_exchange_modes was the first of them, and
        is then behind signature_algorithms. RFC 8446, 4.1.2: "the client MUST send the same ClientHello without modification,
        except as follows", and the order is not among what follows. No server is told to refuse it, extensions mean the same in
        any order, and the transcript has both hellos: wiretale server goes on, with the warning `client-hello-reordered`, and
        OpenSSL, BoringSSL and s2n-tls go on too; LibreSSL refuses it. What has changed in more than its order wiretale server
        refuses with illegal_parameter.''',
        '''With an RSA-PSS key its server signs by rsa_pss_rsae_sha256, and its client accepts no signature by such a key. wiretale
        refuses the signature, as OpenSSL does. RFC 8446, 4.2.3, of rsa_pss_rsae: "If the public key is carried in an X.509
        certificate, it MUST use the rsaEncryption OID [RFC5280]."''')

    def words(self, stage, case, groups):
        words = super().words(stage, case, groups)
        if case.version == '1.2' and case.is_ffdhe:
            words['dh'] = parameters(stage, case.group)
        return words

    @contextlib.contextmanager
    def serve(self, stage, case):
        with super().serve(stage, case) as (port, tell):
            yield port, lambda: named(tell())

    def connect(self, stage, case, port):
        return named(super().connect(stage, case, port))


def named(told):
    """wolfSSL calls suites as OpenSSL does."""
    names = {**iana(), 'TLS13-AES128-GCM-SHA256': 'TLS_AES_128_GCM_SHA256', 'TLS13-AES256-GCM-SHA384': 'TLS_AES_256_GCM_SHA384',
             'TLS13-CHACHA20-POLY1305-SHA256': 'TLS_CHACHA20_POLY1305_SHA256'}
    return [{**each, 'cipher_suite': names.get(each['cipher_suite'], each['cipher_suite'])} for each in told]


class BearSSL(InC):
    name = 'BearSSL'
    needs = 'libbearssl-dev gcc'
    source, header, libraries = 'bearssl.c', 'bearssl.h', '-lbearssl'
    server = Claims(versions=('1.2',), certificates=('rsa', 'p256'), groups=('x25519', 'secp256r1', 'secp384r1', 'secp521r1'), resumptions=('',),
                    clients=('', 'client-rsa', 'client-p256'), but=lambda case: case.client and 'p256' in case.certificate + case.client and case.group in ('secp384r1', 'secp521r1'))
    client = dataclasses.replace(server, but=None)
    lacks = 'TLS 1.3, RSA-PSS, Ed25519, x448, DHE: not in it. Resumption: it has no extended_master_secret, without which wiretale resumes no session (RFC 7627, 5.3). ' \
        'Its server has one list of curves for both purposes: certificates of clients, where one of the two sides\' is of P-256, with x25519 and secp256r1 alone'
