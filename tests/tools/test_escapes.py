#!/usr/bin/env python3
"""Names from the wire that are made to mislead a terminal or a reader: each is shown in one way, and in the same way by
every form of report."""
import html
import json
import os
import re
import tempfile
import packets
from tale import CAPTURES, check, done, equal, wiretale

# the name on the wire, and how a person reads it
NAMES = [
    (b'plain-name.example', 'plain-name.example'),
    (b'back\\slash.example', 'back\\\\slash.example'),
    (b'say"quoted"name.com', 'say"quoted"name.com'),
    (b'two\nlines\r.example', 'two\\x0alines\\x0d.example'),
    (b'\x1b[31mred\x1b[0m.com', '\\x1b[31mred\\x1b[0m.com'),
    (b'bell\x07tab\x09nul\x00.com', 'bell\\x07tab\\x09nul\\x00.com'),
    ('exe\u202efdp.example'.encode(), 'exe\\xe2\\x80\\xaefdp.example'),
    ('\u2066isolate\u2069.com'.encode(), '\\xe2\\x81\\xa6isolate\\xe2\\x81\\xa9.com'),
    ('zero\u200bwidth.com'.encode(), 'zero\\xe2\\x80\\x8bwidth.com'),
    (b'\xff\xfeno-utf8\xc0\xaf.com', '\\xff\\xfeno-utf8\\xc0\\xaf.com'),
    (b'<script>&amp;</script>', '<script>&amp;</script>'),
    ('ทีนี่.example'.encode(), 'ทีนี่.example'),
    ('हिन्दी.com'.encode(), 'हिन्दी.com'),
    ('👩\u200d🔬.example'.encode(), '👩\u200d🔬.example'),
    ('\u0301mark-first.com'.encode(), '\\xcc\\x81mark-first.com'),
    ('pay\u200dpal.example'.encode(), 'pay\\xe2\\x80\\x8dpal.example'),
]
CONTROLS = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f]')


def hello(name):
    """A ClientHello of TLS 1.2 for a name, in its record: RFC 5246, 7.4.1.2; RFC 6066, 3."""
    def vector(width, body):
        return len(body).to_bytes(width, 'big') + body
    sni = b'\0\0' + vector(2, vector(2, b'\0' + vector(2, name)))
    body = b'\3\3' + bytes(range(32)) + b'\0' + vector(2, b'\xc0\x2f') + b'\1\0' + vector(2, sni)
    return b'\x16\3\1' + vector(2, b'\1' + vector(3, body))


def capture(path, name, reply):
    """A connection between two hosts that begins with the hello, and ends with the reply."""
    client, server = (b'\xc0\0\2\1', 40000, 1000), (b'\xc0\0\2\2', 443, 5000)

    def segment(at, a, b, flags, seq, ack, data=b''):
        tcp = (a[1].to_bytes(2, 'big') + b[1].to_bytes(2, 'big') + seq.to_bytes(4, 'big') + ack.to_bytes(4, 'big')
               + bytes([0x50, flags]) + b'\xff\xff\0\0\0\0' + data)
        ip = b'\x45\0' + (20 + len(tcp)).to_bytes(2, 'big') + b'\0\1\0\0\x40\6\0\0' + a[0] + b[0]
        return packets.Packet(1_700_000_000 * 10**9 + at * 10**6, packets.RAW, ip + tcp)
    said = hello(name)
    end = 1001 + len(said)
    everything = [
        segment(0, client, server, 2, 1000, 0), segment(1, server, client, 0x12, 5000, 1001),
        segment(2, client, server, 0x18, 1001, 5001, said), segment(3, server, client, 0x18, 5001, end, reply),
        segment(4, server, client, 0x11, 5001 + len(reply), end), segment(5, client, server, 0x11, end, 5002 + len(reply))]
    with open(path, 'wb') as f:
        f.write(packets.write(everything))


def said(*arguments, status=None):
    p = wiretale(*arguments, status=status)
    check(not CONTROLS.search(p.out), f'{arguments}: a control character: {p.out!r}')
    return p.out


def forms(path, shown, status):
    """Every form of a report has the name as it is to be read."""
    flat = re.sub(r'\s+', '', shown)
    for form in ((), ('--lines',), ('--messages',), ('--explain',), ('--bytes',), ('--verify', 'none')):
        out = said('read', path, *form, status=status)
        # long names are broken and shortened, but never otherwise written
        seen = re.sub(r'\s+', '', out)
        check(flat in seen or flat[:14] in seen, f'{form}: {shown!r} in {out!r}')
    for form in (('--json',), ('--json', '--messages')):
        c = json.loads(said('read', path, *form, status=status).splitlines()[0])
        equal(c['sni'], shown, f'{form}')
    findings = ' '.join(f['text'] for f in c.get('findings', []))
    if 'server name' in findings or 'for the name' in findings:
        check(shown[:60] in findings, f'{shown!r} in {findings!r}')


def main():
    with tempfile.TemporaryDirectory() as folder:
        for i, (name, shown) in enumerate(NAMES):
            path = os.path.join(folder, f'{i}.pcap')
            capture(path, name, b'\x15\3\3\0\2\2\x70')  # unrecognized_name
            forms(path, shown, 0)
            filtered = said('read', path, '--json', '--filter', 'sni != ""', status=0).splitlines()
            check(any(json.loads(line).get('sni') == shown for line in filtered), f'{shown}: --filter')
            page = os.path.join(folder, f'{i}.html')
            wiretale('read', path, '--html', page, status=0)
            with open(page, encoding='utf-8') as f:
                check(not re.search('[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]', f.read()), f'{shown}: page')
        # two captures of different names: both are named in the differences
        a, b = os.path.join(folder, '1.pcap'), os.path.join(folder, '3.pcap')
        out = said('compare', a, b, status=1)
        for _, shown in (NAMES[1], NAMES[3]):
            check(re.sub(r'\s+', '', shown) in re.sub(r'\s+', '', out), f'compare: {shown!r} in {out!r}')
        # a server that speaks something else is quoted
        other = os.path.join(folder, 'other.pcap')
        capture(other, b'other.example', b'SSH-2.0-\x1b]0;title\x07 back\\slash \xe2\x80\xae\r\n')
        out = said('read', other, '--json', status=0)
        text = ' '.join(f['text'] for f in json.loads(out.splitlines()[0])['findings'])
        check('SSH-2.0-\\x1b]0;title\\x07 back\\\\slash \\xe2\\x80\\xae' in text, f'a banner: {text!r}')
        # a file's own name
        odd = os.path.join(folder, 'odd\x1b[31m\n.pcap')
        os.link(os.path.join(folder, '0.pcap'), odd)
        said('read', odd, status=0)
    said('follow', os.path.join(CAPTURES, 'article.pcapng'), '0')
    for option in ('--color=always', '--ascii'):
        p = wiretale('follow', os.path.join(CAPTURES, 'article.pcapng'), '0', '--raw', '--side', 'client', option, status=2)
        check('has no meaning with --raw' in p.err, f'--raw {option}: {p.err!r}')
    equal(html.unescape('&lt;'), '<', 'entities')
    done(150)


if __name__ == '__main__':
    main()
