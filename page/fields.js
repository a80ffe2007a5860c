// The fields of a message or a certificate: from the rows of the data to a tree of which every byte has one owner.
import { index, fieldName, fieldPlace, fieldText, codeName } from './data.js'
import { hexOfBytes } from './encoded.js'
import { _, ngettext, format, speak } from './language.js'

export const FIELD = { number: 0, code: 1, bytes: 2, text: 3, oid: 4, struct: 5, list: 6, error: 7 }

// Controls, and characters that change the direction of writing: what the wire holds must not act on the page.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu

function escapedChar(char) {
  const code = char.codePointAt(0)
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

export function printable(bytes) {
  let text
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    text = Array.from(bytes, byte =>
      byte < 0x80 ? String.fromCharCode(byte) : escapedChar(String.fromCharCode(byte)),
    ).join('')
  }
  return text.replace(UNPRINTABLE, escapedChar)
}

function fieldNode(row, shift) {
  const [field, depth, offset, prefix = 0, length = 0, kind = FIELD.bytes, number = 0, note = null, registry = null] =
    row
  return {
    name: fieldName(field),
    place: fieldPlace(field),
    text: fieldText(field),
    depth,
    offset: offset + shift,
    start: offset + shift - prefix,
    end: offset + shift + length,
    prefix,
    length,
    kind,
    number,
    note,
    registry,
    children: [],
    parent: null,
  }
}

// Rows come in the order of reading, each with its depth: a row's parent is the last one that was less deep.
export function fieldTree(rows, shift = 0) {
  const roots = [],
    open = []
  for (const row of rows || []) {
    const node = fieldNode(row, shift)
    while (open.length && open[open.length - 1].depth >= node.depth) open.pop()
    node.parent = open.length ? open[open.length - 1] : null
    ;(node.parent ? node.parent.children : roots).push(node)
    open.push(node)
  }
  return roots
}

export function madeField(name, start, length, more = {}) {
  return {
    name,
    place: null,
    text: null,
    depth: 0,
    offset: start,
    start,
    end: start + length,
    prefix: 0,
    length,
    kind: FIELD.bytes,
    number: 0,
    note: null,
    registry: null,
    children: [],
    parent: null,
    ...more,
  }
}

// What one field holds by another decoder (a certificate, an OCSP response) becomes its children.
export function graftFields(roots, offset, length, rows) {
  for (const node of everyField(roots)) {
    if (node.offset !== offset || node.length !== length || node.children.length) continue
    node.children = fieldTree(rows, offset)
    for (const child of everyField(node.children)) child.depth += node.depth + 1
    for (const child of node.children) child.parent = node
    node.grafted = true
    return
  }
}

export function everyField(roots) {
  const all = []
  const visit = node => {
    all.push(node)
    node.children.forEach(visit)
  }
  roots.forEach(visit)
  return all
}

// owners[i]: the deepest field that has byte i; a length prefix, or a tag with its length, counts as its field's. Bytes
// that no field has (reading ended before them) get one of their own, so that every byte has exactly one owner.
export function fieldOwners(roots, total) {
  const owners = new Array(total).fill(null)
  for (const node of everyField(roots))
    for (let i = Math.max(0, node.start); i < Math.min(total, node.end); i++) owners[i] = node
  for (let i = 0; i < total; i++) {
    if (owners[i]) continue
    let end = i
    while (end < total && !owners[end]) end++
    const rest = madeField(_('not decoded'), i, end - i, { note: _('Reading ended before these bytes.') })
    owners.fill(rest, i, end)
    roots.push(rest)
    i = end - 1
  }
  return owners
}

export function codeDigits(number, bytes) {
  return `0x${Number(number)
    .toString(16)
    .padStart(2 * (bytes || 1), '0')}`
}

// RFC 8701: values that a client sends so that servers learn to ignore what they do not know.
export function isGrease(number) {
  return number >= 0 && number <= 0xffff && (number & 0x0f0f) === 0x0a0a && number >> 8 === (number & 0xff)
}

// X.690, 8.19: seven bits a byte; the first number holds the first two arcs.
function oidDigits(bytes) {
  const arcs = []
  let value = 0n
  for (const byte of bytes) {
    value = (value << 7n) | BigInt(byte & 0x7f)
    if (byte & 0x80) continue
    if (!arcs.length) {
      const first = value < 80n ? value / 40n : 2n
      arcs.push(first, value - first * 40n)
    } else arcs.push(value)
    value = 0n
  }
  return arcs.join('.')
}

function codeValue(node) {
  const name = codeName(node.registry, node.number)
  const digits = codeDigits(node.number, node.length)
  const suites = index().suites || {}
  const brief = node.name === 'cipher_suite' && suites[String(node.number)]
  const grease = !name && isGrease(node.number) ? 'GREASE' : ''
  return [digits, name || grease, brief && brief !== name ? brief : ''].filter(Boolean)
}

export function fieldSize(node) {
  const n = node.children.length
  const bytes = format(ngettext('%d byte', '%d bytes', node.length), node.length)
  if (node.kind === FIELD.list && !node.length) return _('empty')
  return node.kind === FIELD.list && n ? `${format(ngettext('%d entry', '%d entries', n), n)}, ${bytes}` : bytes
}

// What a field says, as one or more parts: digits, name, and for suites what they are made of.
export function fieldValue(node, bytes) {
  const own = bytes.subarray(node.offset, node.end)
  switch (node.kind) {
    case FIELD.number:
      return [String(node.number)]
    case FIELD.code:
      return codeValue(node)
    case FIELD.text:
      return [own.length ? printable(own) : _('empty')]
    case FIELD.oid:
      return [oidDigits(own), (index().oids || {})[oidDigits(own)]].filter(Boolean)
    case FIELD.struct:
    case FIELD.list:
      return [fieldSize(node)]
    case FIELD.error:
      return [node.note ? speak(node.note) : _('malformed')]
    default:
      if (node.hidden) return [_('left out without --secrets')]
      return own.length ? [hexOfBytes(own, 0, Math.min(own.length, 24)) + (own.length > 24 ? '…' : '')] : [_('empty')]
  }
}

export function fieldMeaning(node) {
  if (node.kind === FIELD.error) return ''
  return speak(node.note || node.text || '')
}

export function fieldPath(node) {
  const names = []
  for (let at = node; at; at = at.parent) names.unshift(at.name)
  return names.join(' › ')
}

// All fields of that name in a message's fields, in order.
export function fieldsNamed(roots, ...names) {
  return everyField(roots).filter(node => names.includes(node.name))
}
