// What surrounds every view: the head with language, theme and help, and the list of keys.
import { el, clear } from './dom.js'
import { _, language, setLanguage } from './language.js'
import { index } from './data.js'
import { moment } from './time.js'

const THEME_KEY = 'wiretale-theme'
const THEMES = ['auto', 'light', 'dark']
let themeNow = null

function theme() {
  if (!themeNow)
    try {
      themeNow = THEMES.includes(localStorage.getItem(THEME_KEY)) ? localStorage.getItem(THEME_KEY) : 'auto'
    } catch {
      themeNow = 'auto'
    }
  return themeNow
}

function setTheme(name) {
  themeNow = name
  try {
    localStorage.setItem(THEME_KEY, name)
  } catch { /* not remembered */ }
  applyTheme()
}

// Without a choice the browser's wish decides, in style.css.
export function applyTheme() {
  if (theme() === 'auto')
    delete document.documentElement.dataset.theme
  else
    document.documentElement.dataset.theme = theme()
}

function choice(label, values, now, choose) {
  return el('div', { class: 'choice', role: 'group', 'aria-label': label }, values.map(([value, text, name, lang]) => el('button', {
    type: 'button', 'aria-pressed': value === now() ? 'true' : 'false', 'aria-label': name, title: name, 'data-value': value, lang: lang || null,
    on: {
      click: (event) => {
        choose(value)
        for (const button of event.currentTarget.parentNode ? event.currentTarget.parentNode.children : [])
          button.setAttribute('aria-pressed', String(button.dataset.value === now()))
      },
    },
  }, text)))
}

// What everybody who sees the page has to know about what it holds.
function warning() {
  const { secrets, redacted } = index()
  if (secrets)
    return el('p', { class: 'site-mark is-secret', id: 'secrets-mark' }, el('b', {}, _('Contains secrets')), ' ', _('Keys and decrypted data are in this file (--secrets).'))
  return redacted ? el('p', { class: 'site-mark', id: 'redacted-mark' }, _('Names, addresses and identifiers are replaced by stand-ins (--redact).')) : null
}

// Fills the page's head, in the language that is chosen.
export function siteHead(openHelp) {
  const skip = document.getElementById('skip')
  skip.textContent = _('Skip to the content')
  document.documentElement.lang = language() === 'zh' ? 'zh-Hans' : 'en'
  clear(document.getElementById('site'),
    el('div', { class: 'site-line' },
      el('a', { class: 'wordmark', href: '#', 'aria-label': _('wiretale: overview') },
        el('span', { class: 'wordmark-sign', 'aria-hidden': 'true' }), 'wiretale'),
      el('div', { class: 'site-tools' },
        choice(_('Language'), [['en', 'EN', 'EN (English)', 'en'], ['zh', '中文', '中文', 'zh']], language, setLanguage),
        choice(_('Theme'), [['auto', '◐', _('Theme of the system')], ['light', '☼', _('Light theme')], ['dark', '☾', _('Dark theme')]], theme, setTheme),
        el('button', { type: 'button', class: 'help-button', id: 'help-button', 'aria-label': _('Keyboard'), title: _('Keyboard'), on: { click: openHelp } }, '?'))),
    warning())
}

export function siteFoot() {
  const { wiretale, made } = index()
  return el('footer', { class: 'site-foot' }, `wiretale ${wiretale} · ${made ? moment(Date.parse(made) / 1000).slice(0, 16) + ' UTC' : ''}`)
}

const KEYS = () => [
  [['/'], _('to the filter')],
  [['↑', '↓', 'PgUp', 'PgDn', 'Home', 'End'], _('through the table')],
  [['Enter'], _('opens the connection')],
  [['Esc'], _('goes back: from a message to its connection, from there to the overview')],
  [['j', 'k'], _('next and previous message of a connection')],
  [['←', '→'], _('steps of the walk')],
  [['w'], _('walks through the connection')],
  [['?'], _('this list')],
]

// A dialog: the browser keeps the focus inside and gives it back.
export function helpDialog() {
  const dialog = el('dialog', { class: 'help', id: 'help', 'aria-labelledby': 'help-title' },
    el('h2', { id: 'help-title' }, _('Keyboard')),
    el('dl', { class: 'help-keys' }, KEYS().map(([keys, text]) => el('div', {}, el('dt', {}, keys.map((key) => [el('kbd', {}, key), ' '])), el('dd', {}, text)))),
    el('form', { method: 'dialog' }, el('button', { class: 'quiet-button', autofocus: true, on: {
      click: (event) => {
        event.preventDefault() // no form is sent from here: the policy forbids it, rightly
        dialog.close()
      },
    } }, _('Close'))))
  return dialog
}
