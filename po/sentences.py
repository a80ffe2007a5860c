#!/usr/bin/env python3
"""Writes the catalogue as a C table: every sentence with its Chinese form and its neutral one.

    sentences.py zh_CN.po > sentences.inc

A row: English, English for many or NULL, the arguments' conversions for the neutral form, Chinese or NULL."""
import re
import sys

CONVERSION = re.compile(r"%(?:\d+\$)?[-+ #0']*(?:\*|\d+)?(?:\.(?:\*|\d+))?"
                        r"(?:hh|h|ll|l|z|j|t|L)?(?:<[A-Za-z0-9]+>|[diouxXeEfgGaAcspn%])")


def entries(path):
    """(msgid, msgid_plural, [msgstr...], flags) of each entry; strings as they stand between the quotes."""
    entry, key, flags = {}, None, set()
    with open(path, encoding='utf-8') as f:
        for line in list(f) + ['\n']:
            line = line.strip()
            if line.startswith('#,'):
                flags |= {flag.strip() for flag in line[2:].split(',')}
            elif line.startswith('#'):
                continue
            elif line.startswith('msg'):
                key, text = line.split(' ', 1)
                entry[key] = text[1:-1]
            elif line.startswith('"'):
                entry[key] += line[1:-1]
            elif entry:
                many = [entry[k] for k in sorted(entry) if k.startswith('msgstr')]
                yield entry['msgid'], entry.get('msgid_plural'), many, flags
                entry, flags = {}, set()


def literal(text):
    """As a C string: what gettext writes %<PRIu32> is the compiler's matter."""
    if text is None:
        return 'NULL'
    return '"' + re.sub(r'%([-+ #0-9.*]*)<(PRI[a-zA-Z0-9]+)>', r'%\1" \2 "', text) + '"'


def main():
    print('/* Written from', sys.argv[1].rsplit('/', 1)[-1], 'by po/sentences.py. */')
    for english, many, chinese, flags in entries(sys.argv[1]):
        if not english:
            continue
        formatted = 'c-format' in flags or many
        conversions = [c for c in CONVERSION.findall(many or english) if c != '%%'] if formatted else []
        arguments = ''.join('\\002' + c for c in conversions)
        translated = chinese[0] if chinese and chinese[0] and 'fuzzy' not in flags else None
        print(f'{{{literal(english)}, {literal(many)}, {literal(arguments)}, {literal(translated)}}},')


if __name__ == '__main__':
    main()
