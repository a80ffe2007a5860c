// The ladder: two lifelines, every message an arrow, evenly spaced (here) or true to time (scale.js).
import { el, svg, clear } from './dom.js'
import { _, ngettext, format } from './language.js'
import { state, onState } from './state.js'
import { amount } from './time.js'
import { waitParts, waitTime, momentText, roundTrip } from './waits.js'
import { ladderRows } from './rows.js'
import { packetsLeftOut } from './datagrams.js'
import { bytesFrom64 } from './encoded.js'
import {
  LADDER_FONT,
  ladderShape,
  goToFinding,
  messageLink,
  severityMark,
  severityName,
  arrowHead,
  lockMark,
  ladderHeads,
  lifelines,
} from './draw.js'
import { scaleDrawing } from './scale.js'
import { wrapText, cutText, textWidth } from './svgtext.js'

function findingMarks(row, shape, y) {
  return (row.findings || []).slice(0, 3).map((finding, i) => {
    const x = shape.server + 16 + (shape.narrow ? 0 : i * 12)
    const mark = severityMark(finding.severity, x, shape.narrow ? y + i * 13 : y, finding.id)
    return svg('g', { class: 'finding-mark', on: { click: event => goToFinding(event, finding.n) } }, mark)
  })
}

function recordTitle(record, piece) {
  if (!record) return format(_('record %d'), piece[0])
  const kind = record.inner_type || record.content_type
  const size = format(ngettext('%d byte', '%d bytes', record.length), record.length)
  return `${format(_('record %d'), record.number)}: ${kind}, ${size}, ${record.header}`
}

// The records of a message as boxes on its arrow, as wide as their size lets them; in each, the part that is the
// message's.
function recordChips(row, shape, y, detail, room) {
  if (row.kind !== 'message' || !row.m.pieces) return []
  const chips = [],
    direction = row.from ? -1 : 1
  let x = row.from ? shape.server - 14 : shape.client + 14,
    used = 0
  for (const piece of row.m.pieces) {
    const record = detail.recordOf(row.from, piece[0])
    const length = (record && (record.plaintext_length || record.length)) || piece[1] + piece[2]
    const width = Math.max(7, Math.min(54, Math.sqrt(record ? record.length : length) * 0.9))
    if (used + width + 4 > room) break
    const at = direction > 0 ? x : x - width
    const from = Math.min(1, piece[1] / Math.max(1, length)) * width
    const part = Math.max(3, Math.min(width - from, (piece[2] / Math.max(1, length)) * width))
    const chip = svg(
      'g',
      { class: 'record-chip' },
      svg('rect', { class: 'chip-record', x: at, y: y - 5, width, height: 10, rx: 2 }),
      svg('rect', { class: 'chip-part', x: at + from, y: y - 5, width: part, height: 10, rx: 2 }),
    )
    chip.append(svg('title', {}, recordTitle(record, piece)))
    chips.push(chip)
    x += direction * (width + 3)
    used += width + 3
  }
  return chips
}

// RFC 8446, 6: close_notify and user_canceled end a connection in order; all else is an error, as is a fatal level.
function alertClass(row) {
  if (row.kind !== 'message' || row.m.content !== 21 || !row.m.body) return ''
  const [level, description] = bytesFrom64(row.m.body)
  return level === 2 || (description !== 0 && description !== 90) ? ' is-alert' : ''
}

function messageLine(row, shape, y) {
  const from = row.from ? shape.server : shape.client,
    to = row.from ? shape.client : shape.server
  const direction = row.from ? -1 : 1
  const end = to - direction * 2
  const parts = [
    svg('line', { class: `ladder-line${row.run ? ' is-run' : ''}`, x1: from, y1: y, x2: end - direction * 6, y2: y }),
    arrowHead(end, y, direction),
  ]
  if (row.both) parts.push(arrowHead(from + direction * 2, y, -direction))
  if (row.mark === 3) {
    const middle = (from + to) / 2
    parts.push(
      svg('rect', { class: 'gap-hole', x: middle - 16, y: y - 6, width: 32, height: 12 }),
      svg('path', { class: 'gap-mark', d: `M${middle - 12},${y - 6} l6,12 M${middle + 6},${y - 6} l6,12` }),
    )
  }
  return parts
}

