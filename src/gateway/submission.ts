/** A request to run a script → validated values, its files stored. Nothing is started before all of it is right. */
import { GatewayError, type Problem } from '../errors.ts'
import { readSubmission, type Submission } from '../files/body.ts'
import { resolveFileValue } from '../files/values.ts'
import type { Entry } from '../scripts/catalog.ts'
import { convertParams } from '../scripts/convert.ts'
import type { Param } from '../scripts/model.ts'
import { narrowLimits } from '../scripts/policy-effect.ts'
import { checkParams } from '../scripts/typebox.ts'
import type { Setting } from '../settings/settings.ts'
import { missedProblems, repeatName, withoutName } from './repeat.ts'

/** Values that fit the script's schema; `file` parameters are absolute paths. */
export interface ValidSubmission {
  values: Record<string, unknown>
  /** `?async=1` was asked for, by a script that has no parameter of that name. */
  isAsync: boolean
  /** Equal for a repeated request. */
  readonly hash: string
  /** Removes everything that was stored for it. */
  dispose(): Promise<void>
}

/** A refused submission: what was sent comes along, secrets and files aside, so that a form can show it again. */
export class RefusedSubmission extends GatewayError {
  constructor(
    problems: Problem[],
    readonly values: Record<string, unknown>,
  ) {
    const sentences = problems.map(({ path, message }) => `${path.slice(1) || 'all values together'} ${message}`)
    super('validation', `The parameters do not fit: ${sentences.join('; ')}.`, { details: problems })
  }
}

export interface SubmissionDeps {
  setting: Setting
  /** Absolute; uploads and fetched files go below it. */
  tmpDir: string
  /** Real paths of the data folder and the scripts folder: no caller names a file in them. */
  ownFolders: string[]
}

interface ReadOptions {
  isForm?: boolean
  /** Of a form that repeats a run: what of it was not kept, so that leaving it out must be said. */
  lost?: Param[] | null
}

