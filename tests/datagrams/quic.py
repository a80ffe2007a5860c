"""QUIC between ngtcp2's client and server, and what has to be told of each connection. The expectations come from what the
peers are told to do."""
import re
from stage import NAME, QUIC, Trouble, pki

V1, V2_DRAFT = '0x00000001', '0x709a50c4'
X25519 = '-GROUP-ALL:+GROUP-X25519'
SUITE = 'NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+'


def went(result):
    status, out = result
    if status != 0:
        raise Trouble(f'the client ended with {status}: {out[-300:]}')


def usual(**more):
    """What is true of every healthy connection of these peers."""
    quic = {'version': V1, 'retry': False, **more.pop('quic', {})}
    return {'transport': 'udp', 'protocol': 'quic', 'version': 'TLS 1.3', 'state': 'established', 'alpn': 'h3', 'sni': 'localhost',
            'quic': quic, **more}


def plain(s, server=(), client=(), pages=('page',), **more):
    """One connection between the two, and what is expected of it."""
    s.quic_server('--max-gso-dgrams=1', *server)
    went(s.quic_client(*client, pages=pages))
    return [usual(**more)]


def with_suite(suite, name):
    def scene(s):
        return plain(s, client=('--ciphers', SUITE + suite), cipher_suite=name)
    return scene


def version_2(s):
    return plain(s, client=('-v', 'v2draft'), quic={'version': V2_DRAFT})


def version_2_retry_key_update(s):
    """tshark 4.0 reads nothing of it after the Retry."""
    return plain(s, ('-V',), ('-v', 'v2draft', '--key-update=20ms', '--delay-stream=60ms'), quic={'version': V2_DRAFT, 'retry': True, 'key_updates': updated})


def retry(s):
    return plain(s, ('-V',), quic={'retry': True}, sees=['quic-retry'])


def loss(s):
    """Half of what is lost never comes to the wire, the other half is lost behind the capture."""
    return plain(s, client=('-t', '0.1', '-r', '0.1', '--handshake-timeout=30s'), pages=('page', 'large'))


def early_data(s):
    """The first connection gets a ticket; the second says its request with its ClientHello."""
    kept = ('--session-file', s.path('session'), '--tp-file', s.path('parameters'))
    s.quic_server('--max-gso-dgrams=1')
    went(s.quic_client(*kept))
    went(s.quic_client(*kept))
    return [usual(), usual(early_data='accepted', resumption='psk')]


def early_data_rejected(s):
    """The server that took the ticket is gone, and its successor has other ticket keys."""
    kept = ('--session-file', s.path('session'), '--tp-file', s.path('parameters'))
    first = s.quic_server('--max-gso-dgrams=1')
    went(s.quic_client(*kept))
    s.stop(first)
    s.quic_server('--max-gso-dgrams=1')
    went(s.quic_client(*kept))
    return [usual(), usual(early_data='rejected')]


def updated(value):
    return sum(value.values()) >= 1 if isinstance(value, dict) else (value or 0) >= 1


def key_update(s):
    return plain(s, client=('--key-update=20ms', '--delay-stream=60ms'), quic={'key_updates': updated})


def migration(s):
    return plain(s, client=('--change-local-addr=20ms', '--delay-stream=80ms'), quic={'paths': at_least(2)})


def retry_migration(s):
    """What tests/page/captures/quic.pcap is: small, and with what the page has to show."""
    with open(s.path('server', 'small'), 'wb') as f:
        f.write(b'A page of one packet.\n' * 40)
    return plain(s, ('-V',), ('--change-local-addr=20ms', '--delay-stream=80ms'), pages=('small',), quic={'retry': True, 'paths': at_least(2)})


def rebinding(s):
    return plain(s, client=('--change-local-addr=20ms', '--nat-rebinding', '--delay-stream=80ms'), quic={'paths': at_least(2)})


def preferred_address(s):
    return plain(s, (f'--preferred-ipv4-addr=127.0.0.1:{s.port + 1}',), ('--delay-stream=80ms',), quic={'paths': at_least(2)})


def at_least(count):
    return lambda value: len(value) >= count if isinstance(value, list) else (value or 0) >= count


