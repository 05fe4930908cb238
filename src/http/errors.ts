/** Errors → responses: the one place where a failure gets its HTTP shape (contract, section 2). */
import { ValidationError } from 'elysia'
import { type ErrorType, errorStatus, GatewayError, messageOf, type Problem, storageFault } from '../errors.ts'
import type { Log } from '../log.ts'
import { fromValidation } from './validation.ts'

export interface ErrorBody {
  status: 'error'
  code: number
  error: { type: ErrorType; message: string; details?: Problem[] }
  script_id?: number
  run_id?: number
  duration_ms?: number
  stderr?: string
  /** JSON that a failed script printed. */
  data?: unknown
}

interface Details {
  about?: Partial<ErrorBody>
  /** What came in the address, by name: tells which of it a validation error is about. */
  sent?: Record<string, unknown>
}

/** The response for anything that was thrown; what is a fault of ours is logged, and the client gets no details of it. */
export function errorResponse(thrown: unknown, log: Log, { about = {}, sent = {} }: Details = {}): Response {
  const error = toGatewayError(thrown, sent)
  if (error.type === 'system' || (error !== thrown && storageFault(thrown)))
    log.error(
      { error: messageOf(thrown), stack: thrown instanceof Error ? thrown.stack : undefined },
      'a request failed',
    )
  return errorJson(error.type, error.message, {
    status: error.status,
    details: error.details,
    headers: error.headers,
    about,
  })
}

export function errorJson(
  type: ErrorType,
  message: string,
  {
    status = errorStatus[type] as number,
    details = [] as Problem[],
    headers = {} as Record<string, string>,
    about = {} as Partial<ErrorBody>,
  } = {},
): Response {
  const error = details.length > 0 ? { type, message, details } : { type, message }
  return Response.json({ status: 'error', code: status, error, ...about } satisfies ErrorBody, { status, headers })
}

function toGatewayError(thrown: unknown, sent: Record<string, unknown>): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  if (thrown instanceof ValidationError) return fromValidation(thrown, sent)
  const fault = storageFault(thrown)
  if (fault) return fault
  const code = (thrown as { code?: unknown } | null)?.code
  if (code === 'NOT_FOUND')
    return new GatewayError('not_found', 'There is nothing at this address; /swagger lists what there is.')
  // What a parser of our own threw is told as it is.
  if (code === 'PARSE' && thrown instanceof Error && thrown.cause instanceof GatewayError) return thrown.cause
  if (code === 'PARSE')
    return new GatewayError('validation', 'The body is not what its Content-Type says.', { status: 400 })
  if (code === 'INVALID_COOKIE_SIGNATURE') return new GatewayError('auth', 'The cookie is not valid; sign in again.')
  return new GatewayError('system', 'The gateway failed; its log has the details.', { cause: thrown })
}
