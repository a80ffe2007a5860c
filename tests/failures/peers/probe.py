#!/usr/bin/env python3
"""A client that does a handshake and no more, as health checks do.

    probe.py ADDRESS PORT NAME 1.2|1.3 close|goodbye|reset [KEYLOG]

close: FIN alone; goodbye: close_notify, then FIN; reset: RST.
"""
import socket
import ssl
import struct
import sys


def main():
    address, port, name, version, how, *keylog = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2 if version == '1.2' else ssl.TLSVersion.TLSv1_3
    if keylog:
        context.keylog_filename = keylog[0]
    tls = context.wrap_socket(socket.create_connection((address, int(port)), 5), server_hostname=name)
    if how == 'goodbye':
        try:
            tls.unwrap().close()
        except OSError:
            tls.close()
        return
    if how == 'reset':
        tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    tls.close()


if __name__ == '__main__':
    main()
