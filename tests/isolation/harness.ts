/** A gateway's folders on a real disk, and scripts that run in them at each level of confinement. */
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Host, lookAtHost } from '../../src/isolation/host.ts'
import { createIsolation } from '../../src/isolation/isolation.ts'
import type { Confinement, Isolation, Permissions } from '../../src/isolation/model.ts'
import { sharedFolders } from '../../src/isolation/system.ts'
import { createStartProcess } from '../../src/process/process.ts'
import { resolvePython } from '../../src/runtimes/python.ts'
import { findBwrap } from './bwrap.ts'

export const startProcess = createStartProcess()
const found = await resolvePython('python3')
/** As the gateway finds it; it may lie in a home folder that no other user may enter. */
export const foundPython = 'path' in found ? found.path : null
export const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : foundPython
if (!python) console.warn('tests/isolation: Python is not installed, so what a script tries is not tried')

/** Not in /tmp: there every script has its own. */
const cache = resolve(import.meta.dir, '../../node_modules/.cache')
mkdirSync(cache, { recursive: true })
for (const name of readdirSync(cache)) {
  // Several files of tests share the folder, and nothing is called after the last: the next run removes it.
  const [, pid] = name.match(`^isolation-${process.geteuid?.()}-(\\d+)$`) ?? []
  if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(cache, name), { recursive: true, force: true })
}
export const root = join(cache, `isolation-${process.geteuid?.()}-${process.pid}`)
mkdirSync(root, { recursive: true })
chmodSync(root, 0o755)

export const places = {
  data: join(root, 'data'),
  scripts: join(root, 'scripts'),
  output: join(root, 'data/static/mine'),
  otherOutput: join(root, 'data/static/other'),
  uploads: join(root, 'data/tmp/upload'),
  temp: join(root, 'data/tmp/run'),
  /** Nobody's in particular: open to all users, so that only the confinement keeps a script out. */
  elsewhere: join(root, 'elsewhere'),
}
for (const place of Object.values(places)) mkdirSync(place, { recursive: true })
writeOpen(join(places.data, 'secret.txt'), 'secret')
writeOpen(join(places.otherOutput, 'result.txt'), 'secret')
writeFileSync(join(places.uploads, 'photo.txt'), 'uploaded', { mode: 0o600 })
chmodSync(places.elsewhere, 0o777)
chmodSync(places.scripts, 0o777)

export function writeOpen(file: string, text: string) {
  writeFileSync(file, text)
  chmodSync(file, 0o666)
}

/** The checkout lies below /tmp, say: then what is in it and not named is out of every script's sight. */
export const isOutOfSight = sharedFolders.some((folder) => root.startsWith(`${folder}/`))
if (isOutOfSight) console.warn(`tests/isolation: ${root} is below a folder that no script sees; two rows are skipped`)

const host: Host = { ...lookAtHost(), bwrap: await findBwrap(cache) }
if (host.uid !== 0) console.warn('tests/isolation: not root, so that scripts have no users of their own here')

const variants: [name: string, wanted: 'bwrap' | 'landlock' | 'plain', host: Host][] = [
  ['bwrap', 'bwrap', host],
  // Without util-linux, the launcher sets limits and user inside.
  ['bwrap without util-linux', 'bwrap', { ...host, prlimit: null, setpriv: null }],
  [host.canMount ? 'landlock' : 'landlock without mounts', 'landlock', host],
  ...(host.canMount ? ([['landlock without mounts', 'landlock', { ...host, canMount: false }]] as const) : []),
] as [string, 'bwrap' | 'landlock', Host][]

export const create = (
  wanted: 'auto' | 'bwrap' | 'landlock' | 'plain',
  rest: { host?: Host; uidBase?: number; interpreters?: string[] } = {},
) =>
  createIsolation({
    ...{
      wanted,
      uidBase: 50_000,
      bun: process.execPath,
      interpreters: [python, foundPython].filter((path) => path !== null),
      startProcess,
      host,
    },
    dirForFiles: join(places.data, `isolation-${crypto.randomUUID()}`),
    ...rest,
  })

/** The levels that work here; one that does not is skipped, with the reason. */
export const levels: [name: string, isolation: Isolation][] = []
for (const [name, wanted, itsHost] of variants)
  try {
    levels.push([name, await create(wanted, { host: itsHost })])
  } catch (error) {
    console.warn(`tests/isolation: skipped: ${(error as Error).message}`)
  }
export const plain = await create('plain')
export { host }

const MiB = 1024 * 1024
const everything: Permissions = { net: true, read: true, write: [], env: true, run: true }

export interface Asked extends Omit<Partial<Permissions>, 'env'> {
  /** Variables of the script's. */
  env?: Record<string, string>
  confinement?: Partial<Confinement>
  /** `places.scripts` when left out. */
  cwd?: string
  /** Called with each piece of output, to act while it runs. */
  onOutput?(text: string, stop: () => void): void
}

export function confinementOf({ env: _, confinement, cwd: __, onOutput: ___, ...permissions }: Asked): Confinement {
  return {
    permissions: { ...everything, ...permissions },
    readable: [places.scripts],
    writable: [places.output],
    owned: [places.uploads],
    tempDir: places.temp,
    hidden: [places.data],
    protected: [places.scripts],
    userIndex: 7,
    limits: { memoryBytesMax: 512 * MiB, cpuSecMax: 60, processesMax: 64, openFilesMax: 256, fileBytesMax: 8 * MiB },
    ...confinement,
  }
}

/** Runs a file of `places.scripts` as the gateway would. */
export async function run(isolation: Isolation, argv: string[], asked: Asked = {}) {
  const id = `test-${crypto.randomUUID()}`
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', OUTPUT_DIR: places.output, RUN_ID: id, ...asked.env }
  const { cwd = places.scripts } = asked
  const command = { argv, cwd, env: argv[0] === process.execPath ? { ...env, BUN_BE_BUN: '1' } : env }
  const { unenforced, ...confined } = isolation.confine(command, confinementOf(asked))
  const output = { stdout: '', stderr: '' }
  const running = startProcess({
    ...{ ...confined, mark: `RUN_ID=${id}`, timeoutMs: 20_000, graceMs: 1000, outputBytesMax: MiB },
    onOutput(stream, chunk) {
      output[stream] += Buffer.from(chunk).toString()
      asked.onOutput?.(output.stdout, () => running.stop('cancelled'))
    },
  })
  const outcome = await running.outcome
  return { ...outcome, ...output, unenforced }
}

/** A script's file, in a folder of its own kind. */
export function script(name: string, text: string): string {
  const file = join(places.scripts, name)
  mkdirSync(dirname(file), { recursive: true })
  if (!existsSync(file)) writeFileSync(file, text, { mode: 0o644 })
  return file
}

export const runPython = (isolation: Isolation, text: string, asked?: Asked, interpreter = python!) =>
  run(isolation, [interpreter, '-u', '-X', 'utf8', script(`${Bun.hash(text)}.py`, text)], asked)

export const runJs = (isolation: Isolation, text: string, asked?: Asked, extension = 'js') =>
  run(
    isolation,
    [process.execPath, 'run', '--no-install', '--no-env-file', script(`${Bun.hash(text)}.${extension}`, text)],
    asked,
  )
