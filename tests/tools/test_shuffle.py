#!/usr/bin/env python3
"""What other taps would have captured of the same packets gives the same reading: a part of the captures; shuffle.py does all.

And its near miss: a variant that leaves a packet out is seen to differ."""
import os
import packets
import shuffle
from tale import CAPTURES, check, done, equal

NAMES = ('article.pcapng', 'alerts-negotiation.pcapng', 'client-certificates.pcapng', 'early-data.pcapng', 'kx-openssl.pcap',
         'renegotiation.pcapng', 'resumption-tls13.pcap', 'starttls.pcapng')


def one_lost(everything):
    first = next(i for i, p in enumerate(everything) if p.at is not None and p.carries() and p.payload[0] == 0x16)
    return everything[:first] + everything[first + 1:]


def main():
    names = [n for n in NAMES if os.path.exists(os.path.join(CAPTURES, n))]
    check(len(names) >= 5, f'captures that are here: {names}')
    for name in names:
        equal(shuffle.differences(os.path.join(CAPTURES, name)), [], name)
    shuffle.VARIANTS['one-lost'] = one_lost
    check(shuffle.differences(os.path.join(CAPTURES, names[0]), ['one-lost']), 'a lost ClientHello changes nothing')
    everything = packets.read(os.path.join(CAPTURES, names[0]))
    for name, variant in shuffle.VARIANTS.items():
        varied = variant(everything)
        check([(p.time, p.data) for p in varied] != [(p.time, p.data) for p in everything], f'{name} changes nothing')
    done(10)


if __name__ == '__main__':
    main()
