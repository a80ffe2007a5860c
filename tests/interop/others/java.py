"""Java: JSSE, by a program of ours."""
import os
import shutil
from cases import Claims
from stage import Trouble, run
from others.base import OfOurs, version_of
from others.scripts import PROGRAMS

FAMILIES = (('secp256r1', 'secp384r1', 'secp521r1'), ('x25519', 'x448'), ('ffdhe2048', 'ffdhe3072'))


class Java(OfOurs):
    name = 'Java'
    needs = 'openjdk-17-jdk-headless'
    programs = ('java', 'javac')
    server = Claims()
    client = Claims()

    def version(self):
        return version_of('java', '-version', pattern=r'version "([^"]+)"')

    def prepare(self, stage):
        status, out = run(['javac', '-d', stage.folder, os.path.join(PROGRAMS, 'Peer.java')], limit=120)
        if status:
            raise Trouble(out)

    def first(self, case):
        """It sends a key share of each kind of group: only one of the same kind is left out."""
        family = next(f for f in FAMILIES if case.group in f)
        return next(g for g in family if g != case.group)

    def command(self, stage):
        return [shutil.which('java'), '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto', '-cp', stage.folder, 'Peer']
