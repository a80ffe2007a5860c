#!/usr/bin/env python3
"""pages.py docs/findings.md: the page's sections as a table of C, for `wiretale help FINDING`."""
import re
import sys


def quoted(text):
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"').replace('\n', '\\n"\n    "') + '"'


def main():
    with open(sys.argv[1], encoding='utf-8') as f:
        page = f.read()
    print('#include "tool.h"\n\nconst struct tool_page tool_pages[] = {')
    for ids, body in re.findall(r'^### (.*)\n\n((?:(?!^#).*\n?)*)', page, re.M):
        paragraphs = [re.sub(r'\s+', ' ', p).strip() for p in body.strip().split('\n\n')]
        # advice is in italics: the finding's own row has it whole, and in every language
        text = '\n\n'.join(re.sub(r' ?(?<!\*)\*(?!\*)[^*]+\*(?!\*)$', '', p).strip() for p in paragraphs)
        for name in re.findall(r'`([a-z0-9-]+)`', ids):
            print('    {"%s",\n    %s},' % (name, quoted(text.replace('`', ''))))
    print('    {NULL, NULL}};')


if __name__ == '__main__':
    main()
