// Text in SVG does not wrap by itself: it is measured and cut into lines here.
let measureContext = null

export function textWidth(text, font) {
  measureContext = measureContext || document.createElement('canvas').getContext('2d')
  measureContext.font = font
  return measureContext.measureText(text).width
}

// Words, and each ideograph by itself, since lines of Chinese may break anywhere; closing punctuation stays with what
// is before it.
function breakable(text) {
  return text.match(/[\u2e80-\u9fff\uff00-\uffef][，。：；）、！？”]*|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|\s+/gu) || []
}

export function wrapText(text, width, font, most = 3) {
  const lines = []
  let line = ''
  for (const piece of breakable(text)) {
    if (line && textWidth(line + piece.trimEnd(), font) > width) {
      lines.push(line.trimEnd())
      line = ''
    }
    line += piece
  }
  if (line.trim()) lines.push(line.trimEnd())
  if (lines.length > most) {
    lines.length = most
    lines[most - 1] += ' …'
  }
  return lines.map(one => cutText(one, width, font))
}

export function cutText(text, width, font) {
  if (textWidth(text, font) <= width) return text
  const chars = Array.from(text)
  let low = 0,
    high = chars.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (textWidth(`${chars.slice(0, middle).join('')}…`, font) <= width) low = middle
    else high = middle - 1
  }
  return `${chars.slice(0, low).join('').trimEnd()}…`
}
