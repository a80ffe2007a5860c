#!/usr/bin/env python3
"""--redact: no original survives in any output in any encoding, the same original has the same stand-in, and what is found
stays found."""
import base64
import collections
import glob
import json
import os
import random
import re
import shutil
import subprocess
import tempfile
import packets
from page import Page
from tale import CAPTURES, check, done, equal, fail, wiretale
from views import Views

FAILURES = os.path.join(CAPTURES, '..', 'failures')
CAPTURE = re.compile(r'\.(pcap|pcapng)(\.(gz|zst|lz4))?$')
NAMED = ('article.pcapng', 'versions-mixed.pcapng', 'starttls.pcapng', 'client-certificates.pcapng', 'certificate-types.pcapng',
         'kx-gnutls.pcapng', 'resumption.pcapng', 'chromium.pcapng', 'early-data-gnutls.pcap', 'cooked-v2.pcap', 'psk.pcapng',
         'tunnels.pcapng', 'http.pcapng', 'ipv6.pcapng')


def files():
    chosen = [os.path.join(CAPTURES, n) for n in sorted(os.listdir(CAPTURES)) if CAPTURE.search(n)]
    chosen = [n for n in chosen if os.path.getsize(n) < 40000 or os.path.basename(n) in NAMED]
    failed = sorted(n for n in glob.glob(os.path.join(FAILURES, '*')) if CAPTURE.search(n) and '-fine' not in n)
    # of TLCP one: in the summary certificates that expire on one day have no order that the moved dates keep
    return chosen + [n for n in failed if 'tlcp-' not in n or 'tlcp-certificates-swapped' in n]


def keys_of(names):
    return [a for n in names if os.path.exists(n + '.keys') for a in ('--keylog', n + '.keys')]


# --- leaf by leaf -----------------------------------------------------------------------------------------------------
# Keys of JSON whose values are the protocol's, the report's own words, numbers or software's fingerprints: they are the
# same with stand-ins. Fields of messages are known by their names.
SAME = re.compile(r'''^/(
    type | stream | transport | protocol | first_frame | last_frame | layers\[\] | duration | handshake_duration | starttls
  | missing/\w+ | state | same_as\[\] | failed_later | version | offered_version | cipher_suite | cipher_suite_id
  | cipher_suites_offered | group | signature_scheme | resumption | resumed_from | early_data | hello_retry
  | client_certificate_requested | renegotiations | ja3 | ja3s | ja4 | ja3_string | ja3s_string | ja4_string
  | certificates/\w+\[\]/(length | key/\w+ | signature_algorithm | ca | self_issued | key_usage\[\] | extended_key_usage\[\]
      | path_length | role | must_staple | parsed | scts)
  | ocsp/(status | verified) | scts/.* | delegated_credential/(scheme | verified) | verified/\w+ | chain_length
  | alerts\[\]/\w+ | application_data/\w+/\w+ | decryption | plaintext/\w+/(bytes | records | opened | failed)
  | application | exchanges\[\]/(request_frame | response_frame | stream | version | status | request_body | response_body
      | request_bytes | response_bytes | interim | pushed | upgraded | reset) | exchanges_dropped
  | inside | dtls/(?!cookie|client_cid|server_cid).*
  | quic/(?!dcid|client_scid|server_scid|paths\[\]/\w+/(ip|port)$|close\[\]/reason).*
  | fin\[\] | reset | tcp/(?!silence/start|icmp\[\]/sender).*
  | findings\[\]/(id | severity | frame | message | fault | noticed_by | certainty | alternatives\[\]/(id | fault | settled_by) | advice
      | established | failed | incomplete | stream | connections)
  | messages\w*\[\]/(frame | from | content_type | length | record_version | records | record | type | encrypted | inner_type
      | outer_type | level | description | code | plaintext_length | payload_length | error/(code | field | offset | rule | bound)
      | level | epoch | message_seq | repeated | pieces\[\].* | places\[\].* | decrypted | cut | unexpected | padding_length)
  | records\[\]/.* | packets\[\]/(frame | from | length | layers\[\]/\w+ | link_type | headers_length | reassembled)
  | packets_dropped | records_dropped | messages_dropped
  | files | packets | bytes | connections | established | failed | incomplete | undecoded/.* | account/.* | seconds | elsewhere
  | told | udp/\w+ | versions\[\]/.* | cipher_suites\[\]/.* | groups\[\]/.* | (servers | causes | certificates)\[\]/(established | failed
      | incomplete | id | stream | connections)
)$''', re.X)
# These are the same where their value is one that is nobody's.
NOBODYS = re.compile(r'''^/(
    (client | server | servers\[\])/(ip | port) | alpn | exchanges\[\]/(method | scheme | path | content_type | content_encoding)
  | findings\[\]/text | not_decrypted | plaintext/\w+/sha256 | messages\w*\[\]/error/(text | value)
  | quic/(dcid | client_scid | server_scid | paths\[\]/\w+/(ip | port) | close\[\]/reason)
  | certificates\[\]/days_left | messages\w*\[\]/\w+/.* | messages\w*\[\]/fields\[\]/\w+ | messages\w*\[\]/payload | servers\[\]/.*
)$''', re.X)
ADDRESSES = {'127.0.0.1', '::1'}
WORD = re.compile(r'0x[0-9a-f]{2,6}|[0-9a-f]{0,4}|0*')
TEXTS = {'ocsp', 'http/1.1', 'http/1.0', 'spdy/3', 'h2', 'h3', 'coap', 'imap', 'http', 'https', 'GET', 'HEAD', 'POST', 'CONNECT', '/', '/favicon.ico', 'text/html',
         'text/plain', 'gzip', 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', '010001',
         'TLS_EMPTY_RENEGOTIATION_INFO_SCSV', 'TLS_FALLBACK_SCSV'}
