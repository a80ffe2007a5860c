#!/usr/bin/env python3
"""read --html: what the page holds is what text and JSON tell, in both languages; the file, its limits, its mode."""
import glob
import os
import re
import stat
import tempfile
from page import CHINESE, ENGLISH, Page
from tale import CAPTURES, check, done, equal, wiretale

ARTICLE = os.path.join(CAPTURES, 'article.pcapng')
ALL = sorted(n for n in glob.glob(os.path.join(CAPTURES, '*.pcap*')) if re.search(r'\.pcap(ng)?(\.(gz|zst|lz4))?$', n))
DATAGRAMS = os.path.join(CAPTURES, '..', 'page', 'captures')
STRUCT = 5  # of enum wt_field_kind
# What the page holds beside, and what only kept messages bring.
BESIDE = ('records', 'packets', 'packets_dropped', 'records_dropped', 'exchanges', 'exchanges_dropped',
          'ja3_string', 'ja3s_string', 'ja4_string')


def page_of_all(folder, remembered={}):
    """Of every capture: made and unpacked once."""
    if not remembered:
        remembered[folder] = page_of(folder, *ALL)[0]
    return remembered[folder]


def page_of(folder, *arguments, status=0):
    path = os.path.join(folder, 'page.html')
    out = wiretale('read', '--html', path, *arguments, status=status)
    equal(out.out, '', 'nothing on standard output')
    return Page(path), out


def without(story):
    story = {k: v for k, v in story.items() if k not in BESIDE}
    return {**story, **({'findings': [{k: v for k, v in f.items() if k != 'message'} for f in story['findings']]} if 'findings' in story else {})}


def check_stories(folder):
    """Each story is the JSON of read, sentence by sentence, in English and in Chinese."""
    page = page_of_all(folder)
    stories = [without(c['story']) for c in page.connections()]
    columns, files = page.index['columns'], page.index['files']
    equal([files[row[columns.index('file')]] for row in page.index['rows']], [s['file'] for s in stories], 'files of the rows')
    for language, name in ((ENGLISH, 'en'), (CHINESE, 'zh')):
        told = [without(c) for c in wiretale('read', '--json', '--lang', name, *ALL).json()[0]]
        equal(len(stories), len(told), 'connections')
        for mine, theirs in zip(stories, told):
            equal(page.spoken(mine, language), theirs, f'{theirs["file"]} {theirs["stream"]} {name}')


