#!/usr/bin/env python3
"""Captures as other taps would have written them, and whether the same is read from them.

    shuffle.py [--only VARIANT,VARIANT...] CAPTURE...     a key log beside it, CAPTURE.keys, is used

Each VARIANT holds the same packets of each conversation, in another order or more than once:

    swap        neighbouring segments of one direction change places (each second pair), times stay where they were
    cross       neighbouring packets of one conversation change places, whoever sent them
    duplicate   every third packet comes twice, 20 microseconds apart, as from a mirror port
    copies      every packet comes twice, as from `-i any`
    first-late  two taps, merged late: what the side that opens a connection sent comes after all that the other one did
    other-late  the same with the other side's

What has to be the same: the connections by their ends, their states, their findings (those of capture quality aside:
they are what a variant is allowed to show) and what was verified. Exit status 1 when something differs.

WIRETALE names the program (build/wiretale unless said)."""
import collections
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
import packets

HERE = os.path.dirname(os.path.abspath(__file__))
BINARY = os.path.abspath(os.environ.get('WIRETALE') or os.path.join(HERE, '..', '..', 'build', 'wiretale'))
QUALITY = {'capture-gap', 'capture-starts-late', 'capture-truncated-packets', 'capture-one-sided', 'capture-clock',
           'capture-duplicates', 'capture-disorder', 'stray-reset', 'damaged-segment', 'tcp-overlap-conflict', 'tcp-loss',
           'same-connection-elsewhere', 'slow-handshake'}
TIMEOUT = 300  # seconds
COPY_AFTER = 20000  # nanoseconds
NEIGHBOURS = 10 * 10**6  # nanoseconds: no queue holds a packet back for longer


def read(capture):
    """Its packets; each fragment goes the way of its datagram's first."""
    everything = packets.read(capture)
    ways = {p.datagram: p.way for p in everything if p.datagram and p.way}
    for p in everything:
        p.way = p.way or ways.get(p.datagram)
    return everything


def carries(p):
    """A segment with payload, be it cut or in pieces."""
    return p.carries() if p.at is not None else p.way is not None


def ends(p):
    """Both ends of a segment, sorted; None of what is no plain TCP."""
    if p.way is None:
        return None
    n = (len(p.way) - 4) // 2
    a, b = (p.way[:n], p.way[2 * n:2 * n + 2]), (p.way[n:2 * n], p.way[2 * n + 2:])
    return min(a, b), max(a, b)


def exchanged(everything, group):
    """Packets of a group change places in pairs; times belong to places."""
    out, places, opens = list(everything), collections.defaultdict(list), collections.Counter()
    for i, p in enumerate(everything):
        key, of = group(p), ends(p)
        opens[of] += bool(of and p.flags & packets.SYN and not p.flags & 16)  # another connection of the same ends
        if key is not None:
            places[key, opens[of]].append(i)
    for of in places.values():
        for i, j in zip(of[::2], of[1::2]):
            if everything[j].time - everything[i].time > NEIGHBOURS:
                continue
            out[i], out[j] = everything[j].at_time(everything[i].time), everything[i].at_time(everything[j].time)
    return out


def swap(everything):
    return exchanged(everything, lambda p: p.way if carries(p) else None)


def cross(everything):
    return exchanged(everything, ends)


def repeated(everything, every):
    out = []
    for i, p in enumerate(everything):
        out.append(p)
        if i % every == every - 1:
            out.append(p.at_time(p.time + COPY_AFTER))
    return out


def duplicate(everything):
    return repeated(everything, 3)


def copies(everything):
    return repeated(everything, 1)


def late(everything, which):
    """Conversation by conversation one direction comes behind the other; the rest of the file stays where it is."""
    first, opens = {}, {}
    for p in everything:
        key = ends(p)
        if key is not None and p.flags & packets.SYN and not p.flags & 16:
            opens[key] = opens.get(key, 0) + 1
        if key is not None:
            first.setdefault((key, opens.get(key, 0)), p.way)
    out, held, opens = [], collections.defaultdict(list), {}
    for p in everything:
        key = ends(p)
        if key is None:
            out.append(p)
            continue
        if p.flags & packets.SYN and not p.flags & 16:
            out += held.pop((key, opens.get(key, 0)), [])
            opens[key] = opens.get(key, 0) + 1
        of = key, opens.get(key, 0)
        if (p.way == first[of]) == which:
            held[of].append(p)
        else:
            out.append(p)
    for rest in held.values():
        out += rest
    return out


def first_late(everything):
    return late(everything, True)


def other_late(everything):
    return late(everything, False)


VARIANTS = {'swap': swap, 'cross': cross, 'duplicate': duplicate, 'copies': copies, 'first-late': first_late,
            'other-late': other_late}


