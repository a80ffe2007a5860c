#!/usr/bin/env python3
"""live --html: the page is written anew while connections end, whole each time and not too often; what is printed beside
it says the same as without it, in either language."""
import json
import os
import signal
import stat
import subprocess
import tempfile
import threading
import time

import packets
from page import CHINESE, ENGLISH, Page
from reader import Reader
from tale import CAPTURES, check, done, equal, wiretale

FAILURES = os.path.join(CAPTURES, '..', 'failures')
MANY = os.path.join(CAPTURES, 'versions-mixed.pcapng')
KEYED = os.path.join(CAPTURES, 'http2-curl.pcapng')
EXPIRED = os.path.join(FAILURES, 'certificate-expired-curl.pcapng')
# What only kept messages bring; and how long we waited before Ctrl-C.
BESIDE = ('ja3_string', 'ja3s_string', 'ja4_string', 'seconds')


def fed(path, *arguments):
    """All that live says of a file that was read to its end: then comes Ctrl-C."""
    reader = Reader('live', '-r', path, *arguments, stdin=subprocess.DEVNULL)
    reader.wait_for_error(path)
    time.sleep(0.7)
    return reader.stop(), reader.err()


def objects(text):
    return [known_without(json.loads(line)) for line in text.splitlines()]


def known_without(told):
    """What is known without kept messages, too."""
    known = {k: v for k, v in told.items() if k not in BESIDE}
    if 'findings' in known:
        known['findings'] = [{k: v for k, v in f.items() if k != 'message'} for f in known['findings']]
    return known


def different(mine, theirs):
    return [pair for pair in zip(mine.splitlines(), theirs.splitlines()) if pair[0] != pair[1]][:2]


def check_words(folder):
    """Text and JSON are those of live without a page, to the letter, and so is what a filter on sentences lets pass."""
    page = os.path.join(folder, 'page.html')
    for path in (EXPIRED, MANY):
        for language in ('en', 'zh'):
            alone, _ = fed(path, '--lang', language)
            beside, _ = fed(path, '--lang', language, '--html', page)
            check(beside == alone, f'{os.path.basename(path)} {language}: {different(beside, alone)}')
            check('\1' not in beside, 'no sentence by its number')
        stories = Page(page)
        for language, number in (('en', ENGLISH), ('zh', CHINESE)):
            told = objects(fed(path, '--lang', language, '--json', '--html', page)[0])
            wanted = objects(fed(path, '--lang', language, '--json')[0])
            for mine, theirs in zip(told, wanted, strict=True):
                for key in mine.keys() | theirs.keys():
                    equal(mine.get(key), theirs.get(key), f'{os.path.basename(path)}, stream {mine.get("stream")}, {key}')
            equal([[f.get('text') for f in stories.spoken(c['story'].get('findings', []), number)] for c in stories.connections()],
                  [[f.get('text') for f in t.get('findings', [])] for t in wanted if t['type'] == 'connection'],
                  f'sentences of the page, {language}')
    for language, word in (('en', 'expired'), ('zh', '过期')):
        told, _ = fed(EXPIRED, '--json', '--lang', language, '--html', page, '--filter', f'findings.text contains "{word}"')
        equal([json.loads(line)['type'] for line in told.splitlines()], ['connection', 'summary'], f'a filter on sentences, {language}')
        equal(len(Page(page).index['rows']), 1, 'and on the page')
        read = wiretale('read', '--lang', language, '--html', page, '--filter', f'findings.text contains "{word}"', EXPIRED)
        equal((len(Page(page).index['rows']), read.out), (1, ''), f'in read as well, {language}')
        equal(wiretale('read', '--lang', language, '--html', page, '/no/such', EXPIRED, status=1).err.count('\1'), 0,
              'what is complained of is in words')


def rows(path):
    return len(Page(path).index['rows']) if os.path.exists(path) else 0


def wait_for_rows(path, count, seconds=20):
    end = time.monotonic() + seconds
    while rows(path) < count and time.monotonic() < end:
        time.sleep(0.02)
    return rows(path)


