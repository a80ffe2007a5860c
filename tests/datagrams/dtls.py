"""DTLS between OpenSSL, GnuTLS, NSS and libcoap, and what has to be told of each connection. The expectations come from
what the peers are told to do."""
import os
import sys
import time
from stage import LIMIT, NAME, Trouble, pki
from tale import CAPTURES

ALL = 'ALL:@SECLEVEL=0'
PSK = '0123456789abcdef'
RELAY = os.path.join(CAPTURES, 'peers', 'datagram_relay.py')


def usual(version='DTLS 1.2', **more):
    return {'transport': 'udp', 'protocol': 'dtls', 'version': version, 'state': 'established', **more}


def openssl_server(s, *options, version='-dtls1_2', identity='p256', port=None):
    keys = () if '-psk' in options else ('-cert', pki(identity + '.pem'), '-key', pki(identity + '.key'), '-cert_chain', pki('intermediate.pem'))
    return s.serve('openssl', 's_server', version, '-accept', f'127.0.0.1:{port or s.port}', '-cipher', ALL, '-keylogfile', s.keys, '-quiet', *keys, *options,
                   port=port, stdin=-1)


def openssl_client(s, *options, version='-dtls1_2', port=None, lines=(b'ping from the client\n',)):
    """A line of its own, and its end. s_client waits for no answer: it is given the time for one. Where a datagram comes twice, its
    next read waits for ever, and it is stopped."""
    command = ['openssl', 's_client', version, '-connect', f'127.0.0.1:{port or s.port}', '-servername', NAME, '-cipher', ALL, '-CAfile', pki('root.pem'), '-timeout', *options]
    if '-psk' in options:
        command = [word for word in command if word not in ('-servername', NAME)]
    process = s.start(command, 'client.log', stdin=-1)
    end = time.monotonic() + LIMIT
    while not s.said('client.log', b'Verify return code') and not s.said('client.log', b'SSL handshake has read') and process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    for line in (*lines, b'Q\n'):
        process.stdin.write(line)
        process.stdin.flush()
        time.sleep(0.2)
    s.stop_soon(process)
    if not s.said('client.log', b'Verify return code: 0') and '-psk' not in options:
        raise Trouble(f'openssl: no handshake, status {process.returncode}')


def openssl(server=(), client=(), version='-dtls1_2', identity='p256', **more):
    """Both sides by OpenSSL."""
    def scene(s):
        openssl_server(s, *server, version=version, identity=identity)
        openssl_client(s, *client, version=version)
        return [usual('DTLS 1.2' if version == '-dtls1_2' else 'DTLS 1.0', **more)]
    return scene


def through(rules, **more):
    """Both sides by OpenSSL, and a network between them that does what the rules say."""
    def scene(s):
        openssl_server(s, '-mtu', '1200', port=s.port + 3)
        s.serve(sys.executable, RELAY, s.port, f'127.0.0.1:{s.port + 3}', *rules, log='relay.log')
        openssl_client(s)
        return [usual(**more)]
    return scene


def resumed(s):
    openssl_server(s)
    openssl_client(s, '-sess_out', s.path('session'))
    openssl_client(s, '-sess_in', s.path('session'))
    return [usual(), usual(resumption='ticket')]


def renegotiated(s):
    """s_client's command R."""
    openssl_server(s, '-client_renegotiation')
    openssl_client(s, lines=(b'ping from the client\n', b'R\n', b'and once more\n'))
    return [usual(renegotiations=1)]


def gnutls(version, *client_options, **more):
    """GnuTLS asks for a cookie always (RFC 6347, 4.2.1)."""
    def scene(s):
        priority = f'NORMAL:-VERS-ALL:+VERS-{version}:+SIGN-ALL'
        s.serve('gnutls-serv', '--udp', '-q', '--echo', '-a', '-p', s.port, '--priority', priority, '--x509certfile', pki('rsa.chain.pem'), '--x509keyfile', pki('rsa.key'))
        client = s.start(['gnutls-cli', '--udp', *client_options, '-p', s.port, '--priority', priority, '--x509cafile', pki('root.pem'), '--sni-hostname', NAME, '--verify-hostname', NAME, '127.0.0.1'],
                         'client.log', stdin=-1)
        s.await_(lambda: s.said('client.log', b'Handshake was completed') or client.poll() is not None, 'a handshake')
        client.stdin.write(b'ping from the client\n')
        client.stdin.flush()
        time.sleep(0.3)
        client.stdin.close()
        client.wait(10)
        return [usual(version.replace('DTLS', 'DTLS '), dtls={'cookie': bool}, **more)]
    return scene


