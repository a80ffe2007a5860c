"""Captures of DTLS 1.3 and of DTLS 1.2 with connection ids, as dtls_peer plays them: what no program of Debian speaks and logs keys
of."""
import os
import struct
import subprocess

import packets

SERVER = (bytes([192, 0, 2, 80]), 4433)
CLIENTS = {'client': (bytes([192, 0, 2, 10]), 41000), 'moved': (bytes([192, 0, 2, 10]), 42000)}


def datagram(time, sender, receiver, data):
    udp = struct.pack('>HHHH', sender[1], receiver[1], 8 + len(data), 0)
    ip = struct.pack('>BBHHHBBH', 0x45, 0, 28 + len(data), 0, 0x4000, 64, 17, 0) + sender[0] + receiver[0]
    return packets.Packet(time, packets.RAW, ip + udp + data)


class Played:
    """A capture and its key log as files in `folder`: pcap, keys. `version`: 12 or 13."""

    def __init__(self, folder, version):
        out = subprocess.run([os.environ['WIRETALE_DTLS_PEER'], str(version)], stdout=subprocess.PIPE, check=True).stdout.decode()
        lines = [line.split(' ', 1) for line in out.splitlines()]
        self.packets, client = [], CLIENTS['client']
        for what, text in lines:
            if what == 'keylog':
                continue
            client = CLIENTS.get(what, client)
            ends = (SERVER, client) if what == 'server' else (client, SERVER)
            time = 1700000000 * 10**9 + len(self.packets) * 10**6
            self.packets.append(datagram(time, *ends, bytes.fromhex(text)))
        self.pcap, self.keys = (os.path.join(folder, f'dtls-{version}.pcap{end}') for end in ('', '.keys'))
        with open(self.pcap, 'wb') as f:
            f.write(packets.write(self.packets))
        with open(self.keys, 'w', encoding='ascii') as f:
            f.write(''.join(text + '\n' for what, text in lines if what == 'keylog'))
