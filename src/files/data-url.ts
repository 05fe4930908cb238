export interface DataUrl {
  /** Without parameters. */
  contentType: string
  bytes: Uint8Array
}

/** Reads `data:[type][;base64],data` (RFC 2397). Answers what is wrong, as the end of a sentence, when it is not one. */
export function parseDataUrl(url: string): DataUrl | string {
  const comma = url.indexOf(',')
  if (comma === -1) return 'is not a data: URL: it has no comma before the data'
  const head = url.slice('data:'.length, comma).toLowerCase()
  const contentType = head.split(';')[0]?.trim() || 'text/plain'
  if (!/^[\w.+-]+\/[\w.+-]+$/.test(contentType)) return 'is not a data: URL: its media type cannot be read'
  const bytes = percentDecode(url.slice(comma + 1))
  if (bytes === null) return 'is not a data: URL: a % in it is not followed by two hexadecimal digits'
  if (!/;\s*base64\s*$/.test(head)) return { contentType, bytes }
  const decoded = decodeBase64(bytes)
  return decoded ? { contentType, bytes: decoded } : 'is not a data: URL: its base64 data is not valid'
}

const percent = 0x25

/** Bytes, not text: %FF is a byte of a picture. null for a % that is not an escape. */
function percentDecode(text: string): Uint8Array | null {
  const bytes = Buffer.from(text)
  if (!bytes.includes(percent)) return bytes
  let to = 0
  for (let from = 0; from < bytes.length; from++, to++) {
    if (bytes[from] !== percent) bytes[to] = bytes[from]!
    else {
      const high = hexDigit(bytes[from + 1])
      const low = hexDigit(bytes[from + 2])
      if (high === -1 || low === -1) return null
      bytes[to] = high * 16 + low
      from += 2
    }
  }
  return bytes.subarray(0, to)
}

const hexDigits = '0123456789abcdef'
const hexDigit = (byte: number | undefined) =>
  byte === undefined ? -1 : hexDigits.indexOf(String.fromCharCode(byte).toLowerCase())

/** Both alphabets, white space and missing padding are fine, as browsers have it; null for anything else. */
function decodeBase64(bytes: Uint8Array): Uint8Array | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1').replace(/\s+/g, '')
  const digits = text.replace(/={1,2}$/, '')
  if (!/^[\w+/-]*$/.test(digits) || digits.length % 4 === 1) return null
  return Buffer.from(digits, 'base64')
}