def nss(version, name):
    """NSS with itself. As Debian builds it, it writes no key log."""
    def scene(s):
        database = s.path('nss')
        os.makedirs(database)
        for command in (('certutil', '-N', '-d', database, '--empty-password'),
                        ('openssl', 'pkcs12', '-export', '-in', pki('rsa.pem'), '-inkey', pki('rsa.key'), '-name', 'rsa', '-passout', 'pass:x', '-out', s.path('rsa.p12')),
                        ('pk12util', '-d', database, '-i', s.path('rsa.p12'), '-W', 'x')):
            status, out = s.run(*command)
            if status != 0:
                raise Trouble(f'{command[0]}: {out[-300:]}')
        with open(s.path('request'), 'w', encoding='ascii') as f:
            f.write('GET / HTTP/1.0\r\n\r\n')
        both = ('tstclnt', '-d', database, '-h', '127.0.0.1', '-p', s.port, '-V', version)
        s.serve(*both, '-n', 'rsa', '-P', 'server', stdin=-1)
        s.run(*both, '-A', s.path('request'), '-a', NAME, '-P', 'client', '-o', limit=1.5)  # the server's side never leaves
        return [usual(name, dtls={'cookie': lambda v: not v})]
    return scene


def coap(s):
    """CoAP by libcoap with a key that both know: RFC 7252, 9.1.3.1."""
    s.serve('coap-server-gnutls', '-A', '127.0.0.1', '-p', s.port - 1, '-k', PSK, '-h', 'hint', port=s.port)
    status, out = s.run('coap-client-gnutls', '-m', 'get', '-B', '5', '-u', 'somebody', '-k', PSK, f'coaps://127.0.0.1:{s.port}/')
    if status != 0 or 'libcoap' not in out:
        raise Trouble(f'coap-client ended with {status}: {out[-300:]}')
    return [usual(inside='CoAP')]


AES, CCM, CHACHA, CBC = 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-CCM8', 'ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-ECDSA-AES256-SHA'
FIRST_FLIGHT_LOST = ('drop:client:1',)
SCENES = {
    'openssl-1.2': openssl(cipher_suite='TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'),
    'openssl-1.2-cookie': openssl(('-listen',), dtls={'cookie': bool}),
    'openssl-1.0': openssl(version='-dtls1'),
    'openssl-ccm-8': openssl(client=('-cipher', CCM + ':@SECLEVEL=0'), cipher_suite='TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8'),
    'openssl-chacha20': openssl(client=('-cipher', CHACHA), cipher_suite='TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256'),
    'openssl-cbc': openssl(client=('-cipher', CBC), cipher_suite='TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA'),
    'openssl-fragments': openssl(('-mtu', '300'), ('-mtu', '300'), identity='rsa', dtls={'fragments': lambda v: bool(v)}),
    'openssl-client-certificate': openssl(('-Verify', '2', '-CAfile', pki('client-ca.pem')), ('-cert', pki('client-p256.pem'), '-key', pki('client-p256.key'))),
    'openssl-psk': openssl(('-nocert', '-psk', PSK), ('-psk', PSK, '-cipher', 'PSK-AES128-CCM8:@SECLEVEL=0'), cipher_suite='TLS_PSK_WITH_AES_128_CCM_8'),
    'openssl-srtp': openssl(('-use_srtp', 'SRTP_AES128_CM_SHA1_80'), ('-use_srtp', 'SRTP_AES128_CM_SHA1_80')),
    'openssl-resumed': resumed, 'openssl-renegotiated': renegotiated,
    'lost-hello': through(FIRST_FLIGHT_LOST, sees=['dtls-retransmissions']),
    'out-of-order': through(('late=3:server:2',)),
    'doubled': through(('twice:client:1-5', 'twice:server:1-7')),
    'gnutls-1.2': gnutls('DTLS1.2'), 'gnutls-1.0': gnutls('DTLS1.0'), 'gnutls-renegotiated': gnutls('DTLS1.2', '--rehandshake', renegotiations=1),
    'nss-1.3': nss('tls1.3:tls1.3', 'DTLS 1.3 (draft 43)'), 'nss-1.2': nss('tls1.2:tls1.2', 'DTLS 1.2'),
    'coap': coap,
}
NEEDS = {name: ('openssl',) for name in SCENES}
NEEDS.update({'gnutls-1.2': ('gnutls-serv', 'gnutls-cli'), 'gnutls-renegotiated': ('gnutls-serv', 'gnutls-cli'), 'gnutls-1.0': ('gnutls-serv', 'gnutls-cli'), 'coap': ('coap-server-gnutls', 'coap-client-gnutls'),
              'nss-1.3': ('tstclnt', 'certutil', 'pk12util', 'openssl'), 'nss-1.2': ('tstclnt', 'certutil', 'pk12util', 'openssl')})
