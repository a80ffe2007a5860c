// Fields and bytes side by side: pointing at a field lights its bytes, pointing at a byte lights the field that has it.
import { el, clear, breakableName } from './dom.js'
import { _, ngettext, format } from './language.js'
import { everyField, fieldOwners, fieldValue, fieldMeaning, fieldPath, FIELD } from './fields.js'

const BYTES_WIDE = 16,
  BYTES_NARROW = 8,
  BYTES_WIDE_FROM = 560
const BYTES_LINE = 20 // px that a row is high
const BYTES_GROUP = 32 // rows that the browser lays out together, when they come into view

function bytesRange(node) {
  const count = node.end - node.start
  if (count <= 0) return _('no bytes')
  const where = count === 1 ? format(_('byte %d'), node.start) : format(_('bytes %d–%d'), node.start, node.end - 1)
  return node.prefix
    ? `${where} (${format(ngettext('%d byte of length first', '%d bytes of length first', node.prefix), node.prefix)})`
    : where
}

// The second part is a name.
function valueParts(node, bytes) {
  return fieldValue(node, bytes).map((value, i) =>
    el('span', { class: `value-${i}` }, i === 1 ? breakableName(String(value)) : value),
  )
}

function treeItem(view, node, position, size) {
  const meaning = fieldMeaning(node)
  const item = el(
    'div',
    {
      class: `field kind-${node.kind}`,
      role: 'treeitem',
      tabindex: '-1',
      'data-field': String(node.id),
      'aria-level': String(node.depth + 1),
      'aria-posinset': String(position),
      'aria-setsize': String(size),
      'aria-selected': 'false',
    },
    el('span', { class: 'field-fold', 'aria-hidden': 'true' }, node.children.length ? '▸' : ''),
    el('span', { class: 'field-name' }, breakableName(node.name)),
    el(
      'span',
      { class: 'field-value' },
      ...valueParts(node, view.bytes),
    ),
    meaning ? el('span', { class: 'field-meaning' }, meaning) : null,
  )
  item.style.setProperty('--depth', String(Math.min(node.depth, 9)))
  if (node.children.length) item.setAttribute('aria-expanded', 'false')
  return item
}

// Open at first: all but long lists of plain values, and what another decoder read inside a field.
function opensAtFirst(node) {
  if (!node.children.length || node.grafted) return false
  return node.kind !== FIELD.list || node.children.length <= 40
}

function buildTree(view) {
  const number = nodes =>
    nodes.forEach((node, i) => {
      view.items.push(treeItem(view, node, i + 1, nodes.length))
      node.open = opensAtFirst(node)
      number(node.children)
    })
  number(view.roots)
  view.tree.append(...view.items)
  showTree(view)
  if (view.items.length) view.items[0].tabIndex = 0
}

function showTree(view) {
  const show = (nodes, visible) => {
    for (const node of nodes) {
      const item = view.items[node.id]
      item.hidden = !visible
      if (node.children.length) item.setAttribute('aria-expanded', String(node.open))
      show(node.children, visible && node.open)
    }
  }
  show(view.roots, true)
}

function reveal(view, node) {
  let changed = false
  for (let at = node.parent; at; at = at.parent) {
    changed = changed || !at.open
    at.open = true
  }
  if (changed) showTree(view)
}

// The field itself, or the innermost field around it that is not folded away.
function visibleField(view, node) {
  let seen = node
  for (let at = node.parent; at; at = at.parent) if (!at.open) seen = at
  return view.items[seen.id] ? seen : node
}

const BYTE_MODEL = el('span', { class: 'byte', role: 'gridcell', tabindex: '-1' }),
  LETTER_MODEL = el('span', { class: 'letter' })

// There are many of them: to copy one is the quickest way to have another.
function byteNode(view, model, i, text) {
  const node = model.cloneNode(false)
  node.setAttribute('data-offset', i)
  node.setAttribute('data-field', view.owners[i].id)
  node.textContent = text
  return node
}

// Bytes that the page was not given: what the application said, without --secrets.
function isHidden(view, i) {
  for (let k = 0; k < view.hidden.length; k += 2) if (i >= view.hidden[k] && i < view.hidden[k] + view.hidden[k + 1]) return true
  return false
}

