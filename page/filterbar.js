// The line where a filter is typed, what is wrong with it, and the fields that it may name.
import { el, clear } from './dom.js'
import { _, ngettext, format } from './language.js'
import { state, go } from './state.js'
import { filterFields } from './filterfields.js'
import { thousands } from './time.js'

const FILTER_PAUSE = 200 // ms without a key before it is applied

const KIND_WORDS = () => ({
  presence: _('yes or no'), boolean: _('yes or no'), number: _('number'), seconds: _('seconds'), time: _('time'), string: _('text'), address: _('address'),
})

function fieldList(insert) {
  const kinds = KIND_WORDS()
  return el('div', { class: 'filter-fields-list' },
    el('p', { class: 'filter-hint' }, _('The language of --filter:'), ' ',
      el('code', {}, 'state == failed'), ', ', el('code', {}, 'version < "TLS 1.2"'), ', ', el('code', {}, 'sni contains example && duration > 0.5'), ', ',
      el('code', {}, 'server.port in {443, 8000..8443}')),
    el('dl', { class: 'filter-fields' }, filterFields().map((field) => el('div', {},
      el('dt', {}, el('button', { type: 'button', class: 'filter-field', on: { click: () => insert(field.name) } }, field.name)),
      el('dd', {}, _(field.text), ' ', el('span', { class: 'filter-kind' }, kinds[field.kind]))))))
}

// The filter again, with a mark under what is wrong.
function errorView(text, error) {
  const at = error.column - 1, before = text.slice(0, at), wrong = text.slice(at, at + error.length)
  return [
    el('p', { class: 'filter-error-text' }, el('span', { class: 'severity is-severity-2', 'aria-hidden': 'true' }, '■ '),
      format(_('filter, column %u: %s'), error.column, error.message)),
    el('p', { class: 'filter-error-place', 'aria-hidden': 'true' }, before, el('mark', {}, wrong || '\u00a0'), text.slice(at + error.length)),
  ]
}

// {node, update(text, error, chosen, all), focus()}
export function filterBar() {
  let timer = null
  const apply = (text, replace) => {
    clearTimeout(timer)
    go({ filter: text }, replace)
  }
  const input = el('input', {
    type: 'search', id: 'filter', class: 'filter-input', spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off', 'aria-describedby': 'filter-error filter-count',
    'aria-label': _('Filter'), placeholder: _('Filter: state == failed && version < "TLS 1.3"'),
    on: {
      input: () => {
        clearTimeout(timer)
        timer = setTimeout(() => apply(input.value, true), FILTER_PAUSE)
      },
      keydown: (event) => {
        if (event.key === 'Enter')
          apply(input.value, false)
        if (event.key === 'Escape' && input.value) {
          event.stopPropagation()
          input.value = ''
          apply('', false)
        }
      },
    },
  })
  const error = el('div', { id: 'filter-error', class: 'filter-error', role: 'alert' })
  const count = el('p', { id: 'filter-count', class: 'filter-count', role: 'status' })
  const insert = (name) => {
    input.value = input.value.trim() ? `${input.value.trim()} && ${name}` : name
    input.focus()
    apply(input.value, true)
  }
  const fields = el('details', { class: 'filter-help', id: 'filter-help' }, el('summary', {}, _('Fields')))
  fields.addEventListener('toggle', () => fields.open && fields.children.length === 1 && fields.append(fieldList(insert)))
  const node = el('div', { class: 'filter-bar', role: 'search' }, el('div', { class: 'filter-line' }, input, count), error, fields)
  return {
    node,
    focus: () => {
      input.focus()
      input.select()
    },
    update: (text, wrong, chosen, all) => {
      if (input.value.trim() !== text.trim())
        input.value = text
      input.setAttribute('aria-invalid', wrong ? 'true' : 'false')
      clear(error, wrong ? errorView(text, wrong) : null)
      clear(count, wrong || !state().filter ? format(ngettext('%s connection', '%s connections', all), thousands(all))
        : format(_('%s of %s'), thousands(chosen), thousands(all)))
    },
  }
}
