// A filter chooses on the page what --filter chooses.
import { capture, check, command, failure, indexOf, opened, same, test, words, written } from './browser.mjs'
import { tableRows } from './overview.mjs'

const GOOD = [
  'state == failed', 'state != established', 'not state == established', '!(state == failed) && version == "TLS 1.2"',
  'version < "TLS 1.2"', 'version >= 0x0303', 'version in {"TLS 1.0", "TLS 1.3"}', 'cipher_suite contains "x" or tls',
  'cipher_suite == TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'cipher_suite_id == 0x1301', 'group == x25519 || group == secp256r1',
  'sni', '!sni', 'sni contains "example"', 'sni matches "^www\\\\."', 'sni == "WWW.EXAMPLE.COM"', 'alpn == h2', 'server.port == 443',
  'server.port in {443, 8000..9000}', 'server.ip == 192.0.2.0/24', 'ip.addr == 192.0.2.80', 'ipv6', 'client.port > 40000',
  'duration > 0.05', 'handshake_duration < 0.02', 'handshake_duration', 'resumption', 'resumption == ticket', 'resumed_from == 0',
  'findings.id == "certificate-expired"', 'findings.severity == fatal', 'findings.severity == warning and not findings.severity == error',
  'any findings.severity == notice', 'all findings.severity == notice', 'stream == 3', 'tcp.stream > 10', 'first_frame < 20', 'ja3', 'early_data',
  'hello_retry', 'failed_later', 'certificates.server.subject contains "CN="', 'certificates.server.not_after > "2020-01-01"',
  'start > "2020-01-01 00:00:00"', 'state == failed xor version == "TLS 1.3"', 'file contains "alerts"', 'signature_scheme == ecdsa_secp256r1_sha256',
]
const BAD = [
  'stat == failed', 'state == nonsense', 'version <', '(state == failed', 'sni == "open', 'server.port == x', 'server.port in {1', 'state == failed)',
  'duration > fast', 'server.ip == 300.1.1.1', '&& sni', 'sni matches "("', 'sni && ', 'start > "yesterday"', 'version == "TLS 9"',
]

// What the command says: the connections that it chooses, or the column at which it refuses the filter.
function told(filter, files) {
  try {
    const lines = command('read', '--json', '--filter', filter, ...files).split('\n').filter(Boolean).map(line => JSON.parse(line))
    return { chosen: lines.filter(line => line.client).map(story => `${story.file} ${story.stream} ${story.first_frame}`) }
  } catch (error) {
    const found = /column (\d+)/.exec(String(error.stderr))
    return { column: found ? Number(found[1]) : -1 }
  }
}

// What the page says of each of the filters, all at one go: the way to the browser and back costs more than they do.
function shown(page, filters) {
  return page.evaluate(async all => {
    const answers = []
    for (const filter of all) {
      const changed = new Promise(resolve => addEventListener('hashchange', resolve, { once: true }))
      location.hash = `#filter=${encodeURIComponent(filter)}`
      await changed
      dispatchEvent(new Event('beforeprint'))
      const rows = [...document.querySelectorAll('#table .table-body > .row')].map(node => Number(node.dataset.n))
      dispatchEvent(new Event('afterprint'))
      const wrong = document.querySelector('.filter-error-text'), input = document.getElementById('filter')
      answers.push({ rows, wrong: wrong && wrong.textContent, input: input.value, invalid: input.getAttribute('aria-invalid') })
    }
    return answers
  }, filters)
}

async function good(path, files) {
  const index = indexOf(path),
    name = n => `${index.files[index.rows[n].file]} ${index.rows[n].stream} ${index.rows[n].first_frame}`
  let some = 0
  await opened(path, {}, async page => {
    const answers = await shown(page, GOOD)
    GOOD.forEach((filter, i) => {
      const { rows, wrong, input } = answers[i]
      same([input, wrong], [filter, null], 'the filter, and what is wrong with it')
      same(rows.map(name), told(filter, files).chosen, filter)
      some += rows.length > 0 && rows.length < index.rows.length ? 1 : 0
    })
  })
  check(some >= 25, `only ${some} filters choose some of the connections`)
}

async function bad(path, files) {
  const every = indexOf(path).rows.length
  await opened(path, {}, async page => {
    const answers = await shown(page, BAD)
    BAD.forEach((filter, i) => {
      const { column } = told(filter, files)
      check(column > 0, `the command takes ${filter}, or names no column (${column})`)
      check(answers[i].wrong?.includes(`column ${column}:`), `${filter}: the command names column ${column}, the page says "${answers[i].wrong}"`)
      same([answers[i].invalid, answers[i].rows.length], ['true', every], 'the input is marked, and nothing is hidden')
    })
  })
}

async function typed(path) {
  await opened(path, {}, async page => {
    await page.keyboard.press('/')
    await page.keyboard.type('state == failed')
    await page.waitForFunction(() => location.hash.includes('filter=state'))
    const rows = await tableRows(page)
    check(rows.length > 0 && /^\d+ of \d+$/.test(await words(page, '#filter-count')), 'how many are chosen')
    await page.keyboard.press('Escape')
    await page.waitForFunction(() => !location.hash.includes('filter'))
    await page.click('#filter-help summary')
    const names = await page.$$eval('.filter-field', nodes => nodes.map(node => node.textContent))
    const known = command('fields').split(/\s+/)
    same(names.filter(name => !known.includes(name)), [], 'fields of the page that the command lacks')
  })
}

export async function tests() {
  const files = [capture('versions-mixed.pcapng'), capture('resumption-tls12.pcapng'),
    capture('ipv6.pcapng.gz'), capture('hello-retry.pcapng'), failure('certificate-expired-openssl-12.pcapng'), failure('record-corrupted-data-12.pcapng')]
  const path = written('filtered', ...files)
  await test('filters choose what --filter chooses', () => good(path, files))
  await test('a bad filter names its column', () => bad(path, files))
  await test('a filter is typed', () => typed(path))
}
