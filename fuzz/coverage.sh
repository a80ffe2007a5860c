#!/bin/sh
# Runs the files of a corpus once each, the smallest first, and prints how many of the harness's edges they reach; fails
# when that is less than the floor. The same files reach the same, but for a few edges that hang on addresses.
#
#   coverage.sh HARNESS CORPUS FLOOR
set -u
out=$("$1" -runs=0 -seed=1 -shuffle=0 "$2" 2>&1) || { printf '%s\n' "$out"; exit 1; }
all=$(printf '%s\n' "$out" | sed -n 's/.*Loaded 1 PC tables (\([0-9]*\) PCs).*/\1/p')
reached=$(printf '%s\n' "$out" | sed -n 's/.*cov: \([0-9]*\).*/\1/p' | tail -1)
[ "${all:-0}" -gt 0 ] || { printf '%s\nno coverage is counted\n' "$out"; exit 1; }
echo "${1##*/fuzz_}: ${reached:=0} of $all edges; at least $3 are expected"
[ "$reached" -ge "$3" ]
