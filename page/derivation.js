// How the keys came about, as a diagram: each value hangs under the secret that it was made from.
import { el, svg, clear } from './dom.js'
import { _, ngettext, format, speak } from './language.js'
import { cutText, textWidth } from './svgtext.js'
import { drawnLabel, spacedParts } from './draw.js'

const DERIVED_ROW = 46,
  DERIVED_STEP = 26,
  DERIVED_TOP = 10
const DERIVED_NAME = '600 14px system-ui, sans-serif',
  DERIVED_SMALL = '12px system-ui, sans-serif'
const DERIVED_MONO = '12px ui-monospace, "DejaVu Sans Mono", monospace'

function valueKey(value) {
  return value && value.bytes ? value.bytes : null
}

// Nodes in the order of the steps. A node's parent is the node that made one of its inputs; inputs that no step made
// (the premaster secret, what a key log gave) are nodes at the top.
function derivedNodes(steps) {
  const nodes = [],
    byValue = new Map()
  const add = (name, bytes, step, parent) => {
    const node = { id: nodes.length, name, bytes, step, parent, depth: parent ? parent.depth + 1 : 0, children: [] }
    if (parent) parent.children.push(node)
    nodes.push(node)
    if (bytes && !byValue.has(bytes)) byValue.set(bytes, node)
    return node
  }
  for (const step of steps) {
    const inputs = step.in || []
    let parent = inputs.map(input => byValue.get(valueKey(input))).find(Boolean) || null
    // what is cut without an input (no MAC key) is a part of the block that is being cut
    if (!parent && step.function === 'cut')
      parent = nodes.findLast(node => node.step && node.step.id === 'key_block') || null
    const first = inputs.find(input => input.bytes && !input.text)
    if (!parent && first && /secret|key|psk|ikm/i.test(first.name)) parent = add(first.name, first.bytes, null, null)
    const out = step.out || { name: step.id, bytes: '' }
    if (!(out.bytes && byValue.has(out.bytes) && byValue.get(out.bytes).name === out.name))
      add(out.name, out.bytes, step, parent)
  }
  return nodes
}

function inTreeOrder(nodes) {
  const order = []
  const visit = node => {
    order.push(node)
    node.children.forEach(visit)
  }
  nodes.filter(node => !node.parent).forEach(visit)
  return order
}

function sideName(side) {
  return side === 'client' ? _('client') : side === 'server' ? _('server') : ''
}

function inputNames(step) {
  const names = (step.in || []).map(input => (input.text && input.name === 'label' ? `"${input.text}"` : input.name))
  return names.length ? `(${names.join(', ')})` : ''
}

function derivedRow(node, y, width, choose) {
  const x = 14 + node.depth * DERIVED_STEP
  const room = width - x - 16
  const side = node.step && node.step.side ? ` is-${node.step.side}` : ''
  const made = node.step ? `${node.step.function}${inputNames(node.step)}` : _('given')
  const nameWidth = textWidth(node.name, DERIVED_NAME)
  const size = node.bytes
    ? format(ngettext('%d byte', '%d bytes', node.bytes.length / 2), node.bytes.length / 2)
    : _('empty')
  const press = event => {
    if (event.type === 'keydown' && event.key !== 'Enter' && event.key !== ' ') return
    event.preventDefault()
    choose(node)
  }
  const parts = [
    svg('rect', { class: 'row-back', x: 0, y, width, height: DERIVED_ROW - 2 }),
    svg('circle', { class: 'derived-dot', cx: x, cy: y + 16, r: 5 }),
    svg('text', { class: 'derived-name', x: x + 14, y: y + 20 }, cutText(node.name, room, DERIVED_NAME)),
  ]
  if (nameWidth + 120 < room) {
    const text = cutText(`= ${made}`, room - nameWidth - 24, DERIVED_SMALL)
    parts.push(svg('text', { class: 'derived-made', x: x + 24 + nameWidth, y: y + 20 }, text))
  }
  const value = cutText(node.bytes || '', room - 90, DERIVED_MONO)
  parts.push(
    svg('text', { class: 'derived-value', x: x + 14, y: y + 37 }, value),
    svg('text', { class: 'row-size', x: width - 8, y: y + 37, 'text-anchor': 'end' }, size),
  )
  const attributes = { class: `derived${side}`, role: 'button', tabindex: '0', 'aria-label': drawnLabel(parts) }
  return svg(
    'g',
    { ...attributes, 'data-node': String(node.id), on: { click: press, keydown: press } },
    ...spacedParts(parts),
  )
}

