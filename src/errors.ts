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

interface StorageFault {
  /** Of the file system or of SQLite; one ending in `*` stands for all that begin so. The first row that fits counts. */
  codes: string[]
  type: ErrorType
  message: string
  retryAfterSec?: number
}

/** What can be wrong with the disk or the database, and what a person does about it: nothing of it is a surprise. */
const storageFaults = {
  full: {
    codes: ['ENOSPC', 'EDQUOT', 'SQLITE_FULL'],
    type: 'resource',
    message: "The gateway's disk is full: make room under DATA_DIR, then try again.",
  },
  unwritable: {
    codes: ['SQLITE_IOERR_WRITE', 'SQLITE_IOERR_FSYNC', 'SQLITE_IOERR_TRUNCATE', 'SQLITE_IOERR_SHM*'],
    type: 'resource',
    message:
      "The gateway cannot write to its disk: it is full or over a quota, read-only, or failing. Put right what is wrong with the disk of DATA_DIR, then try again; the gateway's log has the details.",
  },
  locked: {
    codes: ['SQLITE_BUSY*', 'SQLITE_LOCKED*'],
    type: 'unavailable',
    message: "Another program holds the gateway's database; try again in a moment, or end that program.",
    retryAfterSec: 1,
  },
  readOnly: {
    codes: ['SQLITE_READONLY*', 'EROFS'],
    type: 'unavailable',
    message:
      "The gateway cannot write: its database or disk is read-only, the gateway's log says where. Make it writable, then try again.",
    retryAfterSec: 10,
  },
  notAllowed: {
    codes: ['EACCES', 'EPERM'],
    type: 'unavailable',
    message:
      "The gateway is not allowed to use one of its files or folders, the gateway's log says which. Give it the rights back, then try again.",
    retryAfterSec: 10,
  },
  damaged: {
    codes: ['SQLITE_CORRUPT*', 'SQLITE_NOTADB'],
    type: 'system',
    message: "The gateway's database is damaged: stop the gateway, put back a copy of gateway.db, and start it again.",
  },
  failing: {
    codes: ['SQLITE_IOERR*', 'SQLITE_CANTOPEN*', 'EIO'],
    type: 'unavailable',
    message:
      "The gateway cannot read its database or its disk: see whether the disk of DATA_DIR is there and well; the gateway's log has the details.",
    retryAfterSec: 10,
  },
} satisfies Record<string, StorageFault>

/** What an error, or its cause, says of the disk or the database, as it is told to clients; null when it is about neither. */
export function storageFault(error: unknown): GatewayError | null {
  const fault = faultOf(error)
  if (!fault) return null
  const { type, message, retryAfterSec }: StorageFault = storageFaults[fault]
  const headers: Record<string, string> = retryAfterSec === undefined ? {} : { 'retry-after': String(retryAfterSec) }
  return new GatewayError(type, message, { headers, cause: error })
}

/** Whether there is no room. */
export const isDiskFull = (error: unknown) => faultOf(error) === 'full'

function faultOf(error: unknown): keyof typeof storageFaults | null {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown }
  if (typeof code === 'string')
    for (const [name, { codes }] of Object.entries(storageFaults))
      if (codes.some((one) => (one.endsWith('*') ? code.startsWith(one.slice(0, -1)) : code === one)))
        return name as keyof typeof storageFaults
  return cause === undefined ? null : faultOf(cause)
}
