/** Whether a level works on this host: a program that does nothing, confined as a run would be. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../errors.ts'
import type { Outcome, StartProcess } from '../process/model.ts'
import type { Host } from './host.ts'
import type { Confinement, Isolation } from './model.ts'

export interface Attempt {
  /** In a sentence, without a full stop; null when it worked. */
  problem: string | null
  output: string
}

interface AttemptDeps {
  startProcess: StartProcess
  host: Host
  bun: string
  dirForFiles: string
  confine: Isolation['confine']
}

const timeoutMs = 5000
const gibi = 1024 ** 3

/** Never throws. */
export async function attempt({ startProcess, host, bun, dirForFiles, confine }: AttemptDeps): Promise<Attempt> {
  const mark = `probe-${randomUUID()}`
  const tempDir = join(dirForFiles, mark)
  mkdirSync(tempDir, { recursive: true })
  const output = { stdout: '', stderr: '' }
  const argv = host.truePath ? [host.truePath] : [bun, '--version']
  try {
    const env = { PATH: '/usr/bin:/bin', BUN_BE_BUN: '1', RUN_ID: mark }
    const { argv: words, ...rest } = confine({ argv, cwd: '/', env }, confinementOf(tempDir, dirForFiles))
    const { outcome } = startProcess({
      ...{ argv: words, ...rest, mark: `RUN_ID=${mark}` },
      ...{ timeoutMs, graceMs: 0, outputBytesMax: 100_000 },
      onOutput: (stream, chunk) => {
        output[stream] += Buffer.from(chunk).toString()
      },
    })
    return { problem: problemOf(await outcome, output.stderr), output: output.stdout }
  } catch (error) {
    return { problem: messageOf(error), output: '' }
  } finally {
    rmSync(tempDir, { recursive: true, force: true })
  }
}

/** As much as any run is confined: no network, nothing written, a folder hidden. */
const confinementOf = (tempDir: string, hidden: string): Confinement => ({
  permissions: { net: [], read: true, write: [], env: true, run: true },
  ...{ readable: [], writable: [], owned: [], tempDir, hidden: [hidden], protected: [], userIndex: 0 },
  limits: { memoryBytesMax: 8 * gibi, cpuSecMax: 60, processesMax: 1024, openFilesMax: 1024, fileBytesMax: gibi },
})

function problemOf({ reason, exitCode, signal, error }: Outcome, stderr: string): string | null {
  if (reason === 'exit' && exitCode === 0) return null
  const said = stderr
    .trim()
    .split('\n')
    .at(-1)
    ?.replace(/^(bwrap|scriptgateway): /, '')
    .replace(/\.$/, '')
  if (said) return said
  return (
    error ??
    (reason === 'timeout'
      ? `it did not start within ${timeoutMs} ms`
      : `it ended with ${signal ?? `exit code ${exitCode}`}`)
  )
}
