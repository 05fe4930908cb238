/** Programs of installers, run confined: they write what they build and their downloads, and reach the sources alone. */
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { basename } from 'node:path'
import { inheritedEnvironment } from '../config.ts'
import { messageOf } from '../errors.ts'
import { watchDisk } from '../files/disk-watch.ts'
import { formatBytes } from '../files/store.ts'
import { removeFolder } from '../files/temp.ts'
import type { Isolation } from '../isolation/model.ts'
import type { Outcome, StartProcess } from '../process/model.ts'
import { narrowLimits, resourceLimits } from '../scripts/policy-effect.ts'
import type { Setting } from '../settings/settings.ts'
import { InstallError, type RunTool, type ToolCommand } from './model.ts'

/** How the network is reached from here; nothing else of the gateway's environment is an installer's business. */
const networkNames = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
]

/** Of SCRIPT_UID_BASE's ids, the last: no script's but the ten thousandth. */
const installerIndex = 9999
const filesMax = 500_000
const outputBytesMax = 256 * 1024 * 1024
const keptLines = 20

export interface ToolPlace {
  /** Absolute; may be written. Code of packages gets only the first. */
  writable: string[]
  /** Absolute; may be read. */
  readable: string[]
  /** TCP ports that may be connected to. */
  ports: number[]
  /** In whole, for all programs that are run with it. */
  timeoutMs: number
  /** What it prints, for a log. */
  onOutput(stream: 'stdout' | 'stderr', chunk: Uint8Array): void
  /** Hides what must not be seen in the words of an error. */
  mask(text: string): string
  /** Ends what runs. */
  signal?: AbortSignal
}

interface ToolsDeps {
  startProcess: StartProcess
  isolation: Isolation
  setting: Setting
  /** All absolute. */
  tmpDir: string
  dataDir: string
  scriptsDir: string
}

export type Tools = ReturnType<typeof createTools>

export function createTools({ startProcess, isolation, setting, tmpDir, dataDir, scriptsDir }: ToolsDeps) {
  /** A runner for one build. */
  return function toolFor(place: ToolPlace): RunTool {
    const endsAt = performance.now() + place.timeoutMs
    return async (command) => {
      const tempDir = `${tmpDir}/install-${randomUUID()}`
      mkdirSync(tempDir, { recursive: true })
      try {
        return await run(command, { ...place, tempDir, timeoutMs: Math.max(1, endsAt - performance.now()) })
      } finally {
        await removeFolder(tempDir)
      }
    }
  }

  async function run(command: ToolCommand, place: ToolPlace & { tempDir: string }): Promise<{ stdout: string }> {
    const { tempDir, signal, mask } = place
    if (signal?.aborted) throw cancelled()
    const bytesMax = setting('install_bytes_max')
    const limits = {
      ...resourceLimits(narrowLimits({}, setting)),
      cpuSecMax: Math.ceil(setting('install_timeout_min') * 60),
      fileBytesMax: bytesMax,
    }
    const stdout: Uint8Array[] = []
    const last = createLastLines()
    const runId = `install-${randomUUID()}`
    const confined = confine(command, place, limits, runId)
    const process = startProcess({
      ...confined,
      resources: limits,
      timeoutMs: place.timeoutMs,
      graceMs: setting('kill_grace_sec') * 1000,
      outputBytesMax,
      mark: `RUN_ID=${runId}`,
      onOutput(stream, chunk) {
        if (stream === 'stdout' && command.isStdoutKept) return void stdout.push(chunk.slice())
        last.add(chunk)
        place.onOutput(stream, chunk)
      },
    })
    const stop = () => process.stop('cancelled')
    signal?.addEventListener('abort', stop, { once: true })
    const names = Object.fromEntries(
      [...place.writable, tempDir].map((path) => [path, path === tempDir ? 'its temporary folder' : 'what it builds']),
    )
    const disk = watchDisk({ folders: names, filesMax, bytesMax, onOver: () => process.stop('output_limit') })
    try {
      const outcome = await process.outcome
      const excess = disk.excess()
      if (excess)
        throw new InstallError(
          `It wrote ${excess.problem} (setting install_bytes_max).`,
          linesOf(last, mask),
          'resource',
        )
      const failure = failureOf(outcome, basename(command.argv[0] ?? ''), setting)
      if (failure) throw new InstallError(failure.message, linesOf(last, mask), failure.kind)
      return { stdout: Buffer.concat(stdout).toString('utf8') }
    } finally {
      disk.stop()
      signal?.removeEventListener('abort', stop)
    }
  }

  function confine(
    { argv, env, cwd, readable = [], runsPackages = false }: ToolCommand,
    place: ToolPlace & { tempDir: string },
    limits: ReturnType<typeof resourceLimits>,
    runId: string,
  ) {
    const { PATH = '/usr/local/bin:/usr/bin:/bin', TZ, ...network } = withoutHome(inheritedEnvironment(networkNames))
    const base = { PATH, ...(TZ && { TZ }), ...network, LANG: 'C.UTF-8', HOME: place.tempDir, TMPDIR: place.tempDir }
    try {
      const { unenforced, ...confined } = isolation.confine(
        { argv, cwd: cwd ?? place.writable[0] ?? place.tempDir, env: { ...base, ...env, RUN_ID: runId } },
        {
          permissions: { net: place.ports, read: [], write: [], env: [], run: true },
          readable: [...place.readable, ...readable],
          writable: runsPackages ? place.writable.slice(0, 1) : place.writable,
          ...{ owned: [], hidden: [dataDir], protected: [scriptsDir], tempDir: place.tempDir },
          ...{ userIndex: installerIndex, limits },
        },
      )
      if (setting('require_isolation') && unenforced.length > 0)
        throw new Error(`this host cannot enforce it, and REQUIRE_ISOLATION is on: ${unenforced.join(' ')}`)
      return confined
    } catch (error) {
      throw new InstallError(`The installer could not be confined: ${messageOf(error)}`)
    }
  }
}

