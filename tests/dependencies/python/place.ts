/** An installer on real programs without confinement, and folders to build in. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { normalOf } from '../../../src/dependencies/declared/normal.ts'
import { parseRequirement } from '../../../src/dependencies/declared/pep508.ts'
import {
  type Declaration,
  InstallError,
  type InstallJob,
  type RunTool,
  type Sources,
  type ToolCommand,
} from '../../../src/dependencies/model.ts'
import { createStartProcess } from '../../../src/process/process.ts'
import { resolvePython } from '../../../src/runtimes/python.ts'

const found = await resolvePython('python3')
export const python = 'path' in found ? found.path : 'python3'

/** Two programs at a time: more would only wait for each other. Each is remembered, and what it printed. */
export function createTool(home: string) {
  const startProcess = createStartProcess()
  const commands: ToolCommand[] = []
  const printed: string[] = []
  let runs = 0
  const slots = createSlots(2)
  const runTool: RunTool = async (command) => {
    commands.push(command)
    const leave = await slots()
    const [stdout, text]: [Buffer[], Buffer[]] = [[], []]
    const mark = `RUN_ID=test-${process.pid}-${++runs}-${home}`
    const base = { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', HOME: home, TMPDIR: home }
    const running = startProcess({
      ...{ argv: command.argv, cwd: command.cwd ?? home, timeoutMs: 60_000, graceMs: 1000, outputBytesMax: 64e6, mark },
      env: { ...base, ...command.env, RUN_ID: mark.slice('RUN_ID='.length) },
      onOutput: (stream, chunk) => {
        const isData = stream === 'stdout' && command.isStdoutKept
        ;(isData ? stdout : text).push(Buffer.from(chunk))
      },
    })
    const { exitCode, error } = await running.outcome.finally(leave)
    const lines = Buffer.concat(text).toString().split('\n')
    printed.push(...lines)
    const last = lines.filter((line) => line.trim() !== '').slice(-20)
    if (error) throw new InstallError(error)
    if (exitCode !== 0) throw new InstallError(`It ended with exit code ${exitCode}.`, last)
    return { stdout: Buffer.concat(stdout).toString() }
  }
  return { runTool, commands, printed }
}

export const sourcesAt = (url: string, more: Partial<Sources> = {}): Sources => ({
  ...{ pipIndexUrl: url, pipExtraIndexUrls: [], npmRegistry: '', npmToken: null, isOffline: false, wheelDir: null },
  ...{ npmScriptsAllowed: [], pipBuildsAllowed: [], secrets: [] },
  ...more,
})

/** A line `name==1 --hash=sha256:…` as in a requirements.txt. */
export function declare(...lines: string[]): Declaration {
  const requirements = lines.map((line) => {
    const [text = '', ...hashes] = line.split(' --hash=')
    const parsed = parseRequirement(text)
    if ('problem' in parsed) throw new Error(parsed.problem)
    return { ...parsed.requirement, hashes }
  })
  const counting = { runtime: 'python' as const, requirements, overrides: null, requiresPython: null }
  const place = { scope: 'folder' as const, file: 'python/requirements.txt', lockFile: 'python/requirements.lock' }
  return { ...counting, ...place, problems: [], normal: normalOf(counting) }
}

/** A build of its own, below `root`. */
export function createJobs(root: string, runTool: RunTool) {
  let count = 0
  const notes: string[] = []
  const downloadDir = join(root, 'downloads')
  return {
    ...{ notes, downloadDir },
    job(declaration: Declaration, sources: Sources, more: Partial<InstallJob> = {}): InstallJob {
      const name = `env${++count}`
      const dir = join(root, `.building-${name}`)
      mkdirSync(dir, { recursive: true })
      mkdirSync(downloadDir, { recursive: true })
      return {
        ...{ declaration, dir, finalDir: join(root, name), downloadDir, lock: null, staleLock: null, sources, runTool },
        note: (text) => void notes.push(text),
        ...more,
      }
    },
  }
}

function createSlots(count: number) {
  let free = count
  const waiting: (() => void)[] = []
  const leave = () => {
    const next = waiting.shift()
    if (next) next()
    else free++
  }
  return async () => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    return leave
  }
}
