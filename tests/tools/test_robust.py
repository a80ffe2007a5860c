#!/usr/bin/env python3
"""Feeds every shipped capture again as a worse network would have delivered it.

    test_robust.py [--seed SEED] [--share N] [CAPTURE...]

Segments cut into pieces, shuffled, sent twice or overlapping: the same connections have to be reported. Segments that are
gone: whatever is reported has to be sane. Each run throws other dice and prints their seed, which repeats it.

--share: one capture of N, which the dice choose (SHARE); with a sanitizer 4, since without one all of them have
been compared."""
import argparse
import collections
import os
import random
import sys
import tempfile
from xml.etree import ElementTree
import packets
from page import Page
from tale import CAPTURES, SANITIZED, capture_names, check, done, equal, failures, wiretale

KEPT = ('protocol', 'state', 'version', 'cipher_suite', 'group', 'signature_scheme', 'sni', 'alpn', 'resumption',
        'early_data', 'starttls', 'ja3', 'ja3s', 'ja4', 'application_data', 'client', 'server')


def cut(all_packets, dice, most):
    """Every segment in pieces of 1 to `most` bytes."""
    for p in all_packets:
        if not p.carries():
            yield p
            continue
        start = 0
        while start < len(p.payload):
            end = min(len(p.payload), start + dice.randint(1, most))
            yield p.piece(start, end)
            start = end


def shuffled(all_packets, dice):
    """The pieces of each flight (what one side sends without hearing from the other) in any order."""
    run, last = [], None
    for p in cut(all_packets, dice, 700):
        if p.carries() and not p.flags & packets.FIN and p.way == last:
            run.append(p)
            continue
        dice.shuffle(run)
        yield from run
        if p.carries() and not p.flags & packets.FIN:
            run, last = [p], p.way
        else:
            run, last = [], None
            yield p
    dice.shuffle(run)
    yield from run


def duplicated(all_packets, dice):
    """Everything twice, the second time at once or a little later."""
    late = []
    for p in all_packets:
        yield p
        if not p.carries():
            continue
        if dice.random() < 0.5:
            yield p
        else:
            late.append(p)
        if len(late) > 3:
            yield late.pop(0)


def overlapped(all_packets, dice):
    """Pieces that begin before their predecessor's end."""
    for p in all_packets:
        if not p.carries():
            yield p
            continue
        start = 0
        while start < len(p.payload):
            end = min(len(p.payload), start + dice.randint(1, 400))
            yield p.piece(max(0, start - dice.randint(0, 60)), end)
            start = end


def dropped(all_packets, dice):
    for p in all_packets:
        if not p.carries() or dice.random() > 0.1:
            yield p


