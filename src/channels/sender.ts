/** Sends requests of channels: bounded in time and size, to addresses that were checked, never with an exception. */
import type { IncomingMessage } from 'node:http'
import {
  type AddressRules,
  checkedAddresses,
  chunksOf,
  type IpAddress,
  requestChecked,
} from '../http/checked-request.ts'
import type { IpKind } from '../http/ip-kinds.ts'
import type { Means, Outgoing, Sent } from './model.ts'
import { answerText, connectionProblem, retryAfterMs, statusProblem } from './problems.ts'

export interface SenderOptions {
  /** For all of a try: names, redirects and the answer. */
  timeoutMs: number
  /** Loopback and link-local addresses too (the setting notify_local_addresses). */
  allowLocal: boolean
  now?(): number
  /** The system's name service, unless a test has its own. */
  resolve?: (hostname: string) => Promise<IpAddress[]>
  /** Certificates to trust instead of the usual ones (PEM), for tests. */
  ca?: string
}

const redirectsMax = 3
const answerReadBytesMax = 64 * 1024

/** What channels send with, for as long as the settings are what they are: it keeps nothing, so make one for each try. */
export function createSender(options: SenderOptions): Means {
  const { timeoutMs, now = Date.now, ca } = options
  const rules = rulesOf(options)

  async function http(request: Outgoing): Promise<Sent> {
    const began = performance.now()
    const durationMs = () => Math.round(performance.now() - began)
    const first = URL.parse(request.url)
    const host = first?.host ?? 'the receiver'
    try {
      if (!first) throw new TypeError('not an address')
      const signal = AbortSignal.timeout(timeoutMs)
      const { response, from, problem } = await follow(first, request, signal)
      const answer = await beginningOf(response, signal, secretsOf(request, first))
      const status = response.statusCode ?? 0
      if (status >= 200 && status < 300) return { ok: true, status, answer, durationMs: durationMs() }
      const failed = problem ? { problem, isFinal: true } : statusProblem(status, from.host)
      const wait = failed.isFinal ? null : retryAfterMs(response.headers['retry-after'], now())
      return { ok: false, status, answer, durationMs: durationMs(), ...failed, retryAfterMs: wait }
    } catch (error) {
      const failed = connectionProblem(error, host, timeoutMs)
      return { ok: false, status: null, answer: '', durationMs: durationMs(), ...failed, retryAfterMs: null }
    }
  }

  /** The last answer; `problem`: why a redirect was not followed. */
  async function follow(first: URL, { method, headers, body }: Outgoing, signal: AbortSignal) {
    const sent = { rules, method, signal, ...(ca === undefined ? {} : { ca }), ...(method === 'GET' ? {} : { body }) }
    const all = { 'user-agent': 'ScriptGateway', 'accept-encoding': 'identity', ...loginOf(first), ...headers }
    let from = first
    for (let redirects = 0; ; redirects++) {
      const response = await requestChecked(withoutLogin(from), { ...sent, headers: all })
      const next = redirectOf(response, from)
      if (next === null) return { response, from, problem: '' }
      const problem = redirects === redirectsMax ? tooMany(first) : refusedRedirect(response, from, next, method, all)
      if (problem !== '') return { response, from, problem }
      response.destroy()
      from = next
    }
  }

  return { http, addressesOf: (hostname) => checkedAddresses(hostname, rules), timeoutMs, now, ...(ca ? { ca } : {}) }
}

/** Public and private networks; this machine and what is link-local only when allowed; multicast and reserved ones never. */
function rulesOf({ allowLocal, resolve }: SenderOptions): AddressRules {
  const allows = (kind: IpKind) =>
    kind === 'public' || kind === 'private' || (allowLocal && (kind === 'loopback' || kind === 'link_local'))
  const refusal = (hostname: string, kinds: IpKind[]) =>
    kinds.includes('loopback') || kinds.includes('link_local')
      ? `"${hostname}" is this machine or link-local, where nothing is sent unless the setting notify_local_addresses is on`
      : `"${hostname}" is no address that anything is sent to`
  return { allows, refusal, ...(resolve ? { resolve } : {}) }
}

/** A login in an address is sent as browsers and curl do. */
function loginOf({ username, password }: URL): Record<string, string> {
  if (username + password === '') return {}
  const login = `${decoded(username)}:${decoded(password)}`
  return { authorization: `Basic ${Buffer.from(login).toString('base64')}` }
}

function withoutLogin(url: URL): URL {
  const plain = new URL(url)
  plain.username = ''
  plain.password = ''
  return plain
}

function decoded(text: string) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a lone % is legal in addresses
  }
}

/** Where an answer leads; null when it leads nowhere. */
function redirectOf({ statusCode = 0, headers }: IncomingMessage, from: URL): URL | null {
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return null
  return URL.parse(headers.location, from.href)
}

const tooMany = (first: URL) => `${first.host} redirects more than ${redirectsMax} times.`

/** Headers that any receiver may see. */
const harmless = ['content-type', 'accept', 'accept-encoding', 'user-agent', 'webhook-id', 'webhook-timestamp']
const credentialsIn = (headers: Record<string, string>) =>
  Object.entries(headers).filter(([name]) => !harmless.includes(name.toLowerCase()))

/** Why a redirect is not followed; empty when it is. Only hosts are named: the rest of an address may be a secret. */
function refusedRedirect(
  { statusCode = 0 }: IncomingMessage,
  from: URL,
  to: URL,
  method: string,
  headers: Record<string, string>,
): string {
  const words = `${from.host} redirects to ${to.host === '' ? to.protocol : to.host}`
  if (to.protocol !== 'http:' && to.protocol !== 'https:') return `${words}, which is neither http nor https.`
  if (method !== 'GET' && statusCode < 304)
    return `${words} (${statusCode}); only 307 and 308 are followed with their message: enter the new address.`
  if (from.protocol === 'https:' && to.protocol === 'http:')
    return `${words} without encryption: enter the new address.`
  const isUpgrade = from.hostname === to.hostname && from.port === '' && to.port === '' && to.protocol === 'https:'
  if (from.origin !== to.origin && !isUpgrade && credentialsIn(headers).length > 0)
    return `${words}, which must not see the credentials for ${from.host}: enter the new address.`
  return ''
}

/** The status has said whether it arrived: an answer that is too long, or breaks off, changes nothing. */
async function beginningOf(response: IncomingMessage, signal: AbortSignal, secrets: string[]): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of chunksOf(response, signal)) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= answerReadBytesMax) break
    }
  } catch {
    // what came until then is the answer
  }
  response.destroy()
  return answerText(Buffer.concat(chunks), secrets)
}

/** What an answer must not repeat: parts of the address that look like tokens, and headers. */
function secretsOf({ headers }: Outgoing, url: URL): string[] {
  const { pathname, search, searchParams, username, password } = url
  const values = credentialsIn({ ...loginOf(url), ...headers }).flatMap(([, value]) => [
    value,
    value.replace(/^\S+ /, ''),
  ])
  const parts = [...pathname.split('/').filter(isTokenLike), ...searchParams.values(), password, username]
  const spellings = parts.flatMap((part) => [part, decoded(part), encodeURIComponent(part)])
  return [...new Set([...values, ...spellings, pathname + search])].filter((text) => text.length >= 4)
}

const isTokenLike = (part: string) => part.length >= 16 || (part.length >= 6 && /\d/.test(part))
