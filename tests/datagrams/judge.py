"""What was told of a scene, against what is expected of it and what its peers wrote down."""
import collections
import json
import os
from stage import pki
from tale import check, equal, wiretale

PROTECTED = ('initial', '0rtt', 'handshake', '1rtt')  # packets that keys open
NAMES = {'0RTT': '0rtt', '1RTT': '1rtt'}  # in the peers' words (draft-ietf-quic-qlog-quic-events, "PacketType")
PROOFS = ('server_signature', 'client_signature', 'client_finished', 'server_finished', 'psk_binder')


def agree(wanted, got, where):
    for key, value in wanted.items():
        if key == 'sees':
            continue
        there = got.get(key) if isinstance(got, dict) else None
        if isinstance(value, dict):
            agree(value, there, f'{where}: {key}')
        elif callable(value):
            check(value(there), f'{where}: {key}: {there!r}')
        else:
            equal(there, value, f'{where}: {key}')


def by_side(value):
    """Counts by side and type, one type of all."""
    return {side: dict(kinds) for side, kinds in (value or {}).items()}


def scene(name, stage, expected, authority):
    keys = ['--keylog', stage.keys] if os.path.exists(stage.keys) and os.path.getsize(stage.keys) else []
    connections, summary = wiretale('read', '--json', '--messages', '--ca-file', pki('root.pem'), '--ca-file', authority, *keys, stage.capture).json()
    if not equal(len(connections), len(expected), f'{name}: connections'):
        return
    for number, (wanted, told) in enumerate(zip(expected, connections)):
        where = name if len(expected) == 1 else f'{name}, connection {number}'
        agree(wanted, told, where)
        findings = {f['id']: f for f in told.get('findings', [])}
        for one in wanted.get('sees', []):
            check(one in findings, f'{where}: {one} is not told')
        check(wanted.get('state') != 'established' or not [f for f in findings.values() if f['severity'] in ('fatal', 'error')], f'{where}: {[f for f in findings.values() if f["severity"] in ("fatal", "error")]}')
        verified = told.get('verified', {})
        if keys and wanted.get('state') == 'established':
            check('server_finished' in verified and 'client_finished' in verified, f'{where}: verified: {verified}')
        bad = {proof: verified[proof] for proof in PROOFS if verified.get(proof, 'ok') != 'ok' and (keys or not verified[proof].startswith('unknown'))}
        check(not bad, f'{where}: {bad}')
        if wanted['protocol'] == 'quic':
            if wanted.get('state') == 'established':
                opened(told, where)
        elif keys:
            for side in ('client', 'server'):
                records = told.get('records', {}).get(side, {})
                check(records.get('opened', 0) > 0 and records.get('failed', 1) == 0, f'{where}: records of the {side}: {records}')
        once(told, where)
    if stage.qlogs('client') or stage.qlogs('server'):
        by_their_own_word(name, stage, connections)


def opened(told, where):
    packets, opened_ = by_side(told.get('quic', {}).get('packets')), by_side(told.get('quic', {}).get('opened'))
    for side in ('client', 'server'):
        for kind in PROTECTED:
            equal(opened_.get(side, {}).get(kind, 0), packets.get(side, {}).get(kind, 0), f'{where}: opened of the {side}, {kind}')
        check(packets.get(side, {}).get('1rtt', 0) > 0, f'{where}: no packet of the {side} under 1-RTT keys')


def once(told, where):
    """No message is told twice, however often it was sent."""
    seen = collections.Counter((m.get('from'), m.get('epoch'), m.get('message_seq')) for m in told.get('messages', []) if m.get('message_seq') is not None)
    check(not [m for m, count in seen.items() if count > 1], f'{where}: told twice: {[m for m, count in seen.items() if count > 1]}')


def events(path):
    """Of a qlog: JSON in a text sequence (RFC 7464). A peer that was stopped may have written half of the last."""
    with open(path, encoding='utf-8', errors='replace') as f:
        for text in f.read().split('\x1e'):
            try:
                event = json.loads(text)
            except ValueError:
                continue
            if 'name' in event:
                yield event


def packets_of(paths):
    """What was sent and received, by type and number, with its frames but padding."""
    sent, received = {}, {}
    for path in paths:
        for event in events(path):
            if event['name'] not in ('transport:packet_sent', 'transport:packet_received'):
                continue
            header = event['data']['header']
            kind = NAMES.get(header['packet_type'], header['packet_type'])
            if kind not in PROTECTED or header.get('packet_number') is None:
                continue
            frames = sorted(f['frame_type'] for f in event['data'].get('frames', []) if f['frame_type'] != 'padding')
            (sent if event['name'].endswith('sent') else received).setdefault((kind, header['packet_number']), []).append(frames)
    return sent, received


def by_their_own_word(name, stage, connections):
    """Every packet that was opened is one that its sender sent, with these frames, and every one that the other received was opened."""
    logs = {side: packets_of(stage.qlogs(side)) for side in ('client', 'server')}
    seen = {'client': {}, 'server': {}}
    for connection in connections:
        for _, side, kind, number, frames in connection.get('quic', {}).get('packet_list', []):
            if kind in PROTECTED and number is not None and frames is not None:
                seen[side].setdefault((kind, number), []).append(sorted(f for f in frames if f != 'padding'))
    for side, other in (('client', 'server'), ('server', 'client')):
        sent, received = logs[side][0], logs[other][1]
        if stage.qlogs(side):
            never = [p for p in seen[side] if p not in sent]
            check(not never, f'{name}: opened, but the {side} never sent {len(never)}: {never[:5]}')
            wrong = [(p, frames, sent[p]) for p, all_ in seen[side].items() for frames in all_ if p in sent and frames not in sent[p]]
            check(not wrong, f'{name}: {len(wrong)} packets of the {side} with other frames: {wrong[:2]}')
        # where the kernel had no room, the capture lacks what the peer has received
        closed = [] if stage.has_gaps() else [p for p in received if p not in seen[side]]
        check(not closed, f'{name}: the {other} received {len(closed)} that were not opened: {closed[:5]}')
