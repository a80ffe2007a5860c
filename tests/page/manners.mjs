// Languages, themes, keys, and what axe-core finds wrong for those who read with other means than eyes.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { capture, check, failure, goto, opened, ready, same, test, written } from './browser.mjs'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const VIEWS = { overview: '#', connection: '#stream=0', message: '#stream=0&message=0', walk: '#stream=0&view=walk&message=2' }

const READY = { overview: '#table', connection: '#story', message: '#message .field-bytes', walk: '#walk' }

// Packets of QUIC and records of DTLS: the ladder with Retry, migration and loss, one of them with its frames, and the layers around a message.
const PACKETS = { connection: '#stream=0', retry: '#stream=0&datagram=1', packet: '#stream=0&datagram=8', message: '#stream=0&message=2', walk: '#stream=0&view=walk&message=2' }

// What is there once the address is shown: of packets and messages that one, since others were there before.
function readyOf(view, hash) {
  const [, kind, n] = /&(datagram|message)=(\d+)$/.exec(hash) || []
  return kind && view !== 'walk' ? `#message[data-${kind}="${n}"] .field-bytes` : READY[view]
}

const keyed = name => ['--keylog', `${name}.keys`, name]

// All layers are opened, where there are some.
async function unfold(page) {
  await page.evaluate(() => document.querySelectorAll('#message .layer').forEach(layer => { layer.open = true }))
  await page.waitForFunction(() => [...document.querySelectorAll('#message .layer')].every(layer => layer.children.length > 1))
}

const page = name => join(process.env.WIRETALE_TESTS, 'page', 'captures', name)

async function languages(path) {
  await opened(path, { hash: '#stream=0&message=0' }, async page => {
    const english = await page.locator('#main').innerText()
    check(!/\p{Script=Han}/u.test(english), 'English has no Chinese in it')
    await page.click('[data-value=zh]')
    await page.waitForSelector('html[lang=zh-Hans]')
    await page.waitForSelector('#message[data-message="0"]')
    const chinese = await page.locator('#main').innerText()
    check((chinese.match(/\p{Script=Han}/gu) || []).length > 200, 'Chinese is Chinese')
    await page.reload()
    await ready(page)
    same(await page.getAttribute('html', 'lang'), 'zh-Hans', 'it is remembered')
    await page.click('[data-value=en]')
    await page.waitForSelector('html[lang=en]')
    await page.waitForSelector('#message[data-message="0"]')
    same(await page.locator('#main').innerText(), english, 'and back')
  })
  await opened(path, { zh: true }, async page => same(await page.getAttribute('html', 'lang'), 'zh-Hans', 'as the browser prefers'))
}

async function themes(path) {
  const ground = page => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await opened(path, {}, async page => {
    const light = await ground(page)
    await page.click('[data-value=dark]')
    const dark = await ground(page)
    check(light !== dark, 'dark is another colour')
    await page.reload()
    await ready(page)
    same(await ground(page), dark, 'it is remembered')
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.click('[data-value=light]')
    same(await ground(page), light, 'light, whatever the system wishes')
    await page.click('[data-value=auto]')
    same(await ground(page), dark, 'as the system wishes')
  })
}

async function keys(path) {
  const focus = page => page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.tagName)
  await opened(path, {}, async page => {
    await page.keyboard.press('Tab')
    same(await focus(page), 'skip', 'the first stop skips the head')
    await page.keyboard.press('Enter')
    await page.keyboard.press('?')
    await page.waitForSelector('#help[open]')
    await page.keyboard.press('Escape')
    await page.waitForSelector('#help:not([open])', { state: 'attached' })
    await page.evaluate(() => document.querySelector('#table .row[tabindex="0"]').focus())
    for (const [key, at] of [['ArrowDown', 1], ['ArrowDown', 2], ['ArrowUp', 1], ['End', -1], ['Home', 0], ['ArrowDown', 1]]) {
      await page.keyboard.press(key)
      const [position, count] = await page.evaluate(() => [Number(document.activeElement.dataset.position), Number(document.querySelector('#table').getAttribute('aria-rowcount')) - 1])
      same(position, at < 0 ? count - 1 : at, `the row after ${key}`)
    }
    await page.keyboard.press('Enter')
    await page.waitForSelector('#connection[data-n="1"]')
    await page.keyboard.press('j')
    await page.waitForSelector('#message[data-message="0"]')
    await page.keyboard.press('j')
    await page.waitForSelector('#message[data-message="1"]')
    await page.keyboard.press('k')
    await page.waitForSelector('#message[data-message="0"]')
    await page.keyboard.press('w')
    await page.waitForSelector('#walk')
    await page.keyboard.press('Escape')
    await page.waitForSelector('#story')
    await page.keyboard.press('Escape')
    await page.waitForSelector('#table')
    same(await page.evaluate(() => document.activeElement.dataset.position), '1', 'back at the row that was opened')
    await page.keyboard.press('/')
    same(await focus(page), 'filter', 'in the filter')
  })
}

