/** What an installer said, in words for whoever declared the packages. */

import { normaliseName } from '../declared/pep508.ts'
import { InstallError } from '../model.ts'
import type { Seen } from './look.ts'

export interface About {
  /** `Python 3.11.7` */
  python: string
  isOffline: boolean
  /** Exactly what a lock names was to be installed. */
  isLocked: boolean
  wheelDir: string | null
  /** What the indexes have of a package; not called when offline. */
  look(name: string): Promise<Seen[]>
}

interface Told {
  message: string
  kind?: InstallError['kind']
}

type Explain = (text: string, about: About) => Told | null | Promise<Told | null>

/** The first that knows the words. A disk that is full spoils everything else, so it is asked first. */
const explanations: Explain[] = [diskFull, otherHash, noHash, conflict, brokenWheel, failedBuild, missing, unreachable]

/** The same failure with a message of one or two sentences. What is no failure of the installer's own stays as it is. */
export async function inWords(error: unknown, about: About): Promise<unknown> {
  if (!(error instanceof InstallError) || error.kind !== 'failed' || error.lines.length === 0) return error
  const text = error.lines.join('\n')
  for (const explain of explanations) {
    const told = await explain(text, about)
    if (told) return new InstallError(told.message, error.lines.slice(-20), told.kind ?? 'failed')
  }
  const last = error.lines.findLast((line) => /^\s*(ERROR|error):/.test(line))
  return new InstallError(last ? `${error.message} It said: ${last.trim()}` : error.message, error.lines.slice(-20))
}

/** Name of the package that nothing was found for, as it was asked for; null where that was not it. */
export const missingName = (error: unknown): string | null =>
  error instanceof InstallError
    ? (/No matching distribution found for ([A-Za-z0-9][\w.-]*)/.exec(error.lines.join('\n'))?.[1] ?? null)
    : null

/** Whether other versions might do. */
export const isUnresolved = (error: unknown): boolean =>
  error instanceof InstallError &&
  /ResolutionImpossible|conflicting dependencies|No matching distribution|No solution found/.test(
    error.lines.join('\n'),
  )

function diskFull(text: string): Told | null {
  if (!/No space left on device|Disk quota exceeded|os error 28\b/i.test(text)) return null
  return { message: 'The disk is full: make room below DATA_DIR, then install again.', kind: 'resource' }
}

function otherHash(text: string, { isLocked }: About): Told | null {
  const pip =
    /^\s+(\S+?)(?:[=<>!~ ][^\n]*?)? from (\S+?)(?:#\S*)?(?: \(from [^\n]*)?:\n\s+Expected sha256 (\w+)[\s\S]*?Got +(\w+)/m.exec(
      text,
    )
  const uv = /Hash mismatch for `([^`]+)`[\s\S]*?Expected:\s+sha256:(\w+)[\s\S]*?Computed:\s+sha256:(\w+)/.exec(text)
  const [file, wanted, got] = pip
    ? [decodeURIComponent(pip[2]!.slice(pip[2]!.lastIndexOf('/') + 1)), pip[3]!, pip[4]!]
    : uv
      ? [uv[1]!, uv[2]!, uv[3]!]
      : []
  if (!file || !wanted || !got) return null
  const who = isLocked ? 'the lock' : 'the index'
  const advice = isLocked
    ? 'update the lock only if you know why it changed'
    : 'try again, and ask who runs the index if it stays'
  return {
    message: `${file} is not the file that ${who} names (SHA-256 ${wanted.slice(0, 12)}… expected, ${got.slice(0, 12)}… came): it may have been tampered with, or cut off. Nothing was installed; ${advice}.`,
  }
}

function noHash(text: string, { isLocked }: About): Told | null {
  const bare = /Hashes are required in --require-hashes mode[\s\S]*?\n\s+(\S+)/.exec(text)?.[1]
  const unpinned = /all requirements must have their versions pinned with ==[\s\S]*?\n\s+(\S+)/.exec(text)?.[1]
  const name = (bare ?? unpinned)?.split(/[=<>!~[;]/)[0]
  if (!name) return null
  return {
    message: isLocked
      ? `The lock does not say all of ${name}: update it.`
      : `Where one package is declared with --hash, each needs ==VERSION and --hash, also those that others need: ${name} has none.`,
  }
}

function conflict(text: string): Told | null {
  const advice = 'Ask for other versions of one of them.'
  const uv = /No solution found[^\n]*\n\s*╰─▶ (Because [\s\S]*? depends on [\s\S]*?\.)(?:\n\n|\n\s*hint|$)/.exec(
    text,
  )?.[1]
  if (uv) return { message: `These cannot be installed together: ${uv.replace(/\s+/g, ' ')} ${advice}` }
  if (!/ResolutionImpossible|have conflicting dependencies/.test(text)) return null
  const because = /The conflict is caused by:\n((?:[ \t]+\S[^\n]*\n?)+)/.exec(text)?.[1]
  const reasons = because
    ?.split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) =>
      line.replace('The user requested (constraint)', 'the lock has').replace('The user requested', 'you ask for'),
    )
  const named = /Cannot install (.+?) because these package versions/.exec(text)?.[1]
  const what = reasons?.length ? reasons.slice(0, 6).join('; ') : (named ?? 'the packages')
  return { message: `These cannot be installed together: ${what}. ${advice}` }
}

function brokenWheel(text: string): Told | null {
  const name =
    /Wheel '([^']+)' located at \S+ is invalid/.exec(text)?.[1] ??
    /(\S+\.whl)[^\n]*(?:is not a (?:supported|valid)|has an invalid wheel|invalid)/.exec(text)?.[1]?.split('/').pop() ??
    (/BadZipFile|invalid Zip archive/i.test(text) ? 'a wheel' : null)
  if (!name) return null
  return {
    message: `The wheel of ${name} is broken: it is no package that can be opened. Ask for another version, or tell who runs the index.`,
  }
}

function failedBuild(text: string): Told | null {
  const name =
    /Failed building wheel for ([\w.-]+)/.exec(text)?.[1] ?? /Failed to build `?([\w.-]+)/.exec(text)?.[1] ?? null
  if (!name && !/subprocess-exited-with-error|metadata-generation-failed/.test(text)) return null
  return {
    message: `${name ?? 'A package'} could not be built from source: its build failed, see the log. A version with a wheel needs no build.`,
  }
}