function drawRow(row, shape, y, detail, last) {
  const sender = row.from ? shape.server - 14 : shape.client + 14
  const anchor = row.from ? 'end' : 'start'
  const size = row.size ? amount(row.size) : ''
  const sizeWidth = size ? textWidth(size, LADDER_FONT.small) + 8 : 0
  const small = row.kind === 'tcp'
  const room = shape.inner - 28 - sizeWidth - (row.encrypted ? 20 : 0)
  const name = cutText(row.name, room, small ? LADDER_FONT.note : LADDER_FONT.name)
  const line = y + (small ? 22 : 26)
  const nameWidth = textWidth(name, small ? LADDER_FONT.note : LADDER_FONT.name)
  const parts = [svg('rect', { class: 'row-back', x: 0, y, width: shape.width, height: row.height })]
  if (row.encrypted)
    parts.push(
      svg('rect', {
        class: row.opened ? 'band is-opened' : 'band',
        x: shape.client,
        y,
        width: shape.inner,
        height: row.height,
      }),
    )
  if (!last || last.t !== row.t)
    parts.push(
      svg('text', { class: 'row-time', x: shape.client - 12, y: line - 6, 'text-anchor': 'end' }, momentText(row.t)),
    )
  if (row.frame && (!last || last.frame !== row.frame))
    parts.push(
      svg('text', { class: 'row-frame', x: shape.client - 12, y: line + 9, 'text-anchor': 'end' }, `#${row.frame}`),
    )
  parts.push(...messageLine(row, shape, line), ...recordChips(row, shape, line, detail, shape.inner * 0.6))
  parts.push(svg('text', { class: `row-name${alertClass(row)}`, x: sender, y: line - 9, 'text-anchor': anchor }, name))
  if (row.encrypted)
    parts.push(lockMark(row.from ? sender - nameWidth - 16 : sender + nameWidth + 6, line - 20, row.opened))
  if (size)
    parts.push(
      svg(
        'text',
        {
          class: 'row-size',
          x: row.from ? shape.client + 14 : shape.server - 14,
          y: line - 9,
          'text-anchor': row.from ? 'start' : 'end',
        },
        size,
      ),
    )
  row.lines.forEach((text, i) =>
    parts.push(svg('text', { class: 'row-note', x: sender, y: line + 21 + i * 17, 'text-anchor': anchor }, text)),
  )
  return messageLink(row, ...parts, ...findingMarks(row, shape, line))
}

// The side that the others wait for is drawn at work: a bar on its lifeline. The network's part is between them.
function drawWait(row, shape, y) {
  const group = svg('g', { class: 'ladder-wait', role: 'listitem', 'aria-label': waitLabel(row) })
  for (const part of waitParts(row.wait)) {
    if (part.ns < row.wait.gap / 50) continue
    const text = `${part.name} ${waitTime(part.ns)}`
    const middle = y + row.height / 2
    if (part.key === 'client' || part.key === 'server') {
      const x = part.key === 'client' ? shape.client : shape.server
      const side = part.key === 'client' ? 1 : -1
      group.append(
        svg('rect', { class: `wait-work is-${part.key}`, x: x - 4, y: y + 2, width: 8, height: row.height - 4, rx: 2 }),
        svg(
          'text',
          { class: 'wait-text', x: x + side * 14, y: middle + 4, 'text-anchor': side > 0 ? 'start' : 'end' },
          text,
        ),
      )
    } else {
      const x = (shape.client + shape.server) / 2
      group.append(
        svg('line', { class: 'wait-network', x1: x - 50, y1: middle + 8, x2: x + 50, y2: middle + 8 }),
        svg('text', { class: 'wait-text', x, y: middle + 3, 'text-anchor': 'middle' }, text),
      )
    }
  }
  return group
}

