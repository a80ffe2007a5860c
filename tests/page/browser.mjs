// Opens pages that the command wrote, and watches that a page keeps to itself: nothing on the console, no request.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inflateRawSync } from 'node:zlib'
import { chromium } from 'playwright-core'

const { WIRETALE, WIRETALE_TESTS, WIRETALE_PLACE, CHROMIUM } = process.env
const SLOW = 60000 // ms: what a page may take on a machine that builds beside

let browser = null
let counts = { passed: 0, failed: 0 }

async function launch() {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
}

export async function start() {
  mkdirSync(join(WIRETALE_PLACE, 'pages'), { recursive: true })
  await launch()
  console.log(`chromium ${browser.version()}`)
}

export async function stop() {
  await browser.close()
  console.log(`${counts.passed} passed, ${counts.failed} failed`)
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1
}

// --- what the command writes ---

export function capture(name) {
  return join(WIRETALE_TESTS, 'captures', name)
}

export function failure(name) {
  return join(WIRETALE_TESTS, 'failures', name)
}

export function command(...words) {
  return execFileSync(WIRETALE, words, { encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'pipe'] })
}

export function python(script, ...words) {
  return execFileSync('python3', [join(WIRETALE_TESTS, script), ...words], { encoding: 'utf8' })
}

// The path of a page of these captures.
export function written(name, ...words) {
  const path = join(WIRETALE_PLACE, 'pages', `${name}.html`)
  command('read', '--html', path, ...words)
  return path
}

function unpacked(base64) {
  return inflateRawSync(Buffer.from(base64, 'base64'))
}

// Its index, unpacked: rows as objects.
export function indexOf(path) {
  const found = /<script type="text\/plain" id="index">([^<]*)</.exec(readFileSync(path, 'utf8'))
  const index = JSON.parse(unpacked(found[1]))
  index.rows = index.rows.map(values => Object.fromEntries(index.columns.map((column, i) => [column, values[i]])))
  return index
}

// Of each connection of the index its messages (docs/page.md): a text of what their fields and bytes are made from, and
// whether they could be read to their end.
export function messagesOf(path, index) {
  const blocks = [...readFileSync(path, 'utf8').matchAll(/<script type="text\/plain" class="block" data-json="(\d+)">([^<]*)</g)].map(([, length, data]) => {
    const whole = unpacked(data)
    return { ...JSON.parse(whole.subarray(0, length)), bytes: whole.subarray(length) }
  })
  return index.rows.map(({ block, position }) => {
    const { values, connections, bytes } = blocks[block]
    return connections[position].messages.map(([kind, , , body]) => {
      const { name, header, fields, notes, trees, certificates, error, cut } = values[kind]
      const [offset, length] = values[body] || [0, 0]
      const content = bytes.subarray(offset, offset + length).toString('hex')
      const text = JSON.stringify([name, header, values[fields], notes, trees, certificates, error, cut, content])
      return { text, whole: !error }
    })
  })
}

// --- tests ---

// What is thrown when a page ends that no test closed: it may come before the browser is known to be gone.
const ENDED = /Target page, context or browser has been closed|page's process ended/

// A browser that is gone says nothing about the page: it is started anew, and asked a second time. If the page is what
// brings it down, that fails, too; and the tests that follow have their browser.
async function asked(name, body) {
  try {
    await body()
  } catch (error) {
    if (browser.isConnected() && !ENDED.test(error)) throw error
    console.log(`the browser ended during "${name}": ${String(error).split('\n')[0]}; a new one is asked`)
    await browser.close()
    await launch()
    await body()
  }
}

// One test: it fails by what it throws.
export async function test(name, body) {
  const begun = Date.now()
  try {
    if (!browser.isConnected()) await launch()
    await asked(name, body)
    counts.passed++
    console.log(`ok    ${name} (${Date.now() - begun} ms)`)
  } catch (error) {
    counts.failed++
    console.log(`FAIL  ${name}\n      ${String(error.stack || error).split('\n').slice(0, 12).join('\n      ')}`)
  }
}

export function same(actual, expected, what) {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${what}:\n  is      ${a.slice(0, 1500)}\n  must be ${b.slice(0, 1500)}`)
}

export function check(truth, what) {
  if (!truth) throw new Error(what)
}

// Opens a file at an address; body(page) works on it. Whatever it says on the console or asks for is a failure.
export async function opened(path, { hash = '', zh = false, dark = false, width = 1440, height = 1000 } = {}, body) {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: zh ? 'zh-CN' : 'en-US',
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(SLOW)
  const wrong = [],
    url = pathToFileURL(path).href
  page.on('console', message => wrong.push(`console: ${message.text()}`))
  page.on('pageerror', error => wrong.push(`error: ${error.stack}`))
  page.on('dialog', dialog => wrong.push(`dialog: ${dialog.message()}`) && dialog.dismiss())
  page.on('popup', () => wrong.push('a window opens'))
  context.on('request', request => {
    if (request.url().split('#')[0] !== url) wrong.push(`request: ${request.url().slice(0, 200)}`)
  })
  const ended = new Promise((_, reject) => page.on('crash', () => reject(new Error("the page's process ended"))))
  const shown = async () => {
    await page.goto(url + hash)
    await ready(page)
    await body(page)
  }
  try {
    await Promise.race([shown(), ended])
    same(wrong, [], 'what the page said or asked for')
  } finally {
    await context.close()
  }
}

export async function ready(page) {
  await page.waitForSelector('html[data-ready=true]', { state: 'attached' })
}

// Goes to an address, and waits until `selector` is there.
export async function goto(page, hash, selector) {
  await page.evaluate(to => {
    location.hash = to
  }, hash)
  await page.waitForSelector(selector, { state: 'attached' })
}

export function placeHash(index, n) {
  const row = index.rows[n],
    inFile = index.rows.filter(other => other.file === row.file && other.stream === row.stream)
  return `#stream=${row.stream}&file=${row.file}&nth=${inFile.indexOf(row)}`
}

// The text of one element, blanks joined.
export async function words(page, selector) {
  return (await page.locator(selector).first().innerText()).replace(/\s+/g, ' ').trim()
}
