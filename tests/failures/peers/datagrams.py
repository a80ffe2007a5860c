#!/usr/bin/env python3
"""Servers over UDP that no program is.

    datagrams.py PORT silent        takes everything and says nothing
    datagrams.py PORT versions      answers each long header with a Version Negotiation packet of versions that nobody has
    datagrams.py PORT reset         answers each short header with a stateless reset: a server that was restarted, and has the
                                    secret of static_secret.c by which the tokens were made
"""
import os
import socket
import sys

# Of the pattern 0x?a?a?a?a, which nobody may ever take: RFC 9000, 15. "Versions that follow the pattern 0x?a?a?a?a are
# reserved for use in forcing version negotiation to be exercised".
VERSIONS = (0x2a3a4a5a, 0x6a7a8a9a)


def negotiation(data):
    """RFC 8999, 6: the ids of the packet that is answered, in each other's place."""
    end = 6 + data[5]
    destination, source = data[5:end], data[end:end + 1 + data[end]]
    return bytes([0x80 | data[0] & 0x7f]) + bytes(4) + source + destination + b''.join(v.to_bytes(4, 'big') for v in VERSIONS)


ID = 18  # bytes of the ids that ngtcp2's server issues


def reset(data):
    """RFC 9000, 10.3: as long as a packet may be, and shorter than what it answers; it ends with the token of that id."""
    token = bytes(byte ^ 0x5a for byte in data[1:17])
    return bytes([0x40 | os.urandom(1)[0] & 0x3f]) + os.urandom(25) + token


def main():
    port, what = int(sys.argv[1]), sys.argv[2]
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(('', port))
    while True:
        data, sender = server.recvfrom(65536)
        if what == 'versions' and len(data) > 7 and data[0] & 0x80:
            server.sendto(negotiation(data), sender)
        if what == 'reset' and len(data) > ID + 25 and not data[0] & 0x80:
            server.sendto(reset(data), sender)


if __name__ == '__main__':
    main()
