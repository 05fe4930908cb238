/** When a delivery that did not arrive is tried again. */
const sec = 1000
const min = 60 * sec
const hour = 60 * min

/** After the first try, the second … and each after those that are listed. */
const notificationDelays = [5 * sec, 30 * sec, 2 * min, 10 * min, hour, 3 * hour, 6 * hour, 12 * hour]
/** What a heartbeat says is true for a short time only. */
const heartbeatDelays = [sec, 5 * sec, 15 * sec, min, 2 * min, 4 * min]
/** An older one is not sent any more. */
export const heartbeatAgeMaxMs = 10 * min

/** A tenth either way, lest all that failed at once come again at once. */
const jitter = 0.1

/** Milliseconds until the try after `attempts` tries; never sooner than the receiver asked. `random`: 0 to 1. */
export function retryDelayMs(
  kind: string,
  { attempts, retryAfterMs = 0, random }: { attempts: number; retryAfterMs?: number | null; random: number },
): number {
  const delays = kind === 'heartbeat' ? heartbeatDelays : notificationDelays
  const delay = delays[Math.min(attempts, delays.length) - 1]!
  return Math.max(Math.round(delay * (1 + jitter * (2 * random - 1))), retryAfterMs ?? 0)
}

/** How long nothing else is tried either where the last `failures` tries in a row failed: a dead receiver is asked once a minute. */
export const pauseMs = (failures: number) => Math.min(min, 5 * sec * 2 ** Math.min(failures - 1, 10))
