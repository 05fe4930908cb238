/** uv, where the host has it: what is wanted is resolved with the hashes of all files, and exactly that is installed. */
import { basename, join } from 'node:path'
import { InstallError } from '../model.ts'
import { uvEnv } from './index-env.ts'
import {
  type Came,
  type InstallProgram,
  type LookPlace,
  type Place,
  parseOutdated,
  type Wanted,
  withWorkFolder,
} from './installing.ts'
import { readOwnFile } from './own-file.ts'
import { requirementLine } from './requirements.ts'

const resolvedBytesMax = 16 * 1024 * 1024

/** `uv`: absolute. */
export function createUv(uv: string): InstallProgram {
  return {
    install(wanted, place) {
      const files = { 'requirements.txt': wanted.requirements.map(requirementLine), 'kept.txt': wanted.constraints }
      return withWorkFolder(place.dir, files, async (folder) => {
        const resolved = wanted.isLocked ? null : await resolve(wanted, place, folder)
        const exact = ['--require-hashes', '--no-deps', '-r', resolved ? 'resolved.txt' : 'requirements.txt']
        await run(place, folder, ['install', ...exact, ...sourcesOf(place), ...builds(place)])
        return resolved ?? []
      })
    },

    async outdated(place) {
      const { stdout } = await look(place, ['list', '--outdated', '--format', 'json', ...sourcesOf(place)], true)
      return parseOutdated(stdout)
    },

    async check(place) {
      await look(place, ['check'], false)
    },
  }

  /** What fits together, each with the hashes of all its files. */
  async function resolve(wanted: Wanted, place: Place, folder: string): Promise<Came[]> {
    const bare = ['--generate-hashes', '--no-header', '--no-annotate']
    const kept = wanted.constraints.length > 0 ? ['-c', 'kept.txt'] : []
    const what = ['requirements.txt', ...kept, '-o', 'resolved.txt']
    await run(place, folder, ['compile', ...bare, ...sourcesOf(place), ...builds(place), ...what], true)
    const bytes = readOwnFile(place.dir, `${basename(folder)}/resolved.txt`, resolvedBytesMax)
    if (!bytes) throw new InstallError('uv did not say what fits together.')
    return parseResolved(bytes.toString('utf8'))
  }

  /** What it resolves is printed, too: that is not for the log. A build that may run gets a cache of its own. */
  function run(place: Place, folder: string, [command = '', ...args]: string[], isStdoutKept = false) {
    const { dir, sources, downloadDir, runTool } = place
    const runsPackages = sources.pipBuildsAllowed.length > 0
    return runTool({
      argv: [uv, 'pip', command, '--python', join(dir, 'bin/python'), ...args],
      cwd: folder,
      env: { ...uvEnv(sources, downloadDir), ...(runsPackages && { UV_CACHE_DIR: join(folder, 'cache') }) },
      readable: sources.wheelDir ? [sources.wheelDir] : [],
      ...{ isStdoutKept, runsPackages },
    })
  }

  function look({ sources, downloadDir, runTool, environment }: LookPlace, args: string[], isStdoutKept: boolean) {
    const [command = '', ...rest] = args
    return runTool({
      argv: [uv, 'pip', command, '--python', join(environment, 'bin/python'), ...rest],
      env: uvEnv(sources, downloadDir),
      readable: [environment, downloadDir, ...(sources.wheelDir ? [sources.wheelDir] : [])],
      isStdoutKept,
    })
  }
}

const sourcesOf = ({ sources: { isOffline, wheelDir } }: Pick<Place, 'sources'>): string[] => [
  ...(isOffline ? ['--offline'] : []),
  ...(wheelDir ? ['--find-links', wheelDir] : []),
]

/** Of those that are named, source is taken even where there is a wheel: uv has no way to say "either". */
const builds = ({ sources: { pipBuildsAllowed: allowed } }: Place) =>
  allowed.includes('*') ? [] : ['--only-binary', ':all:', ...allowed.flatMap((name) => ['--no-binary', name])]

/** `name==1.0 \\` with `--hash=sha256:…` in the lines after it; or `name @ https://…`. */
export function parseResolved(text: string): Came[] {
  const came: Came[] = []
  for (const line of text.replace(/\\\r?\n/g, ' ').split('\n')) {
    const [head = '', ...rest] = line.trim().split(/\s+--hash=/)
    if (head === '' || head.startsWith('#')) continue
    const [, name, version = ''] = /^([\w.-]+)(?:\[[^\]]*\])?\s*(?:==\s*([^\s;]+)|@)/.exec(head) ?? []
    if (!name) throw new InstallError(`What uv resolved has a line that is no version of a package: ${head}`)
    came.push({ name, version, hashes: rest.map((hash) => hash.trim()) })
  }
  return came
}
