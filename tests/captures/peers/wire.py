#!/usr/bin/env python3
"""A wire in user space: carries IP between two namespaces inside any encapsulation, or damaged in transit.

    wire.py KIND DEVICE TUN LOCAL-MAC REMOTE-MAC [--loss P] [--duplicate P] [--reorder P] [--seed N]

Makes the interface TUN (its addresses are given by the caller), wraps what the kernel sends there as KIND says and
puts it on DEVICE; unwraps what comes. So the captures need no kernel module, and look the same on every machine.
The outer addresses belong to nobody (203.0.113.0/24, 2001:db8:ff::/64), so no kernel answers for them.
KIND: plain vlan qinq mpls pppoe gre ipip 6in4 vxlan geneve fragments. The probabilities are percentages.
"""
import argparse
import fcntl
import os
import random
import select
import socket
import struct
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 0x0001, 0x1000
FRAGMENT = 552                                   # bytes of payload in one fragment: a multiple of 8
INNER = bytes.fromhex('02005e0053f2') + bytes.fromhex('02005e0053f1')     # Ethernet inside VXLAN and GENEVE


def checksum(data):
    total = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def ethertype(packet):
    return b'\x86\xdd' if packet[0] >> 4 == 6 else b'\x08\x00'


def ipv4(local, remote, protocol, payload):
    head = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(payload), random.getrandbits(16), 0x4000, 64, protocol, 0, local, remote)
    return head[:10] + struct.pack('>H', checksum(head)) + head[12:] + payload


def udp(port, payload):
    return struct.pack('>HHHH', 49152, port, 8 + len(payload), 0) + payload


