#!/usr/bin/env python3
"""pages.py ENGLISH CHINESE: the sections of docs/findings.md and of its Chinese form as a table of C, for `wiretale help
FINDING`."""
import re
import sys


def quoted(text):
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"').replace('\n', '\\n"\n    "') + '"'


WIDE = '\u2e80-\u9fff\uff00-\uffef'
MARKS = '\u3001\u3002\uff08\uff09\uff0c\uff1a\uff1b\u201c\u201d'


def joined(paragraph):
    """A paragraph on one line. Lines of Chinese are joined without a space, and around its punctuation there is none."""
    text = re.sub(f'(?<=[{WIDE}])\n(?=[{WIDE}])|(?<=[{MARKS}])\n(?!\\*)|\n(?=[{MARKS}])', '', paragraph)
    return re.sub(r'\s+', ' ', text).strip()


def sections(path):
    """The text of each finding by its id."""
    with open(path, encoding='utf-8') as f:
        page = f.read()
    found = {}
    for ids, body in re.findall(r'^### (.*)\n\n((?:(?!^#).*\n?)*)', page, re.M):
        paragraphs = [joined(p) for p in body.strip().split('\n\n')]
        # advice is in italics: the finding's own row has it whole, and in every language
        text = '\n\n'.join(re.sub(r' ?(?<!\*)\*(?!\*)[^*]+\*(?!\*)$', '', p).strip() for p in paragraphs)
        for name in re.findall(r'`([a-z0-9-]+)`', ids):
            found[name] = text.replace('`', '')
    return found


def main():
    english, chinese = (sections(path) for path in sys.argv[1:3])
    if english.keys() != chinese.keys():
        sys.exit(f'pages.py: only one of the pages has {sorted(english.keys() ^ chinese.keys())}')
    print('#include "tool.h"\n\nconst struct tool_page tool_pages[] = {')
    for name, text in english.items():
        print('    {"%s",\n    {%s,\n    %s}},' % (name, quoted(text), quoted(chinese[name])))
    print('    {NULL, {NULL, NULL}}};')


if __name__ == '__main__':
    main()
