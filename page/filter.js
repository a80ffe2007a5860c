// The language of --filter on the page: the same grammar, words and answers as the command's, over the columns that the
// page carries. Recursive descent, as in docs/filter.md; `not` binds tightest, then `and`, `xor`, `or`.
import { _, format } from './language.js'
import { FilterError, filterFail, filterTokens } from './filterlex.js'
import { filterField, nearestField } from './filterfields.js'
import { addressBytes, literalValue, valueIn, valueOrder, valueText } from './filtervalues.js'

const FILTER_DEPTH = 64
const FILTER_FUNCTIONS = ['len', 'count', 'lower', 'upper', 'string', 'min', 'max']
const FILTER_ORDERED = {
  eq: (d) => d === 0, ne: (d) => d !== 0, lt: (d) => d < 0, gt: (d) => d > 0, le: (d) => d <= 0, ge: (d) => d >= 0,
}
const FILTER_COMPARISONS = {
  eq: ['eq', false], ne: ['ne', true], all_eq: ['eq', true], any_ne: ['ne', false],
  lt: ['lt', false], gt: ['gt', false], le: ['le', false], ge: ['ge', false],
}
const FILTER_MIRRORED = { lt: 'gt', gt: 'lt', le: 'ge', ge: 'le' }

class FilterParser {
  constructor(text) {
    this.tokens = filterTokens(text)
    this.at = 0
    this.depth = 0
  }

  get token() {
    return this.tokens[this.at]
  }

  get operator() {
    return this.token.kind === 'word' ? this.token.operator : this.token.kind
  }

  next() {
    return this.tokens[this.at++]
  }

  enter() {
    if (++this.depth > FILTER_DEPTH)
      filterFail(this.token, format(_('the filter is nested deeper than %u levels'), FILTER_DEPTH))
  }

  // --- tests: functions of a row ---

  whole() {
    const test = this.or()
    if (this.token.kind === ')')
      filterFail(this.token, _('unmatched )'))
    if (this.token.kind !== 'end')
      filterFail(this.token, _('expected an operator: a comparison, "and" or "or"'))
    return test
  }

  chain(sign, below, join) {
    const tests = [below.call(this)]
    while (this.operator === sign) {
      this.next()
      tests.push(below.call(this))
    }
    return tests.length === 1 ? tests[0] : join(tests)
  }

  or() {
    return this.chain('or', this.xor, (tests) => (row) => tests.some((test) => test(row)))
  }

  xor() {
    return this.chain('xor', this.and, (tests) => (row) => tests.filter((test) => test(row)).length % 2 === 1)
  }

  and() {
    return this.chain('and', this.not, (tests) => (row) => tests.every((test) => test(row)))
  }

  not() {
    if (this.operator === 'not') {
      this.enter()
      this.next()
      const test = this.not()
      this.depth--
      return (row) => !test(row)
    }
    if (this.token.kind !== '(')
      return this.relation()
    const opened = this.token.column
    this.enter()
    this.next()
    const test = this.or()
    if (this.token.kind === 'end')
      filterFail(this.token, format(_('expected ) for the ( in column %u'), opened))
    if (this.token.kind !== ')')
      filterFail(this.token, _('expected "and", "or" or )'))
    this.next()
    this.depth--
    return test
  }

  // --- relations ---

  relation() {
    const word = this.token.kind === 'word' && (this.token.value === 'any' || this.token.value === 'all') ? this.next().value : null
    const a = this.operand(), sign = this.operator
    const comparison = FILTER_COMPARISONS[sign]
    if (a.kind === 'literal' && (!comparison || (!a.quoted && /^[A-Za-z_]/.test(a.text))))
      unknownField(a)
    if (comparison)
      return this.comparisons(a, word)
    if (sign === 'in')
      return this.membership(a, word)
    if (sign === 'not') {
      this.next()
      if (this.operator !== 'in')
        filterFail(this.token, _('expected "in" after "not"'))
      const test = this.membership(a, word)
      return (row) => !test(row)
    }
    if (sign === 'contains' || sign === 'matches')
      return this[sign](a, word === 'all')
    if (word)
      filterFail(this.token, _('expected a comparison after "any" or "all"'))
    return (row) => a.kind === 'boolean' || a.masked ? a.get(row).some((value) => Boolean(value)) : a.get(row).length > 0
  }

  // "a < b < c" is "a < b and b < c".
  comparisons(a, word) {
    const tests = []
    while (FILTER_COMPARISONS[this.operator]) {
      const [sign, all] = FILTER_COMPARISONS[this.operator]
      this.next()
      const b = this.operand()
      tests.push(compared(sign, word ? word === 'all' : all, a, b))
      a = b
    }
    return tests.length === 1 ? tests[0] : (row) => tests.every((test) => test(row))
  }

