/**
 * Slots, globally and per script, and the runs that wait for one: higher priority first, within one first in first out,
 * and none held up by the limit of another script.
 */

export interface Waiting {
  id: number
  /** Lower ones go first; ids grow with the time of arrival, also over a restart. */
  place: number
  scriptId: number
  /** Higher ones go first. */
  priority: number
  /** Called once, with the slot taken. */
  begin(): void
}

export interface Queue {
  /** Takes a slot now, or answers false: there is none, or somebody with the same right waits for it already. */
  tryTake(scriptId: number, priority: number): boolean
  add(waiting: Waiting): void
  /** Gives a slot back and lets the next one begin. */
  release(scriptId: number): void
  /** Lets those begin for whom there is a slot: the limits may have been raised. */
  look(): void
  /** Begins nothing until `letGo`. */
  hold(): void
  letGo(): void
  /** Takes a waiting run out; false when it is not waiting. */
  remove(id: number): boolean
  /** 1 for the next one; 0 when it is not waiting. */
  position(id: number): number
  /** Runs of the script that hold a slot. */
  activeOf(scriptId: number): number
  readonly active: number
  readonly length: number
}

/** Both limits are read live; `slotsOf` 0 means that the script has none of its own. */
export function createQueue({ slots, slotsOf }: { slots(): number; slotsOf(scriptId: number): number }): Queue {
  /** By script, each list in the order of its turn: the next one of all is the first of some list. */
  const waiting = new Map<number, Waiting[]>()
  const scriptOf = new Map<number, number>()
  const activeByScript = new Map<number, number>()
  let active = 0
  let isHeld = false
  let isBeginning = false

  const activeOf = (scriptId: number) => activeByScript.get(scriptId) ?? 0

  function canTake(scriptId: number) {
    const own = slotsOf(scriptId)
    return !isHeld && active < slots() && (own === 0 || activeOf(scriptId) < own)
  }

  function take(scriptId: number) {
    active++
    activeByScript.set(scriptId, activeOf(scriptId) + 1)
  }

  function next(): Waiting | undefined {
    let best: Waiting | undefined
    for (const [scriptId, [first]] of waiting)
      if (first && (!best || isBefore(first, best)) && canTake(scriptId)) best = first
    return best
  }

  function drop({ id, scriptId }: Waiting) {
    const list = waiting.get(scriptId)!
    if (list[0]?.id === id) list.shift()
    else
      list.splice(
        list.findIndex((one) => one.id === id),
        1,
      )
    if (list.length === 0) waiting.delete(scriptId)
    scriptOf.delete(id)
  }

  /** One that gives its slot back while it begins is followed from here, not from below it: thousands may do so in a row. */
  function beginNext() {
    if (isBeginning) return
    isBeginning = true
    try {
      while (!isHeld && active < slots()) {
        const one = next()
        if (!one) return
        drop(one)
        take(one.scriptId)
        one.begin()
      }
    } finally {
      isBeginning = false
    }
  }

  return {
    tryTake(scriptId, priority) {
      const first = waiting.get(scriptId)?.[0]
      if ((first && first.priority >= priority) || !canTake(scriptId)) return false
      take(scriptId)
      return true
    },
    add(one) {
      const list = waiting.get(one.scriptId) ?? []
      waiting.set(one.scriptId, list)
      list.splice(list.findLastIndex((earlier) => !isBefore(one, earlier)) + 1, 0, one)
      scriptOf.set(one.id, one.scriptId)
    },
    release(scriptId) {
      active--
      const left = activeOf(scriptId) - 1
      if (left > 0) activeByScript.set(scriptId, left)
      else activeByScript.delete(scriptId)
      beginNext()
    },
    look: beginNext,
    hold() {
      isHeld = true
    },
    letGo() {
      isHeld = false
      beginNext()
    },
    remove(id) {
      const one = waiting.get(scriptOf.get(id) ?? -1)?.find((each) => each.id === id)
      if (one) drop(one)
      return one !== undefined
    },
    position(id) {
      const one = waiting.get(scriptOf.get(id) ?? -1)?.find((each) => each.id === id)
      if (!one) return 0
      let ahead = 0
      for (const list of waiting.values()) for (const other of list) if (isBefore(other, one)) ahead++
      return ahead + 1
    },
    activeOf,
    get active() {
      return active
    },
    get length() {
      return scriptOf.size
    },
  }
}

const isBefore = (a: Waiting, b: Waiting) => a.priority > b.priority || (a.priority === b.priority && a.place < b.place)
