"""What a page holds: its index and blocks unpacked, its sentences in words."""
import base64
import calendar
import json
import re
import time
import zlib

CONVERSION = re.compile(r"%(?:(\d+)\$)?[-+ #0']*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|h|l|ll|z|j|t|L)?[diouxXeEfgGaAcspn%]")
ENGLISH, CHINESE = 0, 1


class Page:
    def __init__(self, path):
        with open(path, encoding='utf-8') as f:
            self.text = f.read()
        self.blocks = []
        for length, text in re.findall(r'<script type="text/plain" class="block" data-json="(\d+)">([^<]*)</script>', self.text):
            whole = unpacked(text)
            self.blocks.append({**parsed(whole[:int(length)]), 'bytes': whole[int(length):]})
        self.index = parsed(unpacked(re.search(r'<script type="text/plain" id="index">([^<]*)</script>', self.text)[1]))
        self.restored, self.said = None, {}

    def connections(self):
        """Of every row, in order: its detail. Nobody changes it: it is restored once."""
        columns = self.index['columns']
        block, position = columns.index('block'), columns.index('position')
        if self.restored is None:
            self.restored = [restored(self.blocks[row[block]], row[position]) for row in self.index['rows']]
        return self.restored

    def certificate(self, n):
        block, position = self.index['certificates'][n]
        return self.blocks[block]['certificates'][position]

    def spoken(self, value, language):
        """All sentences in it, however deep, in words."""
        if isinstance(value, str):
            return self.words(value, language) if '\1' in value else value
        if isinstance(value, list):
            return [self.spoken(v, language) for v in value]
        if isinstance(value, dict):
            return {k: self.spoken(v, language) for k, v in value.items()}
        return value

    def words(self, text, language):
        """Most sentences come many times."""
        if (text, language) not in self.said:
            self.said[text, language] = Speaker(self.index['sentences'], text, language).text()
        return self.said[text, language]


def unpacked(text):
    return zlib.decompress(base64.b64decode(text, validate=True), -15)


def parsed(data):
    json_text = data.decode()
    for n in (1, 2, 3):
        json_text = json_text.replace(chr(0x80 + n), f'\\u000{n}')
    return json.loads(json_text)


# --- what page/restore.js does ---


def restored(block, position):
    """A connection with what it has in common with others (docs/page.md)."""
    stored, values = block['connections'][position], block['values']
    story = {**values[stored['kind']], **stored['story']}
    if stored['findings']:
        story['findings'] = [{**values[v], **({'frame': frame} if frame else {})}
                             for v, frame in zip(stored['findings'][::2], stored['findings'][1::2], strict=True)]
    if stored['certificates']:
        story['certificates'] = {side: [values[v] for v in chain] for side, chain in stored['certificates'].items()}
    story['records'] = records(stored['records'], values)
    data, headers, at = block['bytes'], [], stored['headers']
    for row in stored['packets']:
        headers.append(data[at:at + values[row[0]]['kept']])
        at += len(headers[-1])
    story['packets'] = [packet(row, h, values, story['start']) for row, h in zip(stored['packets'], headers)]
    for key in ('records_dropped', 'packets_dropped'):
        if key in stored:
            story[key] = stored[key]
    detail = {'story': story, 'packets': [layers(row, h, values) for row, h in zip(stored['packets'], headers)],
              'messages': [message(row, values, data) for row in stored['messages']]}
    detail['datagrams'] = [datagram(row, values, data) for row in stored.get('datagrams', [])]
    for key, lines in stored['told'].items():
        detail[key] = [line for v in lines for line in told_lines(v, values)]
    detail.update((key, stored[key]) for key in ('messages_dropped', 'segments', 'segments_dropped', 'roles') if key in stored)
    return detail


def told_lines(v, values):
    if isinstance(v, list):
        return [f'{values[v[0]]}{v[1]}{values[v[2]]}']
    return values[v] if isinstance(values[v], list) else [values[v]]


