"""Captures of connections with China's algorithms, played by gm_peer (its words are there): made for each test, with keys
that are drawn for it."""
import os
import struct
import subprocess

import packets

CLIENT, SERVER = (bytes([192, 0, 2, 10]), 41000), (bytes([192, 0, 2, 80]), 4433)
SYN, FIN, PSH, ACK = 2, 1, 8, 16


def checksum(data):
    total = sum(struct.unpack(f'>{(len(data) + 1) // 2}H', data + b'\0' * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def segment(time, sender, receiver, flags, seq, ack, data=b''):
    tcp = struct.pack('>HHIIBBHHH', sender[1], receiver[1], seq, ack, 5 << 4, flags, 65535, 0, 0)
    pseudo = sender[0] + receiver[0] + struct.pack('>HH', 6, len(tcp) + len(data))
    tcp = tcp[:16] + struct.pack('>H', checksum(pseudo + tcp + data)) + tcp[18:]
    ip = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(tcp) + len(data), 0, 0x4000, 64, 6, 0) + sender[0] + receiver[0]
    ip = ip[:10] + struct.pack('>H', checksum(ip)) + ip[12:]
    return packets.Packet(time, packets.RAW, ip + tcp + data)


class Played:
    """A capture and what opens it, as files in `folder`: pcap, keys, sm2, root."""

    def __init__(self, folder, *words):
        self.words = words
        out = subprocess.run([os.environ['WIRETALE_GM_PEER'], *words], stdout=subprocess.PIPE, check=True).stdout.decode()
        lines = [line.split(' ', 1) for line in out.splitlines()]
        stem = os.path.join(folder, '-'.join(words) or 'gcm')
        self.pcap, self.keys, self.sm2, self.root = (stem + end for end in ('.pcap', '.keys', '.sm2', '.der'))
        self.pieces = [(what, bytes.fromhex(text)) for what, text in lines if what in ('client', 'server')]
        for path, data in ((self.keys, ''.join(text + '\n' for what, text in lines if what == 'keylog').encode()),
                           (self.sm2, bytes.fromhex(dict(lines)['sm2'])), (self.root, bytes.fromhex(dict(lines)['root'])),
                           (self.pcap, packets.write(self.packets()))):
            with open(path, 'wb') as f:
                f.write(data)

    def packets(self):
        now = int(subprocess.run(['date', '+%s'], stdout=subprocess.PIPE, check=True).stdout) * 10**9
        ends, seq = (CLIENT, SERVER), [1000, 5000]

        def send(side, flags, data=b''):
            nonlocal now
            now += 1000000
            made.append(segment(now, ends[side], ends[not side], flags, seq[side], seq[not side] if flags & ACK else 0, data))
            seq[side] += len(data) + bool(flags & (SYN | FIN))

        made = []
        send(0, SYN)
        send(1, SYN | ACK)
        send(0, ACK)
        for what, data in self.pieces:
            for at in range(0, len(data), 1400):
                send(what == 'server', PSH | ACK, data[at:at + 1400])
        send(0, FIN | ACK)
        send(1, FIN | ACK)
        send(0, ACK)
        return made
