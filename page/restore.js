// A connection as the views take it, from what the file holds of it: docs/page.md says how that is told.
import { base64Of, bytesFrom64, bytesFromHex, hexOfBytes } from './encoded.js'
import { nanoseconds } from './time.js'

// A number that a reader of JSON would have made of the bytes.
function bigEndian(bytes, offset, length) {
  let number = 0
  if (length > 6) return Number(BigInt('0x' + hexOfBytes(bytes, offset, offset + length)))
  for (let i = offset; i < offset + length; i++) number = number * 256 + bytes[i]
  return number
}

// Rows of fields: of a number (kind 0) or code point (1) without a value, its bytes are the value.
function restoredFields(layout, bytes) {
  return layout.map(([...row]) => {
    if (row[5] <= 1 && (row[6] === undefined || row[6] === null)) row[6] = bigEndian(bytes, row[2], row[4])
    return row
  })
}

// --- records and packets ---

function recordLength(record) {
  return record.header.length / 2 + record.length
}

// `before`: the record before it in the list, of either side.
function restoredRecord([value, ...rest], before, values) {
  const kind = values[value]
  let [number, offset, ...numbers] = rest
  if (rest.length === 1) {
    const follows = before && before.from === kind.from
    number = follows ? before.number + 1 : 1
    offset = follows ? before.offset + recordLength(before) : 0
    numbers = [rest[0], offset, recordLength(kind)]
  }
  const places = []
  for (let i = 0; i < numbers.length; i += 3)
    places.push({ ...(numbers[i] ? { frame: numbers[i] } : {}), offset: numbers[i + 1], length: numbers[i + 2] })
  return { ...kind, number, offset, places }
}

function restoredRecords(rows, values) {
  const records = []
  for (const row of rows) records.push(restoredRecord(row, records[records.length - 1], values))
  return records
}

function restoredFindings(pairs, values) {
  const findings = []
  for (let i = 0; i < pairs.length; i += 2)
    findings.push({ ...values[pairs[i]], ...(pairs[i + 1] ? { frame: pairs[i + 1] } : {}) })
  return findings
}

// A time of RFC 3339 so many ns later, with as many digits.
function later(start, ns) {
  const digits = (/\.(\d+)Z$/.exec(start) || ['', ''])[1].length
  const total = nanoseconds(start) + BigInt(ns)
  const whole = new Date(Number(total / 1000000000n) * 1000).toISOString().slice(0, 19)
  const part = String(total % 1000000000n).padStart(9, '0').slice(0, digits)
  return whole + (part ? '.' + part : '') + 'Z'
}

function restoredPacket([kind, frame, when], headers, values, start) {
  const { fields, kept, ...rest } = values[kind]
  return {
    packet: {
      ...rest,
      frame,
      time: typeof when === 'string' ? when : later(start, when),
      headers: hexOfBytes(headers),
    },
    layers: fields.map(layer => ({
      ...layer,
      fields: restoredFields(values[layer.fields], headers.subarray(layer.offset, layer.offset + layer.length)),
    })),
  }
}

// `at`: of the headers of the first among the block's bytes; those of the others follow.
function restoredPackets(rows, at, { values, bytes }, start) {
  return rows.map(row => {
    const headers = bytes.subarray(at, (at += values[row[0]].kept))
    return restoredPacket(row, headers, values, start)
  })
}

// --- datagrams: packets of QUIC, records of DTLS ---

// `times`: of the packets that carried them, by their frames.
function restoredDatagram([at, value, frame, number, offset, sent, span, hidden = [], remark], times, { values, bytes: ofBlock }) {
  const kind = values[value],
    [from, length] = values[span]
  const bytes = ofBlock.subarray(from, from + length)
  return {
    ...kind,
    at,
    frame,
    number,
    offset,
    sent,
    bytes,
    hidden,
    from: kind.from === 'server' ? 1 : 0,
    t: times.get(frame),
    fields: restoredFields(values[kind.fields], bytes),
    messages: [],
    ...(remark === undefined ? {} : { remark: values[remark] }),
  }
}