def check_bytes(folder):
    """Every byte of every message belongs to exactly one field that has no fields in it, or is a prefix of one."""
    page = page_of_all(folder)
    seen = 0
    for connection in page.connections():
        for m in connection['messages']:
            if 'body' not in m or 'error' in m:
                continue
            covered(m['fields'], len_of(m['body']), f"{connection['story']['file']} {m['name']}")
            seen += 1
            covered(m['header_fields'], 4, 'handshake header') if 'header' in m else None
            for number, _, length in m.get('certificates', []):
                equal(len_of(page.certificate(number)['der']), length, 'a certificate where it is said to be')
        for packet, fields in zip(connection['story']['packets'], connection['packets'], strict=True):
            at = 0
            for layer in fields:
                equal(layer['offset'], at, f"{connection['story']['file']} packet {packet['frame']}: a header follows the last")
                covered(layer['fields'], layer['length'], f"{connection['story']['file']} {layer['name']}")
                at += layer['length']
            equal(at, len(packet['headers']) // 2, f"{connection['story']['file']} packet {packet['frame']}: all of its headers")
    check(seen > 5000, f'messages with fields: {seen}')
    for n in range(len(page.index['certificates'])):
        certificate = page.certificate(n)
        if 'error' not in certificate:
            covered(certificate['fields'], len_of(certificate['der']), 'certificate')


def check_grease(folder):
    """An extension without a name is told to be GREASE when it is one (RFC 8701, 2: 0x?A?A), and only then."""
    page = page_of_all(folder)
    fields, seen = page.index['fields'], set()
    for connection in page.connections():
        for m in connection['messages']:
            listed = m.get('fields', [])
            for f, code in zip(listed, listed[1:]):
                if fields[f[0]][:2] == ['extension', ''] and code[1] == f[1] + 1 and len(code) > 6:
                    grease = code[6] & 0x0f0f == 0x0a0a and code[6] >> 8 == code[6] & 255
                    told = page.spoken(fields[f[0]][2], ENGLISH) if len(fields[f[0]]) > 2 else ''
                    equal('GREASE' in told, grease, f'{code[6]:#06x} {told}')
                    seen.add(grease)
    equal(seen, {False, True}, 'both kinds')


def check_explanations(folder):
    """What a message's explanation says is what --explain says: an explanation is made once for all messages that are
    alike, and must not be that of another one."""
    page, _ = page_of(folder, '--verify', 'all', *ALL)
    seen, lines = {}, 0
    for connection in page.connections():
        name, stream = connection['story']['file'], connection['story']['stream']
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 2:
            continue
        told = joined(wiretale('read', '--explain', '--verify', 'all', '--columns', '1000',
                                '--stream', str(stream), name).out)
        names = set()
        for m in connection['messages']:
            if m['name'] in names:
                continue  # there it is not explained again
            names.add(m['name'])
            for line in page.spoken(m['explain'], ENGLISH):
                lines += 1
                if joined(line) not in told:
                    equal(joined(line), 'said by --explain', f"{name} {stream} {m['name']}")
    check(lines > 5000, f'lines of explanations: {lines}')


def joined(text):
    return ' '.join(text.split())


def len_of(base64):
    return len(base64) // 4 * 3 - base64.count('=')


def covered(fields, size, what):
    """Leaves, and prefixes of what is none, lie side by side."""
    taken = []
    for i, f in enumerate(fields):
        depth, offset, prefix, length = f[1:5]
        leaf = i + 1 == len(fields) or fields[i + 1][1] <= depth
        taken.append((offset - prefix, offset + length if leaf else offset))
    at = 0
    for start, end in sorted(t for t in taken if t[0] != t[1]):
        if start != at:
            equal(start, at, f'{what}: where a field begins, after the last')
            return
        at = end
    equal(at, size, f'{what}: where the last field ends')


def check_file(folder):
    path = os.path.join(folder, 'page.html')
    os.umask(0o022)
    page_of(folder, ARTICLE)
    equal(stat.S_IMODE(os.stat(path).st_mode), 0o644, 'a page without secrets is for everybody')
    page, _ = page_of(folder, '--secrets', ARTICLE)
    equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, 'one with secrets is not')
    equal(page.index['secrets'], True, 'and says so')
    page, out = page_of(folder, '--html-max', '5', os.path.join(CAPTURES, 'versions-mixed.pcapng'))
    equal(len(page.index['rows']), 5, 'as many as were asked for')
    check(page.index['left_out'] > 0 and f"{page.index['left_out']} more connections were left out" in out.err, out.err)
    wiretale('read', '--html', os.path.join(folder, 'no', 'page.html'), ARTICLE, status=1)
    same = os.path.join(folder, 'same.pcapng')
    with open(ARTICLE, 'rb') as f, open(same, 'wb') as g:
        g.write(f.read())
    check('is the input' in wiretale('read', '--html', same, same, status=1).err, 'a capture is not written over')


def names_of(page, fields):
    """Of a packet's frames, and of what else holds fields."""
    return [page.index['fields'][f[0]][0] for f in fields if f[1] == 1 and f[5] == STRUCT]


