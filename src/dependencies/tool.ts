/** Programs of installers, run confined: they write what they build and their downloads, and reach the sources alone. */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { inheritedEnvironment } from '../config.ts'
import { messageOf } from '../errors.ts'
import { formatBytes } from '../files/store.ts'
import { removeFolder } from '../files/temp.ts'
import type { Isolation } from '../isolation/model.ts'
import type { Outcome, StartProcess } from '../process/model.ts'
import { killAbandoned, killMarkedWith } from '../process/tree.ts'
import { narrowLimits, resourceLimits } from '../scripts/policy-effect.ts'
import type { Setting } from '../settings/settings.ts'
import { createBuildDisk } from './build-disk.ts'
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
]

/** Of SCRIPT_UID_BASE's ids, the last: no script's but the ten thousandth. */
const installerIndex = 9999
/** Those before it are for code of packages, each time another one: it must not reach what other installers do. */
const packageIndexes = { first: 9900, count: 99 }
/** Certificates that installers must see to trust whom the gateway trusts. */
const certificateNames = ['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS']
const outputBytesMax = 256 * 1024 * 1024
const keptLines = 20

export interface ToolPlace {
  /** Absolute; what is built, which may be written. */
  writable: string[]
  /** Absolute; later builds read it, so code of packages does not get it. */
  shared: string[]
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

type RunPlace = ToolPlace & { tempDir: string; watch: ReturnType<typeof createBuildDisk> }

export type Tools = ReturnType<typeof createTools>

export function createTools({ startProcess, isolation, setting, tmpDir, dataDir, scriptsDir }: ToolsDeps) {
  let users = 0
  const nextUser = () => packageIndexes.first + (users++ % packageIndexes.count)

  /** A runner for one build. */
  return function toolFor(place: ToolPlace): RunTool {
    const endsAt = performance.now() + place.timeoutMs
    const watch = createBuildDisk(place.shared)
    return async (command) => {
      const tempDir = `${tmpDir}/install-${randomUUID()}`
      mkdirSync(tempDir, { recursive: true })
      try {
        return await run(command, { ...place, tempDir, watch, timeoutMs: Math.max(1, endsAt - performance.now()) })
      } finally {
        await removeFolder(tempDir)
      }
    }
  }

  async function run(command: ToolCommand, place: RunPlace): Promise<{ stdout: string }> {
    const { tempDir, signal, mask, watch } = place
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
    const own = Object.fromEntries([
      ...place.writable.map((path) => [path, 'what it builds']),
      [tempDir, 'its temporary folder'],
    ])
    const disk = watch({ own, bytesMax, builds: setting('install_slots'), onOver: () => process.stop('output_limit') })
    try {
      const outcome = await process.outcome.finally(() => command.runsPackages && endAll(runId))
      const excess = await disk.excess()
      if (excess)
        throw new InstallError(`It wrote ${excess} (setting INSTALL_BYTES_MAX).`, linesOf(last, mask), 'resource')
      const failure =
        fileTooLarge(outcome, last.lines(), bytesMax) ?? failureOf(outcome, basename(command.argv[0] ?? ''), setting)
      if (failure) throw new InstallError(failure.message, linesOf(last, mask), failure.kind)
      return { stdout: Buffer.concat(stdout).toString('utf8') }
    } finally {
      disk.stop()
      signal?.removeEventListener('abort', stop)
    }
  }

  function confine(
    { argv, env, cwd, readable = [], runsPackages = false }: ToolCommand,
    place: RunPlace,
    limits: ReturnType<typeof resourceLimits>,
    runId: string,
  ) {
    const given = withoutHome(inheritedEnvironment([...networkNames, ...certificateNames]))
    const { PATH = '/usr/local/bin:/usr/bin:/bin', TZ, ...network } = given
    const certificates = certificateNames.flatMap((name) => given[name] ?? []).filter((path) => existsSync(path))
    const base = { PATH, ...(TZ && { TZ }), ...network, LANG: 'C.UTF-8', HOME: place.tempDir, TMPDIR: place.tempDir }
    try {
      const { unenforced, ...confined } = isolation.confine(
        { argv, cwd: cwd ?? place.writable[0] ?? place.tempDir, env: { ...base, ...env, RUN_ID: runId } },
        {
          permissions: { net: place.ports, read: [], write: [], env: [], run: true },
          readable: [...place.readable, ...readable, ...certificates.map((path) => resolve(path))],
          writable: runsPackages ? place.writable : [...place.writable, ...place.shared],
          // What another installer began to build, a package that writes into itself has to own.
          owned: runsPackages ? place.writable : [],
          ...{ hidden: [dataDir], protected: [scriptsDir], tempDir: place.tempDir },
          ...{ userIndex: runsPackages ? nextUser() : installerIndex, limits },
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

/**
 * What code of packages has left behind must not write into what was built when it is sealed, through a file that it holds
 * open. Looked for until none is there, at most half a second: one in an uninterruptible call is ended by the sweep after that.
 */
async function endAll(runId: string): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    killAbandoned()
    if (killMarkedWith(`RUN_ID=${runId}`) === 0) return
    await Bun.sleep(10)
  }
}

const withoutHome = ({ HOME: _, ...rest }: Record<string, string>): Record<string, string> => rest

/** Addresses of proxies, as the gateway itself was given them. */
export const proxies = (): string[] => {
  const given = inheritedEnvironment(networkNames)
  return networkNames.filter((name) => /^(https?|all)_proxy$/i.test(name)).flatMap((name) => given[name] ?? [])
}

export const cancelled = () => new InstallError('It was cancelled.', [], 'cancelled')

/** The kernel's own limit, which a program reports in its way. */
function fileTooLarge({ reason, exitCode, signal }: Outcome, lines: string[], bytesMax: number): Failure | null {
  const isSaid =
    reason === 'exit' &&
    exitCode !== 0 &&
    lines.some((line) => /File too large|File size limit exceeded|\bEFBIG\b/.test(line))
  if (signal !== 'SIGXFSZ' && !isSaid) return null
  return {
    message: `It wrote a file of more than ${formatBytes(bytesMax)} (setting INSTALL_BYTES_MAX).`,
    kind: 'resource',
  }
}

interface Failure {
  message: string
  kind: InstallError['kind']
}

function failureOf(
  { reason, exitCode, signal, error, overLimit }: Outcome,
  program: string,
  setting: Setting,
): Failure | null {
  if (reason === 'timeout')
    return {
      message: `It was still going on after ${setting('install_timeout_min')} min (setting INSTALL_TIMEOUT_MIN).`,
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
  withoutFrames(last.lines())
    .slice(-keptLines)
    .map((line) => mask(line))

/** Of a Python installer that fell over, the error without where in its own code that was: the log has it all. */
function withoutFrames(lines: string[]): string[] {
  if (!lines.some((line) => /^\s+File ".*", line \d+, in /.test(line))) return lines
  return lines.filter((line) => !/^\s{2}|^Traceback \(/.test(line))
}