  membership(a, word) {
    this.next()
    if (this.token.kind !== '{')
      filterFail(this.token, _('expected { and a list of values after "in"'))
    this.next()
    const ranges = []
    do {
      const low = this.element(a), dots = this.token.kind === '..'
      if (dots)
        this.next()
      const literal = this.token, high = dots ? this.element(a) : null
      if (high && a.kind === 'address' && (low.prefix < 128 || high.prefix < 128))
        filterFail(literal, _('a range takes two single values'))
      ranges.push({ low, high })
      if (this.token.kind === ',')
        this.next()
      else if (this.token.kind === 'end')
        filterFail(this.token, _('expected } after the set'))
    } while (this.token.kind !== '}')
    this.next()
    return overValues(a, word === 'all', (value) => ranges.some((range) => valueIn(a.kind, value, range)))
  }

  element(a) {
    if (!['word', 'string', 'character'].includes(this.token.kind))
      filterFail(this.token, _('expected a value or } in the set'))
    if (a.kind === 'presence')
      filterFail(a, _('this field only exists or not; it has no value to compare'))
    return literalValue(this.literal(), a)
  }

  contains(a, all) {
    this.next()
    const b = unnamed(a, this.operand())
    if (!isText(a))
      filterFail(a, _('"contains" applies to strings and bytes only'))
    if (b.kind !== 'literal' && !isText(b))
      filterFail(b, _('both sides of "contains" must have the same type'))
    const texts = (row) => b.kind === 'literal' ? [b.text] : b.get(row).map(valueText)
    return (row) => {
      const parts = texts(row), values = a.get(row).map(valueText)
      const holds = (value) => parts.some((part) => value.includes(part))
      return all ? values.length > 0 && parts.length > 0 && values.every(holds) : values.some(holds)
    }
  }

  // Perl's "(?i)" and "(?-i)" in front say how case counts; without regard to it unless they do.
  matches(a, all) {
    this.next()
    const b = this.operand()
    if (!isText(a))
      filterFail(a, _('"matches" applies to strings and bytes only; string() converts other types'))
    if (b.kind !== 'literal' || !b.quoted)
      filterFail(b, _('expected a regular expression in double quotes'))
    const flag = /^\(\?(-?)i\)/.exec(b.text)
    let pattern
    try {
      pattern = new RegExp(flag ? b.text.slice(flag[0].length) : b.text, flag && flag[1] ? 's' : 'is')
    } catch (error) {
      filterFail(b, format(_('invalid regular expression: %s'), error.message.replace(/^.*: /, '')))
    }
    return overValues(a, all, (value) => pattern.test(valueText(value)))
  }

  // --- operands ---

  operand() {
    const a = this.entity()
    if (this.operator !== 'mask')
      return a
    this.next()
    if (a.kind !== 'number' || a.registry)
      filterFail(a, _('only numbers and bytes can be masked'))
    const b = this.entity()
    if (b.kind !== 'literal')
      filterFail(b, _('expected a mask value'))
    const mask = literalValue(b, a)
    return { ...a, masked: true, get: (row) => a.get(row).map((value) => value & mask) }
  }

  entity() {
    const token = this.token
    if (token.kind === 'string' || token.kind === 'character')
      return this.literal()
    if (token.kind === 'end')
      filterFail(token, _('unexpected end of filter; expected a field or value'))
    if (token.kind !== 'word')
      filterFail(token, _('expected a field or value'))
    const field = filterField(token.value)
    const calls = FILTER_FUNCTIONS.includes(token.value) && this.tokens[this.at + 1].kind === '('
    if (!calls && !field)
      return this.literal()
    const node = calls ? this.call() : this.named(field)
    return this.token.kind === '[' ? this.sliced(node) : node
  }

  literal() {
    const { kind, value, column, length } = this.next()
    const text = kind === 'character' ? String(value.codePointAt(0)) : value
    return { kind: 'literal', text, quoted: kind === 'string', column, length }
  }

  named(field) {
    const { value: typed, column, length } = this.next()
    const get = field.kind !== 'address' ? field.get : (row) => field.get(row).map((text) => ({ bytes: addressBytes(text) || [], name: text }))
    return { kind: field.kind, registry: field.registry, field, typed, get, column, length }
  }

  call() {
    const { value: name, column, length } = this.next(), args = []
    this.enter()
    do {
      this.next() // the parenthesis or comma
      const argument = this.entity()
      if (argument.kind === 'literal')
        unknownField(argument)
      args.push(argument)
    } while (this.token.kind === ',' && (name === 'min' || name === 'max'))
    if (this.token.kind !== ')')
      filterFail(this.token, _('expected ) after the arguments'))
    this.next()
    this.depth--
    return { column, length, ...called(name, args) }
  }

  sliced(node) {
    const token = this.next()
    if (node.kind !== 'string')
      filterFail(node, _('only strings and bytes can be sliced'))
    const parts = token.value.split(',').map((text) => slicePart(text, token))
    const get = (row) => node.get(row).map((text) => parts.map((part) => part(text)))
      .filter((cut) => !cut.includes(null)).map((cut) => cut.join(''))
    return { ...node, field: null, get }
  }
}

function unknownField(node) {
  const nearest = node.quoted ? null : nearestField(node.text), text = node.text.slice(0, 64)
  if (node.quoted)
    filterFail(node, _('expected a field, not a string'))
  filterFail(node, nearest ? format(_('unknown field "%s"; did you mean "%s"?'), text, nearest)
    : format(_('unknown field "%s"; the fields that this page carries are listed below'), text))
}

