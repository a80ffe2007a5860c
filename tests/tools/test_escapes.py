#!/usr/bin/env python3
"""Names from the wire that are made to mislead a terminal or a reader: each is shown in one way, and in the same way by
every form of report."""
import html
import json
import os
import re
import subprocess
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


def vector(width, body):
    return len(body).to_bytes(width, 'big') + body


def hello(name, suite=b'\xc0\x2f'):
    """A ClientHello of TLS 1.2 for a name, in its record: RFC 5246, 7.4.1.2; RFC 6066, 3."""
    sni = b'\0\0' + vector(2, vector(2, b'\0' + vector(2, name)))
    body = b'\3\3' + bytes(range(32)) + b'\0' + vector(2, suite) + b'\1\0' + vector(2, sni)
    return b'\x16\3\1' + vector(2, b'\1' + vector(3, body))


def server_hello(suite=b'\xc0\x2f'):
    body = b'\3\3' + bytes(range(32, 64)) + b'\0' + suite + b'\0'
    return b'\x16\3\3' + vector(2, b'\2' + vector(3, body))


def der(tag, *parts):
    body = b''.join(parts)
    n = len(body)
    length = bytes([n]) if n < 128 else bytes([0x81, n]) if n < 256 else b'\x82' + n.to_bytes(2, 'big')
    return bytes([tag]) + length + body


def certificate(name):
    """A certificate (RFC 5280, 4.1) that nobody signed, with the name in its subject, issuer and alternative names."""
    def oid(*numbers):
        return der(6, bytes(numbers))

    def called(*types):
        return der(0x30, *(der(0x31, der(0x30, oid(0x55, 4, t), der(0x0c, name))) for t in types))
    algorithm = der(0x30, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2))  # ecdsa-with-SHA256
    key = der(0x30, der(0x30, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1), oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7)),
              der(3, bytes.fromhex('00046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296'
                                   '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5')))
    names = der(0xa3, der(0x30, der(0x30, oid(0x55, 0x1d, 0x11), der(4, der(0x30, der(0x82, name))))))
    tbs = der(0x30, der(0xa0, b'\2\1\2'), b'\2\1\7', algorithm, called(10, 3),
              der(0x30, der(0x17, b'230101000000Z'), der(0x17, b'330101000000Z')), called(3), key, names)
    return der(0x30, tbs, algorithm, der(3, b'\0' + der(0x30, b'\2\1\1\2\1\1')))


def with_certificate(name):
    """What a server says that sends it: RFC 5246, 7.4.2."""
    message = b'\x0b' + vector(3, vector(3, vector(3, certificate(name))))
    return server_hello() + b'\x16\3\3' + vector(2, message) + b'\x16\3\3\0\4\x0e\0\0\0'


def capture(path, name, reply, more=()):
    """A connection between two hosts that begins with the hello, and ends with the reply; or goes on with more: turns of
    client and server."""
    client, server = (b'\xc0\0\2\1', 40000, 1000), (b'\xc0\0\2\2', 443, 5000)

    def segment(at, a, b, flags, seq, ack, data=b''):
        tcp = (a[1].to_bytes(2, 'big') + b[1].to_bytes(2, 'big') + seq.to_bytes(4, 'big') + ack.to_bytes(4, 'big')
               + bytes([0x50, flags]) + b'\xff\xff\0\0\0\0' + data)
        ip = b'\x45\0' + (20 + len(tcp)).to_bytes(2, 'big') + b'\0\1\0\0\x40\6\0\0' + a[0] + b[0]
        return packets.Packet(1_700_000_000 * 10**9 + at * 10**6, packets.RAW, ip + tcp)
    everything = [segment(0, client, server, 2, 1000, 0), segment(1, server, client, 0x12, 5000, 1001)]
    at = [1001, 5001]
    for i, turn in enumerate([hello(name, b'\0\x3b' if more else b'\xc0\x2f'), reply, *more]):
        ends = (client, server)[::-1 if i % 2 else 1]
        everything.append(segment(len(everything), *ends, 0x18, at[i % 2], at[1 - i % 2], turn))
        at[i % 2] += len(turn)
    everything += [segment(len(everything), server, client, 0x11, at[1], at[0]),
                   segment(len(everything) + 1, client, server, 0x11, at[0], at[1] + 1)]
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


