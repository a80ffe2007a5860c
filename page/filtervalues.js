// From what was typed to the value that is meant: a literal's kind is that of the operand beside it.
import { _, format } from './language.js'
import { codesOfNames } from './filterfields.js'
import { filterFail } from './filterlex.js'

function wrongLiteral(node, expected) {
  filterFail(node, format(_('expected %s, not "%s"'), expected, node.text.slice(0, 60)))
}

// Decimal, 0x…, 0b…, and octal with a leading 0, as C has them; null when it is none.
function numberOf(text) {
  const found = /^(-?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|(0[0-7]+)|(0|[1-9]\d*))$/.exec(text)
  if (!found)
    return null
  const value = found[2] ? parseInt(found[2], 16) : found[3] ? parseInt(found[3], 2) : found[4] ? parseInt(found[4], 8) : Number(found[5])
  return found[1] ? -value : value
}

// Names are taken as people write them: "Client Hello" is client_hello.
export function foldedName(name) {
  return String(name).toLowerCase().replace(/[ -]/g, '_')
}

// The page has the names of the code points that it shows, not the whole registry: a name that is not among them stays a
// name, which no connection here has.
function codeOf(node, registry) {
  const number = numberOf(node.text)
  if (number !== null)
    return { number, name: null }
  if (/^[-+.\d]/.test(node.text))
    wrongLiteral(node, _('a number or a registered name'))
  const folded = foldedName(node.text)
  for (const [name, code] of codesOfNames(registry))
    if (foldedName(name) === folded)
      return { number: code, name }
  if (registry === 'version') // of which the page has all
    wrongLiteral(node, _('a number or a registered name'))
  return { number: NaN, name: node.text }
}

function secondsOf(node) {
  if (!/^-?(\d{1,9}(\.\d+)?|\.\d+)$/.test(node.text))
    wrongLiteral(node, _('a number of seconds'))
  return Number(node.text)
}

const FILTER_TIME = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(\.\d+)?)?)?(?:Z|([+-])(\d{2}):?(\d{2})?)?$/

// In UTC when it does not say, as all times here are.
function timeOf(node) {
  const t = FILTER_TIME.exec(node.text)
  const inside = t && t[2] >= 1 && t[2] <= 12 && t[3] >= 1 && t[3] <= 31 && (t[4] || 0) < 24 && (t[5] || 0) < 60 && (t[6] || 0) <= 60
  if (!inside)
    wrongLiteral(node, _('a time such as "2014-03-01 12:00:00"'))
  const zone = t[8] ? (t[8] === '+' ? -1 : 1) * (Number(t[9]) * 3600 + Number(t[10] || 0) * 60) : 0
  return Date.UTC(t[1], t[2] - 1, t[3], t[4] || 0, t[5] || 0, t[6] || 0) / 1000 + Number(t[7] || 0) + zone
}

function stringOf(node, operand) {
  const words = operand.field && operand.field.words
  if (!words)
    return node.text
  const word = words.find((other) => foldedName(other) === foldedName(node.text))
  if (!word)
    filterFail(node, format(_('%s must be one of: %s'), operand.field.name, words.join(', ')))
  return word
}

// 16 bytes, IPv4 as ::ffff:a.b.c.d; null when it is none.
export function addressBytes(text) {
  const dotted = /^(.*:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (dotted) {
    const four = dotted.slice(2).map(Number)
    if (four.some((byte) => byte > 255))
      return null
    const tail = ((four[0] << 8) | four[1]).toString(16) + ':' + ((four[2] << 8) | four[3]).toString(16)
    text = (dotted[1] || '::ffff:') + tail
  }
  if (!/^[0-9a-fA-F:]+$/.test(text) || (text.match(/::/g) || []).length > 1 || /:::/.test(text))
    return null
  const [head, tail] = text.split('::')
  const first = head ? head.split(':') : [], last = tail ? tail.split(':') : []
  const zeros = 8 - first.length - last.length
  if (tail === undefined ? zeros !== 0 : zeros < 1)
    return null
  const groups = [...first, ...Array(Math.max(0, zeros)).fill('0'), ...last]
  if (groups.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group)))
    return null
  return groups.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255])
}

function addressOf(node, operand) {
  const name = operand.field ? operand.field.name : ''
  const only4 = name.startsWith('ip.'), only6 = name.startsWith('ipv6.')
  const [, text, prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(node.text) || []
  const bytes = text === undefined ? null : addressBytes(text), four = bytes && !text.includes(':')
  const most = four ? 32 : 128
  if (!bytes || (prefix && Number(prefix) > most) || (only4 && !four) || (only6 && four))
    wrongLiteral(node, only4 ? _('an IPv4 address with optional prefix length: 10.0.0.0/8')
      : only6 ? _('an IPv6 address with optional prefix length: 2001:db8::/32') : _('an IP address with optional prefix length'))
  return { bytes, prefix: prefix === undefined ? 128 : Number(prefix) + (four ? 96 : 0) }
}

function booleanOf(node) {
  const number = { true: 1, false: 0 }[node.text.toLowerCase()] ?? numberOf(node.text)
  if (number === null)
    wrongLiteral(node, _('true, false, 1 or 0'))
  return number ? 1 : 0
}

// The value of a literal beside an operand; throws a FilterError when it cannot be one.
export function literalValue(node, operand) {
  switch (operand.kind) {
    case 'number': {
      if (operand.registry)
        return codeOf(node, operand.registry)
      const number = numberOf(node.text)
      return number === null ? wrongLiteral(node, _('a number')) : number
    }
    case 'boolean': return booleanOf(node)
    case 'seconds': return secondsOf(node)
    case 'time': return timeOf(node)
    case 'address': return addressOf(node, operand)
    case 'string': return stringOf(node, operand)
    default: return wrongLiteral(node, _('a field with a value'))
  }
}

function inNetwork(bytes, network) {
  for (let bit = 0, i = 0; bit < network.prefix; bit += 8, i++) {
    const shift = Math.max(0, 8 - (network.prefix - bit))
    if (bytes[i] >> shift !== network.bytes[i] >> shift)
      return false
  }
  return true
}

function orderOfBytes(a, b) {
  for (let i = 0; i < a.length; i++)
    if (a[i] !== b[i])
      return a[i] - b[i]
  return 0
}

// Less than 0, 0 or more, and NaN when the two cannot be compared.
export function valueOrder(kind, a, b) {
  if (kind === 'address')
    return orderOfBytes(a.bytes, b.bytes)
  if (kind === 'string')
    return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === 'object') // code points: by number where both are known, else the same name is the same
    return Number.isNaN(a.number) || Number.isNaN(b.number) ? (a.name !== null && a.name === b.name ? 0 : NaN) : a.number - b.number
  return a - b
}

// One value against one of a set: {low, high} with high null for a single one.
export function valueIn(kind, value, range) {
  if (kind === 'address' && range.high === null)
    return inNetwork(value.bytes, range.low)
  if (range.high === null)
    return valueOrder(kind, value, range.low) === 0
  return valueOrder(kind, value, range.low) >= 0 && valueOrder(kind, value, range.high) <= 0
}

// A value as the text that "contains" and "matches" look into: of a code point its name.
export function valueText(value) {
  return typeof value === 'object' && 'name' in value ? value.name || String(value.number) : String(value)
}
