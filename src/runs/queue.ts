/** Slots, globally and per script, and the runs that wait for one: first in, first out, none held up by another script's limit. */

export interface Waiting {
  id: number
  scriptId: number
  /** Called once, with the slot taken. */
  begin(): void
}

export interface Queue {
  /** Takes a slot now, or answers false. */
  tryTake(scriptId: number): boolean
  add(waiting: Waiting): void
  /** Gives a slot back and lets the next one begin. */
  release(scriptId: number): void
  /** Lets those begin for whom there is a slot: the limits may have been raised. */
  look(): void
  /** Takes a waiting run out; false when it is not waiting. */
  remove(id: number): boolean
  /** 1 for the next one; 0 when it is not waiting. */
  position(id: number): number
  readonly active: number
  readonly length: number
}

/** Both limits are read live; `slotsPerScript` 0 means none. */
export function createQueue({ slots, slotsPerScript }: { slots(): number; slotsPerScript(): number }): Queue {
  const waiting = new Map<number, Waiting>() // keeps the order of arrival
  const activeByScript = new Map<number, number>()
  let active = 0

  const activeOf = (scriptId: number) => activeByScript.get(scriptId) ?? 0

  function canTake(scriptId: number) {
    return active < slots() && (slotsPerScript() === 0 || activeOf(scriptId) < slotsPerScript())
  }

  function take(scriptId: number) {
    active++
    activeByScript.set(scriptId, activeOf(scriptId) + 1)
  }

  function beginNext() {
    if (waiting.size === 0) return
    for (const next of waiting.values()) {
      if (active >= slots()) return
      if (!canTake(next.scriptId)) continue
      waiting.delete(next.id)
      take(next.scriptId)
      next.begin()
    }
  }

  return {
    tryTake(scriptId) {
      if (!canTake(scriptId)) return false
      take(scriptId)
      return true
    },
    add: (one) => void waiting.set(one.id, one),
    release(scriptId) {
      active--
      const left = activeOf(scriptId) - 1
      if (left > 0) activeByScript.set(scriptId, left)
      else activeByScript.delete(scriptId)
      beginNext()
    },
    look: beginNext,
    remove: (id) => waiting.delete(id),
    position: (id) => [...waiting.keys()].indexOf(id) + 1,
    get active() {
      return active
    },
    get length() {
      return waiting.size
    },
  }
}
