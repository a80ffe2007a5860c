// All connections as an ARIA grid. Only the rows that are in sight exist: each has the same height, and its place is computed,
// so that ten thousand scroll like ten.
import { el, clear } from './dom.js'
import { _, N_, format } from './language.js'
import { index, fileName } from './data.js'
import { state, go, href, place } from './state.js'
import { amount, duration, moment } from './time.js'
import { SEVERITIES, VERSION_NUMBERS } from './filterfields.js'
import { severitySign, stateMark } from './charts.js'
import { serverName } from './causes.js'

const ROWS_AROUND = 12 // that exist above and below what is seen
const ROWS_PRINTED = 2000 // at most: what is on paper has to exist
const STATE_ORDER = { failed: 0, incomplete: 1, established: 2 }

function findingCell(row) {
  if (row.cause)
    return [severitySign(3), ' ', el('span', {}, row.cause)]
  if (row.severity < 1)
    return null
  const worst = row.findings.filter((finding) => finding[1] === row.severity)
  return [severitySign(row.severity), ' ', el('span', {}, worst[0] ? worst[0][0] : SEVERITIES[row.severity]),
    worst.length > 1 ? el('span', { class: 'muted' }, ` +${worst.length - 1}`) : null]
}

function suiteShown(row) {
  return row.cipher_suite ? row.cipher_suite.replace(/^TLS_/, '') : ''
}

function streamCell(row) {
  return el('a', { href: href(place(row.n)), tabindex: -1 }, String(row.stream))
}

function serverCell(row) {
  const address = `${String(row.server_ip).includes(':') ? `[${row.server_ip}]` : row.server_ip}:${row.server_port}`
  return [el('span', { class: 'server-name' }, serverName(row)), row.sni ? el('span', { class: 'muted server-address' }, address) : null]
}

// id (what `sort` in the address says), head, what is sorted by, what is shown, whether the text tells all when it is cut
const TABLE_COLUMNS = [
  { id: 'state', head: N_('State'), key: (row) => STATE_ORDER[row.state], cell: stateMark },
  { id: 'stream', head: N_('Stream'), key: (row) => row.stream, cell: streamCell, end: true },
  { id: 'file', head: N_('File'), key: (row) => row.file, cell: (row) => fileName(row.file), only: () => index().files.length > 1 },
  { id: 'start', head: N_('Time (UTC)'), key: (row) => row.seen, cell: (row) => moment(row.seen).slice(11) },
  { id: 'server', head: N_('Server'), key: (row) => serverName(row).toLowerCase(), cell: serverCell },
  { id: 'client', head: N_('Client'), key: (row) => row.client_ip, cell: (row) => row.client_ip },
  { id: 'version', head: N_('Version'), key: (row) => VERSION_NUMBERS[row.version] ?? null, cell: (row) => row.version },
  { id: 'cipher_suite', head: N_('Cipher suite'), key: (row) => row.cipher_suite, cell: suiteShown },
  { id: 'group', head: N_('Group'), key: (row) => row.group, cell: (row) => row.group },
  { id: 'alpn', head: N_('ALPN'), key: (row) => row.alpn, cell: (row) => row.alpn },
  { id: 'handshake_duration', head: N_('Handshake'), key: (row) => row.handshake_duration, cell: (row) => duration(row.handshake_duration), end: true },
  { id: 'duration', head: N_('Duration'), key: (row) => row.duration, cell: (row) => duration(row.duration), end: true },
  { id: 'bytes', head: N_('Data'), key: (row) => row.bytes, cell: (row) => row.bytes ? amount(row.bytes) : '', end: true },
  { id: 'findings', head: N_('Cause or finding'), key: (row) => row.severity < 0 ? null : -row.severity, cell: findingCell },
]

function ordered(rows, column, down) {
  const sign = down ? -1 : 1
  return rows.map((row) => [column.key(row), row]).sort(([a, x], [b, y]) => {
    const none = (a === null || a === undefined) - (b === null || b === undefined)
    if (none)
      return none // what has no value comes last, either way
    return (a < b ? -sign : a > b ? sign : 0) || x.n - y.n
  }).map((pair) => pair[1])
}

