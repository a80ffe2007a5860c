// What was encrypted, and the secrets that opened it: only on pages that were asked to have them.
import { el } from './dom.js'
import { _, ngettext, format, speak } from './language.js'
import { index } from './data.js'
import { amount, nanoseconds } from './time.js'
import { waitTime } from './waits.js'
import { derivationView, stepDetails } from './derivation.js'
import { prose } from './prose.js'

function keyLog(lines) {
  const list = Array.isArray(lines) ? lines : lines ? String(lines).trim().split('\n') : []
  if (!list.length) return null
  return el(
    'details',
    { class: 'key-log' },
    el(
      'summary',
      {},
      format(
        ngettext('Key log: %d line that decrypts it', 'Key log: %d lines that decrypt it', list.length),
        list.length,
      ),
    ),
    el('pre', {}, list.join('\n')),
  )
}

// Steps of one record after the other: by record, in the order in which they were opened.
function recordsOf(steps) {
  const records = []
  for (const step of steps) {
    const last = records[records.length - 1]
    if (last && last.side === step.side && last.number === step.record) last.steps.push(step)
    else records.push({ side: step.side, number: step.record, steps: [step] })
  }
  return records
}

// What a record was, in the list from which one is chosen: its side and number, what was in it, its size.
function recordChoice(record, story) {
  const found = (story.records || []).find(one => one.from === record.side && one.number === record.number)
  const name = format(record.side === 'server' ? _('server record %d') : _('client record %d'), record.number)
  if (!found) return name
  const size = format(ngettext('%d byte', '%d bytes', found.length), found.length)
  return `${name}: ${found.inner_type || found.content_type}, ${size}`
}

function stepList(steps) {
  return steps.map(step =>
    el(
      'li',
      {},
      el('h4', {}, step.out ? step.out.name : step.id, step.function ? el('small', {}, step.function) : null),
      stepDetails(step),
    ),
  )
}

function recordSteps(steps, story) {
  if (!steps || !steps.length) return null
  const records = recordsOf(steps)
  const list = el('ol', { id: 'record-steps-list' }, ...stepList(records[0].steps))
  const choose = event => list.replaceChildren(...stepList(records[Number(event.target.value)].steps))
  return el(
    'section',
    { class: 'record-steps', id: 'record-steps', 'aria-labelledby': 'record-steps-title' },
    el('h3', { id: 'record-steps-title' }, _('How a record was protected')),
    el(
      'p',
      { class: 'record-choice' },
      el('label', { for: 'record-choice' }, _('Record')),
      ' ',
      el(
        'select',
        { id: 'record-choice', 'aria-controls': 'record-steps-list', on: { change: choose } },
        ...records.map((record, i) => el('option', { value: String(i) }, recordChoice(record, story))),
      ),
    ),
    list,
  )
}

function exchangeTime(exchange) {
  const from = nanoseconds(exchange.request_time),
    to = nanoseconds(exchange.response_time)
  return from === null || to === null ? '' : waitTime(Number(to - from))
}

function exchangeRow(exchange) {
  const answer = exchange.status
    ? [exchange.status, exchange.reason].filter(Boolean).join(' ')
    : exchange.reset
      ? _('cut short')
      : _('no answer')
  const packet = frame => (frame ? el('span', { class: 'exchange-frame' }, `#${frame}`) : null)
  return el(
    'tr',
    {},
    el(
      'td',
      {},
      el('b', {}, exchange.method || ''),
      ' ',
      el('span', { class: 'exchange-path' }, `${exchange.authority || ''}${exchange.path || ''}`),
      packet(exchange.request_frame),
    ),
    el('td', {}, String(answer), packet(exchange.response_frame)),
    el('td', {}, [exchange.content_type, exchange.content_encoding].filter(Boolean).join(', ')),
    el('td', { class: 'is-number' }, exchange.response_bytes === undefined ? '' : amount(exchange.response_bytes)),
    el('td', { class: 'is-number' }, exchangeTime(exchange)),
  )
}

export function exchangesView(story) {
  const { exchanges = [], exchanges_dropped: dropped } = story
  if (!exchanges.length) return null
  return el(
    'section',
    { class: 'exchanges', id: 'exchanges', 'aria-labelledby': 'exchanges-title' },
    el(
      'div',
      { class: 'section-head' },
      el('h2', { id: 'exchanges-title' }, format(_('Decrypted %s'), story.application || 'HTTP')),
    ),
    el(
      'div',
      { class: 'scrolls', tabindex: '0', role: 'group', 'aria-labelledby': 'exchanges-title' },
      el(
        'table',
        {},
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            ...[_('Request'), _('Response'), _('Content'), _('Size'), _('Time')].map(name =>
              el('th', { scope: 'col' }, name),
            ),
          ),
        ),
        el('tbody', {}, ...exchanges.map(exchangeRow)),
      ),
    ),
    dropped
      ? el(
          'p',
          { class: 'left-out' },
          format(ngettext('%d more is not kept.', '%d more are not kept.', dropped), dropped),
        )
      : null,
  )
}

export function secretsView(detail) {
  const { story } = detail
  const steps = detail.derivation || story.derivation || []
  const protection = recordSteps(detail.record_steps || story.record_steps, story)
  const lines = detail.records || []
  if (!index().secrets || (!steps.length && !protection)) {
    if (!lines.length) return null
    return el(
      'section',
      { class: 'secrets', id: 'secrets', 'aria-labelledby': 'secrets-title' },
      el('div', { class: 'section-head' }, el('h2', { id: 'secrets-title' }, _('Records and keys'))),
      prose(lines.map(speak)),
    )
  }
  return el(
    'section',
    { class: 'secrets', id: 'secrets', 'aria-labelledby': 'secrets-title' },
    el('div', { class: 'section-head' }, el('h2', { id: 'secrets-title' }, _('Secrets'))),
    el(
      'p',
      { class: 'secret-note', role: 'note' },
      _('These are the secrets of this connection: whoever has them can decrypt it.'),
    ),
    steps.length ? derivationView(steps) : null,
    protection,
    keyLog(story.key_log),
    lines.length ? el('details', {}, el('summary', {}, _('Records and keys in words')), prose(lines.map(speak))) : null,
  )
}
