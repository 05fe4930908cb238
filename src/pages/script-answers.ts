/** What acts on scripts answer: JSON where a browser with scripts asks, which stays where it is; else 303 to where one came from. */
import { say } from '../../views/texts.ts'
import { GatewayError } from '../errors.ts'
import type { PageDeps } from './deps.ts'
import { errorPage, seeOther } from './html.tsx'

/** What a browser with scripts is answered: it stays where it is. */
export interface Answer {
  /** What was done, in a sentence; null: nothing was. */
  said: string | null
  /** What takes it back. */
  undo: { action: string; fields: [string, string][] } | null
  /** What was not done, and why. */
  refused: { name: string; message: string }[]
  /** Whose rows are other ones now. */
  ids: number[]
  /** They have rows again, which the table that is shown has not. */
  isBack?: boolean
}

/** Scripts at once. */
export const batchMax = 200

/** `told`: what the address of the dashboard says of it, without JavaScript. */
export function answer(request: Request, form: URLSearchParams, done: Answer, told = ''): Response {
  if (wantsJson(request)) return Response.json(done, { headers: { 'cache-control': 'no-store' } })
  if (done.refused.length === 0) return seeOther(withTold(backOf(form.get('back')), told))
  return errorPage(409, done.refused.map(({ name, message }) => `${name}: ${message}`).join(' '))
}

const withTold = (back: string, told: string) =>
  told === '' || !/^\/(\?|$)/.test(back) ? back : `${back}${back.includes('?') ? '&' : '?'}${told}`

/** By a browser with scripts: it stays where it is. */
export const wantsJson = ({ headers }: Request) => (headers.get('accept') ?? '').includes('application/json')

/** A page of ours: anybody may have written the address. */
export function backOf(asked: string | null): string {
  return asked !== null && /^\/(\?|$|executions|scripts\/)/.test(asked) ? asked : '/'
}

/** What a fault is told as, to whoever did not make it. */
export function toldOf(deps: PageDeps, error: unknown): string {
  if (error instanceof GatewayError) return error.message
  deps.report(error)
  return say('The gateway made a mistake. Its log says which one.')
}
