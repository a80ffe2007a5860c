#!/usr/bin/env python3
"""A client of HTTP that reads to the server's close_notify and then closes without one of its own.

    silent_client.py ADDRESS PORT NAME 1.2|1.3 KEYLOG
"""
import socket
import ssl
import sys


def main():
    address, port, name, version, keylog = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2 if version == '1.2' else ssl.TLSVersion.TLSv1_3
    context.keylog_filename = keylog
    tls = context.wrap_socket(socket.create_connection((address, int(port)), 5), server_hostname=name)
    tls.sendall(f'GET / HTTP/1.1\r\nHost: {name}\r\n\r\n'.encode())
    while tls.recv(4096):
        pass
    tls.close()


if __name__ == '__main__':
    main()
