#!/usr/bin/env python3
"""Puts a capture's rows into EXPECTED.tsv, with tshark's account of each connection beside them.

    expected.py FOLDER ROWS

The account (column wire) is what was read by another program: alerts as SENDER:DESCRIPTION (opened with the key log where
there is one), then how TCP ended. A row whose own word for the wire is not in it is an error of the scene."""
import os
import subprocess
import sys

COLUMNS = ['capture', 'stream', 'cause', 'alternatives', 'keys', 'options', 'observations', 'wire', 'shows']
ALERTS = {0: 'close_notify', 10: 'unexpected_message', 20: 'bad_record_mac', 22: 'record_overflow', 40: 'handshake_failure',
          42: 'bad_certificate', 43: 'unsupported_certificate', 44: 'certificate_revoked', 45: 'certificate_expired',
          46: 'certificate_unknown', 47: 'illegal_parameter', 48: 'unknown_ca', 49: 'access_denied', 50: 'decode_error',
          51: 'decrypt_error', 70: 'protocol_version', 71: 'insufficient_security', 80: 'internal_error',
          86: 'inappropriate_fallback', 90: 'user_canceled', 100: 'no_renegotiation', 109: 'missing_extension',
          110: 'unsupported_extension', 112: 'unrecognized_name', 113: 'bad_certificate_status_response',
          115: 'unknown_psk_identity', 116: 'certificate_required', 120: 'no_application_protocol'}


def wire(path):
    """Each TCP stream's account."""
    keys = ['-o', f'tls.keylog_file:{path}.keys'] if os.path.exists(path + '.keys') else []
    fields = ['tcp.stream', 'tcp.srcport', 'tcp.flags', 'tls.alert_message.desc', 'tls.record.content_type', 'tcp.dstport',
              'tls.handshake.type', 'tls.record.opaque_type']
    decode = [x for port in ('444', '445', '446', '447', '8443') for x in ('-d', f'tcp.port=={port},tls')]
    out = subprocess.run(['tshark', '-r', path, *keys, *decode, '-T', 'fields', *[x for f in fields for x in ('-e', f)]],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    server, told = {}, {}
    for line in out.splitlines():
        stream, source, flags, alerts, records, target, messages, opaque = line.split('\t')
        if stream == '':
            continue
        flags = int(flags, 16)
        story = told.setdefault(int(stream), [])
        if flags & 2:
            server[stream] = target if not flags & 0x10 else source
            if not flags & 0x10:
                story.append('syn')
        who = 'server' if source == server.get(stream) else 'client'
        if '20' in messages.split(','):
            story.append(f'{who}:finished')
        story += [f'{who}:{ALERTS.get(int(a), a)}' for a in alerts.split(',') if a]
        hidden = records.split(',').count('21') - len([a for a in alerts.split(',') if a])
        story += [f'{who}:alert?'] * max(hidden, 0)
        if flags & 4:
            story.append(f'{who}:rst')
        elif flags & 1:
            story.append(f'{who}:fin')
    return {stream: ' '.join(s for n, s in enumerate(story) if n == 0 or s != story[n - 1]) for stream, story in told.items()}


def wire_of_datagrams(path):
    """Each UDP stream's account: packets that say something by themselves, alerts, closes and ICMP."""
    keys = ['-o', f'tls.keylog_file:{path}.keys'] if os.path.exists(path + '.keys') else []
    fields = ['udp.stream', 'udp.srcport', 'icmp.type', 'quic.long.packet_type', 'quic.version', 'tls.handshake.type', 'quic.cc.error_code', 'quic.cc.error_code.app',
              'dtls.handshake.type', 'dtls.alert_message.desc']
    out = subprocess.run(['tshark', '-r', path, *keys, '-d', 'udp.port==443,' + ('dtls' if os.path.basename(path).startswith('dtls') else 'quic'), '-T', 'fields',
                          *[x for f in fields for x in ('-e', f)]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    told = {}
    for line in out.splitlines():
        stream, source, icmp, kinds, versions, messages, close, application, dtls, alerts = line.split('\t')
        if stream == '':
            continue
        story = told.setdefault(int(stream.split(',')[0]), [])
        if icmp:
            story.append('icmp')
            continue
        who = 'server' if source == '443' else 'client'
        story += [f'{who}:retry' for kind in kinds.split(',') if kind == '3']
        story += [f'{who}:version_negotiation' for version in versions.split(',') if version and int(version, 16) == 0]
        story += [f'{who}:hello' for m in messages.split(',') + dtls.split(',') if m in ('1', '2')]
        story += [f'{who}:verify_request' for m in dtls.split(',') if m == '3']
        story += [f'{who}:finished' for m in messages.split(',') + dtls.split(',') if m == '20']
        story += [f'{who}:{ALERTS.get(int(a), a)}' for a in alerts.split(',') if a]
        story += [f'{who}:close-{int(code):#x}' for code in close.split(',') if code]
        story += [f'{who}:close-application-{int(code):#x}' for code in application.split(',') if code]
    return {stream: ' '.join(s for n, s in enumerate(story) if n == 0 or s != story[n - 1]) for stream, story in told.items()}


def main():
    folder, rows = sys.argv[1:]
    name, path = os.path.basename(rows), os.path.join(folder, 'EXPECTED.tsv')
    with open(rows, encoding='utf-8') as f:
        new = [line.rstrip('\n').split('\t') for line in f]
    if not os.path.exists(os.path.join(folder, name)):
        sys.exit(f'{name}: was not made')
    account = wire_of_datagrams if name.startswith(('quic-', 'dtls-')) else wire
    told, bad = account(os.path.join(folder, name)), []
    for row in new:
        wanted, story = row[7], told.get(int(row[1]), '')
        if wanted != '-' and not all(f' {w} ' in f' {story} ' for w in wanted.split()):
            bad.append(f'{name}: stream {row[1]}: not "{wanted}" but "{story}"')
        row[7] = story or '-'
        if row[4] != '-' and not os.path.exists(os.path.join(folder, row[4])):
            bad.append(f'{name}: no {row[4]}')
    if not new:
        bad.append(f'{name}: nothing is said of it')
    if not any(row[4] != '-' for row in new) and os.path.exists(os.path.join(folder, name + '.keys')):
        os.remove(os.path.join(folder, name + '.keys'))   # nobody needs it
    old = []
    if os.path.exists(path):
        with open(path, encoding='utf-8') as f:
            old = [line.rstrip('\n').split('\t') for line in f][1:]
    old = [row for row in old if row[0] != name and os.path.exists(os.path.join(folder, row[0]))] + new
    with open(path, 'w', encoding='utf-8') as f:
        for row in [COLUMNS] + sorted(old, key=lambda r: (r[0], int(r[1]), r[4])):
            f.write('\t'.join(row) + '\n')
    if bad:
        sys.exit('\n'.join(bad))


if __name__ == '__main__':
    main()
