// Two languages in one file. Words of the page itself are looked up by their English text; sentences about a capture
// come coded (number and arguments) and are put together here, in the language that is chosen at the moment.

const LANGUAGE_KEY = 'wiretale-language'
const languageListeners = []
let languageNow = null
let interfaceWords = null
let sentenceTable = {}

function rememberedLanguage() {
  try {
    return localStorage.getItem(LANGUAGE_KEY)
  } catch {
    return null // a browser may forbid it to a file; then nothing is remembered
  }
}

// 'en' or 'zh': what was chosen last, else what the browser prefers.
export function language() {
  if (!languageNow) {
    const preferred = rememberedLanguage() || (navigator.languages || [navigator.language || 'en'])[0]
    languageNow = /^zh\b/i.test(preferred) ? 'zh' : 'en'
  }
  return languageNow
}

export function setLanguage(code) {
  languageNow = code === 'zh' ? 'zh' : 'en'
  try {
    localStorage.setItem(LANGUAGE_KEY, languageNow)
  } catch { /* not remembered */ }
  for (const listener of languageListeners)
    listener(languageNow)
}

// Calls f(code) after each change.
export function onLanguage(f) {
  languageListeners.push(f)
}

// Sentences of the index: {number: [english, chinese]}, each a printf format or a list of forms.
export function useSentences(sentences) {
  sentenceTable = sentences || {}
}

function wordsOf() {
  if (!interfaceWords) {
    const node = document.getElementById('ui')
    interfaceWords = node ? JSON.parse(node.textContent) : {}
  }
  return interfaceWords
}

// A text of the page in the language that is chosen.
export function _(text) {
  return language() === 'zh' ? wordsOf()[text] || text : text
}

// Marks a text of a table; it is looked up where it is shown.
export function N_(text) {
  return text
}

export function ngettext(one, many, n) {
  if (language() === 'zh')
    return wordsOf()[one] || many
  return n === 1 ? one : many
}

const CONVERSION = /%(?:(\d+)\$)?[-+ #0']*(?:\d+|\*)?(?:\.(?:\d+|\*)?)?(?:hh|h|ll|l|j|z|t|L)?(<PRI[a-zA-Z0-9]+>|[diouxXeEfFgGcsp%])/g

// printf with arguments that are text already: the k-th conversion is the k-th argument, %2$s the second, %% a %.
export function format(text, ...args) {
  let next = 0
  return text.replace(CONVERSION, (whole, position, kind) => {
    if (kind === '%')
      return '%'
    const value = args[position ? position - 1 : next++]
    return value === undefined || value === null ? '' : String(value)
  })
}

const MARK_START = '\x01', MARK_ARGUMENT = '\x02', MARK_END = '\x03'

function formOf(id, form) {
  const entry = sentenceTable[id]
  if (!entry)
    return `[${id}]`
  const text = entry[language() === 'zh' && entry[1] ? 1 : 0]
  return Array.isArray(text) ? text[Math.min(form, text.length - 1)] : text
}

// From just after a start mark: the sentence's text, and where what follows begins.
function spokenSentence(coded, at) {
  const head = /^\s*(\d+)(?:\.(\d+))?\s*/.exec(coded.slice(at, at + 32))
  const args = []
  let i = at + (head ? head[0].length : 0)
  while (i < coded.length && coded[i] === MARK_ARGUMENT) {
    const [text, end] = spokenUntil(coded, i + 1)
    args.push(text)
    i = end
  }
  const text = head ? format(formOf(head[1], Number(head[2] || 0)), ...args) : ''
  return [text, coded[i] === MARK_END ? i + 1 : i]
}

// Literal text with sentences in it, up to a mark that belongs to the sentence around it.
function spokenUntil(coded, at) {
  let text = ''
  while (at < coded.length && coded[at] !== MARK_ARGUMENT && coded[at] !== MARK_END) {
    if (coded[at] === MARK_START) {
      const [sentence, end] = spokenSentence(coded, at + 1)
      text += sentence
      at = end
    } else {
      let end = at + 1
      while (end < coded.length && coded[end] > MARK_END)
        end++
      text += coded.slice(at, end)
      at = end
    }
  }
  return [text, at]
}

// A coded text as a sentence in the language that is chosen; one without marks is itself.
export function speak(coded) {
  if (coded === null || coded === undefined)
    return ''
  coded = String(coded)
  if (!coded.includes(MARK_START))
    return coded
  let text = '', at = 0
  while (at < coded.length) {
    const [part, end] = spokenUntil(coded, at)
    text += part
    at = end < coded.length ? end + 1 : end // a stray mark is nobody's: skipped
  }
  return text
}
