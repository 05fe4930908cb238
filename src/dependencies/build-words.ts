/** What builds say of themselves. */
import { GatewayError, messageOf, storageFault } from '../errors.ts'
import type { Log } from '../log.ts'
import type { BuildWish } from './builds.ts'
import { DependencyError } from './dependency-error.ts'
import type { Environment } from './environments.ts'
import type { InstallationEnd, LiveInstallation } from './installations.ts'
import { InstallError, type Installed, type Sources } from './model.ts'
import { requirementText } from './requirement-text.ts'

/** Why it was ended. */
export const endOfAbort = ({ abort }: LiveInstallation) =>
  abort.signal.reason === 'interrupted'
    ? new InstallError('The gateway stopped before it was done; it begins again when it is needed.', [], 'interrupted')
    : new InstallError('It was cancelled.', [], 'cancelled')

/** Before the reason, for whoever asked for something else: an installation's own reason goes without. */
export const couldNot = 'Its packages could not be installed: '

/** How it is told; a fault of ours goes to the gateway's log. */
export function endOf(
  installation: LiveInstallation,
  thrown: unknown,
  log: Log,
): { status: InstallationEnd['status']; error: DependencyError } {
  const { aborted } = installation.abort.signal
  const error = aborted ? endOfAbort(installation) : thrown
  const told = (message: string, lines: string[] = []) =>
    new DependencyError(installation.mask(message), lines.join('\n').slice(-4096), installation.row.id, {
      'retry-after': '30',
    })
  if (error instanceof InstallError) {
    const { kind, message, lines } = error
    const status = kind === 'resource' ? 'failed' : kind
    return { status, error: told(`${couldNot}${message}`, lines) }
  }
  const known = error instanceof GatewayError ? error : storageFault(error)
  if (known) return { status: 'failed', error: told(`${couldNot}${known.message}`) }
  const stack = error instanceof Error ? error.stack : undefined
  log.error(
    { installation: installation.row.id, error: messageOf(error), stack },
    'an installation failed for a fault of the gateway',
  )
  return { status: 'failed', error: told(`${couldNot}The fault is the gateway's own, whose log has the details.`) }
}

/** First line of the log. */
export function intro({ need, isUpdate }: BuildWish, { isOffline }: Sources): string {
  const { declaration, lockState } = need
  const how = isUpdate
    ? 'the newest that is allowed'
    : {
        current: 'what the lock says',
        stale: 'anew, keeping what the lock says where that still fits',
        none: 'without a lock',
      }[lockState]
  return `Installing ${how}${isOffline ? ', offline' : ''}: ${declaration.requirements.map(requirementText).join(', ') || 'nothing'}`
}

/** Last line of the log. */
export const outro = ({ packages, installer }: Installed, { name }: Environment, isNew: boolean) =>
  isNew
    ? `${packages.length} packages installed by ${installer}.`
    : `The same as ${name}, which is there already: that one is used.`
