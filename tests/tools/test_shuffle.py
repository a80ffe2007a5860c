#!/usr/bin/env python3
"""What other taps would have captured of the same packets gives the same reading.

And its near miss: a variant that leaves a packet out is seen to differ."""
import os
import packets
import shuffle
from tale import CAPTURES, capture_names, check, done, equal

AT_ONCE = 16  # captures that one run reads, with their variants
FAILURES = ('tcp-refused-curl.pcapng', 'tcp-refused-openssl.pcapng', 'tcp-refused-fine.pcapng')


def one_lost(everything):
    first = next(i for i, p in enumerate(everything) if p.at is not None and p.carries() and p.payload[0] == 0x16)
    return everything[:first] + everything[first + 1:]


def main():
    names = [os.path.join(CAPTURES, n) for n in capture_names()]
    names += [os.path.join(CAPTURES, '..', 'failures', n) for n in FAILURES]
    check(len(names) >= 5, f'captures that are here: {names}')
    for i in range(0, len(names), AT_ONCE):
        equal(shuffle.differences_of_many(names[i:i + AT_ONCE]), [], 'captures')
    article = os.path.join(CAPTURES, 'article.pcapng')
    shuffle.VARIANTS['one-lost'] = one_lost
    check(shuffle.differences(article, ['one-lost']), 'a lost ClientHello changes nothing')
    check(shuffle.differences_of_many([article]), 'of many, neither')
    everything = packets.read(article)
    for name, variant in shuffle.VARIANTS.items():
        varied = variant(everything)
        check([(p.time, p.data) for p in varied] != [(p.time, p.data) for p in everything], f'{name} changes nothing')
    done(10)


if __name__ == '__main__':
    main()
