#!/usr/bin/env python3
"""OpenSSL's library as a TLS 1.2 server that knows one PSK identity; s_server takes every one.

    psk_server.py PORT IDENTITY HEX"""
import ctypes
import ctypes.util
import socket
import sys

port, known, secret = int(sys.argv[1]), sys.argv[2].encode(), bytes.fromhex(sys.argv[3])
lib = ctypes.CDLL(ctypes.util.find_library('ssl') or 'libssl.so.3')
for name in ('TLS_server_method', 'SSL_CTX_new', 'SSL_new'):
    getattr(lib, name).restype = ctypes.c_void_p
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_uint, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_uint)
SET_MAX_VERSION, TLS12 = 124, 0x0303


@CALLBACK
def key_of(ssl, identity, out, room):
    if identity != known or len(secret) > room:
        return 0                                 # OpenSSL: unknown_psk_identity
    ctypes.memmove(out, secret, len(secret))
    return len(secret)


context = ctypes.c_void_p(lib.SSL_CTX_new(ctypes.c_void_p(lib.TLS_server_method())))
lib.SSL_CTX_ctrl(context, SET_MAX_VERSION, ctypes.c_long(TLS12), None)
lib.SSL_CTX_set_cipher_list(context, b'PSK')
lib.SSL_CTX_set_psk_server_callback(context, key_of)
server = socket.create_server(('0.0.0.0', port))
while True:
    raw, _ = server.accept()
    ssl = ctypes.c_void_p(lib.SSL_new(context))
    lib.SSL_set_fd(ssl, raw.fileno())
    if lib.SSL_accept(ssl) == 1:
        buffer = ctypes.create_string_buffer(256)
        lib.SSL_write(ssl, buffer, max(lib.SSL_read(ssl, buffer, 256), 1))
        lib.SSL_shutdown(ssl)
    lib.SSL_free(ssl)
    raw.close()
