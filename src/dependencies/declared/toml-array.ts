/** Where the value of a key at the top of a TOML text is, for a list that is to be written anew. */

/** Offsets of the list from `[` to behind its `]`; null where the key is not there, or has another value. */
export function arrayPlace(toml: string, key: string): { from: number; to: number } | null {
  let at = 0
  while (at < toml.length) {
    const found = new RegExp(`[ \\t]*(?:${key}|"${key}"|'${key}')[ \\t]*=[ \\t]*(?=\\[)`, 'y')
    found.lastIndex = at
    if (found.test(toml)) return { from: found.lastIndex, to: valueEnd(toml, found.lastIndex) }
    if (/[ \t]*\[/y.test(toml.slice(at, at + 200))) return null // a table begins: what follows is not at the top any more
    at = statementEnd(toml, at)
  }
  return null
}

/** Behind the line end of the statement that begins at `from`: values may have several lines. */
function statementEnd(toml: string, from: number): number {
  for (let at = from, depth = 0; at < toml.length; ) {
    const char = toml[at] ?? ''
    if (char === '\n' && depth === 0) return at + 1
    if (char === '[' || char === '{') depth++
    if (char === ']' || char === '}') depth--
    at = next(toml, at)
  }
  return toml.length
}

function valueEnd(toml: string, from: number): number {
  for (let at = from, depth = 0; at < toml.length; ) {
    if (toml[at] === '[') depth++
    if (toml[at] === ']' && --depth === 0) return at + 1
    at = next(toml, at)
  }
  return toml.length
}

const string = /"""(?:[^\\]|\\[\s\S])*?"""+|'''[\s\S]*?'''+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*/y

/** Behind a string, a comment or one character. */
function next(toml: string, at: number): number {
  string.lastIndex = at
  return string.test(toml) ? string.lastIndex : at + 1
}
