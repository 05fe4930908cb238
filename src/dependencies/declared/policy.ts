/** What the settings allow a declaration to ask for. */
import type { Setting } from '../../settings/settings.ts'
import type { Requirement } from '../model.ts'
import { normaliseName } from './pep508.ts'
import { allowedUrl } from './url.ts'

export interface Policy {
  /** Beginnings of addresses. */
  urlPrefixes: readonly string[]
  /** Addresses of the indexes that are asked anyway. */
  indexes: readonly string[]
  /** Normalised names, or `*`: packages that may be built from source. */
  buildsAllowed: readonly string[]
}

export const pypi = 'https://pypi.org/simple'

export const policyOf = (setting: Setting): Policy => ({
  urlPrefixes: setting('deps_url_prefixes'),
  indexes: [setting('pip_index_url') || pypi, ...setting('pip_extra_index_urls')].map(withoutLogin),
  buildsAllowed: setting('pip_builds_allowed'),
})

/** A list names an index as everybody may know it. */
function withoutLogin(address: string): string {
  const url = URL.parse(address)
  if (!url?.username) return address
  url.username = url.password = ''
  return url.href
}

/** The requirement with its address as it is allowed, or why it is refused: a sentence. */
export function allowRequirement(
  requirement: Requirement,
  policy: Policy,
): { requirement: Requirement } | { problem: string } {
  if (requirement.url === null) return { requirement }
  const allowed = allowedUrl(requirement.url, policy.urlPrefixes)
  if ('problem' in allowed) return { problem: `The address of ${requirement.name}: ${allowed.problem}` }
  // pip builds whatever an address leads to, also where it may only take wheels from an index.
  if (!new URL(allowed.url).pathname.endsWith('.whl') && !mayBuild(requirement, policy))
    return {
      problem: `The address of ${requirement.name} is not that of a wheel (.whl): anything else is built, which runs its code, and needs the package in the setting PIP_BUILDS_ALLOWED.`,
    }
  return { requirement: { ...requirement, url: allowed.url } }
}

const mayBuild = ({ key }: Requirement, { buildsAllowed }: Policy) =>
  buildsAllowed.some((name) => name === '*' || normaliseName(name) === key)