def check_quic(folder):
    """Packets of QUIC: their list is that of --json, every byte of an opened one is in one field, and what lies in the
    datagrams is what the capture has."""
    capture = os.path.join(DATAGRAMS, 'quic.pcap')
    keys = ['--keylog', capture + '.keys']
    page, _ = page_of(folder, *keys, capture)
    told = wiretale('read', '--json', '--messages', *keys, capture).json()[0][0]['quic']['packet_list']
    seen = page.connections()[0]['datagrams']
    mine = [[d['frame'], d['from'], d['type'], d['number'] if d.get('opened') else None,
             names_of(page, d['fields']) if d.get('opened') else None] for d in seen]
    equal(mine, [[frame, side, kind, number, frames] for frame, side, kind, number, frames in told], 'packets and their frames')
    check({'retry', 'initial', 'handshake', '1rtt'} <= {d['type'] for d in seen}, 'a Retry among them')
    check(any('path_challenge' in names_of(page, d['fields']) for d in seen), 'and a migration')
    for d in seen:
        what = f"packet {d['frame']} {d['type']} {d['number']}"
        equal(len(d['bytes']), d['sent'], f'{what}: all of it')
        covered(d['fields'], d['sent'], what)
        check('error' not in d, what)
    hidden = [(d, at, n) for d in seen for at, n in zip(d['hidden'][::2], d['hidden'][1::2], strict=True)]
    check(hidden and all(d['bytes'][at:at + n] == bytes(n) for d, at, n in hidden), 'what the application said is left out')
    whole, _ = page_of(folder, '--secrets', *keys, capture)
    equal([d['hidden'] for d in whole.connections()[0]['datagrams'] if d['hidden']], [], 'with --secrets nothing is')
    check(any(b'A page of one packet.' in d['bytes'] for d in whole.connections()[0]['datagrams']), 'and the page is there')
    # without keys: what anyone can open, and the headers of the rest
    bare, _ = page_of(folder, capture)
    for d in bare.connections()[0]['datagrams']:
        equal(bool(d.get('opened')), d['type'] in ('initial', 'retry'), f"{d['type']} without keys")
        covered(d['fields'], len(d['bytes']), f"header of {d['type']}")


def check_dtls(folder):
    """Records of DTLS: their headers and what is in them; nothing of the application's."""
    capture = os.path.join(DATAGRAMS, 'dtls.pcap')
    page, _ = page_of(folder, '--keylog', capture + '.keys', capture)
    seen = page.connections()[0]['datagrams']
    told = wiretale('read', '--json', '--messages', '--keylog', capture + '.keys', capture).json()[0][0]['dtls']
    equal(len(seen), told['records'], 'all records')
    for d in seen:
        covered(d['fields'], len(d['bytes']), f"record in packet {d['frame']}")
    check(any('message_seq' in page.index['fields'][f[0]][0] for d in seen for f in d['fields']), 'fragments field by field')


def check_secrets(folder):
    """Neither secrets nor plaintext are in a page that was not asked for them."""
    capture = ['--keylog', os.path.join(CAPTURES, 'http2-curl.pcapng.keys'), os.path.join(CAPTURES, 'http2-curl.pcapng')]
    told, _ = wiretale('read', '--json', '--secrets', *capture).json()
    check(any('derivation' in c for c in told) and any('exchanges' in c for c in told), 'there are some')
    asked_for, _ = page_of(folder, '--secrets', *capture)
    page_words = lambda value: asked_for.spoken(value, ENGLISH)
    for connection in page_of(folder, *capture)[0].connections():
        check(not {'derivation', 'key_log', 'record_steps', 'exchanges'} & set(connection['story']), 'none unasked')
    asked = page_of(folder, '--secrets', *capture)[0].connections()
    for connection in asked:  # how each of the first records was protected, as --record has it for one
        story = connection['story']
        shown = {(s['side'], s['record']) for s in story['record_steps']}
        check(len(shown) > 3 and {side for side, _ in shown} == {'client', 'server'}, f'records of both sides: {shown}')
        for side, number in sorted(shown)[:4]:
            one, _ = wiretale('read', '--json', '--record', f'{number}:{side}', '--stream', str(story['stream']), *capture).json()
            equal([s for s in page_words(story['record_steps']) if (s['side'], s['record']) == (side, number)],
                  one[0]['record_steps'], f'record {number} of the {side}')
    check(any('derivation' in c['story'] for c in asked) and any('exchanges' in c['story'] for c in asked), 'all when asked')
    for language, option in ((ENGLISH, 'en'), (CHINESE, 'zh')):
        told, _ = wiretale('read', '--json', '--secrets', '--lang', option, *capture).json()
        equal([asked_for.spoken(c['story'].get('derivation'), language) for c in asked], [c.get('derivation') for c in told], f'steps in {option}')
    check(any('\u4e00' <= letter <= '\u9fff' for step in told[0]['derivation'] for letter in step.get('text', '')), 'and Chinese is Chinese')


