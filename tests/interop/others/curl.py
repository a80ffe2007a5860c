"""curl, which has a client alone: here with OpenSSL."""
import re
from cases import GROUPS, Claims
from stage import NAME, Trouble, run
from others.base import ROOT, Peer, iana, identity, version_of
from others.openssl import OpenSSL, names


class Curl(Peer):
    name = 'curl'
    needs = 'curl'
    programs = ('curl', 'openssl')
    client = Claims(groups={'1.2': OpenSSL.client.groups['1.2'], '1.3': GROUPS}, resumptions={'1.2': ('', 'id'), '1.3': ('', 'ticket')})
    lacks = "tickets in TLS 1.2, which it does without; ffdhe in TLS 1.2: as OpenSSL's client"

    def version(self):
        return version_of('curl', '--version', pattern=r'^curl (\S+)')

    def connect(self, stage, case, port):
        command = ['curl', '-sSv', '--http1.1', '--cacert', ROOT, '--resolve', f'{NAME}:{port}:127.0.0.1', '--tlsv' + case.version, '--tls-max', case.version,
                   '-H', 'Connection: close']
        if case.version == '1.2' and case.is_ffdhe:
            command += ['--ciphers', 'DHE-RSA-AES128-GCM-SHA256']
        else:
            command += ['--curves', names(case.groups(self.first(case)))]
        if case.client:
            certificate, key, _ = identity(case.client)
            command += ['--cert', certificate, '--key', key]
        if not case.alpn:
            command += ['--no-alpn']
        status, out = run(command + [f'https://{NAME}:{port}/'] * case.count)
        agreed = re.findall(r'SSL connection using TLSv(\S+) / (\S+)', out)
        if status or len(agreed) != case.count or out.count('200 OK') < case.count:
            raise Trouble(f'curl: exit status {status}: {out[-400:]!r}')
        return [{'version': 'TLS ' + version, 'cipher_suite': iana().get(suite, suite)} for version, suite in agreed]
