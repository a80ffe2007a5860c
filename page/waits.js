// Who waited for whom, and how long: the time between what was sent, split into network, client and server.
//
// A capture is taken at one place. story.tcp.round_trip says how long it takes from there to a side and back. What a
// side sends in answer was under way for that long; the rest of the gap is the side's own time.
import { el } from './dom.js'
import { _ } from './language.js'
import { duration } from './time.js'

const TCP_FIN = 1,
  TCP_SYN = 2,
  TCP_RST = 4,
  TCP_ACK = 16

// Waits are often shorter than what duration() tells apart.
export function waitTime(ns) {
  return ns < 950e3 ? `${ns < 9500 ? (ns / 1e3).toFixed(1) : Math.round(ns / 1e3)} µs` : duration(ns / 1e9)
}

// A moment on the ladder; what is before the first byte of TLS is negative.
export function momentText(ns) {
  if (ns < 0) return `−${momentText(-ns)}`
  return ns === 0 || ns >= 950e3 ? duration(ns / 1e9) : waitTime(ns)
}

export function segmentOf(row) {
  const [frame, t, from, seq, length, flags, mark = 0] = row
  return { frame, t, from, seq, length, flags, mark }
}

export function segmentName(segment) {
  const { flags } = segment
  if (flags & TCP_RST) return 'RST'
  if (flags & TCP_SYN) return flags & TCP_ACK ? 'SYN-ACK' : 'SYN'
  if (flags & TCP_FIN) return 'FIN'
  return 'ACK'
}

export function isControl(segment) {
  return (segment.flags & (TCP_SYN | TCP_FIN | TCP_RST)) !== 0
}

// Seconds from the place of the capture to a side and back; null where TCP's opening was not seen.
export function roundTrip(detail, side) {
  const trip = detail.story.tcp && detail.story.tcp.round_trip
  const value = trip && trip[side ? 'server' : 'client']
  return typeof value === 'number' ? value : null
}

function answeredBetween(segments, from, after, before) {
  return segments.some(s => s.from !== from && s.t > after && s.t < before)
}

// What of the gap before `next` was whose. Nanoseconds; `unsplit` where no round trip is known.
export function waitBefore(detail, segments, last, next) {
  const gap = Math.max(0, next.t - last.t)
  const side = next.from ? 'server' : 'client'
  const wait = { gap, network: 0, client: 0, server: 0, unsplit: 0 }
  const trip = roundTrip(detail, next.from)
  if (next.mark === 1 || last.lost) wait.network = gap
  else if (last.from !== next.from) {
    if (trip === null) wait.unsplit = gap
    else wait.network = Math.min(gap, trip * 1e9)
    wait[side] = trip === null ? 0 : gap - wait.network
  } else {
    // its own pause; but where the other side's acknowledgment came in between, it may have waited for that
    const far = roundTrip(detail, 1 - next.from)
    if (far !== null && answeredBetween(segments, next.from, last.t, next.t))
      wait.network = Math.min(gap, (far + (trip || 0)) * 1e9)
    wait[side] = gap - wait.network
  }
  return wait
}

export function sumWaits(waits) {
  const sum = { gap: 0, network: 0, client: 0, server: 0, unsplit: 0 }
  for (const wait of waits) for (const key of Object.keys(sum)) sum[key] += wait[key]
  return sum
}

export function waitParts(wait) {
  const names = { network: _('network'), server: _('server'), client: _('client'), unsplit: _('network and peer') }
  return ['network', 'server', 'client', 'unsplit']
    .filter(key => wait[key] > 0)
    .map(key => ({ key, name: names[key], ns: wait[key] }))
}

// One bar: its whole width is the time, each part its share; the key below it says what is what.
export function waitBar(title, wait) {
  const parts = waitParts(wait)
  if (!wait.gap || !parts.length) return null
  const share = part => Math.max(0.4, (part.ns * 100) / wait.gap)
  return el(
    'figure',
    { class: 'wait-bar' },
    el('figcaption', {}, el('b', {}, title), ` ${waitTime(wait.gap)}`),
    el(
      'div',
      { class: 'wait-track', 'aria-hidden': 'true' },
      ...parts.map(part => {
        const piece = el('span', { class: `wait-part is-${part.key}` })
        piece.style.flexGrow = String(share(part))
        return piece
      }),
    ),
    el(
      'ul',
      { class: 'wait-key' },
      ...parts.map(part =>
        el(
          'li',
          { class: `is-${part.key}` },
          el('span', { class: `wait-swatch is-${part.key}`, 'aria-hidden': 'true' }),
          `${part.name} ${waitTime(part.ns)}`,
        ),
      ),
    ),
  )
}
