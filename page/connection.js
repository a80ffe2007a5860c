// One connection: the verdict first, then why, whose doing, and what to do; then the ladder and what was agreed.
import { el, breakableName } from './dom.js'
import { _, ngettext, format, speak } from './language.js'
import { index, rows } from './data.js'
import { href, place } from './state.js'
import { duration, amount } from './time.js'
import { segmentOf, waitBefore, sumWaits, waitBar } from './waits.js'
import { ladderRows, messageName, messageOf } from './rows.js'
import { ladderView } from './ladder.js'
import { offeredView } from './offered.js'
import { chainView, proofKind } from './chain.js'
import { secretsView, exchangesView } from './secrets.js'
import { prose, openingLines } from './prose.js'
import { severityName } from './draw.js'

function faultWord(fault) {
  return (
    {
      client: _('the client’s'),
      server: _('the server’s'),
      both: _('both sides’: what they are set to does not meet'),
      between: _('the network’s, or a middlebox’s'),
    }[fault] || ''
  )
}

function sideWordOf(side) {
  return { client: _('the client'), server: _('the server') }[side] || ''
}

// Its packet, and the message that it speaks of.
function findingPlace(finding, detail) {
  const m = messageOf(detail, finding)
  const text = [format(_('packet %d'), finding.frame), m && finding.message ? messageName(m) : '']
  return m ? el('a', { href: href({ message: detail.messages.indexOf(m) }) }, text.filter(Boolean).join(' · ')) : text[0]
}

function findingFacts(finding, detail) {
  const facts = []
  if (finding.fault) facts.push([_('Whose fault'), faultWord(finding.fault)])
  if (finding.noticed_by) facts.push([_('Detected by'), sideWordOf(finding.noticed_by)])
  if (finding.certainty) facts.push([_('How sure'), finding.certainty === 'certain' ? _('certain') : _('probable')])
  if (finding.frame) facts.push([_('Where'), findingPlace(finding, detail)])
  return facts.length
    ? el(
        'dl',
        { class: 'finding-facts' },
        ...facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))),
      )
    : null
}

function alternatives(finding) {
  const others = finding.alternatives || []
  if (!others.length) return null
  return el(
    'div',
    { class: 'alternatives' },
    el('p', {}, _('What else it could be, and what would settle it:')),
    el(
      'ul',
      {},
      ...others.map(other =>
        el(
          'li',
          {},
          el('code', {}, other.id),
          other.fault ? ` (${faultWord(other.fault)})` : '',
          other.settled_by ? _(': ') + speak(other.settled_by) : '',
        ),
      ),
    ),
  )
}

// The text of the root cause is the verdict, at the head of the page.
function findingCard(finding, i, detail) {
  return el(
    'li',
    { class: `finding is-${finding.severity}`, id: `finding-${i}`, tabindex: '-1' },
    el(
      'p',
      { class: 'finding-head' },
      el('span', { class: 'finding-severity' }, severityName(finding.severity)),
      el('code', {}, finding.id),
    ),
    finding.severity === 'fatal' ? null : el('p', { class: 'finding-text' }, speak(finding.text)),
    findingFacts(finding, detail),
    finding.advice ? el('p', { class: 'finding-advice' }, el('b', {}, _('Advice: ')), speak(finding.advice)) : null,
    alternatives(finding),
  )
}

const SEVERITY_ORDER = ['fatal', 'error', 'warning', 'notice']

function findingsView(detail) {
  const findings = (detail.story.findings || []).map((finding, i) => [finding, i])
  if (!findings.length) return null
  findings.sort(([a], [b]) => SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity))
  const grave = findings.filter(([finding]) => finding.severity !== 'notice'),
    notices = findings.filter(([finding]) => finding.severity === 'notice')
  const list = some => el('ul', { class: 'findings' }, ...some.map(([finding, i]) => findingCard(finding, i, detail)))
  return el(
    'section',
    { class: 'connection-findings', id: 'findings', 'aria-label': _('Findings') },
    grave.length ? list(grave) : null,
    notices.length
      ? el(
          'details',
          {},
          el('summary', {}, format(ngettext('%d notice', '%d notices', notices.length), notices.length)),
          list(notices),
        )
      : null,
  )
}

