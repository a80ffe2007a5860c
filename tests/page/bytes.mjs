// Fields and bytes: pointing at one lights the other, and every byte of every message has exactly one field.
import { readdirSync } from 'node:fs'
import { capture, check, goto, indexOf, opened, placeHash, same, test, words, written } from './browser.mjs'

const ALL = process.env.WIRETALE_PAGE_ALL === '1'
const SAMPLE = ['hello-retry.pcapng', 'client-certificates.pcapng', 'ocsp-stapling.pcapng', 'early-data-psk.pcapng', 'kx-gnutls.pcapng', 'ssl2-hello.pcap']
const OF_EACH = 1 // connections of a capture in the sample

// In the page: visits the messages of one connection, and says what is wrong. Every field and every byte is pointed at.
function visit([hash, first, last]) {
  const wrong = [], totals = { messages: 0, bytes: 0, fields: 0, last: false }
  const pause = () => new Promise(resolve => setTimeout(resolve))
  const over = node => node.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))
  // of one pane of fields and bytes
  const pointed = (view, where) => {
    const cells = [...view.querySelectorAll('.byte')], items = [...view.querySelectorAll('.field')]
    const lit = () => cells.flatMap((cell, at) => (cell.classList.contains('lit') ? [at] : []))
    cells.forEach((cell, at) => Number(cell.dataset.offset) === at || wrong.push(`${where}: cell ${at} is byte ${cell.dataset.offset}`))
    const taken = new Array(cells.length).fill(0), range = []
    items.forEach((item, i) => {
      over(item)
      const bytes = lit(), next = items[i + 1]
      const leaf = !next || Number(next.getAttribute('aria-level')) <= Number(item.getAttribute('aria-level'))
      range[item.dataset.field] = bytes
      if (bytes.some((at, k) => at !== bytes[0] + k)) wrong.push(`${where}: field ${i} lights bytes that are apart`)
      for (const at of bytes) if (leaf || cells[at].classList.contains('is-prefix')) taken[at]++
      if (!view.querySelector('.says-path')?.textContent.endsWith(item.querySelector('.field-name').textContent)) wrong.push(`${where}: field ${i} is not named`)
    })
    taken.forEach((n, at) => n === 1 || wrong.push(`${where}: byte ${at} has ${n} fields`))
    // back: one byte of each field's own, since the others do the same
    const seen = new Set()
    cells.forEach((cell, at) => {
      if (!range[cell.dataset.field]?.includes(at)) wrong.push(`${where}: byte ${at} is not of the field that has it`)
      if (seen.has(cell.dataset.field)) return
      seen.add(cell.dataset.field)
      over(cell)
      if (String(lit()) !== String(range[cell.dataset.field])) wrong.push(`${where}: byte ${at} lights other bytes than its field`)
      if (view.querySelectorAll('.field.lit').length !== 1) wrong.push(`${where}: byte ${at} lights no field`)
    })
    view.querySelector('.bytes').dispatchEvent(new PointerEvent('pointerleave'))
    if (view.querySelector('.lit')) wrong.push(`${where}: something stays lit`)
    totals.bytes += cells.length
    totals.fields += items.length
  }
  const message = async m => {
    location.hash = `${hash}&message=${m}`
    let view = null
    for (let times = 0; times < 20000 && !view; times++) {
      const found = document.querySelector(`#connection #message[data-message="${m}"]`)
      if (found && !found.querySelector('.message-bytes:empty')) view = found
      else await pause()
    }
    if (!view) return wrong.push(`message ${m} does not open`)
    const name = view.querySelector('h2').textContent
    for (const layer of view.querySelectorAll('.layer')) {
      layer.open = true
      while (layer.children.length < 2) await pause()
      pointed(layer.querySelector('.field-bytes'), `${hash} ${m} ${layer.querySelector('b').textContent}`)
    }
    const pane = view.querySelector('.message-bytes .field-bytes')
    if (pane) pointed(pane, `${hash} ${m} ${name}`)
    else if (!view.querySelector('.no-bytes, .data-counts')) wrong.push(`${hash} ${m} ${name}: neither bytes nor why there are none`)
    totals.messages++
    totals.last = [...view.querySelectorAll('.message-steps button')].pop().disabled
  }
  return (async () => {
    for (let m = first; m < last && !totals.last; m++) await message(m)
    return { wrong: wrong.slice(0, 10), totals }
  })()
}

async function everyByte(name, connections) {
  const path = written(`bytes-${name}`, capture(name)), index = indexOf(path)
  const some = index.rows.map((unused, n) => n).slice(0, connections)
  const sum = { messages: 0, bytes: 0, fields: 0 }
  await opened(path, {}, async page => {
    for (const n of some) {
      await goto(page, placeHash(index, n), `#connection[data-n="${n}"]`)
      const { wrong, totals } = await page.evaluate(visit, [placeHash(index, n), 0, 10000])
      same(wrong, [], name)
      check(totals.last || !totals.messages, 'the last message was reached')
      for (const key of Object.keys(sum)) sum[key] += totals[key]
    }
  })
  check(sum.messages > 0, 'there are messages')
  console.log(`      ${name}: ${sum.messages} messages, ${sum.fields} fields, ${sum.bytes} bytes`)
}

// With a real mouse, and with keys alone.
async function byHand() {
  await opened(written('article', capture('article.pcapng')), { hash: '#stream=0&message=0' }, async page => {
    const random = page.locator('.message-bytes .field', { has: page.locator('.field-name', { hasText: /^random$/ }) })
    await random.hover()
    same(await page.locator('.message-bytes .byte.lit').count(), 32, 'bytes of the random')
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
  await test('bytes: every message of article.pcapng', () => everyByte('article.pcapng', Infinity))
  const all = readdirSync(capture('')).filter(name => /\.pcap(ng)?(\.(gz|zst|lz4))?$/.test(name) && name !== 'article.pcapng').sort()
  for (const name of ALL ? all : SAMPLE) await test(`bytes: ${name}`, () => everyByte(name, ALL ? Infinity : OF_EACH))
  await test('bytes: with mouse and keys', byHand)
}
