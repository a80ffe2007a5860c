"""What a page holds: its index and blocks unpacked, its sentences in words."""
import base64
import json
import re
import zlib

CONVERSION = re.compile(r"%(?:(\d+)\$)?[-+ #0']*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|h|l|ll|z|j|t|L)?[diouxXeEfgGaAcspn%]")
ENGLISH, CHINESE = 0, 1


class Page:
    def __init__(self, path):
        with open(path, encoding='utf-8') as f:
            self.text = f.read()
        self.blocks = [unpacked(b) for b in re.findall(r'<script type="text/plain" class="block">([^<]*)</script>', self.text)]
        self.index = unpacked(re.search(r'<script type="text/plain" id="index">([^<]*)</script>', self.text)[1])

    def connections(self):
        """Of every row, in order: its detail."""
        columns = self.index['columns']
        block, position = columns.index('block'), columns.index('position')
        return [self.blocks[row[block]]['connections'][row[position]] for row in self.index['rows']]

    def certificate(self, n):
        block, position = self.index['certificates'][n]
        return self.blocks[block]['certificates'][position]

    def spoken(self, value, language):
        """All sentences in it, however deep, in words."""
        if isinstance(value, str):
            return Speaker(self.index['sentences'], value, language).text() if '\1' in value else value
        if isinstance(value, list):
            return [self.spoken(v, language) for v in value]
        if isinstance(value, dict):
            return {k: self.spoken(v, language) for k, v in value.items()}
        return value


def unpacked(text):
    return json.loads(zlib.decompress(base64.b64decode(text, validate=True), -15))


class Speaker:
    def __init__(self, sentences, text, language):
        self.sentences, self.source, self.language, self.at = sentences, text, language, 0

    def text(self, inside=False):
        out = []
        while self.at < len(self.source):
            c = self.source[self.at]
            if c == '\1':
                self.at += 1
                out.append(self.sentence())
            elif inside and c in '\2\3':
                break
            else:
                out.append(c)
                self.at += 1
        return ''.join(out)

    def sentence(self):
        head = re.compile(r'(\d+)(\.1)?').match(self.source, self.at)
        self.at, arguments = head.end(), []
        while self.source[self.at] == '\2':
            self.at += 1
            arguments.append(self.text(True))
        assert self.source[self.at] == '\3', 'a sentence without its end'
        self.at += 1
        form = self.sentences[head[1]][self.language]
        if isinstance(form, list):
            form = form[1 if head[2] else 0]
        following = iter(arguments)
        return CONVERSION.sub(lambda m: '%' if m[0] == '%%' else arguments[int(m[1]) - 1] if m[1] else next(following), form)