async function missing(text: string, about: About): Promise<Told | null> {
  const asked = /No matching distribution found for ([A-Za-z0-9][^\n]*?)(?: \(from [^\n]*)?$/m.exec(text)?.[1]?.trim()
  const uv = /Because (?:there (?:is|are) no versions? of )?([A-Za-z0-9][\w.-]*) (?:was not found|has no wheels)/.exec(
    text,
  )?.[1]
  const wanted = asked ?? uv
  if (!wanted) return null
  const [name = wanted] = /^[\w.-]+/.exec(wanted) ?? []
  if (about.isOffline) {
    const where = about.wheelDir ? `WHEEL_DIR (${about.wheelDir}) or the cache` : 'the cache, and WHEEL_DIR is not set'
    return {
      message: `No wheel for ${wanted} is in ${where}, and the gateway is offline (setting DEPS_OFFLINE): put one there.`,
    }
  }
  const seen = await about.look(normaliseName(name))
  return refused(seen) ?? passedOver(wanted, name, text, seen, about)
}

/** An index that could not be asked: whether it has the package is not known then. */
function refused(seen: Seen[]): Told | null {
  for (const { index, status, problem, isTls } of seen) {
    if (status === 401)
      return {
        message: `${index} wants a login, or another one: set PIP_INDEX_SECRET to the name of a secret that holds USER:PASSWORD.`,
      }
    if (status === 403) return { message: `${index} refuses (HTTP 403): this login may not read there.` }
    if (status !== undefined && status !== 404) return { message: `${index} answers HTTP ${status}: try again later.` }
    if (isTls)
      return {
        message: `The certificate of ${index} was not accepted (${problem}): set SSL_CERT_FILE, or the right address in PIP_INDEX_URL.`,
      }
    if (problem)
      return {
        message: `${index} cannot be reached (${problem}): look at the setting PIP_INDEX_URL and at the network.`,
      }
  }
  return null
}

function passedOver(wanted: string, name: string, text: string, seen: Seen[], { python, isLocked }: About): Told {
  const files = seen.flatMap(({ files: some = [] }) => some)
  const where = seen.map(({ index }) => index).join(' and ')
  const advice = isLocked ? ' The lock names it: update the lock.' : ''
  if (files.length === 0)
    return { message: `There is no package ${name} at ${where}: look at how it is spelled.${advice}` }
  const exact = /^[\w.-]+(?:\[[^\]]*\])?\s*==\s*([\w.!+-]+)$/.exec(wanted)?.[1]
  const ofVersion = exact ? files.filter((file) => versionOf(file.name, name) === exact) : []
  const counted = exact && ofVersion.length > 0 ? ofVersion : files
  const wheels = counted.filter((file) => file.name.endsWith('.whl'))
  if (wheels.length === 0 && (!exact || ofVersion.length > 0))
    return {
      message: `${wanted} is there as source only, which runs its code when it is built: allow it with the setting PIP_BUILDS_ALLOWED, or ask for another version.`,
    }
  const fitting = /\(from versions: ([^)]*)\)/.exec(text)?.[1]
  if (fitting && fitting !== 'none')
    return {
      message: `There is no version of ${name} that fits ${wanted}: there are ${lastOf(fitting.split(', '))}.${advice}`,
    }
  const asks = [...new Set(counted.flatMap((file) => file.python ?? []))]
  if (asks.length > 0 && /Requires-Python/.test(text))
    return {
      message: `${wanted} needs another Python (${lastOf(asks)}) than the ${python} here: ask for a version that supports it.`,
    }
  return {
    message: `${wanted} has no wheel for ${python} on this machine: there are ${lastOf(wheels.map((file) => file.name))}.${advice}`,
  }
}

/** Of a wheel or a source archive. */
function versionOf(file: string, name: string): string | null {
  if (normaliseName(file.slice(0, name.length)) !== normaliseName(name) || file[name.length] !== '-') return null
  return /^([^-]+?)(?:-|\.tar\.\w+$|\.zip$|\.tgz$)/.exec(file.slice(name.length + 1))?.[1] ?? null
}

const lastOf = (all: string[]) => (all.length > 5 ? `… ${all.slice(-5).join(', ')}` : all.join(', '))

function unreachable(text: string): Told | null {
  const status =
    /HTTP error (\d{3}) while getting (\S+)/.exec(text) ?? /(\d{3}) Client Error[^\n]* for url: (\S+)/.exec(text)
  if (status) return { message: `${status[2]} answers HTTP ${status[1]}: the file cannot be fetched.` }
  const why =
    /(Connection refused|Temporary failure in name resolution|Name or service not known|No route to host|Network is unreachable|timed out|Connection reset by peer|Connection broken|IncompleteRead|CERTIFICATE_VERIFY_FAILED|error sending request|dns error)/i.exec(
      text,
    )?.[1]
  if (!why) return null
  return {
    message: `The index cannot be reached, or broke off (${why}): look at the setting PIP_INDEX_URL and at the network.`,
  }
}
