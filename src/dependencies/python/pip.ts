/** pip: what is wanted is fetched into a folder first and installed from there, and the wheels are kept for offline times. */
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { basename, join } from 'node:path'
import { normaliseName } from '../declared/pep508.ts'
import { InstallError } from '../model.ts'
import { missingName } from './explain.ts'
import { keptWheels, pipEnv } from './index-env.ts'
import {
  type Came,
  type InstallProgram,
  type LookPlace,
  type Place,
  parseOutdated,
  type Wanted,
  withWorkFolder,
} from './installing.ts'
import { isOwnFolder, readOwnFile } from './own-file.ts'
import { requirementLine, withoutAddress } from './requirements.ts'

const reportBytesMax = 256 * 1024 * 1024
/**
 * To say who it is, pip starts lsb_release, uname and rustc, where they are: a shell script with twenty programs for each
 * request to an index. It needs none of them, and where no package is built, no other.
 */
const noPrograms = { PATH: '/dev/null' }
const wheelName = /^[\w.+!-]+\.whl$/

/** `python`: absolute; it has pip, in the folder that `pipFolder` answers. */
export function createPip(python: string, pipFolder: () => Promise<string | null>): InstallProgram {
  const pip = [python, '-I', '-m', 'pip']
  // A download that stalls is not given up after pip's 15 s: it would not be tried again.
  const quiet = ['--disable-pip-version-check', '--no-input', '--no-color', '--timeout', '60']

  return {
    install: (wanted, place) => withBuilds(wanted, place, (built) => installOnce(wanted, place, built)),

    async outdated(place) {
      const { stdout } = await look(place, ['list', '--outdated', '--format', 'json', ...linksOf(place)], true)
      return parseOutdated(stdout)
    },

    async check(place) {
      await look(place, ['check'], false)
    },
  }

  function installOnce(wanted: Wanted, place: Place, built: string[]): Promise<Came[]> {
    const { dir, downloadDir, sources } = place
    const isBuilding = built.length > 0
    const asked = wanted.requirements.map(requirementLine)
    // What is built needs its tools from the index, so there the whole question is asked again.
    const isAskedAgain = isBuilding && !sources.isOffline
    const fetched = isAskedAgain ? asked : linesOfFiles(wanted, sources.isOffline)
    const files = { 'requirements.txt': asked, 'fetched.txt': fetched, 'kept.txt': wanted.constraints }
    return withWorkFolder(dir, files, async (folder) => {
      const act = (argv: string[]) => run(place, folder, argv, isBuilding)
      const kept = wanted.constraints.length > 0 ? ['-c', 'kept.txt'] : []
      const common = [...formats(built), ...quiet, '--progress-bar', 'off', ...kept]
      const exact = wanted.isLocked ? ['--require-hashes', '--no-deps'] : []
      if (!sources.isOffline) {
        const what = ['--dest', 'wheels', ...linksOf(place), '-r', 'requirements.txt']
        await act([...pip, 'download', ...exact, ...common, ...what])
      }
      const from = sources.isOffline
        ? linksOf(place)
        : ['--find-links', 'wheels', ...(isAskedAgain ? [] : ['--no-index'])]
      const isHashed = sources.isOffline || isAskedAgain
      const what = [...(isHashed ? exact : exact.slice(1)), ...from, '--report', 'report.json', '-r', 'fetched.txt']
      await act([...(await pipFor(dir)), 'install', ...common, ...what])
      const came = readReport(dir, `${basename(folder)}/report.json`)
      // Code that ran could have changed them.
      if (!isBuilding) keepWheels(dir, `${basename(folder)}/wheels`, downloadDir)
      return came
    })
  }

  /** What `pip --python` comes to, without the start of a pip before it, which costs as much as the rest. */
  async function pipFor(environment: string): Promise<string[]> {
    const own = join(environment, 'bin/python')
    const runner = join((await pipFolder()) ?? '', '__pip-runner__.py')
    return existsSync(runner) ? [own, '-I', runner] : [...pip, '--python', own]
  }

  function run({ sources, downloadDir, runTool }: Place, cwd: string, argv: string[], runsPackages: boolean) {
    return runTool({
      ...{ argv, cwd },
      env: { ...pipEnv(sources, downloadDir), ...(runsPackages ? { PIP_NO_CACHE_DIR: '1' } : noPrograms) },
      readable: [
        ...(sources.wheelDir ? [sources.wheelDir] : []),
        ...(sources.isOffline ? [keptWheels(downloadDir)] : []),
      ],
      runsPackages,
    })
  }

  async function look(
    { sources, downloadDir, runTool, environment }: LookPlace,
    args: string[],
    isStdoutKept: boolean,
  ) {
    return runTool({
      argv: [...(await pipFor(environment)), ...args, ...quiet],
      env: { ...pipEnv(sources, downloadDir), ...noPrograms },
      readable: [environment, downloadDir, ...(sources.wheelDir ? [sources.wheelDir] : [])],
      isStdoutKept,
    })
  }
}

