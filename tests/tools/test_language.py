#!/usr/bin/env python3
"""The language that is spoken: who chooses it, that it is whole, and that columns hold where characters are wide."""
import os
import re
import unicodedata
from tale import CAPTURES, HERE, capture_names, check, done, equal, wiretale

ARTICLE = os.path.join(CAPTURES, 'article.pcapng')
MANY = os.path.join(CAPTURES, 'alerts-negotiation.pcapng')
FAILURES = os.path.join(HERE, '..', 'failures')
# Locales by the variables that choose them. libc need not know any of them, as on a small system it does not.
NONE = {'LC_ALL': '', 'LC_MESSAGES': '', 'LANG': '', 'LANGUAGE': ''}
ENGLISH, CHINESE = 'established', '已建立'


def story(env, *options):
    return wiretale('read', *options, ARTICLE, status=0, env={**NONE, **env}).out


def check_choice():
    english, chinese = story({'LC_ALL': 'C.UTF-8'}), story({}, '--lang', 'zh')
    check(ENGLISH in english and CHINESE in chinese and ENGLISH not in chinese, 'two languages')
    for env in ({'LC_ALL': 'C'}, {'LC_ALL': 'C.UTF-8'}, {'LANG': 'zh_CN.UTF-8'}, {'LANG': 'de_DE.UTF-8', 'LANGUAGE': 'de'},
                {'LC_ALL': 'zh_CN.GB18030'}, {'LC_ALL': 'POSIX', 'LANGUAGE': 'zh_CN'}):
        equal(story(env, '--lang', 'zh'), chinese, f'{env} --lang zh')
        equal(story(env, '--lang=zh'), chinese, f'{env} --lang=zh')
    for env in ({'LANG': 'zh_CN.UTF-8'}, {'LC_MESSAGES': 'zh_CN.utf8'}, {'LC_ALL': 'zh_CN.UTF-8', 'LANG': 'C'},
                {'LC_ALL': 'C.UTF-8', 'LANGUAGE': 'zh_CN:en'}, {'LANG': 'de_DE.UTF-8', 'LANGUAGE': 'zh_CN'}):
        equal(story(env), chinese, f'{env}')
        equal(story(env, '--lang', 'en'), english, f'{env} --lang en')
    for env in ({'LANG': 'de_DE.UTF-8'}, {'LANG': 'zh_CN.UTF-8', 'LC_ALL': 'C.UTF-8'}, {'LANG': 'zh_CN.UTF-8', 'LANGUAGE': 'en'}):
        equal(story(env), english, f'{env}')
    # what is not UTF-8 can be shown in ASCII alone
    for env in ({'LC_ALL': 'C'}, {'LC_ALL': 'zh_CN.GB18030'}, {'LC_ALL': 'C', 'LANGUAGE': 'zh_CN'}):
        check(ENGLISH in story(env) and story(env).isascii(), f'{env} is ASCII')
    before = wiretale('--lang', 'zh', 'read', ARTICLE, status=0, env=NONE).out
    equal(before, chinese, '--lang before the command')
    for arguments, mend in ((['--lang', 'de'], "en or zh, not 'de'"), (['--lang='], "en or zh, not ''"), (['--lang'], 'en or zh')):
        told = wiretale('read', ARTICLE, *arguments, status=2, env=NONE)
        check(mend in told.err and told.err.count('\n') == 1 and not told.out, f'{arguments}: {told.err!r}')
    check('--lan' in wiretale('read', '--lan', 'zh', ARTICLE, status=2, env=NONE).err, '--lan')
    check('没有这个文件' in wiretale('read', '--lang', 'zh', 'no such', status=1, env=NONE).err, "the system's own words")


def width(line):
    return sum(0 if unicodedata.category(c) in ('Mn', 'Me', 'Cf') else 2 if unicodedata.east_asian_width(c) in 'WF' else 1
               for c in line)


# Words that stand in Chinese as they are: what they are not is four of them in a row.
LEFT = re.compile(r'(?<![\w./`"-])[a-z]{2,}(?: [a-z]{2,}){3,}')


