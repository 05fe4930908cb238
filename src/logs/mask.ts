/** Secrets never reach the history or the log. */
import type { Param } from '../scripts/model.ts'
import { createFinder, startLength } from './secret-finder.ts'
import { secretLengthMin, spellingsOf } from './secret-spellings.ts'

/** What stands for a secret. */
export const masked = '••••••'

/** The parameters as they are stored and shown. */
export function maskSecrets(params: Param[], values: Record<string, unknown>): Record<string, unknown> {
  const secret = new Set(params.filter((param) => param.secret).map((param) => param.name))
  if (secret.size === 0) return values
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, secret.has(name) ? masked : value]))
}

/** Hides every secret in a text. */
export interface Mask {
  (text: string): string
  /** Also where a text that was cut off begins with the end of a secret. */
  cut(text: string): string
  /** Characters of the longest secret in its longest spelling, 0 where there is nothing to hide. */
  lengthMax: number
}

/** Where there is nothing to hide. */
export const noMask: Mask = Object.assign((text: string) => text, { cut: (text: string) => text, lengthMax: 0 })

/** Replaces every value of a secret parameter, and each of `secrets`, in a text, however it is spelled there. */
export function createMask(params: Param[], values: Record<string, unknown>, secrets: string[] = []): Mask {
  const texts = params
    .filter((param) => param.secret)
    .flatMap((param) => values[param.name] ?? [])
    .map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)))
    .concat(secrets)
  const spellings = [...new Set(texts.flatMap(spellingsOf))].filter((text) => text.length >= secretLengthMin)
  if (spellings.length === 0) return noMask
  const find = createFinder(spellings)
  const mask = (text: string) => replace(text, find(text))
  const cut = (text: string) => {
    const length = startLength(text, spellings)
    return length === 0 ? mask(text) : masked + mask(text.slice(length))
  }
  return Object.assign(mask, { cut, lengthMax: spellings.reduce((max, { length }) => Math.max(max, length), 0) })
}

/** `places`: where a secret begins and ends, in pairs, from left to right. */
function replace(text: string, places: number[]): string {
  if (places.length === 0) return text
  let rest = 0
  let result = ''
  for (let i = 0; i < places.length; i += 2) {
    result += text.slice(rest, places[i]) + masked
    rest = places[i + 1]!
  }
  return result + text.slice(rest)
}
