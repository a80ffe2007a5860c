"""Captures as lists of packets, to be made into other captures: pcap and pcapng, in and out."""
import copy
import gzip
import struct
import subprocess

ETHERNET, RAW = 1, 101
SYN, FIN, RST = 2, 1, 4


class Packet:
    """One packet. Of a TCP segment over plain IP, with Ethernet or without, `payload` and its place are known; else at is None.

    `way` is its addresses and ports where they are there: also of one that the capture cut, or of the first fragment of one;
    `datagram` names the datagram of a fragment, else it is None."""

    def __init__(self, time, link, data, length=None):
        self.time, self.link, self.data, self.at = time, link, data, None
        self.length = len(data) if length is None else max(length, len(data))  # of a packet that was cut: as it was sent
        self.way, self.flags, self.datagram = None, 0, None
        kind, ip = None, 0
        if link == ETHERNET and len(data) >= 54:
            kind, ip = struct.unpack_from('>H', data, 12)[0], 14
        elif link == RAW and len(data) >= 40:
            kind = {4: 0x0800, 6: 0x86dd}.get(data[0] >> 4)
        if kind is not None:
            if kind == 0x0800 and data[ip + 9] == 6:
                self.ip, self.tcp = ip, ip + (data[ip] & 15) * 4
                total = struct.unpack_from('>H', data, ip + 2)[0]
                end = ip + total if total else len(data)  # 0: the network card was to split it
                addresses, fragment = data[ip + 12:ip + 20], struct.unpack_from('>H', data, ip + 6)[0] & 0x3fff
                if fragment:
                    self.fragment(addresses, data[ip + 4:ip + 6], fragment & 0x1fff, self.tcp)
                    return
            elif kind == 0x86dd and data[ip + 6] == 44 and len(data) >= ip + 52 and data[ip + 40] == 6:
                offset = struct.unpack_from('>H', data, ip + 42)[0] >> 3
                self.fragment(data[ip + 8:ip + 40], data[ip + 44:ip + 48], offset, ip + 48)
                return
            elif kind == 0x86dd and data[ip + 6] == 6 and len(data) >= ip + 60:
                self.ip, self.tcp = ip, ip + 40
                total = struct.unpack_from('>H', data, ip + 4)[0]
                end = ip + 40 + total if total else len(data)
                addresses = data[ip + 8:ip + 40]
            else:
                return
            if self.tcp + 20 > min(end, len(data)):
                return
            self.way = addresses + data[self.tcp:self.tcp + 4]
            if end > len(data):
                return
            self.version = data[ip] >> 4
            self.at = self.tcp + (data[self.tcp + 12] >> 4) * 4
            self.seq, = struct.unpack_from('>I', data, self.tcp + 4)
            self.flags = data[self.tcp + 13]
            self.payload = data[self.at:end]

    def fragment(self, addresses, identification, offset, tcp):
        self.datagram = addresses + identification
        if offset == 0 and len(self.data) >= tcp + 4:
            self.way = addresses + self.data[tcp:tcp + 4]

    def at_time(self, time):
        """The same packet, captured at another time."""
        other = copy.copy(self)
        other.time = time
        return other

    def carries(self):
        return self.at is not None and len(self.payload) > 0 and not self.flags & (SYN | RST)

    def piece(self, start, end):
        """A segment with payload[start:end] alone; a FIN stays with the last byte."""
        head = bytearray(self.data[:self.at])
        body = self.payload[start:end]
        length = self.at - self.ip + len(body)
        if self.version == 4:
            struct.pack_into('>H', head, self.ip + 2, length)
        else:
            struct.pack_into('>H', head, self.ip + 4, length - 40)
        struct.pack_into('>I', head, self.tcp + 4, (self.seq + start) & 0xffffffff)
        if end < len(self.payload):
            head[self.tcp + 13] &= ~FIN
        return Packet(self.time, self.link, bytes(head) + body)


def unpack(path):
    if path.endswith('.gz'):
        with gzip.open(path) as f:
            return f.read()
    for ending, program in (('.zst', 'zstd'), ('.lz4', 'lz4')):
        if path.endswith(ending):
            return subprocess.run([program, '-dc', path], stdout=subprocess.PIPE, check=True).stdout
    with open(path, 'rb') as f:
        return f.read()


