/** A request to run a script, in any of the formats of the contract, becomes fields and stored files. */
import { decodeUtf8, parseJson } from '../results/json.ts'
import { isEmptyBody, readAll } from './chunks.ts'
import { emptyFields, type Fields, fieldsOfJson, fieldsOfPairs, malformed } from './fields.ts'
import { readMultipart, type UploadedFile } from './multipart.ts'
import { hashOf } from './submission-hash.ts'
import { removeFolder } from './temp.ts'

export type { UploadedFile } from './multipart.ts'

export interface Submission {
  /** Values as they came: text from queries and forms, anything from JSON. A name sent more than once is a list. */
  fields: Fields
  files: UploadedFile[]
  /** SHA-256 (hexadecimal) over the fields in any order and the files: equal for a repeated request. Made when read. */
  readonly hash: string
  /** Removes the stored files. */
  dispose(): Promise<void>
}

export interface SubmissionOptions {
  /** Uploads go to folders below it. */
  tmpDir: string
  /** Of JSON, of a form, and of all text fields of a multipart form together. */
  bodyBytesMax: number
  /** Of each file. */
  uploadBytesMax: number
  /** Of one form; 50 if left out. */
  filesMax?: number
  /** Names of the script's parameters: one called `payload` takes the form's `payload` as its value. */
  ownNames?: ReadonlySet<string>
}

/**
 * Reads the query of a GET, the body of anything else. Throws `validation` with status 400 for a body that is not what
 * it claims to be, `too_large`, and `resource` when the disk is full; nothing stays stored when it throws.
 */
export async function readSubmission(request: Request, options: SubmissionOptions): Promise<Submission> {
  if (request.method === 'GET' || request.method === 'HEAD')
    return submission(fieldsOfPairs(new URL(request.url).searchParams))

  const contentType = request.headers.get('content-type') ?? ''
  const read = readers[formatOf(contentType)]
  return read(request, contentType, options)
}

type Reader = (request: Request, contentType: string, options: SubmissionOptions) => Promise<Submission>

type Format = 'json' | 'form' | 'multipart' | 'other'

function formatOf(contentType: string): Format {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase()
  if (type === 'multipart/form-data') return 'multipart'
  if (type === 'application/x-www-form-urlencoded') return 'form'
  return type === 'application/json' || /^application\/[^/]+\+json$/.test(type) ? 'json' : 'other'
}

const readers: Record<Format, Reader> = {
  json: async (request, contentType, { bodyBytesMax }) => {
    refuseOtherCharsets(contentType)
    const bytes = await readAll(request, bodyBytesMax)
    return submission(bytes.length === 0 ? emptyFields() : fieldsOfJson(bytes, 'The body', ''))
  },

  form: async (request, contentType, { bodyBytesMax }) => {
    refuseOtherCharsets(contentType)
    const bytes = await readAll(request, bodyBytesMax)
    const text = decodeUtf8(bytes)
    if (text === null) throw malformed('The form is not valid UTF-8.')
    refuseJsonAsForm(text, bytes)
    return submission(fieldsOfPairs(new URLSearchParams(text)))
  },

  multipart: async (request, contentType, options) => {
    const { fields, files, folders } = await readMultipart(request, contentType, options)
    return submission(fields, files, folders)
  },

  other: async (request, contentType) => {
    if (await isEmptyBody(request)) return submission(emptyFields())
    const got = contentType === '' ? 'has no Content-Type' : `has the Content-Type "${contentType.slice(0, 100)}"`
    throw malformed(`The body ${got}: send application/json, multipart/form-data or application/x-www-form-urlencoded.`)
  },
}

function submission(fields: Fields, files: UploadedFile[] = [], folders: string[] = []): Submission {
  let hash: string | null = null
  return {
    fields,
    files,
    get hash() {
      hash ??= hashOf(fields, files)
      return hash
    },
    dispose: async () => {
      await Promise.all(folders.map(removeFolder))
    },
  }
}

function refuseOtherCharsets(contentType: string): void {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1]?.toLowerCase()
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii')
    throw malformed(`The body must be in UTF-8; its Content-Type says "${charset.slice(0, 50)}".`)
}

/** What `curl -d '{…}'` sends when its -H was forgotten: a form with one field whose name is all of the JSON. */
function refuseJsonAsForm(text: string, bytes: Uint8Array): void {
  if (!text.trimStart().startsWith('{') || !text.trimEnd().endsWith('}')) return
  try {
    parseJson(bytes)
  } catch {
    return // a form after all
  }
  throw malformed(
    'The body is JSON but its Content-Type says that it is a form: send "Content-Type: application/json".',
  )
}
