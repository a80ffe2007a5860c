// Fields and bytes: pointing at one lights the other, and every byte of every message has exactly one field. One page holds
// all captures, and the walk through its messages is in the page: the way to the browser and back would cost more than it.
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { capture, check, indexOf, messagesOf, opened, placeHash, same, test, words, written } from './browser.mjs'

const ARTICLE = 'article.pcapng'
const SOME = 40 // connections that are visited at one go

// In the page: visits all messages of connections, and says what is wrong. Every field and every byte is pointed at.
async function visit([places, once]) {
  const totals = { messages: 0, withBytes: 0, panes: 0, bytes: 0, fields: 0 }
  const wrong = [],
    headers = (globalThis.headersSeen ||= new Set())
  const complain = text => wrong.length < 10 && wrong.push(text)
  // a timer would wait for some milliseconds
  const channel = new MessageChannel()
  const turn = () =>
    new Promise(resolve => {
      channel.port1.onmessage = resolve
      channel.port2.postMessage(0)
    })
  const until = async found => {
    for (const end = performance.now() + 30000; performance.now() < end; await turn()) {
      const node = found()
      if (node) return node
    }
    return null
  }
  // The browser takes several milliseconds to show another address: the page is told of it without that.
  const go = hash => dispatchEvent(new HashChangeEvent('hashchange', { newURL: new URL(hash, location.href).href }))
  const pointAt = node => node.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))
  const level = item => (item ? Number(item.getAttribute('aria-level')) : 0)

  // What is lit in a pane, by itself or with its row. It is kept by what changes: to look for it all over would take the
  // square of the pane's size.
  const LIT = '.byte.lit, .byte-row.lit .byte'
  const isLit = node => node.classList.contains('lit')
  function litOf(view) {
    const bytes = new Set(),
      fields = new Set()
    const observer = new MutationObserver(() => {})
    observer.observe(view, { subtree: true, attributes: true, attributeFilter: ['class'] })
    const take = () => {
      const records = observer.takeRecords()
      for (const { target } of records) {
        if (target.classList.contains('field')) fields[isLit(target) ? 'add' : 'delete'](target)
        const row = target.classList.contains('byte-row'),
          cells = row ? target.children[1].children : target.classList.contains('byte') ? [target] : []
        for (const cell of cells) bytes[isLit(cell) || isLit(cell.parentNode.parentNode) ? 'add' : 'delete'](cell)
      }
      return records.length > 0
    }
    // the first byte, and the one behind the last
    const range = () => {
      let from = Infinity,
        end = -1
      for (const cell of bytes) {
        const at = Number(cell.dataset.offset)
        from = Math.min(from, at)
        end = Math.max(end, at + 1)
      }
      return bytes.size === 0 ? [0, 0] : end - from === bytes.size ? [from, end] : null
    }
    const whole = () => view.querySelectorAll(LIT).length === bytes.size && view.querySelectorAll('.field.lit').length === fields.size
    return { take, range, fields, whole, end: () => observer.disconnect() }
  }

  // Of one pane of fields and bytes.
  function pointed(view, where, whole) {
    const cells = [...view.querySelectorAll('.byte')],
      items = [...view.querySelectorAll('.field')],
      says = view.querySelector('.byte-says')
    const lit = litOf(view),
      named = item => says.firstChild?.textContent.split(' › ').pop() === item.querySelector('.field-name').textContent
    const taken = new Uint8Array(cells.length),
      range = []
    if (view.querySelector('.lit')) complain(`${where}: something is lit before anything is pointed at`)
    cells.forEach((cell, at) => Number(cell.dataset.offset) === at || complain(`${where}: cell ${at} is byte ${cell.dataset.offset}`))
    items.forEach((item, i) => {
      pointAt(item)
      lit.take()
      const own = (range[item.dataset.field] = lit.range() || [0, 0]),
        leaf = level(items[i + 1]) <= level(item)
      if (!lit.range()) complain(`${where}: field ${i} lights bytes that are apart`)
      for (let at = own[0]; at < own[1]; at++) if (leaf || cells[at].classList.contains('is-prefix')) taken[at]++
      if (!named(item)) complain(`${where}: field ${i} is not named`)
      if (whole && item.querySelector('.field-name').textContent === 'not decoded') complain(`${where}: bytes ${own} are of no field`)
    })
    if (!lit.whole()) complain(`${where}: what changed is not what is lit`)
    taken.forEach((n, at) => n === 1 || complain(`${where}: byte ${at} has ${n} fields`))
    cells.forEach((cell, at) => {
      pointAt(cell)
      const changed = lit.take(),
        [from, end] = range[cell.dataset.field] || [0, 0],
        own = items[cell.dataset.field]
      if (at < from || at >= end) complain(`${where}: byte ${at} is not one of its field's`)
      if (!changed && at && cells[at - 1].dataset.field === cell.dataset.field) return // as the byte before it
      if (String(lit.range()) !== String([from, end])) complain(`${where}: byte ${at} lights bytes ${lit.range()}, its field ${[from, end]}`)
      const [field] = lit.fields
      if (lit.fields.size !== 1) complain(`${where}: byte ${at} lights ${lit.fields.size} fields`)
      // what is folded away is lit by the field that it is in
      else if (field !== own && !(own.hidden && level(field) < level(own))) complain(`${where}: byte ${at} lights another field than its own`)
      if (!named(own)) complain(`${where}: byte ${at} is not named`)
    })
    if (!lit.whole()) complain(`${where}: what changed is not what is lit`)
    view.querySelector('.bytes').dispatchEvent(new PointerEvent('pointerleave'))
    if (view.querySelector('.lit')) complain(`${where}: something stays lit`)
    lit.end()
    totals.panes++
    totals.bytes += cells.length
    totals.fields += items.length
  }

  async function message(hash, m, name, count, whole) {
    go(`${hash}&message=${m}`)
    const view = await until(() => {
      const found = document.querySelector(`#connection #message[data-message="${m}"]`)
      return found && !found.querySelector('.message-bytes:empty') ? found : null
    })
    if (!view) {
      complain(`${name} ${m} does not open`)
      return
    }
    const where = `${name} ${m} ${view.querySelector('h2').textContent}`
    for (const layer of view.querySelectorAll('.layer')) {
      // headers are alike in every packet: of each kind and size there is, one
      const kind = `${name.split(' ')[0]} ${layer.querySelector('summary').textContent}`
      if (once && headers.has(kind)) continue
      headers.add(kind)
      layer.open = true
      await until(() => layer.children.length > 1)
      pointed(layer.querySelector('.field-bytes'), `${where}: ${layer.querySelector('b').textContent}`, true)
    }
    const pane = view.querySelector('.message-bytes .field-bytes')
    if (pane) {
      totals.withBytes++
      pointed(pane, where, whole)
    } else if (!view.querySelector('.no-bytes, .data-counts')) complain(`${where}: neither bytes nor why there are none`)
    totals.messages++
    const of = Number(view.querySelector('.message-steps span').textContent.match(/\d+/g)[1])
    if (of !== count) complain(`${where}: one of ${of} messages, not of ${count}`)
  }

  for (const { hash, name, n, count, messages } of places) {
    go(hash)
    const story = await until(() => document.querySelector(`#connection[data-n="${n}"] #story`))
    if (!story) complain(`${name} does not open`)
    else for (const { m, whole } of messages) await message(hash, m, name, count, whole)
  }
  channel.port1.close()
  return { wrong, totals }
}

