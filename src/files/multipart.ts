/** A multipart form: text fields in memory under one limit, files straight to disk under another. */
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import Busboy, { type BusboyInstance } from '@fastify/busboy'
import { GatewayError, messageOf } from '../errors.ts'
import { contentTypeOf, unknownType } from '../results/content-types.ts'
import type { SubmissionOptions } from './body.ts'
import { bodyChunks, bodyTooLarge, incomplete } from './chunks.ts'
import { type Fields, fieldsMax, fieldsOfJson, fieldsOfPairs, malformed, mergeFields, tooManyFields } from './fields.ts'
import { safeFilename } from './names.ts'
import { formatBytes, type StoredFile, storeChunks } from './store.ts'
import { makeUploadFolder, removeFolder } from './temp.ts'

/** A file that came with a request. */
export interface UploadedFile extends StoredFile {
  field: string
  /** As it was sent, with folders where there were some: not to be trusted. */
  sentName: string
}

interface Form {
  fields: Fields
  files: UploadedFile[]
  /** One for each file. */
  folders: string[]
}

const filesDefaultMax = 50
const headerBytesMax = 16 * 1024
const fieldNameBytesMax = 1024

/** Reads the whole form. When it throws, every file that was stored is gone. */
export async function readMultipart(request: Request, contentType: string, options: SubmissionOptions): Promise<Form> {
  const parser = createParser(contentType, options)
  const parts = collectParts(parser, options)
  const stop = new AbortController()
  const signal = AbortSignal.any([request.signal, stop.signal])
  try {
    await Promise.race([feed(request, parser, signal), parts.failed])
    const files = await Promise.race([parts.files(), parts.failed])
    return { fields: parts.fields(), files, folders: parts.folders }
  } catch (error) {
    stop.abort()
    await parts.discard()
    throw error
  }
}

function createParser(contentType: string, { bodyBytesMax, filesMax }: SubmissionOptions): BusboyInstance {
  const limits = {
    fieldSize: bodyBytesMax,
    fields: fieldsMax,
    files: filesMax ?? filesDefaultMax,
    headerSize: headerBytesMax,
  }
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: { ...limits, headerPairs: 50 },
      preservePath: true, // a folder's files come with their paths
    })
  } catch (error) {
    throw malformed(`The body is not the multipart form it claims to be: ${messageOf(error)}.`)
  }
}

/** Ends when the last part has been parsed; waits whenever a file cannot be written as fast as it comes. */
async function feed(request: Request, parser: BusboyInstance, signal: AbortSignal): Promise<void> {
  let isEmpty = true
  try {
    for await (const chunk of bodyChunks(request, signal)) {
      isEmpty = false
      if (!parser.write(chunk)) await once(parser, 'drain', { signal })
    }
    if (isEmpty) return // an empty body is no fields; the parser would call it cut off
    const finished = once(parser, 'finish', { signal })
    parser.end()
    await finished
  } catch (error) {
    throw signal.aborted ? incomplete(error) : notMultipart(error)
  }
}