function stateText(story) {
  if (story.failed_later) return _('established, failed later')
  return { established: _('established'), failed: _('failed'), incomplete: _('incomplete') }[story.state] || story.state
}

function verdictText(story) {
  const cause = (story.findings || []).find(finding => finding.severity === 'fatal')
  if (cause) return speak(cause.text)
  if (story.state === 'established')
    return story.handshake_duration === undefined
      ? _('Both sides finished the handshake.')
      : format(_('Both sides finished the handshake, in %s.'), duration(story.handshake_duration))
  return story.state === 'incomplete'
    ? _('The capture does not show whether the handshake was finished.')
    : _('The handshake failed.')
}

function endpointText(end) {
  const { ip = '', port } = end || {}
  return port === undefined ? ip : `${ip.includes(':') ? `[${ip}]` : ip}:${port}`
}

function verdictHead(n, story) {
  const name = story.sni || (story.server && story.server.ip) || ''
  const broken = story.failed_later || story.state === 'failed'
  return el(
    'header',
    { class: `verdict is-${broken ? 'failed' : story.state}` },
    el(
      'p',
      { class: 'verdict-where' },
      `${format(_('stream %d'), story.stream)} · `,
      el('span', { class: 'mono' }, endpointText(story.client)),
      ' → ',
      el('span', { class: 'mono' }, endpointText(story.server)),
    ),
    el('h1', { id: 'connection-title', tabindex: '-1' }, name),
    el(
      'p',
      { class: 'verdict-state' },
      el(
        'span',
        { class: 'verdict-mark', 'aria-hidden': 'true' },
        { established: '✓', incomplete: '–' }[broken ? '' : story.state] || '✗',
      ),
      el('b', {}, stateText(story)),
    ),
    el('p', { class: 'verdict-text' }, verdictText(story)),
  )
}

// The session that was resumed is a connection of its own, perhaps on this page.
function resumptionText(n, story) {
  if (!story.resumption) return null
  const kind =
    { session_id: _('session ID'), ticket: _('session ticket'), psk: 'PSK' }[story.resumption] || story.resumption
  if (story.resumed_from === undefined) return el('span', {}, kind)
  const here = rows()[n] || {}
  const parent = rows().find(row => row.stream === story.resumed_from && row.file === here.file)
  const text = format(_('the session of stream %d'), story.resumed_from)
  return el(
    'span',
    {},
    `${kind}: `,
    parent ? el('a', { class: 'parent-link', href: href(place(parent.n)) }, text) : text,
  )
}

// The other way: connections that used this one's session.
function resumedBy(n, story) {
  const here = rows()[n] || {}
  const later = rows().filter(row => row.resumed_from === story.stream && row.file === here.file && row.n !== n)
  if (!later.length) return null
  return el(
    'span',
    {},
    ...later
      .slice(0, 8)
      .flatMap((row, i) => [i ? ', ' : '', el('a', { href: href(place(row.n)) }, format(_('stream %d'), row.stream))]),
    later.length > 8 ? ` … (${later.length})` : '',
  )
}

function dataText(story) {
  const data = story.application_data
  if (!data) return null
  const side = (name, one) => (one && one.records ? `${name} ${amount(one.bytes)}` : '')
  return [side(_('client'), data.client), side(_('server'), data.server)].filter(Boolean).join(_(', ')) || null
}

/* Of `wiretale run`: whose connection it is. */
function processText(process) {
  return process ? `${process.program} (pid ${process.pid}): ${process.arguments.join(' ')}` : null
}

function agreedFacts(n, story) {
  const facts = [
    [_('Process'), processText(story.process)],
    [_('Version'), story.version],
    [_('Cipher suite'), story.cipher_suite && breakableName(story.cipher_suite)],
    [_('Group'), story.group],
    [_('Signature scheme'), story.signature_scheme],
    ['ALPN', story.alpn],
    ['STARTTLS', story.starttls],
    [_('Resumed'), resumptionText(n, story)],
    [_('Session used again by'), resumedBy(n, story)],
    [_('Early data'), story.early_data && { accepted: _('accepted'), rejected: _('rejected') }[story.early_data]],
    // RFC 8446, 5.2: without keys the handshake's encrypted records cannot be told from data
    [/^TLS 1\.3/.test(story.version) && !story.decryption ? _('Encrypted, handshake and data') : _('Application data'), dataText(story)],
    [_('Decrypted with'), story.decryption && decryptionWord(story.decryption)],
    [_('Not decrypted'), story.not_decrypted && speak(story.not_decrypted)],
  ]
  return el(
    'dl',
    { class: 'facts agreed' },
    ...facts.filter(([, value]) => value).flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]),
  )
}

