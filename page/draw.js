// What both ladders are drawn with: lifelines and their heads, arrows, marks, and the link that each row is.
import { svg } from './dom.js'
import { _ } from './language.js'
import { go, href } from './state.js'
import { cutText } from './svgtext.js'

export const LADDER_FONT = {
  name: '600 14px system-ui, sans-serif',
  note: '13px system-ui, sans-serif',
  small: '12px system-ui, sans-serif',
}
const LADDER_NARROW = 640

export function ladderShape(width) {
  const narrow = width < LADDER_NARROW
  const left = narrow ? 72 : 92,
    right = narrow ? 22 : 40
  return { width, narrow, client: left, server: width - right, inner: width - right - left }
}

function sideWord(from) {
  return from ? _('from the server') : _('from the client')
}

// Blanks between the parts keep their texts apart for whatever reads them as one.
export function spacedParts(parts) {
  return parts.filter(Boolean).flatMap(part => [part, ' '])
}

// What can be seen comes first in the name that is read out, then what the drawing says by its form.
export function drawnLabel(parts, ...more) {
  const seen = parts.filter(Boolean).map(part => part.textContent)
  return [...seen, ...more].filter(Boolean).join(', ')
}

// `parts`: what the row is drawn with.
export function messageLink(row, ...parts) {
  const label = drawnLabel(parts, row.both ? _('both ways') : sideWord(row.from))
  if (row.kind !== 'message' && row.kind !== 'packet')
    return svg(
      'g',
      { class: `ladder-row is-tcp mark-${row.mark}`, role: 'listitem', 'aria-label': label },
      ...spacedParts(parts),
    )
  const to = row.kind === 'packet' ? { datagram: row.datagram, message: null } : { message: row.i, datagram: null }
  const follow = event => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    go(to)
  }
  const side = row.from ? 'server' : 'client'
  const link = svg(
    'a',
    {
      class: `ladder-row from-${side}`,
      href: href(to),
      'aria-label': label,
      ...(row.kind === 'packet' ? { 'data-datagram': String(row.datagram) } : { 'data-message': String(row.i) }),
      on: { click: follow },
    },
    ...spacedParts(parts),
  )
  return svg('g', { role: 'listitem' }, link)
}

// Goes to a finding in the list at the head of the connection, which may be folded.
export function goToFinding(event, n) {
  const target = document.getElementById(`finding-${n}`)
  if (!target) return
  event.preventDefault()
  event.stopPropagation()
  const fold = target.closest('details')
  if (fold) fold.open = true
  target.scrollIntoView({ block: 'center' })
  target.focus()
}

// Never colour alone: each severity has a shape of its own.
const SEVERITY_SHAPES = {
  fatal: 'M-5,-5 L5,5 M5,-5 L-5,5',
  error: 'M0,-6 L6,5 L-6,5 Z',
  warning: 'M0,-6 L6,0 L0,6 L-6,0 Z',
  notice: 'M0,-4 A4,4 0 1 0 0.01,-4 Z',
}

export function severityMark(severity, x, y, title) {
  const mark = svg('path', {
    class: `severity-mark is-${severity}`,
    d: SEVERITY_SHAPES[severity] || SEVERITY_SHAPES.notice,
    transform: `translate(${x} ${y})`,
  })
  mark.append(svg('title', {}, title))
  return mark
}

export function arrowHead(x, y, direction) {
  return svg('path', { class: 'arrow-head', d: `M${x},${y} l${-9 * direction},-4.5 v9 Z` })
}

export function lockMark(x, y, opened) {
  const shackle = opened ? 'M2.5,5 V3 a2.5,2.5 0 0 1 4.8,-1' : 'M2.5,5 V3 a2.5,2.5 0 0 1 5,0 V5'
  const mark = svg(
    'g',
    { class: `lock-mark ${opened ? 'is-opened' : ''}`, transform: `translate(${x} ${y})` },
    svg('path', { d: shackle, class: 'lock-shackle' }),
    svg('rect', { x: 1, y: 5, width: 8, height: 6, rx: 1 }),
  )
  mark.append(svg('title', {}, opened ? _('encrypted, decrypted with keys') : _('encrypted')))
  return mark
}

function endText(story, side) {
  const end = story[side] || {}
  const ip = end.ip || ''
  return end.port === undefined ? ip : `${ip.includes(':') ? `[${ip}]` : ip}:${end.port}`
}

// Who they are, at the head of the lifelines.
export function ladderHeads(story, shape, client, server) {
  const room = shape.narrow ? (server - client) / 2 - 8 : 300
  const head = (x, anchor, side, name) => [
    svg('text', { class: `head-name is-${side}`, x, y: 18, 'text-anchor': anchor }, name),
    // where there is room for the beginning only, the verdict's line has it whole
    room < 100
      ? null
      : svg(
          'text',
          { class: 'head-address', x, y: 36, 'text-anchor': anchor },
          cutText(endText(story, side), room, '12px monospace'),
        ),
  ]
  return [
    ...head(client, 'start', 'client', _('Client')),
    ...head(server, 'end', 'server', _('Server')),
    svg('rect', { class: 'lifeline-cap is-client', x: client - 5, y: 44, width: 10, height: 10, rx: 2 }),
    svg('circle', { class: 'lifeline-cap is-server', cx: server, cy: 49, r: 5 }),
  ]
}

export function lifelines(client, server, from, to) {
  return [
    svg('line', { class: 'lifeline is-client', x1: client, y1: from, x2: client, y2: to }),
    svg('line', { class: 'lifeline is-server', x1: server, y1: from, x2: server, y2: to }),
  ]
}

export function severityName(severity) {
  return (
    { fatal: _('cause of the failure'), error: _('error'), warning: _('warning'), notice: _('notice') }[severity] ||
    severity
  )
}
