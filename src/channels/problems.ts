/** What went wrong on the way to a receiver, in sentences that name its host and nothing else of its address. */
import { STATUS_CODES } from 'node:http'
import { RequestProblem } from '../http/checked-request.ts'
import { maskedLogin } from '../options/login.ts'
import type { Sent } from './model.ts'
import { plainText } from './text.ts'

export type Failed = Extract<Sent, { ok: false }>

/** Times that a receiver asks us to wait are cut to this. */
export const retryAfterMsMax = 24 * 3_600_000
const answerBytesMax = 4096

/** Why nothing came back from `host`. `timeoutMs`: the limit of the try. */
export function connectionProblem(
  error: unknown,
  host: string,
  timeoutMs: number,
): Pick<Failed, 'problem' | 'isFinal'> {
  if (!(error instanceof RequestProblem)) return { problem: `The message cannot be sent to ${host}.`, isFinal: true }
  const { kind, code, message } = error
  if (kind === 'refused' || kind === 'address') return { problem: sentence(message), isFinal: true }
  if (kind === 'name') return { problem: sentence(message), isFinal: false }
  if (kind === 'aborted') return { problem: `${host} did not answer within ${timeoutMs / 1000} s.`, isFinal: false }
  return { problem: `${host} ${networkWords(code)}.`, isFinal: false }
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** What an error code of the network says of the other side. */
export function networkWords(code: string): string {
  if (/REFUSED/i.test(code)) return 'refuses the connection'
  if (/RESET|EPIPE|Closed|hang/i.test(code)) return 'closed the connection without an answer'
  if (/UNREACH|TIMEDOUT|EHOSTDOWN/.test(code)) return 'cannot be reached'
  if (/CERT|SELF_SIGNED|ISSUER|VERIFY|ALTNAME/.test(code))
    return `has a certificate that is not trusted (${plain(code)})`
  if (/SSL|TLS|EPROTO|WRONG_VERSION/.test(code)) return `does not speak TLS there (${plain(code)})`
  if (/^HPE_|HTTP|Parse/i.test(code)) return 'did not answer in HTTP'
  return code === '' ? 'cannot be reached' : `cannot be reached (${plain(code)})`
}

/** Codes are ours, or the system's; anything else is not repeated. */
const plain = (code: string) => (/^\w{1,60}$/.test(code) ? code : 'unknown')

/** What a status other than 2xx says. */
export function statusProblem(status: number, host: string): Pick<Failed, 'problem' | 'isFinal'> {
  const isFinal = status >= 400 && status < 500 && ![408, 425, 429].includes(status)
  const words = `${host} answered ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
  const advice = statusAdvice[status]
  return { problem: advice ? `${words}: ${advice}.` : `${words}.`, isFinal }
}

const statusAdvice: Record<number, string> = {
  401: 'see whether its token or password is right',
  403: 'see whether its token or password is right, and what it allows',
  404: 'see whether its address is right',
  410: 'it wants no more messages at this address',
  413: 'the message is too long for it',
}

/** Seconds, or a date; null when there is nothing to be understood. */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined) return null
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(ms) ? null : Math.min(Math.max(Math.ceil(ms), 0), retryAfterMsMax)
}

/** The beginning of an answer as text, with `secrets` masked in it: receivers repeat what they were sent. */
export function answerText(bytes: Uint8Array, secrets: readonly string[]): string {
  let text = plainText(new TextDecoder().decode(bytes))
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) text = text.replaceAll(secret, maskedLogin)
  // Cut after masking, so that no half of a secret is left at the end.
  return Buffer.from(text)
    .subarray(0, answerBytesMax)
    .toString()
    .replace(/\ufffd+$/, '')
}