function decryptionWord(from) {
  return (
    {
      keylog: _('a key log'),
      dsb: _('secrets in the capture'),
      rsa_key: _('the server’s private RSA key'),
      psk: _('a pre-shared key'),
      null_cipher: _('nothing: the suite does not encrypt'),
    }[from] || from
  )
}

const PROOFS = [
  'server_signature',
  'client_signature',
  'client_finished',
  'server_finished',
  'psk_binder',
  'chain',
  'host_name',
]

function proofName(proof) {
  return {
    server_signature: _('server signature'),
    client_signature: _('client signature'),
    client_finished: _('client Finished'),
    server_finished: _('server Finished'),
    psk_binder: _('PSK binder'),
    chain: _('certificate chain'),
    host_name: _('host name'),
  }[proof]
}

function proofsView(story) {
  const verified = story.verified || {}
  const items = PROOFS.filter(proof => verified[proof]).map(proof => {
    const result = verified[proof]
    const kind = proofKind(story, proof)
    const word = { good: _('verified'), bad: _('verification failed'), open: _('not verified') }[kind]
    return el(
      'li',
      { class: `proof is-${kind}`, title: result },
      el('span', { 'aria-hidden': 'true' }, { good: '✓', bad: '✗', open: '–' }[kind]),
      format(_('%s: %s'), proofName(proof), word),
    )
  })
  return items.length ? el('ul', { class: 'proofs', 'aria-label': _('Proofs') }, ...items) : null
}

// How long the handshake took, and whose time that was; then the same of the whole.
function waitsView(detail) {
  const segments = (detail.segments || []).map(segmentOf)
  const { all } = ladderRows(detail)
  const between = all.slice(1).map((row, i) => ({
    t: row.t,
    wait: waitBefore(detail, segments, { ...all[i], t: all[i].until || all[i].t }, row),
  }))
  const done = (detail.story.handshake_duration || 0) * 1e9
  const bars = [
    done
      ? waitBar(_('Until both had finished'), sumWaits(between.filter(one => one.t <= done + 1).map(one => one.wait)))
      : null,
    waitBar(_('The whole connection'), sumWaits(between.map(one => one.wait))),
  ].filter(Boolean)
  return bars.length ? el('section', { class: 'waits', 'aria-label': _('Who waited for whom') }, ...bars) : null
}

function explainedView(detail) {
  const lines = openingLines(detail)
  return lines.length
    ? el(
        'details',
        { class: 'explained', id: 'explained' },
        el('summary', {}, _('The connection explained')),
        prose(lines),
      )
    : null
}

// It is at the end, where it does not stand in the way of who knows TLS.
function showExplained() {
  const place = document.getElementById('explained')
  place.open = true
  place.scrollIntoView({ block: 'start' })
  place.querySelector('summary').focus({ preventScroll: true })
}

export function connectionView(n, detail) {
  const { story } = detail
  return el(
    'article',
    {
      class: `connection${index().secrets ? ' has-secrets' : ''}`,
      id: 'story',
      'aria-labelledby': 'connection-title',
      'data-stream': String(story.stream),
    },
    verdictHead(n, story),
    findingsView(detail),
    el('div', { class: 'agreed-and-proofs' }, agreedFacts(n, story), proofsView(story)),
    detail.messages && detail.messages.length
      ? el(
          'p',
          { class: 'to-walk' },
          el(
            'a',
            { class: 'walk-link', href: href({ view: 'walk', message: 0 }) },
            _('Walk through it, message by message'),
          ),
          openingLines(detail).length
            ? el('button', { type: 'button', class: 'quiet', on: { click: showExplained } }, _('The connection explained'))
            : null,
        )
      : null,
    waitsView(detail),
    ladderView(detail),
    exchangesView(story),
    offeredView(detail),
    chainView(detail),
    secretsView(detail),
    explainedView(detail),
  )
}
