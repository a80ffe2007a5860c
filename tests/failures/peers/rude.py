#!/usr/bin/env python3
"""A server with no patience.

    rude.py PORT CHAIN KEY 1.2|1.3 cut|goodbye

cut: it ends its answer by FIN, without a close_notify; goodbye: it says close_notify, and nothing else.
"""
import socket
import ssl
import sys


def main():
    port, chain, key, version, how = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    context.num_tickets = 0
    context.maximum_version = ssl.TLSVersion.TLSv1_2 if version == '1.2' else ssl.TLSVersion.TLSv1_3
    listener = socket.create_server(('0.0.0.0', int(port)))
    while True:
        conn, _ = listener.accept()
        conn.settimeout(5)
        try:
            tls = context.wrap_socket(conn, server_side=True)
            if how == 'goodbye':
                tls.unwrap().close()
                continue
            tls.recv(4096)
            tls.sendall(b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nas much as there is')
            tls.close()                          # the socket alone
        except OSError as error:
            print(error, flush=True)


if __name__ == '__main__':
    main()
