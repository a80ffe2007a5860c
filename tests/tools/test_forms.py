#!/usr/bin/env python3
"""Every form of output over every capture of the repository, in a few processes: nothing crashes, nothing is left undone.

What each form says is other tests' matter; here each is gone through with all there is to say, also by the sanitizers, for
which a process for each capture would take too long."""
import glob
import json
import os
import re
import tempfile
from tale import CAPTURES, SANITIZED, check, done, share, wiretale

FAILURES = os.path.join(CAPTURES, '..', 'failures')


def captures_of(folder):
    return sorted(n for n in glob.glob(os.path.join(folder, '*')) if re.search(r'\.pcap(ng)?(\.(gz|zst|lz4))?$', n))


# Failures are many and small; a sanitizer takes a share of them.
ALL = captures_of(CAPTURES) + share(captures_of(FAILURES), 4 if SANITIZED else 1)[0]
KEYS = [o for n in sorted(glob.glob(os.path.join(CAPTURES, '*.keys'))) for o in ('--keylog', n)]
ROOT = ['--ca-file', os.path.join(CAPTURES, 'pki', 'root.pem')]
FORMS = [
    ['--json', '--messages', '--headers', '--secrets', *KEYS],
    ['--json', '--messages', '--bytes', '--verify', 'all', *ROOT],
    ['--messages', '--explain', '--bytes', '--secrets', '--columns', '80', *KEYS, *ROOT],
    ['--lines', '--columns', '60', '--lang', 'zh'],
    ['--lines', '--failed'],
    ['--summary'],
    ['--json', '--messages', '--headers', '--bytes', '--redact', *ROOT],
]
# The same prose once more, in other words and other settings: of some captures.
SOME = ALL[::4]
FORMS_OF_SOME = [
    ['--messages', '--explain', '--lang', 'zh', '--ascii', '--color=always', '--record', '3:server', *KEYS],
    ['--messages', '--explain', '--bytes', '--redact', '--lang', 'zh'],
]


def commands(folder):
    """The other commands, each on a capture that gives it something to do."""
    article = os.path.join(CAPTURES, 'article.pcapng')
    keys = ['--keylog', article + '.keys']
    for words, least in ((['keys', *keys, article, '-o', os.path.join(folder, 'again.keys')], 0), (['certificates', article], 1000), (['follow', *keys, article, '0'], 100),
                         (['decrypt', *keys, article, '-o', os.path.join(folder, 'decrypted.pcapng')], 0),
                         (['read', '--html', os.path.join(folder, 'redacted.html'), '--redact', *ALL], 0),
                         (['compare', article, article], 10)):
        out = wiretale(*words, timeout=600)
        check(out.status == 0 and len(out.out) >= least, f'{words[:2]}: {out.status}, {len(out.out)} characters, {out.err[:200]}')
    for capture in ALL[::10]:
        out = wiretale('read', '--svg', os.path.join(folder, 'one.svg'), '--stream', '0', capture)
        check(out.status in (0, 1, 2), f'--svg of {capture}: {out.status}')
    for one, other in zip(ALL[::20], ALL[1::20]):
        check(wiretale('compare', one, other).status in (0, 1, 2), f'compare {one} {other}')


def main():
    for form, captures in [(form, ALL) for form in FORMS] + [(form, SOME) for form in FORMS_OF_SOME]:
        out = wiretale('read', *form, *captures, timeout=600)
        check(out.status in (0, 1) and len(out.out) > 1000, f'{form[:4]}: {out.status}, {len(out.out)} characters')
        if '--json' in form:
            check(sum(json.loads(line)['type'] == 'connection' for line in out.out.splitlines()) > 1100, f'{form[:4]}: stories')
    with tempfile.TemporaryDirectory() as folder:
        wiretale('read', '--html', os.path.join(folder, 'page.html'), '--secrets', *KEYS, *ROOT, *ALL, timeout=600)
        check(os.path.getsize(os.path.join(folder, 'page.html')) > 1000000, 'a page of all')
        commands(folder)
    # each field once, over all captures
    names = [line.split()[0] for line in wiretale('fields').out.splitlines() if re.match(r'[a-z]', line)]
    for at in range(0, len(names), 40):
        wiretale('read', '--lines', '--filter', ' || '.join(names[at:at + 40]), *ALL, timeout=600)


main()
done()
