#!/usr/bin/env python3
"""A relay between a client and a server that does one wrong thing on the way.

    relay.py PORT TARGET [RULE...]        RULE: SIDE WHAT ACTION [VALUE...] in one argument, as 'server certificate drop'

SIDE is who sends it: client or server. WHAT is a handshake message that passes in the clear (client_hello, certificate, ...)
or recordN, that side's record number N from 1. What was touched is framed anew, one record per message; all else passes as
it came. ACTION:

    flip N            one bit of byte N of the message's body, or of the record's content; negative from the end
    set N HEX         bytes from byte N on
    suite HEX         a ServerHello's cipher suite
    extension T HEX   a hello's extension of type T gets this body
    without T         a hello loses its extension of type T
    retype T NEW      a hello's extension of type T becomes one of type NEW
    length N          its header claims a body of N bytes
    junk HEX          these bytes pass before it, in no record
    split N           its first N bytes on the wire pass, the rest a moment later, in segments of their own
    drop              it does not pass
    twice             it passes twice
    first N           of its bytes on the wire only the first N pass, and nothing behind them
    delay SECONDS     it waits
    alert L D         an alert passes in its place, in the clear
    cancel            user_canceled and close_notify pass in its place, in the clear, and both connections end
    stall             it does not pass, nor anything behind it in either direction; both connections stay open
    close, reset      both connections end, without it
    close-after, reset-after, stall-after     the same, but it passes
"""
import socket
import struct
import sys
import threading
import time

TYPES = {'hello_request': 0, 'client_hello': 1, 'server_hello': 2, 'new_session_ticket': 4, 'certificate': 11,
         'server_key_exchange': 12, 'certificate_request': 13, 'server_hello_done': 14, 'certificate_verify': 15,
         'client_key_exchange': 16, 'finished': 20, 'certificate_status': 22}
CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE = 20, 21, 22


class Over(Exception):
    """This relay has done its work: the connections are closed, or left as they are."""


def extensions(body, offset):
    """Where a hello's extensions begin, and each as (type, content)."""
    out, at = [], offset + 2
    while at + 4 <= len(body):
        kind, length = struct.unpack('>HH', body[at:at + 4])
        out.append((kind, bytes(body[at + 4:at + 4 + length])))
        at += 4 + length
    return out


def hello_extensions(kind, body):
    """The offset of the extensions' length in a ClientHello or ServerHello."""
    at = 34
    at += 1 + body[at]
    if kind == 1:
        at += 2 + struct.unpack('>H', body[at:at + 2])[0]
        return at + 1 + body[at]
    return at + 3


def with_extensions(kind, body, change):
    offset = hello_extensions(kind, body)
    blob = b''.join(struct.pack('>HH', t, len(c)) + c for t, c in change(extensions(body, offset)))
    return bytearray(body[:offset] + struct.pack('>H', len(blob)) + blob)


