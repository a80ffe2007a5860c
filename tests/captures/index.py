#!/usr/bin/env python3
"""Holds what a scene says of its capture against what tshark reads in it, and keeps INDEX.tsv.

    index.py CAPTURE FACTS     check one capture, write its rows; exit 1 where the two disagree
    index.py FOLDER            sort INDEX.tsv, drop the rows of captures that are gone

FACTS has one line per TCP stream, in order: stream, client, server, key=value;... and one line `-` with the
sentence. What tshark sees beyond that is added to the row, so a row is always confirmed from outside.
"""
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

HEADER = ['file', 'stream', 'client', 'server', 'facts', 'flight', 'shows']
HANDSHAKE = {0: 'hello_request', 1: 'client_hello', 2: 'server_hello', 4: 'new_session_ticket', 5: 'end_of_early_data',
             8: 'encrypted_extensions', 11: 'certificate', 12: 'server_key_exchange', 13: 'certificate_request',
             14: 'server_hello_done', 15: 'certificate_verify', 16: 'client_key_exchange', 20: 'finished',
             22: 'certificate_status', 23: 'supplemental_data', 24: 'key_update', 25: 'compressed_certificate', 67: 'next_protocol'}
ALERT = {0: 'close_notify', 10: 'unexpected_message', 20: 'bad_record_mac', 22: 'record_overflow', 40: 'handshake_failure',
         41: 'no_certificate', 42: 'bad_certificate', 43: 'unsupported_certificate', 44: 'certificate_revoked',
         45: 'certificate_expired', 46: 'certificate_unknown', 47: 'illegal_parameter', 48: 'unknown_ca',
         49: 'access_denied', 50: 'decode_error', 51: 'decrypt_error', 70: 'protocol_version',
         71: 'insufficient_security', 80: 'internal_error', 86: 'inappropriate_fallback', 90: 'user_canceled',
         100: 'no_renegotiation', 109: 'missing_extension', 110: 'unsupported_extension', 112: 'unrecognized_name',
         113: 'bad_certificate_status_response', 115: 'unknown_psk_identity', 116: 'certificate_required',
         120: 'no_application_protocol'}
VERSION = {0x0002: 'SSL 2.0', 0x0300: 'SSL 3.0', 0x0301: 'TLS 1.0', 0x0302: 'TLS 1.1', 0x0303: 'TLS 1.2', 0x0304: 'TLS 1.3'}
OCSP = {'0': 'good', '1': 'revoked', '2': 'unknown'}
HRR = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c'
PREFS = ['tcp.desegment_tcp_streams:TRUE', 'tcp.reassemble_out_of_order:TRUE', 'tls.desegment_ssl_records:TRUE',
         'tls.desegment_ssl_application_data:TRUE', 'ip.defragment:TRUE']
# Said by the scene from the peers' own output: tshark has no field for it, or no way to see it.
ONLY_SAID = {'state', 'protocol', 'starttls', 'group', 'resumption', 'keys', 'confirmed', 'external_psk'}


def attribute(node, name, key='show'):
    return next((f.get(key) for f in node.iter('field') if f.get('name') == name), None)


def attributes(node, name, key='show'):
    return [f.get(key) for f in node.iter('field') if f.get('name') == name]


def named(showname):
    """`Cipher Suite: NAME (0xc02f)` → NAME, 0xc02f"""
    found = re.search(r': ?([^:]*?) \((0x[0-9a-f]+|\d+)\)$', showname or '')
    return (found.group(1), found.group(2)) if found else (None, None)


