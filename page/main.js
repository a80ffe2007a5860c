// Begins the page, and shows what the address says.
import { el, clear } from './dom.js'
import { _, format, onLanguage } from './language.js'
import { loadIndex, detail, rows, index } from './data.js'
import { state, go, href, onState, place, placeOf } from './state.js'
import { applyTheme, helpDialog, siteFoot, siteHead } from './chrome.js'
import { overviewView } from './overview.js'
import { serverName } from './causes.js'
import { connectionView } from './connection.js'
import { datagramView, messageView } from './message.js'
import { walkView } from './walk.js'

const shown = { overview: null, n: null, detail: null, view: null, connection: null, message: null, datagram: null, scroll: 0 }
const closed = { stream: null, file: null, nth: null, message: null, view: null, record: null, certificate: null, datagram: null }
let helpShown = null
let turn = 0 // of show(): what comes too late is dropped

function mainPlace() {
  return document.getElementById('main')
}

function titled(text) {
  document.title = text ? `${text} · wiretale` : 'wiretale'
}

// --- the views ---

function showOverview(at) {
  const from = shown.n
  if (!shown.overview) {
    shown.overview = overviewView()
    shown.foot = siteFoot()
  }
  shown.n = shown.connection = shown.message = shown.datagram = shown.detail = null
  if (mainPlace().firstElementChild !== shown.overview.node)
    clear(mainPlace(), shown.overview.node, shown.foot)
  shown.overview.update(at)
  titled(index().files.length === 1 ? String(index().files[0]).split(/[\\/]/).pop() : '')
  if (from !== null) {
    scrollTo({ top: shown.scroll, behavior: 'instant' })
    shown.overview.shown(from)
  }
}

function neighbours(n) {
  const step = (to, text, sign) => to < 0 || to >= rows().length ? null
    : el('a', { class: 'step-link', href: href(place(to)), rel: sign }, text)
  return [step(n - 1, '← ' + _('previous'), 'prev'), step(n + 1, _('next') + ' →', 'next')]
}

function connectionFrame(n) {
  return el('div', { class: 'connection-frame', id: 'connection', 'data-n': n },
    el('nav', { class: 'crumbs', 'aria-label': _('Where you are') },
      el('a', { class: 'back', href: href(closed), id: 'back' }, '← ' + _('all connections')),
      el('span', { class: 'crumb-steps' }, neighbours(n))),
    el('div', { class: 'split' }, el('div', { class: 'split-main' }), el('div', { class: 'split-side', id: 'message-place', hidden: true })))
}

async function showConnection(n, at) {
  const mine = ++turn
  if (shown.n === null)
    shown.scroll = scrollY
  const entering = shown.n !== n || shown.view !== at.view
  if (entering) {
    const found = await detail(n)
    if (mine !== turn)
      return
    const frame = connectionFrame(n), main = frame.querySelector('.split-main')
    main.append(at.view === 'walk' ? walkView(n, found) : connectionView(n, found))
    clear(mainPlace(), frame)
    Object.assign(shown, { n, detail: found, view: at.view, connection: frame, message: null, datagram: null })
    titled(format(_('%s, stream %s'), serverName(rows()[n]), rows()[n].stream))
    scrollTo({ top: 0, behavior: 'instant' })
    mainPlace().focus({ preventScroll: true })
  }
  showMessage(n, at)
}

// Beside the connection, or before it where there is no room beside.
function showMessage(n, at) {
  const side = shown.connection.querySelector('.split-side')
  const walks = at.view === 'walk', { messages, datagrams } = shown.detail
  const m = walks || at.message === null || !messages[at.message] ? null : at.message
  const d = walks || m !== null || at.datagram === null || !datagrams[at.datagram] ? null : at.datagram
  const any = m !== null || d !== null
  if (m === shown.message && d === shown.datagram && any === !side.hidden)
    return
  Object.assign(shown, { message: m, datagram: d })
  side.hidden = !any
  shown.connection.classList.toggle('has-message', any)
  clear(side, any ? [
    el('a', { class: 'close-message', href: href({ message: null, record: null, certificate: null, datagram: null }), 'aria-label': m === null ? _('Close the packet') : _('Close the message') }, '✕'),
    m === null ? datagramView(shown.detail, d) : messageView(n, shown.detail, m)] : null)
  side.scrollTop = 0
}

function missing() {
  clear(mainPlace(), el('section', { class: 'missing' }, el('h1', {}, _('There is no such connection on this page.')),
    el('p', {}, el('a', { href: href(closed) }, '← ' + _('all connections')))))
}

function failed(error) {
  clear(mainPlace(), el('section', { class: 'missing', role: 'alert' }, el('h1', {}, _('This page cannot be read.')), el('p', {}, error.message)))
}

async function show(at) {
  try {
    const n = placeOf(at)
    if (at.stream === null) {
      turn++
      showOverview(at)
    } else if (n === null) {
      turn++
      shown.n = null
      missing()
    } else {
      await showConnection(n, at)
    }
  } catch (error) {
    failed(error)
    throw error
  }
}

// --- keys ---

function help() {
  if (!helpShown) {
    helpShown = helpDialog()
    clear(document.getElementById('help-place'), helpShown)
  }
  helpShown.showModal()
}

function back() {
  const at = state()
  if (at.message !== null || at.datagram !== null)
    go({ message: null, record: null, certificate: null, datagram: null })
  else if (at.view)
    go({ view: null })
  else if (at.stream !== null)
    go(closed)
}

function stepMessage(step) {
  const at = state(), last = shown.detail.messages.length - 1
  go({ datagram: null, message: at.message === null ? (step > 0 ? 0 : last) : Math.min(last, Math.max(0, at.message + step)) })
}

function keyed(event) {
  const typing = event.target.closest('input, textarea, select')
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]'))
    return
  if (event.key === 'Escape') {
    if (typing)
      typing.blur()
    else
      back()
  } else if (typing) {
    return
  } else if (event.key === '?') {
    help()
  } else if (event.key === '/' && shown.n === null && shown.overview) {
    event.preventDefault()
    shown.overview.focusFilter()
  } else if (shown.n !== null && (event.key === 'j' || event.key === 'k') && shown.view !== 'walk') {
    stepMessage(event.key === 'j' ? 1 : -1)
  } else if (shown.n !== null && event.key === 'w') {
    go({ view: shown.view === 'walk' ? null : 'walk', message: null })
  }
}

// In another language everything is made again: it is quick, and nothing can be forgotten.
function translate() {
  const scroll = scrollY
  siteHead(help)
  helpShown = null
  shown.overview = null
  shown.view = undefined
  show(state()).then(() => {
    scrollTo({ top: scroll, behavior: 'instant' })
    document.querySelector('.choice [aria-pressed=true]')?.focus({ preventScroll: true })
  })
}

async function start() {
  applyTheme()
  try {
    await loadIndex()
  } catch (error) {
    failed(error)
    throw error
  }
  siteHead(help)
  onLanguage(translate)
  onState(show)
  addEventListener('keydown', keyed)
  await show(state())
  document.documentElement.dataset.ready = 'true'
}

start()