def in_a_name(shown, special=''):
    """A distinguished name's own escapes: RFC 4514, 2.4; a name that is no UTF-8 is no UTF8String (RFC 5280, 4.1.2.4)."""
    shown = re.sub(r'\\x(..)', lambda m: '\\' + m[1].upper(), shown)
    return re.sub(f'([{special}])', r'\\\1', shown) if special else shown


def certificates(folder):
    """Names inside a certificate: in every report, in the lines above its PEM, and in the name of its file."""
    for i, (name, shown) in enumerate(NAMES):
        path = os.path.join(folder, f'certificate{i}.pcap')
        capture(path, b'www.example.com', with_certificate(name))
        subject, alternative = in_a_name(shown, '"<>;'), in_a_name(shown)
        subject = name.decode() if shown.startswith('\\xcc') else subject  # there it follows a character: the "="
        for form in ((), ('--messages',), ('--explain',), ('--bytes',)):
            said('read', path, *form, status=0)
        if b'\xff' in name:
            said('certificates', path, status=0)
            continue
        for form in (('--json',), ('--json', '--messages')):
            c = json.loads(said('read', path, *form, status=0).splitlines()[0])
            leaf = c['certificates']['server'][0]
            equal((leaf['subject'], leaf['issuer'], leaf['san']), (f'CN={subject}', f'CN={subject},O={subject}', [alternative]),
                  f'{form}')
        pem = said('certificates', path, status=0)
        check(f'# subject: CN={subject}\n' in pem, f'{subject!r} in {pem!r}')
        lines = pem.splitlines()
        equal([line[:1] for line in lines[:lines.index('-----BEGIN CERTIFICATE-----')]], ['#'] * 5, f'{shown!r}: above its PEM')
        out = os.path.join(folder, f'pem{i}')
        said('certificates', path, '-o', out, status=0)
        check(all(re.fullmatch(r'[A-Za-z0-9._-]+', file) for file in os.listdir(out)), f'files: {os.listdir(out)}')


# what an application said, and how a person reads it
SAID = [
    (b'plain\r\n\ttabs\tstay\n', ['plain', '\ttabs\tstay']),
    (b'\x1b]0;title\x07\x1b[2J\n', ['\\x1b]0;title\\x07\\x1b[2J']),
    (b'one\rtwo\r\n', ['one\\x0dtwo']),
    (b'back\\slash \x00\x7f\x85\xc2\x85\n', ['back\\\\slash \\x00\\x7f\\x85\\xc2\\x85']),
    ('exe\u202efdp \u2066x\u2069\n'.encode(), ['exe\\xe2\\x80\\xaefdp \\xe2\\x81\\xa6x\\xe2\\x81\\xa9']),
]


def follow(folder):
    """Data of a suite that does not encrypt (TLS_RSA_WITH_NULL_SHA256: RFC 5246, A.5), which follow shows without keys."""
    def data(text):
        return b'\x17\3\3' + vector(2, text + bytes(32))  # a MAC, which nobody can check
    finished = b'\x14\3\3\0\1\1\x16\3\3' + vector(2, b'\x14' + vector(3, bytes(12)) + bytes(32))
    exchange = b'\x16\3\3' + vector(2, b'\x10' + vector(3, vector(2, bytes(256))))
    first = with_certificate(b'www.example.com').replace(server_hello(), server_hello(b'\0\x3b'))
    for i, (text, shown) in enumerate(SAID):
        path = os.path.join(folder, f'said{i}.pcap')
        half = len(text) // 2  # also in the middle of a character
        capture(path, b'www.example.com', first, [exchange + finished, finished, data(text[:half]) + data(text[half:]),
                                                  data(text)])
        for form in ((), ('--text',)):
            out = said('follow', path, '0', *form, status=0)
            equal(out.splitlines(), ['> ' + s for s in shown] + ['< ' + s for s in shown],
                  f'{form}: {text!r}')
        out = said('follow', path, '0', '--hex', status=0)
        check(all(re.fullmatch(r'[<>] [0-9a-f]{8} [0-9a-f ]{49}  \|[ -~]{1,16}\|', line) for line in out.splitlines()), out)
        said('follow', path, '0', '--ascii', status=0)