def records(rows, values):
    restored = []
    for kind, *rest in rows:
        kind, before = values[kind], restored[-1] if restored else None
        length = len(kind['header']) // 2 + kind['length']
        if len(rest) == 1:
            number, offset = 1, 0
            if before and before['from'] == kind['from']:
                number, offset = before['number'] + 1, before['offset'] + len(before['header']) // 2 + before['length']
            places = [rest[0], offset, length]
        else:
            number, offset, *places = rest
        restored.append({**kind, 'number': number, 'offset': offset, 'places': [
            {**({'frame': frame} if frame else {}), 'offset': at, 'length': length}
            for frame, at, length in zip(places[::3], places[1::3], places[2::3], strict=True)]})
    return restored


def packet(row, headers, values, start):
    kind, frame, when = row
    when = when if isinstance(when, str) else later(start, when)
    restored = {**values[kind], 'frame': frame, 'time': when, 'headers': headers.hex()}
    del restored['fields'], restored['kept']
    return restored


def layers(row, headers, values):
    return [{**layer, 'fields': fields(values[layer['fields']], headers[layer['offset']:layer['offset'] + layer['length']])}
            for layer in values[row[0]]['fields']]


def datagram(row, values, block_bytes):
    """A packet of QUIC or a record of DTLS; `hidden`: offset and length of what is left out."""
    at, kind, frame, number, offset, sent, span, hidden, remark = [*row, *([], None)[len(row) - 7:]]
    start, length = values[span]
    data = block_bytes[start:start + length]
    return {**values[kind], 'at': at, 'frame': frame, 'number': number, 'offset': offset, 'sent': sent, 'bytes': data,
            'hidden': hidden, 'remark': '' if remark is None else values[remark], 'fields': fields(values[values[kind]['fields']], data)}


def later(start, ns):
    """A time of RFC 3339 so many ns later, with as many digits."""
    match = re.fullmatch(r'(.*T..:..:..)(?:\.(\d+))?Z', start)
    digits = match[2] or ''
    total = calendar.timegm(time.strptime(match[1], '%Y-%m-%dT%H:%M:%S')) * 10**9 + int(digits.ljust(9, '0')) + ns
    text = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(total // 10**9))
    return text + ('.' + f'{total % 10**9:09}'[:len(digits)] if digits else '') + 'Z'


def message(row, values, block_bytes):
    kind, t, frame, body, remark = [*row, None, None][:5]
    restored = {**values[kind], 't': t, **({'frame': frame} if frame else {})}
    restored['explain'] = values[restored['explain']]
    data = b''
    if remark is not None:
        restored['remark'] = values[remark]
    if body is not None:
        at, length = values[body]
        data = block_bytes[at:at + length]
        restored['body'] = base64.b64encode(data).decode()
    for key, data_of in (('fields', data), ('header_fields', bytes.fromhex(restored.get('header', ''))),
                         ('record_fields', bytes.fromhex(restored.get('record_header', '')))):
        if key in restored:
            restored[key] = fields(values[restored[key]], data_of)
    notes = restored.pop('notes', [])
    for at, text in zip(notes[::2], notes[1::2], strict=True):
        row = restored['fields'][at]
        row += [None] * (8 - len(row))
        row[7] = text
    if 'learns' in restored:
        restored['learns'] = [[*entry[:2], data[entry[2]:entry[2] + entry[3]].hex()] if len(entry) > 2 else entry
                              for entry in values[restored['learns']]]
    return restored


def fields(layout, data):
    """A number or code point without a value is its bytes."""
    rows = []
    for row in layout:
        row = list(row)
        if row[5] in (0, 1) and (len(row) < 7 or row[6] is None):
            row[6:7] = [int.from_bytes(data[row[2]:row[2] + row[4]], 'big')]
        rows.append(row)
    return rows


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
