/** Files that leave the gateway: which ones a path reaches, and how a browser is to take them. */
import { realpathSync, type Stats } from 'node:fs'
import { basename, join, sep } from 'node:path'
import { GatewayError } from '../errors.ts'
import { contentTypeOf } from '../results/content-types.ts'
import { contentDisposition } from './disposition.ts'
import { type OpenedFile, openFile } from './opened-file.ts'
import { rangeOf } from './range.ts'

/**
 * The real path of what a relative address path, still percent-encoded, names below `root`: the one resolver for every
 * path that comes from outside. null for what is missing, leads out of `root` in whatever spelling, also through links.
 */
export function resolveInside(root: string, relativeUrlPath: string): string | null {
  const segments = relativeUrlPath.split('/').map(decodeSegment)
  if (!segments.every((segment) => segment !== null)) return null
  try {
    const realRoot = realpathSync(root)
    const real = realpathSync(join(realRoot, ...segments))
    return real.startsWith(`${realRoot}${sep}`) ? real : null
  } catch {
    return null // missing, a loop of links, a name too long: nothing that could be served
  }
}

/** Decoded once; null for what is no plain name. */
function decodeSegment(segment: string): string | null {
  try {
    const name = decodeURIComponent(segment)
    return name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name) ? null : name
  } catch {
    return null
  }
}

export interface ServeOptions {
  /** Shown to the user; the file's own name if left out. */
  filename?: string
  /** By the file's extension if left out. */
  contentType?: string
  /** Offer it for saving, whatever it is; `?download=1` does the same. */
  isDownload?: boolean
  cacheControl?: string
}

/**
 * Answers GET or HEAD with a file, named by its real path: one byte range, conditional requests. What a browser would run is
 * offered for saving, and nothing of it can run in our origin. Throws `not_found`, and `validation` with status 416 for a
 * range outside.
 */
export function serveFile(request: Request, absolutePath: string, options: ServeOptions = {}): Response {
  const file = openFile(absolutePath)
  if (!file) throw new GatewayError('not_found', `There is no file "${basename(absolutePath)}".`)
  try {
    return answerWith(file, headersOf(request, absolutePath, file.stats, options), request)
  } finally {
    file.closeUnlessStreamed()
  }
}

function answerWith(file: OpenedFile, headers: Headers, request: Request): Response {
  if (isUnchanged(request, headers)) return new Response(null, { status: 304, headers: withoutContent(headers) })
  const { size } = file.stats
  const range = rangeOf(request, { size, etag: headers.get('etag')!, modified: headers.get('last-modified')! })
  if (range === 'outside') throw rangeOutside(size)
  if (range) headers.set('content-range', `bytes ${range.start}-${range.end}/${size}`)
  const { start, end } = range ?? { start: 0, end: size - 1 }
  headers.set('content-length', String(end - start + 1))
  const isSent = request.method !== 'HEAD' && end >= start
  return new Response(isSent ? file.stream({ start, end }) : null, { status: range ? 206 : 200, headers })
}

function headersOf(request: Request, path: string, { size, mtimeMs, mtime }: Stats, options: ServeOptions): Headers {
  const filename = options.filename ?? basename(path)
  const contentType = options.contentType ?? contentTypeOf(filename)
  const isFramed = isFrameOfOurs(request, contentType)
  const isInline = !options.isDownload && !asksForDownload(request) && (isShowable(contentType) || isFramed)
  return new Headers({
    'content-type': /^text\/|\/json$/.test(contentType) ? `${contentType}; charset=utf-8` : contentType,
    'content-disposition': contentDisposition(isInline ? 'inline' : 'attachment', filename),
    'content-security-policy': isFramed ? framePolicy : contentType === pdf ? pdfPolicy : policy,
    'x-content-type-options': 'nosniff',
    'accept-ranges': 'bytes',
    'cache-control': options.cacheControl ?? 'private, no-cache',
    etag: `"${size.toString(36)}-${Math.round(mtimeMs * 1000).toString(36)}"`,
    'last-modified': mtime.toUTCString(),
  })
}

const asksForDownload = (request: Request) => new URL(request.url).searchParams.get('download') === '1'

const pdf = 'application/pdf'

/** Types in which no browser runs anything. */
const isShowable = (contentType: string) =>
  contentType !== 'image/svg+xml' &&
  (/^(image|audio|video)\//.test(contentType) || ['text/plain', 'application/json', pdf].includes(contentType))

/** HTML that a page of ours shows in a frame. Asked for in any other way, it is saved. */
const isFrameOfOurs = (request: Request, contentType: string) =>
  contentType === 'text/html' && new URL(request.url).searchParams.get('frame') === '1' && isForFrame(request)

/** Asked for by a frame in a page of ours. */
export const isForFrame = ({ headers }: Request) =>
  headers.get('sec-fetch-dest') === 'iframe' && headers.get('sec-fetch-site') === 'same-origin'

/** In an origin of its own, with no way to the network: what is in the file is all it has. */
export const framePolicy =
  "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; " +
  "media-src data: blob:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"

const policy = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"

/** Chrome does not open its viewer in a sandbox, and what runs in a PDF does not run in our origin. */
const pdfPolicy = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"

/** If-None-Match counts, and only without it If-Modified-Since (RFC 9110, 13.2.2). */
function isUnchanged(request: Request, headers: Headers): boolean {
  const tags = request.headers.get('if-none-match')
  if (tags !== null)
    return tags.split(',').some((tag) => ['*', headers.get('etag')].includes(tag.trim().replace(/^W\//, '')))
  const since = Date.parse(request.headers.get('if-modified-since') ?? '')
  return Date.parse(headers.get('last-modified')!) <= since
}

function withoutContent(headers: Headers): Headers {
  for (const name of ['content-type', 'content-disposition', 'accept-ranges']) headers.delete(name)
  return headers
}

const rangeOutside = (size: number) =>
  new GatewayError('validation', `The range is outside of the file, which has ${size} bytes.`, {
    status: 416,
    headers: { 'content-range': `bytes */${size}` },
  })
