#!/usr/bin/env python3
"""forbid.py CALL... -- PROGRAM [ARGUMENT...]: runs a program to which the kernel refuses those system calls (EPERM), as a
container's seccomp filter does."""
import ctypes
import os
import platform
import struct
import sys

NUMBERS = {'x86_64': {'ptrace': 101, 'unshare': 272, 'process_vm_readv': 310, 'memfd_create': 319, 'clone': 56},
           'aarch64': {'ptrace': 117, 'unshare': 97, 'process_vm_readv': 270, 'memfd_create': 279, 'clone': 220}}
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, FILTER = 22, 38, 2
LOAD, EQUAL, RETURN, ALLOW, REFUSE = 0x20, 0x15, 0x06, 0x7fff0000, 0x00050001


def main():
    at = sys.argv.index('--')
    numbers, program = [NUMBERS[platform.machine()][name] for name in sys.argv[1:at]], sys.argv[at + 1:]
    code = [(LOAD, 0, 0, 0)]  # the call's number
    for i, number in enumerate(numbers):
        code.append((EQUAL, len(numbers) - i, 0, number))
    code += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]
    text = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *c) for c in code))
    rules = ctypes.create_string_buffer(struct.pack('HxxxxxxP', len(code), ctypes.addressof(text)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or libc.prctl(PR_SET_SECCOMP, FILTER, rules, 0, 0) != 0:
        sys.exit(f'no seccomp here: {os.strerror(ctypes.get_errno())}')
    os.execvp(program[0], program)


if __name__ == '__main__':
    main()
