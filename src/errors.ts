/** The closed list of error types and the HTTP status of each (contract, section 2). */
export const errorStatus = {
  validation: 422,
  auth: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  busy: 429,
  script: 500,
  dependency: 502,
  unavailable: 503,
  timeout: 504,
  resource: 507,
  system: 500,
} as const

export type ErrorType = keyof typeof errorStatus

/** One thing that is wrong with the input: a JSON pointer to it, and what to do about it. */
export interface Problem {
  path: string
  message: string
}

interface Extra {
  details?: Problem[]
  /** Another status than the type's own: 400 for a body that is not what it claims to be, 405 for a wrong method. */
  status?: number
  headers?: Record<string, string>
  cause?: unknown
}

/** A failure that is told to the client as it is. Anything else that is thrown is a `system` error and only logged. */
export class GatewayError extends Error {
  readonly status: number
  readonly details: Problem[]
  readonly headers: Record<string, string>

  constructor(
    readonly type: ErrorType,
    message: string,
    extra: Extra = {},
  ) {
    super(message, { cause: extra.cause })
    this.name = 'GatewayError'
    this.status = extra.status ?? errorStatus[type]
    this.details = extra.details ?? []
    this.headers = extra.headers ?? {}
  }
}

/** What is thrown as a sentence, whatever it is. */
export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** A validation error that names one place: a JSON pointer such as `/width`. */
export const invalid = (path: string, message: string) =>
  new GatewayError('validation', `${path.slice(1)} ${message}`.trim(), { details: [{ path, message }] })

const diskFullCodes = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_FSYNC'])

/** Whether an error of the file system or of SQLite, or its cause, says that there is no room. */
export function isDiskFull(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown }
  return diskFullCodes.has(String(code)) || (cause !== undefined && isDiskFull(cause))
}

export const diskFullMessage = "The gateway's disk is full: make room under DATA_DIR, then try again."
