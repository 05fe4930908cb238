/** Steps 1 and 10 of a run: a request becomes validated values, and a run its answer. The scripts' own routes. */
import type { RecordAudit } from '../audit/model.ts'
import type { Clock } from '../clock.ts'
import { DependencyError } from '../dependencies/dependency-error.ts'
import type { Arrivals } from '../dependencies/for-runs.ts'
import { GatewayError } from '../errors.ts'
import { basePathOf } from '../http/base-path.ts'
import { type Caller, callerOf } from '../http/caller.ts'
import { errorResponse } from '../http/errors.ts'
import { parsePrefer } from '../http/prefer.ts'
import type { RateLimits } from '../http/rate-limit.ts'
import type { Log } from '../log.ts'
import type { Accepted, RunRequest } from '../runs/live.ts'
import { isFinished, type Run } from '../runs/model.ts'
import { notKept } from '../runs/not-kept.ts'
import type { Runs } from '../runs/runs.ts'
import type { ScheduledStart } from '../schedules/life.ts'
import type { Catalog, Entry } from '../scripts/catalog.ts'
import { isAwaiting } from '../scripts/question-start.ts'
import { repeatedRun } from './repeat.ts'
import { valuesAgain } from './rerun.ts'
import { acceptedResponse, finishedResponse, notRunnable } from './respond.ts'
import { readValues, type SubmissionDeps, storedValues, type ValidSubmission, withValues } from './submission.ts'

export interface GatewayDeps extends SubmissionDeps {
  catalog: Catalog
  runs: Runs
  clock: Clock
  log: Log
  limits: Pick<RateLimits, 'takeStart'>
  record: RecordAudit
  arrivals: Arrivals
  /** Keyed: equal for equal texts, and says nothing of them. */
  mac(text: string): string
}

type Start = Pick<RunRequest, 'trigger' | 'idempotencyKey' | 'retryOf'> & { caller: Caller }

/** `url`: where it was asked for; values do not belong there. */
interface Repeat {
  key?: string | null
  url?: string
}

const idempotencyKeyLengthMax = 255

export type Gateway = ReturnType<typeof createGateway>

