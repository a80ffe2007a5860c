"""docs/interop.md, out of what was run."""
import os
import sys
import textwrap
from cases import CERTIFICATES, CLIENTS, GROUPS, HYBRIDS, VERSIONS
from others import PEERS
from stage import LIBRARIES

HERE = os.path.dirname(os.path.abspath(__file__))
FILE = os.path.join(HERE, '..', '..', 'docs', 'interop.md')

HEAD = '''# With whom wiretale connects

<!-- tests/interop/run BUILD --write makes this page. What is to be said here is said in tests/interop. -->

`wiretale client` and `wiretale server`, each with the clients and servers of other libraries and programs. A *case* is one
choice of version, certificate, group, resumption, client's certificate, HelloRetryRequest and ALPN that both sides claim to
have: one server, and one connection with it, or two where the second resumes the first one's session. It counts when

- both handshakes are done, no alert but close_notify was sent, and the answer to a request arrived;
- wiretale as the observer says the same as the command: from packets that tcpdump captured on the loopback and the key log it
  sees that version, suite, group, ALPN, resumption and HelloRetryRequest, and decrypts every record;
- every proof is valid in the observer's eyes: the server's signature, its chain and name, the client's signature, both Finished;
- the peer itself, as far as it says anything, names the same version and suite, and whether the session was resumed.

Cases are chosen so that every {many} values of the dimensions that can meet do meet in one of them at least (`--strength {strength}`).
{libraries}
    tests/interop/run BUILD             all of it, as far as peers are installed (tests/interop/README.md names the packages)
    tests/interop/run BUILD --write     writes this page
'''
MANY = (None, 'one', 'two', 'three', 'four', 'five', 'six', 'seven')
LIBRARIES_OF = 'Those of groups with ML-KEM have a newer libcrypto on our side than Debian 12 has (`--libraries`): that of the newer OpenSSL below.\n'
CELLS = '''A number is how many cases with this value came up as described; "3 of 5" says that two did not, and the end of this page
why. – is not claimed by the peer, or cannot be brought about with it.
'''


def rows():
    for version in VERSIONS:
        yield f'TLS {version}', lambda c, v=version: c.version == v
    for certificate in CERTIFICATES:
        yield f'certificate {certificate}', lambda c, v=certificate: c.certificate == v
    for group in GROUPS + HYBRIDS:
        yield group, lambda c, v=group: c.group == v
    yield 'resumed by a ticket, TLS 1.2', lambda c: c.resumption == 'ticket' and c.version == '1.2'
    yield 'resumed by a session ID, TLS 1.2', lambda c: c.resumption == 'id'
    yield 'resumed by a ticket, TLS 1.3', lambda c: c.resumption == 'ticket' and c.version == '1.3'
    for client in CLIENTS[1:]:
        yield f"client's certificate {client.removeprefix('client-')}", lambda c, v=client: c.client == v
    yield 'HelloRetryRequest', lambda c: c.retry
    yield 'ALPN', lambda c: c.alpn


def cell(result, has):
    passed, failed = sum(map(has, result.passed)), sum(map(has, result.failed))
    return '–' if not passed + failed else str(passed) if not failed else f'{passed} of {passed + failed}'


def table(head, lines):
    yield '| ' + ' | '.join(head) + ' |'
    yield '| ' + ' | '.join('---' for _ in head) + ' |'
    yield from ('| ' + ' | '.join(line) + ' |' for line in lines)


def grid(results):
    lines = [[name, *(cell(r, has) for r in results)] for name, has in rows()]
    lines = [line for line in lines if any(c != '–' for c in line[1:])]
    total = ['**cases**', *(f'**{len(r.passed)}**' if not r.failed else f'**{len(r.passed)} of {len(r.passed) + len(r.failed)}**' for r in results)]
    yield from table(['', *(r.peer.name for r in results)], lines + [total])


def sentences(results):
    """One for each peer: what it is, and what it does not claim."""
    for peer in {r.peer.name: r.peer for r in results}.values():
        mine = [r for r in results if r.peer is peer]
        seats = ' and '.join({'client': 'server', 'server': 'client'}[r.seat] for r in mine)
        yield [peer.name, peer.version() or '?', seats, str(sum(r.connections for r in mine)), peer.lacks or '']


def reasons(results):
    for r in results:
        for case, wrong in r.failed.items():
            yield f'- {r.peer.name}, wiretale {r.seat}: {case}: {wrong[0]}'


def text(results, options):
    lines = [HEAD.format(many=MANY[options.strength], strength=options.strength, libraries=LIBRARIES_OF if LIBRARIES else ''), '## The peers', '']
    lines += table(['peer', 'version', 'as', 'connections', 'not claimed'], sentences(results))
    connections, cases = sum(r.connections for r in results), sum(len(r.passed) + len(r.failed) for r in results)
    lines += ['', f'{cases} cases, {connections} connections, {sum(len(r.failed) for r in results)} of the cases failed.', '', CELLS]
    for seat, title in (('client', '## wiretale client with their servers'), ('server', '## wiretale server with their clients')):
        lines += [title, '', *grid([r for r in results if r.seat == seat]), '']
    differs = [(peer.name, text) for peer in {r.peer.name: r.peer for r in results}.values() for text in peer.differs]
    if differs:
        lines += ['## Where they differ', '', 'What was found on the way, and who is right.', '']
        for name, said in differs:
            lines += [*textwrap.wrap(f'**{name}.** {" ".join(said.split())}', 120, break_long_words=False, break_on_hyphens=False), '']
    failed = list(reasons(results))
    if failed:
        lines += ['## What failed', '', *failed, '']
    return '\n'.join(lines)


def write(results, options):
    if any(r.absent for r in results) or options.few or options.only or options.seat or {r.peer.name for r in results} != {p.name for p in PEERS}:
        sys.exit('tests/interop/run: --write needs every peer, and all cases')
    with open(FILE, 'w', encoding='utf-8') as f:
        f.write(text(results, options))
    print(f'wrote {os.path.relpath(FILE)}')