def hello_retry_request(s):
    # GnuTLS has one share for the curves of NIST, and one of the others
    return plain(s, ('--groups', '-GROUP-ALL:+GROUP-SECP384R1'), ('--groups', '-GROUP-ALL:+GROUP-SECP256R1:+GROUP-SECP384R1'), group='secp384r1',
                 hello_retry=True, sees=['hello-retry'])


def client_certificate(s):
    return plain(s, ('--verify-client',), ('--key', pki('client-p256.key'), '--cert', pki('client-p256.chain.pem')))


def version_negotiation(s):
    """A version that nobody has (RFC 9000, 15); the client begins anew with v1, from another port, when it hears of it."""
    told = plain(s, client=('-v', '0x1a2a3a4a', '--preferred-versions', 'v1'))
    return [{'protocol': 'quic', 'state': 'incomplete', 'sees': ['quic-version-negotiation'], 'sni': 'localhost', 'quic': {'version': '0x1a2a3a4a', 'version_negotiation': lambda versions: V1 in versions}}, *told]


def compatible_version(s):
    """RFC 9368, 2.3: the server goes on in another version, without a round trip."""
    return plain(s, ('--preferred-versions', 'v2draft,v1'), ('--other-versions', 'v2draft,v1'), quic={'version': V2_DRAFT})


def zero_length_id(s):
    return plain(s, client=('--scid', ''), quic={'client_scid': ''})


def segmentation_offload(s):
    """Many packets of the server's in what the capture takes for one datagram."""
    s.quic_server()
    went(s.quic_client(pages=('page', 'large')))
    return [usual(sees=['segmentation-offload'])]


def many_streams(s):
    return plain(s, client=('-n', '20'), pages=('page',))


def chromium(s):
    """One page of HTTP/3 by a browser, whose hello spans two datagrams, in frames of any order."""
    s.serve(*QUIC['server'], '-q', '--qlog-dir', s.path('server'), '-d', s.path('server'), '--max-gso-dgrams=1', '127.0.0.1', s.port, pki('p256.key'), pki('p256.chain.pem'))
    hash_ = spki(s, pki('p256.pem'))
    status, out = s.run('chromium', '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
                        '--disable-default-apps', '--disable-extensions', '--disable-domain-reliability', '--no-pings', f'--user-data-dir={s.path("profile")}', f'--ssl-key-log-file={s.keys}',
                        f'--origin-to-force-quic-on=www.example.com:{s.port}', f'--host-resolver-rules=MAP www.example.com 127.0.0.1, MAP * ~NOTFOUND',
                        f'--ignore-certificate-errors-spki-list={hash_}', '--timeout=4000', '--dump-dom', f'https://www.example.com:{s.port}/page')
    if status != 0 or 'A page of a few packets' not in out:
        raise Trouble(f'the browser ended with {status}: {out[-300:]}')
    return [usual(sni=NAME)]


def spki(s, certificate):
    """The hash by which a browser is told to trust a key: base64 of SHA-256."""
    command = f'openssl x509 -in {certificate} -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | openssl base64'
    return re.sub(r'\s', '', s.run('sh', '-c', command)[1])


SCENES = {
    'full': plain, 'version-2': version_2, 'version-2-retry-key-update': version_2_retry_key_update, 'retry': retry, 'loss': loss,
    'aes-256-gcm': with_suite('AES-256-GCM', 'TLS_AES_256_GCM_SHA384'), 'chacha20': with_suite('CHACHA20-POLY1305', 'TLS_CHACHA20_POLY1305_SHA256'),
    'aes-128-ccm': with_suite('AES-128-CCM', 'TLS_AES_128_CCM_SHA256'), '0-rtt': early_data, '0-rtt-rejected': early_data_rejected, 'key-update': key_update,
    'migration': migration, 'retry-migration': retry_migration, 'rebinding': rebinding, 'preferred-address': preferred_address, 'hello-retry-request': hello_retry_request,
    'client-certificate': client_certificate, 'version-negotiation': version_negotiation, 'compatible-version': compatible_version,
    'zero-length-id': zero_length_id, 'segmentation-offload': segmentation_offload, 'many-streams': many_streams,
}
NEEDS = {name: ('gtlsclient', 'gtlsserver') for name in SCENES}
BROWSER = {'chromium': chromium}
NEEDS['chromium'] = ('chromium', 'gtlsserver', 'openssl')
