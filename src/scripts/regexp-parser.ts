/** The parts of a JavaScript regular expression without flags, that `RegExp` is known to understand (ECMA-262, annex B.1.2 too). */

export type RegexpNode =
  /** One UTF-16 unit: the source of what matches it. */
  | { kind: 'unit'; source: string }
  | { kind: 'sequence' | 'choice'; nodes: RegexpNode[] }
  | { kind: 'repeat'; node: RegexpNode; min: number; max: number }
  | { kind: 'assert'; at: Place }
  | { kind: 'ahead'; node: RegexpNode; isNegative: boolean }

export type Place = 'start' | 'end' | 'boundary' | 'inside'

export interface Parsed {
  node: RegexpNode
  /** Nothing in it is left out: no backreference, look behind or flag inside. */
  isPlain: boolean
}

export function parseRegexp(source: string): Parsed {
  let at = 0
  let isPlain = true

  function choice(): RegexpNode {
    const nodes = [sequence()]
    while (source[at] === '|') {
      at++
      nodes.push(sequence())
    }
    return nodes.length === 1 ? nodes[0]! : { kind: 'choice', nodes }
  }

  function sequence(): RegexpNode {
    const nodes: RegexpNode[] = []
    while (at < source.length && source[at] !== '|' && source[at] !== ')') nodes.push(repeated(term()))
    return { kind: 'sequence', nodes }
  }

  function repeated(node: RegexpNode): RegexpNode {
    const [text, min, max] = quantifier()
    if (text === '') return node
    at += text.length
    if (source[at] === '?') at++ // which match is found first makes no difference
    return { kind: 'repeat', node, min, max }
  }

  function quantifier(): [text: string, min: number, max: number] {
    const known = quantifiers[source[at] ?? '']
    if (known) return [source[at]!, ...known]
    const braces = /^\{(\d+)(?:(,)(\d*))?\}/.exec(source.slice(at, at + 50))
    if (!braces) return ['', 1, 1]
    const min = Number(braces[1])
    return [braces[0], min, braces[2] === undefined ? min : braces[3] ? Number(braces[3]) : Number.POSITIVE_INFINITY]
  }

  function term(): RegexpNode {
    const character = source[at]!
    if (character === '(') return group()
    if (character === '[') return unit(classEnd())
    if (character === '\\') return escaped()
    at++
    if (character === '^') return { kind: 'assert', at: 'start' }
    if (character === '$') return { kind: 'assert', at: 'end' }
    return { kind: 'unit', source: /[{}\]]/.test(character) ? `\\${character}` : character }
  }

  function unit(end: number): RegexpNode {
    const node = { kind: 'unit' as const, source: source.slice(at, end) }
    at = end
    return node
  }

  function classEnd(): number {
    for (let end = at + 1; ; end++) {
      if (source[end] === '\\') end++
      else if (source[end] === ']' || end >= source.length) return end + 1
    }
  }

  function escaped(): RegexpNode {
    const rest = source.slice(at, at + 6)
    const next = rest[1] ?? ''
    if (/[bB]/.test(next)) {
      at += 2
      return { kind: 'assert', at: next === 'b' ? 'boundary' : 'inside' }
    }
    // A digit may be a reference to a group or an octal number, and `\k` a named one or a letter.
    if (/^\\([1-9k]|0\d)/.test(rest) || /^\\c(?![A-Za-z])/.test(rest)) isPlain = false
    return unit(at + (/^\\(u[0-9a-f]{4}|x[0-9a-f]{2}|c[a-z])/i.exec(rest)?.[0].length ?? 2))
  }

  function group(): RegexpNode {
    const opening = /^\((?:\?(?::|=|!|<=|<!|<[^>]*>|[a-z-]*:))?/i.exec(source.slice(at))![0]
    if (/^\(\?(<[=!]|[a-z-]+:)/i.test(opening)) isPlain = false
    at += opening.length
    const node = choice()
    at++ // its end
    return opening === '(?=' || opening === '(?!' ? { kind: 'ahead', node, isNegative: opening === '(?!' } : node
  }

  return { node: choice(), isPlain }
}

const quantifiers: Record<string, [min: number, max: number]> = {
  '*': [0, Number.POSITIVE_INFINITY],
  '+': [1, Number.POSITIVE_INFINITY],
  '?': [0, 1],
}