/** Listens to the parser. `failed` rejects with the first thing that is wrong; nothing else is ever thrown at anyone. */
function collectParts(parser: BusboyInstance, options: SubmissionOptions) {
  const { tmpDir, bodyBytesMax, uploadBytesMax, ownNames, filesMax = filesDefaultMax } = options
  const { promise: failed, reject: fail } = Promise.withResolvers<never>()
  const pairs: [string, string][] = []
  const payloads: Fields[] = []
  const folders: string[] = []
  const streams: Readable[] = []
  const stores: Promise<UploadedFile | null>[] = []
  const isPayload = (name: string) => name === 'payload' && !ownNames?.has('payload')
  let fieldBytes = 0

  failed.catch(() => {}) // raced where it matters, and it may come before or after that
  parser.on('error', (error) => fail(notMultipart(error)))
  parser.on('fieldsLimit', () => fail(tooManyFields()))
  parser.on('filesLimit', () => fail(tooManyFiles(filesMax)))

  const addField = (name: string, value: string | Buffer) => {
    fieldBytes += Buffer.byteLength(name) + Buffer.byteLength(value)
    if (fieldBytes > bodyBytesMax) throw bodyTooLarge(bodyBytesMax)
    if (isPayload(name)) payloads.push(fieldsOfJson(Buffer.from(value), 'The field "payload"', '/payload'))
    else pairs.push([name, value.toString()])
  }

  parser.on('field', (name: string | undefined, value, _nameTruncated, valueTruncated) => {
    try {
      if (valueTruncated) throw bodyTooLarge(bodyBytesMax)
      addField(checkedName(name), value)
    } catch (error) {
      fail(error)
    }
  })

  // A browser sends JSON that a page made (`new Blob`) as a file: read it as the field that it is meant to be.
  const addPayload = async (stream: Readable) => {
    addField('payload', await readStream(stream, bodyBytesMax))
    return null
  }

  parser.on('file', (name: string | undefined, stream, filename: string | undefined, _encoding, contentType) => {
    streams.push(stream)
    stream.on('error', () => {}) // also comes when nobody reads yet; the parser tells why
    const store = async () => {
      const field = checkedName(name)
      if (isPayload(field)) return addPayload(stream)
      const folder = await makeUploadFolder(tmpDir)
      folders.push(folder)
      return storeUpload(stream, { field, filename, contentType, folder, bytesMax: uploadBytesMax })
    }
    const stored = store()
    stored.catch(fail)
    stores.push(stored)
  })

  return {
    failed,
    folders,
    files: async () => (await Promise.all(stores)).filter((file) => file !== null),
    fields: () => mergeFields(...payloads, fieldsOfPairs(pairs)),
    async discard() {
      // The parser may send errors of its own after the first one, which is answered already.
      for (const stream of streams) stream.destroy(new Error('the upload was given up'))
      await Promise.allSettled(stores)
      await Promise.all(folders.map(removeFolder))
    },
  }
}

interface Upload {
  field: string
  filename: string | undefined
  contentType: string
  folder: string
  bytesMax: number
}

/** null for what a browser sends for a file input that nobody touched: no name and no bytes. */
async function storeUpload(stream: Readable, upload: Upload): Promise<UploadedFile | null> {
  const { field, folder, bytesMax } = upload
  const filename = safeFilename(upload.filename ?? '', 'upload')
  const path = join(folder, filename)
  const tooLarge = () => uploadTooLarge(field, bytesMax)
  const { size, sha256 } = await storeChunks(stream, { path, bytesMax, tooLarge })
  if (size === 0 && !upload.filename) return null
  const contentType = upload.contentType === unknownType ? contentTypeOf(filename) : upload.contentType
  return { field, path, filename, sentName: upload.filename ?? '', size, contentType, sha256 }
}

async function readStream(stream: Readable, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > bytesMax) throw bodyTooLarge(bytesMax)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function checkedName(name: string | undefined): string {
  if (!name) throw malformed('A part of the form has no name.')
  if (Buffer.byteLength(name) > fieldNameBytesMax)
    throw malformed(`A part of the form has a name of more than ${fieldNameBytesMax} bytes.`)
  return name
}

const uploadTooLarge = (field: string, bytesMax: number) => {
  const message = `is larger than ${formatBytes(bytesMax)} (the setting upload_bytes_max)`
  const details = [{ path: `/${field}`, message }]
  return new GatewayError('too_large', `The file "${field.slice(0, 100)}" ${message}.`, { details })
}

const tooManyFiles = (filesMax: number) =>
  new GatewayError('too_large', `The request has more than ${filesMax} files; at most ${filesMax} are accepted.`)

const notMultipart = (error: unknown) =>
  error instanceof GatewayError
    ? error
    : malformed(`The body is not the multipart form it claims to be: ${messageOf(error)}.`)