class Stream:
    def __init__(self, number):
        self.number, self.client, self.flight, self.facts = number, None, [], {}
        self.offered, self.issued, self.offers = None, set(), {}

    def set(self, key, value):
        if value is not None and key not in self.facts:
            self.facts[key] = value

    def token(self, source, text):
        side = '>' if source == self.client else '<'
        last = next((t for t in reversed(self.flight) if t in '<>'), None)
        if last != side:
            self.flight.append(side)
        elif text == 'data' and self.flight[-1] == 'data':
            return
        self.flight.append(text)

    def sides(self, text):
        side, out = None, []
        for t in self.flight:
            if t in '<>':
                side = t
            elif t == text or t.startswith(text + ':'):
                out.append(side)
        return out

    def handshake(self, node, source):
        kind = int(attribute(node, 'tls.handshake.type'))
        name = HANDSHAKE.get(kind, 'unknown_%d' % kind)
        getattr(self, 'see_' + name, lambda n, s: None)(node, source)
        if name == 'server_hello' and attribute(node, 'tls.handshake.random', 'value') == HRR:
            name = 'hello_retry_request'
        self.token(source, name)

    def see_client_hello(self, node, source):
        if self.offered is None:
            self.set('sni', attribute(node, 'tls.handshake.extensions_server_name'))
        kinds = attributes(node, 'tls.handshake.extension.type')
        ticket = attributes(node, 'tls.handshake.extension.len')
        self.offered = {'session_id': attribute(node, 'tls.handshake.session_id', 'value') or '', 'early': '42' in kinds,
                        'ticket': '35' in kinds and ticket[kinds.index('35')] != '0'}
        if '42' in kinds:
            self.facts['early_data'] = 'rejected'
        data = dict(zip([f for f in attributes(node, 'tls.handshake.extension.type') if f == '35'],
                        attributes(node, 'tls.handshake.extension.data', 'value')))
        self.offers = {'session_id': [self.offered['session_id']], 'ticket': [v for v in data.values() if v],
                       'psk': attributes(node, 'tls.handshake.extensions.psk.identity.identity', 'value')}

    def see_new_session_ticket(self, node, source):
        self.issued.update(attributes(node, 'tls.handshake.session_ticket', 'value'))

    def see_server_hello(self, node, source):
        if attribute(node, 'tls.handshake.random', 'value') == HRR:
            self.facts['hello_retry_request'] = 'yes'
            return
        version = attribute(node, 'tls.handshake.extensions.supported_version') or attribute(node, 'tls.handshake.version')
        self.set('version', VERSION.get(int(version, 0), version))
        suite = named(attribute(node, 'tls.handshake.ciphersuite', 'showname'))
        self.set('cipher_suite', suite[0])
        self.set('cipher_suite_id', suite[1])
        self.set('group', named(attribute(node, 'tls.handshake.extensions_key_share_group', 'showname'))[0])
        self.set('alpn', attribute(node, 'tls.handshake.extensions_alpn_str'))
        kinds = attributes(node, 'tls.handshake.extension.type')
        if '41' in kinds:
            self.facts['psk'] = 'selected'
        session = attribute(node, 'tls.handshake.session_id', 'value') or ''
        if int(version, 0) < 0x0304 and session:
            self.issued.add(session)
        if int(version, 0) < 0x0304 and session and self.offered and session == self.offered['session_id']:
            self.facts['echo'] = 'ticket' if self.offered['ticket'] else 'session_id'

    def see_encrypted_extensions(self, node, source):
        self.set('alpn', attribute(node, 'tls.handshake.extensions_alpn_str'))
        if '42' in attributes(node, 'tls.handshake.extension.type'):
            self.facts['early_data'] = 'accepted'

    def see_certificate(self, node, source):
        side = 'client' if source == self.client else 'server'
        number = len(attributes(node, 'tls.handshake.certificate')) or len(attributes(node, 'tls.handshake.raw_public_key'))
        self.set(side + '_certificates', str(number))
        self.see_certificate_status(node, source)

    see_compressed_certificate = see_certificate

    def see_certificate_status(self, node, source):
        self.set('ocsp', OCSP.get(attribute(node, 'ocsp.certStatus')))

    def see_server_key_exchange(self, node, source):
        self.set('group', named(attribute(node, 'tls.handshake.server_named_curve', 'showname'))[0])
        self.set('signature_scheme', named(attribute(node, 'tls.handshake.sig_hash_alg', 'showname'))[0])

    def see_certificate_verify(self, node, source):
        if source != self.client:
            self.set('signature_scheme', named(attribute(node, 'tls.handshake.sig_hash_alg', 'showname'))[0])

    def record(self, record, source):
        seen = False
        for field in record.iter('field'):
            name = field.get('name')
            if name == 'tls.handshake' and attribute(field, 'tls.handshake.type') is not None:
                inner = [f for f in field.iter('field') if f is not field and f.get('name') == 'tls.handshake']
                if not inner:
                    self.handshake(field, source)
                seen = True
            elif name == 'tls.handshake.cipherspec' and not seen:
                self.token(source, 'ssl2_client_hello')
                seen = True
            elif name == 'tls.change_cipher_spec':
                self.token(source, 'change_cipher_spec')
                seen = True
            elif name == 'tls.alert_message.desc':
                self.token(source, 'alert:' + ALERT.get(int(field.get('show')), field.get('show')))
                level = attribute(record, 'tls.alert_message.level')
                text = '%s:%s:%s' % ('client' if source == self.client else 'server',
                                     {'1': 'warning', '2': 'fatal'}.get(level, level), ALERT.get(int(field.get('show'))))
                self.facts['alerts'] = ','.join(filter(None, [self.facts.get('alerts'), text]))
                seen = True
            elif name == 'tls.app_data' and not seen:
                self.token(source, 'data')
                seen = True
            elif name == 'tls.heartbeat_message.type':
                self.token(source, 'heartbeat')
                seen = True
        if not seen and attribute(record, 'tls.record.length') is not None:
            kind = attribute(record, 'tls.record.content_type') or attribute(record, 'tls.record.opaque_type')
            fragment = any('ragment' in (f.get('name') or '') + (f.get('showname') or '') for f in record.iter('field'))
            if not fragment:
                self.token(source, {'22': 'encrypted', '21': 'encrypted_alert', '24': 'heartbeat'}.get(kind, 'record_' + str(kind)))

    def seen_offer(self, kind):
        if kind == 'session_id' and (self.facts.get('version') == 'TLS 1.3' or '<' not in self.sides('server_hello')):
            return False                         # TLS 1.3's session id is camouflage
        return any(self.offers.get(kind, []))

    def finish(self):
        echo, selected = self.facts.pop('echo', None), self.facts.pop('psk', None)
        if self.facts.get('version') == 'TLS 1.3':
            self.seen_resumption = 'psk' if selected else None
        else:
            self.seen_resumption = echo if echo and not self.sides('server_hello_done') else None
        if not self.seen_resumption:
            offered = [k for k in ('psk', 'ticket', 'session_id') if self.seen_offer(k)]
            self.set('offered', offered[0] if offered else None)        # session_id: see read()
        hellos = self.sides('server_hello').count('<')
        if hellos > 1:
            self.facts['handshakes'] = str(hellos)
        updates = len(self.sides('key_update'))
        if updates:
            self.facts['key_updates'] = str(updates)