function derivedEdges(order) {
  const at = new Map(order.map((node, i) => [node, i]))
  return order
    .filter(node => node.parent)
    .map(node => {
      const x = 14 + node.parent.depth * DERIVED_STEP
      const from = DERIVED_TOP + at.get(node.parent) * DERIVED_ROW + 21,
        to = DERIVED_TOP + at.get(node) * DERIVED_ROW + 16
      return svg('path', {
        class: 'derived-edge',
        d: `M${x},${from} V${to - 6} Q${x},${to} ${x + 6},${to} H${x + DERIVED_STEP - 5}`,
      })
    })
}

export function hexBlock(bytes) {
  return el('code', { class: 'hex-block' }, (bytes || '').match(/.{1,8}/g)?.join(' ') || '—')
}

export function stepDetails(step) {
  const rows = (step.in || []).map(input => [input.name, input])
  return el(
    'div',
    { class: 'step-details' },
    el(
      'p',
      {},
      speak(step.text || ''),
      step.rfc
        ? el(
            'span',
            { class: 'step-rfc' },
            ` (${step.rfc}${step.frame ? `; ${format(_('packet %d'), step.frame)}` : ''})`,
          )
        : null,
    ),
    el(
      'dl',
      { class: 'facts' },
      ...rows.flatMap(([name, value]) => [
        el('dt', {}, name),
        el(
          'dd',
          {},
          value.text ? el('span', { class: 'step-text' }, `"${value.text}" `) : null,
          value.text && value.name !== 'label' ? null : hexBlock(value.bytes),
        ),
      ]),
      step.out ? [el('dt', {}, el('b', {}, `→ ${step.out.name}`)), el('dd', {}, hexBlock(step.out.bytes))] : null,
    ),
  )
}

// "0..15": the bytes of the key block that a part was cut from.
function cutRange(node) {
  const input = node.step && (node.step.in || []).find(one => one.name === 'bytes' && one.text)
  const range = input && /^(\d+)\.\.(\d+)$/.exec(input.text)
  return range ? [Number(range[1]), Number(range[2]) + 1] : null
}

// A block that is cut into parts, drawn as what it is: one row of bytes.
function cutBar(node) {
  const parts = node.children.map(child => ({ child, range: cutRange(child) })).filter(part => part.range)
  if (parts.length < 2) return null
  return el(
    'figure',
    { class: 'cut-bar' },
    el('figcaption', {}, format(_('%s, cut into %d'), node.name, parts.length)),
    el(
      'ol',
      {},
      ...parts.map(({ child, range }) => {
        const item = el(
          'li',
          { class: /^client/.test(child.name) ? 'is-client' : /^server/.test(child.name) ? 'is-server' : '' },
          el('b', {}, child.name),
          el('span', {}, `${range[0]}–${range[1] - 1}`),
        )
        item.style.flexGrow = String(range[1] - range[0])
        return item
      }),
    ),
  )
}

export function derivationView(steps) {
  const nodes = derivedNodes(steps),
    order = inTreeOrder(nodes)
  const stage = el('div', { class: 'derivation-stage' }),
    detail = el('div', { class: 'derivation-detail', 'aria-live': 'polite' })
  let chosen = null
  const choose = node => {
    chosen = node
    clear(
      detail,
      el('h3', {}, node.name, sideName(node.step && node.step.side) ? el('small', {}, sideName(node.step.side)) : null),
      node.step
        ? stepDetails(node.step)
        : [el('p', {}, _('Given: by a key log, a private key, or both sides’ computation.')), hexBlock(node.bytes)],
    )
    for (const row of stage.querySelectorAll('.derived'))
      row.classList.toggle('is-chosen', row.dataset.node === String(node.id))
  }
  const draw = () => {
    const width = Math.max(280, Math.floor(stage.clientWidth || 700)),
      height = DERIVED_TOP * 2 + order.length * DERIVED_ROW
    clear(
      stage,
      svg(
        'svg',
        {
          class: 'derivation-drawing',
          width,
          height,
          viewBox: `0 0 ${width} ${height}`,
          role: 'group',
          'aria-label': _('Derivation of the keys'),
        },
        svg('g', { 'aria-hidden': 'true' }, ...derivedEdges(order)),
        ...order.map((node, i) => derivedRow(node, DERIVED_TOP + i * DERIVED_ROW, width, choose)),
      ),
    )
    if (chosen) choose(chosen)
  }
  draw()
  let width = stage.clientWidth
  new ResizeObserver(() => {
    if (stage.clientWidth === width) return
    width = stage.clientWidth
    draw()
  }).observe(stage)
  if (order.length) choose(order.find(node => node.step) || order[0])
  return el(
    'div',
    { class: 'derivation' },
    ...nodes.map(cutBar).filter(Boolean),
    el('div', { class: 'derivation-panes' }, stage, detail),
  )
}
