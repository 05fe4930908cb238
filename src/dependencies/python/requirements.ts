/** Requirements as the lines that installers read. The text is ours, never the author's file. */
import { satisfies } from '@renovatebot/pep440'
import type { LockedPackage } from '../declared/lock.ts'
import { normaliseName, renderRequirement } from '../declared/pep508.ts'
import type { Requirement } from '../model.ts'

/** PEP 508, with pip's `--hash`. */
export const requirementLine = (requirement: Requirement) =>
  renderRequirement(requirement) + requirement.hashes.map((hash) => ` --hash=${hash}`).join('')

/** Exactly what a lock names. */
export const pinned = ({
  name,
  version,
  hashes,
  extras = [],
  marker = null,
  url = null,
}: LockedPackage): Requirement => ({
  ...{ name, key: normaliseName(name), extras, marker, url, hashes },
  version: url === null ? `==${version}` : '',
})

/** For where its file is there already: by name, and by the version that the name of a wheel at the address says. */
export function withoutAddress(requirement: Requirement): Requirement {
  const { url } = requirement
  if (url === null) return requirement
  const version = /\/[^/-]+-([^/-]+)-[^/]*\.whl(?:[?#]|$)/.exec(url)?.[1]
  return { ...requirement, url: null, version: version ? `==${decodeURIComponent(version)}` : '' }
}

/** `name==version` of those that what is declared now still allows. */
export const constraintLines = (locked: LockedPackage[], requirements: Requirement[]): string[] =>
  locked
    .filter((one) => !one.url && requirements.every((asked) => allows(asked, one)))
    .map(({ name, version }) => `${name}==${version}`)

const allows = ({ key, url, version }: Requirement, locked: LockedPackage) =>
  key !== locked.name || (url === null && (version === '' || satisfies(locked.version, version, { prereleases: true })))