function waitLabel(row) {
  const parts = waitParts(row.wait).map(part => `${part.name} ${waitTime(part.ns)}`)
  return format(_('%s pass: %s'), waitTime(row.wait.gap), parts.join(_(', ')))
}

function drawFold(row, shape, y, unfold) {
  const count = format(
    ngettext('%d more row of application data', '%d more rows of application data', row.count),
    row.count,
  )
  const text = `${count}, ${amount(row.size)}`
  const open = () => unfold(row.at)
  return svg(
    'g',
    { role: 'listitem' },
    svg(
      'g',
      {
        class: 'ladder-fold',
        role: 'button',
        tabindex: '0',
        'aria-label': text,
        on: {
          click: open,
          keydown: event => {
            if (event.key !== 'Enter' && event.key !== ' ') return
            event.preventDefault()
            open()
          },
        },
      },
      svg('rect', { class: 'row-back', x: shape.client, y, width: shape.inner, height: row.height }),
      svg('path', {
        class: 'fold-edge',
        d: `M${shape.client},${y + 6} h${shape.inner} M${shape.client},${y + row.height - 6} h${shape.inner}`,
      }),
      svg(
        'text',
        {
          class: 'wait-text',
          x: (shape.client + shape.server) / 2,
          y: y + row.height / 2 + 4,
          'text-anchor': 'middle',
        },
        text,
      ),
    ),
  )
}

function measureRows(rows, shape) {
  for (const row of rows) {
    if (row.kind === 'wait') row.height = 30
    else if (row.kind === 'fold') row.height = 44
    else {
      row.lines = row.remark ? wrapText(row.remark, shape.inner - 28, LADDER_FONT.note, 3) : []
      row.height = (row.kind === 'tcp' ? 34 : 40) + row.lines.length * 17
      if (shape.narrow && row.findings) row.height = Math.max(row.height, 30 + 13 * Math.min(3, row.findings.length))
    }
  }
}

function evenDrawing(detail, rows, width, unfold) {
  const shape = ladderShape(width)
  measureRows(rows, shape)
  let y = 62
  const height = y + rows.reduce((sum, row) => sum + row.height, 0) + 14
  const drawing = svg('svg', {
    class: 'ladder-drawing',
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: 'list',
    'aria-label': _('Messages in the order of their times'),
  })
  drawing.append(
    svg(
      'g',
      { role: 'presentation', 'aria-hidden': 'true' },
      ...ladderHeads(detail.story, shape, shape.client, shape.server),
      ...lifelines(shape.client, shape.server, 54, height - 4),
    ),
  )
  let last = null
  for (const row of rows) {
    if (row.kind === 'wait') drawing.append(drawWait(row, shape, y))
    else if (row.kind === 'fold') drawing.append(drawFold(row, shape, y, unfold))
    else {
      drawing.append(drawRow(row, shape, y, detail, last))
      last = row
    }
    y += row.height
  }
  return drawing
}

function recordFinder(story) {
  const records = new Map((story.records || []).map(record => [`${record.from}${record.number}`, record]))
  return (from, number) => records.get(`${from ? 'server' : 'client'}${number}`) || null
}

function markChosen(drawing) {
  const { message, datagram } = state()
  const is = (value, number) => number !== undefined && number !== null && value === String(number)
  for (const link of drawing.querySelectorAll('a.ladder-row')) {
    const chosen = is(link.dataset.message, message) || is(link.dataset.datagram, datagram)
    link.classList.toggle('is-chosen', chosen)
    if (chosen) link.setAttribute('aria-current', 'true')
    else link.removeAttribute('aria-current')
  }
}

