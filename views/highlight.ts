/** Just enough colour for reading: comments, strings, numbers, keywords, calls. The answer is escaped HTML. */
export type Language = 'python' | 'js' | 'shell' | 'json'

const charsMax = 200_000

/** Longer text comes back escaped and plain. */
export function highlight(text: string, language: Language): string {
  if (text.length > charsMax) return Bun.escapeHTML(text)
  const { pattern, keywords } = grammars[language]
  let html = ''
  let from = 0
  for (const match of text.matchAll(pattern)) {
    html += Bun.escapeHTML(text.slice(from, match.index)) + colored(match, keywords)
    from = match.index + match[0].length
  }
  return html + Bun.escapeHTML(text.slice(from))
}

function colored(match: RegExpMatchArray, keywords: Set<string>): string {
  const [all] = match
  const text = Bun.escapeHTML(all)
  const { com, str, num, word } = match.groups ?? {}
  const cls = com ? 'c' : str ? 's' : num ? 'm' : word && keywords.has(word) ? 'k' : word && isCall(match) ? 'f' : ''
  return cls ? `<span class="${cls}">${text}</span>` : text
}

const isCall = (match: RegExpMatchArray) => match.input?.[match.index! + match[0].length] === '('

const word = '(?<word>[A-Za-z_$][\\w$]*)'
const number = '(?<num>\\b\\d[\\w.]*\\b)'
const quoted = (quote: string) => `${quote}(?:\\\\.|[^${quote}\\\\\\n])*${quote}`
const grammar = (comment: string, strings: string[], keywords: string) => ({
  pattern: new RegExp(`(?<com>${comment})|(?<str>${strings.join('|')})|${number}|${word}`, 'g'),
  keywords: new Set(keywords.split(' ')),
})

const pythonLong = ['"""[\\s\\S]*?"""', "'''[\\s\\S]*?'''"]

const grammars: Record<Language, { pattern: RegExp; keywords: Set<string> }> = {
  python: grammar(
    '#[^\\n]*',
    [...pythonLong, quoted('"'), quoted("'")],
    'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield',
  ),
  js: grammar(
    '\\/\\/[^\\n]*|\\/\\*[\\s\\S]*?\\*\\/',
    [quoted('"'), quoted("'"), '`(?:\\\\.|[^`\\\\])*`'],
    'as async await break case catch class const continue default delete do else export extends false finally for from function if import in instanceof interface let new null of return satisfies static super switch this throw true try type typeof undefined var void while yield',
  ),
  shell: grammar('(?<=^|\\s)#[^\\n]*', [quoted('"'), "'[^']*'"], ''),
  json: grammar('(?!)', [quoted('"')], 'true false null'),
}
