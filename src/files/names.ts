/** File names from outside become names that are safe to store and to pass on. */
import { extensionOf } from '../results/content-types.ts'

/** Below the 255 bytes that file systems allow, so that a number or a suffix still fits. */
const nameBytesMax = 200
const extensionBytesMax = 20

/**
 * The last part of `name` as a file name: any language, its extension kept; no folders, no leading dot or dash (a hidden
 * file, an option), no control characters, at most 200 bytes. `fallback` when nothing is left.
 */
export function safeFilename(name: string, fallback = 'file'): string {
  const cleaned = (name.toWellFormed().normalize('NFC').split(/[/\\]/).pop() ?? '')
    .replace(invisible, '')
    .replace(risky, '_')
    .replace(/^[.\-\s]+/, '')
    .replace(/[.\s]+$/, '')
  return shorten(cleaned) || fallback
}

/** Control characters, and those that turn the direction of text around (`exe.gpj` shown as `jpg.exe`). */
const invisible = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffd]/g

/** Not allowed on Windows, or still active between the double quotes of a script's own shell command. */
const risky = /[<>:"|?*$`]/g

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= nameBytesMax) return name
  const extension = extensionOf(name) && name.slice(name.lastIndexOf('.'))
  const kept = Buffer.byteLength(extension) <= extensionBytesMax ? extension : ''
  let stem = ''
  let bytes = Buffer.byteLength(kept)
  for (const character of name.slice(0, name.length - kept.length)) {
    bytes += Buffer.byteLength(character)
    if (bytes > nameBytesMax) break
    stem += character
  }
  return stem.trimEnd() + kept
}
