#!/usr/bin/env python3
"""A name leads to its file: a header declares what the .c of its own name defines, and its family's.

NAME.h belongs to NAME.c and to NAME_*.c and NAME<digits>.c beside it. The other families are below, each with its reason.
"""
import glob
import os
import re
import sys

ROOT = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), '..', '..'))
# Header: the files that it also speaks for, and why they are one.
FAMILIES = {
    'capture/file.h': {'pcap.c', 'pcapng.c'},           # one function each: whether the file is of that format
    'capture/walk.h': {'link.c', 'device.c', 'ethernet.c', 'gre.c', 'ip.c', 'mpls.c', 'ppp.c', 'tunnel.c', 'wlan.c'},
    # (above) layers within layers: they call each other in a ring
    'codec/codec.h': {'*'},                             # one message per file, one row per message in codec.h
    'codec/ext/ext.h': {'*', '../extension.c'},         # the same for extensions
    'codec/frame/frame.h': {'*'},                       # and for QUIC's frames
    'flow/flow.h': {'facts.c'},                         # the table's facts, learnt in the same call as the step
    'handshake/rules_check.h': {'*'},                   # rules.c and rules_*.c among themselves; rules.h is for others
    'http/internal.h': {'http.c'},                      # what http.c has for http1.c and http2.c; http.h is for others
    'keys/derive.h': {'prf.c'},                         # what prf.c has for key_block.c; prf.h is for others
    'registry/registry.h': {'suites.c', 'ports.c'},     # one face of all tables
    # judgements of certificates are made in one place and reported in another
    'observer/judge.h': {'../diagnosis/verdicts.c', '../diagnosis/verdicts_pair.c'},
}
COMMENT = re.compile(r'/\*.*?\*/', re.S)
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n\\]|\\\n|\\.)*', re.M)
DEFINITION = re.compile(r'^(?!static)[A-Za-z_][\w \*\n]*?\b(wt_\w+)\s*\(([^;{}]*?)\)\s*\{', re.M)
CALL = re.compile(r'\b(wt_\w+)\s*\(')


def code(path):
    with open(path, encoding='utf-8') as f:
        return DIRECTIVE.sub('', STRING.sub('""', COMMENT.sub('', f.read())))


def declared(path):
    """Names with a parenthesis after them, outside braces: inline functions' bodies are no declarations."""
    depth, outside = 0, []
    for c in code(path):
        depth += c == '{'
        if depth == 0:
            outside.append(c)
        depth -= c == '}'
    return CALL.findall(''.join(outside))


def belongs(header, source):
    at, stem = os.path.dirname(header), os.path.basename(header)[:-2]
    beside = os.path.relpath(source, at)
    name = os.path.basename(source)[:-2]
    if os.path.dirname(beside) == '' and re.fullmatch(re.escape(stem) + r'(\d+|_\w+)?', name):
        return True
    mine = FAMILIES.get(header, set())
    return beside in mine or '*' in mine and '/' not in beside or \
        any(m.endswith('_*') and beside.startswith(m[:-1]) for m in mine)


def main():
    top = os.path.join(ROOT, 'src')
    find = {'c': [], 'h': []}
    for kind in find:
        find[kind] = sorted(os.path.relpath(p, top) for p in glob.glob(f'{top}/**/*.{kind}', recursive=True))
    defined = {}
    for source in find['c']:
        for match in DEFINITION.finditer(code(os.path.join(top, source))):
            defined.setdefault(match[1], set()).add(source)
    wrong, seen = [], 0
    for header in find['h']:
        for name in declared(os.path.join(top, header)):
            for source in defined.get(name, ()):
                seen += 1
                if not belongs(header, source):
                    wrong.append(f'src/{header} declares {name}(), which src/{source} defines: it needs a header of that '
                                 f"file's name")
    for header in sorted(set(FAMILIES) - set(find['h'])):
        wrong.append(f'tests/lint/headers.py: there is no src/{header}')
    print('\n'.join(sorted(set(wrong))) or f'{seen} functions are declared in the headers of their files')
    return 1 if wrong or seen == 0 else 0


if __name__ == '__main__':
    sys.exit(main())
