/** How a script's stdout becomes the result of its run. */
import { constants } from 'node:fs'
import { copyFile, link, mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Result } from '../runs/model.ts'
import { contentTypeOf } from './content-types.ts'
import { interpret, interpretJson } from './interpret.ts'
import { jsonAtEnd, spooledExtension } from './spooled.ts'

/** In memory, or, when it was larger than a result in an answer may be, in a file (absolute path, size in bytes). */
export type StdoutCapture = { bytes: Uint8Array } | { file: string; size: number }

export interface ReadResultOptions {
  stdout: StdoutCapture
  /** Absolute; made when a file is stored and it is not there yet. */
  outputDir: string
  /** Address of `outputDir`, without a slash at the end. */
  urlPrefix: string
  /** Of a stored file, without extension: the script's slug. */
  name: string
  /** Of JSON at the end of a spooled stdout that is still given in the answer. */
  inlineBytesMax: number
  /** After a failure only JSON is a result. */
  isSuccess: boolean
}

/**
 * The result by the rules of the contract: JSON, text, or a file in `outputDir` under a name that is free. null when the
 * script failed and did not print JSON. A spooled stdout of a successful run is a file, moved and
 * not read, unless JSON ends it.
 */
export async function readResult(options: ReadResultOptions): Promise<Result | null> {
  const { stdout, isSuccess } = options
  if ('file' in stdout) {
    const json = await jsonAtEnd(stdout.file, stdout.size, options.inlineBytesMax)
    if (json) return { type: 'json', data: json.data }
    return isSuccess ? keepSpooled(stdout, options) : null
  }
  if (!isSuccess) return interpretJson(stdout.bytes)
  const meaning = await interpret(stdout.bytes)
  return meaning.type === 'file' ? keepBytes(stdout.bytes, meaning.extension, options) : meaning
}

type Place = Pick<ReadResultOptions, 'outputDir' | 'urlPrefix' | 'name'>

async function keepBytes(bytes: Uint8Array, extension: string, place: Place): Promise<Result> {
  const path = await storeUnderFreeName(place, extension, (path) => writeFile(path, bytes, { flag: 'wx' }))
  return fileResult(path, bytes.length, place)
}

async function keepSpooled({ file, size }: { file: string; size: number }, place: Place): Promise<Result> {
  const extension = await spooledExtension(file, size)
  const path = await storeUnderFreeName(place, extension, (path) => moveTo(file, path))
  return fileResult(path, size, place)
}

function fileResult(path: string, size: number, { urlPrefix }: Place): Result {
  const filename = basename(path)
  const url = `${urlPrefix}/${encodeURIComponent(filename)}`
  return { type: 'file', url, filename, size, content_type: contentTypeOf(filename) }
}

const namesMax = 1000

/** `store` must fail with EEXIST where there is a file: the script may have taken the name. */
async function storeUnderFreeName(
  { outputDir, name }: Place,
  extension: string,
  store: (path: string) => Promise<void>,
) {
  await mkdir(outputDir, { recursive: true })
  for (let number = 1; number <= namesMax; number++) {
    const path = join(outputDir, `${name}${number === 1 ? '' : `-${number}`}${extension}`)
    try {
      await store(path)
      return path
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  throw new Error(`Cannot store the result in ${outputDir}: ${namesMax} files named ${name} are there already.`)
}

/** A link never replaces a file, as a rename would; copied where the two are on different disks. */
async function moveTo(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
    await copyFile(from, to, constants.COPYFILE_EXCL)
  }
  await rm(from)
}
