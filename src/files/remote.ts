/** Fetches a file from an address that a caller named, without lending the caller our place in the network. */
import { lookup as resolveName } from 'node:dns/promises'
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { GatewayError, invalid } from '../errors.ts'
import { contentTypeOf, extensionForType, extensionOf, unknownType } from '../results/content-types.ts'
import { isAllowedAddress } from './addresses.ts'
import { filenameOfDisposition } from './disposition.ts'
import { safeFilename } from './names.ts'
import { formatBytes, type StoredFile, storeChunks } from './store.ts'

export interface FetchOptions {
  /** JSON pointer of the parameter, for messages. */
  path: string
  /** Absolute path of an existing folder for the file. */
  folder: string
  bytesMax: number
  /** For all of it: names, redirects and every byte. */
  timeoutMs: number
  /** Loopback and private networks too. */
  allowPrivate: boolean
  signal?: AbortSignal
  /** The system's name service, unless a test has its own. */
  resolve?: (hostname: string) => Promise<Address[]>
}

interface Address {
  address: string
  family: number
}

const redirectsMax = 5

/**
 * Stores what is at `url` (http or https) in `folder`, under the name it has there. Each address, also of a redirect, is
 * checked after its name was resolved, and that very address is connected to: a name that changes in between cannot
 * lead elsewhere. No credentials are sent. Throws `validation`, or `too_large`, for the parameter.
 */
export async function fetchToFile(url: string, options: FetchOptions): Promise<StoredFile> {
  const timeout = AbortSignal.timeout(options.timeoutMs)
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout
  try {
    const { response, from } = await followRedirects(parseAddress(url), options, signal)
    return await store(response, from, options, signal)
  } catch (error) {
    if (!(error instanceof FetchProblem)) throw error
    const why = timeout.aborted ? `it took more than ${options.timeoutMs / 1000} s` : error.message
    throw invalid(options.path, `could not be fetched: ${why}`)
  }
}

/** Everything that is wrong with the address or its server, in words for the caller. */
class FetchProblem extends Error {}

function parseAddress(text: string, base?: URL): URL {
  const url = URL.parse(text, base)
  if (!url) throw new FetchProblem('it is not a valid address')
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new FetchProblem(`only http and https are fetched, not ${url.protocol.slice(0, 20)}`)
  if (url.username || url.password) throw new FetchProblem('an address with a user name or password is not fetched')
  return url
}

async function followRedirects(first: URL, options: FetchOptions, signal: AbortSignal) {
  let from = first
  for (let redirects = 0; redirects <= redirectsMax; redirects++) {
    const response = await get(from, options, signal)
    const status = response.statusCode ?? 0
    if (status >= 200 && status < 300 && status !== 204) return { response, from }
    response.destroy()
    const location = response.headers.location
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined)
      throw new FetchProblem(`${status} ${response.statusMessage ?? ''} from ${nameOf(from)}`)
    from = parseAddress(location, from)
  }
  throw new FetchProblem(`more than ${redirectsMax} redirects, the last one to ${nameOf(from)}`)
}

/** Without the query, which may hold what a redirect was to keep secret. */
const nameOf = (url: URL) => `${url.origin}${url.pathname}`.slice(0, 300)

/** Resolves when the headers are there. */
async function get(url: URL, options: FetchOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  // A literal address never gets to `lookup`; URL has brought every spelling of it (0x7f.1, 2130706433) to the usual one.
  if (isIP(hostname)) refuseUnlessAllowed(hostname, [{ address: hostname, family: isIP(hostname) }], options)
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = send(url, {
    // No pooled connection: it was made to an address that was checked for somebody else.
    agent: false,
    signal,
    lookup: checkedLookup(options),
    headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'ScriptGateway' },
  })
  request
    .on('response', resolve)
    .on('error', (error) => reject(new FetchProblem(error.message)))
    .end()
  return race(promise, signal)
}

/** Some waits do not end when the request is aborted (a name service that does not answer). */
function race<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(new FetchProblem('it was given up'))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', abort))
}

type Lookup = NonNullable<RequestOptions['lookup']>

const checkedLookup =
  (options: FetchOptions): Lookup =>
  (hostname, { all }, callback) => {
    const resolve = options.resolve ?? ((name) => resolveName(name, { all: true }))
    resolve(hostname)
      .then((addresses) => refuseUnlessAllowed(hostname, addresses, options))
      .then(
        (allowed) => (all ? callback(null, allowed) : callback(null, allowed[0]!.address, allowed[0]!.family)),
        (error) => callback(error instanceof FetchProblem ? error : notFound(hostname), []),
      )
  }

const notFound = (hostname: string) => new FetchProblem(`no address is known for "${hostname}"`)

/** The addresses that may be connected to; throws when there are none. */
function refuseUnlessAllowed(hostname: string, addresses: Address[], { allowPrivate }: FetchOptions): Address[] {
  if (addresses.length === 0) throw notFound(hostname)
  const allowed = addresses.filter(({ address }) => isAllowedAddress(address, allowPrivate))
  if (allowed.length > 0) return allowed
  throw new FetchProblem(
    `"${hostname}" is not a public address${allowPrivate ? '' : ' (the setting fetch_private_addresses)'}`,
  )
}

async function store(response: IncomingMessage, from: URL, options: FetchOptions, signal: AbortSignal) {
  const { path: parameter, bytesMax, folder } = options
  const tooLarge = () => fileTooLarge(parameter, bytesMax)
  try {
    if (Number(response.headers['content-length'] ?? 0) > bytesMax) throw tooLarge()
    const sentType = response.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? ''
    const filename = filenameOf(response, from, sentType)
    const path = join(folder, filename)
    const stored = await storeChunks(chunksOf(response, signal), { path, bytesMax, tooLarge })
    const contentType = sentType === '' || sentType === unknownType ? contentTypeOf(filename) : sentType
    return { path, filename, contentType, ...stored }
  } finally {
    response.destroy()
  }
}

/** Also ends, with an error, when a server stops sending without closing. */
async function* chunksOf(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const chunks = response[Symbol.asyncIterator]()
  while (true) {
    const { done, value } = await race(chunks.next(), signal).catch((error: Error) => {
      throw new FetchProblem(error.message)
    })
    if (done) break
    yield value
  }
  if (!response.complete) throw new FetchProblem('the connection ended before the file did')
}

/** As the server calls it, else the end of the address; with the extension of its type when it has none. */
function filenameOf(response: IncomingMessage, from: URL, contentType: string): string {
  const sent = filenameOfDisposition(response.headers['content-disposition'] ?? '')
  const name = safeFilename(sent || decodeLenient(from.pathname.split('/').pop() ?? ''), 'download')
  return extensionOf(name) === '' && contentType !== '' ? safeFilename(name + extensionForType(contentType)) : name
}

function decodeLenient(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a lone % is legal in addresses
  }
}

const fileTooLarge = (path: string, bytesMax: number) => {
  const message = `is larger than ${formatBytes(bytesMax)} (the setting upload_bytes_max)`
  return new GatewayError('too_large', `${path.slice(1)} ${message}.`, { details: [{ path, message }] })
}
