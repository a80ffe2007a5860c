#!/usr/bin/env python3
"""read --svg: a picture that parses, in either language, with every row of the story; what is hostile stays text."""
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from tale import CAPTURES, HERE, capture_names, check, done, equal, wiretale

SVG = '{http://www.w3.org/2000/svg}'
FAILURES = os.path.join(CAPTURES, '..', 'failures')
ARTICLE = os.path.join(CAPTURES, 'article.pcapng')
MANY = os.path.join(CAPTURES, 'versions-mixed.pcapng')


def picture(*arguments):
    out = wiretale('read', '--svg', '-', *arguments, status=0)
    return ElementTree.fromstring(out.out)


def texts(root, *classes):
    return [''.join(t.itertext()) for t in root.iter(f'{SVG}text') if not classes or set(classes) <= set(t.get('class').split())]


def check_picture(root, where):
    equal(root.tag, f'{SVG}svg', where)
    title, desc = root.find(f'{SVG}title'), root.find(f'{SVG}desc')
    check(title is not None and title.text and desc is not None and desc.text, f'{where}: title and description')
    equal(root.get('aria-labelledby'), f"{title.get('id')} {desc.get('id')}", f'{where}: which are its name')
    kinds = {e.tag.removeprefix(SVG) for e in root.iter()}
    equal(sorted(kinds - {'svg', 'title', 'desc', 'style', 'rect', 'line', 'path', 'text'}), [], f'{where}: elements')
    for e in root.iter():
        for name, value in e.attrib.items():
            check(not name.startswith('on') and 'href' not in name, f'{where}: attribute {name}')
            if name in ('x', 'y', 'x1', 'y1', 'x2', 'y2', 'width', 'height'):
                check(re.fullmatch(r'-?\d+(\.\d)?', value), f'{where}: {name}={value}')
    width, height = float(root.get('width')), float(root.get('height'))
    for e in root.iter(f'{SVG}text'):
        check(0 <= float(e.get('x')) <= width and 0 < float(e.get('y')) <= height, f'{where}: a text outside: {e.text!r}')
    names = [float(e.get('y')) for e in root.iter(f'{SVG}text') if 'name' in e.get('class').split()]
    check(all(b - a >= 15 for a, b in zip(names, names[1:])), f'{where}: labels lie one on the other: {names}')
    return title.text


def check_all():
    """Of each capture one connection; in Chinese the same drawing, with other words."""
    for name in capture_names():
        path = os.path.join(CAPTURES, name)
        told = wiretale('read', '--json', path).json()[0]
        if not told:
            continue
        stream = str(max(told, key=lambda c: (c['state'] == 'failed', len(c.get('findings', []))))['stream'])
        if sum(str(c['stream']) == stream for c in told) != 1:
            continue
        english, chinese = (picture('--lang', language, '--stream', stream, path) for language in ('en', 'zh'))
        for root in (english, chinese):
            check_picture(root, f'{name} {stream}')
        equal(len(texts(english, 'name')), len(texts(chinese, 'name')), f'{name}: rows')
        equal([english.get('{http://www.w3.org/XML/1998/namespace}lang'), texts(english, 'head')], ['en', ['Client', 'Server']], name)
        equal([chinese.get('{http://www.w3.org/XML/1998/namespace}lang'), texts(chinese, 'head')], ['zh', ['客户端', '服务器']], name)


def check_rows():
    root = picture(ARTICLE)
    names = texts(root, 'name')
    equal(names[:5], ['SYN', 'SYN-ACK', 'ACK', 'ClientHello', 'ServerHello'], 'TCP opens, then TLS')
    equal((names.count('FIN'), names.count('ChangeCipherSpec')), (2, 2), 'and ends')
    check('193 bytes #4' in ' '.join(texts(root, 'size')).replace('  ', ' '), f"sizes and packets: {texts(root, 'size')}")
    told, _ = wiretale('read', '--json', '--messages', ARTICLE).json()
    for finding in told[0]['findings']:
        check(finding['id'] in texts(root, 'finding') or not finding.get('frame'), f"{finding['id']} is where it happened")
    bands = [e for e in root.iter(f'{SVG}rect') if e.get('class') == 'band']
    check(len(bands) >= 2, 'what is encrypted is shaded')
    keyed = picture('--keylog', ARTICLE + '.keys', ARTICLE)
    check([e for e in keyed.iter(f'{SVG}rect') if e.get('class') == 'band opened'], 'and marked where it was opened')
    check('Finished' in texts(keyed, 'name') and 'Finished' not in names, 'then it is named')
    failed = picture(os.path.join(FAILURES, 'certificate-expired-curl.pcapng'))
    check('certificate-expired' in texts(failed, 'finding', 'bad') and 'Alert' in texts(failed, 'name', 'bad'), 'the cause and the alert')
    check(any('expired on 2021-01-01' in t for t in texts(failed, 'verdict')), 'why it failed')
    refused = picture(os.path.join(FAILURES, 'tcp-refused-curl.pcapng'))
    equal(texts(refused, 'name'), ['SYN', 'RST'], 'what never was TLS')
    lossy = picture('--stream', '0', os.path.join(CAPTURES, 'lossy.pcapng'))
    check([e for e in lossy.iter(f'{SVG}line') if 'again' in e.get('class').split()], 'a retransmission is dashed')
    hole = picture('--stream', '0', os.path.join(CAPTURES, 'hole.pcapng'))
    check([e for e in hole.iter(f'{SVG}path') if e.get('class') == 'hole'], 'missing bytes are a hole')