export function createGateway({ catalog, runs, clock, log, limits, arrivals, mac, record, ...reading }: GatewayDeps) {
  const acceptedAnswer = (run: Run) => acceptedResponse(run, basePathOf(reading.setting('base_url')))
  /** The gateway may stop while a run waits: it goes on waiting, and whoever waits for it is told where. */
  const endAnswer = (run: Run) => (isFinished(run.status) ? finishedResponse(run) : acceptedAnswer(run))

  /** `/api/scripts/{id}/run` in every form of the contract. Never throws. */
  async function handle(idOrSlug: string, request: Request): Promise<Response> {
    let scriptId: number | undefined
    try {
      const found = known(idOrSlug)
      scriptId = found.row.id
      const entry = await arrived(found)
      refuseUnlessActive(entry)
      refuseMethod(entry, request)
      return await answer(entry, request)
    } catch (error) {
      const about = { script_id: scriptId, ...(error instanceof DependencyError && { stderr: error.stderr }) }
      return errorResponse(error, log, scriptId === undefined ? {} : { about })
    }
  }

  /** One that cannot tell its schema without its packages is waited for. Throws `dependency`. */
  async function arrived(entry: Entry): Promise<Entry> {
    if (entry.state !== 'error' || !isAwaiting(entry.row.ownError)) return entry
    await arrivals.arrive(entry.runnable)
    return known(String(entry.row.id))
  }

  async function answer(entry: Entry, request: Request): Promise<Response> {
    const idempotencyKey = keyOf(request)
    runs.assertOpen() // before a gigabyte is read for nothing
    const submission = await readValues(request, entry, reading)
    const { waitMs, applied } = parsePrefer(request.headers.get('prefer'), submission.isAsync)
    const accepted = begin(entry, submission, { trigger: 'api', idempotencyKey, caller: callerOf(request) })
    const response = (await finishedWithin(accepted, waitMs)) ?? acceptedAnswer(runs.get(accepted.run.id))
    if (applied && (response.status === 202 || waitMs > 0)) response.headers.set('preference-applied', applied)
    return response
  }

  async function finishedWithin({ finished }: Accepted, waitMs: number): Promise<Response | null> {
    if (waitMs === 0) return null
    if (waitMs === Number.POSITIVE_INFINITY) return endAnswer(await finished)
    const enough = new AbortController()
    const run = await Promise.race([finished, clock.sleep(waitMs, enough.signal)])
    enough.abort()
    return run ? endAnswer(run) : null
  }

  function begin(entry: Entry, submission: ValidSubmission, { caller, ...start }: Start): Accepted {
    const { values, dispose } = submission
    // Keyed: a plain hash of the values would let whoever reads the database guess a weak secret.
    const requestHash = start.idempotencyKey ? mac(submission.hash) : null
    const script = entry.runnable
    const refusal = () => limits.takeStart(script.id, script.policy.queue?.rate_per_min ?? null)
    const by = { startedBy: caller.name, askedBy: caller.name }
    const idempotencyKey = start.idempotencyKey ? keyOfCaller(caller, start.idempotencyKey) : null
    const accepted = runs.start({
      ...{ script, values, ...start, idempotencyKey, ...by, requestHash, refusal, dispose },
    })
    record({
      action: 'run.start',
      caller,
      object: { type: 'script', id: script.id, name: entry.row.filename },
      after: { run_id: accepted.run.id, trigger: start.trigger, params: accepted.run.params },
    })
    return accepted
  }

  /** Run again, as a request asks for it. Throws as `repeat`. */
  const rerun = async (id: number, sent: Record<string, unknown>, request: Request): Promise<Response> =>
    acceptedAnswer(runs.get((await repeat(id, sent, callerOf(request), { key: keyOf(request), url: request.url })).id))

  /** Starts a run with the values of an earlier one. Throws `not_found`, `conflict`, `validation` and what a start throws. */
  async function repeat(id: number, sent: Record<string, unknown>, caller: Caller, how: Repeat = {}): Promise<Run> {
    const run = runs.get(id)
    const entry = known(String(run.script_id))
    refuseUnlessActive(entry)
    const body = JSON.stringify(valuesAgain(run, entry.params, sent))
    const headers = { 'content-type': 'application/json' }
    const again = new Request(how.url ?? 'http://localhost/', { method: 'POST', body, headers })
    const submission = await readValues(again, entry, reading)
    return begin(entry, submission, { trigger: 'retry', retryOf: id, idempotencyKey: how.key ?? null, caller }).run
  }

  /** A form that was posted, maybe to repeat a run: starts it and does not wait. Throws what the form has to show. */
  async function submitForm(idOrSlug: string, request: Request) {
    const entry = known(idOrSlug)
    refuseUnlessActive(entry)
    const repeated = repeatedRun(request, entry.row.id, runs.find)
    const lost = repeated && notKept(repeated, entry.params)
    const submission = await readValues(request, entry, reading, { isForm: true, lost })
    try {
      return begin(entry, submission, { trigger: 'form', retryOf: repeated?.id, caller: callerOf(request) }).run
    } catch (error) {
      throw withValues(error, entry.params, submission.values)
    }
  }

  /** A run without values, asked for on a page. Throws what a start throws, `validation` where the script needs some. */
  async function startBare(idOrSlug: string, caller: Caller): Promise<Run> {
    const entry = known(idOrSlug)
    refuseUnlessActive(entry)
    const headers = { 'content-type': 'application/json' }
    const empty = new Request('http://localhost/', { method: 'POST', body: '{}', headers })
    return begin(entry, await readValues(empty, entry, reading), { trigger: 'form', caller }).run
  }

  /** A run that a schedule asks for. Throws what a start throws. */
  async function startScheduled({ scriptId, params, ...start }: ScheduledStart): Promise<Run> {
    const entry = await arrived(known(String(scriptId)))
    refuseUnlessActive(entry)
    const script = entry.runnable
    return runs.start({ script, ...start, ...(await storedValues(params, entry, reading)) }).run
  }

  function known(idOrSlug: string): Entry {
    const entry = catalog.find(idOrSlug)
    if (!entry) throw new GatewayError('not_found', `There is no script "${idOrSlug}"; GET /api/scripts lists them.`)
    return entry
  }

  return { handle, rerun, repeat, submitForm, startBare, startScheduled }
}

function refuseUnlessActive({ state, row }: Entry) {
  if (state !== 'active') throw notRunnable(state, row.error)
}

function refuseMethod({ params }: Entry, { method }: Request) {
  const takesGet = !params.some(({ type, required }) => type === 'file' && required)
  if (method === 'POST' || (method === 'GET' && takesGet)) return
  const allow = takesGet ? 'GET, POST' : 'POST'
  const why = method === 'GET' ? 'This script needs a file: send it with POST.' : `Use ${allow.replace(', ', ' or ')}.`
  throw new GatewayError('validation', why, { status: 405, headers: { allow } })
}

function keyOf(request: Request): string | null {
  const key = request.headers.get('idempotency-key')?.trim() || null
  if (key && key.length > idempotencyKeyLengthMax)
    throw new GatewayError('validation', `The Idempotency-Key is longer than ${idempotencyKeyLengthMax} characters.`)
  return key
}

/** As it is stored: two people may use the same one. All tokens of a user are that user. */
const keyOfCaller = ({ kind, userId }: Caller, key: string) =>
  userId === null ? `${kind}:${key}` : `user:${userId}:${key}`
