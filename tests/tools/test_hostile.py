#!/usr/bin/env python3
"""Captures that are made to cost too much or to blind (bench/hostile, a part of each): what they cost, and that the victim is told."""
import os
import subprocess
import sys
from tale import check, done, equal

HOSTILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'bench', 'hostile')

told = subprocess.run([sys.executable, HOSTILE, '--wiretale', os.environ['WIRETALE'], '--scale', '0.05'], stdout=subprocess.PIPE, text=True,
                      check=False)
equal(told.returncode, 0, 'every goal is met:\n' + told.stdout)
for line in told.stdout.splitlines():
    check('victim told' in line, line)
equal(len(told.stdout.splitlines()), 5, 'attacks')
done()
