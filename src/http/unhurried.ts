/**
 * Connections that say nothing are closed. Bun counts from the request on, and the bytes of a body do not set it back: a large
 * upload over a slow line would be cut. So a body has all the time that files/chunks.ts gives it, and the handler its own; once
 * the answer is there, the connection counts again, also while nobody reads what is still coming.
 */
import type { HigherOrderFunction } from 'elysia/types'

/** Headers have ten seconds, whatever we say here: that is Bun's own. */
export const idleTimeoutSec = 30

/** Of Bun's server; 0: no limit. */
type SetTimeoutSec = (request: Request, timeoutSec: number) => void

/** Holds the connection open until `act` has its answer. */
export async function unhurried<T>(request: Request, setTimeoutSec: SetTimeoutSec, act: () => T | Promise<T>) {
  setTimeoutSec(request, 0)
  try {
    return await act()
  } finally {
    setTimeoutSec(request, idleTimeoutSec)
  }
}

const bodyless = new Set(['GET', 'HEAD', 'OPTIONS'])

/** For Elysia's `wrap`: around whatever answers. */
export function unhurriedBodies(setTimeoutSec: SetTimeoutSec): HigherOrderFunction {
  const around = (fetch: (request: Request) => Response | Promise<Response>) => (request: Request) =>
    bodyless.has(request.method) ? fetch(request) : unhurried(request, setTimeoutSec, () => fetch(request))
  return around as unknown as HigherOrderFunction // whose own type knows of no request and no answer
}
