#!/usr/bin/env python3
"""Somebody on the wire who sends a segment once more, with the same sequence numbers.

    inject.py DEVICE PORT same|other MOST

Waits for the first segment of at most MOST bytes of data that leaves by DEVICE for PORT, and repeats it: as it was (as TCP
itself does when an acknowledgement is late), or with the last byte changed.
"""
import socket
import struct
import sys
import time


def checksum(data):
    total = sum(struct.unpack(f'>{(len(data) + 1) // 2}H', data + bytes(len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def main():
    device, port, how, most = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    sock.bind((device, 0))
    print('ready', flush=True)
    while True:
        frame = bytearray(sock.recv(65535))
        if frame[12:14] != b'\x08\x00' or frame[23] != 6:
            continue
        size = (frame[14] & 15) * 4
        end = 14 + struct.unpack('>H', frame[16:18])[0]
        tcp = 14 + size
        data = tcp + (frame[tcp + 12] >> 4) * 4
        if struct.unpack('>H', frame[tcp + 2:tcp + 4])[0] != port or not 0 < end - data <= most:
            continue
        frame = frame[:end]
        if how == 'other':
            frame[-1] ^= 0xff
        frame[tcp + 16:tcp + 18] = b'\0\0'
        pseudo = bytes(frame[26:34]) + struct.pack('>BBH', 0, 6, end - tcp)
        frame[tcp + 16:tcp + 18] = struct.pack('>H', checksum(pseudo + bytes(frame[tcp:])))
        time.sleep(0.03)
        sock.send(bytes(frame))
        return


if __name__ == '__main__':
    main()