/** Throws `validation`, `too_large`, `forbidden` (a local file that no pattern allows); nothing stays stored then. */
export async function readValues(
  request: Request,
  { params, check, runnable }: Entry,
  deps: SubmissionDeps,
  { isForm = false, lost = null }: ReadOptions = {},
): Promise<ValidSubmission> {
  const ownNames = new Set(params.map((param) => param.name))
  const uploadBytesMax = narrowLimits(runnable.policy, deps.setting).upload_bytes_max
  const submission = await readSubmission(request, {
    tmpDir: deps.tmpDir,
    bodyBytesMax: deps.setting('body_bytes_max'),
    uploadBytesMax,
    ownNames,
  })
  const disposals = [submission.dispose]
  const dispose = async () => void (await Promise.all(disposals.map((disposeOne) => disposeOne())))
  try {
    const isAsync = takeAsync(request, submission.fields, ownNames)
    const without = lost ? takeWithout(submission.fields) : []
    const fields = isForm ? asTyped(params, submission.fields) : submission.fields
    const raw = { ...fields, ...uploadsByField(submission.files, params) }
    const converted = convertParams(params, raw, { isForm })
    const problems = [
      ...addressProblems(request, isForm ? [repeatName] : ownNames.has('async') ? [] : ['async']),
      ...uploadProblems(submission.files, params),
      ...converted.problems,
      ...missedProblems(lost ?? [], raw, without),
    ]
    if (problems.length === 0) problems.push(...checkParams(params, check(), converted.values))
    else problems.push(...otherProblems(problems, checkParams(params, check(), converted.values)))
    if (problems.length > 0)
      throw new RefusedSubmission(problems, { ...shown(params, submission.fields), [withoutName]: without })
    const values = await withStoredFiles(converted.values, submission, params, { ...deps, uploadBytesMax }, disposals)
    return {
      ...{ values, isAsync, dispose },
      get hash() {
        return submission.hash // made only for those who ask
      },
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

/**
 * Values that nobody sends now: a schedule's, as they were stored. They are checked by the script as it is now, and its
 * addresses are fetched. Throws `validation`.
 */
export async function storedValues(
  raw: Record<string, unknown>,
  { params, check, runnable }: Pick<Entry, 'params' | 'check' | 'runnable'>,
  deps: SubmissionDeps,
): Promise<Pick<ValidSubmission, 'values' | 'dispose'>> {
  const { values, problems } = convertParams(params, raw)
  problems.push(...otherProblems(problems, checkParams(params, check(), values)))
  if (problems.length > 0) throw new RefusedSubmission(problems, shown(params, raw))
  if (!params.some(({ type, name }) => type === 'file' && values[name] !== undefined))
    return { values, dispose: async () => {} }
  const disposals: (() => Promise<void>)[] = []
  const dispose = async () => void (await Promise.all(disposals.map((disposeOne) => disposeOne())))
  const uploadBytesMax = narrowLimits(runnable.policy, deps.setting).upload_bytes_max
  try {
    const stored = await withStoredFiles(values, { files: [] }, params, { ...deps, uploadBytesMax }, disposals)
    return { values: stored, dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/**
 * What a form's user meant. A switch sends `false`, and then `true` when it is on: of several values for one, the last
 * counts. Browsers send a line break in a text as CRLF, whatever was typed.
 */
function asTyped(params: Param[], fields: Record<string, unknown>): Record<string, unknown> {
  const single = new Set(params.filter(({ multiple }) => !multiple).map(({ name }) => name))
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      asWritten(single.has(name) && Array.isArray(value) ? value.at(-1) : value),
    ]),
  )
}

function asWritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asWritten)
  return typeof value === 'string' ? value.replaceAll('\r\n', '\n') : value
}

/** `async` is ours unless the script has a parameter of that name. Taken out of the fields. */
function takeAsync(request: Request, fields: Record<string, unknown>, ownNames: Set<string>): boolean {
  if (ownNames.has('async') || !request.url.includes('async=')) return false
  const value = new URL(request.url).searchParams.get('async')
  if (request.method === 'GET') delete fields.async
  return value === '1' || value === 'true'
}

/** The boxes of a form that say what to run without. Taken out of the fields. */
function takeWithout(fields: Record<string, unknown>): unknown[] {
  const names = fields[withoutName]
  delete fields[withoutName]
  return names === undefined ? [] : [names].flat()
}

function uploadsByField(files: Submission['files'], params: Param[]): Record<string, unknown> {
  const uploads: Record<string, unknown> = {}
  for (const { name, type, multiple } of params) {
    const paths = files.filter((file) => file.field === name && type === 'file').map((file) => file.path)
    if (paths.length > 0) uploads[name] = multiple ? paths : paths[0]
  }
  return uploads
}

/** What stands in the address of a POST would be ignored otherwise; only what is `ours` belongs there. */
function addressProblems(request: Request, ours: string[]): Problem[] {
  if (request.method === 'GET' || !request.url.includes('?')) return []
  const names = [...new Set(new URL(request.url).searchParams.keys())]
  const misplaced = names.filter((name) => !ours.includes(name))
  const message = 'stands in the address: send the parameters of a POST in its body'
  return misplaced.map((name) => ({ path: `/${name}`, message }))
}

function uploadProblems(files: Submission['files'], params: Param[]): Problem[] {
  const fields = [...new Set(files.map(({ field }) => field))]
  return fields.flatMap((field) => {
    const param = params.find(({ name, type }) => name === field && type === 'file')
    if (!param) return [{ path: `/${field}`, message: 'is no file parameter of this script' }]
    const count = files.filter((file) => file.field === field).length
    return count > 1 && !param.multiple ? [{ path: `/${field}`, message: `takes one file; got ${count}` }] : []
  })
}

/** One message a field is enough. */
const otherProblems = (first: Problem[], second: Problem[]) =>
  second.filter(({ path }) => !first.some((problem) => problem.path === path))

/** What a start throws, with what the form held: the page shows it again. */
export const withValues = <E>(error: E, params: Param[], values: Record<string, unknown>): E =>
  error instanceof GatewayError ? Object.assign(error, { values: shown(params, values) }) : error

function shown(params: Param[], fields: Record<string, unknown>): Record<string, unknown> {
  const hidden = new Set(params.filter(({ secret, type }) => secret || type === 'file').map(({ name }) => name))
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !hidden.has(name)))
}

/** `file` values that came as an address, as data or as a path become files; what is stored is added to `disposals`. */
async function withStoredFiles(
  values: Record<string, unknown>,
  { files }: Pick<Submission, 'files'>,
  params: Param[],
  { setting, tmpDir, ownFolders, uploadBytesMax }: SubmissionDeps & { uploadBytesMax: number },
  disposals: (() => Promise<void>)[],
): Promise<Record<string, unknown>> {
  const isUploaded = (name: string) => files.some((file) => file.field === name)
  // The author's own default is a path that the author may name.
  const isSent = ({ name, default: own }: Param) => values[name] !== undefined && !Bun.deepEquals(values[name], own)
  const stored = { ...values }
  for (const param of params.filter((one) => one.type === 'file' && isSent(one) && !isUploaded(one.name))) {
    const { name, multiple } = param
    const paths: string[] = []
    for (const value of [values[name]].flat()) {
      const file = await resolveFileValue(String(value), {
        tmpDir,
        path: `/${name}`,
        bytesMax: uploadBytesMax,
        timeoutMs: setting('fetch_timeout_sec') * 1000,
        allowPrivate: setting('fetch_private_addresses'),
        patterns: setting('local_file_access_patterns'),
        closed: ownFolders,
      })
      disposals.push(file.dispose)
      paths.push(file.path)
    }
    stored[name] = multiple ? paths : paths[0]
  }
  return stored
}
