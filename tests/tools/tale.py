"""Running the command and looking at what it says, for the tests beside this file."""
import json
import os
import random
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(HERE, '..', 'captures')
BINARY = os.path.abspath(os.environ.get('WIRETALE') or os.path.join(HERE, '..', '..', 'build', 'wiretale'))
SANITIZED = os.environ.get('HARDENED') == 'no'
failures, checks = [], 0


def share(names, of):
    """One of so many, which the dice choose, so that in time all of them have had their turn. SHARE=1: all; DICE repeats
    a choice. `of` is what was taken in the end."""
    of = int(os.environ.get('SHARE') or of)
    dice = int(os.environ.get('DICE') or random.SystemRandom().randrange(of))
    print(f'dice: DICE={dice} SHARE={of}', flush=True)
    return names[dice % of::of], of


class Told:
    def __init__(self, done):
        self.status, self.out = done.returncode, done.stdout.decode('utf-8')  # never anything but UTF-8
        self.err = done.stderr.decode('utf-8', 'replace')

    def json(self):
        items = [json.loads(line) for line in self.out.splitlines()]
        return [i for i in items if i['type'] == 'connection'], next((i for i in items if i['type'] == 'summary'), None)


def wiretale(*arguments, data=None, timeout=60, env=None, status=None, cwd=None):
    """Runs the command. A crash, a sanitizer's word or an exit status beyond the promised ones is a failure."""
    environment = {**os.environ, 'COLUMNS': '100', **(env or {})}
    if not env or 'SSLKEYLOGFILE' not in env:
        environment.pop('SSLKEYLOGFILE', None)  # the tester's own: it would be read
    for name in ('SSL_CERT_FILE', 'SSL_CERT_DIR'):  # likewise, by each process, and it would decide what is trusted
        if not env or name not in env:
            environment.pop(name, None)
    try:
        told = Told(subprocess.run([BINARY, *arguments], input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   timeout=timeout, env=environment, cwd=cwd, check=False))
    except subprocess.TimeoutExpired:
        fail(f'{arguments}: no end within {timeout} s')
        return Told(subprocess.CompletedProcess([], -1, b'', b''))
    wanted = (0, 1, 2) if status is None else (status,)
    check(told.status in wanted, f'{arguments}: exit status {told.status}, not {wanted}: {told.err[-600:]}')
    if 'Sanitizer' in told.err or 'runtime error' in told.err:
        fail(f'{arguments}: {told.err[:2000]}')
    return told


def fail(text):
    failures.append(text)
    if len(failures) <= 60:
        print('FAIL', text)


def check(so, text):
    global checks
    checks += 1
    if not so:
        fail(text)
    return so


def equal(got, wanted, where):
    return check(got == wanted, f'{where}: {got!r}, not {wanted!r}')


def capture_names():
    return sorted(n for n in os.listdir(CAPTURES)
                  if n.endswith(('.pcap', '.pcapng', '.gz', '.zst', '.lz4')) and not n.endswith('.keys'))


def done(least=1):
    print(f'{checks} checks, {len(failures)} failed')
    sys.exit(1 if failures or checks < least else 0)
