// The first view: what it counts, how its table is sorted, what links point at.
import { capture, check, command, failure, goto, indexOf, opened, ready, same, test, words, written } from './browser.mjs'

const ALL_ROWS = rows => rows.map(node => Number(node.dataset.n))

// All rows, by the numbers of their connections, in their order: what is printed exists as a whole.
export async function tableRows(page) {
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
  const rows = await page.$$eval('#table .table-body > .row', ALL_ROWS)
  await page.evaluate(() => dispatchEvent(new Event('afterprint')))
  return rows
}

// What has no value comes last, either way; equal ones stay as captured.
function inOrder(rows, key, sign) {
  const none = value => value === null || value === undefined
  return rows
    .map((row, n) => ({ n, key: key(row) }))
    .sort((a, b) => {
      if (none(a.key) || none(b.key)) return none(a.key) - none(b.key) || a.n - b.n
      return (a.key < b.key ? -sign : a.key > b.key ? sign : 0) || a.n - b.n
    })
    .map(({ n }) => n)
}

const SORTED = {
  stream: row => row.stream,
  start: row => row.seen,
  cipher_suite: row => row.cipher_suite,
  handshake_duration: row => row.handshake_duration,
  client: row => row.client_ip,
  state: row => ['failed', 'incomplete', 'established'].indexOf(row.state),
}

// Each head is pressed three times: up, down, as captured.
async function sorting(path, index) {
  await opened(path, {}, async page => {
    const found = await page.evaluate(async ids => {
      const answers = {}
      for (const id of ids) {
        answers[id] = []
        for (let times = 0; times < 3; times++) {
          const changed = new Promise(resolve => addEventListener('hashchange', resolve, { once: true }))
          document.querySelector(`[data-sort=${id}]`).click()
          await changed
          dispatchEvent(new Event('beforeprint'))
          const rows = [...document.querySelectorAll('#table .table-body > .row')].map(node => Number(node.dataset.n))
          dispatchEvent(new Event('afterprint'))
          answers[id].push([document.querySelector(`[data-sort=${id}]`).parentNode.getAttribute('aria-sort'), rows])
        }
      }
      return answers
    }, Object.keys(SORTED))
    for (const [id, key] of Object.entries(SORTED))
      same(found[id], [['ascending', inOrder(index.rows, key, 1)], ['descending', inOrder(index.rows, key, -1)],
        ['none', index.rows.map((unused, n) => n)]], `sorted by ${id}`)
  })
}

async function counts(path, index) {
  await opened(path, {}, async page => {
    check((await words(page, '#headline-title')).startsWith(`${index.rows.length} TLS connections`), 'the headline counts them')
    same(Number(await page.getAttribute('#table', 'aria-rowcount')), index.rows.length + 1, 'rows and their head')
    for (const state of ['established', 'failed', 'incomplete']) {
      const n = index.rows.filter(row => row.state === state).length
      if (n) check((await words(page, `.state-count.is-${state}`)).includes(`${n} ${state}`), `${n} ${state}`)
    }
    const causes = index.rows.filter(row => row.cause).map(row => row.cause)
    check(causes.length > 0, 'some failed')
    for (const cause of new Set(causes))
      check((await page.locator('.cause-id', { hasText: cause }).count()) > 0, `${cause} is among the causes`)
    // a chart filters when it is clicked, and no more when it is clicked again
    const chart = page.locator('#versions .chart-row').first(),
      n = Number((await chart.locator('.chart-count').innerText()).split(/\D/)[0])
    await chart.click()
    await page.waitForFunction(() => location.hash.includes('filter='))
    same(Number(await page.getAttribute('#table', 'aria-rowcount')), n + 1, 'rows of the version')
    await page.locator('#versions .chart-row').first().click()
    await page.waitForFunction(() => !location.hash.includes('filter='))
  })
}

// A table of which only the rows in sight exist ends at its last row.
async function scrolled(path, index) {
  await opened(path, {}, async page => {
    check((await page.locator('#table .table-body > .row').count()) < index.rows.length, 'not all rows exist at once')
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
    await page.waitForSelector(`#row-${index.rows.length - 1}`)
    await page.locator(`#row-${index.rows.length - 1}`).click()
    await page.waitForSelector(`#connection[data-n="${index.rows.length - 1}"]`)
    await page.goBack()
    await page.waitForSelector('#table')
    same(await page.evaluate(() => document.activeElement.id), `row-${index.rows.length - 1}`, 'back at the row')
  })
}

async function links(path, index) {
  const several = index.rows.findIndex((row, n) => row.file > 0 && n > 2),
    row = index.rows[several]
  await opened(path, { hash: `#stream=${row.stream}&file=${row.file}&message=1` }, async page => {
    same(await page.getAttribute('#connection', 'data-n'), String(several), 'the connection')
    same(await page.getAttribute('#message', 'data-message'), '1', 'the message')
    await page.click('.close-message')
    await page.waitForFunction(() => !location.hash.includes('message'))
    check(await page.locator('#message-place').isHidden(), 'the message is closed')
    await page.goBack()
    await page.waitForSelector('#message[data-message="1"]')
    await page.reload()
    await ready(page)
    same(await page.getAttribute('#message', 'data-message'), '1', 'the message after it is loaded again')
    await goto(page, '#stream=999999', '.missing')
    await goto(page, '#sort=-stream', '[aria-sort=descending] [data-sort=stream]')
    for (const hash of ['#stream=-1', '#stream=1e9&message=%00', '#filter=%ff%fe', '#sort=__proto__', '#view=toString'])
      await goto(page, hash, '#main > *')
  })
  await opened(written('article', capture('article.pcapng')), { hash: '#stream=0&message=1' }, async page =>
    check((await words(page, '#message-title')).includes('ServerHello'), 'the second message of the article'),
  )
}

async function empty() {
  await opened(written('left-out', '--html-max', '3', capture('versions-mixed.pcapng')), {}, async page =>
    check(/\d+ more connections were left out/.test(await words(page, '#left-out')), 'what was left out is said'),
  )
  await opened(written('nothing', capture('nss-extras.pcapng'), '--filter', 'sni == nobody'), {}, async page =>
    check((await words(page, '#headline-title')).startsWith('0 TLS connections'), 'a page of nothing opens'),
  )
}

// The verdict of a failed connection is that of the text, word for word, in both languages.
async function verdicts() {
  const file = failure('certificate-expired-openssl-12.pcapng'),
    path = written('expired', file)
  for (const zh of [false, true]) {
    const story = JSON.parse(command('read', '--json', '--lang', zh ? 'zh' : 'en', file).split('\n')[0])
    const cause = story.findings.find(finding => finding.severity === 'fatal')
    await opened(path, { zh, hash: '#stream=0' }, async page => {
      same(await words(page, '.verdict-text'), cause.text.replace(/\s+/g, ' '), 'the verdict')
      check((await words(page, '.finding.is-fatal')).includes(cause.advice.replace(/\s+/g, ' ')), 'the advice')
    })
  }
}

export async function tests() {
  const path = written('several', capture('versions-mixed.pcapng'), capture('resumption-tls12.pcapng'),
    failure('certificate-expired-openssl-12.pcapng'))
  const index = indexOf(path)
  await test('overview: counts, causes, charts', () => counts(path, index))
  await test('overview: sorting', () => sorting(path, index))
  await test('overview: rows out of sight', () => scrolled(path, index))
  await test('links into the page', () => links(path, index))
  await test('left out, and nothing at all', empty)
  await test('the verdict is that of the command', verdicts)
}
