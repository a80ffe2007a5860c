// Lines of the text report as prose of the page: indentation stays indentation, runs of spaces separate columns, and
// the arrows that a terminal draws with characters become a direction.
import { el } from './dom.js'
import { _, speak } from './language.js'

const PROSE_ARROW_RIGHT = /^(.*?)\s*[─═-]{2,}[▶>]\s*(.*)$/
const PROSE_ARROW_LEFT = /^[◀<][─═-]{2,}\s*(.*)$/
const PROSE_ARROW_BOTH = /^[◀<][─═\s-]*([^─═].*?)\s*[─═-]*[▶>]\s*(.*)$/

function proseArrow(text) {
  const both = PROSE_ARROW_BOTH.exec(text)
  if (both) return { from: 'both', name: both[1], rest: both[2] }
  const right = PROSE_ARROW_RIGHT.exec(text)
  if (right) return { from: 'client', name: right[1], rest: right[2] }
  const left = PROSE_ARROW_LEFT.exec(text)
  if (!left) return null
  const [name, ...rest] = left[1].split(/\s{2,}/)
  return { from: 'server', name, rest: rest.join('  ') }
}

function proseFlight(arrow) {
  const sign = { client: '→', server: '←', both: '↔' }[arrow.from]
  const said = { client: _('from the client'), server: _('from the server'), both: _('both ways') }[arrow.from]
  return el(
    'p',
    { class: `prose-flight from-${arrow.from}` },
    el('span', { class: 'prose-sign', role: 'img', 'aria-label': said }, sign),
    el('b', {}, arrow.name),
    arrow.rest ? el('span', { class: 'prose-note' }, arrow.rest) : null,
  )
}

function proseMark(text) {
  const mark = /^([✓✗–])\s(.*)$/su.exec(text)
  if (!mark) return null
  const kind = { '✓': 'good', '✗': 'bad', '–': 'open' }[mark[1]]
  return el(
    'p',
    { class: `prose-mark ${kind}` },
    el('span', { 'aria-hidden': 'true' }, mark[1]),
    el('span', {}, mark[2]),
  )
}

const indentOf = text => text.length - text.trimStart().length

// A section's name stands alone before what is in it: it is no sentence, and what follows is indented.
function isName(text, next, margin) {
  return indentOf(text) === margin && next !== undefined && indentOf(next) > margin && !/[.:。：!?）)]$|\s{2}/.test(text.trim())
}

// A section's name, a paragraph, a row of columns, or a rule.
function proseLine(text, next, margin) {
  const body = text.trimStart()
  const depth = Math.min(6, Math.floor((indentOf(text) - margin) / 2))
  if (!body) return null
  if (/^[─═]+$/.test(body)) return el('hr', { class: 'prose-rule' })
  const arrow = proseArrow(body)
  if (arrow) return proseFlight(arrow)
  if (isName(text, next, margin)) return el('p', { class: 'prose-name' }, body)
  const columns = body.split(/\s{2,}/)
  const node =
    proseMark(body) ||
    (columns.length > 1
      ? el('p', { class: 'prose-row' }, el('b', {}, columns[0]), el('span', {}, columns.slice(1).join('   ')))
      : el('p', {}, body))
  if (depth) node.dataset.depth = String(depth)
  return node
}

// What --explain says before the first message: layers, flights, verification.
export function openingLines(detail) {
  return detail.explained || detail.layers || []
}

export function prose(lines, attributes = {}) {
  const texts = (lines || []).map(line => speak(line).trimEnd()).filter(Boolean)
  // what all lines are indented by is the margin of the text report
  const margin = Math.min(...texts.map(indentOf))
  return el('div', { class: 'prose', ...attributes }, ...texts.map((text, i) => proseLine(text, texts[i + 1], margin)))
}
