// What was around a message on its way: link, IP, TCP, and the record's header, each byte explained; opened on request.
import { el } from './dom.js'
import { _, ngettext, format, speak } from './language.js'
import { amount } from './time.js'
import { bytesFrom64, fieldTree } from './fields.js'
import { bytesView } from './bytes.js'

function layerDetails(layer) {
  const bytes = bytesFrom64(layer.bytes)
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
      el('span', { class: 'layer-box' }, speak(layer.name), el('small', {}, amount(bytesFrom64(layer.bytes).length))),
      el('span', { class: 'layer-in', 'aria-hidden': 'true' }, '›'),
    ]),
    el('span', { class: 'layer-box is-message' }, speak(m.name || ''), inner ? el('small', {}, amount(inner)) : null),
  )
}

export function layersView(m) {
  const layers = m.layers || []
  if (!layers.length) return null
  return el(
    'section',
    { class: 'layers', 'aria-label': _('Layers around it') },
    el('h3', {}, format(_('Around it, in packet %d'), m.frame)),
    layerStack(m, layers),
    ...layers.map(layerDetails),
  )
}