def beheaded(all_packets, dice):
    """The capture begins somewhere and ends somewhere."""
    everything = list(all_packets)
    first = dice.randrange(max(1, len(everything) // 2))
    yield from everything[first:first + dice.randint(1, max(1, len(everything)))]


def mangled(all_packets, dice):
    """Bits that fall over."""
    for p in all_packets:
        if p.data and dice.random() < 0.3:
            data = bytearray(p.data)
            for _ in range(dice.randint(1, 4)):
                data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
            yield packets.Packet(p.time, p.link, bytes(data))
        else:
            yield p


def essence(connection):
    """What does not depend on how the bytes were delivered."""
    messages = {'client': [], 'server': []}
    for m in connection.get('messages', []):
        messages[m['from']].append((m['content_type'], m.get('type'), m.get('length')))
    certificates = {s: [c['sha256'] for c in l] for s, l in connection.get('certificates', {}).items()}
    alerts = [(a['from'], a.get('level'), a.get('description')) for a in connection.get('alerts', [])]
    return {**{k: connection.get(k) for k in KEPT}, **messages, 'certificates': certificates, 'alerts': alerts}


def summed(told, where):
    """path → its connections by stream; the sums at the end are theirs."""
    connections, summary = told.json()
    if check(summary is not None, f'{where}: no summary'):
        equal(summary['established'] + summary['failed'] + summary['incomplete'], summary['connections'], f'{where}: sum')
        equal(len(connections), summary['connections'], f'{where}: connections')
    found = collections.defaultdict(dict)
    for c in connections:
        found[c['file']][c['stream']] = c
    return found


def check_same(where, before, after):
    equal(sorted(after), sorted(before), f'{where}: streams')
    for stream in sorted(set(before) & set(after)):
        if before[stream].get('missing'):
            continue
        wanted, got = essence(before[stream]), essence(after[stream])
        for key in wanted:
            equal(got[key], wanted[key], f'{where}, stream {stream}: {key}')


class Case:
    """A capture, and variations of it: of `same` it has to be told what is told of the packets as they were captured, of
    `sane` something."""

    def __init__(self, name, folder, seed):
        everything = packets.read(os.path.join(CAPTURES, name))

        def dice():
            return random.Random(f'{seed} {name}')

        self.name, self.folder, self.same = name, folder, []
        self.write('captured', everything)
        if whole(everything):
            self.same = [self.write(how.__name__, how(everything, dice()))
                         for how in (shuffled, duplicated, overlapped)]
            if sum(len(p.data) for p in everything) < 20000:
                self.same.append(self.write('byte-by-byte', cut(everything, dice(), 1)))
        self.sane = [self.write(how.__name__, how(everything, dice())) for how in (dropped, beheaded, mangled)]

    def path(self, how):
        return os.path.join(self.folder, f'{self.name}-{how}.pcap')

    def write(self, how, variation):
        with open(self.path(how), 'wb') as f:
            f.write(packets.write(list(variation)))
        return how

    def paths(self, *hows):
        return [self.path(how) for how in hows]


def check_cases(cases, folder):
    """A process reads the variations of several captures: under a sanitizer its start costs more than a capture."""
    paths = [path for case in cases for path in case.paths('captured', *case.same, *case.sane)]
    told = summed(wiretale('read', '--json', '--messages', *paths, timeout=300), f'{paths}')
    for case in cases:
        for how in case.same:
            check_same(f'{case.name}, {how}', told[case.path('captured')], told[case.path(how)])
    paths = [path for case in cases for path in case.paths(*case.sane)]
    text = wiretale('read', '--explain', '--bytes', *paths, timeout=300)
    check(text.out, f'nothing told of {paths}')
    check_reports(folder, paths, told)


def check_reports(folder, paths, told):
    """The other forms of report of what is damaged: as many connections as JSON tells of, and whole."""
    page, picture = os.path.join(folder, 'page.html'), os.path.join(folder, 'ladder.svg')
    wanted = sum(len(told[path]) for path in paths)
    for redact in ((), ('--redact',)):
        wiretale('read', '--html', page, *redact, *paths, timeout=300)
        equal(len(Page(page).connections()), wanted, f'{paths}: connections on a page {redact}')
    # one picture for each capture, of another variation each time
    for i, path in enumerate(p for at, p in enumerate(paths) if at % 3 == at // 3 % 3):
        if told[path]:
            redact = ('--redact',) if i % 2 else ()
            wiretale('read', '--svg', picture, '--stream', str(max(told[path])), *redact, path)
            ElementTree.parse(picture)
    equal(len(wiretale('read', '--json', '--messages', '--headers', '--redact', *paths, timeout=300).json()[0]), wanted,
          f'{paths}: for strangers')


def whole(everything):
    """Each conversation's beginning was captured: without it, the first byte's number is anybody's guess."""
    begun = set()
    for p in everything:
        if p.at is None:
            continue
        if p.flags & packets.SYN:
            begun.add(p.way)
        elif p.payload and p.way not in begun:
            return False
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--seed', type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument('--share', type=int, default=int(os.environ.get('SHARE', 4 if SANITIZED else 1)))
    parser.add_argument('captures', nargs='*')
    options = parser.parse_args()
    names = options.captures or capture_names()[options.seed % options.share::options.share]
    print(f'dice: --seed {options.seed} --share {options.share}', flush=True)
    for at in range(0, len(names), 8):
        with tempfile.TemporaryDirectory() as folder:
            check_cases([Case(name, folder, options.seed) for name in names[at:at + 8]], folder)
    if failures:
        print(f'to repeat it: --seed {options.seed} --share {options.share}')
    done()


if __name__ == '__main__':
    main()