/** Of what is in a folder: one that was just filled has nothing else, and what came was held against its hash. */
const linesOfFiles = ({ requirements }: Wanted, hasHashes: boolean): string[] =>
  requirements.map(withoutAddress).map((one) => requirementLine(hasHashes ? one : { ...one, hashes: [] }))

/** Only wheels, but for `built`: `--no-binary` allows nothing else, so it is for packages that have no wheel. */
const formats = (built: string[]) => ['--only-binary', ':all:', ...built.flatMap((name) => ['--no-binary', name])]

/** Where files are looked for that need no network. Offline, there is nothing else. */
function linksOf({ sources, downloadDir }: Pick<Place, 'sources' | 'downloadDir'>): string[] {
  const kept = keptWheels(downloadDir)
  if (sources.isOffline) mkdirSync(kept, { recursive: true })
  const folders = [...(sources.isOffline ? [kept] : []), ...(sources.wheelDir ? [sources.wheelDir] : [])]
  return [...(sources.isOffline ? ['--no-index'] : []), ...folders.flatMap((folder) => ['--find-links', folder])]
}

/** Tries with wheels alone; what turns out to have none is built, if it may be. */
async function withBuilds(
  { requirements }: Wanted,
  place: Place,
  install: (built: string[]) => Promise<Came[]>,
): Promise<Came[]> {
  const allowed = new Set(place.sources.pipBuildsAllowed.map((name) => (name === '*' ? name : normaliseName(name))))
  // What an address leads to is built whatever is said of wheels.
  const built = requirements
    .filter(({ url }) => url !== null && !/\.whl$/.test(new URL(url).pathname))
    .map(({ key }) => key)
  for (;;) {
    try {
      return await install(built)
    } catch (error) {
      const name = normaliseName(missingName(error) ?? '')
      if (!name || built.includes(name) || !(allowed.has('*') || allowed.has(name))) throw error
      place.note(
        `${name} has no wheel that fits: it is looked for as source, which the setting PIP_BUILDS_ALLOWED allows.`,
      )
      built.push(name)
    }
  }
}

interface Report {
  install: {
    metadata: { name: string; version: string }
    download_info: { archive_info?: { hash?: string; hashes?: Record<string, string> } }
  }[]
}

function readReport(dir: string, path: string): Came[] {
  const bytes = readOwnFile(dir, path, reportBytesMax)
  if (!bytes) throw new InstallError('pip did not say what it installed.')
  const report = JSON.parse(bytes.toString('utf8')) as Report
  return report.install.map(({ metadata, download_info: { archive_info: archive } }) => {
    const sha256 = archive?.hashes?.sha256 ?? archive?.hash?.replace(/^sha256=/, '')
    if (!sha256) throw new InstallError(`pip did not say which file of ${metadata.name} it installed.`)
    return { name: metadata.name, version: metadata.version, hashes: [`sha256:${sha256}`] }
  })
}

/** Whoever builds offline later finds them. Links, and what is no wheel, are left to be removed. */
function keepWheels(dir: string, path: string, downloadDir: string) {
  if (!isOwnFolder(dir, path)) return
  mkdirSync(keptWheels(downloadDir), { recursive: true })
  for (const file of readdirSync(join(dir, path), { withFileTypes: true }))
    if (file.isFile() && wheelName.test(file.name))
      renameSync(join(dir, path, file.name), join(keptWheels(downloadDir), basename(file.name)))
}