def read(path):
    data = unpack(path)
    return list(read_pcapng(data) if data[:4] == b'\x0a\x0d\x0d\x0a' else read_pcap(data))


def read_pcap(data):
    order = '<' if data[:4] in (b'\xd4\xc3\xb2\xa1', b'\x4d\x3c\xb2\xa1') else '>'
    unit = 1 if data[:4] in (b'\x4d\x3c\xb2\xa1', b'\xa1\xb2\x3c\x4d') else 1000
    link = struct.unpack_from(order + 'I', data, 20)[0] & 0xffff
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, length, original = struct.unpack_from(order + 'IIII', data, at)
        yield Packet(seconds * 10**9 + fraction * unit, link, data[at + 16:at + 16 + length], original)
        at += 16 + length


def read_pcapng(data):
    at, order, interfaces = 0, '<', []
    while at + 12 <= len(data):
        if data[at:at + 4] == b'\x0a\x0d\x0d\x0a':
            order, interfaces = ('<' if data[at + 8] == 0x4d else '>'), []
        kind, length = struct.unpack_from(order + 'II', data, at)
        if kind == 1:
            link, resolution, option = struct.unpack_from(order + 'H', data, at + 8)[0], 10**6, at + 16
            while option + 4 <= at + length - 4:
                code, size = struct.unpack_from(order + 'HH', data, option)
                if code == 9:
                    value = data[option + 4]
                    resolution = 2 ** (value & 127) if value & 128 else 10 ** value
                option += 4 + (size + 3) // 4 * 4
            interfaces.append((link, resolution))
        elif kind == 6:
            interface, high, low, size, original = struct.unpack_from(order + 'IIIII', data, at + 8)
            link, resolution = interfaces[interface]
            yield Packet((high << 32 | low) * 10**9 // resolution, link, data[at + 28:at + 28 + size], original)
        at += length


def secrets(path):
    """The key logs that a pcapng's Decryption Secrets Blocks hold, as one; None without."""
    data, at, order, found = unpack(path), 0, '<', b''
    if data[:4] != b'\x0a\x0d\x0d\x0a':
        return None
    while at + 12 <= len(data):
        if data[at:at + 4] == b'\x0a\x0d\x0d\x0a':
            order = '<' if data[at + 8] == 0x4d else '>'
        kind, length = struct.unpack_from(order + 'II', data, at)
        if kind == 10:
            of, size = struct.unpack_from(order + 'II', data, at + 8)
            if of == 0x544c534b:
                found += data[at + 16:at + 16 + size] + b'\n'
        at += length
    return found or None


def write(packets):
    """A pcap with nanoseconds, as bytes; all packets are of the first one's link type."""
    out = [struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144, packets[0].link if packets else ETHERNET)]
    for p in packets:
        out.append(struct.pack('<IIII', p.time // 10**9, p.time % 10**9, len(p.data), p.length) + p.data)
    return b''.join(out)


def block(kind, body):
    length = 12 + (len(body) + 3) // 4 * 4
    return struct.pack('<II', kind, length) + body.ljust(length - 12, b'\0') + struct.pack('<I', length)


def write_pcapng(packets, secrets=None):
    """A pcapng with nanoseconds, as bytes; `secrets` is the text of a key log for a Decryption Secrets Block."""
    nanoseconds = struct.pack('<HHBxxxHH', 9, 1, 9, 0, 0)
    links = list(dict.fromkeys(p.link for p in packets)) or [ETHERNET]
    out = [block(0x0a0d0d0a, struct.pack('<IHHq', 0x1a2b3c4d, 1, 0, -1))]
    out += [block(1, struct.pack('<HHI', link, 0, 262144) + nanoseconds) for link in links]
    if secrets is not None:
        out.append(block(10, struct.pack('<II', 0x544c534b, len(secrets)) + secrets))
    for p in packets:
        head = struct.pack('<IIIII', links.index(p.link), p.time >> 32, p.time & 0xffffffff, len(p.data), p.length)
        out.append(block(6, head + p.data))
    return b''.join(out)
