#!/usr/bin/env python3
"""DTLS 1.3, and 1.2 with connection ids, as dtls_peer plays them: told whole, each byte of each record and message a field's, in JSON
and on the page, with keys and without."""
import base64
import os
import sys
import tempfile

import dtls_played
from page import ENGLISH, Page
from tale import check, done, equal, wiretale

SAID = {12: ['first words of the client', 'and of the server', 'from another port'],
        13: ['first words of the client', 'and of the server', 'from another port, under new keys']}
MESSAGES = {12: ['client_hello', 'server_hello', 'server_hello_done', 'client_key_exchange', 'finished', 'finished'],
            13: ['client_hello', 'server_hello', 'encrypted_extensions', 'finished', 'finished', 'new_session_ticket', 'key_update',
                 'request_connection_id', 'new_connection_id']}


def covered(fields, size, where):
    """Every byte is in one field that has no others in it, or is a prefix of one, and in no second one."""
    taken = bytearray(size)
    for i, (_, depth, offset, prefix, length, *_) in enumerate(fields):
        leaf = i + 1 == len(fields) or fields[i + 1][1] <= depth
        for at in range(offset - prefix, offset + length if leaf else offset):
            taken[at] += 1
    equal([at for at, n in enumerate(taken) if n != 1][:8], [], where)


def check_story(version, played):
    connections, _ = wiretale('read', '--json', '--messages', '--bytes', '--keylog', played.keys, played.pcap).json()
    if not equal(len(connections), 1, f'{version}: connections'):
        return
    told = connections[0]
    equal((told['protocol'], told['version'], told['state'], told['decryption']), ('dtls', f'DTLS 1.{version % 10}', 'established', 'keylog'), 'story')
    equal({told['verified'][proof] for proof in ('client_finished', 'server_finished')}, {'ok'}, f'{version}: Finished')
    equal((told['dtls']['client_cid'], told['dtls']['server_cid']), ('c1c2c3c4', '51525354'), f'{version}: connection ids')
    equal([f for f in told['findings'] if f['severity'] in ('error', 'fatal')], [], f'{version}: findings')
    handshake = [m for m in told['messages'] if m['content_type'] == 'handshake']
    acks = [m for m in told['messages'] if m['content_type'] == 'ack']
    equal(len(acks), 4 if version == 13 else 0, f'{version}: ACKs')
    equal([m['type'] for m in handshake], MESSAGES[version], f'{version}: messages')
    for message in handshake + acks:
        seen = set()
        for field in message.get('fields', []):
            seen.update(range(field['offset'] - field.get('prefix', 0), field['offset'] + field['length']))
        equal(sorted(set(range(2 + message['fields'][0]['length'] if message in acks else message['length'])) - seen)[:8], [], f"{version} {message.get('type')}: bytes of no field")


def check_page(folder, version, played):
    """Records as layers: what was opened whole, what was not its header; and what is around a record."""
    html = os.path.join(folder, 'page.html')
    for keys in (['--secrets', '--keylog', played.keys], ['--keylog', played.keys], []):
        wiretale('read', '--html', html, *keys, played.pcap, status=0)
        page = Page(html)
        detail, = page.connections()
        names, kinds = set(), set()
        for d in detail['datagrams']:
            where = f"{version} {keys[:1]} record in packet {d['frame']}, {d['type']}"
            covered(d['fields'], len(d['bytes']), where)
            check('error' not in d, f"{where}: {d.get('error')}")
            names.update(page.index['fields'][f[0]][0] for f in d['fields'])
            kinds.add(d['type'])
        equal(len(detail['datagrams']), detail['story']['dtls']['records'], f'{version} {keys[:1]}: records')
        check({'connection_id' if version == 13 else 'cid', 'sequence_number', 'msg_type', 'fragment_offset'} <= names, f'{version} {keys[:1]}: fields {sorted(names)}')
        if keys:
            check({'handshake', 'application_data', 'alert'} | ({'ack'} if version == 13 else {'change_cipher_spec'}) <= kinds, f'{version}: records of {kinds}')
        for packet, fields in zip(detail['story']['packets'], detail['packets'], strict=True):
            at = 0
            for layer in fields:
                equal(layer['offset'], at, f"{version} packet {packet['frame']}: a header follows the last")
                covered(layer['fields'], layer['length'], f"{version} {layer['name']}")
                at += layer['length']
        for m in detail['messages']:
            if 'body' in m and 'error' not in m:
                covered(m['fields'], len(base64.b64decode(m['body'])), f"{version} {page.spoken(m['name'], ENGLISH)}")
        said = b''.join(d['bytes'] for d in detail['datagrams'])
        for text in SAID[version]:
            equal(text.encode() in said, '--secrets' in keys, f'{version} {keys[:1]}: {text!r} on the page')


def main():
    if 'WIRETALE_DTLS_PEER' not in os.environ:
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        for version in (12, 13):
            played = dtls_played.Played(folder, version)
            check_story(version, played)
            check_page(folder, version, played)
    done(least=100)


if __name__ == '__main__':
    main()
