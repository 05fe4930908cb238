/** What pip and uv share: what is wanted, a folder of ours inside the one that is built, and what they must answer. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { InstallJob, Outdated, Requirement } from '../model.ts'

export interface Wanted {
  /** When locked: each one version with all its hashes, and nothing else is installed then. */
  requirements: Requirement[]
  isLocked: boolean
  /** `name==version` that are kept where they fit. */
  constraints: string[]
}

/** What was installed, and the hash of its file. */
export interface Came {
  name: string
  version: string
  /** `sha256:…` */
  hashes: string[]
}

export type Place = Pick<InstallJob, 'dir' | 'downloadDir' | 'sources' | 'runTool' | 'note'>
export type LookPlace = Pick<InstallJob, 'sources' | 'runTool' | 'downloadDir'> & { environment: string }

/** One program that installs. All reject with the InstallError of `runTool`. */
export interface InstallProgram {
  /** Into the environment `dir`. */
  install(wanted: Wanted, place: Place): Promise<Came[]>
  outdated(place: LookPlace): Promise<Outdated[]>
  /** Rejects with what it prints when packages do not go together. */
  check(place: LookPlace): Promise<void>
}

/** Hands `use` a new folder inside `dir`, absolute, with these files in it. Whoever the installer runs as may write there. */
export async function withWorkFolder<T>(
  dir: string,
  files: Record<string, string[]>,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(dir, '.install-'))
  try {
    for (const [name, lines] of Object.entries(files)) writeFileSync(join(folder, name), `${lines.join('\n')}\n`)
    chmodSync(folder, 0o777)
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What both answer to `list --outdated --format json`. */
export function parseOutdated(stdout: string): Outdated[] {
  const all = JSON.parse(stdout.slice(stdout.indexOf('['))) as { name: string; latest_version: string }[]
  return all.map(({ name, latest_version: latest }) => ({ name, latest }))
}
