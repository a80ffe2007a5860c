#!/usr/bin/env python3
"""Joins the page's markup, styles, modules and words into what stands before and behind a page's data.

    embed.py FOLDER CATALOGUE > page_assets.c

The modules are put into one script, in the order of their imports: that needs top-level names that are unique over all
of them, and imports of the form `import { a, b } from './x.js'`. A content security policy lets run just this script
and this style, by their hashes, and nothing be loaded from anywhere."""
import base64
import glob
import hashlib
import json
import os
import re
import sys

IMPORT = re.compile(r"^import\s+\{[^}]*\}\s+from\s+'\./([\w-]+\.js)'\s*;?\s*$", re.M)
EXPORT = re.compile(r'^export (?=(?:async )?(?:function|const|let|class)\b)', re.M)
WORDS = re.compile(r"""\b(?:_|ngettext)\(\s*('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")""")
PLURAL = re.compile(r"""\bngettext\(\s*('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")""")
MARKS = ('policy', 'style', 'data', 'words', 'script')


def read(*path):
    with open(os.path.join(*path), encoding='utf-8') as f:
        return f.read()


def in_order(modules):
    """Each after those that it imports."""
    order, under_way = [], set()

    def visit(name):
        if name in order:
            return
        if name in under_way:
            sys.exit(f'embed.py: {name} imports itself, by others')
        if name not in modules:
            sys.exit(f'embed.py: {name} is imported and not there')
        under_way.add(name)
        for needed in IMPORT.findall(modules[name]):
            visit(needed)
        order.append(name)

    for name in sorted(modules):
        visit(name)
    return order


def joined(modules):
    parts = []
    for name in in_order(modules):
        text = EXPORT.sub('', IMPORT.sub('', modules[name])).strip()
        for left in re.findall(r'^(?:import|export)\b.*', text, re.M):
            sys.exit(f'embed.py: {name}: neither an import nor an export that is understood: {left}')
        parts.append(f'// {name}\n{text}\n')
    script = '\n'.join(parts)
    if re.search(r'</script|<!--', script, re.I):
        sys.exit('embed.py: a script must hold neither </script nor <!--')
    return '\n' + script


def catalogue(path):
    """Chinese by English, of entries that are neither fuzzy nor empty."""
    words, entry, key, fuzzy = {}, {}, None, False
    for line in read(path).split('\n') + ['']:
        if line.startswith('#,'):
            fuzzy |= 'fuzzy' in line
        elif line.startswith('msg'):
            key, text = line.split(' ', 1)
            entry[key] = json.loads(text)
        elif line.startswith('"'):
            entry[key] += json.loads(line)
        elif not line.strip() and entry:
            translated = entry.get('msgstr') or entry.get('msgstr[0]')
            if translated and not fuzzy:
                words[entry['msgid']] = translated
            entry, fuzzy = {}, False
    return words


def literal(text):
    return json.loads('"' + text[1:-1].replace("\\'", "'").replace('\\"', '"').replace('"', '\\"') + '"')


def words_of(modules, chinese):
    used = {literal(w) for text in modules.values() for w in WORDS.findall(text)}
    found = {w: chinese[w] for w in sorted(used) if w in chinese}
    return json.dumps(found, ensure_ascii=False).replace('<', '\\u003c')


def digest(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def c_bytes(name, text):
    data = text.encode()
    rows = [','.join(str(b) for b in data[i:i + 64]) for i in range(0, len(data), 64)]
    return f'const unsigned char {name}[] = {{\n' + ',\n'.join(rows) + f'\n}};\nconst size_t {name}_length = sizeof {name};\n'


def main():
    folder, po = sys.argv[1:]
    modules = {os.path.basename(p): read(p) for p in glob.glob(os.path.join(folder, '*.js'))}
    style = '\n' + '\n'.join(read(p) for p in sorted(glob.glob(os.path.join(folder, '*.css'))))
    script = joined(modules)
    policy = f"default-src 'none'; script-src {digest(script)}; style-src {digest(style)}; base-uri 'none'; form-action 'none'"
    parts = {
        'policy': f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        'style': f'<style>{style}</style>',
        'words': f'<script type="application/json" id="ui">{words_of(modules, catalogue(po))}</script>',
        'script': f'<script type="module">{script}</script>',
    }
    page = read(folder, 'index.html')
    for mark in MARKS:
        if page.count(f'<!-- {mark} -->') != 1:
            sys.exit(f'embed.py: index.html needs one <!-- {mark} -->')
    for mark, text in parts.items():
        page = page.replace(f'<!-- {mark} -->', text)
    before, after = page.split('<!-- data -->')
    print('/* Written from page/ by page/embed.py. */\n#include "report/page/assets.h"\n')
    print(c_bytes('wt_page_before', before))
    print(c_bytes('wt_page_after', after))


main()
