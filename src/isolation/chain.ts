/** Programs of util-linux that limit themselves, become a script's user, and then become the next program. */
import type { Host } from './host.ts'
import type { Confinement } from './model.ts'
import { rlimitsOf } from './rlimits.ts'

interface Who {
  /** null: the gateway's own user. */
  uid: number | null
  isBun: boolean
}

export const limiting = (host: Host, { limits }: Confinement, { uid, isBun }: Who) => [
  host.prlimit!,
  ...rlimitsOf(limits, { hasOwnUser: uid !== null, isBun, hardMax: host.hardLimits }).map(
    ([name, soft, hard]) => `--${name}=${soft}:${hard}`,
  ),
  '--',
]

/** As root: without any of its rights, whoever it becomes. */
export function becoming(host: Host, { uid }: Pick<Who, 'uid'>): string[] {
  if (host.uid !== 0) return [host.setpriv!, '--no-new-privs', '--']
  const user = uid === null ? [] : ['--reuid', String(uid), '--regid', String(uid), '--clear-groups']
  return [
    host.setpriv!,
    ...user,
    '--bounding-set=-all',
    '--inh-caps=-all',
    '--ambient-caps=-all',
    '--no-new-privs',
    '--',
  ]
}

/** `late`: `NAME=value` that none of the programs before may obey. */
export const lastly = (host: Host, late: string[]) => (late.length > 0 ? [host.env ?? '/usr/bin/env', ...late] : [])
