/** What a signal says of a script's end, where nobody here sent it. */

const crashed = ': the program itself crashed, not the gateway'
const sent = ', sent by something outside the gateway'

const words: Record<string, string> = {
  SIGKILL: `${sent}, often the system when memory runs out`,
  SIGTERM: sent,
  SIGINT: sent,
  SIGHUP: sent,
  SIGABRT: ': the program gave up by itself (abort); what it printed may say why',
  SIGSEGV: crashed,
  SIGBUS: crashed,
  SIGILL: crashed,
  SIGFPE: crashed,
  SIGTRAP: crashed,
  SIGSYS: ', since it made a system call that no script may make',
  SIGXFSZ: ', since a file that it wrote came to its limit (setting file_bytes_max)',
}

/** Follows `ended by SIGKILL`; empty where the name says enough. */
export const hintFor = (signal: string) => words[signal] ?? ''
