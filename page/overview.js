// The first view: what matters first, then charts that filter, then all connections in a table.
import { el, clear } from './dom.js'
import { _, ngettext, format, N_ } from './language.js'
import { index, rows, fileName } from './data.js'
import { state, go } from './state.js'
import { amount, day, daysLeft, duration, thousands } from './time.js'
import { barChart, severitySign, severityWord, stateBar } from './charts.js'
import { causesView, hasFailed, serverClause, serverName } from './causes.js'
import { compileFilter, filterString } from './filter.js'
import { filterBar } from './filterbar.js'
import { connectionTable } from './table.js'

const DAY = 86400
const SOON = 30 // days: a certificate that ends within is marked

// --- the filter as charts use it: clauses joined by && ---

function clausesOf(text) {
  return text.split(' && ').map((clause) => clause.trim()).filter(Boolean)
}

const clauseFilter = {
  isOn(clause) {
    const on = clausesOf(state().filter)
    return clausesOf(clause).every((part) => on.includes(part))
  },
  toggle(clause) {
    const text = state().filter, parts = clausesOf(clause)
    if (this.isOn(clause)) {
      go({ filter: clausesOf(text).filter((part) => !parts.includes(part)).join(' && ') })
      return
    }
    const good = !compileFilter(text).error
    const before = !good || !text.trim() ? [] : / or |\|\||\^\^| xor /.test(text) ? [`(${text})`] : [text]
    go({ filter: [...before, clause].join(' && ') })
  },
}

const toggleClause = (clause) => clauseFilter.toggle(clause)

// --- counting ---

// Items of a chart: one for each key that keyOf gives of a row (a value, a list, or null for none).
function tally(all, chosen, keysOf) {
  const found = new Map()
  for (const row of all)
    for (const key of new Set(keysOf(row))) {
      if (!found.has(key))
        found.set(key, { key, all: 0, some: 0, row })
      const item = found.get(key)
      item.all++
      item.some += chosen.has(row.n) ? 1 : 0
    }
  return [...found.values()]
}

const byCount = (a, b) => b.all - a.all || (a.key < b.key ? -1 : 1)

function columnChart(id, title, name, all, chosen, labelOf) {
  const items = tally(all, chosen, (row) => row[name] === null || row[name] === undefined ? [] : [row[name]]).sort(byCount)
  if (!items.length)
    return null
  for (const item of items) {
    item.label = labelOf ? labelOf(item.key) : item.key
    item.title = item.label === item.key ? null : item.key
    item.clause = `${name} == ${filterString(item.key)}`
  }
  return barChart(id, title, items, clauseFilter.isOn, toggleClause)
}

// Causes of failure are above.
function findingsChart(all, chosen) {
  const severities = new Map()
  const items = tally(all, chosen, (row) => row.findings.filter((finding) => finding[1] < 3).map(([id, severity]) => {
    severities.set(id, Math.max(severity, severities.get(id) ?? 0))
    return id
  })).sort((a, b) => severities.get(b.key) - severities.get(a.key) || byCount(a, b))
  for (const item of items) {
    item.label = item.key
    item.mark = severitySign(severities.get(item.key))
    item.title = severityWord(severities.get(item.key))
    item.tone = `is-severity-${severities.get(item.key)}`
    item.clause = `findings.id == ${filterString(item.key)}`
  }
  return items.length ? barChart('findings', _('Findings'), items, clauseFilter.isOn, toggleClause) : null
}

function serversChart(all, chosen) {
  const failed = new Map()
  const items = tally(all, chosen, (row) => {
    const name = serverName(row)
    if (hasFailed(row))
      failed.set(name, (failed.get(name) || 0) + 1)
    return [name]
  }).sort((a, b) => (failed.get(b.key) || 0) - (failed.get(a.key) || 0) || byCount(a, b))
  for (const item of items) {
    const n = failed.get(item.key)
    item.label = item.key
    item.note = n ? format(_('%s failed'), thousands(n)) : null
    item.clause = serverClause(item.row)
  }
  return items.length > 1 ? barChart('servers', _('Servers'), items, clauseFilter.isOn, toggleClause) : null
}

// "CN=www.example.com,O=Example" → "www.example.com"
function subjectName(subject) {
  const found = /(?:^|,)CN=((?:\\.|[^,\\])*)/.exec(subject)
  return found ? found[1].replace(/\\(.)/g, '$1') : subject
}

function certificatesChart(all, chosen) {
  const last = new Map()
  const items = tally(all, chosen, (row) => {
    if (!row.subject || row.not_after === null)
      return []
    const key = `${row.not_after} ${row.subject}`
    last.set(key, Math.max(row.seen, last.get(key) || 0))
    return [key]
  })
  for (const item of items) {
    const { subject, not_after: end } = item.row
    item.days = Math.floor((end - last.get(item.key)) / DAY)
    item.label = subjectName(subject)
    item.title = subject
    item.note = `${daysLeft(item.days)} (${day(end)})`
    item.mark = item.days < 0 ? severitySign(2) : item.days < SOON ? severitySign(1) : null
    item.clause = `certificates.server.subject == ${filterString(subject)}`
  }
  items.sort((a, b) => a.days - b.days || byCount(a, b))
  return items.length ? barChart('certificates', _('Server certificates, by days left'), items, clauseFilter.isOn, toggleClause) : null
}