# Fields that stay, by name: what IANA or a standard has numbered, sizes, spans of time, and structure, which has no value.
FIELDS = {'ticket_lifetime', 'ticket_lifetime_hint', 'lifetime', 'max_early_data_size', 'record_size_limit', 'responseStatus',
          'revocationReason', 'critical', 'cA', 'pathLenConstraint', 'TLSFeature', 'version', 'keyUsage', 'selected_identity',
          'payload_length', 'session_id_length', 'challenge_length', 'cipher_specs_length', 'ja3', 'ja3s', 'ja4', 'id', 'length',
          'age_add_length', 'transport_parameter_id', 'p_bits', 'g', 'dh_g', 'srp_g', 'extnID', 'algorithm', 'type', 'KeyPurposeId', 'accessMethod',
          'responseType', 'parameters', 'name', 'path', 'offset', 'prefix', 'depth', 'response_length', 'ticket_length', 'error',
          'request_update', 'update_requested', 'connection_id_length', 'padding_length', 'told', 'encrypted_key_length', 'certificate_length'}


with open(os.path.join(CAPTURES, '..', '..', 'src', 'registry', 'ports.def'), encoding='utf-8') as source:
    SERVICES = {int(n) for n in re.findall(r'WT_PORT\((\d+)', source.read())} | {1080, 3128, 3306, 4190, 5222, 5269, 5432, 8080}


def walk(path, a, b, sink):
    if type(a) is not type(b):
        fail(f'{path}: {a!r} became {b!r}')
    elif isinstance(a, dict):
        if list(a) != list(b):
            fail(f'{path}: keys {list(a)} became {list(b)}')
        name = re.sub(r'\[\d+\]$', '', a['path'].split('/')[-1]) if 'offset' in a and 'path' in a else None
        for key in a.keys() & b.keys():
            walk(f'{path}/{key}', a[key], b[key], sink)
            if key == 'value' and name:
                sink(f'{path}/{key}', a[key], b[key], name)
    elif isinstance(a, list):
        if len(a) != len(b):
            fail(f'{path}: {len(a)} elements became {len(b)}')
        for x, y in zip(a, b):
            walk(f'{path}[]', x, y, sink)
    elif not path.endswith('fields[]/value'):
        sink(path, a, b, path.split('/')[-1].removesuffix('[]'))


