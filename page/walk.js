// The walk: message by message through the handshake, with what each side, and anyone who listens, knows by then.
import { el, clear } from './dom.js'
import { _, ngettext, format, speak } from './language.js'
import { state, go, href, onState } from './state.js'
import { momentText } from './waits.js'
import { isStep, messageName } from './rows.js'
import { prose, openingLines } from './prose.js'

const WALK_HEX = 20 // digits of a value that are shown at once

function walkSteps(detail) {
  return detail.messages.map((m, i) => ({ m, i })).filter(({ m }) => isStep(m))
}

// What there is to know in this connection, per onlooker, in the order in which it becomes known. A later message may
// say more of the same item (a value that was hidden): the newest up to the present one counts.
function walkKnowledge(detail) {
  const known = [new Map(), new Map(), new Map()]
  detail.messages.forEach((m, i) => {
    for (const [who, item, value] of m.learns || []) {
      const items = known[who]
      if (!items) continue
      if (!items.has(item)) items.set(item, [])
      items.get(item).push({ at: i, value: value === undefined ? null : value })
    }
  })
  return known
}

function knownValue(value) {
  if (value === null) return null
  const text = speak(value)
  const hex = /^[0-9a-f]{9,}$/.test(text)
  if (!hex || text.length <= WALK_HEX) return el('span', { class: hex ? 'known-value mono' : 'known-value' }, text)
  return el(
    'details',
    { class: 'known-value mono' },
    el(
      'summary',
      {},
      `${text.slice(0, WALK_HEX)}… (${format(ngettext('%d byte', '%d bytes', text.length / 2), text.length / 2)})`,
    ),
    text,
  )
}

function knownItem(item, times, now) {
  const past = times.filter(time => time.at <= now)
  const is = past.some(time => time.at === now) ? 'is-new' : past.length ? 'is-known' : 'is-unknown'
  const value = past.length ? past[past.length - 1].value : null
  const word = { 'is-new': _('new'), 'is-known': '', 'is-unknown': _('not yet') }[is]
  return el(
    'li',
    { class: `known ${is}`, 'data-item': String(item) },
    el(
      'span',
      { class: 'known-sign', 'aria-hidden': 'true' },
      { 'is-new': '●', 'is-known': '●', 'is-unknown': '○' }[is],
    ),
    el('span', { class: 'known-name' }, speak(item)),
    word ? el('span', { class: 'known-word' }, word) : null,
    past.length ? knownValue(value) : null,
  )
}

function knownPanel(title, side, items, now, empty) {
  const all = Array.from(items, ([item, times]) => knownItem(item, times, now))
  const count = Array.from(items.values()).filter(times => times.some(time => time.at <= now)).length
  return el(
    'section',
    { class: `knows is-${side}`, 'aria-label': title },
    el('h2', {}, title, el('small', {}, format(_('%d of %d'), count, items.size))),
    all.length ? el('ul', {}, ...all) : el('p', { class: 'knows-nothing' }, empty),
  )
}

function walkTrack(steps, at) {
  return el(
    'ol',
    { class: 'walk-track' },
    ...steps.map(({ m, i }, k) =>
      el(
        'li',
        {},
        el(
          'a',
          {
            class: `walk-step from-${m.from ? 'server' : 'client'}${k < at ? ' is-past' : ''}`,
            href: href({ message: i }),
            'data-message': String(i),
            ...(k === at ? { 'aria-current': 'step' } : {}),
            on: {
              click: event => {
                event.preventDefault()
                go({ message: i })
              },
            },
          },
          el('span', { class: 'walk-sign', 'aria-hidden': 'true' }, m.from ? '←' : '→'),
          el('span', { class: 'walk-name' }, messageName(m)),
          el('span', { class: 'for-readers' }, m.from ? _('from the server') : _('from the client')),
        ),
      ),
    ),
  )
}

// The message under way between the two, drawn with the sign of who sent it.
function walkScene(m) {
  const side = m.from ? 'server' : 'client'
  return el(
    'p',
    { class: `walk-scene from-${side}` },
    el('span', { class: 'walk-end is-client' }, _('Client')),
    el(
      'span',
      { class: 'walk-way' },
      el(
        'span',
        { class: 'walk-message' },
        messageName(m),
        m.encrypted ? el('small', {}, m.opened ? _('encrypted, decrypted with keys') : _('encrypted')) : null,
      ),
    ),
    el('span', { class: 'walk-end is-server' }, _('Server')),
  )
}

