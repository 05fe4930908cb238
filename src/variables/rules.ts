/** What a variable may be called, and hold. Everything here throws `validation`. */
import { invalid } from '../errors.ts'

export const valueBytesMax = 64 * 1024
/** Shorter ones are not masked: they would blacken half of the log. */
export const secretLengthMin = 3

const namePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/

/** Set for every run by the gateway itself. */
const contractNames = new Set(['PATH', 'HOME', 'TMPDIR', 'OUTPUT_DIR', 'RUN_ID', 'BASE_URL', 'LANG'])

export function checkName(name: string): void {
  if (!namePattern.test(name))
    throw invalid(
      '/name',
      `must be letters, digits and _, must not begin with a digit, and have at most 128 characters; got ${JSON.stringify(name.slice(0, 200))}`,
    )
  if (contractNames.has(name) || name.startsWith('SCRIPT_'))
    throw invalid('/name', `must not be "${name}": the gateway sets that one for every run; choose another name`)
  if (/^(LD|BUN)_/.test(name))
    throw invalid(
      '/name',
      `must not be "${name}": LD_… and BUN_… act on what confines a script, before it starts; choose another name`,
    )
}

export function checkValue(value: string, isSecret: boolean): void {
  if (value.includes('\0')) throw invalid('/value', 'must not contain a NUL character: no environment can hold one')
  if (!value.isWellFormed()) throw invalid('/value', 'must not contain half of a surrogate pair: it would be changed')
  const bytes = Buffer.byteLength(value)
  if (bytes > valueBytesMax) throw invalid('/value', `must have at most ${valueBytesMax} bytes; got ${bytes}`)
  if (isSecret && value.trim().length < secretLengthMin)
    throw invalid(
      '/value',
      `must have at least ${secretLengthMin} characters as a secret: a shorter one cannot be masked`,
    )
}
