// What the client offered beside what was chosen, and why where the protocol says so.
import { el, breakableName } from './dom.js'
import { _, ngettext, format, speak } from './language.js'
import { index, codeName } from './data.js'
import { bytesFrom64 } from './encoded.js'
import { FIELD, fieldTree, fieldsNamed, everyField, codeDigits, isGrease, printable } from './fields.js'

const OFFERED_HELLO = 1,
  OFFERED_ANSWER = 2,
  OFFERED_KEY_EXCHANGE = 12,
  OFFERED_VERIFY = 15
const OFFERED_SHOWN = 8

function parsedMessage(m) {
  return m ? { m, roots: fieldTree(m.fields), bytes: bytesFrom64(m.body) } : null
}

// The last hello of the first handshake is the one that was answered: after a HelloRetryRequest the client offers
// again.
function handshakeMessages(detail) {
  const hellos = [],
    found = {}
  for (const m of detail.messages || []) {
    if (m.content !== 22 || !m.fields || !m.fields.length) continue
    if (m.type === OFFERED_HELLO && !found.answer) hellos.push(m)
    const retry = m.retry || (m.type === OFFERED_ANSWER && /HelloRetryRequest/.test(speak(m.name || '')))
    if (retry) found.retry = found.retry || m
    else if (m.type === OFFERED_ANSWER && !found.answer) found.answer = m
    if (m.type === OFFERED_KEY_EXCHANGE && !found.exchange) found.exchange = m
    if (m.type === OFFERED_VERIFY && m.from === 1 && !found.verify) found.verify = m
  }
  const parsed = { hello: parsedMessage(hellos[hellos.length - 1]), first: parsedMessage(hellos[0]) }
  for (const [key, m] of Object.entries(found)) parsed[key] = parsedMessage(m)
  return parsed
}

function listCodes(parsed, ...names) {
  if (!parsed) return []
  const list = fieldsNamed(parsed.roots, ...names)[0]
  return list ? everyField(list.children).filter(node => node.kind === FIELD.code) : []
}

function oneCode(parsed, ...names) {
  return parsed ? fieldsNamed(parsed.roots, ...names).find(node => node.kind === FIELD.code) || null : null
}

function codeEntry(node) {
  const name = codeName(node.registry, node.number)
  return {
    id: node.number,
    name: name || (isGrease(node.number) ? 'GREASE' : codeDigits(node.number, node.length)),
    digits: codeDigits(node.number, node.length),
    grease: !name && isGrease(node.number),
  }
}

function offeredVersions(parts) {
  const listed = listCodes(parts.hello, 'versions').map(codeEntry)
  const legacy = oneCode(parts.hello, 'legacy_version', 'client_version')
  const offered = listed.length ? listed : legacy ? [codeEntry(legacy)] : []
  const selected =
    oneCode(parts.answer, 'selected_version') || oneCode(parts.answer, 'legacy_version', 'server_version')
  const reason = listed.length
    ? _('The highest version that both support; supported_versions has the list (RFC 8446, 4.2.1).')
    : _('The client says only its highest version; the server answers with that or a lower one (RFC 5246, E.1).')
  return { title: _('Version'), offered, chosen: selected && codeEntry(selected), reason, ordered: listed.length > 1 }
}

// A suite of TLS 1.3 has a number of its own block, 0x13xx; it says nothing of the key exchange (RFC 8446, B.4).
function suiteFits(entry, version) {
  const modern = entry.id >> 8 === 0x13
  return version === 0x0304 ? modern : !modern
}

function offeredSuites(parts, version) {
  // signalling values are no suites (RFC 5746, 3.3; RFC 7507): they are not counted
  const offered = listCodes(parts.hello, 'cipher_suites')
    .map(codeEntry)
    .filter(entry => !/SCSV/.test(entry.name))
  const node = oneCode(parts.answer, 'cipher_suite')
  const chosen = node && codeEntry(node)
  for (const entry of offered) {
    entry.detail = (index().suites || {})[String(entry.id)] || ''
    if (version && !entry.grease && !suiteFits(entry, version))
      entry.out = version === 0x0304 ? _('not for TLS 1.3') : _('only for TLS 1.3')
  }
  return {
    title: _('Cipher suite'),
    offered,
    chosen,
    reason: node && node.note ? speak(node.note) : orderReason(offered, chosen),
    ordered: true,
  }
}

function orderReason(offered, chosen) {
  const usable = offered.filter(entry => !entry.grease && !entry.out)
  const at = chosen ? usable.findIndex(entry => entry.id === chosen.id) : -1
  if (at === 0) return _('The first that the client prefers and that can be used.')
  return at > 0
    ? format(
        _('Number %d of those that could be used: the server prefers it, or does not support those before it.'),
        at + 1,
      )
    : ''
}

function offeredGroups(parts, story) {
  const offered = listCodes(parts.hello, 'named_group_list').map(codeEntry)
  const shares = parts.hello
    ? fieldsNamed(parts.hello.roots, 'client_shares')
        .flatMap(list => everyField(list.children))
        .filter(node => node.kind === FIELD.code)
        .map(node => node.number)
    : []
  for (const entry of offered) if (shares.includes(entry.id)) entry.detail = _('with a key share')
  const node = oneCode(parts.exchange, 'named_curve') || groupOfShare(parts.answer)
  const named = offered.find(entry => entry.name === story.group)
  const chosen = node ? codeEntry(node) : named || (story.group ? { id: -1, name: story.group } : null)
  let reason = orderReason(offered, chosen)
  if (parts.retry)
    reason = _('Requested in a HelloRetryRequest: the client had sent no share for it (RFC 8446, 4.1.4).')
  else if (chosen && shares.includes(chosen.id))
    reason = _('The client had sent a key share for it, so that no further round trip was needed (RFC 8446, 4.2.8).')
  return { title: _('Group'), offered, chosen, reason, ordered: true }
}