// The connections that are chosen, each with its messages; with `once` those that no connection before had: a certificate,
// say, whose bytes and fields are the same, is the same to the page.
function placesOf(path, index, chosen, once) {
  const seen = new Set()
  const all = messagesOf(path, index)
  const isNew = text => !once || (!seen.has(text) && seen.add(text))
  return index.rows
    .map((row, n) => ({ row, n, hash: placeHash(index, n), name: `${basename(index.files[row.file])} ${row.stream}`, count: all[n].length }))
    .filter(({ row }) => chosen(row))
    .map(place => ({ ...place, messages: all[place.n].flatMap(({ text, whole }, m) => (isNew(text) ? [{ m, whole }] : [])) }))
}

// Visits them in parts, so that one that takes long does not go unnoticed.
async function everyByte(path, index, chosen, once) {
  const sum = {},
    places = placesOf(path, index, chosen, once)
  await opened(path, {}, async page => {
    // laying out what nobody looks at takes longer than all else
    if (once) await page.evaluate(() => (document.getElementById('main').style.display = 'none'))
    for (let at = 0; at < places.length; at += SOME) {
      const { wrong, totals } = await page.evaluate(visit, [places.slice(at, at + SOME), once])
      same(wrong, [], 'fields and bytes')
      for (const [key, n] of Object.entries(totals)) sum[key] = (sum[key] || 0) + n
    }
  })
  same(sum.messages, places.reduce((n, place) => n + place.messages.length, 0), 'messages that were visited')
  const count = places.reduce((n, place) => n + place.count, 0)
  console.log(`      ${places.length} connections, ${count} messages; visited: ${Object.entries(sum).map(([key, n]) => `${n} ${key}`).join(', ')}`)
  return sum
}

// With a real mouse, and with keys alone.
async function byHand() {
  await opened(written('article', capture(ARTICLE)), { hash: '#stream=0&message=0' }, async page => {
    const random = page.locator('.message-bytes .field', { has: page.locator('.field-name', { hasText: /^random$/ }) })
    await random.hover()
    same(await page.locator('.message-bytes :is(.byte.lit, .byte-row.lit .byte)').count(), 32, 'bytes of the random')
    check((await words(page, '.says-path')).endsWith('random'), 'and it is named')
    await page.locator('.message-bytes .byte').nth(4).click()
    check((await words(page, '.message-bytes .field.chosen .field-name')).includes('version'), 'the fifth byte begins the version')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    check((await words(page, '.message-bytes .field.chosen .field-name')).includes('random'), 'two further is the random')
    await page.keyboard.press('Enter')
    check(await page.evaluate(() => document.activeElement.matches('.field[aria-selected=true]')), 'Enter goes to the field')
    await page.keyboard.press('ArrowDown')
    check(!(await words(page, '.message-bytes .field.chosen .field-name')).includes('random'), 'and down to the next')
  })
}

export async function tests() {
  const all = readdirSync(capture('')).filter(name => /\.pcap(ng)?(\.(gz|zst|lz4))?$/.test(name)).sort()
  const path = written('every-capture', ...all.map(capture)),
    index = indexOf(path)
  const article = index.files.findIndex(file => basename(file) === ARTICLE)
  await test(`bytes: every message of ${ARTICLE}`, async () => {
    const sum = await everyByte(path, index, row => row.file === article, false)
    check(sum.withBytes >= 10, 'what passed in the clear has bytes')
  })
  await test(`bytes: every message of the other ${all.length - 1} captures`, async () => {
    const sum = await everyByte(path, index, row => row.file !== article, true)
    check(sum.withBytes > 3000, 'there are messages')
  })
  await test('bytes: with mouse and keys', byHand)
}
