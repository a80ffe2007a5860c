// The walk: from the first message to the last; what is known never becomes unknown.
import { capture, check, failure, indexOf, opened, placeHash, same, test, written } from './browser.mjs'

// In the page: steps with the right arrow to the end, then Home and End.
async function walked() {
  const steps = []
  const press = key => {
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
    return new Promise(resolve => setTimeout(resolve, 20))
  }
  const now = () => {
    const [at, of] = document.querySelector('.walk-buttons span').textContent.match(/\d+/g).map(Number)
    const known = [...document.querySelectorAll('.walk-knows .knows')].map(panel => panel.querySelectorAll('.is-known, .is-new').length)
    const unknown = document.querySelectorAll('.walk-knows .is-unknown').length
    return { at, of, known, unknown, name: document.getElementById('walk-title').textContent, current: document.querySelectorAll('[aria-current=step]').length }
  }
  steps.push(now())
  while (steps.at(-1).at < steps.at(-1).of && steps.length < 200) {
    await press('ArrowRight')
    steps.push(now())
  }
  await press('ArrowRight')
  const end = now().at
  await press('Home')
  const home = now().at
  await press('End')
  return { steps, end, home, last: now().at }
}

async function walk(name, file) {
  const path = written(`walk-${name}`, file), index = indexOf(path)
  await opened(path, { hash: `${placeHash(index, 0)}&view=walk` }, async page => {
    const { steps, end, home, last } = await page.evaluate(walked)
    same(steps.map(step => step.at), steps.map((unused, i) => i + 1), 'one step after the other')
    same([end, home, last], [steps.length, 1, steps.length], 'it ends at the last; Home and End')
    check(steps.every(step => step.current === 1 && step.name), 'each is the current one, and has a name')
    check(steps.every((step, i) => !i || step.known.every((n, who) => n >= steps[i - 1].known[who])), 'nothing is forgotten')
    // a page whose messages say nothing of what they make known has empty panels
    const items = steps[0].unknown + steps[0].known.reduce((sum, n) => sum + n, 0)
    check(!items || steps[0].known.some(n => n > 0), 'the first message makes something known')
    same(steps.at(-1).unknown, 0, 'what is not known at the end')
  })
}

export async function tests() {
  const files = { full: 'article.pcapng', resumed: 'resumption-tls12.pcapng', retry: 'hello-retry.pcapng', 'client certificate': 'client-certificates.pcapng', psk: 'psk-tls13.pcapng', early: 'early-data-psk.pcapng' }
  for (const [name, file] of Object.entries(files)) await test(`walk: ${name}`, () => walk(name.replace(' ', '-'), capture(file)))
  await test('walk: failed', () => walk('failed', failure('certificate-expired-openssl-12.pcapng')))
}
