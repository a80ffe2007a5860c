"""Runs the cases of each peer in each seat."""
import dataclasses
import json
import os
import subprocess
import sys
import verdict
from cases import cover
from others import PEERS
from stage import Stage, Trouble, connect, serve

SEATS = ('client', 'server')  # ours


@dataclasses.dataclass
class Result:
    """Of a peer with us in a seat: `failed` has what is wrong with each case."""
    peer: object
    seat: str
    absent: str = ''
    passed: list = dataclasses.field(default_factory=list)
    failed: dict = dataclasses.field(default_factory=dict)
    connections: int = 0
    possible: int = 0


def as_client(peer, stage, case):
    """Our client with the peer's server: for each connection what we say, and what the peer does."""
    with peer.serve(stage, case) as (port, tell):
        said = connect(stage, case, port, peer.first(case) if case.retry else None, peer.echoes)
    told = tell() or [{'echoes': True}] * case.count * peer.echoes
    mine = []
    for nth, (items, status) in enumerate(said):
        end = items.get('client', {})
        if status and not items.get('connection'):
            raise Trouble(f"wiretale client: exit status {status}: {end.get('cause', {}).get('text', '')}")
        mine.append((items.get('connection'), told[nth] if nth < len(told) else {}, f'wiretale client: exit status {status}' if status else ''))
    return port, mine


def as_server(peer, stage, case):
    with serve(stage, case, peer.www(stage)) as (port, own):
        told = peer.connect(stage, case, port)
    own.sort(key=lambda c: c.get('start', ''))
    if peer.connects_more:
        told = [{'silent': True}] * len(own)
    return port, [(own[nth] if nth < len(own) else None, told[nth] if nth < len(told) else {}, '') for nth in range(max(len(own), case.count))]


def judge(case, nth, mine, seen, seat):
    own, told, trouble = mine
    return ([trouble] if trouble else []) + verdict.of_connection(case, nth, own, seen, told, seat)


def report(result, case, wrong, options):
    if wrong:
        result.failed[case] = wrong
        print(f'FAIL  {result.peer.name}, wiretale {result.seat}: {case}', *wrong[:6], sep='\n      ', flush=True)
    else:
        result.passed.append(case)
        if options.verbose:
            print(f'ok    {result.peer.name}, wiretale {result.seat}: {case}', flush=True)


def run_seat(peer, seat, chosen, folder, options):
    result = Result(peer, seat)
    stage = Stage(folder)
    stage.begin(options.own)
    made, wrong = {}, {}
    peer.prepare(stage)
    for case in chosen:
        try:
            made[case] = (as_client if seat == 'client' else as_server)(peer, stage, case)
        except (Trouble, subprocess.TimeoutExpired, OSError, json.JSONDecodeError) as e:
            wrong[case] = [str(e)]
    by_port = stage.end()
    for case in chosen:
        if case in made:
            port, mine = made[case]
            seen = sorted(by_port.get(port, []), key=lambda c: c['start'])
            wrong[case] = []
            for nth, each in enumerate(mine):
                wrong[case] += judge(case, nth, each, seen[nth] if nth < len(seen) else None, seat)
            if peer.connects_more and not any(map(verdict.answered, seen)):
                wrong[case].append('no answer to a request was seen')
            if len(seen) > len(mine):
                wrong[case].append(f'the observer sees {len(seen)} connections, not {len(mine)}')
            result.connections += len(mine)
        report(result, case, wrong[case], options)
    if stage.complaint:
        print(stage.complaint)
    return result


def choose(claims, options):
    possible = [case for case in claims.cases() if all(word in str(case) for word in options.only.split())]
    return possible, cover(possible, 1 if options.few else options.strength)


def peers(options):
    known = {p.name.lower().split()[0]: p for p in PEERS}
    unknown = [name for name in options.peers if name.lower() not in known]
    if unknown:
        sys.exit(f'tests/interop/run: no peer {", ".join(unknown)}, but {", ".join(known)}')
    return [p() for name, p in known.items() if not options.peers or name in [n.lower() for n in options.peers]]


def run(options, folder):
    results = []
    for peer in peers(options):
        reason = peer.absent()
        if reason:
            print(f'skip  {peer.name}: {reason}', flush=True)
        for seat in SEATS:
            claims = peer.server if seat == 'client' else peer.client
            if not claims or options.seat not in (None, seat):
                continue
            possible, chosen = choose(claims, options)
            if reason or options.list:
                results.append(Result(peer, seat, reason))
                if not reason:
                    print(f'{peer.name}, wiretale {seat}: {len(chosen)} of {len(possible)} cases', *chosen if options.verbose else (), sep='\n    ')
                continue
            at = os.path.join(folder, f'{type(peer).__name__}-{seat}')
            os.makedirs(at)
            result = run_seat(peer, seat, chosen, at, options)
            result.possible = len(possible)
            print(f'{peer.name}, wiretale {seat}: {len(result.passed)} of {len(chosen)} cases, {result.connections} connections; {len(possible)} possible', flush=True)
            results.append(result)
    return results
