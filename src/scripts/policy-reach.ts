/** What a policy would give its script of others': who may not edit those must not write such a policy. */
import { resolve } from 'node:path'
import { GatewayError } from '../errors.ts'
import type { Caller } from '../http/caller.ts'
import { isAtOrBelow } from '../isolation/paths.ts'
import type { Catalog } from './catalog.ts'
import type { Policy } from './policy-model.ts'
import { realOf } from './policy-warnings.ts'

/**
 * Throws `forbidden` when a script in `dir` (absolute) could read or write the folder of a script that the caller may not
 * edit. Its own folder it reads anyway.
 */
export function refuseReach(catalog: Catalog, caller: Caller, dir: string, { permissions = {} }: Policy): void {
  if (caller.seesAll && caller.is('editor')) return // nothing is restricted
  const strangers = catalog.list().filter(({ row }) => !caller.may('edit', row))
  const folders = [...new Set(strangers.map(({ runnable }) => runnable.dir))].map(realOf)
  const own = realOf(dir)
  for (const what of ['read', 'write'] as const) {
    const given = permissions[what] ?? false
    const paths = Array.isArray(given) ? given.map((path) => realOf(resolve(dir, path))) : given ? ['/'] : []
    const reached = folders.some((folder) =>
      paths.some(
        (path) =>
          (isAtOrBelow(folder, path) || isAtOrBelow(path, folder)) && !(what === 'read' && isAtOrBelow(path, own)),
      ),
    )
    if (reached)
      throw new GatewayError(
        'forbidden',
        `permissions.${what} would reach the folder of a script that you may not change: name other folders, or ask an administrator.`,
      )
  }
}
