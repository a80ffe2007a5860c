// The words and signs of the filter language (docs/filter.md), each with the column where it begins.
import { _, format } from './language.js'

const FILTER_TEXT_MOST = 65536
const FILTER_SIGNS = [
  // a longer sign stands before the one that it starts with
  ['===', 'all_eq'], ['!==', 'any_ne'], ['==', 'eq'], ['!=', 'ne'], ['~=', 'any_ne'], ['<=', 'le'], ['>=', 'ge'], ['&&', 'and'],
  ['||', 'or'], ['^^', 'xor'], ['<', 'lt'], ['>', 'gt'], ['&', 'mask'], ['!', 'not'], ['~', 'matches'], ['(', '('], [')', ')'],
  ['{', '{'], ['}', '}'], ['[', '['], [']', ']'], [',', ','], ['..', '..'],
]
const FILTER_WORDS = {
  and: 'and', or: 'or', xor: 'xor', not: 'not', eq: 'eq', any_eq: 'eq', all_eq: 'all_eq', ne: 'ne', all_ne: 'ne', any_ne: 'any_ne',
  lt: 'lt', gt: 'gt', le: 'le', ge: 'ge', contains: 'contains', matches: 'matches', in: 'in', bitwise_and: 'mask',
}
const FILTER_LETTERS = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '\'': '\'', '"': '"' }
const FILTER_ESCAPE = /\\(?:([abfnrtv\\'"])|([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y
const FILTER_WORD = /(?:(?!\.\.)[A-Za-z0-9_.:\-/+\u0080-\u{10ffff}])+/yu

// What is wrong with a filter: a sentence, and from which column on (from 1) how many characters are meant.
export class FilterError extends Error {
  constructor(column, length, message) {
    super(message)
    this.column = column
    this.length = length
  }
}

export function filterFail(at, message) {
  throw new FilterError(at.column, at.length, message)
}

function stringToken(text, at, quote, raw) {
  let value = '', i = at + (raw ? 2 : 1)
  while (i < text.length && text[i] !== quote) {
    if (text[i] !== '\\') {
      value += text[i++]
    } else if (raw) {
      value += text[i + 1] === quote ? '\\' + quote : '\\'
      i += text[i + 1] === quote ? 2 : 1
    } else {
      FILTER_ESCAPE.lastIndex = i
      const found = FILTER_ESCAPE.exec(text)
      const code = found && (found[2] ? parseInt(found[2], 8) : parseInt(found[3] || found[4] || found[5], 16))
      if (!found || code > 0x10ffff || (found[2] && code > 255))
        throw new FilterError(i + 1, 2, _('invalid escape sequence; write a literal backslash as \\\\ or use r"…"'))
      value += found[1] ? FILTER_LETTERS[found[1]] : String.fromCodePoint(code)
      i += found[0].length
    }
  }
  if (i >= text.length)
    throw new FilterError(at + 1, 1, format(_('unterminated string; expected %c'), quote))
  const token = { kind: quote === '"' ? 'string' : 'character', value, column: at + 1, length: i + 1 - at }
  if (token.kind === 'character' && [...value].length !== 1)
    filterFail(token, _('expected one character between single quotes; strings take double quotes'))
  return token
}

function signToken(text, at) {
  const sign = FILTER_SIGNS.find(([sign]) => text.startsWith(sign, at))
  if (sign)
    return { kind: sign[1], value: sign[0], column: at + 1, length: sign[0].length }
  const expected = { '=': _('expected =='), '|': _('expected ||'), '^': _('expected ^^') }[text[at]]
  throw new FilterError(at + 1, 1, expected || _('unexpected character; text takes double quotes'))
}

function tokenAt(text, at) {
  if (text[at] === '"' || text[at] === '\'')
    return stringToken(text, at, text[at], false)
  if (/^[rR]"/.test(text.slice(at, at + 2)))
    return stringToken(text, at, '"', true)
  FILTER_WORD.lastIndex = at
  const word = FILTER_WORD.exec(text)
  if (!word)
    return signToken(text, at)
  return { kind: 'word', value: word[0], operator: FILTER_WORDS[word[0]] || null, column: at + 1, length: word[0].length }
}

// All tokens, one of kind 'end' last. A slice's inside is left as text: "4-5" is a word elsewhere.
export function filterTokens(text) {
  const tokens = []
  let at = 0
  if (text.length > FILTER_TEXT_MOST)
    throw new FilterError(FILTER_TEXT_MOST + 1, 0, format(_('the filter is longer than %u bytes'), FILTER_TEXT_MOST))
  for (;;) {
    while (at < text.length && /\s/.test(text[at]))
      at++
    if (at >= text.length)
      break
    const token = tokenAt(text, at)
    at += token.length
    if (token.kind === '[') {
      const end = text.indexOf(']', at)
      if (end < 0)
        throw new FilterError(text.length + 1, 0, _('expected ] after the slice'))
      token.value = text.slice(at, end)
      at = end + 1
      token.length = at - token.column + 1
    }
    tokens.push(token)
  }
  tokens.push({ kind: 'end', value: '', column: text.length + 1, length: 0 })
  return tokens
}
