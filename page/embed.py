#!/usr/bin/env python3
"""Joins the page's markup, style and modules into a C source with what stands before and behind the data.

    embed.py FOLDER CATALOGUE.po > page_assets.c

The modules are ordered by their imports, beginning with main.js, and become one script: `import … from './x.js'` lines and
the word `export` go, so a name may be declared at the top of one module only. The Content-Security-Policy, which comes
first in the page, names script and style by the SHA-256 of what is written. The page's words (`_('…')`, `ngettext('…')`)
go into the page with their translation in the catalogue.
"""
import base64
import hashlib
import json
import os
import re
import sys

sys.dont_write_bytecode = True  # the source stays as it is
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'po'))
from sentences import entries

ENTRY = 'main.js'
IMPORT = re.compile(r"^import \{([\w$,\s]+)\} from '\./([\w-]+\.js)'\n", re.M)
EXPORT = re.compile(r'^export (?=(?:async )?(?:function|const|let|class)\b)', re.M)
STRING = r"'((?:[^'\\\n]|\\.)*)'"
WORDS = re.compile(r"(?<![\w$])(?:N?_|ngettext)\(\s*" + STRING)
MARKS = ('POLICY', 'STYLE', 'INDEX', 'UI', 'SCRIPT', 'BLOCKS')
ROW = 24  # bytes in a line of the C source


def fail(text):
    sys.exit(f'embed.py: {text}')


def read(name):
    with open(os.path.join(sys.argv[1], name), encoding='utf-8') as f:
        return f.read()


# --- modules --------------------------------------------------------------------------------------------------------

def ordered(entry):
    """The modules, each after those that it imports from, as a list of (name, source)."""
    done, waiting, result = set(), [], []

    def visit(name):
        if name in waiting:
            fail('modules import each other: ' + ' > '.join(waiting[waiting.index(name):] + [name]))
        if name in done:
            return
        waiting.append(name)
        source = read(name)
        for _, other in IMPORT.findall(source):
            visit(other)
        waiting.pop()
        done.add(name)
        result.append((name, source))

    visit(entry)
    return result


def exported(source):
    return set(re.findall(r'^export (?:async )?(?:function\*?|const|let|class) (\w+)', source, re.M))


def declared(source):
    """Names at the top of a module; of `const a = 1, b = 2` in one line all."""
    names = set()
    for line in source.split('\n'):
        head = re.match(r'(?:export )?(?:async )?(function\*?|class|const|let) (.*)', line)
        if not head:
            continue
        if head.group(1) in ('const', 'let'):
            names.update(re.findall(r'(?:^|, )(\w+)(?= = |,|$)', re.sub(r'[\[{(].*?[\]})]', '0', head.group(2))))
        else:
            names.add(re.match(r'\w+', head.group(2)).group(0))
    return names


def check(modules):
    """What the browser would find too late, or only in one of the two forms of the page."""
    owner, sources = {}, dict(modules)
    for name, source in modules:
        for line in IMPORT.sub('', source).split('\n'):
            if re.match(r'import\b', line):
                fail(f'{name}: an import has to be "import {{ a, b }} from \'./x.js\'": {line}')
            if re.match(r'export\b', line) and not EXPORT.match(line):
                fail(f'{name}: export stands before a function, const, let or class: {line}')
        for names, other in IMPORT.findall(source):
            missing = set(re.findall(r'\w+', names)) - exported(sources[other])
            if missing:
                fail(f'{name}: {other} does not export {", ".join(sorted(missing))}')
        for top in declared(source):
            if top in owner:
                fail(f'{name}: {top} is declared in {owner[top]} too')
            owner[top] = name
        if '</script' in source.lower() or '<!--' in source:
            fail(f'{name}: would end the script')


def script(modules):
    parts = [f'// {name}\n' + EXPORT.sub('', IMPORT.sub('', source)).strip('\n') + '\n' for name, source in modules]
    return '\n' + '\n'.join(parts)


# --- words ----------------------------------------------------------------------------------------------------------

def unescaped(text):
    """A string of C or JavaScript, as far as both write them alike."""
    plain = {'n': '\n', 't': '\t'}
    return re.sub(r'\\(.)', lambda m: plain.get(m.group(1), m.group(1)), text)


def catalogue(path):
    """msgid (the singular) → msgstr (of the only form), without what is fuzzy or obsolete."""
    return {unescaped(english): unescaped(chinese[0]) for english, _, chinese, flags in entries(path)
            if english and chinese and chinese[0] and 'fuzzy' not in flags}


def words(modules, path):
    known, wanted = catalogue(path), {}
    for _, source in modules:
        for text in WORDS.findall(source):
            text = unescaped(text)
            if text in known:
                wanted[text] = known[text]
    # "<" cannot begin a tag then
    return json.dumps(wanted, ensure_ascii=False, sort_keys=True, indent=0).replace('<', '\\u003c')


# --- the page -------------------------------------------------------------------------------------------------------

def digest(text):
    return 'sha256-' + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def style():
    """main.js's style first: it holds the colours and sizes that the others use."""
    others = sorted(n for n in os.listdir(sys.argv[1]) if n.endswith('.css') and n != 'style.css')
    text = '\n' + '\n'.join(f'/* {n} */\n' + read(n) for n in ['style.css'] + others)
    if '</style' in text.lower():
        fail('a style would end its element')
    return text


def halves(po):
    """What stands before the data, and behind."""
    modules = ordered(ENTRY)
    check(modules)
    code, css, page = script(modules), style(), read('index.html')
    policy = (f"default-src 'none'; script-src '{digest(code)}'; style-src '{digest(css)}'; base-uri 'none'; "
              "form-action 'none'")
    for mark in MARKS:
        if page.count(f'@{mark}@') != 1:
            fail(f'index.html: has to have @{mark}@ once')
    parts = re.split('@INDEX@|@BLOCKS@', page)  # the script begins while the browser reads the blocks
    put = {'POLICY': policy, 'STYLE': css, 'UI': words(modules, po), 'SCRIPT': code}
    return tuple(re.sub('@(' + '|'.join(put) + ')@', lambda m: put[m.group(1)], half) for half in parts)


def literal(name, text):
    """As bytes: a compiler may refuse a string that is so long."""
    data = text.encode()
    if 0 in data:
        fail('a NUL in the page')
    rows = [''.join(f'{c},' for c in data[i:i + ROW]) for i in range(0, len(data), ROW)]
    return (f'const size_t {name}_length = {len(data)};\n'
            f'const unsigned char {name}[{len(data) + 1}] = {{\n' + '\n'.join(rows) + '\n0};\n')


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    before, between, behind = halves(sys.argv[2])
    print('/* Written from page/ by page/embed.py. */\n#include "report/page/assets.h"\n')
    print(literal('wt_page_before', before))
    print(literal('wt_page_between', between))
    print(literal('wt_page_after', behind))


if __name__ == '__main__':
    main()