// Every thing that one can press is reached with the Tab key, and shows where one is.
async function tabbed(path) {
  await opened(path, { hash: '#stream=0&message=0' }, async page => {
    const seen = new Set()
    for (let times = 0; times < 16; times++) {
      await page.keyboard.press('Tab')
      const [name, outlined] = await page.evaluate(() => {
        const at = document.activeElement
        const seen = [at, ...at.querySelectorAll('*')].some(node => {
          const style = getComputedStyle(node)
          return style.outlineStyle !== 'none' || style.boxShadow !== 'none' || (node !== at && style.stroke !== 'none' && style.stroke !== '')
        })
        return [at.outerHTML.slice(0, 90), seen || at === document.body]
      })
      check(outlined, `${name} does not show that it has the focus`)
      seen.add(name)
    }
    check(seen.size > 8, `Tab reaches ${seen.size} things`)
  })
}

// A message has hundreds of rows of bytes, and axe-core looks at each byte beside each other: of rows that look alike it
// is shown the first of each grid.
function removeAlike() {
  const seen = new Map()
  for (const row of document.querySelectorAll('.byte-row')) {
    const looks = [row.className, ...[...row.querySelectorAll('.byte, .letter')].map(cell => `${cell.className}${cell.tabIndex}`)]
    const key = JSON.stringify([row.closest('.bytes').ariaLabel, [...new Set(looks)]])
    seen.set(key, (seen.get(key) || 0) + 1)
    if (seen.get(key) > 4) row.remove()
  }
}

async function accessible(path, dark, views = VIEWS, zh = false) {
  await opened(path, { dark, zh }, async page => {
    await page.evaluate(AXE)
    for (const [view, hash] of Object.entries(views)) {
      await goto(page, hash, readyOf(view, hash))
      await unfold(page)
      await page.evaluate(removeAlike)
      const found = await page.evaluate(async () => {
        const { violations } = await globalThis.axe.run({ resultTypes: ['violations'] })
        const grave = violations.filter(violation => ['serious', 'critical'].includes(violation.impact))
        return grave.map(({ id, nodes }) => `${id}, ${nodes.length} times: ${nodes[0].html.slice(0, 200)} ${nodes[0].failureSummary.slice(0, 200)}`)
      })
      same(found, [], `${view}, ${dark ? 'dark' : 'light'}`)
    }
  })
}

// Nothing is cut at the side, and the page is not to be moved sideways.
async function narrow(path, views = VIEWS, zh = false) {
  await opened(path, { width: 375, height: 800, zh }, async page => {
    for (const [view, hash] of Object.entries(views)) {
      await goto(page, hash, readyOf(view, hash))
      await unfold(page)
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      check(over <= 0, `${view}: ${over} px wider than a phone`)
    }
  })
}

// A connection prints as a document: all that is folded on the screen, in dark ink on white, without what one presses.
async function printed() {
  const path = written('article', capture('article.pcapng'))
  await opened(path, { hash: '#stream=0&message=0', dark: true }, async page => {
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    const [unseen, pressed, ground, cut] = await page.evaluate(() => {
      const paper = node => node.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true })
      const wanted = ['.verdict-text', '.finding-text', '.finding-advice', '.agreed dd', '.proof', '.wait-track', '.ladder-drawing', '.offer', '.choice-reason', '.certificate .facts dd',
        '.explained .prose p', '#message-title', '.message .prose p', '.field-meaning', '.byte', '.layer > summary']
      const unseen = wanted.filter(selector => {
        const nodes = [...document.querySelectorAll(`#main ${selector}`)]
        return !nodes.length || nodes.some(node => !paper(node) || !node.getClientRects().length)
      })
      const pressed = [...document.querySelectorAll('button, input, #back, .close-message, .to-walk')].filter(paper).map(node => node.outerHTML.slice(0, 80))
      const cut = [...document.querySelectorAll('#main .fields, #main .bytes')].filter(node => node.scrollHeight > node.clientHeight + 2).length
      return [unseen, pressed, getComputedStyle(document.body).backgroundColor, cut]
    })
    same(unseen, [], 'what is not on paper')
    same(pressed, [], 'what one could press is not on paper')
    same([ground, cut], ['rgb(255, 255, 255)', 0], 'white, and nothing behind a bar')
    check((await page.pdf({ format: 'A4' })).length > 20000, 'and it prints')
  })
}

export async function tests() {
  const article = written('article', capture('article.pcapng'))
  const several = written('mixed', capture('resumption-tls12.pcapng'), failure('certificate-expired-openssl-12.pcapng'))
  await test('two languages', () => languages(article))
  await test('two themes', () => themes(several))
  await test('with keys alone', () => keys(several))
  await test('the focus is seen', () => tabbed(article))
  await test('a connection on paper', printed)
  await test('nothing is wider than a phone', () => narrow(several))
  for (const dark of [false, true]) await test(`axe-core, ${dark ? 'dark' : 'light'}`, () => accessible(article, dark))
  const datagrams = {
    quic: written('manners-quic', ...keyed(page('quic.pcap'))),
    losses: written('manners-losses', ...keyed(failure('quic-flight-lost.pcapng'))),
    dtls: written('manners-dtls', ...keyed(page('dtls.pcap'))),
    tlcp: written('manners-tlcp', '--ca-file', failure('tlcp-fine.pcap.root'), ...keyed(failure('tlcp-fine.pcap'))),
  }
  for (const [name, path] of Object.entries(datagrams)) {
    const views = name === 'tlcp' ? VIEWS : PACKETS
    for (const zh of [false, true]) {
      await test(`${name}: no wider than a phone${zh ? ', in Chinese' : ''}`, () => narrow(path, views, zh))
      await test(`${name}: axe-core, ${zh ? 'dark, in Chinese' : 'light'}`, () => accessible(path, zh, views, zh))
    }
  }
}
