/** Where a text stops being JSON. Bun's own message has no position, and a person with an editor needs one. */

const token =
  /\s*(?:"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|true\b|false\b|null\b|[{}[\],:])/y

/** `line 3, column 14: unexpected "'"`, for a text that JSON.parse refused. */
export function describeJsonError(text: string): string {
  const at = errorOffset(text)
  const before = text.slice(0, at).split('\n')
  const found =
    at >= text.length ? 'the text ends too early' : `unexpected ${JSON.stringify([...text.slice(at, at + 2)][0])}`
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}: ${found}`
}

type State = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or }' | ', or ]' | 'end'

function errorOffset(text: string): number {
  const open: ('{' | '[')[] = []
  let state: State = 'value'
  let offset = 0
  for (;;) {
    const start = offset + (/^\s*/.exec(text.slice(offset, offset + 10_000))?.[0].length ?? 0)
    token.lastIndex = offset
    const match = token.exec(text)
    if (!match) return start
    const next = advance(state, match[0].trim(), open)
    if (next === null) return start
    state = next
    offset = token.lastIndex
  }
}

/** null: this token cannot stand here. */
function advance(state: State, word: string, open: ('{' | '[')[]): State | null {
  const closed = (): State => (open.length === 0 ? 'end' : open.at(-1) === '{' ? ', or }' : ', or ]')
  const close = (): State => {
    open.pop()
    return closed()
  }
  if (state === ':') return word === ':' ? 'value' : null
  if (state === ', or }') return word === ',' ? 'key' : word === '}' ? close() : null
  if (state === ', or ]') return word === ',' ? 'value' : word === ']' ? close() : null
  if (state === 'key' || state === 'key or }') {
    if (word.startsWith('"')) return ':'
    return word === '}' && state === 'key or }' ? close() : null
  }
  if (state === 'end') return null
  if (word === '{' || word === '[') {
    open.push(word)
    return word === '{' ? 'key or }' : 'value or ]'
  }
  if (word === ']' && state === 'value or ]') return close()
  return '}],:'.includes(word) ? null : closed()
}
