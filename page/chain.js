// Certificates as a chain: each with its validity as a bar against the time of the capture, and a mark where trust
// breaks.
import { el, svg } from './dom.js'
import { _, ngettext, format, speak } from './language.js'
import { severityName, goToFinding } from './draw.js'

const CHAIN_DAY = 86400

function chainTime(text) {
  const time = Date.parse(text || '')
  return Number.isNaN(time) ? null : time / 1000
}

export function commonName(subject) {
  const part = /(?:^|,)CN=((?:\\.|[^,\\])*)/.exec(subject || '')
  return part ? part[1].replace(/\\(.)/g, '$1') : subject || ''
}

// The axis is about the leaf and the capture; a root's decades would make a leaf's days invisible, so longer bars run
// out of it with open ends.
function chainAxis(certificates, seen) {
  const leaf = certificates[0]
  const from = Math.min(chainTime(leaf.not_before) ?? seen, seen),
    to = Math.max(chainTime(leaf.not_after) ?? seen, seen)
  const pad = Math.max(CHAIN_DAY, (to - from) * 0.15)
  return {
    from: from - pad,
    to: to + pad,
    at: t => Math.max(0, Math.min(100, ((t - from + pad) / (to - from + 2 * pad)) * 100)),
  }
}

function chainVerdict(certificate, seen) {
  const from = chainTime(certificate.not_before),
    to = chainTime(certificate.not_after)
  if (from === null || to === null) return { word: _('cannot be parsed'), bad: true }
  if (seen < from) return { word: _('not yet valid'), bad: true }
  if (seen > to)
    return {
      word: format(
        ngettext('expired %d day before', 'expired %d days before', Math.floor((seen - to) / CHAIN_DAY)),
        Math.floor((seen - to) / CHAIN_DAY),
      ),
      bad: true,
    }
  const left = Math.floor((to - seen) / CHAIN_DAY)
  return { word: format(ngettext('%d day left', '%d days left', left), left), bad: false }
}

function validityBar(certificate, axis, seen, verdict) {
  const from = chainTime(certificate.not_before),
    to = chainTime(certificate.not_after)
  if (from === null || to === null) return null
  const x = axis.at(from),
    end = Math.max(x + 0.8, axis.at(to)),
    now = axis.at(seen)
  const text = format(
    _('Valid from %s to %s; captured %s'),
    certificate.not_before.slice(0, 10),
    certificate.not_after.slice(0, 10),
    new Date(seen * 1000).toISOString().slice(0, 10),
  )
  return el(
    'div',
    { class: 'validity' },
    svg(
      'svg',
      { viewBox: '0 0 100 10', preserveAspectRatio: 'none', role: 'img', 'aria-label': text },
      svg('line', { class: 'validity-axis', x1: 0, y1: 5, x2: 100, y2: 5 }),
      svg('rect', {
        class: `validity-bar${verdict.bad ? ' is-bad' : ''}`,
        x,
        y: 2.5,
        width: end - x,
        height: 5,
      }),
      svg('line', { class: 'validity-now', x1: now, y1: 0, x2: now, y2: 10 }),
    ),
    el(
      'p',
      { class: 'validity-dates' },
      el('span', {}, `${from < axis.from ? '← ' : ''}${certificate.not_before.slice(0, 10)}`),
      el('b', { class: verdict.bad ? 'is-bad' : '' }, verdict.word),
      el('span', {}, `${certificate.not_after.slice(0, 10)}${to > axis.to ? ' →' : ''}`),
    ),
  )
}

function keyText(certificate) {
  const key = certificate.key || {}
  return [key.type, key.curve, key.bits ? format(ngettext('%d bit', '%d bits', key.bits), key.bits) : '']
    .filter(Boolean)
    .join(' ')
}

function certificateFacts(certificate) {
  const facts = [
    [_('Names'), (certificate.san || []).join(', ')],
    [_('Issuer'), certificate.self_issued ? _('itself') : certificate.issuer],
    [_('Key'), keyText(certificate)],
    [_('Signature'), certificate.signature_algorithm],
    [_('Use'), [...(certificate.key_usage || []), ...(certificate.extended_key_usage || [])].join(', ')],
    [_('Serial number'), certificate.serial],
    ['SHA-256', certificate.sha256],
  ]
  return el(
    'dl',
    { class: 'facts' },
    ...facts
      .filter(([, value]) => value)
      .flatMap(([name, value]) => [el('dt', {}, name), el('dd', { class: name === 'SHA-256' ? 'mono' : '' }, value)]),
  )
}

// As the text report has it: whether a chain or a name is right depends on whose trust store and request it is judged
// by, so that it is bad only where a finding graver than a notice says so.
export function proofKind(story, proof) {
  const result = (story.verified || {})[proof] || ''
  if (result === 'ok') return 'good'
  if (!result.startsWith('bad')) return 'open'
  if (proof !== 'chain' && proof !== 'host_name') return 'bad'
  const about = proof === 'chain' ? /^certificate-(?!host-)/ : /^certificate-host-/
  const grave = (story.findings || []).some(finding => finding.severity !== 'notice' && about.test(finding.id))
  return grave ? 'bad' : 'open'
}

