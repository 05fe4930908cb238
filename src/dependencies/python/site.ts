/** What is in an environment, read from what each package's installer wrote (PEP 376, 627). No code of a package runs. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { InstalledPackage } from '../model.ts'
import { isOwnFolder, readOwnFile } from './own-file.ts'

const metadataBytesMax = 4 * 1024 * 1024
const recordBytesMax = 64 * 1024 * 1024

export interface Site {
  /** Sorted by name. */
  packages: InstalledPackage[]
  /** Name of a top-level module → the packages that have it. */
  modules: Record<string, string[]>
}

/** `dir`: absolute, of the environment. */
export function readSite(dir: string): Site {
  const packages: InstalledPackage[] = []
  const modules: Record<string, string[]> = Object.create(null)
  for (const folder of siteFolders(dir))
    for (const info of readdirSync(join(dir, folder)).sort()) {
      if (!info.endsWith('.dist-info')) continue
      const about = readMetadata(dir, `${folder}/${info}`)
      if (!about) continue
      packages.push(about)
      for (const module of readModules(dir, `${folder}/${info}`)) {
        modules[module] = [...(modules[module] ?? []), about.name]
      }
    }
  packages.sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
  return { packages, modules: Object.fromEntries(Object.entries(modules).sort(([a], [b]) => (a < b ? -1 : 1))) }
}

/** Below `dir`. lib64 is a link to lib where it is there. */
const siteFolders = (dir: string): string[] =>
  (isOwnFolder(dir, 'lib') ? readdirSync(join(dir, 'lib')) : [])
    .map((name) => `lib/${name}/site-packages`)
    .filter((path) => isOwnFolder(dir, path))

function readMetadata(dir: string, info: string): InstalledPackage | null {
  const text = readOwnFile(dir, `${info}/METADATA`, metadataBytesMax)?.toString('utf8')
  const [head = ''] = text?.split(/\r?\n\r?\n/, 1) ?? []
  const name = /^Name:[ \t]*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)[ \t\r]*$/im.exec(head)?.[1]
  const version = /^Version:[ \t]*([\w.!+-]+)[ \t\r]*$/im.exec(head)?.[1]
  return name && version ? { name, version } : null
}

/** Of its files: `RECORD` has one a line, path first. */
function readModules(dir: string, info: string): Set<string> {
  const record = readOwnFile(dir, `${info}/RECORD`, recordBytesMax)?.toString('utf8') ?? ''
  const found = new Set<string>()
  for (const line of record.split('\n')) {
    const path = line.startsWith('"') ? line.slice(1, line.indexOf('"', 1)) : line.slice(0, line.indexOf(','))
    const module = /^([\p{ID_Start}_][\p{ID_Continue}]*)(?:\/.*|(?:\.[\w-]+)*)\.(?:py|so|pyd)$/u.exec(path)?.[1]
    if (module && module !== '__pycache__') found.add(module)
  }
  return found
}
