// Packets of QUIC and records of DTLS: what each is called, what is in it, and the view of one.
import { el } from './dom.js'
import { _, ngettext, format, speak } from './language.js'
import { fieldName } from './data.js'
import { href, go } from './state.js'
import { momentText } from './waits.js'
import { fieldTree, everyField, FIELD } from './fields.js'
import { bytesView } from './bytes.js'
import { duration } from './time.js'

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
const DATA_FRAMES = ['stream', 'ack', 'padding', 'ping', 'max_data', 'max_streams', 'max_stream_data', 'datagram']

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

function pathText(one, detail) {
  const paths = (detail.story.quic && detail.story.quic.paths) || []
  const said = []
  paths.forEach((path, i) => {
    if (i && path.first_frame === one.frame) said.push(_('on a new path'))
    for (const side of ['client', 'server']) {
      const challenge = path[`challenge_${side}`]
      if (challenge && challenge.response_frame === one.frame && framesOf(one).includes('path_response'))
        said.push(format(_('answers the PATH_CHALLENGE of packet %d'), challenge.frame))
    }
  })
  return said
}

function closeText(one, detail) {
  const closes = (detail.story.quic && detail.story.quic.close) || []
  const close = closes.find(other => other.frame === one.frame && (other.from === 'server' ? 1 : 0) === one.from)
  if (!close || !framesOf(one).includes('connection_close')) return []
  return [`0x${close.code.toString(16)}${close.name ? ` ${close.name}` : ''}${close.reason ? `: ${close.reason}` : ''}`]
}

function resentIn(one, detail) {
  const resent = (detail.story.quic && detail.story.quic.resent) || []
  const from = one.from ? 'server' : 'client'
  return resent.filter(r => one.opened && r.from === from && r.frame === one.frame && r.type === one.type && r.number === one.number)
}

// As of TCP's segments: 1 is a retransmission, 3 has something missing before it.
export function packetMark(one, detail, missing) {
  return missing.has(one) ? 3 : resentIn(one, detail).length ? 1 : 0
}

// What was sent again, of which packet, and when it arrived; and what was lost.
function againText(one, detail) {
  const resent = (detail.story.quic && detail.story.quic.resent) || []
  const from = one.from ? 'server' : 'client'
  const lost = resent.find(
    r => one.opened && r.first.lost && r.from === from && r.first.type === one.type && r.first.number === one.number,
  )
  const said = lost ? [format(_('lost: sent again in %s'), packetName({ ...lost, protocol: 'quic' }))] : []
  for (const r of resentIn(one, detail)) {
    const what = r.stream_id === undefined ? 'CRYPTO' : `STREAM ${r.stream_id},`
    const first = r.first.unseen ? _('a packet that never came') : packetName({ ...r.first, protocol: 'quic' })
    // TRANSLATORS: of which packet; of which frame, and of its bytes the first and the last
    said.push(format(_('sent again of %s: %s %d–%d'), first, what, r.offset, r.offset + r.length - 1))
    if (r.first.acknowledged_frame)
      said.push(format(_('which had arrived (acknowledged in packet %d)'), r.first.acknowledged_frame))
    if (r.acknowledged_after !== undefined)
      said.push(format(_('acknowledged after %s'), duration(r.acknowledged_after)))
  }
  return said
}

// Spaces of packet numbers (RFC 9000, 12.3).
function spaceOf(one) {
  return `${one.from}${one.type === '0rtt' ? '1rtt' : one.type}`
}

// Numbers that were passed over and never come are of packets that got lost before the capture, or that it lacks.
export function missingBefore(datagrams) {
  const numbers = new Map(),
    missing = new Map(),
    next = new Map()
  const counted = datagrams.filter(one => one.opened && one.protocol === 'quic' && one.number !== null && one.type !== 'retry')
  for (const one of counted) {
    const space = spaceOf(one)
    if (!numbers.has(space)) numbers.set(space, new Set())
    numbers.get(space).add(one.number)
  }
  for (const one of counted) {
    const space = spaceOf(one),
      from = next.get(space)
    let n = 0
    for (let i = from; from !== undefined && i < one.number && i < from + 1000; i++) n += numbers.get(space).has(i) ? 0 : 1
    if (n) missing.set(one, n)
    next.set(space, Math.max(from || 0, one.number + 1))
  }
  return missing
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

export function packetRemark(one, detail, missing) {
  if (one.protocol === 'dtls') return recordRemark(one)
  const said = []
  const lost = missing.get(one)
  if (one.type === 'retry') said.push(_('asks the client to prove its address: it is to begin again with a token'))
  if (lost) said.push(format(ngettext('%d packet before it is missing', '%d packets before it are missing', lost), lost))
  if (isProtected(one) && !one.opened) said.push(_('not decrypted'))
  said.push(...againText(one, detail), ...pathText(one, detail), ...closeText(one, detail))
  return said.join(_(', '))
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
export function packetView(detail, i, missing, layers) {
  const one = detail.datagrams[i]
  const remark = packetRemark(one, detail, missing)
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
