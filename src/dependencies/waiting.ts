/** Answers of what installs: at once, or when it has ended. */
import { t } from 'elysia'
import { GatewayError } from '../errors.ts'
import { parsePrefer } from '../http/prefer.ts'
import type { CallersDependencies } from './for-caller.ts'
import type { Installation } from './model.ts'

export const waitParam = t.Optional(t.String({ description: '1: answer when it has ended; or `Prefer: wait=SECONDS`' }))

/** A flag as it comes in an address. */
export const isOn = (flag: string | undefined) => flag === '1' || flag === 'true'

interface Asked {
  request: Request
  /** `?wait=1` */
  query: { wait?: string }
  set: { status?: number | string; headers: Record<string, unknown> }
}

/** How long the caller wants to wait for the end, in ms; 0 by default. */
export function waitMsOf({ request, query }: Pick<Asked, 'request' | 'query'>): number {
  if (isOn(query.wait)) return Number.POSITIVE_INFINITY
  return parsePrefer(request.headers.get('prefer'), true).waitMs
}

/**
 * 200 with `ready()` where there is nothing to do (any more), 202 with the installation while it goes on. Throws `dependency` for
 * one that failed while the caller waited.
 */
export async function answerInstallation<T>(
  installation: Installation | null,
  { own, asked, ready }: { own: CallersDependencies; asked: Asked; ready(): Promise<T> },
): Promise<T | Installation> {
  if (installation === null) return ready()
  const { id } = installation
  const ended = await endOf(own.installations.follow(id).finished, waitMsOf(asked))
  if (ended?.status === 'success') return ready()
  if (ended)
    throw new GatewayError('dependency', ended.reason ?? 'The packages could not be installed.', {
      headers: { 'content-location': `/api/installations/${id}` },
    })
  asked.set.status = 202
  asked.set.headers.location = `/api/installations/${id}`
  return own.installations.get(id)
}

/** The longest that a timer of the platform waits. */
const timerMsMax = 2 ** 31 - 1

async function endOf(finished: Promise<Installation>, waitMs: number): Promise<Installation | null> {
  if (waitMs === 0) return null
  if (waitMs === Number.POSITIVE_INFINITY) return finished
  const { promise: late, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), Math.min(waitMs, timerMsMax))
  return Promise.race([finished, late]).finally(() => clearTimeout(timer))
}
