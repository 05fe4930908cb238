/** What a policy, or a setting in its place, names in vain as things are now: no error, since it may come later. */
import { resolve } from 'node:path'
import type { Problem } from '../errors.ts'
import { realPath } from '../isolation/paths.ts'
import { whyRefused } from '../isolation/refused.ts'
import type { Setting } from '../settings/settings.ts'
import type { DeclaredPermissions, Policy } from './policy-model.ts'

interface Places {
  /** Absolute, the script's folder. */
  dir: string
  /** Real paths of folders that no script sees. */
  hidden: string[]
  /** The absolute path of a program that is found on PATH. */
  which(name: string): string | null
  /** The variables that there are for the script, its own and everybody's. */
  variableNames: string[]
}

const warningsMax = 50

/** In sentences; at most 50. */
export function policyWarnings(policy: Policy, setting: Setting, places: Places): string[] {
  const said = (Object.keys(whyInVain) as Listed[]).flatMap((what) =>
    listOf(policy, setting, what).flatMap((name) => {
      const why = whyInVain[what](name, places)
      return why === null ? [] : [`${sourceOf(policy, what)} names "${name}", which ${why}`]
    }),
  )
  return [...new Set(said)].slice(0, warningsMax)
}

/** The paths of a policy that no run would get: to be refused when it is written. */
export function refusedPaths({ permissions = {} }: Policy, { dir, hidden }: Pick<Places, 'dir' | 'hidden'>): Problem[] {
  return (['read', 'write'] as const).flatMap((what) => {
    const paths = permissions[what]
    if (!Array.isArray(paths)) return []
    return paths.flatMap((path, index) => {
      const why = whyRefused(what, realOf(resolve(dir, path)), hidden)
      return why === null ? [] : [{ path: `/permissions/${what}/${index}`, message: `names "${path}", which ${why}` }]
    })
  })
}

type Listed = 'read' | 'write' | 'env' | 'run'

const isNotThere = 'is not there: no run starts before it is.'

/** The end of a sentence: "… which". */
const whyInVain: Record<Listed, (name: string, places: Places) => string | null> = {
  read: (path, places) => whyNoPath('read', path, places),
  write: (path, places) => whyNoPath('write', path, places),
  run: (name, { which }) =>
    name.includes('/')
      ? realPath(resolve(name)) === null
        ? isNotThere
        : null
      : which(name) === null
        ? 'is not on PATH: the script cannot start it.'
        : null,
  env: (name, { variableNames }) =>
    variableNames.includes(name) ? null : 'is no variable: the script does not get one of that name.',
}

function whyNoPath(what: 'read' | 'write', path: string, { dir, hidden }: Places): string | null {
  const absolute = resolve(dir, path)
  return whyRefused(what, realOf(absolute), hidden) ?? (realPath(absolute) === null ? isNotThere : null)
}

/** Of what is not there yet, where it would be. */
export function realOf(path: string): string {
  const found = realPath(path)
  if (found !== null || path === '/') return found ?? path
  return resolve(realOf(resolve(path, '..')), path.slice(path.lastIndexOf('/') + 1))
}

/** What is listed; nothing where all or nothing is allowed. */
function listOf({ permissions = {} }: Policy, setting: Setting, what: Listed): string[] {
  const own: DeclaredPermissions[Listed] = permissions[what]
  if (own !== undefined) return Array.isArray(own) ? own : []
  const usual = setting(`allow_${what}`)
  return what !== 'env' && usual.includes('*') ? [] : usual.filter((name) => name !== '*')
}

const sourceOf = ({ permissions = {} }: Policy, what: Listed) =>
  permissions[what] === undefined ? `The setting allow_${what}` : `permissions.${what}`
