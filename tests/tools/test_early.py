#!/usr/bin/env python3
"""Connections that are not asked for are left out early: what is shown of the others is the same as when all are read."""
import glob
import json
import os
from tale import CAPTURES, check, done, equal, share, wiretale

FAILURES = os.path.join(CAPTURES, '..', 'failures')
ALL = sorted(glob.glob(os.path.join(CAPTURES, '*.pcap')) + glob.glob(os.path.join(CAPTURES, '*.pcapng'))) + sorted(
             glob.glob(os.path.join(FAILURES, '*.pcapng')))[::40]


def told(capture, *words):
    keys = ['--keylog', capture + '.keys'] if os.path.exists(capture + '.keys') else []
    out = wiretale('read', *keys, *words, capture, timeout=600)
    return out.status, out.out, out.err


def of_stream(lines, stream):
    return [line for line in lines if line['type'] == 'connection' and line['stream'] == stream]


def compare(capture, story):
    """A filter that is decided by the ends against the same one put so that nobody can decide it before the end."""
    client, stream = story['client'], story['stream']
    kind = 'ipv6' if ':' in client['ip'] else 'ip'
    for text in (f'{kind}.addr == {client["ip"]} && {story["transport"]}.port == {client["port"]}',
                 f'!({story["transport"]}.port == {client["port"]}) or (tls.handshake.type == 2 and stream != {stream})',
                 f'stream == {stream}'):
        late = f'({text}) xor (frame.number == 0 and !tls)'
        for form in ('--json', '--messages'), ():
            equal(told(capture, '--filter', text, *form), told(capture, '--filter', late, *form), f'{capture}: {text} {form}')


def compare_live(capture, story):
    """The same of an input that goes on."""
    keys = ['--keylog', capture + '.keys'] if os.path.exists(capture + '.keys') else []
    text = f'{story["transport"]}.port == {story["client"]["port"]}'
    with open(capture, 'rb') as f:
        data = f.read()
    one, other = (wiretale('live', '-r', '-', *keys, '--json', '--filter', put, data=data, timeout=600)
                  for put in (text, f'({text}) xor (sni == "nobody.invalid")'))
    equal((one.status, one.out, one.err), (other.status, other.out, other.err), f'live, {capture}: {text}')
    equal({line['client']['port'] for line in map(json.loads, one.out.splitlines()) if line['type'] == 'connection'},
          {story['client']['port']}, f'live, {capture}: {text}')


def main():
    compared = 0
    some, of = share(ALL, 5)
    for capture in some:
        status, out, _ = told(capture, '--json')
        lines = [json.loads(line) for line in out.splitlines()]
        stories = [line for line in lines if line['type'] == 'connection']
        for story in stories[:1] + stories[-1:][len(stories) < 2:]:
            one = [json.loads(line) for line in told(capture, '--json', '--stream', str(story['stream']))[1].splitlines()]
            equal(of_stream(one, story['stream']), of_stream(stories, story['stream']), f'{capture}: stream {story["stream"]}')
            for key in ('connections', 'established', 'failed', 'incomplete', 'packets', 'undecoded'):
                equal(one[-1].get(key), lines[-1].get(key), f'{capture}: {key} with --stream {story["stream"]}')
            compare(capture, story)
            if story is stories[-1] and not len(capture) % 4:
                compare_live(capture, story)
            compared += 1
        check(status in (0, 1), f'{capture}: {status}')
    check(compared > 90 // of, f'{compared} connections were compared')
    done()


if __name__ == '__main__':
    main()
