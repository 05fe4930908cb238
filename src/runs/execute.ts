/**
 * One run from values to values: argv, process, log, result. No database, no catalog, no HTTP: what it needs is handed
 * in, so that the same run could start elsewhere.
 */
import { rmdirSync, unlinkSync } from 'node:fs'
import type { GivenPackages } from '../dependencies/for-runs.ts'
import { GatewayError, storageFault } from '../errors.ts'
import { watchDisk } from '../files/disk-watch.ts'
import { listOutputs, type Outputs } from '../files/outputs.ts'
import type { SpareFolders } from '../files/spare-folders.ts'
import { removeFolder } from '../files/temp.ts'
import type { Confinement, Isolation } from '../isolation/model.ts'
import type { RunLog } from '../logs/run-log.ts'
import type { Outcome, ResourceLimits, RunningProcess, StartProcess } from '../process/model.ts'
import { readResult } from '../results/results.ts'
import { toArguments } from '../scripts/argv.ts'
import type { RunnableScript } from '../scripts/catalog.ts'
import { whyNotConfined } from '../scripts/policy-effect.ts'
import type { Policy, PolicyLimitName } from '../scripts/policy-model.ts'
import { createCapture, createTail, looksBinary } from './capture.ts'
import type { Result, ResultFile } from './model.ts'

export interface RunLimits {
  timeoutMs: number
  graceMs: number
  outputBytesMax: number
  resultBytesMax: number
  logBytesMax: number
  resources: ResourceLimits
  /** Those that the script's policy brought lower than the settings. */
  narrowed: PolicyLimitName[]
}

export interface RunPlan {
  id: number
  script: RunnableScript
  /** Validated; `file` parameters as absolute paths. */
  values: Record<string, unknown>
  /** The operator's and the clean base; the variables of the contract are added here. */
  environment: Record<string, string>
  baseUrl: string
  limits: RunLimits
  confinement: Confinement
  /** null: it needs none. */
  packages: GivenPackages | null
  isIsolationRequired: boolean
  /** Absolute; made here, and removed again when nothing was left in it. */
  outputDir: string
  /** Address of `outputDir`, without a slash at the end. */
  outputUrl: string
  /** Absolute; the run's own TMPDIR, made here and removed at the end. */
  tempDir: string
  log: RunLog
}

export interface Execution {
  process: RunningProcess
  /** Rejects only for a fault of ours, such as a full disk. */
  end: Promise<ExecutionEnd>
}

export interface ExecutionEnd {
  outcome: Outcome
  /** What stdout came to; also given beside an error when it is JSON. */
  result: Result | null
  files: ResultFile[]
  /** Bytes found in OUTPUT_DIR, or in the folder that was over its limit. */
  leftBytes: number
  /** More files, or bytes, in OUTPUT_DIR or TMPDIR than are allowed, in words; the files are gone then. */
  outputProblem: string | null
  stderrTail: string
}

const stderrTailBytes = 4096
const outputFilesMax = 10_000

export interface ExecuteDeps {
  startProcess: StartProcess
  folders: SpareFolders
  isolation: Isolation
}

