/** The file beside a script that holds its policy: `.{stem}.policy.json`. What cannot be read is a problem, never no policy. */
import { lstat, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, type Problem } from '../errors.ts'
import { decodeUtf8, parseJson } from '../results/json.ts'
import { sayProblems } from './args-map.ts'
import { describeJsonError } from './json-position.ts'
import { type ParsedPolicy, parsePolicy, policyBytesMax } from './policy.ts'
import type { Policy } from './policy-model.ts'
import { isFresh, stampOf } from './stamp.ts'

export const policyEnding = '.policy.json'
export const policyName = (stem: string) => `.${stem}${policyEnding}`
/** A slip of the pen: it is not read, and its author should know. */
export const undottedPolicyName = (stem: string) => `${stem}${policyEnding}`

export type PolicyFile = { ok: true; policy: Policy } | { ok: false; problem: string }

/** Size and times; empty when there is none. `names`: what is in the folder. `nowMs`: when it was listed. */
export async function stampPolicy(dir: string, stem: string, names: ReadonlySet<string>, nowMs: number) {
  const undotted = names.has(undottedPolicyName(stem)) ? 'undotted ' : ''
  if (!names.has(policyName(stem))) return undotted
  try {
    const stats = await stat(join(dir, policyName(stem)))
    // One that was just written may be written again with the same times: such a stamp is never met a second time.
    return `${undotted}${isFresh(stats, nowMs) ? `fresh ${nowMs} ` : ''}${stampOf(stats)}`
  } catch {
    return `${undotted}unreadable`
  }
}

/** null when there is none. Failure to read it is a sentence in `problem`. */
export async function readPolicyFile(dir: string, stem: string): Promise<PolicyFile | null> {
  const name = policyName(stem)
  const refused = (why: string): PolicyFile => ({ ok: false, problem: `Cannot read policy "${name}": ${why}.` })
  try {
    const path = join(dir, name)
    if (!(await isThere(path))) return null
    const stats = await stat(path)
    if (!stats.isFile()) return refused('it is not a regular file')
    if (stats.size > policyBytesMax) return refused(`it has more than ${policyBytesMax} bytes`)
    const parsed = parsePolicyBytes(await readFile(path))
    return parsed.ok ? parsed : refused(sayProblems(parsed.problems))
  } catch (error) {
    return refused(messageOf(error))
  }
}

/** Why a policy without the dot is not in force; null when there is none. */
export const undottedWarning = (stem: string, policyStamp: string) =>
  policyStamp.startsWith('undotted ')
    ? `"${undottedPolicyName(stem)}" is not read: a policy's name begins with a dot, "${policyName(stem)}".`
    : null

/** The text of a policy, whoever wrote it. */
export function parsePolicyBytes(bytes: Uint8Array): ParsedPolicy {
  const refused = (message: string): ParsedPolicy => ({
    ok: false,
    problems: [{ path: '', message } satisfies Problem],
  })
  if (bytes.byteLength > policyBytesMax) return refused(`has more than ${policyBytesMax} bytes`)
  const text = decodeUtf8(bytes)
  if (text === null) return refused('is not UTF-8 text')
  try {
    return parsePolicy(parseJson(bytes))
  } catch (error) {
    return refused(error instanceof RangeError ? `is ${messageOf(error)}` : `is not JSON (${describeJsonError(text)})`)
  }
}

/** A link to nothing is there too: its author means something by it. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (['ENOENT', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}
