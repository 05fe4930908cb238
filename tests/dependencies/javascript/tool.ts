/** Programs of installers, run as they are: what confines them has tests of its own. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { InstallError, type RunTool, type ToolCommand } from '../../../src/dependencies/model.ts'
import { createStartProcess } from '../../../src/process/process.ts'

const startProcess = createStartProcess()

export interface Tool {
  run: RunTool
  commands: ToolCommand[]
  /** What was printed for the log. */
  log(): string
}

/** `base`: on top of a clean environment, as a gateway might have it; below the command's own. */
export function createTool(dir: string, base: Record<string, string> = {}): Tool {
  const commands: ToolCommand[] = []
  let log = ''
  const home = join(dir, '..', 'home')
  mkdirSync(home, { recursive: true })
  return {
    commands,
    log: () => log,
    run: async (command) => {
      commands.push(command)
      const id = crypto.randomUUID()
      let stdout = ''
      let lines = ''
      const { outcome } = startProcess({
        argv: command.argv,
        cwd: command.cwd ?? dir,
        env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: home, LANG: 'C.UTF-8', ...base, ...command.env, RUN_ID: id },
        ...{ timeoutMs: 60_000, graceMs: 1000, outputBytesMax: 1e7, mark: `RUN_ID=${id}` },
        onOutput: (stream, chunk) => {
          const text = Buffer.from(chunk).toString()
          if (stream === 'stdout' && command.isStdoutKept) stdout += text
          else lines += text
        },
      })
      const { exitCode, reason, error } = await outcome
      log += lines
      if (exitCode === 0) return { stdout }
      const told = lines.split('\n').filter((line) => line.trim() !== '')
      throw new InstallError(`It ended with ${exitCode ?? error ?? reason}.`, told)
    },
  }
}