function groupOfShare(parsed) {
  if (!parsed) return null
  return (
    everyField(parsed.roots).find(
      node => node.kind === FIELD.code && (node.name === 'group' || node.name === 'selected_group'),
    ) || null
  )
}

function offeredSchemes(parts, story) {
  const offered = listCodes(parts.hello, 'supported_signature_algorithms').map(codeEntry)
  const node =
    oneCode(parts.exchange, 'signature_algorithm') || oneCode(parts.verify, 'algorithm', 'signature_algorithm')
  const named = offered.find(entry => entry.name === story.signature_scheme)
  const chosen = node
    ? codeEntry(node)
    : named || (story.signature_scheme ? { id: -1, name: story.signature_scheme } : null)
  const leaf = ((story.certificates || {}).server || [])[0]
  const key = leaf && leaf.key ? [leaf.key.type, leaf.key.curve || leaf.key.bits].filter(Boolean).join(' ') : ''
  const reason =
    chosen && key
      ? format(_('The certificate has a key of type %s; the scheme must fit it and be in the client’s list.'), key)
      : ''
  return { title: _('Signature scheme'), offered, chosen, reason, ordered: true }
}

function offeredProtocols(parts, story) {
  const names = parts.hello
    ? fieldsNamed(parts.hello.roots, 'protocol_name').map(node =>
        printable(parts.hello.bytes.subarray(node.offset, node.end)),
      )
    : []
  const offered = names.map(name => ({ id: name, name }))
  const chosen = story.alpn !== undefined ? { id: story.alpn, name: story.alpn } : null
  const reason = chosen ? _('The server selects one of the client’s list, by its own preference (RFC 7301, 3.2).') : ''
  return { title: _('Application protocol (ALPN)'), offered, chosen, reason, ordered: true }
}

function offeredEntry(entry, chosen) {
  const is = chosen && entry.id === chosen.id
  return el(
    'li',
    { class: `offer${is ? ' is-chosen' : ''}${entry.out || entry.grease ? ' is-out' : ''}` },
    el(
      'span',
      { class: 'offer-name' },
      breakableName(entry.name),
      is ? el('span', { class: 'offer-tick' }, ` ✓ ${_('chosen')}`) : null,
    ),
    entry.detail || entry.out ? el('span', { class: 'offer-detail' }, entry.out || entry.detail) : null,
  )
}

function offeredList(row) {
  const at = row.chosen ? row.offered.findIndex(entry => entry.id === row.chosen.id) : -1
  const items = row.offered.map(entry => offeredEntry(entry, row.chosen))
  if (!items.length) return el('p', { class: 'offer-none' }, _('nothing offered'))
  const first = Math.max(OFFERED_SHOWN, at + 1)
  if (items.length <= first + 2) return el('ol', { class: 'offers' }, ...items)
  const rest = items.slice(first)
  rest.forEach(item => {
    item.hidden = true
  })
  const more = el(
    'button',
    {
      type: 'button',
      class: 'quiet',
      on: {
        click: () => {
          rest.forEach(item => {
            item.hidden = false
          })
          rest[0].tabIndex = -1
          rest[0].focus()
          more.remove()
        },
      },
    },
    format(ngettext('%d more', '%d more', rest.length), rest.length),
  )
  return el('div', {}, el('ol', { class: 'offers' }, ...items), more)
}

function chosenCell(row, failed) {
  if (!row.chosen)
    return el('p', { class: 'offer-none' }, failed ? _('nothing chosen: the handshake failed before') : _('not seen'))
  const at = row.offered.findIndex(entry => entry.id === row.chosen.id)
  const place = at >= 0 && row.ordered ? format(_('number %d of %d'), at + 1, row.offered.length) : ''
  return el(
    'div',
    {},
    el('p', { class: 'choice-name' }, breakableName(row.chosen.name)),
    place ? el('p', { class: 'choice-place' }, place) : null,
    row.reason ? el('p', { class: 'choice-reason' }, row.reason) : null,
  )
}

export function offeredView(detail) {
  const { story } = detail
  const parts = handshakeMessages(detail)
  if (!parts.hello) return null
  const versions = offeredVersions(parts)
  const rows = [
    versions,
    offeredSuites(parts, versions.chosen && versions.chosen.id),
    offeredGroups(parts, story),
    offeredSchemes(parts, story),
    offeredProtocols(parts, story),
  ].filter(row => row.offered.length || row.chosen)
  const failed = story.state === 'failed'
  return el(
    'section',
    { class: 'offered', id: 'offered', 'aria-labelledby': 'offered-title' },
    el('div', { class: 'section-head' }, el('h2', { id: 'offered-title' }, _('Offered and chosen'))),
    el(
      'table',
      {},
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          el('td', {}),
          el('th', { scope: 'col', class: 'is-client' }, _('The client offers')),
          el('th', { scope: 'col', class: 'is-server' }, _('The server chooses')),
        ),
      ),
      el(
        'tbody',
        {},
        ...rows.map(row =>
          el(
            'tr',
            {},
            el('th', { scope: 'row' }, row.title),
            el('td', { class: 'is-client' }, offeredList(row)),
            el('td', { class: 'is-server' }, chosenCell(row, failed)),
          ),
        ),
      ),
    ),
  )
}
