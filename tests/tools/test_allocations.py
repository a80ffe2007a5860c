#!/usr/bin/env python3
"""Each allocation refused alone, a sample of them: nothing crashes or leaks, and either the output is what it would have
been, or it is said that memory ran out."""
import json
import os
import subprocess
import sys
import tempfile

from tale import CAPTURES, SANITIZED, check, done, equal, fail

SCARCE = os.environ['WIRETALE_SCARCE']
MOST = int(os.environ.get('ALLOCATIONS', 12 if SANITIZED else 30))  # of one command: ALLOCATIONS=1000000 for all
KEYS = os.path.join(CAPTURES, 'article.pcapng.keys')


def capture(name):
    return os.path.join(CAPTURES, name)


def run(arguments, **environment):
    with tempfile.TemporaryDirectory() as folder:
        wanted = [a.replace('{}', folder) for a in arguments]
        clean = {k: v for k, v in os.environ.items() if k not in ('SSLKEYLOGFILE', 'SSL_CERT_FILE', 'SSL_CERT_DIR')}
        told = subprocess.run([SCARCE, *wanted], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False,
                              env={**clean, 'COLUMNS': '100', **environment})
        files = []
        for at, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(names):
                with open(os.path.join(at, name), 'rb') as f:
                    files.append((name, f.read()))
    return told.returncode, told.stdout, told.stderr.decode('utf-8', 'replace').replace(folder, ''), files


def sampled(count):
    """The first and the last, where most differ, and every so many between."""
    first, last = min(count, MOST // 2), max(1, count - MOST // 6)
    step = max(1, (count - first) // max(1, MOST // 3))
    return sorted({*range(1, first + 1), *range(first + 1, count + 1, step), *range(last, count + 1)})


def is_said(status, out, err):
    return (status != 0 and 'memory' in err) or b'"out_of_memory"' in out


def refuse_each(name, *arguments):
    with tempfile.NamedTemporaryFile('r') as counted:
        whole = run(arguments, ALLOCATIONS_TO=counted.name)
        count = int(counted.read())
    equal(whole[0] in (0, 1), True, f'{name}: {whole[2]}')
    silent = []
    for n in sampled(count):
        status, out, err, files = run(arguments, ALLOCATION_FAILS=str(n))
        if status not in (0, 1, 2, 3) or 'Sanitizer' in err or 'runtime error' in err:
            fail(f'{name}: refused allocation {n} of {count}: exit status {status}: {err[:1500]}')
        elif (status, out, err, files) != whole and not is_said(status, out, err):
            silent.append(n)
        if '--json' in arguments:
            for line in out.splitlines():
                try:
                    json.loads(line)
                except ValueError:
                    fail(f'{name}: allocation {n}: no JSON: {line[:200]}')
                    break
    check(not silent, f'{name}: of {count} allocations these were refused in silence: {silent[:20]}')


def main():
    refuse_each('JSON', 'read', '--json', '--messages', capture('versions-mixed.pcapng'))
    refuse_each('places', 'read', '--json', '--headers', capture('article.pcapng'))
    refuse_each('opened', 'read', '--json', '--messages', '--keylog', KEYS, capture('article.pcapng'))
    refuse_each('story', 'read', '--explain', '--bytes', capture('article.pcapng'))
    refuse_each('lines', 'read', '--lines', '--filter', 'tls.handshake.type == 2 || ip.addr == 192.0.2.1',
                capture('resumption-tls12.pcapng'))
    refuse_each('redacted', 'read', '--json', '--redact', capture('client-certificates.pcapng'))
    refuse_each('page', 'read', '--html', '{}/page.html', capture('article.pcapng'))
    refuse_each('decrypt', 'decrypt', '--keylog', KEYS, '-o', '{}/with.pcapng', capture('article.pcapng'))
    refuse_each('follow', 'follow', '--keylog', KEYS, capture('article.pcapng'), '0')
    refuse_each('certificates', 'certificates', '-o', '{}', capture('certificate-types.pcapng'))
    refuse_each('compare', 'compare', capture('hello-retry.pcapng'), capture('hello-retry.pcapng'))
    done(11)


if __name__ == '__main__':
    sys.exit(main())