class ConnectionTable {
  constructor() {
    this.columns = TABLE_COLUMNS.filter((column) => !column.only || column.only())
    this.rows = []
    this.sorted = []
    this.sort = null
    this.active = 0
    this.made = new Map() // position → node
    this.heads = this.columns.map((column, i) => this.headOf(column, i))
    this.head = el('div', { role: 'row', class: 'row row-head', 'aria-rowindex': 1 }, this.heads)
    this.body = el('div', { role: 'rowgroup', class: 'table-body', on: { click: (e) => this.clicked(e), focusin: (e) => this.focused(e) } })
    this.grid = el('div', {
      role: 'grid', class: 'table' + (index().files.length > 1 ? ' with-file' : ''), id: 'table', 'aria-label': _('Connections'), 'aria-colcount': this.columns.length,
      on: { keydown: (e) => this.key(e) },
    }, el('div', { role: 'rowgroup', class: 'table-head' }, this.head), this.body)
    this.empty = el('p', { class: 'table-empty', hidden: true }, _('No connection matches the filter.'))
    this.node = el('div', { class: 'table-place' }, this.sortChoice(), this.grid, this.empty)
    this.draw = this.draw.bind(this)
    addEventListener('scroll', () => this.later(), { passive: true })
    addEventListener('resize', () => this.later())
    addEventListener('beforeprint', () => this.forPrint(true))
    addEventListener('afterprint', () => this.forPrint(false))
  }

  headOf(column, i) {
    return el('div', { role: 'columnheader', class: `cell cell-${column.id}${column.end ? ' is-end' : ''}`, 'aria-colindex': i + 1 },
      el('button', { type: 'button', class: 'sort', 'data-sort': column.id, on: { click: () => this.turn(column.id) } },
        el('span', { class: column.id === 'state' ? 'for-readers' : null }, _(column.head)), el('span', { class: 'sort-sign', 'aria-hidden': 'true' })))
  }

  // Where there is no room for heads: on a phone.
  sortChoice() {
    this.choice = el('select', { class: 'sort-choice', id: 'sort', on: { change: () => go({ sort: this.choice.value }) } },
      el('option', { value: '' }, _('as captured')),
      this.columns.flatMap((column) => [el('option', { value: column.id }, `${_(column.head)} ↑`), el('option', { value: `-${column.id}` }, `${_(column.head)} ↓`)]))
    return el('label', { class: 'sort-label' }, _('Sorted by'), ' ', this.choice)
  }

  // Up, down, as captured.
  turn(id) {
    const now = state().sort
    go({ sort: now === id ? `-${id}` : now === `-${id}` ? '' : id })
  }

  setRows(rows) {
    this.rows = rows
    this.sortNow()
  }

  sortBy(sort) {
    if (sort !== this.sort) {
      this.sort = sort
      this.sortNow()
    }
  }

  sortNow() {
    const down = (this.sort || '').startsWith('-'), id = (this.sort || '').replace(/^-/, '')
    const column = this.columns.find((other) => other.id === id), kept = this.sorted[this.active]
    this.sorted = column ? ordered(this.rows, column, down) : this.rows
    this.heads.forEach((head, i) => {
      const on = this.columns[i] === column
      head.setAttribute('aria-sort', on ? (down ? 'descending' : 'ascending') : 'none')
      head.querySelector('.sort-sign').textContent = on ? (down ? '↓' : '↑') : ''
    })
    this.choice.value = column ? this.sort : ''
    this.active = Math.max(0, this.sorted.indexOf(kept))
    this.empty.hidden = this.sorted.length > 0
    this.grid.setAttribute('aria-rowcount', this.sorted.length + 1)
    this.made.clear()
    clear(this.body)
    this.draw()
  }

  // --- rows in sight ---

  later() {
    if (!this.waiting && this.grid.isConnected && !this.printing)
      this.waiting = requestAnimationFrame(this.draw)
  }

  rowOf(position) {
    const row = this.sorted[position]
    return el('div', {
      role: 'row', class: `row is-${row.state}`, id: `row-${row.n}`, 'aria-rowindex': position + 2, 'data-position': position, 'data-n': row.n,
      tabindex: position === this.active ? 0 : -1,
    }, this.columns.map((column, i) => {
      const content = column.cell(row), text = typeof content === 'string' && content.length > 10 ? content : null
      return el('div', { role: 'gridcell', class: `cell cell-${column.id}${column.end ? ' is-end' : ''}`, 'aria-colindex': i + 1, title: column.id === 'cipher_suite' ? row.cipher_suite : column.id === 'server' ? serverName(row) : text }, content)
    }))
  }