def live(folder):
    """The live seat shows what the reading one does."""
    os.chmod(folder, 0o777)  # root is given up
    for i, (name, shown) in enumerate(NAMES):
        for path in (os.path.join(folder, f'{i}.pcap'), os.path.join(folder, f'certificate{i}.pcap')):
            with open(path, 'rb') as f:
                data = f.read()
            page = os.path.join(folder, 'live.html')
            for form in ((), ('--lines',), ('--json',), ('--html', page)):
                p = wiretale('live', '-r', '-', *form, data=data, status=0)
                check(not CONTROLS.search(p.out + p.err), f'live {form}: a control character: {p.out!r} {p.err!r}')
                if form == ('--json',):
                    c = json.loads(p.out.splitlines()[0])
                    check('certificate' in path or c['sni'] == shown, f'{c}')
            with open(page, encoding='utf-8') as f:
                check(not re.search('[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]', f.read()), f'{shown}: live page')


def complaints(folder):
    """What is said of arguments, which may be the names of somebody else's files."""
    odd = '\x1b[31m\x07two\nlines\u202eback\\slash'
    shown = '\\x1b[31m\\x07two\\x0alines\\xe2\\x80\\xaeback\\slash'
    fine, broken = os.path.join(folder, '0.pcap'), os.path.join(folder, odd + '.txt')
    with open(broken, 'wb') as f:
        f.write(b'no capture')
    for arguments in (('help', odd), (odd,), ('read', '--' + odd), ('read', os.path.join(folder, odd)), ('read', broken),
                      ('read', '--filter', odd, fine), ('read', '--keylog', os.path.join(folder, odd), fine),
                      ('read', '--color=' + odd, fine), ('read', '--stream', odd, fine), ('follow', broken, '0'),
                      ('follow', fine, odd), ('decrypt', fine, '-o', os.path.join(folder, odd, 'x')),
                      ('keys', broken, '-o', os.path.join(folder, 'out')), ('certificates', broken), ('compare', fine, broken),
                      ('live', '-i', odd), ('live', '-r', os.path.join(folder, odd))):
        p = wiretale(*arguments)
        check(p.status in (1, 2), f'{arguments}: {p.status}')
        check(not CONTROLS.search(p.out + p.err), f'{arguments}: a control character: {p.out!r} {p.err!r}')
        check(shown in p.err or arguments[0] == 'live', f'{arguments}: {shown!r} in {p.err!r}')
    # a file's own name: in the head, above PEM, and in the command that shows one connection
    named = os.path.join(folder, odd + '.pcap')
    os.link(os.path.join(folder, 'certificate0.pcap'), named)
    for arguments in (('read', named), ('read', '--lines', named), ('certificates', named), ('read', '--lines', named, fine),
                      ('read', '--json', named)):
        said(*arguments, status=0)
    hint = re.search(r"wiretale read --stream 0 (\$'.*')$", said('read', '--lines', named, status=0), re.M)
    if check(hint, 'a hint'):
        done_by_shell = subprocess.run(['bash', '-c', f'printf %s {hint[1]}'], stdout=subprocess.PIPE, check=True)
        equal(done_by_shell.stdout.decode(), named, 'what a shell makes of the hint')


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
        certificates(folder)
        follow(folder)
        live(folder)
        complaints(folder)
    said('follow', os.path.join(CAPTURES, 'article.pcapng'), '0')
    for option in ('--color=always', '--ascii'):
        p = wiretale('follow', os.path.join(CAPTURES, 'article.pcapng'), '0', '--raw', '--side', 'client', option, status=2)
        check('has no meaning with --raw' in p.err, f'--raw {option}: {p.err!r}')
    equal(html.unescape('&lt;'), '<', 'entities')
    done(150)


if __name__ == '__main__':
    main()
