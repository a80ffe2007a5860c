// The fields that the page carries, by the names that `wiretale fields` lists, and how each is read out of a row.
import { N_ } from './language.js'
import { index } from './data.js'

const FIELD_STATES = ['established', 'failed', 'incomplete']
const FIELD_PROTOCOLS = ['tls', 'dtls', 'quic', 'ssl2', 'tlcp']
const FIELD_RESUMPTIONS = ['session_id', 'ticket', 'psk']
const FIELD_EARLY = ['accepted', 'rejected']
const FIELD_KEYS = ['keylog', 'dsb', 'rsa_key', 'psk', 'null_cipher']

// by their numbers in a row
export const SEVERITIES = ['notice', 'warning', 'error', 'fatal']

const present = (value) => value === null || value === undefined || value === '' ? [] : [value]
const column = (name) => (row) => present(row[name])
const isDatagram = (row) => row.protocol === 'dtls' || row.protocol === 'quic'
const over = (datagram, values) => (row) => isDatagram(row) === datagram ? values(row) : []
const isSix = (address) => String(address).includes(':')
const bothPorts = (row) => [row.client_port, row.server_port]
const bothIps = (six) => (row) => [row.client_ip, row.server_ip].filter((address) => isSix(address) === six)
const there = (test) => (row) => test(row) ? [1] : []
const endOf = (row) => row.duration === null ? [] : [row.seen + row.duration]

export const VERSION_NUMBERS = {
  'SSL 2.0': 0x0002, 'SSL 3.0': 0x0300, 'TLS 1.0': 0x0301, 'TLS 1.1': 0x0302, 'TLS 1.2': 0x0303, 'TLS 1.3': 0x0304, 'TLCP 1.1': 0x0101,
  'DTLS 1.0': 0xfeff, 'DTLS 1.2': 0xfefd, 'DTLS 1.3': 0xfefc,
}

const codesByName = new Map() // registry → Map of names to numbers, as far as the page has them

export function codesOfNames(registry) {
  if (!codesByName.has(registry)) {
    const names = new Map(registry === 'version' ? Object.entries(VERSION_NUMBERS) : [])
    for (const [number, name] of Object.entries(index().codes && index().codes[registry] || {}))
      names.set(name, Number(number))
    if (registry === 'cipher_suite')
      for (const row of index().summary && index().summary.cipher_suites || [])
        names.set(row.cipher_suite, Number(row.cipher_suite_id))
    codesByName.set(registry, names)
  }
  return codesByName.get(registry)
}

// A code point is carried by its name; one without a name by its digits.
function codePoint(name, registry) {
  return (row) => present(row[name]).map((text) => {
    const known = codesOfNames(registry).get(text)
    return { name: text, number: known === undefined ? Number(text) : known }
  })
}

