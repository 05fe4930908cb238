/** One changed file: read, asked for its schema where that is due, its sidecar settled. Failure is data. */
import { join } from 'node:path'
import { messageOf } from '../errors.ts'
import type { Answer } from './extract.ts'
import { canAnswer, localImports, readModule } from './modules.ts'
import { type PolicyFile, readPolicyFile, undottedWarning } from './policy-file.ts'
import type { Policy } from './policy-model.ts'
import { settle } from './settle.ts'
import { readSidecar, stampSidecars, writeSidecar } from './sidecar.ts'
import { describeSource, readSource, type Source } from './source.ts'
import { statOrNull } from './stamp.ts'
import type { ScriptRow } from './table.ts'
import type { Found } from './walk.ts'

/** Everything a scan says about a script; the rest of the row belongs to its user. */
export type Facts = Pick<
  ScriptRow,
  | 'error'
  | 'warnings'
  | 'params'
  | 'ownParams'
  | 'ownError'
  | 'sidecarOwnedHash'
  | 'contentHash'
  | 'fileStamp'
  | 'sidecarStamp'
  | 'policy'
  | 'policyStamp'
  | 'fileDescription'
>

/** `bytes`: of the file, where it is text. `helper`: a module of a group, no script. `gone`: deleted while it was looked at. */
export type Inspection =
  | { kind: 'script'; facts: Facts; bytes: Uint8Array | null }
  | { kind: 'helper' }
  | { kind: 'gone' }

interface Options {
  found: Found
  /** null: not known yet. */
  row: ScriptRow | null
  /** Ask the script although its content is the same. */
  askAgain: boolean
  /** Files with the runtime's endings in the same group, absolute; they may import this one. */
  siblings: string[]
  /** Starts the script with the question, under its policy. */
  ask(policy: Policy): Promise<Answer>
  /** Told of every sidecar that was written: absolute path. */
  onWrite(path: string): void
}

export async function inspect(options: Options): Promise<Inspection> {
  const { found, row } = options
  const policyFile = await readPolicyFile(found.dir, found.stem)
  if (found.problem) return broken(options, policyFile, { error: found.problem, hash: '' })
  const source = await readSource(found.file, found.sizeBytes)
  if (source.kind === 'gone') return { kind: 'gone' }
  if (source.kind === 'problem') return broken(options, policyFile, { error: source.problem, hash: source.hash })

  const isKnown = row !== null || found.sidecarStamp !== '' || policyFile !== null
  const problem = found.runtime.entryPointProblem(source.text, found.filename)
  if (problem && found.group && !isKnown && !source.text.includes('_sys_get_schema')) return { kind: 'helper' }
  // Nothing is started, not even to be asked, less confined than its author meant.
  const wrong = problem ?? (policyFile?.ok === false ? policyFile.problem : null)
  if (wrong)
    return broken(options, policyFile, {
      ...{ error: wrong, hash: source.hash, bytes: source.bytes },
      fileDescription: describeSource(found.runtime.name, source.text),
    })
  if (!isKnown && (await isHelperModule(options, source.text))) return { kind: 'helper' }

  const policy = policyOf(policyFile, row)
  const answer = await ownAnswer(options, source, policy)
  // Deleted while it was asked: a sidecar written now would stay behind.
  if (!(await statOrNull(found.file))) return { kind: 'gone' }
  return { kind: 'script', facts: await settleFacts(options, source, answer, policy), bytes: source.bytes }
}

type Own = Pick<Facts, 'ownParams' | 'ownError'>

/** What a policy file says; while it is not valid, the script keeps the last one that was. */
const policyOf = (file: PolicyFile | null, row: ScriptRow | null): Policy =>
  file === null ? {} : file.ok ? file.policy : (row?.policy ?? {})

interface Broken {
  error: string
  /** Empty where it could not be read. */
  hash: string
  bytes?: Uint8Array
  fileDescription?: string
}

