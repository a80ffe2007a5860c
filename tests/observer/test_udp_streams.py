#!/usr/bin/env python3
"""Holds UDP conversations' numbers to Wireshark's udp.stream: on packets made here, one for each way in which a datagram
can be odd, and on the shipped captures that have UDP. Further captures may be named as arguments."""
import os
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(HERE, '..', 'captures')
STREAMS = os.environ['UDP_STREAMS']
A, B = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
X, Y = bytes.fromhex('20010db8' + '0' * 23 + '1'), bytes.fromhex('20010db8' + '0' * 23 + '2')
UDP, ICMP, UDPLITE = 17, 1, 136


def ip4(source, target, protocol, payload, id=1, fragment=0, total=None):
    total = 20 + len(payload) if total is None else total
    return struct.pack('>BBHHHBBH', 0x45, 0, total, id, fragment, 64, protocol, 0) + source + target + payload


def ip6(source, target, protocol, payload):
    return struct.pack('>IHBB', 6 << 28, len(payload), protocol, 64) + source + target + payload


def udp(source, target, payload, length=None):
    return struct.pack('>HHHH', source, target, 8 + len(payload) if length is None else length, 0) + payload


def vxlan(source, inner):
    return ip4(A, B, UDP, udp(source, 4789, b'\x08\0\0\0\0\0\5\0' + b'\1' * 12 + b'\x08\0' + inner))


def error(quoted):
    return ip4(B, A, ICMP, b'\3\3\0\0\0\0\0\0' + quoted)


PACKETS = [
    ip4(A, B, UDP, udp(1000, 2000, b'there')),
    ip4(B, A, UDP, udp(2000, 1000, b'and back')),
    ip4(A, B, UDP, udp(1001, 2000, b'x', length=3)),
    ip4(A, B, UDP, udp(1002, 2000, b'x', length=0)),
    ip4(A, B, UDP, udp(1003, 2000, b'more than IP has', length=100)),
    ip4(A, B, UDP, udp(1004, 2000, b'less than IP has', length=12)),
    ip4(A, B, UDP, udp(1005, 2000, b'')),
    (ip4(A, B, UDP, udp(1006, 2000, b'cut in its header'))[:24], 45),
    ip4(A, B, UDP, udp(1007, 2000, b'')[:6]),
    ip4(A, B, UDP, udp(1008, 2000, b'in two pieces...')[:16], id=77, fragment=0x2000),
    ip4(A, B, UDP, udp(1008, 2000, b'in two pieces...')[16:], id=77, fragment=2),
    ip4(A, B, UDP, udp(1009, 2000, b'never whole.....')[:16], id=78, fragment=0x2000),
    ip6(X, Y, UDP, udp(1010, 2000, b'IPv6')),
    ip6(Y, X, UDP, udp(2000, 1010, b'IPv6')),
    ip6(X, Y, UDP, udp(1011, 2000, b'a jumbogram has no length', length=0)),
    error(ip4(A, B, UDP, udp(1012, 2000, b'quoted, not seen'))),
    error(ip4(A, B, UDP, udp(1000, 2000, b'quoted, and seen'))),
    error(ip4(A, B, UDP, udp(1013, 2000, b'quoted in part'))[:24]),
    vxlan(5000, ip4(A, B, UDP, udp(1014, 2000, b'inside'))),
    vxlan(5001, ip4(A, B, 6, struct.pack('>HHIIBBHHH', 9, 80, 1, 0, 0x50, 2, 100, 0, 0))),
    vxlan(5002, ip4(A, B, UDP, udp(1014, 2000, b'inside'))),
    ip4(A, B, UDP, udp(5003, 4789, b'ab')),
    ip4(A, B, UDP, udp(5004, 4789, bytes(16))),
    ip4(A, B, UDP, udp(5246, 5247, b'\1\0\0\0' + bytes(16))),
    ip4(A, B, UDP, udp(0, 2000, b'port 0')),
    ip4(A, A, UDP, udp(3000, 3000, b'to itself')),
    ip4(A, B, UDPLITE, udp(1015, 2000, b'UDP-Lite', length=8)),
    ip4(A, B, UDPLITE, udp(1016, 2000, b'UDP-Lite', length=0)),
    ip4(A, B, UDP, udp(1000, 2000, b'the first once more')),
    ip4(A, B, UDP, udp(1017, 2000, b'no total length'), total=0),
]


def write(path):
    with open(path, 'wb') as f:
        f.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        for i, packet in enumerate(PACKETS):
            packet, original = packet if isinstance(packet, tuple) else (packet, len(packet))
            f.write(struct.pack('<IIII', 1700000000 + i, 0, len(packet), original) + packet)


def streams(*command):
    if command[0] == STREAMS:  # made for another machine, it may need an emulator
        command = os.environ.get('MESON_EXE_WRAPPER', '').split() + list(command)
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True).stdout
    return [line for line in said.splitlines() if line.partition('\t')[2]]


def main():
    if not shutil.which('tshark'):
        print('no tshark')
        return 77
    shipped = [os.path.join(CAPTURES, name) for name in ('geneve.pcap.lz4', 'vxlan.pcapng.zst')]
    wrong = seen = 0
    with tempfile.TemporaryDirectory() as room:
        made = os.path.join(room, 'made.pcap')
        write(made)
        for capture in [made] + shipped + sys.argv[1:]:
            theirs = streams('tshark', '-r', capture, '-T', 'fields', '-e', 'frame.number', '-e', 'udp.stream')
            ours = streams(STREAMS, capture)
            seen += len(theirs)
            if ours != theirs:
                wrong += 1
                print(f'{capture}: (packet, udp.stream) of tshark and not ours: {sorted(set(theirs) - set(ours))[:5]}, '
                      f'ours and not of tshark: {sorted(set(ours) - set(theirs))[:5]}')
    print(f'{seen} packets numbered')
    return 1 if wrong or not seen else 0


if __name__ == '__main__':
    sys.exit(main())