def check_walk(folder):
    """Who knows what: never a listener a secret, never a secret before the message that makes it."""
    page = page_of_all(folder)
    secrets = ('premaster secret', 'master secret', 'key block: the keys of both directions', 'pre-shared key',
               'shared secret of the key exchange', 'handshake secret and handshake keys', 'master secret and application keys')
    walked = 0
    for connection in page.connections():
        story = connection['story']
        learnt = [(m['name'], *page.spoken(entry[:2], ENGLISH)) for m in connection['messages'] for entry in m.get('learns', [])]
        check(not [x for x in learnt if x[1] == 2 and x[2] in secrets], f"{story['file']} {story['stream']}: a listener learns a secret")
        if story['state'] != 'established' or story.get('missing') or not learnt or story.get('version') == 'SSL 2.0':
            continue
        walked += 1
        for who in (0, 1):
            known = [item for _, w, item in learnt if w == who]
            check(any('keys' in item for item in known), f"{story['file']} {story['stream']}: {who} has keys: {known}")
    check(walked > 500, f'handshakes walked: {walked}')
    first = next(c for c in page.connections() if c['story']['file'] == ARTICLE)['messages'][0]['learns']
    equal([(e[0], e[2]) for e in first if len(e) > 2], [(who, '1ca9bec2bfce411b3eef1d9d7298e5c2bef962b0cd985fbccbafa03021c83586')
                                                        for who in (0, 1, 2)], 'the client random, for all three')


def check_complaints(folder):
    """What is said on standard error is in words, although the page's sentences are not."""
    cut = os.path.join(folder, 'cut.pcapng')
    with open(ARTICLE, 'rb') as whole, open(cut, 'wb') as f:
        f.write(whole.read(3000))
    _, out = page_of(folder, cut, status=1)
    check('bytes present' in out.err and not set(out.err) & set('\1\2\3'), out.err)


def check_segments(folder):
    """TCP's opening and end, and what did not go smoothly, by packet."""
    def marked(*names):
        page, _ = page_of(folder, *(os.path.join(CAPTURES, name) for name in names))
        return page.connections()
    fine, refused = marked('article.pcapng', '../failures/tcp-refused-curl.pcapng')
    segments = fine['segments']
    equal([(s[2], s[3], s[5] & 0x17) for s in segments[:3]], [(0, 0, 2), (1, 0, 18), (0, 1, 16)], 'SYN, SYN-ACK, ACK')
    equal([s for s in segments if len(s) > 6], [], 'nothing to mark')
    equal({s[2] for s in segments if s[5] & 1}, {0, 1}, 'both FINs')
    equal([s[0] for s in segments], list(range(1, len(segments) + 1)), 'each packet')
    equal([(s[2], s[5] & 0x17) for s in refused['segments']], [(0, 2), (1, 20)], 'SYN and RST of what never was TLS')
    hole = marked('hole.pcapng')
    equal([[s[6] for s in c['segments'] if len(s) > 6] for c in hole], [[3], []], 'bytes are missing before one')
    for c in marked('lossy.pcapng', 'lossy-sender.pcapng'):
        marks = [s[6] for s in c['segments'] if len(s) > 6]
        check(3 not in marks, f"nothing is missing in {c['story']['file']} {c['story']['stream']}: {marks}")
        again = sum(c['story'].get('tcp', {}).get('retransmissions', {}).values())
        check(marks.count(1) >= again, f"as many retransmissions as the story counts: {marks} {again}")


def check_usage():
    for option in ('--json', '--lines', '--messages', '--explain', '--bytes', '--summary'):
        out = wiretale('read', '--html', '/nowhere/x.html', option, ARTICLE, status=2)
        check('--html' in out.err and option in out.err, out.err)
    check('--html' in wiretale('read', '--html-max', '5', ARTICLE, status=2).err, '--html-max alone')
    check('0' in wiretale('read', '--html', 'x', '--html-max', '0', ARTICLE, status=2).err, 'none is no page')


with tempfile.TemporaryDirectory() as folder:
    check_stories(folder)
    check_bytes(folder)
    check_grease(folder)
    check_explanations(folder)
    check_walk(folder)
    check_segments(folder)
    check_file(folder)
    check_secrets(folder)
    check_quic(folder)
    check_dtls(folder)
    check_complaints(folder)
check_usage()
done()
