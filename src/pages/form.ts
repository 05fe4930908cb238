/** A posted form that holds no files. */
import { readAll } from '../files/chunks.ts'

const formBytesMax = 256 * 1024

/** Throws `too_large`. */
export async function readForm(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(Buffer.from(await readAll(request, formBytesMax)).toString())
}

/** A field as it was typed, without what stands around it; empty when it is not there. */
export const textIn = (form: URLSearchParams, name: string): string => (form.get(name) ?? '').trim()

/** A field that is one of these words; null for anything else. */
export const oneOf = <T extends string>(words: readonly T[], text: string | null): T | null =>
  words.find((word) => word === text) ?? null

/** What was thrown, as a sentence for whoever sent the form. */
export const sentence = (text: string) =>
  text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.')
