/** npm packages, installed by the Bun that is this program: from the registry alone, without their scripts unless one is allowed. */
import { existsSync } from 'node:fs'
import { chmod, lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../errors.ts'
import {
  type Declaration,
  InstallError,
  type Installed,
  type Installer,
  type InstallJob,
  type Outdated,
  type Requirement,
  type Sources,
} from '../model.ts'
import { javascriptFacts } from './facts.ts'
import { digestOfLock, type Lock, lockFits, lockProblems, parseLock, portableLock, sorted, wantedOf } from './lock.ts'
import { type Found, findConflicts, findPackages, listed, settleLinks } from './node-modules.ts'
import { hostOf, inWords } from './words.ts'

const defaultRegistry = 'https://registry.npmjs.org'
const askedAtOnce = 4

interface InstallerDeps {
  /** Absolute path of this program. */
  bun: string
}

export function createJavascriptInstaller({ bun }: InstallerDeps): Installer {
  const facts = javascriptFacts()
  return {
    runtime: 'js',
    facts: async () => facts,
    knownFacts: () => facts,
    fits: (lock, declaration) => lockFits(lock, declaration),
    lockDigest: digestOfLock,
    install: (job) => install(bun, job),
    conflicts: ({ environment }) => findConflicts(environment),
    outdated: (job) => outdated(bun, job),
  }
}

async function install(bun: string, job: InstallJob): Promise<Installed> {
  const { declaration, dir, sources } = job
  const registry = sources.npmRegistry || defaultRegistry
  await place(dir, 'package.json', manifestOf(declaration))
  const { isFrozen, isFresh } = await placeLock(job, registry)
  const flags = [
    ...(isFrozen ? ['--frozen-lockfile'] : []),
    // Else versions that came out in the last minutes are not seen: Bun asks for them once in five.
    ...(isFresh && !sources.isOffline ? ['--force'] : []),
    ...(sources.isOffline ? ['--offline'] : []),
  ]
  try {
    const argv = [bun, 'install', ...installFlags, ...flags, ...registryFlags(registry)]
    await job.runTool({ argv, env: environmentFor(job, registry), cwd: dir })
    const lock = await resolved(job, registry)
    const packages = await findPackages(dir)
    requireAll(declaration.requirements, lock.parsed, packages)
    await runScripts(bun, job, lock.parsed)
    await settleLinks(dir, packages)
    const text = portableLock(lock.text, registry)
    await tidy(dir, { 'package.json': manifestOf(declaration), 'bun.lock': text })
    return { lock: text, packages: listed(packages), modules: {}, installer: `bun ${Bun.version}` }
  } catch (error) {
    throw inWords(error, registry)
  }
}

/**
 * `hoisted`: packages find each other as with npm. `copyfile`: with hard links an environment that is changed would change
 * the download cache, and with it all later ones.
 */
const installFlags = [
  '--ignore-scripts',
  '--linker=hoisted',
  '--backend=copyfile',
  '--save-text-lockfile',
  '--omit=dev',
  '--no-progress',
]

/** One of our own: what else stands in the author's (scripts, workspaces, patches) is not for an installation. */
const manifestOf = ({ requirements, overrides }: Declaration) =>
  `${JSON.stringify(
    {
      ...{ name: 'environment', private: true, dependencies: wantedOf(requirements) },
      ...(overrides && { overrides: sorted(overrides) }),
    },
    null,
    2,
  )}\n`

/** A lock that fits is all there is to install; of one that does not, what it says is kept by Bun where it still can be. */
async function placeLock(job: InstallJob, registry: string): Promise<{ isFrozen: boolean; isFresh: boolean }> {
  const text = job.lock ?? job.staleLock
  if (text === null) return { isFrozen: false, isFresh: true }
  const problem = problemOf(text, job, registry)
  if (problem && job.lock !== null) throw new InstallError(`${problem} Renew the lock with "update".`)
  if (problem) {
    job.note(`${problem} The lock is made anew.`)
    return { isFrozen: false, isFresh: true }
  }
  await place(job.dir, 'bun.lock', text)
  return { isFrozen: job.lock !== null, isFresh: false }
}

/** Bun may run as another user, and writes into what is there. */
async function place(dir: string, name: string, text: string): Promise<void> {
  await writeFile(join(dir, name), text)
  await chmod(join(dir, name), 0o666)
}

function problemOf(text: string, { declaration }: InstallJob, registry: string): string | null {
  try {
    const urls = declaration.requirements.flatMap(({ url }) => url ?? [])
    const [problem] = lockProblems(parseLock(text), { registry, urls })
    return problem
      ? `${problem} in ${declaration.lockFile}; packages come from the registry ${hostOf(registry)} alone.`
      : null
  } catch (error) {
    return messageOf(error)
  }
}

/** With user and password it must not be seen in the list of processes. */
const hasLogin = (registry: string) => {
  const { username, password } = new URL(registry)
  return username !== '' || password !== ''
}

const registryFlags = (registry: string) => (hasLogin(registry) ? [] : [`--registry=${registry}`])

function environmentFor({ dir, downloadDir, sources }: Tooling, registry: string): Record<string, string> {
  return {
    BUN_BE_BUN: '1',
    BUN_INSTALL_CACHE_DIR: downloadDir,
    DO_NOT_TRACK: '1',
    // Ours and empty: no .npmrc and no .bunfig.toml in it, and no git for packages that ask for repositories.
    HOME: dir,
    PATH: join(dir, '.none'),
    ...(sources.npmToken !== null && { BUN_CONFIG_TOKEN: sources.npmToken }),
    ...(hasLogin(registry) && { BUN_CONFIG_REGISTRY: registry }),
  }
}

type Tooling = Pick<InstallJob, 'downloadDir'> & { dir: string; sources: Sources }

/** What Bun came to. A package may ask for others from anywhere: that shows here. */
async function resolved({ dir, declaration }: InstallJob, registry: string): Promise<{ text: string; parsed: Lock }> {
  if (declaration.requirements.length === 0 && !existsSync(join(dir, 'bun.lock')))
    await place(dir, 'bun.lock', emptyLock)
  const text = await readFile(join(dir, 'bun.lock'), 'utf8').catch(() => null)
  if (text === null)
    throw new InstallError(
      'Bun installed into another folder: a package.json in a folder above has workspaces that include this one. Leave DATA_DIR out of them.',
    )
  await mkdir(join(dir, 'node_modules'), { recursive: true })
  const parsed = parseLock(text)
  const urls = declaration.requirements.flatMap(({ url }) => url ?? [])
  // Where the registry itself keeps its archives on another host, they have come from there.
  const packages = parsed.packages.map((one) => ({ ...one, address: '' }))
  const [problem] = lockProblems({ ...parsed, packages }, { registry, urls })
  if (problem) throw new InstallError(`${problem}; packages come from the registry ${hostOf(registry)} alone.`)
  return { text, parsed }
}

const emptyLock = `${JSON.stringify({ lockfileVersion: 1, workspaces: { '': { name: 'environment' } }, packages: {} }, null, 2)}\n`

/** Bun leaves out what is for other machines, and is content. */
function requireAll(requirements: Requirement[], { packages }: Lock, found: Found[]) {
  const missing = requirements.find(({ key }) => !found.some(({ path }) => path === join('node_modules', key)))
  if (!missing) return
  const platforms = packages.find(({ key }) => key === missing.key)?.platforms.join(', ')
  throw new InstallError(
    platforms
      ? `${missing.name} is for ${platforms} only; this is ${process.platform}, ${process.arch}.`
      : `${missing.name} was not installed, and Bun does not say why.`,
  )
}

/** After everything is there, and with nothing of what was downloaded within reach. */
async function runScripts(bun: string, { dir, sources, runTool, note }: InstallJob, lock: Lock): Promise<void> {
  const scripted = [...new Set(lock.packages.filter((one) => one.hasInstallScript).map(keyName))].sort()
  const isAllowed = (name: string) => sources.npmScriptsAllowed.some((one) => one === name || one === '*')
  const withheld = scripted.filter((name) => !isAllowed(name))
  if (withheld.length > 0)
    note(`Install scripts are not run: ${withheld.join(', ')} (allowed by the setting NPM_SCRIPTS_ALLOWED).`)
  const allowed = scripted.filter(isAllowed)
  if (allowed.length === 0) return
  const tools = join(dir, '.tools')
  await mkdir(tools)
  for (const name of ['bun', 'node']) await symlink(bun, join(tools, name))
  note(`Install scripts are run: ${allowed.join(', ')}.`)
  await runTool({
    argv: [bun, 'pm', 'trust', ...allowed],
    env: {
      BUN_BE_BUN: '1',
      DO_NOT_TRACK: '1',
      BUN_INSTALL_CACHE_DIR: join(tools, 'cache'),
      PATH: `${tools}:/usr/local/bin:/usr/bin:/bin`,
    },
    cwd: dir,
    runsPackages: true,
  })
}

/** As it is called in package.json: `left/deep` is `deep`. */
const keyName = ({ key }: { key: string }) => /(@[^/]+\/)?[^/]+$/.exec(key)![0]

/** Install scripts may have left anything, and links in the place of our own files. */
async function tidy(dir: string, files: Record<string, string>): Promise<void> {
  if (!(await lstat(join(dir, 'node_modules'))).isDirectory())
    throw new InstallError('An install script has put something else in the place of node_modules.')
  for (const name of await readdir(dir)) if (name !== 'node_modules') await rm(join(dir, name), { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text, { flag: 'wx' })
}

type OutdatedJob = Parameters<Installer['outdated']>[0]

/** The newest of each declared package, as the registry recommends it. */
async function outdated(bun: string, job: OutdatedJob): Promise<Outdated[]> {
  const { declaration, environment, sources } = job
  const registry = sources.npmRegistry || defaultRegistry
  if (sources.isOffline) throw new InstallError('Nobody can be asked while the setting DEPS_OFFLINE is on.')
  const installed = new Map((await findPackages(environment)).map(({ path, version }) => [path, version]))
  const asked = declaration.requirements.filter(
    ({ url, key }) => url === null && installed.has(join('node_modules', key)),
  )
  const found: Outdated[] = []
  const ask = async (one: Requirement) => {
    const latest = await latestOf(bun, job, one, registry)
    if (Bun.semver.order(latest, installed.get(join('node_modules', one.key))!) > 0)
      found.push({ name: one.name, latest })
  }
  try {
    for (let from = 0; from < asked.length; from += askedAtOnce)
      await Promise.all(asked.slice(from, from + askedAtOnce).map(ask))
  } catch (error) {
    throw inWords(error, registry)
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function latestOf(
  bun: string,
  job: OutdatedJob,
  { key, version }: Requirement,
  registry: string,
): Promise<string> {
  const name = /^npm:((?:@[^/@]+\/)?[^@]+)/.exec(version)?.[1] ?? key
  const { stdout } = await job.runTool({
    argv: [bun, 'info', `${name}@latest`, 'version', '--json', ...registryFlags(registry)],
    env: environmentFor({ ...job, dir: job.environment }, registry),
    cwd: job.environment,
    readable: [job.environment],
    isStdoutKept: true,
  })
  try {
    return String(JSON.parse(stdout))
  } catch {
    throw new InstallError(`The registry ${hostOf(registry)} does not say which version of ${name} is the newest.`)
  }
}
