/** Output that is too large for memory: its kind is told from its beginning and its last bytes. */
import { type FileHandle, open } from 'node:fs/promises'
import { isClosing, isOpening } from './json.ts'
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

const isInk = (byte: number) => byte > 0x20

/** It begins and ends as an object or an array does. */
const looksLikeJson = (head: Uint8Array, tail: Uint8Array) =>
  isOpening(head.find(isInk)) && isClosing(tail.findLast(isInk))
