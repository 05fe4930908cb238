/** Environment markers as PEP 508 has them: `python_version < "3.12" and sys_platform == "linux"`. */

/** One comparison, or several joined. */
export type Marker =
  | { kind: 'compare'; left: MarkerValue; op: string; right: MarkerValue }
  | { kind: 'and' | 'or'; parts: Marker[] }

export type MarkerValue = { variable: string } | { text: string }

/** What a marker may ask for. `extra` is for packages, not for those who ask for them. */
export const markerVariables = [
  'implementation_name',
  'implementation_version',
  'os_name',
  'platform_machine',
  'platform_python_implementation',
  'platform_release',
  'platform_system',
  'platform_version',
  'python_full_version',
  'python_version',
  'sys_platform',
] as const

const depthMax = 20
const token =
  /\s*(?:([()])|"([^"\\\u0000-\u001f\u007f-\uffff]*)"|'([^'"\\\u0000-\u001f\u007f-\uffff]*)'|(<=|>=|===|==|!=|~=|<|>)|([A-Za-z_][\w.]*))/y

/** Turned around, so that what is asked for stands on the left. The others are not the same the other way round. */
const turned: Record<string, string> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==', '!=': '!=' }

interface Token {
  kind: 'bracket' | 'text' | 'op' | 'word'
  text: string
}

class MarkerProblem extends Error {}

/** The marker, or what is wrong with it in words that follow "its marker". */
export function parseMarker(text: string): { marker: Marker } | { problem: string } {
  try {
    return { marker: parse(tokensOf(text)) }
  } catch (error) {
    if (error instanceof MarkerProblem) return { problem: error.message }
    throw error
  }
}

/** One way of writing for what is the same: double quotes, no needless brackets, parts sorted and none twice. */
export function renderMarker(marker: Marker): string {
  if (marker.kind === 'compare') return `${valueText(marker.left)} ${marker.op} ${valueText(marker.right)}`
  const parts = marker.parts.map((part) =>
    part.kind !== 'compare' && part.kind !== marker.kind ? bracketed(marker.kind, part) : renderMarker(part),
  )
  return [...new Set(parts)].sort().join(` ${marker.kind} `)
}

/** `and` binds tighter: only an `or` inside of it needs brackets. */
const bracketed = (outer: 'and' | 'or', part: Marker) => {
  const text = renderMarker(part)
  return outer === 'and' && text.includes(' or ') ? `(${text})` : text
}

const valueText = (value: MarkerValue) => ('variable' in value ? value.variable : `"${value.text}"`)

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  const end = text.trimEnd().length
  token.lastIndex = 0
  for (let at = 0; at < end; at = token.lastIndex) {
    token.lastIndex = at
    const match = token.exec(text)
    if (!match) throw new MarkerProblem(`cannot be read from ${quoted(text.slice(at).trim())} on`)
    const [, bracket, double, single, op, word] = match
    if (bracket) tokens.push({ kind: 'bracket', text: bracket })
    else if (op) tokens.push({ kind: 'op', text: op })
    else if (word) tokens.push({ kind: 'word', text: word })
    else tokens.push({ kind: 'text', text: double ?? single ?? '' })
  }
  return tokens
}

function parse(tokens: Token[]): Marker {
  let at = 0
  const isNext = (kind: Token['kind'], text: string) => tokens[at]?.kind === kind && tokens[at]?.text === text
  const marker = any(0)
  if (at < tokens.length) throw new MarkerProblem(`has ${quoted(tokens[at]?.text ?? '')} where it should end`)
  return marker

  function any(depth: number): Marker {
    return joined('or', () => all(depth))
  }

  function all(depth: number): Marker {
    return joined('and', () => one(depth))
  }

  function joined(word: 'and' | 'or', part: () => Marker): Marker {
    const parts = [part()]
    while (isNext('word', word)) {
      at++
      parts.push(part())
    }
    const flat = parts.flatMap((item) => (item.kind === word ? item.parts : [item]))
    return flat.length === 1 ? (flat[0] as Marker) : { kind: word, parts: flat }
  }

  function one(depth: number): Marker {
    if (!isNext('bracket', '(')) return comparison()
    if (depth >= depthMax) throw new MarkerProblem(`has more than ${depthMax} brackets in each other`)
    at++
    const inside = any(depth + 1)
    if (!isNext('bracket', ')')) throw new MarkerProblem('has a bracket that is not closed')
    at++
    return inside
  }

  function comparison(): Marker {
    const left = value()
    const op = operator()
    const right = value()
    if (!('variable' in left) && !('variable' in right))
      throw new MarkerProblem(
        `compares two texts with each other: on one side there must be one of ${markerVariables.join(', ')}`,
      )
    const other = 'variable' in left ? undefined : turned[op]
    return other
      ? { kind: 'compare', left: right, op: other, right: left }
      : { kind: 'compare', ...{ left, op, right } }
  }

  function value(): MarkerValue {
    const next = tokens[at++]
    if (next?.kind === 'text') return { text: next.text }
    if (next?.kind !== 'word') throw new MarkerProblem(`needs a name or a quoted text ${whereIs(next)}`)
    if (next.text === 'extra')
      throw new MarkerProblem('asks for "extra", which only packages can: write NAME[EXTRA] instead')
    if (!markerVariables.some((name) => name === next.text))
      throw new MarkerProblem(`asks for ${quoted(next.text)}: there are ${markerVariables.join(', ')}`)
    return { variable: next.text }
  }

  function operator(): string {
    const next = tokens[at++]
    if (next?.kind === 'op') return next.text
    if (next?.kind === 'word' && next.text === 'in') return 'in'
    if (next?.kind === 'word' && next.text === 'not' && isNext('word', 'in')) {
      at++
      return 'not in'
    }
    throw new MarkerProblem(`needs one of == != < <= > >= ~= in, not in ${whereIs(next)}`)
  }
}

const whereIs = (next: Token | undefined) => (next ? `where it has ${quoted(next.text)}` : 'at its end')
const quoted = (text: string) => JSON.stringify(text.slice(0, 60))
