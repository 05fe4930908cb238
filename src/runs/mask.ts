/** Secrets never reach the history or the log. */
import type { Param } from '../scripts/model.ts'

const masked = '••••••'
/** Shorter ones would blacken half of the log, and are no secrets. */
const secretLengthMin = 3

/** The parameters as they are stored and shown. */
export function maskSecrets(params: Param[], values: Record<string, unknown>): Record<string, unknown> {
  const secret = new Set(params.filter((param) => param.secret).map((param) => param.name))
  if (secret.size === 0) return values
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, secret.has(name) ? masked : value]))
}

export type Mask = (text: string) => string

/** Where there is nothing to hide. */
export const noMask: Mask = (text) => text

/** Replaces every value of a secret parameter in a text. */
export function createMask(params: Param[], values: Record<string, unknown>): Mask {
  const secrets = params
    .filter((param) => param.secret)
    .flatMap((param) => values[param.name] ?? [])
    .flatMap((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)).split('\n'))
    .filter((secret) => secret.length >= secretLengthMin)
    .sort((a, b) => b.length - a.length)
  if (secrets.length === 0) return noMask
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, masked), text)
}
