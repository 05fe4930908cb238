/** Much work in small pieces: no request waits longer than one of them. */
import type { Clock } from '../clock.ts'

/** A piece should take about this long. */
const pieceMs = 5
const sizeMax = 200
const sizeMin = 5

export interface Pace {
  /** How many rows the next piece should have. */
  readonly size: number
  /** Does a piece, and learns from it how large the next one may be. */
  piece<T>(work: () => T): T
  /** Lets others have their turn, for as long as the last piece took. Throws when the work is to end. */
  rest(): Promise<void>
}

export function createPace({ clock, signal }: { clock: Clock; signal: AbortSignal }): Pace {
  let size = 25
  let tookMs = 0
  return {
    get size() {
      return size
    },
    piece(work) {
      const from = performance.now()
      try {
        return work()
      } finally {
        tookMs = performance.now() - from
        if (tookMs > pieceMs) size = Math.max(sizeMin, Math.floor(size / 2))
        else if (tookMs < pieceMs / 2) size = Math.min(sizeMax, size * 2)
      }
    },
    async rest() {
      await clock.sleep(Math.max(1, Math.min(100, tookMs)), signal)
      signal.throwIfAborted()
    },
  }
}