def check_scale():
    """Between two breaks one millisecond is as high as every other."""
    root = picture(ARTICLE)
    ends = [float(e.get('y1')) for e in root.iter(f'{SVG}line') if 'flight' in e.get('class').split()]
    starts = [float(e.get('y2')) for e in root.iter(f'{SVG}line') if 'flight' in e.get('class').split()]
    check(all(a <= b for a, b in zip(ends, starts)), 'no arrow goes back in time')
    ticks = [(float(e.get('y')) - 4, e.text) for e in root.iter(f'{SVG}text') if e.get('class') == 'time' and e.get('text-anchor') == 'end']
    equal(sorted(ticks), ticks, 'time runs downwards')
    breaks = [e.text for e in root.iter(f'{SVG}text') if e.get('class') == 'time' and e.get('text-anchor') == 'middle']
    check('188.3 ms' in breaks, f'a long pause is cut, and said: {breaks}')
    check('a pause, longer than it is drawn' in texts(root, 'note'), 'with its sign explained')


def check_hostile(folder):
    made = subprocess.run([sys.executable, os.path.join(HERE, '..', 'page', 'hostile.py'), folder], stdout=subprocess.PIPE, check=False)
    if made.returncode:
        print('no hostile capture here')
        return
    path = made.stdout.decode().strip('\n')
    root = picture(path)
    check_picture(root, 'hostile')
    check('owned' in ''.join(root.itertext()), 'the names are there, as text')
    raw = wiretale('read', '--svg', '-', path, status=0).out
    check('<script' not in raw and '<img' not in raw and not re.search('[\x00-\x08\x0b-\x1f\x7f]', raw), 'and as nothing else')


def check_usage(folder):
    path = os.path.join(folder, 'x.svg')
    os.umask(0o022)
    out = wiretale('read', '--svg', path, ARTICLE, status=0)
    equal((out.out, out.err, stat.S_IMODE(os.stat(path).st_mode)), ('', '', 0o644), 'a file, and nothing else')
    os.remove(path)
    told = wiretale('read', '--svg', path, MANY, status=2)
    check('there are 10: choose one with --stream' in told.err and not os.path.exists(path), told.err)
    check('no TLS connection with stream 77' in wiretale('read', '--svg', path, '--stream', '77', MANY, status=1).err, 'no such stream')
    check('files have this stream' in wiretale('read', '--svg', path, '--stream', '0', MANY, ARTICLE, status=2).err, 'in two files')
    check('no TLS connection' in wiretale('read', '--svg', path, '--filter', 'tcp.port == 1', ARTICLE, status=1).err, 'none')
    check('No such file' in wiretale('read', '--svg', os.path.join(folder, 'no', 'x.svg'), ARTICLE, status=1).err, 'no such place')
    for option in ('--json', '--lines', '--summary', '--messages', '--explain', '--bytes', '--secrets', '--record=1'):
        told = wiretale('read', '--svg', path, option, ARTICLE, status=2)
        check('--svg cannot be combined with ' + option.split('=')[0] in told.err, f'{option}: {told.err!r}')
    check('--svg cannot be combined with --html' in wiretale('read', '--svg', path, '--html', path, ARTICLE, status=2).err, '--html')
    check('is given twice' in wiretale('read', '--svg', path, '--svg', path, ARTICLE, status=2).err, 'twice')
    equal(os.path.exists(path), False, 'nothing was written')
    chosen = wiretale('read', '--svg', '-', '--filter', 'tcp.stream == 3', MANY, status=0).out
    equal(chosen, wiretale('read', '--svg', '-', '--stream', '3', MANY, status=0).out, 'a filter chooses as well')


with tempfile.TemporaryDirectory() as place:
    check_rows()
    check_scale()
    check_hostile(place)
    check_usage(place)
    check_all()
done()
