#!/usr/bin/env python3
"""GnuTLS's library as a client, for what gnutls-cli has no option for or crashes at: one line out, the echo in.

    gnutls_client.py --priority P [--name N] [--psk ID:HEX] [--srp USER:PASSWORD] [--cert F --key F] [--pad N,N]
                     [--update own|both] [--max N] [--long N] ADDRESS PORT

--pad: TLS 1.3 padding for one more line each. --update: KeyUpdate between two lines, `both` asks the server for its own.
--max: max_fragment_length and record_size_limit. --long: a further line of so many bytes.
The key log goes where SSLKEYLOGFILE says."""
import argparse
import ctypes
import ctypes.util
import socket
import sys

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument('address')
parser.add_argument('port', type=int)
parser.add_argument('--priority', required=True)
parser.add_argument('--name', default='www.example.com')
parser.add_argument('--psk')
parser.add_argument('--srp')
parser.add_argument('--cert')
parser.add_argument('--key')
parser.add_argument('--pad', default='')
parser.add_argument('--max', type=int)
parser.add_argument('--long', type=int)
parser.add_argument('--update', choices=('own', 'both'))
options = parser.parse_args()

CLIENT, NAME_DNS, SHUT_RDWR, PEM, HEX, ASK_PEER = 2, 1, 0, 1, 1, 1
CERTIFICATE, ANON, SRP, PSK = 1, 2, 3, 4
AGAIN, INTERRUPTED = -28, -52
lib = ctypes.CDLL(ctypes.util.find_library('gnutls') or 'libgnutls.so.30')
lib.gnutls_strerror.restype = ctypes.c_char_p
lib.gnutls_record_send2.restype = lib.gnutls_record_recv.restype = ctypes.c_ssize_t


class Datum(ctypes.Structure):
    _fields_ = [('data', ctypes.c_char_p), ('size', ctypes.c_uint)]


def call(name, *arguments):
    result = AGAIN
    while result in (AGAIN, INTERRUPTED):        # a ticket or a KeyUpdate was taken in, and no data
        result = getattr(lib, 'gnutls_' + name)(*arguments)
    if result < 0:
        sys.exit(f'gnutls_{name}: {lib.gnutls_strerror(result).decode()}')
    return result


def credentials(kind, what):
    new = ctypes.c_void_p()
    call(what + '_allocate_' + ('client_credentials' if kind != CERTIFICATE else 'credentials'), ctypes.byref(new))
    call('credentials_set', session, kind, new)
    return new


raw = socket.create_connection((options.address, options.port), 5)
raw.settimeout(None)
session = ctypes.c_void_p()
call('init', ctypes.byref(session), CLIENT)
call('priority_set_direct', session, options.priority.encode(), None)
call('server_name_set', session, NAME_DNS, options.name.encode(), ctypes.c_size_t(len(options.name)))
certificate = credentials(CERTIFICATE, 'certificate')
credentials(ANON, 'anon')
if options.cert:
    call('certificate_set_x509_key_file', certificate, options.cert.encode(), options.key.encode(), PEM)
if options.psk:
    identity, secret = options.psk.split(':')
    call('psk_set_client_credentials', credentials(PSK, 'psk'), identity.encode(),
         ctypes.byref(Datum(secret.encode(), len(secret))), HEX)
if options.srp:
    user, password = options.srp.split(':')
    call('srp_set_client_credentials', credentials(SRP, 'srp'), user.encode(), password.encode())
if options.max:
    call('record_set_max_size', session, ctypes.c_size_t(options.max))
lib.gnutls_transport_set_int2(session, raw.fileno(), raw.fileno())
lib.gnutls_handshake_set_timeout(session, 8000)
call('handshake', session)


def say(line, padding=0):
    sent = 0
    while sent < len(line):
        rest = line[sent:]
        sent += call('record_send2', session, rest, ctypes.c_size_t(len(rest)), ctypes.c_size_t(padding), 0)
    answer, buffer = b'', ctypes.create_string_buffer(4096)
    while len(answer) < len(line):
        got = call('record_recv', session, buffer, ctypes.c_size_t(len(buffer)))
        if got == 0:
            sys.exit('the server closed')
        answer += buffer.raw[:got]


say(b'ping from the client\n')
for text in filter(None, options.pad.split(',')):
    say(b'padded by ' + text.encode() + b'\n', int(text))
if options.long:
    say(b'=' * (options.long - 1) + b'\n')
if options.update:
    call('session_key_update', session, ASK_PEER if options.update == 'both' else 0)
    say(b'under the next keys\n')
    call('session_key_update', session, 0)
    say(b'and the next\n')
call('bye', session, SHUT_RDWR)
