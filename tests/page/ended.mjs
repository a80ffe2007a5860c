// A browser or a page's process that ends, as on a machine without memory, costs a second try and no test.
import { capture, check, opened, test, written } from './browser.mjs'

const WAYS = {
  browser: async page => (await page.context().browser().newBrowserCDPSession()).send('Browser.crash'),
  "page's process": async page => (await page.context().newCDPSession(page)).send('Page.crash'),
  page: page => page.close(), // and its browser is still there, as for a moment when that ends
}

export async function tests() {
  const path = written('ended', capture('article.pcapng'))
  for (const [what, end] of Object.entries(WAYS)) {
    let tries = 0
    await test(`a ${what} that ends is asked again`, () =>
      opened(path, {}, async page => {
        if (++tries === 1) await Promise.all([page.waitForSelector('#never'), end(page).catch(() => {})])
        check(tries === 2, `tried ${tries} times`)
      }),
    )
  }
}
