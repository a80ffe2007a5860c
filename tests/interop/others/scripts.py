"""Python's ssl and Node's tls: both are OpenSSL, with their own ways of using it."""
import os
import platform
import shutil
import sys
from cases import GROUPS, Claims
from others.base import OfOurs, version_of
from others.openssl import OpenSSL, parameters

PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'programs')


class OnOpenSSL(OfOurs):
    server = Claims()
    client = Claims(groups={'1.2': OpenSSL.client.groups['1.2'], '1.3': GROUPS})
    lacks = OpenSSL.lacks

    def words(self, stage, case, groups):
        words = super().words(stage, case, groups)
        if case.version == '1.2' and case.is_ffdhe:
            words['dh'] = parameters(stage, case.group)
        return words


class Python(OnOpenSSL):
    name = 'Python'
    needs = 'python3 openssl'
    programs = ('openssl',)

    def version(self):
        return platform.python_version()

    def command(self, stage):
        return [sys.executable, '-B', os.path.join(PROGRAMS, 'python_ssl.py')]


# One NIST curve, or its library's list, which begins with x25519, is all that it can be set to: the rest is up to our side.
CURVES = ('secp256r1', 'secp384r1', 'secp521r1')


def not_for_server(case):
    if case.version == '1.3':
        return case.retry and case.group not in CURVES
    # Of its list it prefers secp256r1; with one curve it refuses a client's certificate of another one.
    return case.group == 'x448' and 'p256' in case.certificate + case.client or case.client == 'client-p256' and case.group in CURVES[1:]


def not_for_client(case):
    return case.version == '1.3' and (case.group == 'x25519' if case.retry else case.group not in (*CURVES, 'x25519'))


Python.server = Claims(but=not_for_server)
Python.client = Claims(groups=OnOpenSSL.client.groups, but=not_for_client)
Python.lacks = OpenSSL.lacks + '; it can be set to one NIST curve or to the list of its library: no HelloRetryRequest for x25519 from its client, nor for x25519, ' \
    'x448 and ffdhe from its server; x448 and ffdhe by its client of TLS 1.3 with a HelloRetryRequest alone'


class Node(OnOpenSSL):
    name = 'Node'
    needs = 'nodejs openssl'
    programs = ('node', 'openssl')

    def version(self):
        return version_of('node', '--version', pattern=r'v(\S+)')

    def command(self, stage):
        return [shutil.which('node'), os.path.join(PROGRAMS, 'node_tls.mjs')]
