"""TLS records of a capture, opened, altered and sealed again: for tests that break one proof and leave all others whole.

    packets = packets.read(path)
    for conversation in conversations(packets): conversation.flip(SERVER, offset)
    tls = Tls(conversation, secrets_of(keylog_text))
    finished = tls.find(SERVER, FINISHED)
    tls.alter(finished, 4); tls.repair(after=finished); tls.put()

It is written from the RFCs and shares nothing with the engine but libcrypto's ciphers (cipher.c). Only what the tests
need: whole captures without loss, one handshake for each connection, no compression."""
import hashlib
import hmac
import os
import re
import struct
import subprocess

from packets import SYN

CLIENT, SERVER = 0, 1
CCS, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23
CLIENT_HELLO, SERVER_HELLO, TICKET, END_OF_EARLY_DATA, ENCRYPTED_EXTENSIONS, CERTIFICATE = 1, 2, 4, 5, 8, 11
SERVER_KEY_EXCHANGE, CERTIFICATE_VERIFY, CLIENT_KEY_EXCHANGE, FINISHED = 12, 15, 16, 20
RETRY = bytes.fromhex('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c')


# --- TCP ---------------------------------------------------------------------------------------


class Conversation:
    """Two byte streams and where in the packets each byte stands. Numbered as Wireshark numbers tcp.stream."""

    def __init__(self, packet):
        self.client, self.packets = packet.way, []
        self.first, self.data, self.places, self.frames = [None, None], [bytearray(), bytearray()], [[], []], [[], []]

    def add(self, packet, number):
        side = CLIENT if packet.way == self.client else SERVER
        self.packets.append(packet)
        if packet.flags & SYN:
            self.first[side] = packet.seq + 1 & 0xffffffff
        if not packet.carries():
            return
        if self.first[side] is None:
            self.first[side] = packet.seq
        at = (packet.seq - self.first[side]) & 0xffffffff
        assert at <= len(self.data[side]), 'a capture with holes or out of order'
        self.data[side][at:at + len(packet.payload)] = packet.payload
        self.places[side].append((at, at + len(packet.payload), packet))
        self.frames[side].append((at + len(packet.payload), number))

    def frame(self, side, end):
        """Number of the packet that completes the stream up to `end`."""
        return next(number for last, number in self.frames[side] if last >= end)

    def write(self, side, at, text):
        """Puts other bytes in place, into every packet that carries them, and mends the checksums."""
        self.data[side][at:at + len(text)] = text
        for start, end, packet in self.places[side]:
            if start < at + len(text) and at < end:
                body = bytearray(packet.data)
                low, high = max(start, at), min(end, at + len(text))
                body[packet.at + low - start:packet.at + high - start] = text[low - at:high - at]
                packet.data = bytes(body)
                packet.payload = packet.data[packet.at:packet.at + len(packet.payload)]
                mend(packet)

    def flip(self, side, at, bit=1):
        self.write(side, at, bytes([self.data[side][at] ^ bit]))


def mend(packet):
    """RFC 9293, 3.1: the checksum covers a pseudo-header of addresses, protocol and length."""
    end = packet.at + len(packet.payload)
    body = bytearray(packet.data[packet.tcp:end])
    body[16:18] = b'\0\0'
    addresses = packet.way[:-4]
    text = addresses + struct.pack('>II', len(body), 6) + bytes(body)
    text += b'\0' * (len(text) % 2)
    total = sum(struct.unpack(f'>{len(text) // 2}H', text))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    head = bytearray(packet.data)
    struct.pack_into('>H', head, packet.tcp + 16, ~total & 0xffff)
    packet.data = bytes(head)


def conversations(packets):
    found, order = {}, []
    for number, packet in enumerate(packets, 1):
        if packet.at is None:
            continue
        half = len(packet.way) // 2 - 2
        back = packet.way[half:2 * half] + packet.way[:half] + packet.way[-2:] + packet.way[-4:-2]
        talk = found.get(packet.way) or found.get(back)
        if talk is None or packet.flags & SYN and packet.way == talk.client and packet.seq + 1 & 0xffffffff != talk.first[CLIENT]:
            talk = found[packet.way] = Conversation(packet)
            found.pop(back, None)
            order.append(talk)
        talk.add(packet, number)
    return order


# --- primitives --------------------------------------------------------------------------------


