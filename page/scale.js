// The ladder true to time: one second is as long as every other. Arrows slope by the time that the network takes, and
// labels are beside them, spread where many would be at one place.
import { svg } from './dom.js'
import { _, format } from './language.js'
import { duration, amount } from './time.js'
import { roundTrip, waitParts, waitTime, waitBefore, segmentOf } from './waits.js'
import { LADDER_FONT, ladderShape, ladderHeads, lifelines, messageLink } from './draw.js'
import { arrowHead, lockMark, severityMark } from './draw.js'
import { cutText, textWidth } from './svgtext.js'

const SCALE_LABEL = 21,
  SCALE_TOP = 70,
  SCALE_LEAST = 420

// The smallest round step of 1, 2 or 5 that needs at most `most` marks.
function scaleStep(span, most) {
  const rough = span / most
  const power = 10 ** Math.floor(Math.log10(rough))
  return [1, 2, 5, 10].map(factor => factor * power).find(step => step >= rough) || 10 * power
}

function scaleTicks(first, last, y, shape) {
  const step = scaleStep(Math.max(1, last - first), shape.narrow ? 8 : 12)
  const ticks = []
  for (let t = Math.ceil(first / step) * step; t <= last; t += step)
    ticks.push(
      svg('line', { class: 'scale-tick', x1: shape.client - 6, y1: y(t), x2: shape.client, y2: y(t) }),
      svg('text', { class: 'row-time', x: shape.client - 12, y: y(t) + 4, 'text-anchor': 'end' }, duration(t / 1e9)),
    )
  return ticks
}

// Rows of one packet are one arrow, with a label for each.
function scaleBundles(rows) {
  const bundles = []
  for (const row of rows) {
    const last = bundles[bundles.length - 1]
    if (last && last.t === row.t && last.from === row.from && row.kind === last.rows[0].kind) last.rows.push(row)
    else bundles.push({ t: row.t, from: row.from, rows: [row] })
  }
  return bundles
}

// Places labels as near as may be to where they belong, in order and without overlap.
function spreadLabels(labels, top, bottom) {
  let at = top
  for (const label of labels) {
    label.y = Math.max(label.wish, at)
    at = label.y + SCALE_LABEL
  }
  at = bottom
  for (const label of labels.slice().reverse()) {
    label.y = Math.min(label.y, at)
    at = label.y - SCALE_LABEL
  }
}

function scaleWaits(detail, rows, y, shape) {
  const bars = []
  const segments = (detail.segments || []).map(segmentOf)
  rows.forEach((row, i) => {
    if (!i) return
    const last = rows[i - 1]
    const wait = row.wait || waitBefore(detail, segments, last, row)
    let from = last.t
    const order = ['network', 'unsplit', 'client', 'server']
    for (const part of waitParts(wait).sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key))) {
      const height = y(from + part.ns) - y(from)
      const x = part.key === 'server' ? shape.far - 4 : part.key === 'client' ? shape.client - 4 : null
      if (height >= 2 && x !== null) {
        const bar = svg('rect', {
          class: `wait-work is-${part.key}`,
          x,
          y: y(from),
          width: 8,
          height,
          rx: Math.min(2, height / 2),
        })
        bar.append(svg('title', {}, `${part.name} ${waitTime(part.ns)}`))
        bars.push(bar)
      }
      from += part.ns
    }
  })
  return bars
}

function scaleArrow(bundle, y, shape, trips) {
  const near = bundle.from ? shape.far : shape.client,
    far = bundle.from ? shape.client : shape.far
  const direction = bundle.from ? -1 : 1
  const sent = y(bundle.t - trips[bundle.from] / 2),
    arrived = y(bundle.t + trips[1 - bundle.from] / 2)
  const tcp = bundle.rows[0].kind === 'tcp'
  const side = bundle.from ? 'server' : 'client'
  return {
    start: sent,
    end: arrived,
    node: svg(
      'g',
      {
        class: `scale-arrow from-${side}${tcp ? ' is-tcp' : ''} mark-${bundle.rows[0].mark}`,
      },
      svg('line', { class: 'ladder-line', x1: near, y1: sent, x2: far - direction * 6, y2: arrived }),
      arrowHead(far - direction * 2, arrived, direction),
    ),
  }
}

