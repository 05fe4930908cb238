/** Names and versions of npm packages as a package.json has them, read strictly. */
import semver from 'semver'
import type { Policy } from './policy.ts'
import { allowedUrl } from './url.ts'

const nameLengthMax = 214
const versionLengthMax = 256

const part = '[A-Za-z0-9](?:[A-Za-z0-9._~-]*)'
const packageName = new RegExp(`^(?:@${part}/)?${part}$`)
const tagName = /^[A-Za-z][A-Za-z0-9._-]{0,60}$/

/** What is wrong with the name, in words that follow it; null when it is one. */
export function npmNameProblem(name: string): string | null {
  if (name.length > nameLengthMax) return `has more than ${nameLengthMax} characters`
  if (!packageName.test(name) || /^(node_modules|favicon\.ico)$/i.test(name))
    return 'is no name of an npm package: letters, digits and . _ - ~, with a scope as in @scope/name'
  return null
}

/** A version in its canonical way of writing (empty for any), or an address; or what is wrong, a sentence. */
export function parseNpmVersion(
  text: string,
  policy: Pick<Policy, 'urlPrefixes'>,
): { version: string; url: string | null } | { problem: string } {
  const written = text.trim().replace(/\s+/g, ' ')
  const refuse = (why: string) => ({ problem: `${JSON.stringify(written.slice(0, 80))} ${why}.` })
  if (!/^[\x20-\x7e]*$/.test(written)) return refuse('has characters that no version has: type it anew')
  if (/^https?:/i.test(written)) {
    const allowed = allowedUrl(written, policy.urlPrefixes)
    return 'problem' in allowed ? allowed : { version: '', url: allowed.url }
  }
  if (written.length > versionLengthMax) return refuse(`has more than ${versionLengthMax} characters`)
  const foreign = foreignProblem(written)
  if (foreign) return refuse(foreign)
  if (written.startsWith('npm:')) return parseAlias(written)
  const range = canonicalRange(written)
  return range === null ? refuse(noVersion) : { version: range, url: null }
}

const noVersion =
  'is no version: write one such as ^1.0.0, 1.x, >=1.2 <2 or 1.2.3, a tag such as latest, or nothing for any'

/** `npm:name@range`: the package under another name. */
function parseAlias(written: string): { version: string; url: null } | { problem: string } {
  const refuse = (why: string) => ({ problem: `${JSON.stringify(written.slice(0, 80))} ${why}.` })
  const alias = written.slice('npm:'.length)
  const at = alias.indexOf('@', 1)
  const name = at === -1 ? alias : alias.slice(0, at)
  const problem = npmNameProblem(name)
  if (problem) return refuse(`names a package that ${problem}`)
  const range = at === -1 ? '' : canonicalRange(alias.slice(at + 1).trim())
  if (range === null) return refuse('has no version after its last @: write it as in npm:name@^1.0.0')
  return { version: `npm:${name}${range === '' ? '' : `@${range}`}`, url: null }
}

/** Spaces as npm itself has them; null for what is neither a range nor a tag. */
function canonicalRange(text: string): string | null {
  if (text === '' || text === '*' || text === 'x' || text === 'X') return ''
  if (!text.includes('==') && /^[\dv^~<>=*xX|.\sA-Za-z+-]*$/.test(text) && semver.validRange(text) !== null)
    return text.replace(/\s*\|\|\s*/g, ' || ').replace(/([<>=~^])\s+/g, '$1')
  return tagName.test(text) ? text : null
}

/** Equal for versions that allow the same, however they are written. */
export function comparableNpmVersion(version: string): string {
  const [, prefix = '', range = ''] = /^(npm:@?[^@]+@?)?(.*)$/.exec(version) ?? []
  return `${prefix}${semver.validRange(range) ?? range}`
}

function foreignProblem(text: string): string | null {
  if (
    /^(file|link|portal):/i.test(text) ||
    /^[./~\\]{1,2}[/\\]|^[/\\]|^[A-Za-z]:[\\/]/.test(text) ||
    text === '.' ||
    text === '..'
  )
    return 'is a path: only packages from the registry are installed'
  if (/^(workspace|catalog|patch):/i.test(text)) return 'is for repositories of many packages: write the version itself'
  if (/^(git[+:@]|git$|ssh:|github:|gitlab:|bitbucket:|gist:)/i.test(text) || /\.git(#|$)/i.test(text))
    return 'comes from a repository of source code: only packages from the registry are installed'
  if (/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+(#.*)?$/.test(text))
    return 'is how npm says a repository of GitHub: only packages from the registry are installed'
  const protocol = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1]?.toLowerCase()
  if (protocol && protocol !== 'npm') return `begins with ${protocol}:, and only npm: is taken`
  return null
}