def check_rewriting(folder):
    """It is there from the beginning, holds what has ended, and is another file each time: who reads one reads it whole."""
    path = os.path.join(folder, 'grows.html')
    whole = packets.read(MANY)
    data, half = packets.write(whole), packets.write(whole[:len(whole) // 2])
    reader = Reader('live', '-r', '-', '--lines', '--html', path)
    reader.wait_for_error('as it grows')
    equal(rows(path), 0, 'a page before anything came')
    reader.feed(half)
    some = wait_for_rows(path, 3)
    check(3 <= some, f'connections that have ended are on the page: {some} {reader.err()!r}')
    time.sleep(1.5)
    some = rows(path)
    with open(path, encoding='utf-8') as early:
        reader.feed(data[len(half):])
        more = wait_for_rows(path, some + 1)
        check(more > some, f'and later ones: {more} after {some}')
        text = early.read()
        check(text.endswith('</html>\n') and text.count('id="index"') == 1, 'the one that was open is still whole')
    out = reader.stop()
    wanted = len(wiretale('read', '--json', MANY).json()[0])
    equal(rows(path), wanted, 'at the end all are there')
    equal(len([line for line in out.splitlines() if ' TLS ' in line or ' SSL ' in line][:wanted]), wanted, 'and in the text')
    check(f'page with {wanted} connections' in reader.err(), reader.err())
    equal(sorted(os.listdir(folder)).count('grows.html'), 1, 'the page')
    equal([name for name in os.listdir(folder) if name.startswith('grows.html.')], [], 'nothing is left beside it')


def check_pace(folder):
    """A second between two pages at least, however many connections end."""
    path = os.path.join(folder, 'pace.html')
    one = packets.read(os.path.join(CAPTURES, 'article.pcapng'))
    reader = Reader('live', '-r', '-', '--lines', '--html', path)
    reader.wait_for_error('as it grows')
    reader.feed(packets.write(one))
    seen, end, at = [], time.monotonic() + 5, 1
    while time.monotonic() < end:
        number = os.stat(path).st_mtime_ns
        if not seen or seen[-1] != number:
            seen.append(number)
        moved = [packets.Packet(p.time + at * 10**9, p.link, p.data) for p in one]
        reader.feed(packets.write(moved)[24:])
        at += 1
        time.sleep(0.05)
    reader.stop()
    gaps = [(b - a) / 1e9 for a, b in zip(seen[1:], seen[2:])]
    check(len(gaps) >= 2, f'it is written again and again: {seen}')
    check(min(gaps, default=1) > 0.9, f'once a second: {gaps}')


def check_limits(folder):
    path = os.path.join(folder, 'few.html')
    reader = Reader('live', '-r', MANY, '--html', path, '--html-max', '5', stdin=subprocess.DEVNULL)
    reader.wait_for_error('the page is full')  # while it goes on
    reader.stop()
    page, err = Page(path), reader.err()
    shown, left = len(page.index['rows']), page.index['left_out']
    check(2 <= shown <= 5, f'not more than were asked for: {shown}')
    equal((shown + left, page.index['newest']), (len(wiretale('read', '--json', MANY).json()[0]), True), 'the others were there before')
    check(f'{left} more connections were left out' in err, err)
    equal(err.count('the page is full'), 1, f'said once: {err!r}')
    os.umask(0o022)
    plain, secret = os.path.join(folder, 'plain.html'), os.path.join(folder, 'secret.html')
    fed(KEYED, '--keylog', KEYED + '.keys', '--html', plain)
    equal(stat.S_IMODE(os.stat(plain).st_mode), 0o644, 'without secrets')
    check(not any({'derivation', 'key_log', 'exchanges'} & set(c['story']) for c in Page(plain).connections()), 'none unasked')
    fed(KEYED, '--keylog', KEYED + '.keys', '--html', secret, '--secrets')
    equal(stat.S_IMODE(os.stat(secret).st_mode), 0o600, 'with secrets')
    check(any('derivation' in c['story'] for c in Page(secret).connections()), 'secrets when asked')
    told, _ = fed(KEYED, '--keylog', KEYED + '.keys', '--json', '--secrets')
    check('"derivation"' in told and '"derivation"' not in fed(KEYED, '--keylog', KEYED + '.keys', '--json')[0], 'and in JSON')


def from_port(data, port):
    """The same packet (Ethernet, IPv4, TCP) of a client at another port."""
    at = 36 if data[34:36] == (443).to_bytes(2, 'big') else 34
    return data[:at] + port.to_bytes(2, 'big') + data[at + 2:]


def check_newest(folder):
    """A full page goes on with the newest; what failed outlasts what did not."""
    path = os.path.join(folder, 'newest.html')
    one, fails = packets.read(os.path.join(CAPTURES, 'article.pcapng')), packets.read(EXPIRED)
    several, at = list(fails), fails[-1].time
    for n in range(10):
        several += [packets.Packet(at + (n + 1) * 10**9 + p.time - one[0].time, p.link, from_port(p.data, 50000 + n)) for p in one]
    reader = Reader('live', '-r', '-', '--html', path, '--html-max', '8')
    reader.wait_for_error('as it grows')
    reader.feed(packets.write(several))
    reader.stop()
    page = Page(path)
    columns = page.index['columns']
    rows = [dict(zip(columns, row)) for row in page.index['rows']]
    equal((len(rows), page.index['left_out']), (8, 3), f'connections {reader.err()!r}')
    equal([row['state'] for row in rows].count('failed'), 1, 'the one that failed is still there')
    equal([row['stream'] for row in rows], [0, *range(4, 11)], 'and the newest')


def check_pipes(folder):
    """What is no file is written once, at the end."""
    path, text = os.path.join(folder, 'pipe'), []
    os.mkfifo(path)
    os.chmod(path, 0o666)

    def read():
        with open(path, encoding='utf-8') as f:
            text.append(f.read())
    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    fed(MANY, '--html', path)
    reading.join(20)
    check(text and text[0].count('id="index"') == 1, 'one page')


def check_ending(folder):
    """Two Ctrl-C end it wherever it is, and leave nothing half written."""
    path = os.path.join(folder, 'ends.html')
    for pause in (0.3, 0.6, 0.9):
        reader = Reader('live', '-r', MANY, '--html', path, stdin=subprocess.DEVNULL)
        time.sleep(pause)
        reader.process.send_signal(signal.SIGINT)
        reader.process.send_signal(signal.SIGINT)
        reader.process.wait(timeout=20)
        reader.process.stdout.close()
        equal([name for name in os.listdir(folder) if name.startswith('ends.html.')], [], 'nothing is left')


def check_usage(folder):
    page = os.path.join(folder, 'x.html')
    for arguments, word in ((('--html', '-'), '--html needs a file'), (('--html-max', '5'), '--html-max needs --html'),
                            (('--secrets',), '--secrets needs'), (('--html', page, '--html', page), 'given twice'),
                            (('--html', page, '--html-max', '0'), 'number from 1')):
        told = wiretale('live', '-r', MANY, *arguments, status=2)
        check(word in told.err and told.err.count('\n') == 1, f'{arguments}: {told.err!r}')
    told = wiretale('live', '-r', MANY, '--html', os.path.join(folder, 'no', 'x.html'), status=1)
    check('No such file' in told.err, f'a place that is none is noticed before anything is read: {told.err!r}')
    same = os.path.join(folder, 'same.pcapng')
    with open(MANY, 'rb') as f, open(same, 'wb') as g:
        g.write(f.read())
    told = wiretale('live', '-r', same, '--html', same, status=1)
    check('is the input' in told.err, f'a capture is not written over: {told.err!r}')


with tempfile.TemporaryDirectory() as place:
    os.chmod(place, 0o777)  # root is given up, and the page is another file each time
    check_words(place)
    check_rewriting(place)
    check_pace(place)
    check_limits(place)
    check_newest(place)
    check_pipes(place)
    check_ending(place)
    check_usage(place)
done()
