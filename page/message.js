// One message: what it is and means, its fields and bytes, and what was around it.
import { el } from './dom.js'
import { _, ngettext, format, speak } from './language.js'
import { certificate, index } from './data.js'
import { go } from './state.js'
import { amount } from './time.js'
import { momentText } from './waits.js'
import { bytesFrom64, bytesFromHex } from './encoded.js'
import { fieldTree, graftFields, madeField, FIELD } from './fields.js'
import { bytesView } from './bytes.js'
import { datagramLayersView, layersView } from './layers.js'
import { packetView } from './datagrams.js'
import { messageName, messageOf } from './rows.js'
import { severityName } from './draw.js'
import { prose } from './prose.js'

// RFC 8446, 4: one byte of type, three of length, before each handshake message.
function headerFields(header, m) {
  const length = (header[1] << 16) | (header[2] << 8) | header[3]
  const root = madeField(_('handshake header'), 0, 4, {
    kind: FIELD.struct,
    note: _('Type and length of the handshake message; they count in the transcript.'),
  })
  const type = madeField('msg_type', 0, 1, {
    kind: FIELD.code,
    number: header[0],
    registry: 'handshake_type',
    depth: 1,
    parent: root,
    note: messageName(m),
  })
  const size = madeField('length', 1, 3, {
    kind: FIELD.number,
    number: length,
    depth: 1,
    parent: root,
    note: _('Bytes of the body that follows.'),
  })
  root.children = [type, size]
  return root
}

// What other decoders read inside fields: certificates are kept once for the whole page, other trees with the message.
async function graftInner(roots, m, shift) {
  for (const [n, offset, length] of m.certificates || []) {
    const found = await certificate(n)
    if (found) graftFields(roots, offset + shift, length, found.fields)
  }
  for (const inner of m.trees || []) graftFields(roots, inner.offset + shift, inner.length, inner.fields)
}

function messageBytes(m) {
  const body = bytesFrom64(m.body),
    header = bytesFromHex(m.header)
  if (!body.length && !header.length) return null
  const bytes = new Uint8Array(header.length + body.length)
  bytes.set(header)
  bytes.set(body, header.length)
  const roots = fieldTree(m.fields, header.length)
  if (header.length === 4) roots.unshift(headerFields(header, m))
  const place = el('div', { class: 'message-bytes' })
  const show = () => place.replaceChildren(bytesView({ roots, bytes, label: messageName(m) }))
  if ((m.certificates && m.certificates.length) || m.trees) graftInner(roots, m, header.length).then(show, show)
  else show()
  return el(
    'div',
    {},
    place,
    m.cut
      ? el(
          'p',
          { class: 'left-out' },
          format(ngettext('%d byte more is not on this page.', '%d bytes more are not on this page.', m.cut), m.cut),
        )
      : null,
  )
}

function noBytes(m) {
  if (m.data) return dataCounts(m)
  const text =
    m.encrypted && !m.opened
      ? _('It was sent encrypted, and the page has no keys for it: only its type, length and time can be seen.')
      : _('Nothing of its content is on this page.')
  return el('p', { class: 'no-bytes' }, text)
}

function dataCounts(m) {
  const row = (side, name) => {
    const data = m.data[side]
    if (!data || !data.records) return null
    return el(
      'tr',
      {},
      el('th', { scope: 'row' }, name),
      el('td', {}, format(ngettext('%d record', '%d records', data.records), data.records)),
      el('td', {}, amount(data.bytes)),
    )
  }
  return el(
    'table',
    { class: 'data-counts' },
    el('tbody', {}, row('client', _('from the client')), row('server', _('from the server'))),
  )
}

function messageFacts(m) {
  const facts = [m.from ? _('from the server') : _('from the client'), momentText(m.t)]
  if (m.frame) facts.push(format(_('packet %d'), m.frame))
  const records = (m.pieces || []).length
  if (records === 1) facts.push(format(_('record %d of its side'), m.pieces[0][0]))
  else if (records) facts.push(format(ngettext('%d record', '%d records', records), records))
  if (m.encrypted) facts.push(m.opened ? _('encrypted, decrypted with keys') : _('encrypted'))
  return el('p', { class: `message-facts from-${m.from ? 'server' : 'client'}` }, facts.join(' · '))
}

function messageSteps(detail, m, i) {
  const step = (to, text, label) =>
    el(
      'button',
      {
        type: 'button',
        class: 'quiet',
        'aria-label': label,
        ...(detail.messages[to] ? {} : { disabled: '' }),
        on: { click: () => go({ message: to }) },
      },
      text,
    )
  return el(
    'nav',
    { class: 'message-steps', 'aria-label': _('Messages') },
    step(i - 1, '↑', _('Previous message')),
    el('span', {}, format(_('%d of %d'), i + 1, detail.messages.length)),
    step(i + 1, '↓', _('Next message')),
  )
}

function messageFindings(detail, m) {
  const about = (detail.story.findings || []).filter(finding => messageOf(detail, finding) === m)
  if (!about.length) return null
  return el(
    'ul',
    { class: 'message-findings' },
    ...about.map(finding =>
      el(
        'li',
        { class: `is-${finding.severity}` },
        el('b', {}, severityName(finding.severity) + _(': ')),
        speak(finding.text),
      ),
    ),
  )
}

// `i`: the number of the packet in detail.datagrams.
export function datagramView(detail, i) {
  return packetView(detail, i, datagramLayersView(detail.datagrams[i], detail))
}

// `m`: the number of the message in detail.messages.
export function messageView(n, detail, m) {
  const message = detail.messages[m]
  if (!message) return el('section', { class: 'message' }, el('p', {}, _('There is no such message.')))
  const content = messageBytes(message)
  return el(
    'section',
    { class: 'message', id: 'message', 'aria-labelledby': 'message-title', 'data-message': String(m) },
    el(
      'header',
      { class: 'message-head' },
      el('h2', { id: 'message-title', tabindex: '-1' }, messageName(message)),
      messageSteps(detail, message, m),
    ),
    messageFacts(message),
    message.remark ? el('p', { class: 'message-remark' }, speak(message.remark)) : null,
    messageFindings(detail, message),
    message.explain && message.explain.length ? prose(message.explain) : null,
    index().secrets && message.opened
      ? el('p', { class: 'secret-note' }, _('What follows was encrypted on the wire.'))
      : null,
    content || noBytes(message),
    layersView(message, detail),
  )
}