def is_nobodys(path, value, name):
    """Whether this value may be the same in both."""
    if value == 'localhost' or isinstance(value, bool) or value in ADDRESSES or value in TEXTS or (name in FIELDS and '/exchanges' not in path):
        return True
    if path.endswith('/port'):
        return value < 1024 or value in SERVICES
    if isinstance(value, int):
        return value < 65536
    if path.endswith(('findings[]/text', 'not_decrypted', 'error/text')):
        return True  # names in it are looked for below
    if not value.strip('0'):
        return True  # zeros
    return WORD.fullmatch(value) is not None and len(value) < 40 and not re.fullmatch(r'[0-9a-f]{8,}', value.strip('0'))


class Leaves:
    def __init__(self):
        self.wrong, self.became, self.originals = collections.Counter(), {}, set()

    def __call__(self, path, a, b, name):
        if SAME.match(path) or path.startswith('/findings[]/advice'):
            if a != b and not (name.startswith('ja4') and b == a[:8] + '99' + a[10:]):  # letters of a protocol of ALPN
                self.wrong[f'{path}: {a!r} became {b!r}'] += 1
        elif a == b:
            if a != 'localhost' and not (NOBODYS.match(path) and is_nobodys(path, a, name)):
                self.wrong[f'{path} ({name}): {a!r} survives'] += 1
        elif isinstance(a, str) and not path.endswith(('text', 'not_decrypted', 'headers', 'time', 'start', 'end')):
            self.originals.add(a)
            kind = 'date' if re.match(r'\d{4}-\d\d-\d\dT', a) else 'bytes or name'
            # RFC 6066, 3, has no addresses in SNI: where a client sends one all the same, it is a name like others
            is_sni = name in ('sni', 'host_name') and re.fullmatch(r'[0-9.]+', a)
            if len(a) > 7 and not is_sni and self.became.setdefault((kind, a.lower()), b.lower()) != b.lower() and kind != 'date':
                self.wrong[f'{path} ({name}): {a!r} became {b!r} here and {self.became[kind, a.lower()]!r} elsewhere'] += 1


# Of headers: where what is replaced is, from the start of the layer.
REPLACED = {'ethernet': ((0, 6), (6, 12)), 'ipv4': ((12, 16), (16, 20)), 'ipv6': ((8, 24), (24, 40)), 'tcp': ((4, 8),)}
CHECKSUMS = {'ipv4': (10, 12), 'tcp': (16, 18), 'udp': (6, 8)}


def check_headers(where, a, b):
    """Of one packet: what is replaced is another; checksums, which would lead back, are none."""
    true, told = bytes.fromhex(a['headers']), bytes.fromhex(b['headers'])
    for layer in a['layers']:
        start = layer['offset']
        for begin, end in REPLACED.get(layer['layer'], ()):
            was = true[start + begin:start + end]
            nobodys = not any(was) or was[0] == 127 or (layer['layer'] == 'ethernet' and was[0] & 1) or was == bytes(15) + b'\1'
            check(nobodys or was != told[start + begin:start + end], f"{where} packet {a['frame']}: {layer['layer']} {was.hex()} survives")
        begin, end = CHECKSUMS.get(layer['layer'], (0, 0))
        check(not any(told[start + begin:start + end]), f"{where} packet {a['frame']}: checksum of {layer['layer']}")


