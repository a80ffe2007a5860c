#!/usr/bin/env python3
"""Python's ssl module with its own defaults: the chain and the host name are checked in the handshake.

    strict.py CA ADDRESS PORT NAME [1.2]      and a line, if it comes that far"""
import socket
import ssl
import sys

ca, address, port, name = sys.argv[1:5]
context = ssl.create_default_context(cafile=ca)
if sys.argv[5:] == ['1.2']:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
with context.wrap_socket(socket.create_connection((address, int(port)), 5), server_hostname=name) as tls:
    tls.sendall(b'GET / HTTP/1.0\r\n\r\n')
    tls.recv(4096)
