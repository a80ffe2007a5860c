// Why connections failed: grouped by cause, with the servers and how often.
import { el } from './dom.js'
import { _, ngettext, format, speak } from './language.js'
import { href, place } from './state.js'
import { filterString } from './filter.js'
import { fileName, index } from './data.js'
import { thousands } from './time.js'

const CAUSE_SERVERS = 4 // named of one cause
const CAUSE_GROUPS = 8 // before "more"

// The server as people call it: by the name that was asked for, else by its address.
export function serverName(row) {
  const ip = String(row.server_ip).includes(':') ? `[${row.server_ip}]` : row.server_ip
  return row.sni || `${ip}:${row.server_port}`
}

export function serverClause(row) {
  return row.sni ? `sni == ${filterString(row.sni)}` : `server.ip == ${row.server_ip} && server.port == ${row.server_port} && !sni`
}

export function hasFailed(row) {
  return row.state === 'failed' || (row.state === 'established' && row.severity === 3)
}

function groupsOf(rows) {
  const groups = new Map()
  for (const row of rows) {
    if (!hasFailed(row))
      continue
    const id = row.cause || ''
    if (!groups.has(id))
      groups.set(id, { id, rows: [], servers: new Map() })
    const group = groups.get(id), name = serverName(row)
    group.rows.push(row)
    if (!group.servers.has(name))
      group.servers.set(name, [])
    group.servers.get(name).push(row)
  }
  return [...groups.values()].sort((a, b) => b.rows.length - a.rows.length || (a.id < b.id ? -1 : 1))
}

function causeFault(fault) {
  return { client: _('client\'s fault'), server: _('server\'s fault'), both: _('fault of both: their settings do not meet'), between: _('fault of the network between') }[fault] || null
}

function serverItem(name, rows, filter) {
  const clause = serverClause(rows[0])
  return el('li', {}, el('button', {
    type: 'button', class: 'cause-server', 'aria-pressed': filter.isOn(clause) ? 'true' : 'false', 'data-clause': clause, on: { click: () => filter.toggle(clause) },
  }, el('span', { class: 'cause-name' }, name), rows.length > 1 ? el('span', { class: 'times' }, ` × ${thousands(rows.length)}`) : null))
}

function causeGroup(group, filter) {
  const first = group.rows[0], n = group.rows.length
  const clause = group.id ? `findings.id == ${filterString(group.id)}` : 'state == failed && !findings.severity == fatal'
  const servers = [...group.servers].sort((a, b) => b[1].length - a[1].length)
  const rest = servers.length - CAUSE_SERVERS
  const where = index().files.length > 1 ? format(_('stream %s of %s'), first.stream, fileName(first.file)) : format(_('stream %s'), first.stream)
  return el('li', { class: 'cause' },
    el('div', { class: 'cause-count' }, thousands(n)),
    el('div', { class: 'cause-body' },
      el('button', {
        type: 'button', class: 'cause-id', 'aria-pressed': filter.isOn(clause) ? 'true' : 'false', 'data-clause': clause, on: { click: () => filter.toggle(clause) },
      }, group.id || _('cause not known')),
      causeFault(first.fault) ? el('span', { class: `cause-fault by-${first.fault}` }, causeFault(first.fault)) : null,
      first.cause_text ? el('p', { class: 'cause-text' }, speak(first.cause_text)) : null,
      el('ul', { class: 'cause-servers', 'aria-label': _('Servers') },
        servers.slice(0, CAUSE_SERVERS).map(([name, rows]) => serverItem(name, rows, filter)),
        rest > 0 ? el('li', { class: 'times' }, format(ngettext('and %d more server', 'and %d more servers', rest), rest)) : null,
        el('li', {}, el('a', { class: 'cause-open', href: href(place(first.n)) }, n > 1 ? format(_('first seen in %s'), where) : where)))))
}

// The section, or null when nothing failed. filter: {isOn(clause), toggle(clause)}.
export function causesView(rows, filter) {
  const groups = groupsOf(rows)
  if (!groups.length)
    return null
  const list = el('ol', { class: 'causes-list' }, groups.slice(0, CAUSE_GROUPS).map((group) => causeGroup(group, filter)))
  const rest = groups.slice(CAUSE_GROUPS)
  const more = rest.length ? el('button', { type: 'button', class: 'more', on: {
    click: () => {
      list.append(...rest.map((group) => causeGroup(group, filter)))
      more.remove()
    },
  } }, format(ngettext('and %d more cause', 'and %d more causes', rest.length), rest.length)) : null
  return el('section', { class: 'causes', id: 'causes', 'aria-labelledby': 'causes-title' },
    el('h2', { id: 'causes-title' }, _('Why connections failed')), list, more)
}
