/** One changed file: read, asked for its schema where that is due, its sidecar settled. Failure is data. */
import { join } from 'node:path'
import { messageOf } from '../errors.ts'
import type { Answer } from './extract.ts'
import { canAnswer, localImports, readModule } from './modules.ts'
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
  | 'fileDescription'
>

/** `helper`: a module of a group, no script. `gone`: deleted while it was looked at. */
export type Inspection = { kind: 'script'; facts: Facts } | { kind: 'helper' } | { kind: 'gone' }

interface Options {
  found: Found
  /** null: not known yet. */
  row: ScriptRow | null
  /** Ask the script although its content is the same. */
  askAgain: boolean
  /** Files with the runtime's endings in the same group, absolute; they may import this one. */
  siblings: string[]
  /** Starts the script with the question. */
  ask(): Promise<Answer>
  /** Told of every sidecar that was written: absolute path. */
  onWrite(path: string): void
}

export async function inspect(options: Options): Promise<Inspection> {
  const { found, row } = options
  if (found.problem) return broken(options, found.problem, '')
  const source = await readSource(found.file, found.sizeBytes)
  if (source.kind === 'gone') return { kind: 'gone' }
  if (source.kind === 'problem') return broken(options, source.problem, source.hash)

  const isKnown = row !== null || found.sidecarStamp !== ''
  const problem = found.runtime.entryPointProblem(source.text, found.filename)
  if (problem && found.group && !isKnown && !source.text.includes('_sys_get_schema')) return { kind: 'helper' }
  if (problem) return broken(options, problem, source.hash, describeSource(found.runtime.name, source.text))
  if (!isKnown && (await isHelperModule(options, source.text))) return { kind: 'helper' }

  const answer = await ownAnswer(options, source)
  // Deleted while it was asked: a sidecar written now would stay behind.
  if (!(await statOrNull(found.file))) return { kind: 'gone' }
  return { kind: 'script', facts: await settleFacts(options, source, answer) }
}

type Own = Pick<Facts, 'ownParams' | 'ownError'>

function broken({ found, row }: Options, error: string, contentHash: string, fileDescription = ''): Inspection {
  const isSame = row !== null && contentHash !== '' && row.contentHash === contentHash
  const facts: Facts = {
    ...{ error, contentHash, fileDescription, warnings: [], params: {} },
    ownParams: isSame ? row.ownParams : null,
    ownError: isSame ? row.ownError : null,
    sidecarOwnedHash: row?.sidecarOwnedHash ?? null,
    fileStamp: found.problem || found.isFresh ? '' : found.stamp,
    sidecarStamp: found.sidecarStamp,
  }
  return { kind: 'script', facts }
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
async function ownAnswer(options: Options, source: Source & { kind: 'text' }): Promise<Own> {
  const { found, row, askAgain } = options
  const isAnswered =
    row !== null && row.contentHash === source.hash && (row.ownParams !== null || row.ownError !== null)
  if (isAnswered && !askAgain) return { ownParams: row.ownParams, ownError: row.ownError }
  const { file, root, runtime } = found
  if (!(await canAnswer({ runtime: runtime.name, file, root, text: source.text })))
    return { ownParams: null, ownError: null }
  const answer = await options.ask()
  return answer.ok ? { ownParams: answer.argsMap, ownError: null } : { ownParams: null, ownError: answer.error }
}

async function settleFacts(options: Options, source: Source & { kind: 'text' }, own: Own): Promise<Facts> {
  const { found, row } = options
  const { dir, stem } = found
  // Looked for again now: while the script was asked, its sidecar may have arrived.
  const stamp = await stampSidecars(dir, stem)
  const sidecar = await readSidecar(dir, stem)
  const { write, ...settled } = settle({ stem, own: own.ownParams, ownError: own.ownError, sidecar, before: row })
  const facts: Facts = {
    ...settled,
    ...own,
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
