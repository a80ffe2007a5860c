#!/usr/bin/env python3
"""The keys of the JSON are fields: each key of the connections of our own captures, with its value, finds its connection."""
import collections
import os
import re
from tale import CAPTURES, check, done, equal, wiretale

TOGETHER = 20  # keys that one filter asks for: it finds the connection only if each does
FAILURES = os.path.join(CAPTURES, '..', 'failures')
# what differs in what it has: a key of each kind occurs in one of them
FILES = [os.path.join(CAPTURES, name) for name in (
    'article.pcapng', 'http2-curl.pcapng', 'key-updates.pcapng', 'ocsp-stapling.pcapng', 'early-data.pcapng', 'hole.pcapng',
    'client-certificates-old.pcapng', 'certificate-types.pcapng', 'starttls.pcapng', 'ssl2-hello.pcap',
    'alerts-client-certificate.pcapng')] + [os.path.join(FAILURES, name) for name in (
        'certificate-expired-fine.pcapng', 'record-corrupted-data-12.pcapng', 'certificate-revoked-staple-curl.pcapng',
        'malformed-message-hello.pcapng', 'heartbleed-attempt.pcapng', 'no-shared-version-fine.pcapng')]
# listings of what carried the messages, and secrets, are no fields of a connection; bodies of messages are tls.handshake.…
NO_FIELDS = re.compile(r'messages(_after_gap)?\.[a-z0-9_]+\.(?!code$|field$|offset$|value$|rule$|text$)|derivation|not_derivable|key_log|record_steps')


def keys(value, path=''):
    """Each key that has a value which is neither object nor list, with that value; lists without their index."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from keys(inner, f'{path}.{key}' if path else key)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner, path)
    else:
        yield path, value


def types():
    return dict(line.split()[:2] for line in wiretale('fields', status=0).out.splitlines())


def literal(kind, value):
    """The value as a filter has it."""
    if isinstance(value, float):
        return f'{value:.9f}'  # a filter has no exponents
    if isinstance(value, (bool, int)):
        return str(value).lower()
    if kind in ('bytes', 'address'):
        return value
    return '"' + value + '"'


def values(connections, name, kinds, tried):
    """(stream, key, literal) of each key that no connection before these had."""
    for connection in connections:
        for key, value in keys(connection):
            if key.startswith('missing.') and not value:
                continue  # nothing missing is no value, so that `missing.client` finds those that lack something
            if NO_FIELDS.match(key) or key in tried:
                continue
            if not check(key in kinds, f'{name}: {key} is no field'):
                kinds[key] = 'string'
                continue
            if key.split('.')[0] in ('verified',) or key.endswith('.verified') and isinstance(value, str):
                value = value.split(':')[0]
            if isinstance(value, str) and re.search(r'["\\]', value):
                continue
            tried.add(key)  # one value of a key is enough
            yield connection['stream'], key, literal(kinds[key], value)


def found_by(expression, options, name):
    """The streams that a filter finds, and what is said on standard error."""
    told = wiretale('read', *options, '--filter', expression, name)
    return [o['stream'] for o in told.json()[0]] if told.out else [], told.err


def check_file(name, kinds, tried):
    options = ['--json', '--messages'] + (['--keylog', name + '.keys'] if os.path.exists(name + '.keys') else [])
    wanted = collections.defaultdict(list)
    for stream, key, value in values(wiretale('read', *options, name).json()[0], name, kinds, tried):
        wanted[stream].append(f'{key} == {value}')
    for stream, each in wanted.items():
        for start in range(0, len(each), TOGETHER):
            some = each[start:start + TOGETHER]
            if stream in found_by(' && '.join(some), options, name)[0]:
                check(True, '')
                continue
            for one in some:  # which of them does not find it?
                streams, err = found_by(one, options, name)
                check(stream in streams, f'{name}: {one} finds {streams}, not {stream} {err[:200]}')
            check(False, f'{name}: stream {stream} is not found by {some} together')


def check_limit():
    """A pattern that takes too many steps does not match, and that is said; one that takes few is not mentioned."""
    for pattern, said in (('^(([a-z.]+)+)+[#!]$', True), ('^[a-z.]+[#!]$', False)):
        streams, err = found_by(f'sni matches "{pattern}"', ['--json'], FILES[0])
        equal(streams, [], pattern)
        equal('a limit of pattern steps, values or memory was reached' in err, said, f'{pattern}: {err}')


def main():
    kinds, tried = types(), set()
    for name in FILES:
        if check(os.path.exists(name), f'{name} is there'):
            check_file(name, kinds, tried)
    equal(wiretale('read', '--json', '--filter', 'certificates.server.is_ca == true', FILES[0], status=0).out.count('"connection"'),
          1, 'certificates.server.is_ca')
    check_limit()
    done()


if __name__ == '__main__':
    main()
