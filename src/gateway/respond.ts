/** A run → its HTTP answer (contract, section 2). */
import { errorStatus, GatewayError } from '../errors.ts'
import { errorJson } from '../http/errors.ts'
import type { Run } from '../runs/model.ts'

/** The answer to who waited for the end. */
export function finishedResponse(run: Run): Response {
  if (run.status === 'success') return Response.json(successBody(run))
  const type = run.error?.type ?? 'system'
  const about = {
    script_id: run.script_id,
    run_id: run.id,
    duration_ms: run.duration_ms ?? 0,
    stderr: run.stderr,
    ...(run.result?.type === 'json' ? { data: run.result.data } : {}),
  }
  const status = run.status === 'interrupted' ? errorStatus.unavailable : errorStatus[type]
  const headers: Record<string, string> = status === errorStatus.unavailable ? { 'retry-after': '5' } : {}
  return errorJson(type, run.reason ?? 'The run did not succeed.', { status, about, headers })
}

function successBody(run: Run) {
  return {
    status: 'success',
    script_id: run.script_id,
    run_id: run.id,
    duration_ms: run.duration_ms,
    ...run.result,
    ...(run.files.length > 0 ? { files: run.files } : {}),
    ...(run.files_expired_at ? { files_expired_at: run.files_expired_at } : {}), // asked again by Idempotency-Key
  }
}

/** The answer to who does not wait, or not any longer: the run goes on. `base`: the path of BASE_URL, for addresses in the body. */
export function acceptedResponse(run: Run, base: string): Response {
  const location = `/api/runs/${run.id}`
  const body = {
    status: run.status,
    script_id: run.script_id,
    run_id: run.id,
    url: base + location,
    events_url: `${base}${location}/events`,
  }
  return Response.json(body, { status: 202, headers: { location } })
}

/** Why a script that is listed cannot be run. */
export function notRunnable(state: string, error: string | null): GatewayError {
  const why: Record<string, string> = {
    inactive: 'The script is inactive: activate it to run it.',
    missing: 'The file of the script is gone; its history is kept, and it is active again when the file comes back.',
    error: `The script cannot be run: ${error ?? 'it has an error'}`,
  }
  return new GatewayError('conflict', why[state] ?? `The script is ${state}.`)
}
