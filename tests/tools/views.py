"""What can be read out of an output, however it is written: its text, its text without escapes, and the bytes that its runs
of hexadecimal digits, of base64 and of escapes stand for."""
import base64
import html
import re
import urllib.parse

HEX = re.compile(rb'[0-9a-fA-F]{2}(?:[ :\-.]?[0-9a-fA-F]{2}){3,}')
BASE64 = re.compile(rb'[A-Za-z0-9+/_-]{16,}={0,2}')
DUMP = re.compile(rb'(?m)^.*?((?:\b[0-9a-f]{2}\b ?){4,}).*$')
JSON_ESCAPE = re.compile(r'\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|\\([0-9]{3})')
BETWEEN = b'\0\xff\0'  # what was apart stays so


def unescaped(text):
    """Without the escapes of JSON, HTML, URLs and RFC 4514."""
    text = JSON_ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16) if m[1] or m[2] else int(m[3]) % 256), text)
    text = re.sub(r'\\([0-9A-Fa-f]{2})', lambda m: chr(int(m[1], 16)), text)
    return urllib.parse.unquote(html.unescape(text), errors='replace').replace('\\', '')


def decoded(data):
    """The bytes that are written as digits."""
    out = []
    for run in HEX.findall(data):
        digits = re.sub(rb'[ :\-.]', b'', run)
        out.append(bytes.fromhex(digits[:len(digits) // 2 * 2].decode()))
    for run in BASE64.findall(data):
        run = run.rstrip(b'=').replace(b'-', b'+').replace(b'_', b'/')
        for start in range(4):  # it may begin within what looks like its alphabet
            piece = run[start:]
            out.append(base64.b64decode(piece[:len(piece) // 4 * 4] + (b'' if len(piece) % 4 < 2 else piece[len(piece) // 4 * 4:] + b'=' * (-len(piece) % 4))))
    return BETWEEN.join(out)


class Views:
    """Of one output: all that it says, in lower case, and all bytes that it has or spells."""

    def __init__(self, *parts):
        data = BETWEEN.join(p if isinstance(p, bytes) else p.encode() for p in parts)
        text = data.decode('utf-8', 'replace')
        # lines of hexadecimal digits that belong together
        joined = b''.join(re.sub(rb' ', b'', m) for m in DUMP.findall(data))
        digits = decoded(data) + BETWEEN + (bytes.fromhex(joined[:len(joined) // 2 * 2].decode()) if joined else b'')
        self.bytes = data + BETWEEN + digits
        self.text = text.lower() + '\0' + unescaped(text).lower() + '\0' + digits.decode('latin-1').lower()

    def names(self, names):
        """Which of these texts it has, in any case, or in UTF-16."""
        low = self.bytes.lower()
        for name in names:
            lower = name.lower()
            if lower in self.text or lower.encode('utf-16-be') in low or lower.encode('utf-16-le') in low:
                yield name

    def strings(self, originals):
        """Which of these bytes (eight or more) it has: their beginning, their middle or their end."""
        parts = {}
        for original in originals:
            for at in (0, len(original) // 2 - 4, len(original) - 8):
                parts[original[at:at + 8]] = original
        data = self.bytes
        found = {data[i:i + 8] for i in range(len(data) - 7)} & parts.keys() if len(data) < 4000000 else \
            {p for p in parts if p in data}
        return {parts[p] for p in found}
