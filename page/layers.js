// What was around a message on its way: link, IP, TCP, and the record's header, each byte explained; opened on request.
import { el } from './dom.js'
import { _, ngettext, format, speak } from './language.js'
import { amount } from './time.js'
import { bytesFromHex } from './encoded.js'
import { fieldTree } from './fields.js'
import { bytesView } from './bytes.js'
import { packetBytes, packetName } from './datagrams.js'

// Those of the packet's headers.
function headersOf(frame, detail) {
  const at = (detail.story.packets || []).findIndex(packet => packet.frame === frame)
  if (at < 0) return []
  const headers = bytesFromHex(detail.story.packets[at].headers)
  return (detail.packets[at] || []).map(layer => ({
    name: layer.name,
    bytes: headers.subarray(layer.offset, layer.offset + layer.length),
    fields: layer.fields,
  }))
}

function layerOf(one) {
  return { name: packetName(one), bytes: one.bytes, fields: one.fields, view: () => packetBytes(one) }
}

// Of QUIC the packet that completed it, of DTLS the records of its datagram.
function aroundInDatagram(m, detail) {
  const i = detail.messages.indexOf(m)
  const place = detail.datagrams.find(one => one.messages.includes(i))
  if (!place) return []
  if (place.protocol === 'quic') return [layerOf(place)]
  return detail.datagrams.filter(one => one.frame === place.frame && one.from === place.from).map(layerOf)
}

// From the outermost header to the record's: {name, bytes, fields} of each, in the packet that brought the message's
// first byte.
function layersOf(m, detail) {
  const story = detail.story
  const first = (m.pieces || [])[0]
  const side = m.from === 1 ? 'server' : 'client'
  const record = first && (story.records || []).find(r => r.from === side && r.number === first[0])
  const frame = record && record.places && record.places.length ? record.places[0].frame : m.frame
  const layers = headersOf(frame, detail)
  layers.push(...aroundInDatagram(m, detail))
  if (m.record_header) layers.push({ name: _('TLS record'), bytes: bytesFromHex(m.record_header), fields: m.record_fields })
  return { frame, layers }
}

function layerDetails(layer) {
  const bytes = layer.bytes
  const name = speak(layer.name)
  const node = el(
    'details',
    { class: 'layer' },
    el(
      'summary',
      {},
      el('b', {}, name),
      el('span', { class: 'layer-size' }, format(ngettext('%d byte', '%d bytes', bytes.length), bytes.length)),
    ),
  )
  // built when it is opened: most are never looked at
  node.addEventListener('toggle', () => {
    if (node.open && node.children.length === 1)
      node.append(layer.view ? layer.view() : bytesView({ roots: fieldTree(layer.fields), bytes, label: name }))
  })
  return node
}

// One line of boxes, each inside the one before it: how much of what went over the wire was the message.
function layerStack(m, layers) {
  const inner = (m.pieces || []).reduce((sum, piece) => sum + piece[2], 0)
  return el(
    'p',
    { class: 'layer-stack' },
    ...layers.flatMap(layer => [
      el('span', { class: 'layer-box' }, speak(layer.name), el('small', {}, amount(layer.bytes.length))),
      el('span', { class: 'layer-in', 'aria-hidden': 'true' }, '›'),
    ]),
    el('span', { class: 'layer-box is-message' }, speak(m.name || ''), inner ? el('small', {}, amount(inner)) : null),
  )
}

export function layersView(m, detail) {
  const { frame, layers } = layersOf(m, detail)
  if (!layers.length) return null
  return el(
    'section',
    { class: 'layers', 'aria-label': _('Layers around it') },
    el('h3', {}, format(_('Around it, in packet %d'), frame)),
    layerStack(m, layers),
    ...layers.map(layerDetails),
  )
}

// Around a packet of QUIC.
export function datagramLayersView(one, detail) {
  const layers = headersOf(one.frame, detail)
  if (!layers.length) return null
  return el(
    'section',
    { class: 'layers', 'aria-label': _('Layers around it') },
    el('h3', {}, format(_('Around it, in packet %d'), one.frame)),
    layerStack({ name: packetName(one) }, layers),
    ...layers.map(layerDetails),
  )
}
