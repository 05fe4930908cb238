/** Secrets never reach the history or the log. */
import type { Param } from '../scripts/model.ts'

/** What stands for a secret. */
export const masked = '••••••'
/** Shorter ones would blacken half of the log, and are no secrets. */
const secretLengthMin = 3

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
  const spellings = params
    .filter((param) => param.secret)
    .flatMap((param) => values[param.name] ?? [])
    .map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)))
    .concat(secrets)
    .flatMap(spellingsOf)
    .filter((secret) => secret.length >= secretLengthMin)
  if (spellings.length === 0) return noMask
  const longestFirst = [...new Set(spellings)].sort((a, b) => b.length - a.length)
  const mask = (text: string) => longestFirst.reduce((rest, secret) => rest.replaceAll(secret, masked), text)
  const cut = (text: string) => mask(longestFirst.reduce(maskStart, text))
  return Object.assign(mask, { cut, lengthMax: longestFirst[0]!.length })
}

/**
 * A log is read line by line, and scripts like to print JSON, Python's with everything but ASCII escaped, JSON as a text
 * in JSON, and addresses.
 */
function spellingsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/)
  return [secret, ...lines].flatMap((text) => {
    const json = escaped(text)
    const inJson = [json, toAscii(json)]
    const inJsonInJson = inJson.flatMap((once) => [escaped(once), toAscii(escaped(once))])
    return [text, ...inJson, ...inJsonInJson, encodeURIComponent(text.toWellFormed())]
  })
}

const escaped = (text: string) => JSON.stringify(text).slice(1, -1)

const toAscii = (json: string) =>
  json.replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

function maskStart(text: string, secret: string): string {
  for (let from = 1; from <= secret.length - secretLengthMin; from++)
    if (text.startsWith(secret.slice(from))) return masked + text.slice(secret.length - from)
  return text
}