function ladderChoices(chosen, choose) {
  const choices = [
    ['even', _('Evenly spaced')],
    ['handshake', _('Handshake to scale')],
    ['whole', _('Whole connection to scale')],
  ]
  return el(
    'fieldset',
    { class: 'ladder-choice' },
    el('legend', { class: 'for-readers' }, _('Time axis')),
    ...choices.map(([value, text]) => {
      const input = el('input', { type: 'radio', name: 'ladder-axis', value, on: { change: () => choose(value) } })
      input.checked = value === chosen
      return el('label', {}, input, el('span', {}, text))
    }),
  )
}

function ladderKey(detail, rows) {
  const swatch = (...shapes) =>
    svg('svg', { class: 'key-swatch', width: 26, height: 14, viewBox: '0 0 26 14', 'aria-hidden': 'true' }, ...shapes)
  const items = []
  const add = (picture, text) => items.push(el('li', {}, picture, el('span', {}, text)))
  if (rows.some(row => row.m && row.m.pieces))
    add(
      swatch(
        svg('rect', { class: 'chip-record', x: 2, y: 2, width: 22, height: 10, rx: 2 }),
        svg('rect', { class: 'chip-part', x: 2, y: 2, width: 12, height: 10, rx: 2 }),
      ),
      _('record, and the message’s part of it'),
    )
  if (rows.some(row => row.encrypted && !row.opened))
    add(swatch(svg('rect', { class: 'band', width: 26, height: 14 }), lockMark(8, 1, false)), _('encrypted'))
  if (rows.some(row => row.opened))
    add(
      swatch(svg('rect', { class: 'band is-opened', width: 26, height: 14 }), lockMark(8, 1, true)),
      _('encrypted, decrypted with keys'),
    )
  add(
    swatch(svg('rect', { class: 'wait-work is-client', x: 9, y: 0, width: 8, height: 14, rx: 2 })),
    _('a side that the other waits for'),
  )
  for (const severity of ['fatal', 'error', 'warning', 'notice'])
    if (rows.some(row => (row.findings || []).some(f => f.severity === severity)))
      add(swatch(severityMark(severity, 13, 7, severity)), severityName(severity))
  const trip = [roundTrip(detail, 0), roundTrip(detail, 1)]
  if (trip[0] !== null && trip[1] !== null)
    items.push(
      el(
        'li',
        { class: 'key-trip' },
        format(
          _('Round trip from the place of the capture: client %s, server %s'),
          waitTime(trip[0] * 1e9),
          waitTime(trip[1] * 1e9),
        ),
      ),
    )
  return el('ul', { class: 'ladder-key' }, ...items)
}

let ladderListens = false

// One listener for all ladders that are ever drawn: the address has no way to forget one.
function ladderListen() {
  if (!ladderListens) onState(() => markChosen(document))
  ladderListens = true
}

export function ladderView(detail) {
  detail.recordOf = detail.recordOf || recordFinder(detail.story)
  const unfolded = new Set()
  let axis = 'even',
    width = 0
  const stage = el('div', { class: 'ladder-stage' })
  const draw = () => {
    width = Math.max(300, Math.floor(stage.clientWidth || 900))
    const { all, shown } = ladderRows(detail, unfolded)
    const drawing =
      axis === 'even'
        ? evenDrawing(detail, shown, width, at => {
            unfolded.add(at)
            draw()
          })
        : scaleDrawing(detail, all, width, axis)
    clear(stage).append(drawing)
    markChosen(drawing)
  }
  draw()
  new ResizeObserver(() => {
    if (stage.clientWidth && Math.floor(stage.clientWidth) !== width) draw()
  }).observe(stage)
  ladderListen()
  return el(
    'section',
    { class: 'ladder', id: 'ladder', 'aria-labelledby': 'ladder-title' },
    el(
      'div',
      { class: 'section-head' },
      el('h2', { id: 'ladder-title' }, _('Messages')),
      ladderChoices(axis, value => {
        axis = value
        draw()
      }),
    ),
    stage,
    packetsLeftOut(detail),
    ladderKey(detail, ladderRows(detail, unfolded).all),
  )
}
