// The rows of the ladder: messages and what TCP adds to them, in the order in which they were captured.
import { _, ngettext, format, speak } from './language.js'
import { segmentOf, segmentName, isControl, waitBefore } from './waits.js'
import {
  isQuic,
  isData,
  isProtected,
  isToldInRun,
  packetName,
  framesText,
  packetRemark,
  packetMark,
  restText,
} from './datagrams.js'

const ROW_FOLD_FROM = 12,
  ROW_FOLD_KEEP = 4 // runs of application data that are longer are folded
const ROW_WAIT_SHARE = 0.03 // of the whole time: shorter gaps get no row of their own
const ROW_WAIT_LEAST = 50e3 // ns

const KIND = { message: 0, run: 1, exchanges: 2, hidden: 3, early: 4 }

function markText(row) {
  switch (row.mark) {
    case 1:
      return row.count > 1
        ? format(ngettext('%d retransmission', '%d retransmissions', row.count), row.count)
        : _('retransmission')
    case 2:
      return _('out of order')
    case 3:
      return _('bytes are missing before this')
    case 4:
      return _('keep-alive')
    case 5:
      return _('the capture has this packet twice')
    default:
      return ''
  }
}

function tcpRow(segment, story) {
  const name = isControl(segment) || !segment.length ? segmentName(segment) : _('TCP segment')
  const reset = story.tcp && story.tcp.reset
  const row = {
    kind: 'tcp',
    t: segment.t,
    frame: segment.frame,
    from: segment.from,
    name,
    size: segment.length,
    mark: segment.mark,
    flags: segment.flags,
    count: 1,
    lost: false,
  }
  row.remark = reset && reset.frame === segment.frame ? _('reset: TCP ends here') : ''
  return row
}

// TCP's opening, its end, and what did not go smoothly; plain data segments are in the messages.
function tcpRows(detail) {
  const rows = []
  let opened = false,
    answered = false
  for (const segment of (detail.segments || []).map(segmentOf)) {
    const name = segmentName(segment)
    const ack = answered && !opened && segment.from === 0 && name === 'ACK' && !segment.mark
    if (name === 'SYN-ACK') answered = true
    if (ack) opened = true
    if (!ack && !isControl(segment) && !segment.mark) continue
    const row = tcpRow(segment, detail.story)
    const last = rows[rows.length - 1]
    // TRANSLATORS: beside the third segment of TCP's opening
    if (ack && !segment.length) row.remark = _('TCP is open')
    if (ack && segment.length) continue
    if (last && row.mark && last.mark === row.mark && last.from === row.from && !isControl(segment)) {
      last.count++
      last.size += row.size
      last.until = row.t
    } else rows.push(row)
  }
  for (const row of rows) row.remark = [row.remark, markText(row)].filter(Boolean).join(_(', '))
  return rows
}

function messageRow(m, i) {
  const row = {
    kind: 'message',
    t: m.t,
    frame: m.frame,
    from: m.from,
    i,
    m,
    name: messageName(m),
    size: messageSize(m),
    remark: speak(m.remark || ''),
    encrypted: !!m.encrypted,
    opened: !!m.opened,
    mark: 0,
    run: m.kind === KIND.run || m.kind === KIND.exchanges,
  }
  row.both =
    m.kind === KIND.exchanges ||
    !!(m.data && m.data.client && m.data.client.records && m.data.server && m.data.server.records)
  return row
}

export function messageName(m) {
  return speak(m.name || '') || _('encrypted')
}

export function messageSize(m) {
  if (m.data) return ['client', 'server'].reduce((sum, side) => sum + ((m.data[side] && m.data[side].bytes) || 0), 0)
  if (m.pieces && m.pieces.length) return m.pieces.reduce((sum, piece) => sum + piece[2], 0)
  return m.length || 0
}

// --- QUIC and DTLS ---

function packetRow(one, at, detail) {
  const frames = framesText(one)
  return {
    kind: 'packet',
    t: one.t,
    frame: one.frame,
    from: one.from,
    datagram: at,
    name: frames ? `${packetName(one)}: ${frames}` : packetName(one),
    size: one.sent,
    remark: packetRemark(one),
    encrypted: isProtected(one),
    opened: one.opened,
    mark: packetMark(one, detail),
    run: isData(one),
    both: false,
  }
}

// The first message that a packet completes is called after it, too; beside the last is what else the packet has.
function packetMessages(one, detail) {
  return one.messages.map((i, n) => {
    const row = messageRow(detail.messages[i], i)
    const before = n ? '' : packetRemark(one),
      rest = n === one.messages.length - 1 ? restText(one) : ''
    row.remark = [row.remark, before, rest].filter(Boolean).join(_(', '))
    if (n) return row
    row.name = `${packetName(one)}: ${row.name}`
    row.mark = packetMark(one, detail)
    return row
  })
}

// A record's messages; of what completes none a row of its own.
function recordRows(one, at, detail) {
  if (one.messages.length) return one.messages.map(i => messageRow(detail.messages[i], i))
  return isToldInRun(one) ? [] : [packetRow(one, at, detail)]
}

