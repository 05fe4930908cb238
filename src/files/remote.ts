/** Fetches a file from an address that a caller named, without lending the caller our place in the network. */
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { GatewayError, invalid } from '../errors.ts'
import { type AddressRules, chunksOf, type IpAddress, RequestProblem, requestChecked } from '../http/checked-request.ts'
import { contentTypeOf, extensionForType, extensionOf, unknownType } from '../results/content-types.ts'
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
  resolve?: (hostname: string) => Promise<IpAddress[]>
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
    if (!(error instanceof RequestProblem)) throw error
    const why = timeout.aborted ? `it took more than ${options.timeoutMs / 1000} s` : error.message
    throw invalid(options.path, `could not be fetched: ${why}`)
  }
}

/** What is wrong with the address itself, in words for the caller. */
const problemOf = (message: string) => new RequestProblem(message, 'address')

function parseAddress(text: string, base?: URL): URL {
  const url = URL.parse(text, base)
  if (!url) throw problemOf('it is not a valid address')
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw problemOf(`only http and https are fetched, not ${url.protocol.slice(0, 20)}`)
  if (url.username || url.password) throw problemOf('an address with a user name or password is not fetched')
  return url
}

async function followRedirects(first: URL, options: FetchOptions, signal: AbortSignal) {
  const rules = rulesOf(options)
  let from = first
  for (let redirects = 0; redirects <= redirectsMax; redirects++) {
    const response = await requestChecked(from, { rules, headers, signal })
    const status = response.statusCode ?? 0
    if (status >= 200 && status < 300 && status !== 204) return { response, from }
    response.destroy()
    const location = response.headers.location
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined)
      throw problemOf(`${status} ${response.statusMessage ?? ''} from ${nameOf(from)}`)
    from = parseAddress(location, from)
  }
  throw problemOf(`more than ${redirectsMax} redirects, the last one to ${nameOf(from)}`)
}

/** Without the query, which may hold what a redirect was to keep secret. */
const nameOf = (url: URL) => `${url.origin}${url.pathname}`.slice(0, 300)

const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'ScriptGateway' }

/** Public addresses always; loopback and private networks with `allowPrivate`; nothing else ever. */
const rulesOf = ({ allowPrivate, resolve }: FetchOptions): AddressRules => ({
  allows: (kind) => kind === 'public' || (allowPrivate && (kind === 'private' || kind === 'loopback')),
  refusal: (hostname) =>
    `"${hostname}" is not a public address${allowPrivate ? '' : ' (the setting fetch_private_addresses)'}`,
  ...(resolve ? { resolve } : {}),
})

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
