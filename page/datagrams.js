// Packets of QUIC and records of DTLS: what each is called, what is in it, and the view of one.
import { el } from './dom.js'
import { _, ngettext, format, speak } from './language.js'
import { fieldName } from './data.js'
import { href, go } from './state.js'
import { momentText } from './waits.js'
import { fieldTree, everyField, FIELD } from './fields.js'
import { bytesView } from './bytes.js'

// RFC 9000's words.
const PACKET_NAMES = {
  initial: 'Initial',
  '0rtt': '0-RTT',
  handshake: 'Handshake',
  retry: 'Retry',
  '1rtt': '1-RTT',
  version_negotiation: 'Version Negotiation',
}

// Frames that carry data or keep them flowing: a packet of nothing else is not worth a look of its own.
const DATA_FRAMES = ['stream', 'ack', 'padding', 'ping', 'max_data', 'max_streams', 'max_stream_data', 'datagram', 'immediate_ack']

export function isQuic(detail) {
  return detail.datagrams.length > 0 && detail.datagrams[0].protocol === 'quic'
}

export function packetName(one) {
  if (one.protocol !== 'quic') return format(_('DTLS record: %s'), one.type || _('encrypted'))
  const name = PACKET_NAMES[one.type] || one.type
  return one.number === null || one.type === 'retry' ? name : `${name} ${one.number}`
}

// The names of its frames, in their order: the structs in its payload.
export function framesOf(one) {
  if (one.protocol !== 'quic') return []
  return one.fields.filter(row => row[1] === 1 && row[5] === FIELD.struct).map(row => fieldName(row[0]))
}

// "STREAM × 3, ACK": each kind once, padding only where there is nothing else.
export function framesText(one) {
  const counts = new Map()
  for (const name of framesOf(one)) counts.set(name, (counts.get(name) || 0) + 1)
  if (counts.size > 1) counts.delete('padding')
  return [...counts].map(([name, n]) => name.toUpperCase() + (n > 1 ? ` × ${n}` : '')).join(', ')
}

export function isData(one) {
  return one.type === '1rtt' && framesOf(one).every(name => DATA_FRAMES.includes(name))
}

// The values of its fields of one name, at the top or in its structs.
function valuesOf(one, name) {
  return one.fields.filter(row => fieldName(row[0]) === name).map(row => row[6])
}

// Anyone has the keys of Initial packets, and the others of these have none. RFC 9147, 4: epoch 0 is in the clear, and a unified
// header begins what is not.
export function isProtected(one) {
  if (one.protocol === 'quic') return !['initial', 'retry', 'version_negotiation'].includes(one.type)
  return valuesOf(one, 'unified_header').length > 0 || valuesOf(one, 'epoch')[0] > 0
}

// Records of application data are told with the others of their run.
export function isToldInRun(one) {
  return one.protocol === 'dtls' && (one.type === 'application_data' || !one.type)
}

// --- what is worth saying of one ---

function resentIn(one, detail) {
  const resent = (detail.story.quic && detail.story.quic.resent) || []
  const from = one.from ? 'server' : 'client'
  return resent.filter(r => one.opened && r.from === from && r.frame === one.frame && r.type === one.type && r.number === one.number)
}

// Packet numbers before it were passed over and never came.
function gapsBefore(one, detail) {
  const gaps = (detail.story.quic && detail.story.quic.gaps) || []
  const from = one.from ? 'server' : 'client'
  return gaps.filter(g => one.opened && g.frame === one.frame && g.from === from && g.type === one.type && g.last + 1 === one.number)
}

// As of TCP's segments: 1 is a retransmission, 3 has something missing before it.
export function packetMark(one, detail) {
  return gapsBefore(one, detail).length ? 3 : resentIn(one, detail).length ? 1 : 0
}

// "certificate, bytes 0 to 255 of 612" for each fragment that is not its whole message.
function fragmentTexts(one) {
  const types = valuesOf(one, 'msg_type'),
    lengths = valuesOf(one, 'length').slice(-types.length),
    offsets = valuesOf(one, 'fragment_offset')
  const sizes = one.fields.filter(row => fieldName(row[0]) === 'fragment' && row[1] > 0).map(row => row[4] || 0)
  return types
    .map((type, i) => [(one.carries || {})[type] || format(_('type %d'), type), offsets[i], offsets[i] + sizes[i] - 1, lengths[i]])
    .filter(([, first, last, whole]) => last - first + 1 < whole)
    .map(([name, first, last, whole]) => format(_('%s, bytes %d to %d of %d'), name, first, last, whole))
}

function recordRemark(one) {
  const said = one.type === 'handshake' && one.opened ? fragmentTexts(one) : []
  if (one.type === 'handshake' && one.opened && !one.carries) said.push(_('sent again'))
  if (isProtected(one) && !one.opened) said.push(_('not decrypted'))
  return said.join(_(', '))
}