const PAGE_FIELDS = [
  ['tls', 'presence', N_('SSL or TLS'), there((row) => !isDatagram(row))],
  ['ssl2', 'presence', N_('SSL 2.0'), there((row) => row.protocol === 'ssl2')],
  ['dtls', 'presence', N_('DTLS'), there((row) => row.protocol === 'dtls')],
  ['quic', 'presence', N_('QUIC'), there((row) => row.protocol === 'quic')],
  ['tcp', 'presence', N_('Over TCP'), there((row) => !isDatagram(row))],
  ['udp', 'presence', N_('Over UDP'), there(isDatagram)],
  ['ip', 'presence', N_('Over IPv4'), there((row) => !isSix(row.client_ip))],
  ['ipv6', 'presence', N_('Over IPv6'), there((row) => isSix(row.client_ip))],
  ['ip.addr', 'address', N_('IPv4 address of either side'), bothIps(false)],
  ['ip.src', 'address', N_('IPv4 source address: either side, since packets flow both ways'), bothIps(false)],
  ['ip.dst', 'address', N_('IPv4 destination address: either side'), bothIps(false)],
  ['ipv6.addr', 'address', N_('IPv6 address of either side'), bothIps(true)],
  ['ipv6.src', 'address', N_('IPv6 source address: either side'), bothIps(true)],
  ['ipv6.dst', 'address', N_('IPv6 destination address: either side'), bothIps(true)],
  ['ip.version', 'number', N_('4 or 6'), (row) => [isSix(row.client_ip) ? 6 : 4]],
  ['tcp.port', 'number', N_('TCP port of either side'), over(false, bothPorts)],
  ['tcp.srcport', 'number', N_('TCP source port: either side'), over(false, bothPorts)],
  ['tcp.dstport', 'number', N_('TCP destination port: either side'), over(false, bothPorts)],
  ['tcp.stream', 'number', N_('Number of the TCP conversation, from 0'), over(false, column('stream'))],
  ['udp.port', 'number', N_('UDP port of either side'), over(true, bothPorts)],
  ['udp.srcport', 'number', N_('UDP source port: either side'), over(true, bothPorts)],
  ['udp.dstport', 'number', N_('UDP destination port: either side'), over(true, bothPorts)],
  ['udp.stream', 'number', N_('Number of the UDP conversation, from 0'), over(true, column('stream'))],
  ['frame.time', 'time', N_('Time of the first and last TLS byte'), (row) => [row.seen, ...endOf(row)]],
  ['tls.handshake.extensions_server_name', 'string', N_('Requested server name (SNI)'), column('sni')],
  ['tls.handshake.ja3', 'string', N_('JA3 of the ClientHello'), column('ja3')],
  ['tls.handshake.ja3s', 'string', N_('JA3S of the ServerHello'), column('ja3s')],
  ['tls.handshake.ja4', 'string', N_('JA4 of the ClientHello'), column('ja4')],
  ['file', 'string', N_('Input file, as given on the command line'), (row) => present(index().files[row.file])],
  ['stream', 'number', N_('Number of the conversation, from 0'), column('stream')],
  ['transport', 'string', N_('tcp, udp'), (row) => [isDatagram(row) ? 'udp' : 'tcp'], { words: ['tcp', 'udp'] }],
  ['protocol', 'string', N_('tls, ssl2, dtls, quic, tlcp'), column('protocol'), { words: FIELD_PROTOCOLS }],
  ['client.ip', 'address', N_('The client\'s address'), column('client_ip')],
  ['client.port', 'number', N_('The client\'s port'), column('client_port')],
  ['server.ip', 'address', N_('The server\'s address'), column('server_ip')],
  ['server.port', 'number', N_('The server\'s port'), column('server_port')],
  ['first_frame', 'number', N_('First packet'), column('first_frame')],
  ['last_frame', 'number', N_('Last packet'), column('last_frame')],
  ['start', 'time', N_('Time of the first TLS byte'), column('seen')],
  ['end', 'time', N_('Time of the last TLS byte'), endOf],
  ['duration', 'seconds', N_('Time from start to end, in seconds'), column('duration')],
  ['handshake_duration', 'seconds', N_('Time until both sides had finished the handshake, in seconds'), column('handshake_duration')],
  ['starttls', 'string', N_('Protocol that was upgraded to TLS: smtp, imap, …'), column('starttls')],
  ['state', 'string', N_('established, failed, incomplete'), column('state'), { words: FIELD_STATES }],
  ['failed_later', 'boolean', N_('Established, and failed after the handshake'), (row) => [row.state === 'established' && row.severity === 3 ? 1 : 0]],
  ['version', 'number', N_('Negotiated version: "TLS 1.2"'), codePoint('version', 'version'), { registry: 'version' }],
  ['offered_version', 'number', N_('Highest version that the client offered'), codePoint('offered_version', 'version'), { registry: 'version' }],
  ['cipher_suite', 'number', N_('Selected cipher suite, by name or number'), codePoint('cipher_suite', 'cipher_suite'), { registry: 'cipher_suite' }],
  ['cipher_suite_id', 'number', N_('Same as above'), codePoint('cipher_suite', 'cipher_suite'), { registry: 'cipher_suite' }],
  ['group', 'number', N_('Key-exchange group: x25519, secp256r1, …'), codePoint('group', 'group'), { registry: 'group' }],
  ['signature_scheme', 'number', N_('Signature scheme used by the server'), codePoint('signature_scheme', 'signature_scheme'), { registry: 'signature_scheme' }],
  ['sni', 'string', N_('Requested server name (SNI)'), column('sni')],
  ['alpn', 'string', N_('Application protocol selected'), column('alpn')],
  ['resumption', 'string', N_('session_id, ticket, psk'), column('resumption'), { words: FIELD_RESUMPTIONS }],
  ['resumed_from', 'number', N_('Stream of the connection that created the session'), column('resumed_from')],
  ['early_data', 'string', N_('accepted, rejected'), column('early_data'), { words: FIELD_EARLY }],
  ['hello_retry', 'boolean', N_('The server sent a HelloRetryRequest'), (row) => [row.hello_retry ? 1 : 0]],
  ['client_certificate_requested', 'boolean', N_('The server requested a client certificate'), (row) => [row.client_certificate_requested ? 1 : 0]],
  ['ja3', 'string', N_('JA3 of the ClientHello'), column('ja3')],
  ['ja3s', 'string', N_('JA3S of the ServerHello'), column('ja3s')],
  ['ja4', 'string', N_('JA4 of the ClientHello'), column('ja4')],
  ['decryption', 'string', N_('Source of the keys: keylog, dsb, rsa_key, sm2_key, psk, null_cipher'), column('decryption'), { words: FIELD_KEYS }],
  ['findings.id', 'string', N_('ID of a finding: weak-cipher-suite, …'), (row) => row.findings.map((finding) => finding[0])],
  ['findings.severity', 'string', N_('fatal, error, warning, notice'), (row) => row.findings.map((finding) => SEVERITIES[finding[1]]), { words: SEVERITIES }],
  ['certificates.server.subject', 'string', N_('Subject of the server\'s own certificate, RFC 4514'), column('subject')],
  ['certificates.server.not_after', 'time', N_('End of validity of the server\'s own certificate'), column('not_after')],
].map(([name, kind, text, get, more]) => ({ name, kind, text, get, words: null, registry: null, ...more }))

const fieldsByName = new Map(PAGE_FIELDS.map((field) => [field.name, field]))

export function filterFields() {
  return PAGE_FIELDS
}

// "ssl" and "ssl.…" are older names of "tls" and "tls.…".
export function filterField(name) {
  return fieldsByName.get(name) || fieldsByName.get(name.replace(/^ssl(?=\.|$)/, 'tls')) || null
}

function editDistance(a, b) {
  let before = Array.from({ length: b.length + 1 }, (unused, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const now = [i]
    for (let k = 1; k <= b.length; k++)
      now[k] = Math.min(now[k - 1] + 1, before[k] + 1, before[k - 1] + (a[i - 1] === b[k - 1] ? 0 : 1))
    before = now
  }
  return before[b.length]
}

// The name that may have been meant, or null.
export function nearestField(name) {
  if (name.length > 64)
    return null
  let best = null, least = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const field of PAGE_FIELDS) {
    const distance = editDistance(name.toLowerCase(), field.name)
    if (distance < least) {
      best = field.name
      least = distance
    }
  }
  return best
}
