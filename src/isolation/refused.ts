/** Paths that no script gets, whatever a permission says. */
import { isAtOrBelow } from './paths.ts'

const ofTheKernel = ['/proc', '/dev', '/sys']

/** Why a script does not get what really lies at `found`, as the end of a sentence ("… which"); null when it may. */
export function whyRefused(what: 'read' | 'write', found: string, hidden: string[]): string | null {
  if (ofTheKernel.some((folder) => isAtOrBelow(found, folder) && !(what === 'read' && folder === '/sys')))
    return 'no script gets: /proc and /dev are its own, and /sys is only read.'
  if (hidden.some((folder) => isAtOrBelow(found, folder)))
    return "no script may see: it lies in the gateway's own folders."
  return null
}

/** A permission names what is not there or what no script gets. Who wrote the permission is not known here. */
export class RefusedPath extends Error {
  constructor(
    readonly what: 'read' | 'write' | 'run',
    readonly path: string,
    /** The end of a sentence: "… which". */
    readonly why: string,
  ) {
    super(`The permission to ${what} names "${path}", which ${why}`)
  }
}
