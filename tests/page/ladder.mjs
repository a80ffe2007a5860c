// The ladder's rows of TCP, and how a record was protected, for any record that is chosen.
import { capture, check, command, failure, goto, indexOf, opened, placeHash, same, test, written } from './browser.mjs'

// The rows of the ladder, in their order: whether TCP's, what is said of it, its mark, and whether a hole is drawn.
function rowsOf(page) {
  return page.$$eval('.ladder-drawing .ladder-row', nodes =>
    nodes.map(node => ({
      tcp: node.classList.contains('is-tcp'),
      mark: Number(/mark-(\d)/.exec(node.getAttribute('class'))?.[1] || 0),
      label: node.getAttribute('aria-label'),
      hole: !!node.querySelector('.gap-mark'),
    })),
  )
}

const tcpOf = async page => (await rowsOf(page)).filter(row => row.tcp)

async function openingAndEnd() {
  await opened(written('article', capture('article.pcapng')), { hash: '#stream=0' }, async page => {
    const rows = await rowsOf(page)
    same(rows.slice(0, 3).map(row => /SYN-ACK|SYN|ACK/.exec(row.label)?.[0]), ['SYN', 'SYN-ACK', 'ACK'], 'TCP opens')
    check(rows[2].label.includes('TCP is open'), 'and it is said when it is open')
    check(rows.slice(0, 3).every(row => row.tcp) && !rows[3].tcp && rows[3].label.includes('ClientHello'), 'before the first message')
    same(rows.filter(row => row.tcp).slice(3).map(row => /FIN, (.*)/.exec(row.label)[1]), ['from the server', 'from the client'], 'and ends with a FIN of each side')
    same(rows.filter(row => row.mark), [], 'nothing went wrong')
    for (const axis of ['handshake', 'whole']) {
      await page.check(`.ladder-choice input[value=${axis}]`, { force: true })
      const scaled = await tcpOf(page)
      same(scaled.length, axis === 'whole' ? 5 : 3, `segments of TCP to scale: ${axis}`)
    }
  })
  await opened(written('reset', capture('endings.pcap')), { hash: '#stream=0' }, async page => {
    const index = indexOf(written('reset', capture('endings.pcap')))
    let resets = 0
    for (let n = 0; n < index.rows.length; n++) {
      await goto(page, placeHash(index, n), `#connection[data-n="${n}"] .ladder-row`)
      resets += (await tcpOf(page)).filter(row => /RST/.test(row.label) && /reset: TCP ends here/.test(row.label)).length
    }
    check(resets > 0, 'a reset that ends TCP is a row, and said to be that')
  })
}

// The story counts what was sent again; each of these is on the ladder, though not each in a row of its own.
async function sentAgain() {
  const files = [capture('lossy.pcapng'), capture('lossy-sender.pcapng')],
    path = written('lossy', ...files),
    index = indexOf(path)
  const stories = command('read', '--json', ...files).split('\n').filter(Boolean).map(line => JSON.parse(line)).filter(story => story.client)
  let seen = 0
  await opened(path, {}, async page => {
    for (const [n, story] of stories.entries()) {
      await goto(page, placeHash(index, n), `#connection[data-n="${n}"] .ladder-row`)
      const again = (await tcpOf(page)).filter(row => row.mark === 1)
      const counted = again.reduce((sum, row) => sum + Number(/(\d+) retransmissions/.exec(row.label)?.[1] || 1), 0)
      const told = Object.values(story.tcp?.retransmissions || {}).reduce((sum, n) => sum + n, 0)
      check(again.every(row => /retransmission/.test(row.label)), 'and said to be that')
      check(counted >= told, `${index.files[index.rows[n].file]} stream ${story.stream}: ${counted} retransmissions on the ladder, ${told} in the story`)
      seen += counted
    }
  })
  check(seen > 10, `retransmissions are seen: ${seen}`)
}

// A finding stands at the message that it speaks of, whatever else its packet holds.
async function atItsMessage() {
  const path = written('alerts-server-certificate', capture('alerts-server-certificate.pcapng'))
  await opened(path, { hash: '#stream=0' }, async page => {
    const marked = await page.$$eval('.ladder-row', rows => rows.filter(row => row.querySelector('.severity-mark.is-fatal')).map(row => row.getAttribute('aria-label')))
    check(marked.length === 1 && /Certificate\b/.test(marked[0]) && !/Hello/.test(marked[0]), `the cause is at the Certificate: ${marked}`)
    await page.click('.finding.is-fatal .finding-facts a')
    await page.waitForSelector('#message')
    check((await page.locator('#message-title').innerText()) === 'Certificate', 'and leads there')
    same(await page.locator('.message-findings .is-fatal').count(), 1, 'where it is told')
    await page.click('.message-steps button:last-child')
    await page.waitForFunction(() => document.getElementById('message-title').textContent !== 'Certificate')
    same(await page.locator('.message-findings .is-fatal').count(), 0, 'and not at the next message of the packet')
  })
}

async function missing() {
  await opened(written('hole', capture('hole.pcapng')), { hash: '#stream=0' }, async page => {
    const holes = (await rowsOf(page)).filter(row => row.mark === 3)
    same(holes.length, 1, 'one hole')
    check(holes[0].hole && /bytes are missing before this/.test(holes[0].label), 'drawn, and said to be that')
    await goto(page, '#stream=1', '#connection[data-n="1"] .ladder-row')
    same((await rowsOf(page)).filter(row => row.mark || row.hole), [], 'none in the other connection')
  })
}

// What there is of a connection that never was TLS.
async function refused() {
  await opened(written('refused', failure('tcp-refused-curl.pcapng')), { hash: '#stream=0' }, async page => {
    const rows = await rowsOf(page)
    same(rows.map(row => [row.tcp, /SYN|RST/.exec(row.label)[0]]), [[true, 'SYN'], [true, 'RST']], 'a SYN that is refused')
  })
}

// The picker of records shows for each what --record tells of it.
async function records() {
  const file = capture('article.pcapng')
  const path = written('article-secrets', '--secrets', '--keylog', `${file}.keys`, file)
  await opened(path, { hash: '#stream=0' }, async page => {
    const options = await page.$$eval('#record-choice option', nodes => nodes.map(node => node.textContent))
    check(options.length > 4 && new Set(options).size === options.length, `records to choose from: ${options}`)
    for (const [i, text] of options.entries()) {
      const [, side, number] = /^(client|server) record (\d+): /.exec(text)
      const [story] = command('read', '--json', '--record', `${number}:${side}`, '--keylog', `${file}.keys`, file).split('\n').map(line => line && JSON.parse(line))
      await page.selectOption('#record-choice', String(i))
      const shown = await page.$$eval('#record-steps-list > li', nodes =>
        nodes.map(node => ({ name: node.querySelector('h4').firstChild.textContent, bytes: [...node.querySelectorAll('.hex-block')].pop()?.textContent.replace(/[ —]/g, '') || '' })),
      )
      same(shown, story.record_steps.map(step => ({ name: step.out ? step.out.name : step.id, bytes: step.out ? step.out.bytes : '' })), text)
    }
    check((await page.locator('#record-choice').evaluate(node => node.labels[0].textContent)) === 'Record', 'the picker has a name')
  })
}

export async function tests() {
  await test('ladder: TCP opens and ends', openingAndEnd)
  await test('ladder: what was sent again', sentAgain)
  await test('ladder: a finding at its message', atItsMessage)
  await test('ladder: what is missing', missing)
  await test('ladder: TCP that was refused', refused)
  await test('records: how each was protected', records)
}
