// The data of the page: an index, and blocks of connections that are unpacked when one of them is opened.
import { bytesFrom64 } from './encoded.js'
import { speak, useSentences } from './language.js'
import { restoredConnection } from './restore.js'

const BLOCKS_KEPT = 4 // unpacked at a time

let indexObject = null
let indexRows = null
let blockNodes = null
const blocksUnpacked = new Map() // number → Promise of the block, the one used last at the end

async function unpacked(node) {
  const stream = new Blob([bytesFrom64(node.textContent.trim())]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

// Sentences are marked by \u0001 to \u0003, for which the file has characters that JSON does not escape.
function parsedJson(bytes) {
  const text = new TextDecoder().decode(bytes)
  return JSON.parse(text.replaceAll('\u0081', '\\u0001').replaceAll('\u0082', '\\u0002').replaceAll('\u0083', '\\u0003'))
}

// Unpacks the index; everything else here needs it.
export async function loadIndex() {
  const node = document.getElementById('index')
  if (!node)
    throw new Error('this page has no data')
  indexObject = parsedJson(await unpacked(node))
  useSentences(indexObject.sentences)
  return indexObject
}

export function index() {
  return indexObject
}

// One object for each connection by the names of the index's columns, and its number .n.
export function rows() {
  if (!indexRows) {
    const columns = indexObject.columns
    indexRows = indexObject.rows.map((values, n) => {
      const row = { n }
      for (let i = 0; i < columns.length; i++)
        row[columns[i]] = values[i]
      return row
    })
  }
  return indexRows
}

// The script runs while the browser still reads the blocks, which are behind it.
function wholePage() {
  return document.readyState !== 'loading' ? Promise.resolve()
    : new Promise(resolve => document.addEventListener('DOMContentLoaded', resolve, { once: true }))
}

async function unpackedBlock(number) {
  await wholePage()
  blockNodes = blockNodes || document.querySelectorAll('script.block')
  if (!blockNodes[number])
    throw new Error('this page has no block ' + number)
  const whole = await unpacked(blockNodes[number])
  const length = Number(blockNodes[number].dataset.json)
  return { ...parsedJson(whole.subarray(0, length)), bytes: whole.subarray(length) }
}

function blockOf(number) {
  let promise = blocksUnpacked.get(number)
  if (!promise)
    promise = unpackedBlock(number)
  blocksUnpacked.delete(number)
  blocksUnpacked.set(number, promise)
  if (blocksUnpacked.size > BLOCKS_KEPT)
    blocksUnpacked.delete(blocksUnpacked.keys().next().value)
  return promise
}

// Promise of what is known of connection n.
export async function detail(n) {
  const row = rows()[n]
  return restoredConnection(await blockOf(row.block), row.position)
}

// Promise of certificate n.
export async function certificate(n) {
  const [number, position] = indexObject.certificates[n]
  return (await blockOf(number)).certificates[position]
}

export function fieldName(f) {
  return indexObject.fields[f][0]
}

// The message or extension that the field belongs to.
export function fieldPlace(f) {
  return indexObject.fields[f][1]
}

// What the field is for, as a sentence; '' when there is none.
export function fieldText(f) {
  return speak(indexObject.fields[f][2])
}

// The name of a code point in a registry, or null.
export function codeName(registry, number) {
  const names = indexObject.codes[registry]
  return names && names[number] || null
}

// A file as people call it: without its folders.
export function fileName(number) {
  return String(indexObject.files[number] || '').split(/[\\/]/).pop()
}
