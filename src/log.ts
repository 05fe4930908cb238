/** The gateway's own log: JSON lines on a file and, for people, the important ones on stderr. */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import pino, { type Logger } from 'pino'

export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & { level: string }

export interface GatewayLog extends Log {
  /** Starts a new file when the current one is over its size; the older ones are kept as `.1` (newest) to `.5`. */
  rotate(): void
  /** From now on. */
  setLevel(level: string): void
}

/** Names whose values never reach the log. */
const redact = ['*.password', '*.token', '*.secret', 'headers.authorization', 'headers.cookie']
const fileBytesMax = 10 * 1024 * 1024
const filesKept = 5
const stderr = 2

/** `file`: absolute path, made with its folders. Synchronous: worker transports kill the compiled program. */
export function createLog({ file, level }: { file: string; level: string }): GatewayLog {
  mkdirSync(dirname(file), { recursive: true })
  let fd = openSync(file, 'a')
  const streams = [
    { level: 'trace' as const, stream: { write: (entry: string) => writeOrDrop(fd, entry) } },
    { level: 'warn' as const, stream: { write: (entry: string) => writeOrDrop(stderr, entry) } },
  ]
  const options = { level, redact, base: undefined, timestamp: pino.stdTimeFunctions.isoTime }
  const log = pino(options, pino.multistream(streams))
  return Object.assign(log, {
    rotate() {
      if (!existsSync(file) || statSync(file).size <= fileBytesMax) return
      for (let n = filesKept - 1; n >= 1; n--)
        if (existsSync(`${file}.${n}`)) renameSync(`${file}.${n}`, `${file}.${n + 1}`)
      renameSync(file, `${file}.1`)
      closeSync(fd)
      fd = openSync(file, 'a')
    },
    setLevel(wanted: string) {
      log.level = wanted
    },
  })
}

/**
 * What tells of a full disk must not end the gateway because the disk is full, nor a closed terminal: the entry is lost
 * there, and what is important stands on the other stream too.
 */
function writeOrDrop(fd: number, entry: string) {
  try {
    writeSync(fd, entry)
  } catch {
    // nobody is left to be told
  }
}

export const silentLog = (): GatewayLog =>
  Object.assign(pino({ level: 'silent' }), { rotate: () => {}, setLevel: () => {} })
