"""Chromium without a window: it fetches a page from `wiretale server --www`."""
import os
from cases import Claims
from stage import LIBRARIES, NAME, Trouble, pki, run
from others.base import Peer, version_of

# What it is kept from: connections of its own.
QUIET = ('--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
         '--disable-default-apps', '--disable-extensions', '--disable-domain-reliability', '--no-pings', '--metrics-recording-only', '--virtual-time-budget=2000')
WITH_SHARES = ('X25519MLKEM768', 'x25519')
GROUPS = ('x25519', 'secp256r1', 'secp384r1') + (WITH_SHARES[:1] if LIBRARIES else ())
PAGE = '<!doctype html><link rel=icon href="data:,"><title>page</title><p>hello of the page\n'


class Chromium(Peer):
    name = 'Chromium'
    needs = 'chromium libnss3-tools'
    programs = ('chromium', 'certutil')
    connects_more = True
    client = Claims(certificates=('rsa', 'p256'), groups=GROUPS, resumptions=('',), clients=('',), alpn=(True,),
                    but=lambda case: case.version == '1.3' and case.retry == (case.group in WITH_SHARES))
    lacks = 'RSA-PSS keys, Ed25519, x448, secp521r1, ffdhe: not in it. Its list of groups is its own: X25519MLKEM768 and x25519 have shares, the curves come by ' \
        'HelloRetryRequest. Client certificates and resumption are up to a user'

    def version(self):
        return version_of('chromium', '--version', pattern=r'Chromium (\S+)')

    def prepare(self, stage):
        """The authority goes where it looks for a user's own."""
        at = stage.path('.pki', 'nssdb')
        os.makedirs(at)
        run(['certutil', '-N', '-d', 'sql:' + at, '--empty-password'])
        run(['certutil', '-A', '-d', 'sql:' + at, '-n', 'root', '-t', 'C,,', '-i', pki('root.pem')])

    def www(self, stage):
        at = stage.path('www')
        os.makedirs(at, exist_ok=True)
        with open(os.path.join(at, 'index.html'), 'w', encoding='ascii') as f:
            f.write(PAGE)
        return at

    def connect(self, stage, case, port):
        command = ['chromium', *QUIET, f'--user-data-dir={stage.path("profile")}', f'--host-resolver-rules=MAP {NAME} 127.0.0.1, MAP * ~NOTFOUND', '--dump-dom',
                   f'https://{NAME}:{port}/']
        status, out = run(['timeout', '60', *command], env={'HOME': stage.folder}, limit=70)
        if status or 'hello of the page' not in out:
            raise Trouble(f'chromium: exit status {status}: {out[-400:]!r}')
        return []