// Packet by packet; messages of packets that are not on the page by their own times.
function packetRows(detail) {
  const rows = detail.datagrams.flatMap((one, at) => {
    if (one.protocol === 'dtls') return recordRows(one, at, detail)
    return one.messages.length ? packetMessages(one, detail) : [packetRow(one, at, detail)]
  })
  const placed = new Set(detail.datagrams.flatMap(one => one.messages))
  detail.messages.forEach((m, i) => placed.has(i) || rows.push(messageRow(m, i)))
  return rows.map((row, i) => [row, i]).sort(([a, i], [b, j]) => a.t - b.t || i - j).map(([row]) => row)
}

// By time; what a packet's message and its FIN share goes by this order, as the stream has it.
function mergeRows(messages, tcp) {
  const rows = []
  let j = 0
  for (const message of messages) {
    while (
      j < tcp.length &&
      (tcp[j].t < message.t || (tcp[j].t === message.t && !tcp[j].remark && !(tcp[j].flags & 1)))
    )
      rows.push(tcp[j++])
    rows.push(message)
  }
  return rows.concat(tcp.slice(j))
}

function withWaits(detail, rows) {
  if (rows.length < 2) return rows
  const segments = (detail.segments || []).map(segmentOf)
  const whole = rows[rows.length - 1].t - rows[0].t
  const least = Math.max(ROW_WAIT_LEAST, whole * ROW_WAIT_SHARE)
  const told = []
  rows.forEach((row, i) => {
    const last = rows[i - 1]
    if (last) {
      row.wait = waitBefore(detail, segments, { ...last, t: last.until || last.t }, row)
      const handshake = detail.story.handshake_duration ? detail.story.handshake_duration * 1e9 : 0
      const share = row.t <= handshake && handshake ? Math.max(ROW_WAIT_LEAST, handshake * ROW_WAIT_SHARE) : least
      if (row.wait.gap >= share) told.push({ kind: 'wait', t: last.t, until: row.t, wait: row.wait, from: row.from })
    }
    told.push(row)
  })
  return told
}

// A long run of rows with application data: its first and last, and one row that opens the rest.
function foldRuns(rows, unfolded) {
  const kept = []
  for (let i = 0; i < rows.length;) {
    let end = i
    while (end < rows.length && (rows[end].run || (rows[end].kind === 'wait' && rows[end + 1] && rows[end + 1].run)))
      end++
    if (end - i >= ROW_FOLD_FROM && !unfolded.has(i)) {
      const hidden = rows.slice(i + ROW_FOLD_KEEP, end - ROW_FOLD_KEEP)
      kept.push(
        ...rows.slice(i, i + ROW_FOLD_KEEP),
        {
          kind: 'fold',
          at: i,
          t: hidden[0].t,
          count: hidden.filter(row => row.kind !== 'wait').length,
          size: hidden.reduce((sum, row) => sum + (row.size || 0), 0),
        },
        ...rows.slice(end - ROW_FOLD_KEEP, end),
      )
    } else kept.push(...rows.slice(i, Math.max(end, i + 1)))
    i = Math.max(end, i + 1)
  }
  return kept
}

const CONTENT_NAMES = { 20: 'change_cipher_spec', 21: 'alert', 23: 'application_data', 24: 'heartbeat' }

// Is it the message that a finding speaks of: its packet may hold others.
function isNamed(m, finding) {
  return m.frame === finding.frame && (m.type_name || CONTENT_NAMES[m.content]) === finding.message
}

// The message that a finding is about, or the first of its packet.
export function messageOf(detail, finding) {
  const messages = finding.frame ? detail.messages || [] : []
  return messages.find(m => isNamed(m, finding)) || messages.find(m => m.frame === finding.frame) || null
}

// Findings go to the message that they speak of; else to the first row of their packet, or of the first after it.
function markFindings(detail, rows) {
  for (const [n, finding] of (detail.story.findings || []).entries()) {
    if (!finding.frame) continue
    const ends = rows.filter(row => ['message', 'tcp', 'packet'].includes(row.kind))
    const row =
      ends.find(other => other.m && isNamed(other.m, finding)) ||
      ends.find(other => other.frame === finding.frame) ||
      ends.find(other => other.frame > finding.frame)
    if (row) (row.findings = row.findings || []).push({ ...finding, n })
  }
}

export function ladderRows(detail, unfolded = new Set()) {
  const packets = isQuic(detail) || detail.story.dtls
  const rows = packets ? packetRows(detail) : mergeRows((detail.messages || []).map(messageRow), tcpRows(detail))
  markFindings(detail, rows)
  return { all: rows, shown: foldRuns(withWaits(detail, rows), unfolded) }
}

// Is it a message of the handshake's, as the walk goes through them: not data, and not what only counts records.
export function isStep(m) {
  return m.kind !== KIND.run && m.kind !== KIND.exchanges
}
