#!/usr/bin/env python3
"""Holds the includes to the architecture: arrows point one way, and the command sees the public headers alone.

    base -> registry -> codec -> flow;  registry -> crypto -> keys, protect, certificate;  codec, protect -> carriage
    (how records reach a handshake);  codec, flow, keys, protect, certificate -> handshake;  capture needs only base,
    http and starttls base and registry
    all of these -> wording (which says in a human language what they leave as codes), observer, endpoint
    endpoint, observer -> watch (which tells the one what the other does);  wording -> observer -> diagnosis;  story, wording -> filter, report;  redact needs codec, certificate and report's fields;  compare needs base,
    codec, capture and the observer's public header
"""
import os
import re
import sys

ROOT = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), '..', '..'))
ENGINE = {'base', 'registry', 'codec', 'flow', 'crypto', 'keys', 'protect', 'carriage', 'certificate', 'handshake', 'http',
          'capture', 'starttls'}
STAGES = ENGINE | {'wording', 'story'}
MAY = {
    'base': set(),
    'registry': {'base'},
    'codec': {'base', 'registry'},
    'flow': {'base', 'registry', 'codec'},
    'crypto': {'base', 'registry'},
    'keys': {'base', 'registry', 'crypto'},
    'protect': {'base', 'registry', 'crypto'},
    'carriage': {'base', 'registry', 'codec', 'crypto', 'protect'},
    'certificate': {'base', 'registry', 'codec', 'crypto'},
    # One handshake for any seat: no stream, no packet, no story.
    'handshake': {'base', 'registry', 'codec', 'flow', 'crypto', 'keys', 'protect', 'certificate'},
    'http': {'base', 'registry'},
    'starttls': {'base', 'registry'},
    'wording': ENGINE,
    'story': {'base', 'registry', 'codec'},
    'capture': {'base', 'registry/limits.h'},
    # What a finding is and how it is noted is known where it is seen; what is concluded stands above the observer.
    'observer': STAGES | {'diagnosis/' + name + '.h' for name in ('about', 'causes', 'findings', 'life', 'observations', 'refusal', 'servers', 'twins')},
    'diagnosis': STAGES | {'observer', 'endpoint'},
    'filter': {'base', 'registry', 'codec', 'story'},
    'endpoint': ENGINE,
    # Where an endpoint and an observer meet: both by their public headers alone, so that neither knows of the other.
    'watch': {'base'},
    'compare': {'base', 'registry', 'codec', 'capture', 'story'},
    # The trail that a decoder leaves is what a report shows of a message: the codec, not a second parser.
    'report': {'base', 'registry', 'codec', 'story', 'wording'},
    # Between the story and its reports: it decodes as these do, and reads certificates as the engine does.
    'redact': {'base', 'registry', 'codec', 'crypto', 'certificate', 'story', 'report/fields.h', 'report/explain/fields.def',
               'wording/banners.def', 'starttls/protocols.def'},
}
# What takes as long as its secrets say serves who only reads: crypto/premaster.h is for who takes part.
MAY_NOT = {'endpoint': {'crypto/rsa.h'}}
# An endpoint's records are opened without a sign of how they are wrong, CBC in constant time: its protectors are made in
# one place, which asks for that.
MAKES, ASKS, MAKER = 'wt_record_protector_new(', 'how.endpoint = true;', os.path.join('src', 'endpoint', 'secrets.c')
# Which of the public headers a stage may see: those of itself and of what stands before it.
PLAIN = {'error.h', 'problem.h', 'span.h', 'steps.h'}
PUBLIC = {
    'base': PLAIN | {'language.h'}, 'registry': PLAIN | {'registry.h'}, 'codec': PLAIN | {'layer.h', 'registry.h', 'story.h'},
    'flow': PLAIN | {'registry.h', 'story.h'}, 'crypto': PLAIN | {'registry.h'},
    'keys': PLAIN | {'registry.h', 'keys.h'}, 'protect': PLAIN | {'registry.h'},
    'handshake': PLAIN | {'registry.h', 'story.h', 'keys.h'},
    'carriage': PLAIN | {'registry.h'},
    'capture': PLAIN | {'capture.h', 'layer.h', 'live.h', 'write.h'},
}
# The engine leaves codes and values; only these know a human language.
LANGUAGE, SPEAK = 'base/i18n.h', {'wording', 'observer', 'diagnosis', 'filter', 'report', 'compare'}
GENERATED = 'sentences.inc'  # from the catalogue, at build time
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)


def sources(folder):
    for at, folders, names in os.walk(os.path.join(ROOT, folder)):
        folders.sort()
        for name in sorted(names):
            if name.endswith(('.c', '.h', '.def')):
                yield os.path.relpath(os.path.join(at, name), ROOT)


def includes(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as f:
        return INCLUDE.findall(f.read())


def makes_protectors(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as f:
        text = f.read()
    if path == MAKER:
        return text.count(MAKES) != 1 or ASKS not in text
    return MAKES in text or 'wt_protector_new(' in text


def main():
    wrong, seen = [], 0
    for path in sources(os.path.join('src', 'endpoint')):
        if makes_protectors(path):
            wrong.append(f'{path}: protectors of an endpoint are made in {MAKER} alone, with {ASKS}')
    for path in sources('src'):
        stage = path.split(os.sep)[1]
        if stage not in MAY:
            wrong.append(f'{path}: src/{stage} has no place in the order (tests/lint/includes.py)')
            continue
        for name in includes(path):
            seen += 1
            to = name.split('/')[0]
            if name == LANGUAGE and stage not in SPEAK and path not in ('src/base/i18n.c', 'src/base/sentences.c'):
                wrong.append(f'{path}: src/{stage} knows no human language; its words are in src/wording')
            if to == 'wiretale':
                if stage in PUBLIC and name.split('/')[1] not in PUBLIC[stage]:
                    wrong.append(f'{path}: src/{stage} does not know {name}')
            elif (to != stage and to not in MAY[stage] and name not in MAY[stage] and name != GENERATED) or \
                    name in MAY_NOT.get(stage, ()):
                wrong.append(f'{path}: src/{stage} may not include {name}')
    for path in sources('tools'):
        for name in includes(path):
            seen += 1
            if not name.startswith('wiretale/') and not os.path.exists(os.path.join(ROOT, 'tools', name)):
                wrong.append(f'{path}: tools/ sees include/wiretale alone, not {name}')
    for path in sources('include'):
        for name in includes(path):
            seen += 1
            if not name.startswith('wiretale/'):
                wrong.append(f'{path}: a public header includes public headers, not {name}')
    print('\n'.join(wrong) or f'{seen} includes keep the order')
    return 1 if wrong or seen == 0 else 0


if __name__ == '__main__':
    sys.exit(main())
