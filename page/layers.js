// What was around a message on its way: link, IP, TCP, and the record's header, each byte explained; opened on request.
import { el } from './dom.js'
import { _, ngettext, format, speak } from './language.js'
import { amount } from './time.js'
import { bytesFromHex } from './encoded.js'
import { fieldTree } from './fields.js'
import { bytesView } from './bytes.js'

// From the outermost header to the record's: {name, bytes, fields} of each, in the packet that brought the message's
// first byte.
function layersOf(m, detail) {
  const story = detail.story
  const first = (m.pieces || [])[0]
  const side = m.from === 1 ? 'server' : 'client'
  const record = first && (story.records || []).find(r => r.from === side && r.number === first[0])
  const frame = record && record.places && record.places.length ? record.places[0].frame : m.frame
  const at = (story.packets || []).findIndex(packet => packet.frame === frame)
  const layers = []
  if (at >= 0) {
    const headers = bytesFromHex(story.packets[at].headers)
    for (const layer of detail.packets[at] || [])
      layers.push({
        name: layer.name,
        bytes: headers.subarray(layer.offset, layer.offset + layer.length),
        fields: layer.fields,
      })
  }
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
      node.append(bytesView({ roots: fieldTree(layer.fields), bytes, label: name }))
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