/** Throws what the file system says when its folders cannot be made. */
export function execute(plan: RunPlan, { startProcess, folders, isolation }: ExecuteDeps): Execution {
  const { script, limits, log, outputDir, tempDir } = plan
  folders.make(outputDir)
  folders.make(tempDir)
  // Beside the folder, not in it: there the script could put a link in its place.
  const capture = createCapture(`${tempDir}.stdout`)
  const stderr = createTail(stderrTailBytes)
  let isBinary: boolean | undefined

  function onOutput(stream: 'stdout' | 'stderr', chunk: Uint8Array) {
    if (stream === 'stderr') stderr.add(chunk)
    else {
      capture.add(chunk)
      isBinary ??= looksBinary(chunk)
      if (isBinary) return // it is the result, and no text to read in a log
    }
    log.append(stream, chunk)
  }

  const listOptions = { urlPrefix: plan.outputUrl, filesMax: outputFilesMax, bytesMax: limits.outputBytesMax }
  const command = orGiveBack(() => confined(plan, isolation))
  const process = startProcess({
    ...command,
    resources: limits.resources,
    timeoutMs: limits.timeoutMs,
    graceMs: limits.graceMs,
    outputBytesMax: limits.outputBytesMax,
    mark: `OUTPUT_DIR=${outputDir}`,
    onOutput,
  })

  const disk = watchDisk({
    folders: { [outputDir]: 'OUTPUT_DIR', [tempDir]: 'TMPDIR' },
    filesMax: outputFilesMax,
    bytesMax: limits.outputBytesMax,
    onOver: () => process.stop('output_limit'),
  })

  /** Nothing was started, so nobody comes to clear away what was made for it. */
  function orGiveBack<T>(act: () => T): T {
    try {
      return act()
    } catch (error) {
      for (const dir of [outputDir, tempDir]) if (!folders.takeBack(dir)) removeIfEmpty(dir)
      throw error
    }
  }

  async function finish(): Promise<ExecutionEnd> {
    try {
      const outcome = await process.outcome
      disk.stop()
      // Listed first: a result that is stored there is no file that the script wrote.
      const isLeftEmpty = folders.takeBack(outputDir) || removeIfEmpty(outputDir)
      const outputs = isLeftEmpty ? noOutputs : await listOutputs(outputDir, listOptions)
      const excess = outputs.problem === null ? disk.excess() : null
      const outputProblem = outputs.problem ?? excess?.problem ?? null
      if (outputProblem) await removeFolder(outputDir) // kept, it would be what fills the disk
      const stdout = capture.finish(limits.resultBytesMax)
      const isSuccess = outcome.exitCode === 0 && outcome.reason === 'exit' && !outputProblem
      const place = { outputDir, urlPrefix: plan.outputUrl, name: script.slug, inlineBytesMax: limits.resultBytesMax }
      const result = await readResult({ stdout, isSuccess, ...place })
      const files = outputProblem ? [] : outputs.files
      return {
        outcome,
        result,
        files,
        outputProblem,
        leftBytes: excess?.bytes ?? outputs.bytes,
        stderrTail: stderr.text(),
      }
    } finally {
      disk.stop()
      capture.dispose()
      if (!folders.takeBack(tempDir)) await removeFolder(tempDir)
    }
  }

  return { process, end: finish() }
}

/** Throws `conflict`: nothing is started less confined than it was said to be. */
function confined(plan: RunPlan, isolation: Isolation) {
  const { script, values, confinement, packages, isIsolationRequired } = plan
  const args = toArguments(script.params, values, script.runtime)
  const argv = packages ? packages.argv(args) : script.runtime.command(script.file, args)
  const env = packages ? withPackages(environmentOf(plan), packages) : environmentOf(plan)
  const readable = [...confinement.readable, ...(packages?.readable(confinement.permissions) ?? [])]
  const { unenforced, ...command } = tellApart(script.policy, () =>
    isolation.confine({ argv, cwd: script.dir, env }, { ...confinement, readable }),
  )
  if (isIsolationRequired && unenforced.length > 0)
    throw new GatewayError(
      'conflict',
      `This host cannot enforce what the script is confined to, and REQUIRE_ISOLATION is on: ${unenforced.join(' ')}`,
    )
  return command
}

/** A permission that names what is not there is its author's to mend, a disk that is full is not. */
function tellApart<T>(policy: Policy, confine: () => T): T {
  try {
    return confine()
  } catch (error) {
    if (storageFault(error)) throw error
    throw new GatewayError('conflict', `The script could not be confined: ${whyNotConfined(error, policy)}`, {
      cause: error,
    })
  }
}

const noOutputs: Outputs = { files: [], bytes: 0, problem: null }

/** Most runs leave nothing: then the folder goes, and nothing has to be listed. */
function removeIfEmpty(dir: string): boolean {
  try {
    rmdirSync(dir)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return true // the script removed it itself
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false
    if (code !== 'ENOTDIR') throw error
    unlinkSync(dir) // what it put in its place leads to what is not its own
    return true
  }
}

/** Programs of its packages come before the system's. */
const withPackages = (env: Record<string, string>, packages: GivenPackages): Record<string, string> => ({
  ...env,
  ...packages.env,
  PATH: env.PATH ? `${packages.binDir}:${env.PATH}` : packages.binDir,
})

/** Small and clean: nothing of the gateway's own is in it. */
function environmentOf({ id, script, environment, baseUrl, outputDir, tempDir }: RunPlan): Record<string, string> {
  return {
    ...environment,
    ...scriptVariables(script, baseUrl),
    ...{ TMPDIR: tempDir, RUN_ID: String(id), OUTPUT_DIR: outputDir },
  }
}

/** What every run of a script is told, beside what is of one run alone. */
export const scriptVariables = (script: RunnableScript, baseUrl: string): Record<string, string> => ({
  ...script.runtime.env,
  LANG: 'C.UTF-8',
  SCRIPT_ID: String(script.id),
  SCRIPT_PATH: script.file,
  SCRIPT_DIR: script.dir,
  BASE_URL: baseUrl,
})
