/** Paths that clients choose for files in a scripts folder: safe ones, and ones that a scan would find. */
import { basename, extname } from 'node:path'
import type { Runtime } from '../runtimes/model.ts'
import { policyEnding } from './policy-file.ts'
import { sidecarEnding } from './sidecar.ts'
import { groupDepthMax, ignoring } from './walk.ts'

/** Below the 255 bytes that file systems allow: a sidecar's name is longer than its script's. */
const nameBytesMax = 200
const pathBytesMax = 1000

/** `ignorePatterns`: the setting scan_ignore_patterns. */
interface Rules {
  runtime: Runtime
  ignorePatterns: string[]
}

/** Why `filename` cannot be a new script, in words that follow its name; null when it can. */
export function scriptNameProblem(filename: string, { runtime, ignorePatterns }: Rules): string | null {
  const problem = pathProblem(filename, runtime)
  if (problem) return problem
  if (!runtime.extensions.includes(extname(filename)))
    return `must end with ${runtime.extensions.join(' or ')}, as ${runtime.label} scripts do`
  const names = filename.split('/')
  if (names.some((name) => name.startsWith('_'))) return 'must not have a name that begins with "_": those are skipped'
  return ignoredProblem(names, ignorePatterns)
}

/**
 * Why `filename` cannot be a file in a scripts folder: a script, or what lies beside one (a helper module, a list of
 * dependencies, data, a sidecar, a policy). null when it can.
 */
export function pathProblem(filename: string, runtime: Runtime): string | null {
  if (Buffer.byteLength(filename) > pathBytesMax) return `must have at most ${pathBytesMax} bytes`
  if (filename.startsWith('/')) return 'must be a path inside the scripts folder, without "/" at its beginning'
  const names = filename.split('/')
  for (const name of names) {
    const problem = nameProblem(name)
    if (problem) return problem
  }
  const groups = names.slice(0, -1)
  if (groups.length > groupDepthMax) return `must be in at most ${groupDepthMax} folders`
  if (groups.some((name) => runtime.extensions.includes(extname(name))))
    return `must not be in a folder whose name ends with ${runtime.extensions.join(' or ')}`
  if (groups.some((name) => name.startsWith('.'))) return 'must not be in a hidden folder'
  const last = names.at(-1) ?? ''
  return last.startsWith('.') && !isSidecarName(last) && !isPolicyName(last) ? 'must not begin with "."' : null
}

export const isSidecarName = (filename: string) => {
  const name = basename(filename)
  return name.endsWith(sidecarEnding) && name.replace(/^\./, '').length > sidecarEnding.length
}

export const isPolicyName = (filename: string) => {
  const name = basename(filename)
  return name.startsWith('.') && name.endsWith(policyEnding) && name.length > policyEnding.length + 1
}

function nameProblem(name: string): string | null {
  if (name === '') return 'must not have an empty name between two "/" or at an end'
  if (name === '.' || name === '..') return `must not have "${name}" in its path`
  if (!name.isWellFormed() || forbidden.test(name))
    return 'must not contain control characters, or any of \\ < > : " | ? *'
  if (/^\s|[\s.]$/.test(name)) return 'must not have names that begin with a space, or end with a space or "."'
  return Buffer.byteLength(name) > nameBytesMax ? `must not have a name of more than ${nameBytesMax} bytes` : null
}

/** Control characters, those that turn text around, and what other systems do not have in names. */
const forbidden = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffd\\<>:"|?*]/

function ignoredProblem(names: string[], patterns: string[]): string | null {
  const isIgnored = ignoring(patterns)
  const found = names.find((name, index) => isIgnored(name, names.slice(0, index + 1).join('/')))
  return found === undefined ? null : `must not have the name "${found}", which the setting scan_ignore_patterns skips`
}
