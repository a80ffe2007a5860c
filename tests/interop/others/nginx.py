"""nginx, which has a server alone: here with OpenSSL."""
import contextlib
import os
from cases import Claims
from stage import NAME, program
from others.base import CLIENT_CA, Peer, identity, said_nothing, version_of, where
from others.openssl import names, parameters

CONFIGURATION = '''daemon off; master_process off; user root; pid {at}/pid; error_log {at}/error info; events {{}}
http {{
    access_log off; client_body_temp_path {at}/b; proxy_temp_path {at}/p; fastcgi_temp_path {at}/f; uwsgi_temp_path {at}/u; scgi_temp_path {at}/s;
    server {{
        listen 127.0.0.1:{port} ssl; server_name {name}; root {at};
        {lines}
    }}
}}
'''


class Nginx(Peer):
    name = 'nginx'
    needs = 'nginx-light openssl'
    programs = ('nginx', 'openssl')
    # It has no option against ALPN: http/1.1 is selected whenever a client offers it, as ours does.
    server = Claims(alpn=(True,))
    lacks = 'without ALPN: it has no option against it'

    def version(self):
        return version_of(where('nginx'), '-v', pattern=r'nginx/(\S+)')

    @contextlib.contextmanager
    def serve(self, stage, case):
        port = stage.next_port()
        at = stage.path(f'nginx-{port}')
        os.makedirs(at)
        with open(os.path.join(at, 'index.html'), 'w', encoding='ascii') as f:
            f.write('<p>hello\n')
        _, key, chain = identity(case.certificate)
        lines = [f'ssl_certificate {chain}', f'ssl_certificate_key {key}', f'ssl_protocols TLSv{case.version}', 'ssl_session_cache shared:cache:1m',
                 f'ssl_session_tickets {"off" if case.resumption == "id" else "on"}']
        if case.version == '1.2' and case.is_ffdhe:
            lines += ['ssl_ciphers DHE-RSA-AES128-GCM-SHA256', f'ssl_dhparam {parameters(stage, case.group)}']
        else:
            lines += [f'ssl_ecdh_curve {names(case.server_groups())}']
        if case.client:
            lines += ['ssl_verify_client on', f'ssl_client_certificate {CLIENT_CA}']
        with open(os.path.join(at, 'conf'), 'w', encoding='ascii') as f:
            f.write(CONFIGURATION.format(at=at, port=port, name=NAME, lines=''.join(line + '; ' for line in lines)))
        with program(stage, [where('nginx'), '-p', at, '-c', os.path.join(at, 'conf')], port):
            yield port, said_nothing
