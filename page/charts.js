// Small charts of what the connections have in common: a row for each value, its count, and a bar. SVG draws the bars, since
// printers leave backgrounds out.
import { el, svg, clear } from './dom.js'
import { _, ngettext, format } from './language.js'
import { thousands } from './time.js'

const CHART_ROWS = 6 // before "more"

function barOf(all, some, most, tone) {
  const share = (n) => `${most ? 100 * n / most : 0}%`
  return svg('svg', { class: 'bar-track', height: 6, 'aria-hidden': 'true', focusable: 'false' },
    svg('rect', { class: 'bar-ground', width: '100%', height: 6, rx: 3 }),
    svg('rect', { class: 'bar-all', width: share(all), height: 6, rx: 3 }),
    some ? svg('rect', { class: `bar-some ${tone || ''}`, width: share(some), height: 6, rx: 3 }) : null)
}

function chartRow(item, chart) {
  const pressed = chart.isOn(item.clause)
  const said = item.some === item.all ? thousands(item.all) : `${thousands(item.some)} / ${thousands(item.all)}`
  return el('li', {}, el('button', {
    type: 'button', class: 'chart-row', 'aria-pressed': pressed ? 'true' : 'false', title: item.title || null, 'data-clause': item.clause,
    on: { click: () => chart.toggle(item.clause) },
  },
  el('span', { class: 'chart-label' }, item.mark || null, el('span', { class: 'chart-name' }, item.label),
    item.note ? el('span', { class: 'chart-note' }, item.note) : null),
  el('span', { class: 'chart-count' }, said),
  barOf(item.all, item.some, chart.most, item.tone)))
}

// A chart as a section. items: {label, note, title, all, some, clause, mark, tone}: how many connections there are, and how
// many of them the filter chooses; isOn and toggle act on the clause in the filter.
export function barChart(id, title, items, isOn, toggle) {
  const list = el('ul', { class: 'chart-list' })
  const chart = { isOn, toggle, most: Math.max(1, ...items.map((item) => item.all)) }
  const node = el('section', { class: 'chart', id, 'aria-labelledby': `${id}-title` }, el('h2', { id: `${id}-title` }, title), list)
  let open = false
  const draw = () => {
    const shown = open || items.length <= CHART_ROWS + 1 ? items : items.slice(0, CHART_ROWS)
    clear(list, shown.map((item) => chartRow(item, chart)))
  }
  draw()
  if (items.length > CHART_ROWS + 1) {
    const rest = items.length - CHART_ROWS
    const words = () => open ? _('fewer') : format(ngettext('and %d more', 'and %d more', rest), rest)
    const more = el('button', { type: 'button', class: 'more', 'aria-expanded': 'false', on: {
      click: () => {
        open = !open
        more.setAttribute('aria-expanded', String(open))
        more.textContent = words()
        draw()
      },
    } }, words())
    node.append(more)
  }
  return node
}

// How the connections ended, as one bar; its numbers are in the text beside it.
export function stateBar(counts, total) {
  let x = 0
  const parts = ['established', 'failed', 'incomplete'].filter((state) => counts[state]).map((state) => {
    const width = 100 * counts[state] / total
    const rect = svg('rect', { class: `state-part is-${state}`, x: `${x}%`, width: `calc(${width}% - 2px)`, height: 10, rx: 2 })
    x += width
    return rect
  })
  return svg('svg', { class: 'state-bar', height: 10, 'aria-hidden': 'true', focusable: 'false' }, parts)
}

const STATE_SIGNS = { established: '✓', failed: '✕', later: '✕', incomplete: '…' }

// How a connection ended: a sign beside the colour, and a name for those who see neither.
export function stateMark(row) {
  const later = row.state === 'established' && row.severity === 3
  const name = { established: _('established'), failed: _('failed'), later: _('established, failed later'), incomplete: _('incomplete') }
  const state = later ? 'later' : row.state
  return el('span', { class: `mark is-${state}`, role: 'img', 'aria-label': name[state] || row.state, title: name[state] || row.state },
    STATE_SIGNS[state] || '?')
}

const SEVERITY_SIGNS = ['·', '▲', '■', '✕']

export function severityWord(severity) {
  return [_('notice'), _('warning'), _('error'), _('fatal')][severity] || ''
}

// 0 notice to 3 fatal: four shapes.
export function severitySign(severity) {
  return el('span', { class: `severity is-severity-${severity}`, role: 'img', 'aria-label': severityWord(severity), title: severityWord(severity) },
    SEVERITY_SIGNS[severity] || '')
}
