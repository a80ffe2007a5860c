// QUIC and DTLS: the ladder of packets, one of them with its frames and bytes, and the layers around a message.
import { check, command, failure, opened, same, test, written } from './browser.mjs'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const PLACE = join(process.env.WIRETALE_TESTS, 'page', 'captures')
const keyed = name => ['--keylog', join(PLACE, `${name}.keys`), join(PLACE, name)]

const labels = page => page.$$eval('.ladder-drawing .ladder-row', rows => rows.map(row => row.getAttribute('aria-label')))

// In the page: points at each field and byte of the pane, and says which bytes no field lights, or none owns.
function pointed(selector) {
  const view = document.querySelector(selector)
  const point = node => node.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))
  const cells = [...view.querySelectorAll('.byte')],
    names = [...view.querySelectorAll('.field')].map(item => item.querySelector('.field-name').textContent),
    unlit = []
  const fields = [...view.querySelectorAll('.field')].map(item => item.dataset.field)
  cells.forEach((cell, at) => {
    if (!fields.includes(cell.dataset.field)) unlit.push(at)
    if (at && cells[at - 1].dataset.field === cell.dataset.field) return // as the byte before it
    point(cell)
    if (!cell.classList.contains('lit') && !cell.closest('.byte-row').classList.contains('lit')) unlit.push(at)
  })
  return { bytes: cells.length, names, unlit, hidden: cells.filter(cell => cell.textContent === '··').length }
}

async function ladder() {
  await opened(written('quic', ...keyed('quic.pcap')), { hash: '#stream=0' }, async page => {
    const rows = await labels(page)
    check(/^.*Initial 0: ClientHello/.test(rows[0]), `the first is a ClientHello in its packet: ${rows[0]}`)
    check(/Retry.*begin again with a token/.test(rows[1]), `then a Retry: ${rows[1]}`)
    check(rows.some(row => /on a new path/.test(row)), 'the client moves')
    check(rows.some(row => /PATH_RESPONSE.*answers the PATH_CHALLENGE of packet \d+/.test(row)), 'and the new path is validated')
    check(rows.some(row => /Handshake 0: EncryptedExtensions/.test(row)), 'messages are called after the packets that complete them')
    same(await page.locator('.ladder .left-out').count(), 0, 'all packets are on the page')
    check(rows.some(row => /CONNECTION_CLOSE.*0x\d+/.test(row)), 'it is closed')
  })
}

// Of a packet or record that completes no message the row leads to itself; from there through all of them.
async function everyByte(path, { rows, most, hides }) {
  await opened(path, { hash: '#stream=0' }, async page => {
    const n = await page.$$eval('.ladder-drawing a[data-datagram]', links => links.length)
    check(n >= rows, `packets that complete no message lead to themselves: ${n}`)
    if (n) {
      await page.evaluate(() => document.querySelector('a[data-datagram]').dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true })))
      await page.waitForSelector('#message[data-datagram]')
    }
    let at = -1,
      hidden = 0
    await page.evaluate(() => { location.hash = '#stream=0&datagram=0' })
    await page.waitForSelector('#message[data-datagram="0"]')
    for (;;) {
      const now = Number(await page.getAttribute('#message', 'data-datagram'))
      if (now === at) break
      at = now
      const seen = await page.evaluate(pointed, '#message > .field-bytes')
      same(seen.unlit, [], `packet ${at}: bytes that light nothing`)
      check(!seen.names.includes('not decoded'), `packet ${at}: all of it belongs to fields`)
      hidden += seen.hidden
      const next = page.locator('.message-steps button:last-child')
      if (await next.isDisabled()) break
      await next.click()
      await page.waitForFunction(before => Number(document.getElementById('message').dataset.datagram) !== before, at)
    }
    check(at >= most, `all packets were looked at: ${at}`)
    check(!hides || hidden > 0, 'what the application said is not on the page')
  })
}

async function around(name, capture, layer) {
  await opened(written(name, ...keyed(capture)), { hash: '#stream=0&message=0' }, async page => {
    const summaries = await page.$$eval('#message .layer summary b', nodes => nodes.map(node => node.textContent))
    check(summaries.includes('UDP') && summaries.some(text => layer.test(text)), `layers: ${summaries}`)
    const last = page.locator('#message .layer').last()
    await last.locator('summary').click()
    await last.locator('.byte').first().waitFor()
    check((await last.locator('.byte').count()) > 20, 'with its bytes')
  })
}