class Side:
    def __init__(self, name, source, target, rules, relay):
        self.name, self.source, self.target, self.rules, self.relay = name, source, target, rules, relay
        self.clear, self.records = True, 0

    def run(self):
        try:
            while True:
                head = self.exactly(5)
                self.record(head[0], head[1:3], bytearray(self.exactly(struct.unpack('>H', head[3:])[0])))
        except Over:
            pass
        except OSError:
            self.relay.shut(self.target)

    def exactly(self, number):
        out = b''
        while len(out) < number:
            part = self.source.recv(number - len(out))
            if not part:
                raise ConnectionError
            out += part
        return out

    def send(self, kind, version, content):
        if self.relay.stalled:
            raise Over
        self.target.sendall(bytes([kind]) + version + struct.pack('>H', len(content)) + content)

    def record(self, kind, version, content):
        self.records += 1
        rule = self.rules.get(f'record{self.records}')
        if rule:
            self.act(rule, kind, version, b'', content, None)
            return
        if kind == HANDSHAKE and self.clear and self.messages(kind, version, content):
            return
        if kind == CHANGE_CIPHER_SPEC:
            self.clear = False
        self.send(kind, version, content)

    def messages(self, kind, version, content):
        """Acts on the messages of a record; False where it holds none that a rule names, or one that is not whole."""
        out, at = [], 0
        while at + 4 <= len(content):
            length = int.from_bytes(content[at + 1:at + 4], 'big')
            out.append((content[at], bytes(content[at:at + 4]), bytearray(content[at + 4:at + 4 + length])))
            at += 4 + length
        names = {v: k for k, v in TYPES.items()}
        if at != len(content) or not any(names.get(t) in self.rules for t, _, _ in out):
            return False
        for t, head, body in out:
            rule = self.rules.get(names.get(t))
            if rule:
                self.act(rule, kind, version, head, body, t)
            else:
                self.send(kind, version, head + body)
        return True

    def act(self, rule, kind, version, head, body, message):
        action, values = rule[0], rule[1:]
        if action in ('stall', 'close', 'reset'):
            self.relay.end(action)
        if action == 'alert':
            self.send(ALERT, version, bytes(map(int, values)))
            return
        if action == 'cancel':
            for alert in (b'\x01\x5a', b'\x01\x00'):
                self.send(ALERT, version, alert)
            self.relay.end('close')
        if action == 'drop':
            return
        if action == 'delay':
            time.sleep(float(values[0]))
        elif action == 'flip':
            body[int(values[0])] ^= 1
        elif action == 'set':
            new = bytes.fromhex(values[1])
            body[int(values[0]):int(values[0]) + len(new)] = new
        elif action == 'suite':
            body[35 + body[34]:37 + body[34]] = bytes.fromhex(values[0])
        elif action == 'extension':
            body = with_extensions(message, body, lambda all_: [
                (t, bytes.fromhex(values[1]) if t == int(values[0]) else c) for t, c in all_])
        elif action == 'retype':
            body = with_extensions(message, body, lambda all_: [
                (int(values[1]) if t == int(values[0]) else t, c) for t, c in all_])
        elif action == 'without':
            body = with_extensions(message, body, lambda all_: [(t, c) for t, c in all_ if t != int(values[0])])
        elif action == 'junk':
            self.target.sendall(bytes.fromhex(values[0]))
        if head:
            claimed = int(values[0]) if action == 'length' else len(body)
            head = head[:1] + claimed.to_bytes(3, 'big')
        if action == 'split':
            whole = bytes([kind]) + version + struct.pack('>H', len(head + body)) + head + body
            self.target.sendall(whole[:int(values[0])])
            time.sleep(0.1)
            self.target.sendall(whole[int(values[0]):])
            return
        if action == 'first':
            whole = bytes([kind]) + version + struct.pack('>H', len(head + body)) + head + body
            self.target.sendall(whole[:int(values[0])])
            self.relay.end('stall')
        self.send(kind, version, head + body)
        if action == 'twice':
            self.send(kind, version, head + body)
        if action.endswith('-after'):
            time.sleep(0.02)
            self.relay.end(action[:-len('-after')])


class Relay:
    def __init__(self, client, server, rules):
        self.client, self.server, self.stalled = client, server, False
        sides = [Side('client', client, server, rules['client'], self), Side('server', server, client, rules['server'], self)]
        for side in sides:
            threading.Thread(target=side.run, daemon=True).start()

    def end(self, how):
        self.stalled = True
        for sock in (self.client, self.server):
            if how == 'reset':
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                sock.shutdown(socket.SHUT_RD)   # wakes the thread that reads from it, which would keep it open
                sock.close()
            elif how == 'close':
                self.shut(sock)
        raise Over

    @staticmethod
    def shut(sock):
        try:
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def main():
    rules = {'client': {}, 'server': {}}
    for text in sys.argv[3:]:
        side, what, *action = text.split()
        rules[side][what] = action
    listener = socket.create_server(('0.0.0.0', int(sys.argv[1])))
    kept = []                                    # stalled connections stay open
    while True:
        client, _ = listener.accept()
        server = socket.create_connection(('127.0.0.1', int(sys.argv[2])))
        for sock in (client, server):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        kept.append(Relay(client, server, rules))


if __name__ == '__main__':
    main()
