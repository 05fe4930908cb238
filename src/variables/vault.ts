/** Seals texts with one key: nobody reads, changes or moves them without it. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomFillSync } from 'node:crypto'
import { GatewayError } from '../errors.ts'

export interface Vault {
  /** `context` says what the text is and where it belongs; it opens with the same one only. */
  seal(text: string, context: string): Uint8Array
  /** Throws `conflict` for what was sealed with another key or another context, or was changed. */
  open(sealed: Uint8Array, context: string): string
  /** HMAC-SHA-256, hexadecimal: equal for equal texts, and says nothing of them to who lacks the key. */
  mac(text: string): string
}

/** First byte of what is sealed; another one when another cipher is needed one day. */
const format = 1
const nonceBytes = 12
const tagBytes = 16
const headBytes = 1 + nonceBytes

/** AES-256-GCM with a random nonce for each text. `key`: 32 bytes; one key for sealing and one for MACs are derived from it. */
export function createVault({ key }: { key: Uint8Array }): Vault {
  const sealKey = derive(key, 'seal')
  const macKey = derive(key, 'mac')

  function seal(text: string, context: string): Uint8Array {
    const head = Buffer.alloc(headBytes)
    head[0] = format
    randomFillSync(head, 1)
    const cipher = createCipheriv('aes-256-gcm', sealKey, head.subarray(1)).setAAD(Buffer.from(context))
    return Buffer.concat([head, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  }

  function open(sealed: Uint8Array, context: string): string {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
    if (bytes.length < headBytes + tagBytes || bytes[0] !== format) throw unreadable()
    const decipher = createDecipheriv('aes-256-gcm', sealKey, bytes.subarray(1, headBytes), { authTagLength: tagBytes })
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(-tagBytes))
    try {
      return Buffer.concat([decipher.update(bytes.subarray(headBytes, -tagBytes)), decipher.final()]).toString('utf8')
    } catch (cause) {
      throw unreadable(cause)
    }
  }

  return { seal, open, mac: (text) => createHmac('sha256', macKey).update(text).digest('hex') }
}

/** Of its own for each use, so that no use says anything about another. */
const derive = (key: Uint8Array, use: string) => Buffer.from(hkdfSync('sha256', key, '', `scriptgateway ${use}`, 32))

const unreadable = (cause?: unknown) =>
  new GatewayError('conflict', 'It was sealed with another key, or changed since.', { cause })