  height() {
    return parseFloat(getComputedStyle(this.grid).getPropertyValue('--row-height')) || 40
  }

  draw() {
    this.waiting = null
    if (!this.grid.isConnected || this.printing)
      return
    const height = this.height(), top = this.body.getBoundingClientRect().top
    this.body.style.height = `${height * this.sorted.length}px`
    const from = Math.max(0, Math.floor(-top / height) - ROWS_AROUND)
    const to = Math.min(this.sorted.length, Math.ceil((innerHeight - top) / height) + ROWS_AROUND)
    for (const [position, node] of this.made)
      if ((position < from || position >= to) && position !== this.active) {
        node.remove()
        this.made.delete(position)
      }
    if (this.sorted.length)
      this.place(this.active, height)
    for (let position = from; position < to; position++)
      this.place(position, height)
  }

  // Nodes keep the order of the rows, for those who read them in order, and none is moved, which would take its focus.
  place(position, height) {
    let node = this.made.get(position)
    if (!node) {
      node = this.rowOf(position)
      this.made.set(position, node)
      let before = this.body.lastElementChild
      while (before && Number(before.dataset.position) > position)
        before = before.previousElementSibling
      if (before)
        before.after(node)
      else
        this.body.prepend(node)
    }
    node.style.transform = `translateY(${position * height}px)`
  }

  forPrint(on) {
    this.printing = on
    if (!this.grid.isConnected)
      return
    this.body.style.height = ''
    this.made.clear()
    clear(this.body, on ? this.sorted.slice(0, ROWS_PRINTED).map((unused, position) => this.rowOf(position)) : null,
      on && this.sorted.length > ROWS_PRINTED ? el('p', {}, format(_('%s more are not printed.'), this.sorted.length - ROWS_PRINTED)) : null)
    if (!on)
      this.draw()
  }

  // --- mouse and keys ---

  clicked(event) {
    const node = event.target.closest('.row')
    if (!node || event.target.closest('a') || String(getSelection()).trim())
      return
    this.open(Number(node.dataset.position))
  }

  focused(event) {
    const node = event.target.closest('.row')
    if (node)
      this.activate(Number(node.dataset.position))
  }

  activate(position) {
    const before = this.made.get(this.active)
    if (before)
      before.tabIndex = -1
    this.active = position
    this.place(position, this.height())
    this.made.get(position).tabIndex = 0
  }

  open(position) {
    this.activate(position)
    go(place(this.sorted[position].n))
  }

  focusRow(position) {
    if (!this.sorted.length)
      return
    position = Math.min(this.sorted.length - 1, Math.max(0, position))
    const height = this.height(), top = this.body.getBoundingClientRect().top + position * height
    const head = this.head.getBoundingClientRect().height + 8
    if (top < head)
      scrollBy({ top: top - head, behavior: 'instant' })
    else if (top + height > innerHeight)
      scrollBy({ top: top + height - innerHeight + 8, behavior: 'instant' })
    this.activate(position)
    this.made.get(position).focus({ preventScroll: true })
    this.later()
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !event.target.closest('.table-body'))
      return
    const page = Math.max(1, Math.floor(innerHeight / this.height()) - 2)
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key]
    if (step !== undefined) {
      event.preventDefault()
      this.focusRow(this.active + step)
    } else if (event.key === 'Enter' && !event.target.closest('a')) {
      event.preventDefault()
      this.open(this.active)
    }
  }

  // The row of connection n, focused: where one comes back to.
  shown(n) {
    const position = this.sorted.findIndex((row) => row.n === n)
    this.draw()
    this.focusRow(position < 0 ? this.active : position)
  }
}

// {node, setRows(rows), sortBy(text of the address), shown(n)}
export function connectionTable() {
  const table = new ConnectionTable()
  return { node: table.node, setRows: (rows) => table.setRows(rows), sortBy: (sort) => table.sortBy(sort), shown: (n) => table.shown(n) }
}
