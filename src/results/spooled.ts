/** Output that is too large for memory: its kind is told from its beginning and its last bytes. */
import { type FileHandle, open } from 'node:fs/promises'
import { isClosing, isOpening, parseJson } from './json.ts'
import { jsonTailStart } from './json-tail.ts'
import { signatureExtension } from './signature.ts'

const headBytes = 64 * 1024
const tailBytes = 1024

/** The extension, with the dot, that the file's content calls for; `.txt` and `.json` for texts. */
export async function spooledExtension(file: string, size: number): Promise<string> {
  const handle = await open(file, 'r')
  try {
    const head = await readAt(handle, 0, Math.min(headBytes, size))
    const extension = await signatureExtension(head, isUtf8Start(head))
    if (extension !== null) return extension
    const tail = await readAt(handle, Math.max(0, size - tailBytes), Math.min(tailBytes, size))
    return looksLikeJson(head, tail) ? '.json' : '.txt'
  } finally {
    await handle.close()
  }
}

/**
 * The JSON object or array that ends the output and begins at the start of a line, if it has at most `bytesMax` bytes;
 * null when there is none. Reads a little of the end first: most results are small.
 */
export async function jsonAtEnd(file: string, size: number, bytesMax: number): Promise<{ data: unknown } | null> {
  const handle = await open(file, 'r')
  try {
    for (const length of [64 * 1024, 1024 * 1024, bytesMax].filter((one) => one <= bytesMax)) {
      const from = Math.max(0, size - length)
      const found = parseTail(await readAt(handle, from, size - from), from === 0)
      if (found) return found
    }
    return null
  } finally {
    await handle.close()
  }
}

/** What stands in the first line of a tail may have begun before it. */
function parseTail(tail: Uint8Array, isWhole: boolean): { data: unknown } | null {
  const end = tail.findLastIndex(isInk) + 1
  const start = jsonTailStart(tail, end)
  if (start === null || (start === 0 && !isWhole)) return null
  try {
    return { data: parseJson(tail.subarray(start, end)) }
  } catch {
    return null // brackets that balance are not JSON yet
  }
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  const { bytesRead } = await handle.read(bytes, 0, length, position)
  return bytes.subarray(0, bytesRead)
}

/** The head may end in the middle of a character: so it is read as a stream that goes on. */
function isUtf8Start(head: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return true
  } catch {
    return false
  }
}

/** Not white space; an escape sequence is ink. */
const isInk = (byte: number) => ![0x20, 0x09, 0x0a, 0x0d].includes(byte)

/** It begins and ends as an object or an array does. */
const looksLikeJson = (head: Uint8Array, tail: Uint8Array) =>
  isOpening(head.find(isInk)) && isClosing(tail.findLast(isInk))