def check_leaves():
    """In JSON: every value that is the same in both is known to be nobody's, whoever adds it; the others are replaced alike."""
    names = files()
    options = ('read', '--json', '--headers', '--bytes', *keys_of(names), *names)
    true, told = (wiretale(*options, *more).out.splitlines() for more in ((), ('--redact',)))
    equal(len(told), len(true), 'lines')
    leaves = Leaves()
    for a, b in zip(map(json.loads, true), map(json.loads, told)):
        walk('', a, b, leaves)
        for packets in zip(a['packets'], b['packets']) if a['type'] == 'connection' else ():
            check_headers(f"{a['file']} {a['stream']}", *packets)
    for text, times in leaves.wrong.most_common(40):
        fail(f'{text} ({times} times)')
    check(len(leaves.became) > 3000, f'originals: {len(leaves.became)}')


# --- by searching -------------------------------------------------------------------------------------------------------
# What says nothing of anybody although it is in a name: the attributes and words that sentences have as well.
COMMON = {'client', 'server', 'the', 'not', 'for', 'host', 'name', 'root', 'expired', 'revoked', 'future', 'none', 'text', 'user',
          'test', 'tests', 'rsa', 'http', 'stranger', 'p256', 'p384'}


DER = re.compile('30(8[12]|[0-7])')  # begins as all of its kind do; what is in it is among the fields


def originals_of(stories):
    """From the JSON of what was sent: names, and bytes."""
    found = set()

    def collect(path, value, _, name):
        if isinstance(value, str) and not SAME.match(path) and not is_nobodys(path, value, name) and not path.endswith('/headers'):
            found.add(value)
    for story in stories:
        walk('', story, story, collect)
    names, strings = set(), set()
    for value in found:
        if re.fullmatch(r'([0-9a-f]{2}){8,}', value):
            if len(set(value)) > 4 and not DER.match(value):
                strings.add(bytes.fromhex(value).removesuffix(b'DOWNGRD\0').removesuffix(b'DOWNGRD\1'))
        elif '=' in value:  # RFC 4514
            names.update(v for v in (re.sub(r'\\\\(.)', r'\\1', part) for part in re.findall(r'=((?:[^,\\\\]|\\\\.)*)', value)) if len(v) > 3)
        elif len(value) > 3 and value not in TEXTS | ADDRESSES:
            names.add(value)
    return {n for n in names if n.lower() not in COMMON and not n.isdigit()}, strings


def tshark_of(name):
    """The same from another reader: addresses, names, serial numbers, randoms, session ids."""
    fields = ['ip.addr', 'ipv6.addr', 'eth.addr', 'tls.handshake.extensions_server_name', 'tls.handshake.random',
              'tls.handshake.session_id', 'tls.handshake.session_ticket', 'x509ce.dNSName', 'x509af.serialNumber',
              'x509sat.uTF8String', 'x509sat.printableString', 'x509af.encrypted', 'x509ce.uniformResourceIdentifier',
              'x509ce.keyIdentifier', 'tls.handshake.extensions_key_share_key_exchange', 'tls.handshake.server_point',
              'tls.handshake.client_point', 'tls.handshake.sig']
    arguments = [a for f in fields for a in ('-e', f)]
    try:
        out = subprocess.run(['tshark', '-n', '-r', name, '-T', 'fields', '-E', 'occurrence=a', '-E', 'aggregator=|', *arguments],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120, check=False, text=True).stdout
    except (OSError, subprocess.TimeoutExpired):
        return set(), set()
    names, strings = set(), set()
    for value in {v.strip() for v in re.split(r'[|\t\n,]', out)}:
        digits = value.replace(':', '')
        if re.fullmatch(r'([0-9a-f]{2}){8,}', digits):
            if len(set(digits)) > 4 and digits not in TEXTS and not DER.match(digits):
                strings.add(bytes.fromhex(digits).removesuffix(b'DOWNGRD\0').removesuffix(b'DOWNGRD\1'))
        elif len(value) > 3 and not value.isdigit() and value.lower() not in COMMON and value not in TEXTS | ADDRESSES and not value.startswith(('00:00:00', 'ff:ff')):
            names.add(value)
    return names, strings


