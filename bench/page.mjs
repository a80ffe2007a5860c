// How long a page takes to open in headless Chromium, each time in a browser of its own.   node page.mjs RUNS FILE...
//
// Prints one JSON object: for each file a list of {paint, interactive, heap}. ms from the start of the navigation: until
// the frame with the first row of the table has been painted, and until the page is ready and its thread answers. heap:
// bytes of JavaScript's heap then. CHROMIUM names the browser.
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const [runs, ...files] = process.argv.slice(2)

// In the page, before its own script: a frame is painted when the task after it begins.
function watch() {
  const marks = {}
  const painted = name => requestAnimationFrame(() => setTimeout(() => (marks[name] = performance.now())))
  const seen = new Set()
  const look = () => {
    for (const [name, selector] of [['paint', '.row[data-n]'], ['interactive', 'html[data-ready=true]']])
      if (!seen.has(name) && document.querySelector(selector)) {
        seen.add(name)
        painted(name)
      }
    if (seen.size < 2) requestAnimationFrame(look)
  }
  look()
  globalThis.openingMarks = marks
}

async function opened(file) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } })
    await page.addInitScript(watch)
    await page.goto(pathToFileURL(file).href)
    await page.waitForFunction(() => openingMarks.paint && openingMarks.interactive, null, { timeout: 120000 })
    return await page.evaluate(() => ({ ...openingMarks, heap: performance.memory.usedJSHeapSize }))
  } finally {
    await browser.close()
  }
}

const results = {}
for (let run = 0; run < Number(runs); run++)
  for (const file of files) (results[file] ??= []).push(await opened(file))
console.log(JSON.stringify(results))
