#!/usr/bin/env python3
"""Keeps PLAINTEXT.tsv: what each side's application said in every connection that a key log opens, as tshark reads it.

    plaintext.py FOLDER [CAPTURE...]     those captures anew (all of them when none is named); drops rows of captures gone

A row: file, stream, then bytes and SHA-256 of the client's application data and of the server's (`-` when it said
nothing), and who says so: tshark, or `peers` where tshark's library lacks the cipher (ARIA): then it is what the scene had
them say. Streams count from 0 in order of their first packet, as in INDEX.tsv."""
import hashlib
import os
import re
import subprocess
import sys

import index

HEADER = ['file', 'stream', 'client_bytes', 'client_sha256', 'server_bytes', 'server_sha256', 'source']
PING = b'ping from the client\n'
# tshark takes the Finished of post-handshake authentication for the handshake's, changes keys and reads no further.
UNREAD = {'post-handshake-auth.pcapng': {'0': (PING, b''), '1': (PING, b'')}}


def place(v4, v6, port):
    return f'[{v6}]:{port}' if v6 else f'{v4}:{port}'


FIELDS = ['tcp.stream', 'ip.src', 'ipv6.src', 'tcp.srcport', 'ip.dst', 'ipv6.dst', 'tcp.dstport', 'tcp.flags']


def clients_of(lines):
    """Of each of tshark's stream numbers its client, in order of the first packet."""
    clients = {}
    for line in lines:
        number, v4, v6, port, to4, to6, to_port, flags = (part.split(',')[-1] for part in line.split('\t'))
        source, target = place(v4, v6, port), place(to4, to6, to_port)
        clients.setdefault(number, source if int(flags, 0) & 0x12 != 0x12 else target)
    return clients


def follow(capture, streams=16):
    """[(client's bytes, server's bytes)] by tshark's `follow`, in one run, or in two if there are more than `streams`: to
    start tshark costs more than all else."""
    command = ['tshark', '-n', '-r', capture, '--disable-protocol', 'irc', '-Y', 'tcp', '-T', 'fields']
    for field in FIELDS:
        command += ['-e', field]
    for pref in index.PREFS + ['tls.keylog_file:' + capture + '.keys']:
        command += ['-o', pref]
    for number in range(streams):
        command += ['-z', f'follow,tls,raw,{number}']
    out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    packets, *parts = out.split('Follow: tls,raw\n')
    clients = clients_of(line for line in packets.splitlines() if '\t' in line)
    numbers = 1 + max(map(int, clients), default=0)
    if numbers > streams:
        return follow(capture, numbers)
    said = {}
    for part in parts:
        number = re.match(r'Filter: tcp\.stream eq (\d+)', part).group(1)
        nodes = re.findall(r'^Node [01]: (.*)$', part, re.M)
        first = nodes[0] == clients.get(number)  # tshark leaves node 1 nameless (":0") where it never named itself
        sides = [bytearray(), bytearray()]
        for line in part.splitlines():
            if re.fullmatch(r'\t?[0-9a-f]+', line):
                sides[(line[0] == '\t') == first] += bytes.fromhex(line.strip())
        said[number] = sides
    return [said[number] for number in clients]


def row(name, stream, sides, source):
    out = [name, str(stream)]
    for text in sides:
        out += [str(len(text)), hashlib.sha256(text).hexdigest() if text else '-']
    return out + [source]


def rows_of(folder, name, unread):
    rows = []
    for stream, sides in enumerate(follow(os.path.join(folder, name))):
        source = 'tshark'
        if str(stream) in unread:
            sides, source = unread[str(stream)], 'peers'
        if any(sides):
            rows.append(row(name, stream, sides, source))
    return rows


def main():
    folder, *wanted = sys.argv[1:]
    path = os.path.join(folder, 'PLAINTEXT.tsv')
    facts = dict(UNREAD)
    for line in index.load(os.path.join(folder, 'INDEX.tsv')):
        if 'confirmed=hellos' in line[4]:        # ARIA: said by OpenSSL's client to OpenSSL's `s_server -rev`
            facts.setdefault(line[0], {})[line[1]] = PING, PING[-2::-1] + b'\n'
    here = sorted(n[:-5] for n in os.listdir(folder) if n.endswith('.keys'))
    kept = [r for r in index.load(path) if r[0] in here and wanted and r[0] not in wanted]
    for name in wanted or here:
        if name in here:
            kept += rows_of(folder, name, facts.get(name, {}))
    kept.sort(key=lambda r: (r[0], int(r[1])))
    with open(path + '.new', 'w', encoding='ascii') as f:
        f.writelines('\t'.join(r) + '\n' for r in [HEADER] + kept)
    os.replace(path + '.new', path)


if __name__ == '__main__':
    main()