function isText(node) {
  return node.kind === 'string' || (node.kind === 'number' && Boolean(node.registry))
}

// "protocol == tls": a word that also names a field is text beside text if it cannot be compared as a field.
function unnamed(beside, node) {
  const meant = node.kind === 'presence' || (beside.registry && node.kind !== beside.kind)
  if (!node.field || !isText(beside) || !meant)
    return node
  return { kind: 'literal', text: node.typed, quoted: false, column: node.column, length: node.length }
}

// A relation holds for none when one side has no value.
function overValues(node, all, holds) {
  return (row) => {
    const values = node.get(row)
    return all ? values.length > 0 && values.every(holds) : values.some(holds)
  }
}

function compared(sign, all, left, right) {
  let a = unnamed(right, left), b = unnamed(left, right)
  if (a.kind === 'literal' && b.kind === 'literal')
    filterFail(a, _('a comparison needs a field on one side'))
  if (a.kind === 'literal') {
    [a, b] = [b, a]
    sign = FILTER_MIRRORED[sign] || sign
  }
  for (const node of [a, b])
    if (node.kind === 'presence')
      filterFail(node, _('this field only exists or not; it has no value to compare'))
  const ordered = FILTER_ORDERED[sign]
  if (b.kind !== 'literal') {
    if (a.kind !== b.kind)
      filterFail(b, _('both sides of a comparison must have the same type'))
    return (row) => {
      const others = b.get(row), holds = (value) => others[all ? 'every' : 'some']((other) => ordered(valueOrder(a.kind, value, other)))
      return others.length > 0 && overValues(a, all, holds)(row)
    }
  }
  const low = literalValue(b, a)
  if (sign === 'eq' || sign === 'ne')
    return overValues(a, all, (value) => valueIn(a.kind, value, { low, high: null }) === (sign === 'eq'))
  return overValues(a, all, (value) => ordered(valueOrder(a.kind, value, low)))
}

const filterBytes = new TextEncoder()

// What a function gives for what it takes.
function called(name, args) {
  const a = args[0]
  const fits = {
    len: a.kind === 'string', lower: isText(a), upper: isText(a), string: ['number', 'address', 'string'].includes(a.kind), count: true,
  }[name] ?? args.every((b) => b.kind === a.kind && !['presence', 'address'].includes(b.kind))
  if (!fits)
    filterFail(a, _('this function does not accept this argument'))
  switch (name) {
    case 'len': return { kind: 'number', get: (row) => a.get(row).map((text) => filterBytes.encode(text).length) }
    // what a function takes has to exist
    case 'count': return { kind: 'number', get: (row) => a.get(row).length ? [a.get(row).length] : [] }
    case 'lower': return { kind: 'string', get: (row) => a.get(row).map((value) => valueText(value).toLowerCase()) }
    case 'upper': return { kind: 'string', get: (row) => a.get(row).map((value) => valueText(value).toUpperCase()) }
    case 'string': return { kind: 'string', get: (row) => a.get(row).map(valueText) }
    default: {
      const better = name === 'max' ? (d) => d > 0 : (d) => d < 0
      const get = (row) => {
        const values = args.flatMap((b) => b.get(row))
        return values.length ? [values.reduce((best, value) => better(valueOrder(a.kind, value, best)) ? value : best)] : []
      }
      return { kind: a.kind, registry: a.registry, get }
    }
  }
}

// "i:j" (offset and length), "i-j" (first and last), "i", ":j", "i:": a function of the text, null outside of it.
function slicePart(source, token) {
  const found = /^\s*(?:(-?\d{1,8})\s*(?:(:)\s*(\d{1,8})?|(-)\s*(-?\d{1,8}))?|:\s*(\d{1,8}))\s*$/.exec(source)
  if (!found)
    filterFail(token, _('expected an offset of at most eight digits'))
  return (text) => {
    const n = text.length, start = Number(found[1] || 0), from = start < 0 ? n + start : start
    const last = Number(found[5])
    const to = found[6] !== undefined ? Number(found[6]) : found[4] ? (last < 0 ? n + last : last) + 1
      : !found[2] ? from + 1 : found[3] !== undefined ? from + Number(found[3]) : n
    return from < 0 || from > n || to < from || to > n ? null : text.slice(from, to)
  }
}

// {matches(row)} or {error: {column, length, message}}; an empty filter matches all.
export function compileFilter(text) {
  if (!text.trim())
    return { matches: () => true, error: null }
  try {
    return { matches: new FilterParser(text).whole(), error: null }
  } catch (error) {
    if (!(error instanceof FilterError))
      throw error
    return { matches: null, error: { column: error.column, length: error.length, message: error.message } }
  }
}

// A string of the language: for filters that a click makes.
export function filterString(text) {
  return '"' + String(text).replace(/[\\"]/g, '\\$&').replace(/[\x00-\x1f\x7f]/g, (c) => '\\x' + c.charCodeAt(0).toString(16).padStart(2, '0')) + '"'
}
