// Numbers with units, as the text report writes them.
import { _, ngettext, format } from './language.js'

// A span of seconds: "61.3 ms".
export function duration(seconds) {
  if (seconds === null || seconds === undefined)
    return ''
  if (seconds < 0.9995)
    return `${(seconds * 1e3).toFixed(1)} ms`
  if (seconds < 99.95)
    return `${seconds.toFixed(1)} s`
  return seconds < 3600 ? `${seconds.toFixed(0)} s` : `${(seconds / 3600).toFixed(1)} h`
}

// A moment of RFC 3339 in nanoseconds since 1970; null when it is none. Date.parse() knows milliseconds only.
export function nanoseconds(text) {
  const [, seconds, fraction = ''] = /^(.*?:\d\d)(?:\.(\d+))?Z$/.exec(text || '') || []
  return seconds ? BigInt(Date.parse(`${seconds}Z`)) * 1000000n + BigInt(fraction.padEnd(9, '0').slice(0, 9)) : null
}

// A number of bytes: "16.2 kB".
export function amount(bytes) {
  if (bytes < 1000)
    return format(ngettext('%d byte', '%d bytes', bytes), bytes)
  const units = ['kB', 'MB', 'GB', 'TB', 'PB', 'EB']
  let value = bytes / 1000, unit = 0
  for (; value >= 999.95 && unit + 1 < units.length; unit++)
    value /= 1000
  return `${value.toFixed(1)} ${units[unit]}`
}

// A moment in UTC, to the millisecond: "2026-01-31 12:00:00.250".
export function moment(unixSeconds) {
  const date = new Date(unixSeconds * 1e3)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().replace('T', ' ').replace('Z', '')
}

// Its day: "2026-01-31".
export function day(unixSeconds) {
  return moment(unixSeconds).slice(0, 10)
}

// Whole days from one moment to another: "in 12 days", "ended 3 days ago".
export function daysLeft(days) {
  if (days < 0)
    return format(ngettext('expired %d day ago', 'expired %d days ago', -days), -days)
  return days === 0 ? _('expires today') : format(ngettext('%d day left', '%d days left', days), days)
}

const thousandsFormat = new Intl.NumberFormat('en', { useGrouping: true })

// A count with its thousands set apart: "10,000".
export function thousands(n) {
  return thousandsFormat.format(n)
}