def fragments4(packet):
    size = (packet[0] & 15) * 4
    head, payload = packet[:size], packet[size:]
    for at in range(0, len(payload), FRAGMENT):
        part = payload[at:at + FRAGMENT]
        more = 0x2000 if at + FRAGMENT < len(payload) else 0
        new = bytearray(head)
        new[2:4] = struct.pack('>H', size + len(part))
        new[6:8] = struct.pack('>H', more | at // 8)
        new[10:12] = b'\0\0'
        new[10:12] = struct.pack('>H', checksum(bytes(new)))
        yield bytes(new) + part


def fragments6(packet, number):
    head, following, payload = packet[:40], packet[6], packet[40:]
    for at in range(0, len(payload), FRAGMENT):
        part = payload[at:at + FRAGMENT]
        more = 1 if at + FRAGMENT < len(payload) else 0
        extension = struct.pack('>BBHI', following, 0, at | more, number)
        yield head[:4] + struct.pack('>H', 8 + len(part)) + b'\x2c' + head[7:] + extension + part


class Wire:
    def __init__(self, kind, local, remote):
        self.kind, self.count = kind, 0
        self.head = remote + local
        ends = [bytes([203, 0, 113, 1]), bytes([203, 0, 113, 2])]
        self.outer = ends if local < remote else ends[::-1]

    def wrap(self, packet):
        """The Ethernet frames that carry this IP packet."""
        kind, head, eth = self.kind, self.head, ethertype(packet)
        self.count += 1
        if kind == 'fragments' and len(packet) > FRAGMENT + 60:
            if eth == b'\x08\x00' and not packet[6] & 0x20:
                number = struct.pack('>H', self.count & 0xffff)
                packet = packet[:4] + number + packet[6:]
                return [head + eth + f for f in fragments4(packet)]
            return [head + eth + f for f in fragments6(packet, self.count)]
        if kind in ('plain', 'fragments'):
            return [head + eth + packet]
        inner = INNER + eth + packet
        return [head + {
            'vlan': lambda: b'\x81\x00\x00\x64' + eth + packet,
            'qinq': lambda: b'\x88\xa8\x00\xc8\x81\x00\x00\x64' + eth + packet,
            'mpls': lambda: b'\x88\x47' + struct.pack('>II', 16001 << 12 | 64, 24 << 12 | 0x100 | 64) + packet,
            'pppoe': lambda: b'\x88\x64\x11\x00\x00\x07' + struct.pack('>H', 2 + len(packet))
                             + (b'\x00\x57' if eth == b'\x86\xdd' else b'\x00\x21') + packet,
            'gre': lambda: b'\x08\x00' + ipv4(*self.outer, 47, b'\x20\x00' + eth + b'\x00\x00\x00\x2a' + packet),
            'ipip': lambda: b'\x08\x00' + ipv4(*self.outer, 4, packet),
            '6in4': lambda: b'\x08\x00' + ipv4(*self.outer, 41, packet),
            'vxlan': lambda: b'\x08\x00' + ipv4(*self.outer, 17, udp(4789, b'\x08\x00\x00\x00\x00\x00\x2a\x00' + inner)),
            'geneve': lambda: b'\x08\x00' + ipv4(*self.outer, 17, udp(6081, b'\x02\x00\x65\x58\x00\x00\x2a\x00'
                                                                     + b'\x01\x02\x03\x01wtcp' + inner)),
        }[kind]()]

    def unwrap(self, frame):
        """The IP packet in a frame; None where the kernel itself takes it, or it is not ours."""
        skip = {'plain': 14, 'vlan': 18, 'qinq': 22, 'mpls': 22, 'pppoe': 22, 'gre': 42, 'ipip': 34, '6in4': 34, 'vxlan': 64, 'geneve': 72}
        mine = {'vlan': b'\x81\x00', 'qinq': b'\x88\xa8', 'mpls': b'\x88\x47', 'pppoe': b'\x88\x64'}.get(self.kind, b'\x08\x00')
        if self.kind == 'plain' and frame[12:14] == b'\x86\xdd':
            mine = b'\x86\xdd'
        if self.kind not in skip or frame[:6] != self.head[6:] or frame[12:14] != mine or (
                skip[self.kind] >= 34 and frame[26:30] != self.outer[1]):
            return None
        return frame[skip[self.kind]:]


def tun(name):
    fd = os.open('/dev/net/tun', os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack('16sH22x', name.encode(), IFF_TUN | IFF_NO_PI))
    return fd


def receive(sock):
    """A frame, with the VLAN tag the kernel has taken out put back."""
    frame, ancillary, flags, address = sock.recvmsg(65535, 256)
    if address[2] == socket.PACKET_OUTGOING:
        return b''
    for level, kind, data in ancillary:          # PACKET_AUXDATA: status, len, snaplen, mac, net, tci, tpid
        if level == 263 and kind == 8:
            status, tci, tpid = struct.unpack('=I12xHH', data)
            if status & 0x10:
                frame = frame[:12] + struct.pack('>HH', tpid if status & 0x40 else 0x8100, tci) + frame[12:]
    return frame


def main():
    parser = argparse.ArgumentParser()
    for name in ('kind', 'device', 'tun', 'local', 'remote'):
        parser.add_argument(name)
    for name in ('loss', 'duplicate', 'reorder'):
        parser.add_argument('--' + name, type=float, default=0)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    wire = Wire(options.kind, *(bytes.fromhex(mac.replace(':', '')) for mac in (options.local, options.remote)))
    inside = tun(options.tun)
    outside = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    outside.setsockopt(263, 8, 1)                # SOL_PACKET, PACKET_AUXDATA
    outside.bind((options.device, 0))
    print('ready', flush=True)
    held = []
    while True:
        ready, _, _ = select.select([inside, outside], [], [], 0.01 if held else None)
        if inside in ready:
            frames = wire.wrap(os.read(inside, 65535))
            for frame in frames:
                if chance.random() * 100 < options.loss:
                    continue
                if chance.random() * 100 < options.reorder:
                    held.append(frame)
                    continue
                outside.send(frame)
                if chance.random() * 100 < options.duplicate:
                    time.sleep(0.001)
                    outside.send(frame)
        if outside in ready:
            packet = wire.unwrap(receive(outside))
            if packet:
                try:
                    os.write(inside, packet)
                except OSError:
                    pass
        if held and (inside not in ready or len(held) > 2):
            for frame in held:
                outside.send(frame)
            held = []


if __name__ == '__main__':
    main()
