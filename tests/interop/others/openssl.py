"""OpenSSL: s_server and s_client."""
import contextlib
import re
from cases import HYBRIDS, Case, Claims
from stage import LIBRARIES, NAME, Trouble, openssl_for, pki, program, run
from others.base import CLIENT_CA, REQUEST, ROOT, Peer, iana, identity, said_nothing, version_of

GROUPS = {'x25519': 'X25519', 'secp256r1': 'P-256', 'secp384r1': 'P-384', 'secp521r1': 'P-521', 'x448': 'X448', 'ffdhe2048': 'ffdhe2048', 'ffdhe3072': 'ffdhe3072'}
TEMPORARY = {'X25519': 'x25519', 'prime256v1': 'secp256r1', 'P-256': 'secp256r1', 'secp384r1': 'secp384r1', 'P-384': 'secp384r1', 'secp521r1': 'secp521r1', 'P-521': 'secp521r1', 'X448': 'x448'}


def names(groups):
    return ':'.join(GROUPS.get(g, g) for g in groups)


def suites(case):
    """TLS 1.2 has a suite for each way of the key exchange."""
    return ['-cipher', 'DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305'] if case.version == '1.2' and case.is_ffdhe else []


def parameters(stage, group):
    """RFC 7919's groups as files of parameters, for TLS 1.2."""
    path = stage.path(group + '.pem')
    run(['openssl', 'genpkey', '-genparam', '-algorithm', 'DH', '-pkeyopt', 'group:' + group, '-out', path])
    return path


class OpenSSL(Peer):
    name = 'OpenSSL'
    needs = 'openssl'
    programs = ('openssl',)
    server = Claims(groups={'1.2': tuple(GROUPS), '1.3': tuple(GROUPS) + (HYBRIDS if LIBRARIES else ())})
    # Its client offers no finite field group in TLS 1.2, so that the server is free to use any (RFC 7919, 4).
    client = Claims(groups={'1.2': ('x25519', 'secp256r1', 'secp384r1', 'secp521r1', 'x448', 'ffdhe2048'), '1.3': server.groups['1.3']})
    lacks = 'client, TLS 1.2: it offers no ffdhe group, and is given ffdhe2048'
    if not LIBRARIES:
        lacks += '; groups with ML-KEM: not in OpenSSL 3.0'

    def version(self):
        pattern = r'OpenSSL (\S+)'
        newer = version_of(*openssl_for(Case('1.3', '', HYBRIDS[0])), 'version', pattern=pattern) if LIBRARIES else None
        return (version_of('openssl', 'version', pattern=pattern) or '?') + (f'; with ML-KEM {newer}' if newer else '')

    @contextlib.contextmanager
    def serve(self, stage, case):
        port = stage.next_port()
        certificate, key, _ = identity(case.certificate)
        command = [*openssl_for(case), 's_server', '-accept', f'127.0.0.1:{port}', '-www', '-cert', certificate, '-key', key, '-cert_chain', pki('intermediate.pem'),
                   '-tls1_' + case.version[-1], *suites(case)]
        if case.version == '1.2' and case.is_ffdhe:
            command += ['-dhparam', parameters(stage, case.group)]
        else:
            command += ['-groups', names(case.server_groups())]
        if case.client:
            command += ['-Verify', '2', '-verify_return_error', '-CAfile', CLIENT_CA]
        if case.alpn:
            command += ['-alpn', 'http/1.1']
        if case.resumption == 'id':
            command += ['-no_ticket']
        with program(stage, command, port):
            yield port, said_nothing

    def connect(self, stage, case, port):
        session, told = stage.path(f'session-{port}.pem'), []
        command = [*openssl_for(case), 's_client', '-connect', f'127.0.0.1:{port}', '-servername', NAME, '-verify_hostname', NAME, '-verify_return_error', '-CAfile', ROOT,
                   '-tls1_' + case.version[-1], '-ign_eof', *suites(case)]
        if not (case.version == '1.2' and case.is_ffdhe):
            command += ['-groups', names(case.groups(self.first(case)))]
        if case.client:
            certificate, key, _ = identity(case.client)
            command += ['-cert', certificate, '-key', key]
        if case.alpn:
            command += ['-alpn', 'http/1.1']
        if case.resumption == 'id':
            command += ['-no_ticket']
        for nth in range(case.count):
            status, out = run(command + (['-sess_in' if nth else '-sess_out', session] if case.resumption else []), REQUEST)
            if status or '200 OK' not in out:
                raise Trouble(f's_client: exit status {status}: {out[-300:]!r}')
            told.append(facts(out, nth))
        return told


def facts(out, nth):
    found = re.search(r'^(New|Reused), (\S+), Cipher is (\S+)', out, re.M)
    if not found or (found[1] == 'Reused') != bool(nth):
        raise Trouble(f's_client: {found and found[0]!r}')
    version = re.search(r'Protocol *: TLSv(\S+)', out)
    told = {'version': 'TLS ' + (version[1] if version else found[2][4:]), 'cipher_suite': iana().get(found[3], found[3])}
    group = re.search(r'^Server Temp Key: (?:ECDH, )?([^,]+), \d+ bits', out, re.M)
    hybrid = re.search(r'^Negotiated TLS1.3 group: (\S+)', out, re.M)
    if group and group[1] in TEMPORARY and not nth:
        told['group'] = TEMPORARY[group[1]]
    if hybrid and hybrid[1] in HYBRIDS:
        told['group'] = hybrid[1]
    return told
