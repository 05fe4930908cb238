/** What the gateway itself may do on this machine, and which tools it finds. */
import { readFileSync } from 'node:fs'
import type { Rlimit } from './rlimits.ts'

export interface Host {
  uid: number
  /** Root that may give programs another user. */
  canChangeUser: boolean
  /** Root that may give programs another view of the file system. */
  canMount: boolean
  /** What the gateway itself was given; more cannot be passed on. */
  hardLimits: Partial<Record<Rlimit[0], number>>
  bwrap: string | null
  setpriv: string | null
  prlimit: string | null
  env: string | null
  /** A program that does nothing, to try things with. */
  truePath: string | null
}

/** Bits of the capabilities in /proc/self/status. */
const [CHOWN, SETGID, SETUID, SETPCAP, SYS_ADMIN] = [0n, 6n, 7n, 8n, 21n]

/** Throws nothing: what it cannot find out is not there. */
export function lookAtHost(): Host {
  const uid = process.geteuid?.() ?? 0
  const held = capabilities()
  const has = (...bits: bigint[]) => uid === 0 && bits.every((bit) => (held >> bit) & 1n)
  return {
    uid,
    canChangeUser: has(CHOWN, SETGID, SETUID, SETPCAP),
    canMount: has(SYS_ADMIN),
    hardLimits: hardLimits(),
    bwrap: Bun.which('bwrap'),
    setpriv: Bun.which('setpriv'),
    prlimit: Bun.which('prlimit'),
    env: Bun.which('env'),
    truePath: Bun.which('true'),
  }
}

function capabilities(): bigint {
  const [, mask] = readText('/proc/self/status').match(/^CapEff:\s*([0-9a-f]+)/m) ?? []
  return BigInt(`0x${mask ?? '0'}`)
}

const limitNames: [Rlimit[0], string][] = [
  ['cpu', 'Max cpu time'],
  ['data', 'Max data size'],
  ['fsize', 'Max file size'],
  ['nofile', 'Max open files'],
  ['nproc', 'Max processes'],
]

/** Those that are not unlimited. */
function hardLimits(): Host['hardLimits'] {
  const text = readText('/proc/self/limits')
  const found = limitNames.map(([name, words]) => [name, text.match(`${words}\\s+\\S+\\s+(\\d+)`)?.[1]] as const)
  return Object.fromEntries(found.flatMap(([name, value]) => (value ? [[name, Number(value)]] : [])))
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // no /proc
  }
}