function broken(
  { found, row }: Options,
  policyFile: PolicyFile | null,
  { error, hash: contentHash, bytes, fileDescription = '' }: Broken,
): Inspection {
  const isSame = row !== null && contentHash !== '' && row.contentHash === contentHash
  const facts: Facts = {
    ...{ error, contentHash, fileDescription, warnings: [], params: {} },
    ownParams: isSame ? row.ownParams : null,
    ownError: isSame ? row.ownError : null,
    sidecarOwnedHash: row?.sidecarOwnedHash ?? null,
    fileStamp: found.problem || found.isFresh ? '' : found.stamp,
    sidecarStamp: found.sidecarStamp,
    policy: policyOf(policyFile, row),
    policyStamp: found.policyStamp,
  }
  return { kind: 'script', facts, bytes: bytes ?? null }
}

/**
 * In a group of JavaScript files every module exports something, and so has an entry point. One that a file beside it
 * imports is a helper, unless it says itself that it can be started.
 */
async function isHelperModule({ found, siblings }: Options, text: string): Promise<boolean> {
  if (found.runtime.name !== 'js' || !found.group || /\bimport\.meta\.main\b|\brequire\.main\b/.test(text)) return false
  for (const file of siblings.filter((path) => path !== found.file)) {
    const sibling = { runtime: found.runtime.name, file, text: await readModule(file), root: found.root }
    if ((await localImports(sibling)).includes(found.file)) return true
  }
  return false
}

/** The answer known for this very content, or a new one; both null when the script cannot be asked. */
async function ownAnswer(options: Options, source: Source & { kind: 'text' }, policy: Policy): Promise<Own> {
  const { found, row, askAgain } = options
  const isAnswered =
    row !== null &&
    row.contentHash === source.hash &&
    // A question in vain may have been one for another policy.
    (row.ownParams !== null || (row.ownError !== null && JSON.stringify(row.policy) === JSON.stringify(policy)))
  if (isAnswered && !askAgain) return { ownParams: row.ownParams, ownError: row.ownError }
  const { file, root, runtime } = found
  if (!(await canAnswer({ runtime: runtime.name, file, root, text: source.text })))
    return { ownParams: null, ownError: null }
  const answer = await options.ask(policy)
  return answer.ok ? { ownParams: answer.argsMap, ownError: null } : { ownParams: null, ownError: answer.error }
}

async function settleFacts(
  options: Options,
  source: Source & { kind: 'text' },
  own: Own,
  policy: Policy,
): Promise<Facts> {
  const { found, row } = options
  const { dir, stem } = found
  // Looked for again now: while the script was asked, its sidecar may have arrived.
  const stamp = await stampSidecars(dir, stem)
  const sidecar = await readSidecar(dir, stem)
  const { write, ...settled } = settle({ stem, own: own.ownParams, ownError: own.ownError, sidecar, before: row })
  const facts: Facts = {
    ...settled,
    warnings: [...settled.warnings, undottedWarning(stem, found.policyStamp)].filter((one) => one !== null),
    ...own,
    policy,
    policyStamp: found.policyStamp,
    contentHash: source.hash,
    fileStamp: found.isFresh ? '' : found.stamp,
    sidecarStamp: stamp,
    fileDescription: describeSource(found.runtime.name, source.text),
  }
  if (!write) return facts
  try {
    await writeSidecar(dir, write.name, settled.params, write)
    options.onWrite(join(dir, write.name))
    return { ...facts, sidecarStamp: await stampSidecars(dir, stem) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return { ...facts, fileStamp: '' } // one has arrived: next scan
    const why = `The schema could not be written to "${write.name}": ${messageOf(error)}.`
    const sidecarOwnedHash = write.isNew ? null : (row?.sidecarOwnedHash ?? null)
    return { ...facts, sidecarOwnedHash, warnings: [...facts.warnings, why] }
  }
}
