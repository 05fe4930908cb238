/** One requirement of a Python script (PEP 508), read strictly: what is not understood is refused in words. */
import type { Requirement } from '../model.ts'
import { parseMarker, renderMarker } from './marker.ts'
import { parseSpecifiers } from './pep440.ts'

export const nameLengthMax = 100
const textLengthMax = 4000
const extrasMax = 50

const nameStart = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?/
const extraName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/

/** What makes two names the same (PEP 503). */
export const normaliseName = (name: string) => name.replace(/[-_.]+/g, '-').toLowerCase()

/**
 * `name[extra] >=1 ; marker` or `name @ https://… ; marker`. The address is only read, not allowed: see `allowedUrl`. The problem
 * is a whole sentence that says what to do.
 */
export function parseRequirement(text: string): { requirement: Requirement } | { problem: string } {
  const line = text.trim()
  const refuse = (why: string) => ({ problem: `${JSON.stringify(line.slice(0, 80))} ${why}.` })
  if (line.length > textLengthMax) return refuse(`has more than ${textLengthMax} characters`)
  if (!/^[\t\x20-\x7e]*$/.test(line))
    return refuse(`has characters that no requirement has (${describeOdd(line)}): type it anew`)
  const stranger = strangerProblem(line)
  if (stranger) return refuse(stranger)
  const name = nameStart.exec(line)?.[0]
  if (!name) return refuse('does not begin with the name of a package: letters, digits, and . _ - between them')
  if (name.length > nameLengthMax) return refuse(`has a name of more than ${nameLengthMax} characters`)
  const bracket = /^\s*\[([^\]]*)\]/.exec(line.slice(name.length))
  const extras = extrasOf(bracket?.[1] ?? '')
  if (!extras) return refuse('has extras that are no names: write them as in qrcode[pil]')
  const rest = line.slice(name.length + (bracket?.[0].length ?? 0))
  const [what, markerText] = splitMarker(rest)
  const base = { name, key: normaliseName(name), extras, hashes: [] }
  const marker = markerText === null ? null : parseMarker(markerText)
  if (marker && 'problem' in marker) return refuse(`cannot be used: its marker ${marker.problem}`)
  const rendered = marker && renderMarker(marker.marker)
  if (what.startsWith('@')) {
    const url = what.slice(1).trim()
    if (!/^https?:\/\/\S+$/i.test(url)) return refuse(foreignAddress(url))
    return { requirement: { ...base, version: '', marker: rendered, url } }
  }
  if (/^[A-Za-z0-9]/.test(what))
    return refuse(`has ${JSON.stringify(what.slice(0, 40))} after the name: write it as in ${name}==2.31.0`)
  const parsed = parseSpecifiers(/^\(.*\)$/.test(what) ? what.slice(1, -1) : what)
  if ('problem' in parsed) return refuse(`cannot be read. ${parsed.problem.slice(0, -1)}`)
  return { requirement: { ...base, version: parsed.specifiers, marker: rendered, url: null } }
}

/** Canonical text that every installer reads the same way, without its hashes. */
export function renderRequirement({ name, extras, version, url, marker }: Omit<Requirement, 'key' | 'hashes'>): string {
  const what = `${name}${extras.length > 0 ? `[${extras.join(',')}]` : ''}`
  // An address ends at a space: without one the marker would be part of it.
  if (url) return `${what} @ ${url}${marker ? ` ; ${marker}` : ''}`
  return `${what}${version}${marker ? `; ${marker}` : ''}`
}

/** Sorted and normalised; null where one is no name. */
function extrasOf(text: string): string[] | null {
  if (text.trim() === '') return []
  const names = text.split(',').map((name) => name.trim())
  if (names.length > extrasMax || names.some((name) => !extraName.test(name) || name.length > nameLengthMax))
    return null
  return [...new Set(names.map(normaliseName))].sort()
}

function splitMarker(rest: string): [what: string, marker: string | null] {
  // In an address `;` is a character like any other, unless a space is before it.
  const at = rest.trimStart().startsWith('@') ? rest.search(/\s;/) : rest.indexOf(';')
  return at === -1 ? [rest.trim(), null] : [rest.slice(0, at).trim(), rest.slice(at).trim().slice(1)]
}

/** What pip takes as well, and what is not a package from an index. */
function strangerProblem(line: string): string | null {
  if (/\$\{|%\(/.test(line)) return 'has a variable in it, and none is filled in here: write the value itself'
  if (/^(git|hg|svn|bzr)\+/i.test(line) || /^(git|ssh|svn|hg):/i.test(line)) return foreignAddress(line)
  if (/^file:/i.test(line)) return foreignAddress(line)
  if (/^https?:\/\//i.test(line)) return 'is an address without a name: write NAME @ https://…'
  if (/^[./~\\]/.test(line) || /^[A-Za-z]:[\\/]/.test(line) || /^[^\s;@=<>!~[]*[\\/]/.test(line))
    return 'is a path: only packages with a name are installed. Put a wheel into the folder of the setting WHEEL_DIR and write its name'
  if (/^[^\s;@=<>[]+\.(whl|tar\.gz|zip|tar\.bz2|egg)$/i.test(line))
    return 'is a file: put it into the folder of the setting WHEEL_DIR and write the name of the package'
  return line === '' ? 'is empty: write the name of a package' : null
}

function foreignAddress(url: string): string {
  if (/^(git|hg|svn|bzr)\+|^(git|ssh|svn|hg):/i.test(url))
    return 'comes from a repository of source code, which is not installed from: build a wheel of it, and put it into the folder of the setting WHEEL_DIR or on an index'
  if (/^file:/i.test(url))
    return 'is a file of this machine: put the wheel into the folder of the setting WHEEL_DIR and write NAME==VERSION'
  return 'has no http(s) address after "@": write NAME @ https://…'
}

function describeOdd(line: string): string {
  const code = /[^\t\x20-\x7e]/u.exec(line)?.[0].codePointAt(0) ?? 0
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}
