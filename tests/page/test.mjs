// Runs all tests of the page, or those whose files are named.
import { start, stop } from './browser.mjs'

const FILES = ['overview.mjs', 'filter.mjs', 'bytes.mjs', 'ladder.mjs', 'walk.mjs', 'datagrams.mjs', 'manners.mjs', 'hostile.mjs', 'ended.mjs']

await start()
for (const name of process.argv.length > 2 ? process.argv.slice(2) : FILES) await (await import(`./${name}`)).tests()
process.exit(await stop())