def read(capture):
    keys = capture + '.keys'
    command = ['tshark', '-n', '-r', capture, '-T', 'pdml', '-Y', 'tcp']
    for pref in PREFS + (['tls.keylog_file:' + keys] if os.path.exists(keys) else []):
        command += ['-o', pref]
    command += ['--disable-protocol', 'irc']     # it reads on over the TLS that follows STARTTLS
    streams, numbers = {}, {}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for _, packet in ET.iterparse(process.stdout):
        if packet.tag != 'packet':
            continue
        number = (attributes(packet, 'tcp.stream') or ['-1'])[-1]
        number = numbers.setdefault(number, len(numbers))        # tshark skips numbers for what it finds in proxies
        stream = streams.setdefault(number, Stream(number))
        addresses = attributes(packet, 'ip.src') + attributes(packet, 'ipv6.src')
        source = (addresses[-1] if addresses else '', (attributes(packet, 'tcp.srcport') or ['0'])[-1])
        if stream.client is None:
            flags = int((attributes(packet, 'tcp.flags') or ['0'])[-1], 0)
            target = (attributes(packet, 'ip.dst') + attributes(packet, 'ipv6.dst') or [''])[-1]
            stream.client = source if flags & 0x12 != 0x12 else (target, attributes(packet, 'tcp.dstport')[-1])
        for proto in packet.iter('proto'):
            if proto.get('name') == 'tls':
                for record in proto.iter('field'):
                    if record.get('name') in ('tls.record', 'ssl.record'):
                        stream.record(record, source)
        packet.clear()
    process.wait()
    issued = []
    for _, stream in sorted(streams.items()):
        stream.finish()
        if stream.seen_resumption:
            offers = set(stream.offers.get(stream.seen_resumption, []))
            stream.set('resumed_from', next((str(n) for n, tickets in issued if offers & tickets), None))
        elif stream.facts.get('offered') == 'session_id' and not any(set(stream.offers['session_id']) & t for _, t in issued):
            del stream.facts['offered']          # TLS 1.3's camouflage again, to a server of TLS 1.2
        issued.append((stream.number, stream.issued))
    return streams