// A client whose packets do not arrive says its hello again.
async function losses() {
  const capture = join(process.env.WIRETALE_TESTS, 'failures', 'quic-no-answer.pcapng')
  await opened(written('quic-losses', capture), { hash: '#stream=0' }, async page => {
    const rows = await labels(page)
    check(rows.some(row => /Initial 1.*sent again of Initial 0: CRYPTO 0–\d+/.test(row)), `what is sent again, and of which packet: ${rows.join(' | ')}`)
    check(!rows.some(row => /lost/.test(row)), 'nobody acknowledges, so that nothing is known to be lost')
  })
}

// Words alone: commas and lines are where each has room.
const flat = text => text.replace(/[\s,]+/g, ' ').trim()

// The rows of the text's ladder: packet, name, and what is beside it. Runs of packets with data, which it sums up, are left out.
function textRows(words) {
  const lines = command('read', '--columns', '1000', '--lang', 'en', ...words).split('\n')
  const first = lines.findIndex(line => /^ +packet +time/.test(line)) + 1
  const rows = []
  for (const line of lines.slice(first, lines.indexOf('', first))) {
    const [, frame, drawn, remark = ''] = /^ {0,11}(\d*) .{9}(?: *)(.*?[▶◀─═].*?|.*?[▶◀─═]+.*?)(?: {3}(.*))?$/.exec(line) || []
    const name = (drawn || '').replace(/[▶◀─═]+/g, '').trim()
    if (name && !/ × \d+$/.test(name)) rows.push({ frame: Number(frame) || rows.at(-1)?.frame, name: flat(name.replace(/…$/, '')), remark: flat(remark) })
  }
  return rows
}

// What the text's ladder tells of a packet, the page's does.
async function asText(name, capture, least) {
  const words = capture.startsWith(PLACE) || existsSync(`${capture}.keys`) ? ['--keylog', `${capture}.keys`, capture] : [capture]
  const rows = textRows(words)
  check(rows.length >= least, `rows of the text: ${rows.length}`)
  await opened(written(name, ...words), { hash: '#stream=0', width: 4000 }, async page => {
    const shown = []
    for (const label of await labels(page)) shown.push({ frame: Number(/#(\d+)\b/.exec(label)?.[1]) || shown.at(-1)?.frame, label: flat(label) })
    for (const row of rows) {
      const same = shown.filter(({ frame }) => frame === row.frame)
      const found = same.some(({ label }) => label.includes(row.name) && label.includes(row.remark))
      check(found, `packet ${row.frame}: the text has "${row.name}" with "${row.remark}", the page ${same.map(({ label }) => label).join(' | ')}`)
    }
  })
}

export async function tests() {
  await test('QUIC: the ladder has Retry, migration and the end', ladder)
  await test('QUIC: the ladder has what was sent again', losses)
  for (const [name, file, least] of [['retry-migration', join(PLACE, 'quic.pcap'), 25], ['stalled', failure('quic-no-answer.pcapng'), 3], ['negotiation', failure('quic-version-negotiation-fine.pcapng'), 2],
    ['bad-tag', failure('quic-retry-bad-tag.pcapng'), 3], ['gaps', failure('quic-flight-lost.pcapng'), 5]])
    await test(`QUIC: the ladder tells what the text does: ${name}`, () => asText(`quic-as-text-${name}`, file, least))
  await test('QUIC: each byte of each packet belongs to a field', () => everyByte(written('quic-packets', ...keyed('quic.pcap')), { rows: 10, most: 20, hides: true }))
  await test('DTLS: each byte of each record belongs to a field', () => everyByte(written('dtls-packets', ...keyed('dtls.pcap')), { rows: 0, most: 8, hides: true }))
  await test('QUIC: layers around a message', () => around('quic-layers', 'quic.pcap', /^Initial 0/))
  await test('DTLS: layers around a message', () => around('dtls-layers', 'dtls.pcap', /^DTLS record/))
}