// --- the parts ---

const STATE_WORDS = [['established', N_('%s established')], ['failed', N_('%s failed')], ['incomplete', N_('%s incomplete')]]

function stateItem(name, words, counts) {
  const clause = `state == ${name}`
  return el('li', {}, el('button', {
    type: 'button', class: `state-count is-${name}`, 'aria-pressed': clauseFilter.isOn(clause) ? 'true' : 'false', 'data-clause': clause,
    on: { click: () => clauseFilter.toggle(clause) },
  }, el('span', { class: `mark is-${name}`, 'aria-hidden': 'true' }, { established: '✓', failed: '✕', incomplete: '…' }[name]),
  format(_(words), thousands(counts[name]))))
}

function fileWords() {
  const files = index().files
  if (files.length < 4)
    return files.map((unused, i) => fileName(i)).join(', ')
  return format(ngettext('%s and %d more file', '%s and %d more files', files.length - 1), fileName(0), files.length - 1)
}

function captureFacts() {
  const { summary } = index()
  const packets = summary && summary.packets
  const facts = [fileWords()]
  if (packets)
    facts.push(format(ngettext('%s packet', '%s packets', packets), thousands(packets)))
  if (summary && summary.bytes)
    facts.push(amount(summary.bytes))
  if (summary && summary.seconds)
    facts.push(duration(summary.seconds))
  return el('p', { class: 'capture-facts', title: index().files.join('\n') }, facts.join(' · '))
}

function leftOut(count) {
  return index().newest
    ? ngettext('%s earlier connection is no longer on this page: it holds the newest, and some that failed before (--html-max).', '%s earlier connections are no longer on this page: it holds the newest, and some that failed before (--html-max).', count)
    : ngettext('%s more connection was left out of this page (--html-max).', '%s more connections were left out of this page (--html-max).', count)
}

function headline(all) {
  const counts = { established: 0, failed: 0, incomplete: 0 }
  for (const row of all)
    counts[row.state]++
  const later = all.filter((row) => row.state === 'established' && row.severity === 3).length
  return el('section', { class: 'headline', 'aria-labelledby': 'headline-title' },
    captureFacts(),
    el('h1', { id: 'headline-title' }, format(ngettext('%s TLS connection', '%s TLS connections', all.length), thousands(all.length))),
    all.length ? stateBar(counts, all.length) : null,
    el('ul', { class: 'state-counts' }, STATE_WORDS.filter(([name]) => counts[name]).map(([name, words]) => stateItem(name, words, counts)),
      later ? el('li', { class: 'state-note' }, format(ngettext('%s of the established failed later', '%s of the established failed later', later), thousands(later))) : null),
    index().left_out ? el('p', { class: 'left-out-line', id: 'left-out' },
      format(leftOut(index().left_out), thousands(index().left_out))) : null)
}

function shortSuite(name) {
  return name.replace(/^TLS_/, '')
}

function charts(all, chosen) {
  return [
    findingsChart(all, chosen),
    columnChart('versions', _('Versions'), 'version', all, chosen),
    columnChart('suites', _('Cipher suites'), 'cipher_suite', all, chosen, shortSuite),
    columnChart('groups', _('Key-exchange groups'), 'group', all, chosen),
    serversChart(all, chosen),
    certificatesChart(all, chosen),
  ]
}

// The overview. It stays while a connection is open; update(state) follows the address.
export function overviewView() {
  const all = rows()
  const head = el('div', { class: 'overview-head' }), chartPlace = el('div', { class: 'charts' })
  const table = connectionTable(), bar = filterBar()
  let filterShown = null
  const node = el('div', { class: 'overview', id: 'overview' }, head, chartPlace,
    el('section', { class: 'connections', 'aria-labelledby': 'connections-title' },
      el('h2', { id: 'connections-title' }, _('Connections')), bar.node, table.node))

  function update(at) {
    if (at.filter !== filterShown) {
      filterShown = at.filter
      const { matches, error } = compileFilter(at.filter)
      const chosen = error ? all : all.filter(matches)
      const numbers = new Set(chosen.map((row) => row.n))
      keepingFocus(node, () => {
        clear(head, headline(all), causesView(all, clauseFilter))
        clear(chartPlace, charts(all, numbers))
      })
      bar.update(at.filter, error, chosen.length, all.length)
      table.setRows(chosen)
    }
    table.sortBy(at.sort)
  }
  return { node, update, focusFilter: bar.focus, shown: table.shown }
}

// What is drawn again keeps the focus on the same clause, so that the keyboard stays where it was.
function keepingFocus(node, draw) {
  const focused = document.activeElement
  const clause = node.contains(focused) ? focused.dataset.clause : null
  const place = clause && focused.closest('[id]').id
  draw()
  if (!clause)
    return
  const same = [...node.querySelectorAll('[data-clause]')].filter((other) => other.dataset.clause === clause)
  const again = same.find((other) => other.closest('[id]').id === place) || same[0]
  if (again)
    again.focus({ preventScroll: true })
}
