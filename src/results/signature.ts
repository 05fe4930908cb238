/** Which kind of file some bytes are. */

/** Formats that are clean text and yet meant as a file; their signatures are too long to be the start of a sentence. */
const textSignatures: [string, string][] = [
  ['%PDF-', '.pdf'],
  ['%!PS', '.ps'],
  ['{\\rtf', '.rtf'],
]

/**
 * The extension, with the dot, for bytes that are a file; null when they are a text to be read as one. `isUtf8`: whether
 * the bytes (the first part of them is enough) are valid UTF-8.
 */
export async function signatureExtension(bytes: Uint8Array, isUtf8: boolean): Promise<string | null> {
  const inText = textSignatures.find(([signature]) => startsWith(bytes, signature))
  if (inText) return inText[1]
  // The detector takes any text that begins with BM, MZ, ID3 or BZh for a picture, a program, music or an archive.
  if (isUtf8 && !hasControls(bytes)) return null
  const detected = await detect(bytes)
  if (detected !== null) return detected
  if (isUtf8) return null
  return isMostlyAscii(bytes) ? '.txt' : '.bin'
}

/** Loaded when the first binary comes: it takes 25 ms, which the start of the gateway does not have. */
async function detect(bytes: Uint8Array): Promise<string | null> {
  const { fileTypeFromBuffer } = await import('file-type')
  try {
    const found = await fileTypeFromBuffer(bytes)
    return found ? `.${found.ext}` : null
  } catch {
    return null // what is cut or broken in the middle has no type; that is an answer, not a fault
  }
}

const startsWith = (bytes: Uint8Array, signature: string) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, signature.length)).toString('latin1') === signature

const headBytes = 64 * 1024

/** Control characters that texts have: bell, backspace, tab, line feed, vertical tab, form feed, return, escape. */
const textControls = new Set([7, 8, 9, 10, 11, 12, 13, 27])

function hasControls(bytes: Uint8Array): boolean {
  for (const byte of bytes.subarray(0, headBytes))
    if ((byte < 32 && !textControls.has(byte)) || byte === 127) return true
  return false
}

/** A text in an old 8-bit encoding rather than data. */
function isMostlyAscii(bytes: Uint8Array): boolean {
  if (hasControls(bytes)) return false
  const head = bytes.subarray(0, headBytes)
  let ascii = 0
  for (const byte of head) if (byte < 128) ascii++
  return ascii >= head.length * 0.75
}