// Packets whose time is not known are taken to come with the one before.
function restoredDatagrams(rows, packets, block) {
  const times = new Map(packets.filter(([, , when]) => typeof when === 'number').map(([, frame, when]) => [frame, when]))
  const datagrams = rows.map(row => restoredDatagram(row, times, block))
  datagrams.forEach((one, i) => {
    if (one.t === undefined) one.t = i ? datagrams[i - 1].t : 0
  })
  return datagrams
}

const LEVEL_OF = { initial: 'initial', '0rtt': '0rtt', handshake: 'handshake', '1rtt': '1rtt' }

// The packet or the record that completed the message; records have a part of it before that, too.
function placeMessages(detail) {
  const records = new Map(),
    isPacket = m => one => one.frame === m.frame && one.from === m.from && LEVEL_OF[one.type] === m.level
  for (const one of detail.datagrams) if (one.protocol === 'dtls') records.set(`${one.from} ${one.at}`, one)
  detail.messages.forEach((m, i) => {
    const place = m.level ? detail.datagrams.find(isPacket(m)) : records.get(`${m.from} ${m.record}`)
    if (place) place.messages.push(i)
    for (const [number] of m.pieces || []) {
      const one = records.get(`${m.from} ${number}`)
      if (one) one.carries = { ...one.carries, [m.type]: m.type_name }
    }
  })
}

// --- messages ---

function restoredMessage([kind, t, frame, body, remark], { values, bytes: ofBlock }) {
  const { notes = [], ...m } = values[kind]
  m.t = t
  if (frame) m.frame = frame
  m.explain = values[m.explain]
  if (body !== undefined && body !== null) m.body = base64Of(ofBlock, ...values[body])
  if (remark !== undefined) m.remark = values[remark]
  const bytes = bytesFrom64(m.body)
  if (m.fields !== undefined) m.fields = restoredFields(values[m.fields], bytes)
  if (m.header_fields !== undefined) m.header_fields = restoredFields(values[m.header_fields], bytesFromHex(m.header))
  if (m.record_fields !== undefined)
    m.record_fields = restoredFields(values[m.record_fields], bytesFromHex(m.record_header))
  for (let i = 0; i < notes.length; i += 2) m.fields[notes[i]][7] = notes[i + 1]
  if (m.learns !== undefined)
    m.learns = values[m.learns].map(([who, item, offset, length]) =>
      length ? [who, item, hexOfBytes(bytes, offset, offset + length)] : [who, item],
    )
  return m
}

// A line or several; a line with a number between its two parts.
function restoredLines(v, values) {
  return Array.isArray(v) ? values[v[0]] + v[1] + values[v[2]] : values[v]
}

// Connection `position` of an unpacked block.
export function restoredConnection(block, position) {
  const values = block.values
  const { kind, findings, certificates, records, headers, packets, told, messages, datagrams, ...stored } = block.connections[position]
  const { records_dropped, packets_dropped, ...rest } = stored
  const story = { ...values[kind], ...rest.story }
  const detail = { ...rest, story }
  if (findings.length) story.findings = restoredFindings(findings, values)
  for (const side of Object.keys(certificates)) {
    story.certificates = story.certificates || {}
    story.certificates[side] = certificates[side].map(v => values[v])
  }
  story.records = restoredRecords(records, values)
  const restored = restoredPackets(packets, headers, block, story.start)
  story.packets = restored.map(one => one.packet)
  detail.packets = restored.map(one => one.layers)
  if (records_dropped) story.records_dropped = records_dropped
  if (packets_dropped) story.packets_dropped = packets_dropped
  for (const [part, lines] of Object.entries(told)) detail[part] = lines.flatMap(v => restoredLines(v, values))
  detail.messages = messages.map(row => restoredMessage(row, block))
  detail.datagrams = restoredDatagrams(datagrams || [], packets, block)
  placeMessages(detail)
  return detail
}
