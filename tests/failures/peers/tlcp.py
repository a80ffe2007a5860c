#!/usr/bin/env python3
"""A connection of TLCP, both sides played by tests/tools/gm_peer.c, whose words they are.

    WIRETALE_GM_PEER=PROGRAM tlcp.py FILE WORD...    writes FILE (pcap), FILE.keys and FILE.root (DER)"""
import os
import shutil
import sys
import tempfile
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'tools'))
import gm  # noqa: E402


def main():
    path, *words = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        played = gm.Played(folder, *words)
        shutil.copy(played.pcap, path)
        shutil.copy(played.keys, path + '.keys')
        shutil.copy(played.root, path + '.root')
    if not os.path.getsize(path + '.keys'):
        os.remove(path + '.keys')


if __name__ == '__main__':
    main()
