/**
 * An author's regular expression on a caller's value, in time that grows with the length of the value: JavaScript's own engine
 * tries one way after the other through a pattern such as `^(a+)+$`, and until it has, the whole gateway waits. What cannot take
 * long is left to it; all else goes all ways at once (https://swtch.com/~rsc/regexp/regexp1.html). Same answers.
 */

import { parseRegexp, type RegexpNode } from './regexp-parser.ts'
import { createProgram } from './regexp-program.ts'

/** Whether the text holds a match; null: it is too long to be told. */
export type Matcher = (text: string) => boolean | null

/** Ways through a pattern that may be tried for each place in the text. */
const waysMax = 256
/** Characters of which the square takes no time. */
const quickLengthMax = 1000

/** Throws a SyntaxError for what is no regular expression, and an Error for one that cannot be kept from taking for ever. */
export function compilePattern(source: string): Matcher {
  const native = new RegExp(source)
  const { node, isPlain } = parseRegexp(source)
  const { ways, repeats } = waysThrough(node)
  const whenShort = (text: string) => (text.length <= quickLengthMax ? native.test(text) : null)
  if (ways <= waysMax && repeats <= 1) {
    if (isAnchored(node)) return (text) => native.test(text)
    if (!isPlain) return whenShort
  }
  if (!isPlain) {
    if (ways <= waysMax && repeats <= 2) return whenShort
    throw new Error('repetitions beside a backreference or a look behind may take for ever: write it without them')
  }
  const program = createProgram(node)
  return (text) => (ways <= waysMax && repeats <= 1 ? whenShort(text) : null) ?? program(text)
}

const matchers = new Map<string, Matcher>()
const matchersMax = 1000

/** As `compilePattern`, kept for the next value. */
export function matcherOf(source: string): Matcher {
  const known = matchers.get(source)
  if (known) return known
  if (matchers.size >= matchersMax) matchers.clear()
  const matcher = compilePattern(source)
  matchers.set(source, matcher)
  return matcher
}

interface Ways {
  /** That are tried one after the other, per repetition without a bound; infinite for such inside each other. */
  ways: number
  /** Repetitions without a bound. */
  repeats: number
}

function waysThrough(node: RegexpNode): Ways {
  switch (node.kind) {
    case 'unit':
    case 'assert':
      return { ways: 1, repeats: 0 }
    case 'ahead':
      return waysThrough(node.node)
    case 'sequence':
      return node.nodes.map(waysThrough).reduce(after, { ways: 1, repeats: 0 })
    case 'choice': {
      const all = node.nodes.map(waysThrough)
      return {
        ways: all.reduce((sum, { ways }) => sum + ways, 0),
        repeats: Math.max(...all.map(({ repeats }) => repeats)),
      }
    }
    case 'repeat': {
      const inner = waysThrough(node.node)
      if (node.max > 100)
        return { ways: inner.ways === 1 && inner.repeats === 0 ? 1 : Number.POSITIVE_INFINITY, repeats: 1 }
      return { ways: inner.ways ** node.max * (node.max - node.min + 1), repeats: inner.repeats * node.max }
    }
  }
}

const after = (first: Ways, second: Ways): Ways => ({
  ways: first.ways * second.ways,
  repeats: first.repeats + second.repeats,
})

const isAnchored = (node: RegexpNode): boolean =>
  node.kind === 'sequence' && node.nodes[0]?.kind === 'assert' && node.nodes[0].at === 'start'