// Of QUIC what the text's ladder has beside it.
export function packetRemark(one) {
  return one.protocol === 'dtls' ? recordRemark(one) : speak(one.remark || '')
}

// What else is in a packet whose messages are told.
export function restText(one) {
  const rest = framesText(one)
    .split(', ')
    .filter(name => name && !name.startsWith('CRYPTO'))
  return rest.length ? format(_('with %s'), rest.join(', ')) : ''
}

function recordsLeftOut(detail) {
  const left = detail.story.dtls.records - detail.datagrams.length
  if (left <= 0) return null
  const text = format(ngettext('%d record more is not on this page.', '%d records more are not on this page.', left), left)
  return el('p', { class: 'left-out' }, text)
}

// Of a long connection the page has the bytes of the first packets; the others are counted.
export function packetsLeftOut(detail) {
  if (detail.story.dtls) return recordsLeftOut(detail)
  if (!isQuic(detail)) return null
  const counts = Object.values(detail.story.quic.packets || {}).flatMap(side => Object.values(side))
  const left = counts.reduce((sum, n) => sum + n, 0) - detail.datagrams.length
  if (left <= 0) return null
  const text = format(ngettext('%d packet more is not on this page.', '%d packets more are not on this page.', left), left)
  return el('p', { class: 'left-out' }, text)
}

// --- the view of one ---

function facts(one) {
  const said = [one.from ? _('from the server') : _('from the client'), momentText(one.t), format(_('packet %d'), one.frame)]
  said.push(format(ngettext('%d byte', '%d bytes', one.sent), one.sent))
  if (one.offset) said.push(format(_('from byte %d of the datagram on'), one.offset))
  if (isProtected(one)) said.push(one.opened ? _('encrypted, decrypted with keys') : _('encrypted'))
  return el('p', { class: `message-facts from-${one.from ? 'server' : 'client'}` }, said.join(' · '))
}

function steps(detail, i) {
  const step = (to, text, label) =>
    el(
      'button',
      {
        type: 'button',
        class: 'quiet',
        'aria-label': label,
        ...(detail.datagrams[to] ? {} : { disabled: '' }),
        on: { click: () => go({ datagram: to }) },
      },
      text,
    )
  return el(
    'nav',
    { class: 'message-steps', 'aria-label': _('Packets') },
    step(i - 1, '↑', _('Previous packet')),
    el('span', {}, format(_('%d of %d'), i + 1, detail.datagrams.length)),
    step(i + 1, '↓', _('Next packet')),
  )
}

function carried(one, detail) {
  if (!one.messages.length) return null
  const links = one.messages.map(i =>
    el('a', { href: href({ message: i, datagram: null }) }, speak(detail.messages[i].name || '') || _('encrypted')),
  )
  return el('p', { class: 'message-remark' }, _('Completes: '), ...links.flatMap((link, i) => (i ? [_(', '), link] : [link])))
}

// Those beside it in the same datagram.
function others(one, detail) {
  const links = detail.datagrams
    .map((other, i) => [other, i])
    .filter(([other]) => other !== one && other.frame === one.frame && other.from === one.from)
    .map(([other, i]) => el('a', { href: href({ datagram: i }) }, packetName(other)))
  if (!links.length) return null
  return el('p', {}, _('In the same datagram: '), ...links.flatMap((link, i) => (i ? [_(', '), link] : [link])))
}

// Without --secrets the page has not what the application said.
function packetFields(one) {
  const roots = fieldTree(one.fields)
  for (const node of everyField(roots))
    for (let k = 0; k < one.hidden.length; k += 2)
      if (node.kind === FIELD.bytes && node.offset === one.hidden[k] && node.length === one.hidden[k + 1])
        node.hidden = true
  return roots
}

export function packetBytes(one) {
  return bytesView({ roots: packetFields(one), bytes: one.bytes, label: packetName(one), hidden: one.hidden })
}

// `i`: its number in detail.datagrams; `layers`: what was around it.
export function packetView(detail, i, layers) {
  const one = detail.datagrams[i]
  const remark = packetRemark(one)
  return el(
    'section',
    { class: 'message', id: 'message', 'aria-labelledby': 'message-title', 'data-datagram': String(i) },
    el(
      'header',
      { class: 'message-head' },
      el('h2', { id: 'message-title', tabindex: '-1' }, packetName(one)),
      steps(detail, i),
    ),
    facts(one),
    framesText(one) ? el('p', {}, el('code', {}, framesText(one))) : null,
    remark ? el('p', { class: 'message-remark' }, remark) : null,
    carried(one, detail),
    others(one, detail),
    one.error ? el('p', { class: 'message-remark' }, speak(one.error)) : null,
    one.opened || !isProtected(one)
      ? null
      : el('p', { class: 'no-bytes' }, _('The page has no keys for it: only what of its header is in the clear is shown.')),
    packetBytes(one),
    layers,
  )
}