class Cipher:
    """cipher.c, kept running."""

    process = None

    @classmethod
    def ask(cls, how, name, key, iv, text, aad=b'', tag=0):
        if cls.process is None:
            cls.process = subprocess.Popen([os.environ['WIRETALE_CIPHER']], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        words = [how, name, key.hex() or '-', iv.hex() or '-', aad.hex() or '-', str(tag), text.hex() or '-']
        cls.process.stdin.write(' '.join(words) + '\n')
        cls.process.stdin.flush()
        answer = cls.process.stdout.readline().strip()
        assert answer != 'bad', f'{how} with {name} failed'
        return bytes.fromhex(answer)


def hkdf_expand_label(name, secret, label, length, context=b''):
    """RFC 8446, 7.1"""
    label = b'tls13 ' + label
    info = struct.pack('>H', length) + bytes([len(label)]) + label + bytes([len(context)]) + context
    out = block = b''
    for i in range(1, 256):
        if len(out) >= length:
            break
        block = hmac.new(secret, block + info + bytes([i]), name).digest()
        out += block
    return out[:length]


def p_hash(name, secret, seed, length):
    """RFC 5246, 5"""
    out, a = b'', seed
    while len(out) < length:
        a = hmac.new(secret, a, name).digest()
        out += hmac.new(secret, a + seed, name).digest()
    return out[:length]


def prf(version, name, secret, label, seed, length):
    if version >= 0x0303:
        return p_hash(name, secret, label + seed, length)
    half = (len(secret) + 1) // 2                # RFC 2246, 5
    md5, sha = p_hash('md5', secret[:half], label + seed, length), p_hash('sha1', secret[-half:], label + seed, length)
    return bytes(x ^ y for x, y in zip(md5, sha))


def ssl3_block(secret, seed, length):
    """RFC 6101, 6.2.2"""
    out = b''
    for i in range(26):
        if len(out) >= length:
            break
        inner = hashlib.sha1(bytes([65 + i]) * (i + 1) + secret + seed).digest()
        out += hashlib.md5(secret + inner).digest()
    return out[:length]


def secrets_of(text):
    """A key log's lines by label and client random."""
    return {(w[0], w[1].lower()): bytes.fromhex(w[2]) for w in map(str.split, text.splitlines()) if len(w) == 3}


# --- suites ------------------------------------------------------------------------------------

BLOCK = {'AES_128': ('AES-128-CBC', 16, 16), 'AES_256': ('AES-256-CBC', 32, 16), '3DES_EDE': ('DES-EDE3-CBC', 24, 8),
         'DES': ('DES-CBC', 8, 8), 'CAMELLIA_128': ('CAMELLIA-128-CBC', 16, 16), 'CAMELLIA_256': ('CAMELLIA-256-CBC', 32, 16),
         'SEED': ('SEED-CBC', 16, 16)}
MAC = {'MD5': 'md5', 'SHA': 'sha1', 'SHA256': 'sha256', 'SHA384': 'sha384'}


class Suite:
    """What a suite's name says of its record protection. None of it is known when `kind` is None."""

    def __init__(self, name):
        name = name.split('_WITH_')[-1].removeprefix('TLS_')
        self.kind, self.cipher, self.key, self.iv, self.tag, self.mac, self.hash = None, '', 0, 0, 0, None, 'sha256'
        last = name.rsplit('_', 1)[-1]
        if last == 'SHA384':
            self.hash = 'sha384'
        found = re.match(r'(AES|ARIA)_(128|256)_(GCM|CCM)(_8)?', name)
        if found:
            self.kind, self.cipher, self.key = 'aead', '-'.join(found.groups()[:3]), int(found[2]) // 8
            self.iv, self.tag = 4, 8 if found[4] else 16
        elif name.startswith('CHACHA20'):
            self.kind, self.cipher, self.key, self.iv, self.tag = 'aead', 'ChaCha20-Poly1305', 32, 12, 16
        elif '_CBC_' in name and name.split('_CBC_')[0] in BLOCK:
            self.kind, self.mac = 'block', MAC[last]
            self.cipher, self.key, self.iv = BLOCK[name.split('_CBC_')[0]]
        elif name.startswith(('RC4_128_', 'NULL_')):
            self.kind, self.mac = 'stream', MAC[last]
            self.cipher, self.key = ('RC4', 16) if name[0] == 'R' else ('', 0)


class Keys:
    """One direction's protection, from its keys: opens and seals records in order."""

    def __init__(self, suite, version, mac, key, iv, etm):
        self.suite, self.version, self.mac, self.key, self.iv, self.etm = suite, version, mac, key, iv, etm

    def start(self):
        self.sequence, self.chain, self.stream = 0, self.iv, b''

    def head(self, kind, version, length):
        return struct.pack('>QBHH', self.sequence, kind, version, length)

    def record_mac(self, kind, version, text):
        s = self.suite
        if self.version > 0x0300:
            return hmac.new(self.mac, self.head(kind, version, len(text)) + text, s.mac).digest()
        pad = 48 if s.mac == 'md5' else 40       # RFC 6101, 5.2.3.1
        inner = hashlib.new(s.mac, self.mac + b'\x36' * pad + struct.pack('>QBH', self.sequence, kind, len(text)) + text).digest()
        return hashlib.new(s.mac, self.mac + b'\x5c' * pad + inner).digest()

    def aead(self, how, kind, version, text, explicit):
        s, tag = self.suite, self.suite.tag
        length = len(text) - (tag if how == 'open' else 0)
        if self.version == 0x0304:
            aad = struct.pack('>BHH', 23, 0x0303, length + tag)
        else:
            aad = self.head(kind, version, length)
        if len(self.iv) == 4:
            nonce = self.iv + explicit
        else:
            nonce = bytes(x ^ y for x, y in zip(self.iv, b'\0' * 4 + struct.pack('>Q', self.sequence)))
        return Cipher.ask(how, s.cipher, self.key, nonce, text, aad, tag)

    def run(self, how, text):
        """RC4: the whole key stream so far, since cipher.c keeps no state."""
        if not self.suite.cipher:
            return text
        wide = Cipher.ask(how, 'RC4', self.key, b'', self.stream + text)
        self.stream += bytes(len(text))
        return wide[-len(text):] if text else b''

    def open(self, kind, version, body):
        """Returns (inner type, plaintext, what sealing needs again)."""
        s = self.suite
        if s.kind == 'aead':
            explicit = body[:8] if len(self.iv) == 4 else b''
            text = self.aead('open', kind, version, body[len(explicit):], explicit)
            self.sequence += 1
            if self.version == 0x0304:
                bare = text.rstrip(b'\0')
                return bare[-1], bare[:-1], len(text) - len(bare)
            return kind, text, explicit
        size = hashlib.new(s.mac).digest_size
        if s.kind == 'stream':
            text = self.run('decrypt', body)[:len(body) - size]
            self.sequence += 1
            return kind, text, None
        sealed = body[:-size] if self.etm else body
        explicit = sealed[:s.iv] if self.version >= 0x0302 else b''
        plain = Cipher.ask('decrypt', s.cipher, self.key, explicit or self.chain, sealed[len(explicit):])
        self.chain, padding = sealed[-s.iv:], plain[-1] + 1
        self.sequence += 1
        end = len(plain) - padding - (0 if self.etm else size)
        return kind, plain[:end], (explicit, plain[len(plain) - padding:])

    def seal(self, kind, version, text, extra):
        s = self.suite
        if s.kind == 'aead':
            if self.version == 0x0304:
                text, extra = text + bytes([kind]) + bytes(extra), b''
            out = extra + self.aead('seal', kind, version, text, extra)
        elif s.kind == 'stream':
            out = self.run('encrypt', text + self.record_mac(kind, version, text))
        else:
            explicit, padding = extra
            inner = text + (b'' if self.etm else self.record_mac(kind, version, text)) + padding
            out = explicit + Cipher.ask('encrypt', s.cipher, self.key, explicit or self.chain, inner)
            self.chain = out[-s.iv:]
            if self.etm:
                out += hmac.new(self.mac, self.head(kind, version, len(out)) + out, s.mac).digest()
        self.sequence += 1
        return out


# --- TLS ---------------------------------------------------------------------------------------


class Record:
    def __init__(self, side, at, kind, version, body):
        self.side, self.at, self.kind, self.version, self.body = side, at, kind, version, body
        self.inner, self.text, self.extra, self.keys = kind, body, None, None


class Message:
    """A handshake message: its bytes with the 4-byte header, and where each stands: (record, offset)."""

    def __init__(self, side, kind, places, order):
        self.side, self.kind, self.places, self.order = side, kind, places, order

    def bytes(self):
        return bytes(record.text[at] for record, at in self.places)

    def put(self, at, text):
        for (record, offset), byte in zip(self.places[at:], text):
            whole = bytearray(record.text)
            whole[offset] = byte
            record.text = bytes(whole)


def extensions_of(body, at):
    end = at + 2 + int.from_bytes(body[at:at + 2], 'big') if at + 2 <= len(body) else at
    at += 2
    out = {}
    while at + 4 <= end:
        kind, size = struct.unpack_from('>HH', body, at)
        out[kind] = body[at + 4:at + 4 + size]
        at += 4 + size
    return out


class Tls:
    """The first handshake of a conversation and the data after it. `suite_name` as IANA spells it."""

    def __init__(self, conversation, secrets, suite_name, skip=(0, 0)):
        self.conversation, self.secrets = conversation, secrets
        self.records = [list(self.split(side, skip[side])) for side in (CLIENT, SERVER)]
        hellos = [self.messages(side, clear=True) for side in (CLIENT, SERVER)]
        client = next(m for m in hellos[CLIENT] if m.kind == CLIENT_HELLO).bytes()
        server = [m for m in hellos[SERVER] if m.kind == SERVER_HELLO][-1].bytes()
        self.randoms = client[6:38], server[6:38]
        self.random = self.randoms[0].hex()
        at = 39 + server[38]
        self.version, extensions = int.from_bytes(server[4:6], 'big'), extensions_of(server, at + 3)
        if 43 in extensions:
            self.version = int.from_bytes(extensions[43], 'big')
        self.suite, self.etm, self.ems = Suite(suite_name), 22 in extensions, 23 in extensions
        self.open()

    def split(self, side, at):
        data = self.conversation.data[side]
        while at + 5 <= len(data):
            kind, version, length = struct.unpack_from('>BHH', data, at)
            assert 20 <= kind <= 24, 'no TLS record'
            yield Record(side, at, kind, version, bytes(data[at + 5:at + 5 + length]))
            at += 5 + length

    def messages(self, side, clear=False):
        out, places = [], []
        for record in self.records[side]:
            if clear and record.kind != HANDSHAKE:
                break
            if record.inner == HANDSHAKE:
                places += [(record, i) for i in range(len(record.text))]
            while len(places) >= 4:
                head = bytes(r.text[i] for r, i in places[:4])
                size = 4 + int.from_bytes(head[1:], 'big')
                if len(places) < size:
                    break
                last = places[size - 1][0]
                order = self.conversation.frame(side, last.at + 5 + len(last.body))
                out.append(Message(side, head[0], places[:size], order))
                places = places[size:]
        return out

    def handshake(self):
        """All messages up to both Finished, in the order in which they passed."""
        both = [self.messages(side) for side in (CLIENT, SERVER)]
        out = []
        for messages in both:
            end = next((i for i, m in enumerate(messages) if m.kind == FINISHED), len(messages) - 1)
            out += messages[:end + 1]
        return sorted(out, key=lambda m: m.order)

    def find(self, side, kind):
        return next((m for m in self.handshake() if m.side == side and m.kind == kind), None)

    def data(self, side):
        return [r for r in self.records[side] if r.inner == DATA and r.keys is not None]

    # keys

    def secret(self, label):
        return self.secrets.get((label, self.random))

    def master(self):
        found = self.secret('CLIENT_RANDOM')
        if found is None:                        # NSS: by the first bytes of the encrypted premaster secret
            exchange = next(m for m in self.messages(CLIENT, clear=True) if m.kind == CLIENT_KEY_EXCHANGE).bytes()[4:]
            encrypted = exchange if self.version == 0x0300 else exchange[2:]
            premaster = self.secrets[('RSA', encrypted[:8].hex())]
            if self.version == 0x0300:
                found = ssl3_block(premaster, b''.join(self.randoms), 48)
            elif self.ems:                       # RFC 7627, 4
                found = prf(self.version, self.suite.hash, premaster, b'extended master secret', self.session_hash(), 48)
            else:
                found = prf(self.version, self.suite.hash, premaster, b'master secret', b''.join(self.randoms), 48)
        return found

    def session_hash(self):
        both = self.messages(CLIENT, clear=True) + self.messages(SERVER, clear=True)
        both.sort(key=lambda m: m.order)
        end = next(i for i, m in enumerate(both) if m.kind == CLIENT_KEY_EXCHANGE)
        return self.transcript_hash(b''.join(m.bytes() for m in both[:end + 1]))

    def transcript_hash(self, transcript):
        if self.version >= 0x0303:
            return hashlib.new(self.suite.hash, transcript).digest()
        return hashlib.md5(transcript).digest() + hashlib.sha1(transcript).digest()

    def old_keys(self):
        s, seed = self.suite, self.randoms[1] + self.randoms[0]
        mac = hashlib.new(s.mac).digest_size if s.mac else 0
        iv = 0 if s.kind == 'block' and self.version >= 0x0302 else s.iv
        size = 2 * (mac + s.key + iv)
        self.master_secret = self.master()
        if self.version == 0x0300:
            block = ssl3_block(self.master_secret, seed, size)
        else:
            block = prf(self.version, s.hash, self.master_secret, b'key expansion', seed, size)
        parts = []
        for length in (mac, mac, s.key, s.key, iv, iv):
            parts.append(block[:length])
            block = block[length:]
        return [Keys(s, self.version, parts[i], parts[2 + i], parts[4 + i], self.etm and s.kind == 'block') for i in (0, 1)]

    def new_keys(self, label):
        secret = self.secret(label)
        if secret is None:
            return None
        expand = lambda what, size: hkdf_expand_label(self.suite.hash, secret, what, size)
        return Keys(self.suite, 0x0304, b'', expand(b'key', self.suite.key), expand(b'iv', 12), False)

    def open(self):
        if self.version == 0x0304:
            self.open_new(CLIENT, 'CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'CLIENT_TRAFFIC_SECRET_0')
            self.open_new(SERVER, 'SERVER_HANDSHAKE_TRAFFIC_SECRET', 'SERVER_TRAFFIC_SECRET_0')
            return
        for side, keys in zip((CLIENT, SERVER), self.old_keys()):
            on = False
            keys.start()
            for record in self.records[side]:
                if on:
                    self.open_record(record, keys)
                on = on or record.kind == CCS

    def open_new(self, side, *labels):
        labels = list(labels)
        keys = self.new_keys(labels.pop(0))
        keys.start()
        for record in self.records[side]:
            if record.kind != DATA:
                continue
            self.open_record(record, keys)
            if record.inner == HANDSHAKE and labels and any(m.kind == FINISHED for m in self.messages(side)):
                keys = self.new_keys(labels.pop(0))
                keys.start()

    @staticmethod
    def open_record(record, keys):
        record.inner, record.text, record.extra = keys.open(record.kind, record.version, record.body)
        record.keys = keys

    # altering

    def alter(self, message, at, bit=1):
        message.put(at, bytes([message.bytes()[at] ^ bit]))

    def finished(self, side, transcript):
        name = self.suite.hash
        if self.version == 0x0304:
            label = ('CLIENT', 'SERVER')[side] + '_HANDSHAKE_TRAFFIC_SECRET'
            key = hkdf_expand_label(name, self.secret(label), b'finished', hashlib.new(name).digest_size)
            return hmac.new(key, hashlib.new(name, transcript).digest(), name).digest()
        if self.version == 0x0300:
            sender, out = (b'CLNT', b'SRVR')[side], b''
            for hash_name, pad in (('md5', 48), ('sha1', 40)):  # RFC 6101, 5.6.9
                inner = hashlib.new(hash_name, transcript + sender + self.master_secret + b'\x36' * pad).digest()
                out += hashlib.new(hash_name, self.master_secret + b'\x5c' * pad + inner).digest()
            return out
        label = (b'client finished', b'server finished')[side]
        return prf(self.version, name, self.master_secret, label, self.transcript_hash(transcript), 12)

    def walk(self):
        """(Finished message, its verify_data as the transcript before it wants it), one after the other."""
        transcript = b''
        for message in self.handshake():
            if message.kind == FINISHED:
                yield message, self.finished(message.side, transcript)
            whole = message.bytes()
            if message.kind == SERVER_HELLO and whole[6:38] == RETRY:  # RFC 8446, 4.4.1
                size = hashlib.new(self.suite.hash).digest_size
                transcript = bytes([254, 0, 0, size]) + hashlib.new(self.suite.hash, transcript).digest()
            transcript += whole

    def holds(self):
        """Whether both Finished are what they should be: the test of this file itself."""
        found = list(self.walk())
        return len(found) == 2 and all(m.bytes()[4:] == wanted for m, wanted in found)

    def repair(self, but=None):
        """Makes every Finished fit the altered transcript, but for the one named."""
        for message, wanted in self.walk():
            if but is None or message.side != but.side:
                message.put(4, wanted)

    def put(self):
        """Seals all records again and writes them into the packets."""
        started = set()
        for side in (CLIENT, SERVER):
            for record in self.records[side]:
                body = record.text
                if record.keys is not None:
                    if id(record.keys) not in started:
                        started.add(id(record.keys))
                        record.keys.start()
                    body = record.keys.seal(record.inner if self.version == 0x0304 else record.kind, record.version, record.text,
                                            record.extra)
                assert len(body) == len(record.body), 'a record may not change its length'
                if body != record.body:
                    self.conversation.write(side, record.at + 5, body)