function byteRow(view, at, width) {
  const end = Math.min(at + width, view.bytes.length)
  const cells = [],
    letters = []
  for (let i = at; i < end; i++) {
    const byte = view.bytes[i],
      hidden = isHidden(view, i)
    cells.push(byteNode(view, BYTE_MODEL, i, hidden ? '··' : byte.toString(16).padStart(2, '0')))
    letters.push(byteNode(view, LETTER_MODEL, i, hidden ? ' ' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·'))
  }
  return el(
    'div',
    { class: 'byte-row', role: 'row' },
    el('span', { class: 'byte-at', role: 'rowheader' }, at.toString(16).padStart(4, '0')),
    el('span', { class: 'byte-cells', role: 'presentation' }, ...cells),
    el('span', { class: 'byte-letters', role: 'presentation', 'aria-hidden': 'true' }, ...letters),
  )
}

function buildBytes(view, width) {
  if (view.width === width) return
  view.width = width
  const rows = []
  for (let at = 0; at < view.bytes.length; at += width) rows.push(byteRow(view, at, width))
  clear(view.grid)
  view.grid.dataset.width = String(width)
  for (let i = 0; i < rows.length; i += BYTES_GROUP) {
    const some = rows.slice(i, i + BYTES_GROUP),
      group = el('div', { class: 'byte-group', role: 'rowgroup' }, ...some)
    group.style.containIntrinsicHeight = `auto ${some.length * BYTES_LINE}px`
    view.grid.append(group)
  }
  view.rows = rows
  view.cells = Array.from(view.grid.querySelectorAll('.byte'))
  view.letters = Array.from(view.grid.querySelectorAll('.letter'))
  if (view.cells.length) view.cells[0].tabIndex = 0
  for (const name of ['chosen', 'lit']) if (view[name]) paint(view, view[name], name, true)
}

// Rows that a field has as a whole are painted as such: a list may have thousands of bytes.
function paint(view, node, name, on) {
  const item = view.items[visibleField(view, node).id]
  if (item) item.classList.toggle(name, on)
  const end = Math.min(node.end, view.cells.length)
  for (let i = Math.max(0, node.start); i < end; ) {
    if (i % view.width === 0 && i + view.width <= end) {
      view.rows[i / view.width].classList.toggle(name, on)
      i += view.width
    } else {
      view.cells[i].classList.toggle(name, on)
      view.letters[i++].classList.toggle(name, on)
    }
  }
  for (let i = Math.max(0, node.start); i < Math.min(node.offset, end); i++)
    view.cells[i].classList.toggle('is-prefix', on)
}

function light(view, node) {
  if (view.lit === node) return
  if (view.lit) paint(view, view.lit, 'lit', false)
  view.lit = node
  if (node) paint(view, node, 'lit', true)
  tell(view, node || view.chosen)
}

function tell(view, node) {
  clear(view.says)
  if (!node) {
    view.says.append(el('p', { class: 'says-hint' }, _('Point at a field or a byte; arrow keys move.')))
    return
  }
  const meaning = fieldMeaning(node)
  view.says.append(
    el('p', { class: 'says-path' }, fieldPath(node)),
    el(
      'p',
      { class: 'says-value' },
      ...valueParts(node, view.bytes),
      el('span', { class: 'says-range' }, bytesRange(node)),
    ),
  )
  if (meaning) view.says.append(el('p', { class: 'says-meaning' }, meaning))
}

function choose(view, node, { focus = false, at = -1 } = {}) {
  if (view.chosen && view.chosen !== node) {
    paint(view, view.chosen, 'chosen', false)
    view.items[view.chosen.id].setAttribute('aria-selected', 'false')
  }
  view.chosen = node
  reveal(view, node)
  paint(view, node, 'chosen', true)
  const item = view.items[node.id]
  for (const other of view.tree.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1
  item.tabIndex = 0
  item.setAttribute('aria-selected', 'true')
  if (focus) item.focus()
  const cell = view.cells[at >= 0 ? at : Math.max(0, node.start)]
  if (at < 0 && cell) nearScroll(view.grid, cell)
  if (at >= 0) nearScroll(view.tree, item)
  tell(view, node)
}

// Only the pane scrolls, never the page: what the reader looks at must not run away.
function nearScroll(pane, child) {
  const outer = pane.getBoundingClientRect(),
    inner = child.getBoundingClientRect()
  if (inner.top < outer.top) pane.scrollTop -= outer.top - inner.top + 8
  else if (inner.bottom > outer.bottom)
    pane.scrollTop += Math.min(inner.bottom - outer.bottom + 8, inner.top - outer.top)
}

function visibleItems(view) {
  return view.items.filter(item => !item.hidden)
}

function setOpen(view, node, open) {
  if (view.chosen) paint(view, view.chosen, 'chosen', false)
  node.open = open
  showTree(view)
  if (view.chosen) paint(view, view.chosen, 'chosen', true)
}

function treeKey(view, event) {
  const item = event.target.closest('.field')
  if (!item) return
  const node = view.nodes[Number(item.dataset.field)]
  const items = visibleItems(view),
    at = items.indexOf(item)
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key]
  let next = to === undefined ? null : items[to]
  if (event.key === 'ArrowRight' && node.children.length) {
    if (!node.open) setOpen(view, node, true)
    else next = view.items[node.children[0].id]
  } else if (event.key === 'ArrowLeft') {
    if (node.children.length && node.open) setOpen(view, node, false)
    else if (node.parent) next = view.items[node.parent.id]
  } else if ((event.key === 'Enter' || event.key === ' ') && node.children.length) setOpen(view, node, !node.open)
  else if (to === undefined && event.key !== 'ArrowRight') return
  event.preventDefault()
  event.stopPropagation()
  if (next) choose(view, view.nodes[Number(next.dataset.field)], { focus: true })
}

function bytesKey(view, event) {
  const cell = event.target.closest('.byte')
  if (!cell) return
  const at = Number(cell.dataset.offset),
    row = at - (at % view.width)
  const to = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    ArrowDown: at + view.width,
    ArrowUp: at - view.width,
    Home: row,
    End: row + view.width - 1,
    PageDown: at + 8 * view.width,
    PageUp: at - 8 * view.width,
  }[event.key]
  if (to === undefined && event.key !== 'Enter') return
  event.preventDefault()
  event.stopPropagation()
  if (event.key === 'Enter') {
    choose(view, view.owners[at], { focus: true })
    return
  }
  const next = view.cells[Math.max(0, Math.min(view.cells.length - 1, to))]
  cell.tabIndex = -1
  next.tabIndex = 0
  next.focus()
}

function listenTree(view) {
  const nodeOf = event => {
    const item = event.target.closest('[data-field]')
    return item ? view.nodes[Number(item.dataset.field)] : null
  }
  view.tree.addEventListener('pointerover', event => light(view, nodeOf(event)))
  view.tree.addEventListener('pointerleave', () => light(view, null))
  view.tree.addEventListener('keydown', event => treeKey(view, event))
  view.tree.addEventListener('focusin', event => {
    const node = nodeOf(event)
    if (node && node !== view.chosen) choose(view, node)
  })
  view.tree.addEventListener('click', event => {
    const node = nodeOf(event)
    if (!node) return
    const again = view.chosen === node || event.target.closest('.field-fold')
    if (node.children.length && again) setOpen(view, node, !node.open)
    choose(view, node, { focus: true })
  })
}

function listenBytes(view) {
  const at = event => {
    const cell = event.target.closest('[data-offset]')
    return cell ? Number(cell.dataset.offset) : -1
  }
  view.grid.addEventListener('pointerover', event => light(view, at(event) >= 0 ? view.owners[at(event)] : null))
  view.grid.addEventListener('pointerleave', () => light(view, null))
  view.grid.addEventListener('focusin', event => {
    if (at(event) >= 0) choose(view, view.owners[at(event)], { at: at(event) })
  })
  view.grid.addEventListener('click', event => {
    if (at(event) < 0) return
    choose(view, view.owners[at(event)], { at: at(event) })
    view.cells[at(event)].focus()
  })
  view.grid.addEventListener('keydown', event => bytesKey(view, event))
}

// `roots`: from fieldTree(); `bytes`: what their offsets count in. What no field has is added to `roots`.
export function bytesView({ roots, bytes, label, hidden = [] }) {
  const view = { roots, bytes, hidden, owners: fieldOwners(roots, bytes.length), items: [], rows: [], cells: [], letters: [], width: 0 }
  view.nodes = everyField(roots)
  view.nodes.forEach((node, i) => {
    node.id = i
  })
  view.tree = el('div', { class: 'fields', role: 'tree', 'aria-label': format(_('Fields: %s'), label) })
  view.grid = el('div', { class: 'bytes', role: 'grid', 'aria-label': format(_('Bytes: %s'), label) })
  view.says = el('div', { class: 'byte-says', 'aria-live': 'polite' })
  buildTree(view)
  const explain = el(
    'button',
    {
      type: 'button',
      class: 'quiet',
      'aria-pressed': 'false',
      on: {
        click: () => {
          const on = view.tree.classList.toggle('explained')
          explain.setAttribute('aria-pressed', String(on))
        },
      },
    },
    _('Explain every field'),
  )
  const count = format(ngettext('%d byte', '%d bytes', bytes.length), bytes.length)
  const node = el(
    'div',
    { class: 'field-bytes' },
    el(
      'div',
      { class: 'field-pane' },
      el('div', { class: 'pane-head' }, el('h3', {}, _('Fields')), explain),
      view.tree,
    ),
    el(
      'div',
      { class: 'byte-pane' },
      el('div', { class: 'pane-head' }, el('h3', {}, _('Bytes')), el('span', {}, count)),
      view.grid,
      view.says,
    ),
  )
  buildBytes(view, BYTES_WIDE)
  tell(view, null)
  listenTree(view)
  listenBytes(view)
  // two panes that each hold their own beside the other, or one column where there is no room
  new ResizeObserver(() => {
    const width = view.grid.clientWidth
    if (width) buildBytes(view, width >= BYTES_WIDE_FROM - 40 ? BYTES_WIDE : BYTES_NARROW)
  }).observe(view.grid)
  return node
}