const withoutHome = ({ HOME: _, ...rest }: Record<string, string>): Record<string, string> => rest

/** Addresses of proxies, as the gateway itself was given them. */
export const proxies = (): string[] => {
  const given = inheritedEnvironment(networkNames)
  return networkNames.filter((name) => /^(https?|all)_proxy$/i.test(name)).flatMap((name) => given[name] ?? [])
}

export const cancelled = () => new InstallError('It was cancelled.', [], 'cancelled')

function failureOf(
  { reason, exitCode, signal, error, overLimit }: Outcome,
  program: string,
  setting: Setting,
): { message: string; kind: InstallError['kind'] } | null {
  if (reason === 'timeout')
    return {
      message: `It was still going on after ${setting('install_timeout_min')} min (setting install_timeout_min).`,
      kind: 'timeout',
    }
  if (reason === 'cancelled') return { message: 'It was cancelled.', kind: 'cancelled' }
  if (reason === 'interrupted') return { message: 'The gateway stopped while it went on.', kind: 'interrupted' }
  if (reason === 'output_limit')
    return { message: `It printed more than ${formatBytes(outputBytesMax)}.`, kind: 'resource' }
  if (reason === 'resource_limit' && overLimit)
    return {
      message: `It was stopped at its limit of ${overLimit.limit}: ${overLimit.used} of ${overLimit.max}.`,
      kind: 'resource',
    }
  if (reason === 'not_started') return { message: `${program} could not be started: ${error}.`, kind: 'failed' }
  if (signal) return { message: `${program} was ended by ${signal}.`, kind: 'failed' }
  return exitCode === 0 ? null : { message: `${program} ended with exit code ${exitCode}.`, kind: 'failed' }
}

/** The end of what was printed, in whole lines. */
function createLastLines() {
  let text = ''
  const decoder = new TextDecoder()
  return {
    add(chunk: Uint8Array) {
      text = (text + decoder.decode(chunk, { stream: true })).slice(-16_384)
    },
    lines: () => text.split(/\r?\n/).filter((line) => line.trim() !== ''),
  }
}

const linesOf = (last: ReturnType<typeof createLastLines>, mask: (text: string) => string) =>
  last
    .lines()
    .slice(-keptLines)
    .map((line) => mask(line))
