#!/usr/bin/env python3
"""Captures as mirror ports, several taps and a forger of segments leave them, made of capture-truncated-fine.pcapng beside
this file, a whole connection between real peers.

    python3 tests/failures/taps.py [FOLDER]     writes them there; here unless said"""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'tools'))
import packets  # noqa: E402

MICROSECOND = 1000


def copied(everything):
    """Every third packet stands twice in the file, as from a mirror port that copies both sides."""
    for i, p in enumerate(everything):
        yield p
        if i % 3 == 0:
            yield p.at_time(p.time + 5 * MICROSECOND)


def stepping_back(everything):
    """The sixth packet's time is 34 microseconds before the fifth's: another queue of the network card."""
    for i, p in enumerate(everything):
        yield p.at_time(everything[4].time - 34 * MICROSECOND) if i == 5 else p


def one_sided(everything):
    """The server's packets alone."""
    return [p for p in everything if p.way == everything[1].way]


def reset(everything):
    """After the ClientHello a RST in the server's name, its number far outside of any window."""
    for p in everything:
        yield p
        if p is everything[3]:
            answer = everything[1]
            data = bytearray(answer.data[:answer.tcp + 20])
            struct.pack_into('>H', data, answer.ip + 2, 40)
            struct.pack_into('>I', data, answer.tcp + 4, (answer.seq + 900000000) & 0xffffffff)
            struct.pack_into('>IBB', data, answer.tcp + 8, 0, 0x50, packets.RST)
            yield packets.Packet(p.time + 5 * MICROSECOND, answer.link, bytes(data))


def summed(p):
    """The packet with the right TCP checksum (RFC 9293, 3.1): the host that captured left it to its network card."""
    data = bytearray(p.data)
    end = p.ip + struct.unpack_from('>H', data, p.ip + 2)[0]
    struct.pack_into('>H', data, p.tcp + 16, 0)
    covered = bytes(data[p.ip + 12:p.ip + 20]) + struct.pack('>HH', 6, end - p.tcp) + bytes(data[p.tcp:end])
    total = sum(struct.unpack(f'>{(len(covered) + 1) // 2}H', covered + b'\0' * (len(covered) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    struct.pack_into('>H', data, p.tcp + 16, total ^ 0xffff)
    return packets.Packet(p.time, p.link, bytes(data))


def damaged(everything):
    """A copy of the ClientHello with another first letter in the name, and the checksum of before, comes first; the server
    takes the one after it."""
    for i, p in enumerate(everything):
        right = summed(p)
        if i == 3:
            at = right.data.index(b'www.')
            yield packets.Packet(p.time, p.link, right.data[:at] + b'x' + right.data[at + 1:])
        yield right.at_time(p.time + MICROSECOND) if i == 3 else right


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else HERE
    everything = packets.read(os.path.join(HERE, 'capture-truncated-fine.pcapng'))
    for name, made in (('capture-duplicates', copied), ('capture-clock', stepping_back), ('capture-one-sided', one_sided),
                       ('stray-reset', reset), ('damaged-segment', damaged)):
        with open(os.path.join(folder, name + '.pcapng'), 'wb') as f:
            f.write(packets.write_pcapng(list(made(everything))))


if __name__ == '__main__':
    main()