function scaleLabel(label, shape, x) {
  const { row } = label
  const font = row.kind === 'tcp' ? LADDER_FONT.note : LADDER_FONT.name
  const size = row.size && !shape.narrow ? amount(row.size) : ''
  const lock = row.encrypted ? 18 : 0
  const room = shape.width - x - 22 - (size ? textWidth(size, LADDER_FONT.small) + 10 : 0)
  const name = cutText(`${row.from ? '←' : '→'} ${row.name}`, Math.max(40, room - lock), font)
  const after = x + textWidth(name, font) + 6
  const rest = room - (after - x) - lock - 6
  const parts = [
    svg('rect', { class: 'row-back', x: x - 4, y: label.y - 15, width: shape.width - x + 4, height: SCALE_LABEL - 1 }),
    svg('text', { class: 'row-name', x, y: label.y }, name),
  ]
  if (lock) parts.push(lockMark(after, label.y - 11, row.opened))
  if (rest > 60 && row.remark) {
    const note = cutText(row.remark, rest, LADDER_FONT.note)
    parts.push(svg('text', { class: 'row-note', x: after + lock + 4, y: label.y }, note))
  }
  if (size) parts.push(svg('text', { class: 'row-size', x: shape.width - 18, y: label.y, 'text-anchor': 'end' }, size))
  for (const finding of (row.findings || []).slice(0, 1))
    parts.push(severityMark(finding.severity, shape.width - 8, label.y - 4, finding.id))
  return messageLink(row, ...parts)
}

function scaleRange(detail, rows, axis) {
  const handshake = (detail.story.handshake_duration || 0) * 1e9
  if (axis !== 'handshake' || !handshake) return rows
  return rows.filter(row => row.t <= handshake * 1.02)
}

export function scaleDrawing(detail, rows, width, axis) {
  const shape = ladderShape(width)
  const shown = scaleRange(detail, rows, axis)
  shape.far = shape.client + Math.round(Math.min(260, width * (shape.narrow ? 0.24 : 0.32)))
  const trips = [0, 1].map(side => (roundTrip(detail, side) || 0) * 1e9)
  const first = Math.min(...shown.map(row => row.t - trips[row.from] / 2)),
    last = Math.max(...shown.map(row => row.t + trips[1 - row.from] / 2))
  const length = Math.max(SCALE_LEAST, shown.length * SCALE_LABEL)
  const y = t => SCALE_TOP + ((t - first) / Math.max(1, last - first)) * length
  const height = SCALE_TOP + length + 28
  const drawing = svg('svg', {
    class: 'ladder-drawing is-scale',
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: 'list',
    'aria-label': format(_('Messages to scale, %s in all'), duration((last - first) / 1e9)),
  })
  const bundles = scaleBundles(shown),
    labels = []
  const arrows = bundles.map(bundle => {
    const arrow = scaleArrow(bundle, y, shape, trips)
    for (const row of bundle.rows)
      labels.push({
        row,
        wish: (bundle.from ? arrow.start : arrow.end) + 4,
        tip: bundle.from ? arrow.start : arrow.end,
      })
    return arrow.node
  })
  spreadLabels(labels, SCALE_TOP + 4, height - 14)
  const x = shape.far + (shape.narrow ? 26 : 44)
  drawing.append(
    svg(
      'g',
      { role: 'presentation', 'aria-hidden': 'true' },
      ...ladderHeads(detail.story, { ...shape, narrow: true }, shape.client, shape.far),
      ...scaleTicks(first, last, y, shape),
      ...lifelines(shape.client, shape.far, 54, height - 10),
      ...scaleWaits(detail, shown, y, shape),
      ...arrows,
      ...labels.map(label =>
        svg('path', { class: 'scale-lead', d: `M${shape.far + 6},${label.tip} L${x - 8},${label.y - 4}` }),
      ),
    ),
    ...labels.map(label => scaleLabel(label, shape, x)),
  )
  return drawing
}