def check_chinese(names, folder, *options):
    for name in names:
        path = os.path.join(folder, name)
        keys = ['--keylog', path + '.keys'] if os.path.exists(path + '.keys') else []
        told = wiretale('read', '--lang', 'zh', '--columns', '84', *options, *keys, path, status=0, env=NONE).out
        for line in told.split('\n'):
            # a command that is there to be copied is not broken
            check(width(line) <= 84 or line.startswith('    wiretale '), f'{name} {options}: {width(line)} columns: {line}')
        # RFCs and peers are quoted in their own words, over several lines; what is cut short ends in an ellipsis
        for line in re.sub(r'["“](?:[^"“”…]|…(?!$)){1,400}(?:["”]|…$)', '', told, flags=re.M).split('\n'):
            check(not LEFT.search(line), f'{name} {options}: is it English? {line}')


def check_columns():
    """What stands in columns stands in the same ones, whatever the language."""
    for form, at in (('--lines', r'www\.example\.com'), ('--summary', r'\bTLS 1\.[0-3]\b|first seen in|首见于')):
        places = [[width(line[:m.start()]) for line in wiretale('read', '--lang', lang, form, MANY, status=0, env=NONE).out.split('\n')
                   for m in [re.search(at, line)] if m] for lang in ('en', 'zh')]
        check(len(places[0]) > 5, f'{form} has columns')
        equal(places[1], places[0], f'{form}: columns')


def check_json():
    def strip(value):
        if isinstance(value, dict):
            return {k: strip(v) for k, v in value.items() if k not in ('text', 'advice', 'settled_by', 'not_decrypted', 'verified')}
        return [strip(v) for v in value] if isinstance(value, list) else value
    for options in ([], ['--messages']):
        told = [wiretale('read', '--json', '--lang', lang, *options, MANY, status=0, env=NONE).json() for lang in ('en', 'zh')]
        equal(strip(told[0][0]), strip(told[1][0]), f'JSON {options}: keys and ids')
        equal(told[0][1], told[1][1], f'JSON {options}: the summary')
    texts = [f['text'] + f['advice'] for c in told[1][0] for f in c.get('findings', []) if f['severity'] == 'fatal']
    check(texts and all(re.search('[一-龥]', t) for t in texts), "JSON's sentences are Chinese")


def check_help():
    for command in ('read', 'live', 'follow', 'decrypt', 'keys', 'compare', 'fields', 'help'):
        for columns in (72, 100):
            for lang in ('en', 'zh'):
                out = wiretale('--lang', lang, 'help', command, status=0, env={**NONE, 'COLUMNS': str(columns)}).out
                for line in out.split('\n'):
                    check(width(line) <= columns, f'help {command} in {columns} columns: {line}')
                    check(lang == 'en' or not LEFT.search(line), f'help {command}: is it English? {line}')
    with open(os.path.join(HERE, '..', '..', 'docs', 'findings.md'), encoding='utf-8') as f:
        ids = re.findall(r'^### `([a-z0-9-]+)`', f.read(), re.M)
    for name in ids:
        told = {lang: wiretale('help', name, '--lang', lang, status=0, env={**NONE, 'COLUMNS': '80'}).out for lang in ('en', 'zh')}
        last = {lang: told[lang].rstrip().split('\n\n')[1] for lang in told}
        check(told['zh'].count('\n\n') == told['en'].count('\n\n') and not re.search('[一-龥]', last['en']), f'help {name}: paragraphs')
        check(re.match('(致命|错误|警告|提示|按服务器|不加密)', last['zh']), f'help {name}: {last["zh"]}')
        for line in told['zh'].split('\n'):
            check(width(line) <= 80 and not LEFT.search(line), f'help {name}: {line}')
    check('wiretale read CAPTURE' in wiretale('--lang', 'zh', status=2, env=NONE).err, 'no command')


def main():
    check_choice()
    failures = sorted(n for n in os.listdir(FAILURES) if re.search(r'\.pcapng(\.zst)?$', n))
    check_chinese(failures[::4], FAILURES)
    check_chinese(failures[1::16], FAILURES, '--explain')
    check_chinese(capture_names()[::6], CAPTURES, '--explain', '--stream', '0')
    check_chinese(capture_names()[::9], CAPTURES, '--lines')
    check_chinese(['article.pcapng', 'psk-tls13.pcapng'], CAPTURES, '--secrets', '--record', '1', '--stream', '0')
    check_columns()
    check_json()
    check_help()
    done()


if __name__ == '__main__':
    main()