// Between a certificate and the next: signed by it, or not.
function chainLink(certificate, next, story, last) {
  if (next) {
    const fits = certificate.issuer === next.subject
    return {
      broken: !fits,
      text: fits
        ? _('issued by')
        : format(_('its issuer %s is not the next certificate'), commonName(certificate.issuer)),
    }
  }
  if (!last) return null
  const proof = (story.verified || {}).chain
  if (proof === 'ok')
    return {
      broken: false,
      text: certificate.self_issued
        ? _('a trusted root')
        : format(_('leads to the trusted root %s'), commonName((story.chain || []).slice(-1)[0] || certificate.issuer)),
    }
  if (!proof) return null
  const open = proofKind(story, 'chain') === 'open'
  const where = certificate.self_issued
    ? _('This root is not in the trust store.')
    : format(_('Its issuer %s was not sent, or is not trusted.'), commonName(certificate.issuer))
  return { broken: !open, open, text: where }
}

function linkNode(link) {
  if (!link) return null
  const kind = link.broken ? ' is-broken' : link.open ? ' is-open' : ''
  const lead = link.broken ? _('Trust breaks here: ') : link.open ? _('Not verified beyond this: ') : null
  return el(
    'p',
    { class: `chain-link${kind}` },
    el('span', { class: 'chain-sign', 'aria-hidden': 'true' }, link.broken ? '✗' : link.open ? '–' : '↓'),
    lead ? el('b', {}, lead) : null,
    link.text,
  )
}

function certificateCard(certificate, axis, seen, link, place) {
  const verdict = chainVerdict(certificate, seen)
  return el(
    'li',
    { class: 'certificate' },
    el(
      'h3',
      {},
      commonName(certificate.subject) || _('certificate that cannot be parsed'),
      place ? el('small', {}, place) : null,
    ),
    certificate.subject ? el('p', { class: 'certificate-subject' }, certificate.subject) : null,
    validityBar(certificate, axis, seen, verdict),
    el('details', {}, el('summary', {}, _('Details')), certificateFacts(certificate)),
    linkNode(link),
  )
}

// Whose issuer comes next: TLCP's two certificates stand side by side, and have one chain.
function chainNext(certificates, roles, i) {
  let next = i + 1
  while (roles[i] && roles[next]) next++
  return certificates[next]
}

function chainPlace(certificate, role, i, isServer) {
  if (role) return role === 'signing' ? _('signing certificate') : _('encryption certificate')
  if (i === 0) return isServer ? _('the server’s own') : _('the client’s own')
  return certificate.self_issued ? _('root') : _('intermediate')
}

function chainList(certificates, story, seen, isServer, roles = []) {
  const axis = chainAxis(certificates, seen)
  return el(
    'ol',
    { class: 'chain-list' },
    ...certificates.map((certificate, i) => {
      const link = chainLink(certificate, chainNext(certificates, roles, i), story, isServer)
      return certificateCard(certificate, axis, seen, link, chainPlace(certificate, roles[i], i, isServer))
    }),
  )
}

function hostVerdict(story) {
  const proof = (story.verified || {}).host_name
  if (!proof || !story.sni) return null
  const good = proof === 'ok',
    open = proof.startsWith('unknown')
  const text = good
    ? format(_('Its names match the requested %s.'), story.sni)
    : open
      ? format(_('Whether its names match %s could not be verified.'), story.sni)
      : format(_('None of its names matches the requested %s.'), story.sni)
  return el(
    'p',
    { class: `prose-mark ${good ? 'good' : open ? 'open' : 'bad'}` },
    el('span', { 'aria-hidden': 'true' }, good ? '✓' : open ? '–' : '✗'),
    text,
  )
}

function stapleVerdict(story) {
  const { ocsp } = story
  if (!ocsp || !ocsp.status) return null
  const words = { good: _('good'), revoked: _('revoked'), unknown: _('unknown') }
  const good = ocsp.status === 'good' && ocsp.verified === 'ok'
  const kind = good ? 'good' : ocsp.status === 'revoked' ? 'bad' : 'open'
  const until = ocsp.next_update ? format(_(', until %s'), ocsp.next_update.slice(0, 10)) : ''
  return el(
    'p',
    { class: `prose-mark ${kind}` },
    el('span', { 'aria-hidden': 'true' }, { good: '✓', bad: '✗', open: '–' }[kind]),
    format(_('Stapled OCSP response: %s'), words[ocsp.status] || ocsp.status) + until,
  )
}

function chainFindings(story) {
  const about = (story.findings || []).map((finding, n) => [finding, n])
  const items = about
    .filter(([finding]) => /^(certificate|chain|ocsp|tlcp-certificate)/.test(finding.id))
    .map(([finding, n]) => {
      const text = format(_('%s: %s'), severityName(finding.severity), speak(finding.text))
      return el('li', {}, el('a', { href: location.hash, on: { click: event => goToFinding(event, n) } }, text))
    })
  return items.length ? el('ul', { class: 'chain-findings' }, ...items) : null
}

export function chainView(detail) {
  const { story, roles = {} } = detail
  const { server = [], client = [] } = story.certificates || {}
  if (!server.length && !client.length) return null
  const seen = chainTime(story.start) ?? 0
  return el(
    'section',
    { class: 'chain', id: 'chain', 'aria-labelledby': 'chain-title' },
    el('div', { class: 'section-head' }, el('h2', { id: 'chain-title' }, _('Certificates'))),
    hostVerdict(story),
    stapleVerdict(story),
    server.length ? chainList(server, story, seen, true, roles.server) : null,
    client.length ? el('h3', { class: 'chain-whose' }, _('From the client')) : null,
    client.length ? chainList(client, story, seen, false, roles.client) : null,
    chainFindings(story),
  )
}
