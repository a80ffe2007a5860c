"""NSS: selfserv and tstclnt, which Debian has among libnss3-tools."""
import contextlib
import os
import re
from cases import Claims
from stage import NAME, Trouble, pki, program, run
from others.base import Peer, package_version, said_nothing

GROUPS = {'x25519': 'x25519', 'secp256r1': 'P256', 'secp384r1': 'P384', 'secp521r1': 'P521', 'ffdhe2048': 'FF2048', 'ffdhe3072': 'FF3072'}
# Its numbers of suites are those of the wire.
SUITES = {'1.2': ':c02b:c02c:c02f:c030:cca8:cca9', '1.3': ':1301:1302:1303', 'dhe': ':009e:009f:ccaa'}
# All that we have: without -J those for RSA-PSS keys are missing.
SCHEMES = ('ecdsa_secp256r1_sha256,ecdsa_secp384r1_sha384,rsa_pss_rsae_sha256,rsa_pss_rsae_sha384,rsa_pss_rsae_sha512,rsa_pss_pss_sha256,rsa_pss_pss_sha384,'
           'rsa_pss_pss_sha512,rsa_pkcs1_sha256,rsa_pkcs1_sha384,rsa_pkcs1_sha512')
REQUEST = 'GET / HTTP/1.0\r\n\r\n'


def version_only(case):
    return ['-V', f'tls{case.version}:tls{case.version}', '-G']


def suites(case):
    return ['-c', SUITES['dhe' if case.version == '1.2' and case.is_ffdhe else case.version]]


def not_for_client(case):
    """tstclnt frees what -c, -I and -J gave at the end of each connection, and crashes at the second: it then has its own lists, in
    which x25519 is first, RSA-PSS keys have no scheme, and TLS 1.2 has no ffdhe."""
    return bool(case.resumption) and (case.certificate == 'rsa-pss' or (case.is_ffdhe if case.version == '1.2' else case.retry == (case.group == 'x25519')))


class NSS(Peer):
    name = 'NSS'
    needs = 'libnss3-tools openssl'
    programs = ('selfserv', 'tstclnt', 'certutil', 'pk12util', 'openssl')
    server = Claims(certificates=('rsa', 'rsa-pss', 'p256'), groups=tuple(GROUPS), clients=('', 'client-rsa', 'client-p256'))
    client = Claims(certificates=('rsa', 'rsa-pss', 'p256'), groups=tuple(GROUPS), clients=('', 'client-rsa', 'client-p256'), alpn=(False,), but=not_for_client)
    lacks = 'Ed25519 and x448: not in it; ALPN of its client: tstclnt has no option for it; with a second connection tstclnt crashes if suites, groups or schemes ' \
        'were named, so it resumes with its own lists alone'

    def version(self):
        return package_version('libnss3')

    def prepare(self, stage):
        """A database with the certificates, and keys for those that have one."""
        at = stage.path('nss')
        os.makedirs(at)
        run(['certutil', '-N', '-d', at, '--empty-password'])
        for name, trust in (('root', 'CT,C,C'), ('intermediate', ',,'), ('client-ca', 'CT,C,C')):
            run(['certutil', '-A', '-d', at, '-n', name, '-t', trust, '-i', pki(name + '.pem')])
        for name in ('rsa', 'rsa-pss', 'p256', 'client-rsa', 'client-p256'):
            file = stage.path(name + '.p12')
            run(['openssl', 'pkcs12', '-export', '-in', pki(name + '.pem'), '-inkey', pki(name + '.key'), '-name', name, '-passout', 'pass:', '-out', file])
            status, out = run(['pk12util', '-d', at, '-i', file, '-W', '', '-K', ''])
            if status:
                raise Trouble(f'pk12util: {name}: {out}')
        with open(stage.path('request'), 'w', encoding='ascii', newline='') as f:
            f.write(REQUEST)

    @contextlib.contextmanager
    def serve(self, stage, case):
        port = stage.next_port()
        command = ['selfserv', '-d', stage.path('nss'), '-p', port, '-I', ','.join(GROUPS[g] for g in case.server_groups()), '-J', SCHEMES, *version_only(case), *suites(case)]
        command += ['-e' if case.certificate == 'p256' else '-n', case.certificate]
        if case.version == '1.2' and case.is_ffdhe:
            command += ['-H', '2']
        if case.client:
            command += ['-r', '-r']
        if case.alpn:
            command += ['-Q']
        if case.resumption == 'ticket':
            command += ['-u']
        with program(stage, command, port):
            yield port, said_nothing

    def connect(self, stage, case, port):
        command = ['tstclnt', '-h', '127.0.0.1', '-a', NAME, '-p', port, '-d', stage.path('nss'), '-A', stage.path('request'), '-f', '-v', *version_only(case)]
        if case.client:
            command += ['-n', case.client, '-w', '']
        if case.resumption:
            command += ['-L', '2']
        else:
            command += ['-I', ','.join(GROUPS[g] for g in case.groups(self.first(case))), '-J', SCHEMES, *suites(case)]
        if case.resumption == 'ticket':
            command += ['-u']
        status, out = run(command)
        if status or out.count('200 OK') < case.count:
            raise Trouble(f'tstclnt: exit status {status}: {out[-500:]!r}')
        return [{'version': 'TLS ' + v} for v in re.findall(r'SSL version (1\.\d)', out)]