def readings(captures, keys):
    """What one run says of each capture: by ends and their number, client, state, findings and proofs."""
    command = [BINARY, 'read', '--json', '--lang', 'en', '--verify', 'all'] + (['--keylog', keys] if keys else []) + captures
    environment = {k: v for k, v in os.environ.items() if k != 'SSLKEYLOGFILE'}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, check=False,
                          timeout=TIMEOUT)
    if done.returncode not in (0, 1):
        raise RuntimeError(f'exit status {done.returncode}: {done.stderr.decode("utf-8", "replace")[-300:]}')
    out, seen = {capture: {} for capture in captures}, collections.Counter()
    for line in done.stdout.splitlines():
        c = json.loads(line)
        if c['type'] != 'connection':
            continue
        key = tuple(sorted(f"{c[side]['ip']}:{c[side]['port']}" for side in ('client', 'server') if side in c))
        number = seen[c['file'], key]
        seen[c['file'], key] += 1
        # which side is the client's is part of the story
        out[c['file']][key + (number,)] = {
            'client': f"{c['client']['ip']}:{c['client']['port']}", 'state': c['state'],
            'findings': sorted((f['severity'], f['id']) for f in c.get('findings', []) if f['id'] not in QUALITY),
            'proofs': {proof: verdict.split(':')[0] for proof, verdict in c.get('verified', {}).items()}}
    return [out[capture] for capture in captures]


def compared(name, before, after):
    out = []
    for key in sorted(set(before) | set(after)):
        a, b = before.get(key), after.get(key)
        if a is None or b is None:
            out.append((name, key, 'connection', a and a['state'], b and b['state']))
            continue
        out += [(name, key, member, a[member], b[member]) for member in a if a[member] != b[member]]
    return out


def write_variants(folder, capture, names):
    """The capture itself for None among names, and its variants; their paths. None of a capture without packets."""
    everything, secrets = read(capture), packets.secrets(capture)
    paths = [os.path.join(folder, f'{os.path.basename(capture)}.{name}.pcapng') for name in names]
    for name, path in zip(names, paths):
        with open(path, 'wb') as f:
            f.write(packets.write_pcapng(VARIANTS[name](everything) if name else everything, secrets))
    return paths if everything else []


def keys_of(capture):
    return capture + '.keys' if os.path.exists(capture + '.keys') else None


def differences(capture, variants=None):
    """(variant, ends, member, as captured, as varied), for each that differs. Each variant is read by a run of its own."""
    names = [None, *(variants or VARIANTS)]
    with tempfile.TemporaryDirectory() as folder:
        told = [readings([path], keys_of(capture))[0] for path in write_variants(folder, capture, names)]
    return [d for name, after in zip(names[1:], told[1:]) for d in compared(name, told[0], after)]


def differences_of_many(captures):
    """(capture, difference) of many captures, fast: one run reads them all. A run learns from one capture to the next, so
    those that differ are read again alone."""
    names, parts, keys = [None, *VARIANTS], {}, b''
    with tempfile.TemporaryDirectory() as folder:
        for capture in captures:
            parts[capture] = write_variants(folder, capture, names)
            if keys_of(capture):
                with open(keys_of(capture), 'rb') as f:
                    keys += f.read() + b'\n'
        log = os.path.join(folder, 'keys')
        with open(log, 'wb') as f:
            f.write(keys)
        told = iter(readings([path for paths in parts.values() for path in paths], log))
        told = {capture: [next(told) for _ in paths] for capture, paths in parts.items()}
    unlike = [capture for capture, of in told.items() if any(after != of[0] for after in of)]
    return [(os.path.basename(capture), d) for capture in unlike for d in differences(capture)]


def measure(names, variants=None):
    """Prints what differs; the last line counts. How many variants of how many captures are not alike."""
    names = [n for n in names if not n.endswith('.keys')]
    variants = list(variants or VARIANTS)
    unlike, connections = collections.Counter(), collections.Counter()

    def one(name):
        try:
            return differences(name, variants)
        except (RuntimeError, subprocess.TimeoutExpired) as e:
            return [(v, (), 'run', '', str(e)) for v in variants]
    with ThreadPoolExecutor(2) as pool:
        for name, found in zip(names, pool.map(one, names)):
            unlike.update({variant for variant, *_ in found})
            connections.update({(variant, name, key) for variant, key, *_ in found})
            for variant, key, member, a, b in found:
                print(f"{os.path.basename(name)} {variant} {' '.join(map(str, key))}: {member}: {a} != {b}")
    bad, pairs = sum(unlike.values()), len(names) * len(variants)
    print(f"{pairs - bad} of {pairs} variants of {len(names)} captures are read the same" + ''.join(
        f', {variant} {n} captures ({sum(1 for v, *_ in connections if v == variant)} connections) differ'
        for variant, n in unlike.items()))
    return bad


def main():
    arguments, variants = sys.argv[1:], None
    if arguments[:1] == ['--only']:
        variants, arguments = arguments[1].split(','), arguments[2:]
    if not arguments or any(v not in VARIANTS for v in variants or ()):
        print(__doc__, file=sys.stderr)
        return 2
    return 1 if measure(arguments, variants) else 0


if __name__ == '__main__':
    sys.exit(main())