def outputs(folder, name, *more):
    """Every form of report of a capture."""
    html = os.path.join(folder, 'page.html')
    for options in ((), ('--explain',), ('--bytes',), ('--lines',), ('--summary',), ('--messages',), ('--json',),
                    ('--json', '--headers', '--bytes'), ('--lang', 'zh', '--explain')):
        yield ' '.join(options), [wiretale('read', *more, *options, name).out]
    picture = os.path.join(folder, 'ladder.svg')
    wiretale('read', *more, '--stream', '0', '--svg', picture, name, status=0)
    with open(picture, encoding='utf-8') as f:
        yield '--svg', [f.read()]
    wiretale('read', *more, '--html', html, name)
    page = Page(html)
    own = re.sub(r'<script type="module".*?</script>|<style.*?</style>', '', page.text, flags=re.S)  # the same in every page
    blocks = ({**b, 'bytes': base64.b64encode(b['bytes']).decode()} for b in page.blocks)
    yield '--html', [own, *(json.dumps(b, ensure_ascii=False) for b in (page.index, *blocks))]


def check_search(folder):
    """In every form of report: none of the originals, whatever they are written in."""
    with_tshark = shutil.which('tshark')
    for name in SEARCHED:
        path = os.path.join(CAPTURES, name)
        stories, _ = wiretale('read', '--json', '--headers', '--bytes', *keys_of([path]), path).json()
        names, strings = originals_of(stories)
        if with_tshark and name in SEARCHED[:2]:
            more = tshark_of(path)
            check(more[0] and more[1], f'{name}: tshark names nothing')
            names, strings = names | more[0], strings | more[1]
        names.add(name)
        check(len(strings) > 3 and len(names) > 3, f'{name}: originals: {len(names)} names, {len(strings)} byte strings')
        # the search itself finds them all where nothing is replaced
        bare = Views(wiretale('read', '--json', '--headers', '--bytes', *keys_of([path]), path).out)
        missed = len(strings) - len(bare.strings(strings))
        check(missed < len(strings) / 20, f'{name}: {missed} of {len(strings)} byte strings are not found where they are')
        for form, parts in outputs(folder, path, '--redact', *keys_of([path])):
            views = Views(*parts)
            for found in list(views.names(names))[:5]:
                fail(f'{name} {form}: {found!r} survives')
            for found in list(views.strings(strings))[:5]:
                fail(f'{name} {form}: {found.hex()} survives')


def covered(fields, size):
    taken = bytearray(size)
    for i, (_, depth, offset, prefix, length, *_) in enumerate(fields):
        leaf = i + 1 == len(fields) or fields[i + 1][1] <= depth
        for at in range(offset - prefix, offset + length if leaf else offset):
            taken[at] += 1
    return bytes(taken) == b'\1' * size


def check_page(folder):
    """The page is whole: every byte belongs to one field, and sentences are in both languages."""
    names = [os.path.join(CAPTURES, n) for n in PAGED]
    path = os.path.join(folder, 'page.html')
    wiretale('read', '--redact', '--html', path, *keys_of(names), *names)
    page, seen = Page(path), 0
    for connection in page.connections():
        check('\1' not in json.dumps(page.spoken(connection['story'], 1)), 'a sentence without words')
        for m in connection['messages']:
            if 'body' in m and 'error' not in m:
                seen += 1
                check(covered(m['fields'], len(base64.b64decode(m['body']))), f"{m['name']}: bytes in no field, or in two")
    check(seen > 300, f'messages with fields: {seen}')
    for n in range(len(page.index['certificates'])):
        certificate = page.certificate(n)
        check('error' not in certificate and covered(certificate['fields'], len(base64.b64decode(certificate['der']))), 'a certificate')


