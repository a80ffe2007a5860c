"""GnuTLS: gnutls-serv and gnutls-cli."""
import contextlib
import re
from cases import Claims
from stage import NAME, Trouble, program, run
from others.base import CLIENT_CA, ROOT, Peer, identity, said_nothing, version_of

REQUEST = b'GET / HTTP/1.0\r\n\r\n'


def priority(case, groups):
    words = ['NORMAL', '-VERS-ALL', '+VERS-TLS' + case.version, '-GROUP-ALL', *('+GROUP-' + g.upper() for g in groups)] + ['%NO_TICKETS'] * (case.resumption == 'id')
    return ':'.join(words)


class GnuTLS(Peer):
    name = 'GnuTLS'
    needs = 'gnutls-bin'
    programs = ('gnutls-serv', 'gnutls-cli')
    server = Claims()
    client = Claims()
    differs = ('''gnutls-cli, when its input is at its end, sends close_notify behind its request, maybe in the same segment. In TLS 1.3
        wiretale server answers the request; in TLS 1.2 it answers with close_notify alone. RFC 5246, 7.2.1: "The other party MUST
        respond with a close_notify alert of its own and close down the connection immediately, discarding any pending writes."''',)

    def version(self):
        return version_of('gnutls-cli', '--version')

    @contextlib.contextmanager
    def serve(self, stage, case):
        port = stage.next_port()
        _, key, chain = identity(case.certificate)
        command = ['gnutls-serv', '--http', '--quiet', '--port', port, '--x509certfile', chain, '--x509keyfile', key, '--priority', priority(case, case.server_groups())]
        command += ['--require-client-cert', '--verify-client-cert', '--x509cafile', CLIENT_CA] if case.client else ['--disable-client-cert']
        if case.alpn:
            command += ['--alpn=http/1.1', '--alpn-fatal']
        with program(stage, command, port):
            yield port, said_nothing

    def connect(self, stage, case, port):
        command = ['gnutls-cli', '--single-key-share', '--x509cafile', ROOT, '--sni-hostname', NAME, '--verify-hostname', NAME, '--port', port, '--priority',
                   priority(case, case.groups(self.first(case)))]
        if case.client:
            _, key, chain = identity(case.client)
            command += ['--x509certfile', chain, '--x509keyfile', key]
        if case.alpn:
            command += ['--alpn=http/1.1']
        if case.resumption:
            command += ['--resume', '--waitresumption']
        status, out = run([*command, '127.0.0.1'], REQUEST)
        if status or '200 OK' not in out:
            raise Trouble(f'gnutls-cli: exit status {status}: {out[-400:]!r}')
        told = [{'version': 'TLS ' + found} for found in re.findall(r'^- Description: \(TLS(1\.\d)', out, re.M)]
        if case.resumption:
            if 'This is a resumed session' not in out:
                raise Trouble(f'gnutls-cli: not resumed: {out[-400:]!r}')
            told = [{**told[0], 'silent': True}, {'version': told[-1]['version'], 'resumed': True}]
        return told
