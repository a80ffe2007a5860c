#!/usr/bin/env python3
"""A relay of datagrams, which does to them what a network may do.

    datagram_relay.py PORT TARGET:PORT RULE...

A rule is ACTION:SIDE:WHICH. SIDE is who sent it: client or server. WHICH counts that side's datagrams from 1: 3, 2-5, 4-
(and all after), or larger=N (bytes of payload). ACTION is

    drop        it does not arrive
    twice       it arrives a second time at once
    again=N     a copy arrives behind that side's datagram N, too
    late=N      it arrives behind that side's datagram N, and not before
    flip=N      byte N (from the end where negative) has another lowest bit
    keep=N      nothing but its first N bytes arrives
    answer=N    nothing but N pseudo-random bytes in its place

and "stay": nothing arrives of a client that has changed its address.
"""
import random
import select
import socket
import sys


class Rule:
    def __init__(self, text):
        action, self.side, which = text.split(':')
        self.action, _, value = action.partition('=')
        self.value = int(value) if value else None
        self.larger = int(which[7:]) if which.startswith('larger=') else None
        first, dash, last = ('1', '-', '') if self.larger is not None else which.partition('-')
        self.first, self.last = int(first), (int(last) if last else sys.maxsize if dash else int(first))

    def fits(self, side, number, data):
        return side == self.side and self.first <= number <= self.last and (self.larger is None or len(data) > self.larger)


class Relay:
    def __init__(self, rules):
        self.rules, self.count, self.kept = rules, {'client': 0, 'server': 0}, []

    def through(self, side, data):
        """What arrives in place of a datagram, in order."""
        self.count[side] += 1
        number = self.count[side]
        due = [d for s, n, d in self.kept if s == side and n <= number]
        self.kept = [k for k in self.kept if k[0] != side or k[1] > number]
        out = [data]
        for rule in self.rules:
            if not rule.fits(side, number, data):
                continue
            if rule.action in ('again', 'late'):
                self.kept.append((side, rule.value, data))
            if rule.action in ('drop', 'late'):
                out = []
            elif rule.action == 'twice':
                out = [data, data]
            elif rule.action == 'flip':
                changed = bytearray(data)
                changed[rule.value] ^= 1
                out = [bytes(changed)]
            elif rule.action == 'keep':
                out = [data[:rule.value]]
            elif rule.action == 'answer':
                out = [random.Random(number).randbytes(rule.value)]
        return out + due


def main():
    port, target, *rules = sys.argv[1:]
    host, target_port = target.rsplit(':', 1)
    relay, client, stay = Relay([Rule(rule) for rule in rules if rule != 'stay']), None, 'stay' in rules
    near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    near.bind(('', int(port)))
    far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    far.connect((host, int(target_port)))
    while True:
        for ready in select.select([near, far], [], [])[0]:
            try:
                data, sender = ready.recvfrom(65536)
            except ConnectionRefusedError:
                continue
            if ready is near:
                if stay and client not in (None, sender):
                    continue
                client = sender
                for one in relay.through('client', data):
                    far.send(one)
            elif client:
                for one in relay.through('server', data):
                    near.sendto(one, client)


if __name__ == '__main__':
    main()
