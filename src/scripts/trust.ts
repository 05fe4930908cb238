/** Whose code a change would reach: scripts import what lies around them, and tags say who may what. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GatewayError } from '../errors.ts'
import type { Caller } from '../http/caller.ts'
import { toTags } from './about.ts'
import type { Catalog, Entry } from './catalog.ts'
import { isPolicyName } from './filename.ts'
import { spelling } from './match.ts'
import type { RuntimeName } from './model.ts'
import { parsePolicyBytes } from './policy-file.ts'
import { refuseReach } from './policy-reach.ts'
import { groupOf } from './script.ts'

export interface Place {
  runtime: RuntimeName
  /** Path inside the runtime's folder, with `/`. */
  filename: string
  /** Absolute: where it lies until it is put there. */
  stored?: string
}

/**
 * Throws `forbidden` unless each of these places, of files that are to be made or replaced, is the caller's own:
 * - A folder is of who may edit its scripts; where it has none, of who may edit those of the next folder above that has some,
 *   or else all of those below. A folder that is there and has none at all may hold what any script imports.
 * - What says how code is found (package.json, requirements.txt …) is found from the folders below too, node_modules from
 *   all around them, and a package (__init__.py) or list in a subfolder from above.
 */
export function refuseStrangers(catalog: Catalog, caller: Caller, places: Place[]): void {
  if (caller.seesAll && caller.is('editor')) return // nothing is restricted
  for (const { runtime, filename, stored } of places) {
    const all = catalog.list().filter(({ row }) => row.runtime === runtime)
    const strangers = all.filter(({ row }) => !caller.may('edit', row))
    const reached = strangers.some(({ row }) => reaches(folded(filename), folded(row.filename)))
    if (reached || isOfOthers(filename, all, strangers))
      throw new GatewayError(
        'forbidden',
        `"${filename.slice(0, 200)}" would lie where a script that you may not change looks for code: choose a folder of your own.`,
      )
    const parsed = stored !== undefined && isPolicyName(filename) ? parsePolicyBytes(readFileSync(stored)) : null
    if (parsed?.ok && strangers[0])
      refuseReach(catalog, caller, join(rootOf(strangers[0]), groupOf(filename)), parsed.policy)
  }
}

function isOfOthers(filename: string, all: Entry[], strangers: Entry[]): boolean {
  const group = groupOf(filename)
  if (group === '' || strangers.length === 0) return false
  const isIn = (folder: string) => (entry: Entry) => groupOf(folded(entry.row.filename)) === folder
  for (let folder = groupOf(folded(filename)); folder !== ''; folder = groupOf(folder))
    if (all.some(isIn(folder))) return strangers.some(isIn(folder))
  const isBelowIt = ({ row }: Entry) => isBelow(groupOf(folded(row.filename)), groupOf(folded(filename)))
  if (all.some(isBelowIt)) return strangers.some(isBelowIt)
  return existsSync(join(rootOf(strangers[0]!), group.split('/')[0]!))
}

/** The folder of its runtime. */
const rootOf = ({ row, runnable }: Entry) => runnable.file.slice(0, -row.filename.length)

function reaches(file: string, script: string): boolean {
  const [packages] = /^(.*\/)?node-modules\//.exec(file) ?? [] // as it is folded
  const group = packages === undefined ? groupOf(file) : groupOf(groupOf(packages))
  const scripts = groupOf(script)
  if (group === scripts) return true
  if (isBelow(scripts, group)) return packages !== undefined || saysHowCodeIsFound.test(file)
  if (/\/__init__\.py$/.test(file)) return isBelow(group, scripts)
  const named = groupOf(folded(`${script.replace(/\.[^./]+$/, '')}/x`)) // a subfolder named like it may hold its list
  return group === named && saysHowCodeIsFound.test(file)
}

/**
 * By its own name, without that of a script before it: sidecars, policies and `{stem}_…` lists are their script's alone. Any
 * other text may be one that a list includes with `-r`.
 */
const saysHowCodeIsFound =
  /(^|\/)(package(-lock)?\.json|bun\.lockb?|bunfig\.toml|[jt]sconfig[^/]*\.json|\.npmrc|requirements\.lock|(?!.+_requirements\.txt$)[^/]+\.txt|pyproject\.toml|setup\.(py|cfg)|pyvenv\.cfg|[^/]*\.pth)$/

const isBelow = (group: string, above: string) => above === '' || group.startsWith(`${above}/`)

/** As a file system that does not tell case would see it, and a scan that follows renamed folders. */
const folded = (path: string) => spelling(path).toLowerCase()

/** Throws `forbidden` when a tag comes or goes that says who may what, and the caller is no administrator. */
export function refuseAccessTags(
  caller: Caller,
  before: readonly string[],
  sent: readonly string[] | undefined,
  isAccessTag: (tag: string) => boolean,
): void {
  if (sent === undefined || caller.is('admin')) return
  const after = toTags(sent) // as they will be stored
  const changed = [...before.filter((tag) => !after.includes(tag)), ...after.filter((tag) => !before.includes(tag))]
  const tag = changed.find(isAccessTag)
  if (tag !== undefined)
    throw new GatewayError(
      'forbidden',
      `The tag "${tag}" says who may use a script: only an administrator gives or takes it.`,
    )
}
