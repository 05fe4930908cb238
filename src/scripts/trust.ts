/** Whose code a change would reach: scripts import what lies around them, and tags say who may what. */
import { GatewayError } from '../errors.ts'
import type { Caller } from '../http/caller.ts'
import type { Catalog } from './catalog.ts'
import type { RuntimeName } from './model.ts'
import { groupOf } from './script.ts'

export interface Place {
  runtime: RuntimeName
  /** Path inside the runtime's folder, with `/`. */
  filename: string
}

/**
 * Throws `forbidden` unless the caller may edit every script that would run, or be run by, a new file at one of these places:
 * those of its folder, whatever it is; those of the folders in it, if it says how code is found (package.json,
 * requirements.txt, tsconfig.json …); those of the folders around it, if it makes a package that may hide another one.
 */
export function refuseStrangers(catalog: Catalog, caller: Caller, places: Place[]): void {
  if (caller.seesAll && caller.is('editor')) return // nothing is restricted
  const strangers = catalog.list().filter(({ row }) => !caller.may('edit', row))
  for (const { runtime, filename } of places) {
    const theirs = strangers.some(
      ({ row }) => row.runtime === runtime && reaches(folded(filename), folded(row.filename)),
    )
    if (theirs)
      throw new GatewayError(
        'forbidden',
        `"${filename.slice(0, 200)}" would lie where a script that you may not change looks for code: choose a folder of your own.`,
      )
  }
}

function reaches(file: string, script: string): boolean {
  const [group, scripts] = [groupOf(file), groupOf(script)]
  if (group === scripts) return true
  if (isBelow(scripts, group)) return !/\.(py|[cm]?js|ts)$/.test(file)
  return isBelow(group, scripts) && /\/(__init__\.py|node_modules\/.*)$/.test(`/${file}`)
}

const isBelow = (group: string, above: string) => above === '' || group.startsWith(`${above}/`)

/** As a file system that does not tell case would see it. */
const folded = (path: string) => path.normalize('NFC').toLowerCase()

/** Throws `forbidden` when a tag comes or goes that says who may what, and the caller is no administrator. */
export function refuseAccessTags(
  caller: Caller,
  before: readonly string[],
  after: readonly string[] | undefined,
  isAccessTag: (tag: string) => boolean,
): void {
  if (after === undefined || caller.is('admin')) return
  const changed = [...before.filter((tag) => !after.includes(tag)), ...after.filter((tag) => !before.includes(tag))]
  const tag = changed.find(isAccessTag)
  if (tag !== undefined)
    throw new GatewayError(
      'forbidden',
      `The tag "${tag}" says who may use a script: only an administrator gives or takes it.`,
    )
}
