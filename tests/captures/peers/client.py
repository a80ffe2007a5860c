#!/usr/bin/env python3
"""Python's own ssl module as a client: one line out, one line in.

    client.py [--ca FILE] [--keylog FILE] [--alpn A,B] [--cert FILE --key FILE] [--max 1.2] ADDRESS PORT [SERVER-NAME]
"""
import argparse
import concurrent.futures
import socket
import ssl

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument('address')
parser.add_argument('port', type=int)
parser.add_argument('name', nargs='?')
parser.add_argument('--ca')
parser.add_argument('--keylog')
parser.add_argument('--alpn')
parser.add_argument('--cert')
parser.add_argument('--key')
parser.add_argument('--max', choices=('1.2', '1.3'), default='1.3')
parser.add_argument('--local-port', type=int, help='bind here, so that the same four-tuple comes again')
parser.add_argument('--times', type=int, default=1, help='so many connections, one after another')
parser.add_argument('--reset', action='store_true', help='end with RST instead of FIN')
parser.add_argument('--truncate', action='store_true', help='end with FIN, without close_notify')
parser.add_argument('--wait', action='store_true', help='let the server close first')
parser.add_argument('--concurrent', type=int, help='so many connections, all open at once')
options = parser.parse_args()

context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname = False
context.verify_mode = ssl.CERT_REQUIRED if options.ca else ssl.CERT_NONE
context.maximum_version = ssl.TLSVersion.TLSv1_2 if options.max == '1.2' else ssl.TLSVersion.TLSv1_3
if options.ca:
    context.load_verify_locations(options.ca)
if options.keylog:
    context.keylog_filename = options.keylog
if options.alpn:
    context.set_alpn_protocols(options.alpn.split(','))
if options.cert:
    context.load_cert_chain(options.cert, options.key)


def connect():
    raw = socket.socket(socket.AF_INET6 if ':' in options.address else socket.AF_INET)
    raw.settimeout(5)
    if options.local_port:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        raw.bind(('', options.local_port))
    raw.connect((options.address, options.port))
    return raw


def talk(raw):
    tls = context.wrap_socket(raw, server_hostname=options.name)
    tls.sendall(b'GET / HTTP/1.0\r\n\r\n')
    tls.recv(4096)
    if options.wait:
        while tls.recv(4096):
            pass
    return tls


def part(tls):
    if options.reset:
        tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
    if options.reset or options.truncate:
        tls.close()
        return
    try:
        tls.unwrap().close()
    except OSError:
        tls.close()


if options.concurrent:
    raws = [connect() for _ in range(options.concurrent)]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        for one in list(pool.map(talk, raws)):
            part(one)
else:
    for _ in range(options.times):
        part(talk(connect()))