def packets_of(capture):
    out = subprocess.run(['tshark', '-n', '-r', capture, '-T', 'fields', '-e', 'frame.number'], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, text=True, check=False).stdout
    return len(out.split())


def disagreements(said, stream, has_keys):
    """What the scene says and tshark does not confirm."""
    for key, value in said.items():
        seen = stream.facts.get(key)
        if key in ONLY_SAID and seen is None:
            continue
        if seen != value:
            yield '%s: said %s, tshark reads %s' % (key, value, seen)
    resumption = stream.seen_resumption
    if resumption and 'external_psk' not in said and said.get('resumption') != resumption:
        yield 'resumption: said %s, tshark reads %s' % (said.get('resumption'), resumption)
    if said.get('resumption') and not resumption:
        yield 'resumption: said %s, tshark sees none' % said['resumption']
    finished = set(stream.sides('finished'))
    if said.get('state') == 'established' and has_keys and not {'keys', 'confirmed'} & set(said) and finished != {'<', '>'}:
        yield 'state: said established, tshark sees Finished of %s' % (sorted(finished) or 'nobody')


def check(capture, facts_path):
    name, rows, faults, connections = os.path.basename(capture), [], [], 0
    has_keys = os.path.exists(capture + '.keys')
    with open(facts_path) as f:
        lines = [line.rstrip('\n').split('\t') for line in f]
    shows = lines[0][1]
    streams = read(capture)
    rest = [str(n) for n in sorted(streams) if str(n) not in {line[0] for line in lines}]
    lines = [[n] + line[1:] for line in lines[1:] for n in ([line[0]] if line[0] != '*' else rest)]
    for number, client, server, facts in lines:
        said = dict(pair.split('=', 1) for pair in facts.split(';') if pair)
        stream = streams.pop(int(number), None) or Stream(int(number))
        if not hasattr(stream, 'seen_resumption'):
            stream.finish()
            if said.get('protocol') != 'none':
                faults.append('stream %s: not in the capture' % number)
        faults += ['stream %s: %s' % (number, d) for d in disagreements(said, stream, has_keys)]
        connections += said.get('protocol') != 'none'
        merged = {'state': said.pop('state', ''), **said}
        merged.update({k: v for k, v in stream.facts.items() if k not in merged})
        rows.append([name, number, client, server, ';'.join('%s=%s' % kv for kv in merged.items() if kv[1] != ''),
                     ' '.join(stream.flight), ''])
    faults += ['stream %d: in the capture, but the scene says nothing of it' % n for n in streams]
    head = [name, '-', '', '', 'packets=%d;connections=%d' % (packets_of(capture), connections), '', shows]
    return [head] + rows, faults


def load(path):
    if not os.path.exists(path):
        return []
    with open(path) as f:
        return [line.rstrip('\n').split('\t') for line in f if not line.startswith('#')][1:]


def save(path, rows):
    rows.sort(key=lambda r: (r[0], -1 if r[1] == '-' else int(r[1])))
    with open(path + '.new', 'w') as f:
        for row in [HEADER] + rows:
            f.write('\t'.join(row) + '\n')
    os.replace(path + '.new', path)


def main():
    if len(sys.argv) == 2:
        folder = sys.argv[1]
        index = os.path.join(folder, 'INDEX.tsv')
        save(index, [r for r in load(index) if os.path.exists(os.path.join(folder, r[0]))])
        return 0
    capture, facts = sys.argv[1:]
    index = os.path.join(os.path.dirname(capture), 'INDEX.tsv')
    rows, faults = check(capture, facts)
    save(index, [r for r in load(index) if r[0] != os.path.basename(capture)] + rows)
    for fault in faults:
        print('\n    %s: %s' % (os.path.basename(capture), fault), end='')
    if faults:
        print()
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
