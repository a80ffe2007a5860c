// The pictures of the page for the documents: at 1440 px, one pixel for each.   node screenshots.mjs FOLDER
import { join } from 'node:path'
import { capture, failure, opened, start, stop, written } from './browser.mjs'

const folder = process.argv[2]

async function picture(name, path, view, selector, height, scrollTo = null, pointAt = null) {
  await opened(path, { ...view, height }, async page => {
    await page.waitForSelector(selector)
    if (scrollTo) await page.evaluate(to => document.querySelector(to).scrollIntoView({ block: 'start', behavior: 'instant' }), scrollTo)
    await page.evaluate(() => document.activeElement.blur())
    if (pointAt) await page.hover(pointAt)
    await page.waitForTimeout(300)
    await page.screenshot({ path: join(folder, `${name}.png`) })
    console.log(name)
  })
}

await start()
const article = written('article', capture('article.pcapng'))
const several = written('several-failures', ...['alerts-negotiation', 'alerts-server-certificate', 'versions-mixed', 'resumption-tls12'].map(name => capture(`${name}.pcapng`)))
const failed = written('expired', failure('certificate-expired-openssl-12.pcapng'))
await picture('overview', several, {}, '#table', 1000)
await picture('ladder', article, { hash: '#stream=0', dark: true }, '.ladder-row', 1000, '.ladder')
await picture('message', article, { hash: '#stream=0&message=1' }, '.message-bytes .field-bytes', 1000, '.message-bytes', '.message-bytes .field:nth-child(5)')
await picture('walk', article, { hash: '#stream=0&view=walk&message=4', zh: true }, '#walk', 1000)
await picture('failure', failed, { hash: '#stream=0', zh: true, dark: true }, '#story', 1000)
await stop()