def check_damaged(folder):
    """Bytes that are others than they were: no name survives where it is no longer read as one."""
    dice, copies = random.Random(7), []
    for name in ('article.pcapng', 'client-certificates-old.pcapng'):
        whole = packets.write(packets.read(os.path.join(CAPTURES, name)))
        for turn in range(20):
            data = bytearray(whole)
            for _ in range(1 + turn):
                data[dice.randrange(24, len(data))] ^= 1 << dice.randrange(8)
            copies.append(os.path.join(folder, f'{chr(97 + len(copies) // 26)}{chr(97 + len(copies) % 26)}.pcap'))
            with open(copies[-1], 'wb') as f:
                f.write(data)
    out = wiretale('read', '--redact', '--json', '--headers', '--bytes', *copies).out
    check(len([json.loads(line) for line in out.splitlines()]) > 40, 'damaged captures are read')
    views = Views(out)
    equal(list(views.names(('www.example.com', '192.0.2.80', '02:00:5e:00:53:80', 'wiretale tests'))), [], 'names in damaged captures')


def check_relations():
    """What a name has to do with another, and a packet with its connection, is seen as before."""
    path = os.path.join(CAPTURES, 'article.pcapng')
    true = wiretale('read', '--json', '--headers', path).json()[0][0]
    told = wiretale('read', '--redact', '--json', '--headers', path).json()[0][0]
    name, san = told['sni'], told['certificates']['server'][0]['san']
    equal([len(n) for n in san], [len(n) for n in true['certificates']['server'][0]['san']], 'lengths of names')
    equal(san, [name, name.split('.', 1)[1], '*.' + name.split('.', 1)[1]], 'www.example.com, example.com, *.example.com')
    chain = told['certificates']['server']
    equal([c['issuer'] for c in chain[:-1]], [c['subject'] for c in chain[1:]], 'each is issued by the next')
    equal([c['authority_key_id'] for c in chain[:-1]], [c['subject_key_id'] for c in chain[1:]], 'by its key')
    equal(told['start'], '2000-01-01T00:00:00.000000000Z', 'the first connection begins at')
    ends = {told['client']['ip'], told['server']['ip']}
    for packet in told['packets']:
        header = bytes.fromhex(packet['headers'])
        equal({'.'.join(map(str, header[26:30])), '.'.join(map(str, header[30:34]))}, ends, 'addresses in the header')
    equal({told['client']['port'], told['server']['port']}, {int.from_bytes(header[at:at + 2], 'big') for at in (34, 36)}, 'ports')
    other = wiretale('read', '--redact', '--json', '--messages', path).json()[0][0]
    check(other['messages'][0]['client_hello']['random'] != wiretale('read', '--redact', '--json', '--messages', path).json()[0][0]['messages'][0]['client_hello']['random'],
          'another run has another key')


def check_usage():
    path = os.path.join(CAPTURES, 'article.pcapng')
    for option in (('--secrets',), ('--record', '1')):
        check('--redact' in wiretale('read', '--redact', *option, path, status=2).err, f'--redact with {option[0]}')
    with open(path, 'rb') as f:
        capture = f.read()
    told, true = (wiretale('live', *more, '--json', '-r', '-', data=capture).out for more in (('--redact',), ()))
    check('example.com' in true and 'example.com' not in told and told.count('\n') == true.count('\n'), 'live')
    brief = wiretale('live', '--redact', '-r', '-', data=capture).out
    check('example' not in brief and 'article' not in brief and not set(brief) & set('\1\2\3'), brief)
    # what is asked for is what was sent
    equal(len(wiretale('read', '--redact', '--json', '--filter', 'sni == "www.example.com"', path).json()[0]), 1, 'filter')


PAGED = ('article.pcapng', 'client-certificates.pcapng', 'certificate-types.pcapng', 'ocsp-stapling.pcapng', 'hello-retry.pcapng',
         'vlan.pcap', 'geneve.pcap.lz4', 'cooked-v2.pcap', 'kx-gnutls.pcapng')
SEARCHED = ('article.pcapng', 'client-certificates-old.pcapng', 'early-data-gnutls.pcap')

check_leaves()
with tempfile.TemporaryDirectory() as place:
    check_search(place)
    check_page(place)
    check_damaged(place)
check_relations()
check_usage()
done(1)
