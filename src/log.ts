/** The gateway's own log: JSON lines on a file and, for people, the important ones on stderr. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import pino, { type Logger } from 'pino'

export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & { level: string }

/** Header and parameter names whose values never reach the log. */
const redact = ['*.password', '*.token', '*.secret', 'headers.authorization', 'headers.cookie']

/** `file`: absolute path, made with its folders. Synchronous: worker transports kill the compiled program. */
export function createLog({ file, level }: { file: string; level: string }): Log {
  mkdirSync(dirname(file), { recursive: true })
  return pino(
    { level, redact, base: undefined, timestamp: pino.stdTimeFunctions.isoTime },
    pino.multistream([
      { level: 'trace', stream: pino.destination({ dest: file, sync: true, append: true }) },
      { level: 'warn', stream: pino.destination({ dest: 2, sync: true }) },
    ]),
  )
}

export const silentLog = (): Log => pino({ level: 'silent' })
