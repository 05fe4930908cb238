/** A parsed regular expression as states, of which any number are stood in at once: each place of a text is looked at once. */
import type { Place, RegexpNode } from './regexp-parser.ts'

type State =
  | { kind: 'unit'; matches(unit: number): boolean; next: number }
  | { kind: 'fork'; next: number[] }
  | { kind: 'assert'; at: Place; next: number }
  | { kind: 'ahead'; start: number; isNegative: boolean; next: number }
  | { kind: 'end' }

/** A pattern may ask for a thousand repetitions of a thousand. */
const statesMax = 20_000
/** Steps for one text: about half a second. */
const stepsMax = 20_000_000

/** Whether a text holds a match; null: it would take more than 20 million steps. Throws an Error for too large a pattern. */
export function createProgram(node: RegexpNode): (text: string) => boolean | null {
  const states: State[] = []
  const add = (state: State): number => {
    if (states.length >= statesMax) throw new Error(`it has more than ${statesMax} parts, repetitions counted out`)
    return states.push(state) - 1
  }
  const end = add({ kind: 'end' })
  const start = build(node, end)

  /** Answers the state that leads through the node to `next`. */
  function build(part: RegexpNode, next: number): number {
    switch (part.kind) {
      case 'unit':
        return add({ kind: 'unit', matches: unitMatcher(part.source), next })
      case 'assert':
        return add({ kind: 'assert', at: part.at, next })
      case 'ahead':
        return add({ kind: 'ahead', start: build(part.node, end), isNegative: part.isNegative, next })
      case 'sequence':
        return part.nodes.reduceRight((to, one) => build(one, to), next)
      case 'choice':
        return add({ kind: 'fork', next: part.nodes.map((one) => build(one, next)) })
      case 'repeat':
        return repeat(part, next)
    }
  }

  function repeat({ node: body, min, max }: Extract<RegexpNode, { kind: 'repeat' }>, next: number): number {
    let to = next
    if (max === Number.POSITIVE_INFINITY) {
      const fork = { kind: 'fork' as const, next: [next] }
      to = add(fork)
      fork.next.push(build(body, to))
    } else for (let n = min; n < max; n++) to = add({ kind: 'fork', next: [next, build(body, to)] })
    for (let n = 0; n < min; n++) to = build(body, to)
    return to
  }

  return (text) => {
    let steps = 0

    /** From one place on, or from any. Throws `TooMany`. */
    function search(from: number, isAnywhere: boolean, first: number): boolean {
      let now: number[] = []
      const seen = new Int32Array(states.length).fill(-1)
      for (let at = first; ; at++) {
        if ((at === first || isAnywhere) && enter(from, at, now, seen)) return true
        if (at >= text.length || (now.length === 0 && !isAnywhere)) return false
        const unit = text.charCodeAt(at)
        const then: number[] = []
        for (const index of now) {
          const state = states[index] as Extract<State, { kind: 'unit' }>
          if (state.matches(unit) && enter(state.next, at + 1, then, seen)) return true
        }
        now = then
      }
    }

    /** Adds the states that can be reached without a character; true at the end. `seen`: where each was added last. */
    function enter(from: number, at: number, into: number[], seen: Int32Array): boolean {
      const waiting = [from]
      for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
        if (++steps > stepsMax) throw tooMany
        if (seen[index] === at) continue
        seen[index] = at
        const state = states[index]!
        if (state.kind === 'end') return true
        if (state.kind === 'unit') into.push(index)
        else if (state.kind === 'fork') waiting.push(...state.next)
        else if (
          state.kind === 'assert' ? holds(text, at, state.at) : search(state.start, false, at) !== state.isNegative
        )
          waiting.push(state.next)
      }
      return false
    }

    try {
      return search(start, true, 0)
    } catch (error) {
      if (error === tooMany) return null
      throw error
    }
  }
}

const tooMany = Symbol('more steps than allowed')

function holds(text: string, at: number, place: Place): boolean {
  if (place === 'start') return at === 0
  if (place === 'end') return at === text.length
  const isBoundary = isWord(text[at - 1]) !== isWord(text[at])
  return isBoundary === (place === 'boundary')
}

const isWord = (character: string | undefined) => character !== undefined && /\w/.test(character)

/** JavaScript says itself what one unit of its own syntax matches; each is asked once. */
function unitMatcher(source: string): (unit: number) => boolean {
  const regexp = new RegExp(`^(?:${source})$`)
  const known = new Map<number, boolean>()
  return (unit) => {
    const answer = known.get(unit) ?? regexp.test(String.fromCharCode(unit))
    known.set(unit, answer)
    return answer
  }
}
