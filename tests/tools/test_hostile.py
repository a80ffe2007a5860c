#!/usr/bin/env python3
"""Captures that are made to cost too much or to blind (bench/hostile, a part of each): what they cost, that the victim is
reported, and that no connection and no packet is left out in silence."""
import os
import subprocess
import sys
from tale import check, done, equal

HOSTILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'bench', 'hostile')
STREAMS = {'open': ['syn', 'hello', 'short_hello', 'large_hello', 'short_large_hello', 'short_flight', 'early', 'dialogue', 'established', 'mixed'],
           'closed': ['mixed', 'same_ports']}


def run(scale, attacks):
    """A line for each."""
    told = subprocess.run([sys.executable, HOSTILE, '--wiretale', os.environ['WIRETALE'], '--generate', os.environ['WIRETALE_GENERATE'],
                           '--scale', str(scale), *attacks], stdout=subprocess.PIPE, text=True, check=False)
    equal(told.returncode, 0, 'every goal is met:\n' + told.stdout)
    lines = told.stdout.splitlines()
    equal([line.split()[0] for line in lines], attacks, 'attacks')
    return lines


for line in run(0.05, ['authorities', 'alike', 'chains', 'junk', 'junk_open', 'large_keys', 'failing_key']):
    check('victim reported' in line, line)
# The goals of memory are for a thousand times as many.
for line in run(0.001, ['closed', 'oldest_open'] + [f'{state}_{shape}' for state, shapes in STREAMS.items() for shape in shapes]):
    check('NEITHER' not in line and 'NO BUCKET' not in line, line)
done()
