// What a peer, or who named the file, put into a capture stays text: no element, no attribute, no direction of writing.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check, goto, opened, python, same, test, written } from './browser.mjs'

// In the page: whatever is not of the page's own making.
function foreign() {
  const wrong = []
  if (window.owned !== undefined) wrong.push(`a script ran: ${window.owned}`)
  for (const node of document.querySelectorAll('body *')) {
    const tag = node.tagName.toLowerCase()
    if (['img', 'iframe', 'object', 'embed', 'link', 'base', 'meta', 'form'].includes(tag) && !node.closest('dialog')) wrong.push(`a ${tag}`)
    if (tag === 'script' && !/^(text\/plain|application\/json|module)$/.test(node.type)) wrong.push(`a script of type "${node.type}"`)
    for (const { name, value } of node.attributes) {
      if (/^on/i.test(name)) wrong.push(`${tag} has ${name}`)
      if (name === 'href' && !value.startsWith('#')) wrong.push(`${tag} points at ${value}`)
    }
  }
  if (document.querySelectorAll('script[type=module]').length !== 1) wrong.push('another module')
  // controls, and what turns the direction of writing around, would act on the words beside them
  const acts = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (!node.parentNode.closest('script') && acts.test(node.data)) wrong.push(`acts in ${node.parentNode.className || node.parentNode.tagName}: ${JSON.stringify(node.data.slice(0, 200))}`)
  for (const node of document.querySelectorAll('[title], [aria-label]'))
    for (const name of ['title', 'aria-label'])
      if (acts.test(node.getAttribute(name) || '')) wrong.push(`acts in ${name} of ${node.className}: ${JSON.stringify(node.getAttribute(name).slice(0, 200))}`)
  return wrong.slice(0, 12)
}

async function hostile(path) {
  await opened(path, {}, async page => {
    for (const hash of ['#sort=server', '#stream=0', ...[0, 1, 2, 3, 4].map(m => `#stream=0&message=${m}`), '#stream=0&view=walk&message=4']) {
      await goto(page, hash, hash.includes('walk') ? '#walk' : hash.includes('message') ? `#message[data-message="${hash.at(-1)}"]` : hash.includes('stream') ? '#story' : '#table')
      await page.waitForFunction(() => !document.querySelector('.message-bytes:empty'))
      await page.evaluate(() => {
        for (const node of document.querySelectorAll('details')) node.open = true
      })
      await page.waitForTimeout(30)
      same(await page.evaluate(foreign), [], hash)
      if (!/message=[34]/.test(hash)) check((await page.locator('#main').innerText()).includes('owned'), `${hash}: the text is there`)
    }
    await goto(page, '#', '#table')
    const clauses = await page.locator('[data-clause]').count()
    check(clauses > 3, 'charts filter')
    for (const id of ['servers', 'certificates']) {
      const row = page.locator(`#${id} .chart-row`).first()
      if (!(await row.count())) continue
      await row.click()
      await page.waitForFunction(() => location.hash.includes('filter='))
      same(await page.locator('.filter-error-text').count(), 0, `a filter of ${id} is well formed`)
      same(await page.getAttribute('#table', 'aria-rowcount'), '2', `and chooses what it was made of: ${id}`)
      await goto(page, '#', '#table')
    }
    same(await page.evaluate(() => window.owned), undefined, 'nothing ran')
  })
  const text = readFileSync(path, 'utf8')
  check(!/owned/.test(text), 'nothing of it is in the file as it stands')
}

// Even a script that got in could not call home.
async function policy(path) {
  const text = readFileSync(path, 'utf8')
  const found = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text)[1]
  for (const part of ["default-src 'none'", "base-uri 'none'", "form-action 'none'"]) check(found.includes(part), part)
  check(!/unsafe|https?:|\*/.test(found) && /script-src 'sha256-[^ ;]+'/.test(found) && /style-src 'sha256-/.test(found), found)
  check(!/<(?:link|img|iframe)\b|\bsrc=|@import|url\(/i.test(text.replace(/<script type="module"[^>]*>[\s\S]*/, '')), 'the file points nowhere')
}

export async function tests() {
  const folder = mkdtempSync(join(tmpdir(), 'wiretale-page-'))
  try {
    const path = written('hostile', python('page/hostile.py', folder))
    await test('hostile: it stays text', () => hostile(path))
    await test('hostile: the policy', () => policy(path))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
