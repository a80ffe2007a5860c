// Where the reader is, kept in the address (#stream=3&message=5), so that a link points at it and Back goes back.
import { rows } from './data.js'

const STATE_NUMBERS = ['stream', 'file', 'nth', 'message', 'record', 'certificate', 'datagram']
const stateListeners = []

function parsedHash(hash) {
  const found = { stream: null, file: null, nth: null, message: null, datagram: null, view: '', filter: '', sort: '' }
  for (const [key, value] of new URLSearchParams(hash.replace(/^#/, ''))) {
    if (!STATE_NUMBERS.includes(key))
      found[key] = value
    else if (/^\d{1,12}$/.test(value))
      found[key] = Number(value)
  }
  return found
}

// {stream, file, nth, message, view, filter, sort, …}: numbers are null, texts '' when the address lacks them.
export function state() {
  return parsedHash(location.hash)
}

// The address with changes ({message: 5}); null, '' and undefined take a key away.
export function href(changes) {
  const next = new URLSearchParams()
  for (const [key, value] of Object.entries({ ...state(), ...changes }))
    if (value !== null && value !== undefined && value !== '')
      next.set(key, value)
  // what is harmless in a fragment stays readable
  return '#' + next.toString().replace(/%(2C|2F|3A|40)/g, (c) => decodeURIComponent(c))
}

// Goes there. replace: without a new entry of the history, for what changes while one types.
export function go(changes, replace) {
  const to = href(changes)
  if (to === location.hash || (to === '#' && !location.hash))
    return
  if (!replace) {
    location.hash = to
    return
  }
  history.replaceState(null, '', to)
  tellState()
}

// An event of the browser's says to which address it belongs: of several in a row each is told.
function tellState(event) {
  const now = event && event.newURL ? parsedHash(new URL(event.newURL).hash) : state()
  for (const listener of stateListeners)
    listener(now)
}

// Calls f(state) after each change of the address.
export function onState(f) {
  if (!stateListeners.length)
    addEventListener('hashchange', tellState)
  stateListeners.push(f)
}

// A stream's number is unique within a file only, and a TCP conversation may carry several TLS connections.
let rowsByStream = null

function rowsOfStream(stream) {
  if (!rowsByStream) {
    rowsByStream = new Map()
    for (const row of rows()) {
      if (!rowsByStream.has(row.stream))
        rowsByStream.set(row.stream, [])
      rowsByStream.get(row.stream).push(row)
    }
  }
  return rowsByStream.get(stream) || []
}

// What the address says of connection n: for go() and href(). Whatever was open in another one is closed.
export function place(n) {
  const row = rows()[n]
  const same = rowsOfStream(row.stream)
  const inFile = same.filter((other) => other.file === row.file)
  return {
    stream: row.stream,
    file: same.length === inFile.length ? null : row.file,
    nth: inFile.indexOf(row) || null,
    message: null, view: null, record: null, certificate: null, datagram: null,
  }
}

// The number of the connection that a state names, or null.
export function placeOf(at) {
  const same = at.stream === null ? [] : rowsOfStream(at.stream)
  const found = same.filter((row) => at.file === null || row.file === at.file)[at.nth || 0]
  return found ? found.n : null
}