function walkButtons(steps, at) {
  const step = (to, text, label, key) =>
    el(
      'button',
      {
        type: 'button',
        class: 'walk-button',
        'aria-label': label,
        'aria-keyshortcuts': key,
        ...(steps[to] ? {} : { disabled: '' }),
        on: { click: () => go({ message: steps[to].i }) },
      },
      text,
    )
  return el(
    'nav',
    { class: 'walk-buttons', 'aria-label': _('Steps of the walk') },
    step(at - 1, '←', _('Previous message'), 'ArrowLeft'),
    el('span', { 'aria-live': 'polite' }, format(_('step %d of %d'), at + 1, steps.length)),
    step(at + 1, '→', _('Next message'), 'ArrowRight'),
  )
}

// The walk that is on the page: one listener each for the address and for keys, however many walks are opened.
const walkNow = { place: null, detail: null, steps: [], at: 0, listens: false }

function walkKey(event) {
  const { place, steps, at } = walkNow
  if (!place || !place.isConnected || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return
  if (event.target.closest('input, select, textarea, dialog, [role=tree], [role=grid]')) return
  const last = steps.length - 1
  const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: last }[
    event.key
  ]
  if (to === undefined) return
  event.preventDefault()
  if (steps[to]) go({ message: steps[to].i })
}

function walkListen() {
  if (walkNow.listens) return
  walkNow.listens = true
  document.addEventListener('keydown', walkKey)
  onState(at => {
    if (at.view === 'walk' && walkNow.place && walkNow.place.isConnected) walkShow()
  })
}

function walkPanels(detail, i) {
  const [client, server, anyone] = walkKnowledge(detail)
  const nobody = _('Nothing yet.')
  return el(
    'div',
    { class: 'walk-knows' },
    knownPanel(_('The client knows'), 'client', client, i, nobody),
    knownPanel(_('The server knows'), 'server', server, i, nobody),
    knownPanel(_('Anyone who listens knows'), 'anyone', anyone, i, nobody),
  )
}

function walkFacts(m) {
  const facts = [momentText(m.t), m.frame ? format(_('packet %d'), m.frame) : '', speak(m.remark || '')]
  return el('p', { class: 'message-facts' }, facts.filter(Boolean).join(' · '))
}

// A button that was pressed stays the one that has the focus.
function walkShow() {
  const { place, detail, steps } = walkNow
  const focused = place.contains(document.activeElement)
    ? document.activeElement.getAttribute('aria-keyshortcuts')
    : null
  const { message } = state()
  const found = steps.findIndex(({ i }) => i >= (message || 0))
  const at = found < 0 ? steps.length - 1 : found
  const { m, i } = steps[at]
  walkNow.at = at
  place.dataset.message = String(i)
  clear(
    place,
    el(
      'header',
      { class: 'walk-head' },
      el('h1', { id: 'walk-title' }, messageName(m)),
      walkButtons(steps, at),
      el('a', { class: 'walk-bytes', href: href({ view: null, message: i }) }, _('Fields and bytes')),
    ),
    walkTrack(steps, at),
    walkScene(m),
    walkFacts(m),
    walkPanels(detail, i),
    prose(m.explain, { class: 'prose walk-prose' }),
    at === 0 && openingLines(detail).length ? walkOpening(detail) : null,
  )
  if (focused) place.querySelector(`[aria-keyshortcuts="${focused}"]:not(:disabled)`)?.focus({ preventScroll: true })
}

function walkOpening(detail) {
  const title = _('Before the first message: layers, flights and what TLS is for')
  return el('details', { class: 'walk-before' }, el('summary', {}, title), prose(openingLines(detail)))
}

export function walkView(n, detail) {
  const steps = walkSteps(detail)
  const place = el('section', { class: 'walk', id: 'walk', 'aria-labelledby': 'walk-title' })
  if (!steps.length) {
    place.append(el('h1', { id: 'walk-title' }, _('No message was seen: there is nothing to walk through.')))
    return place
  }
  Object.assign(walkNow, { place, detail, steps })
  walkListen()
  walkShow()
  return place
}
