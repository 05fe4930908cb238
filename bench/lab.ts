/** What measures work with: folders, programs and gateways that are all gone at the end, whatever happens. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createIsolation } from '../src/isolation/isolation.ts'
import { options } from '../src/options/options.ts'
import { createStartProcess } from '../src/process/process.ts'
import type { Runtimes } from '../src/runtimes/model.ts'
import { resolvePython } from '../src/runtimes/python.ts'
import { createRuntimes } from '../src/runtimes/runtimes.ts'
import { type Gateway, type GatewayOptions, startGateway } from './server.ts'

export interface Lab {
  /** Command lines as the gateway makes them: a baseline spawns the same. */
  runtimes: Runtimes
  /** The real interpreter, absolute. */
  python: string
  /** The Bun that runs this. */
  bun: string
  /** null where there is none: what is compared with it is left out. */
  node: string | null
  /** A command line as the gateway starts it at ISOLATION=plain: with limits, and as the script's own user. */
  limited(argv: string[]): string[]
  /** What the gateway is started as. */
  gatewayCommand: string[]
  /** Fewer repetitions: to see that it works, not for numbers. */
  isQuick: boolean
  folder(): string
  /** Files below `scripts_repo`, path → content; answers the folder. */
  scripts(files: Record<string, string>): string
  gateway(options: GatewayOptions): Promise<Gateway>
  /** Called when the measure is over, the last one first. */
  defer(release: () => unknown): void
  note(text: string): void
}

export interface LabOptions {
  binary: string | null
  isQuick: boolean
}

/**
 * Answers the lab and how to leave it: everything that was deferred is done, each once. `folders` gets what is to be
 * removed when all is over: some file systems make files slowly while many have just been removed.
 */
export async function openLab(
  { binary, isQuick }: LabOptions,
  folders: string[],
): Promise<{ lab: Lab; leave(): Promise<void> }> {
  const python = await resolvePython('python3')
  if ('problem' in python) throw new Error(python.problem)
  const releases: (() => unknown)[] = []
  const bun = process.execPath

  function folder() {
    const path = mkdtempSync(join(tmpdir(), 'scriptgateway-bench-'))
    folders.push(path)
    return path
  }

  const place = folder()
  const [tempDir, dirForFiles] = [join(place, 'tmp'), join(place, 'isolation')]
  mkdirSync(tempDir)
  const isolation = await createIsolation({
    ...{ wanted: 'plain', uidBase: options.script_uid_base.default, bun, interpreters: [python.path], dirForFiles },
    startProcess: createStartProcess(),
  })

  const lab: Lab = {
    runtimes: createRuntimes({ python, bun }),
    python: python.path,
    bun,
    node: Bun.which('node'),
    limited: (argv) =>
      isolation.confine(
        { argv, cwd: '/', env: argv[0] === bun ? { BUN_BE_BUN: '1' } : {} },
        {
          permissions: { net: true, read: true, write: [], env: true, run: true },
          ...{ readable: [], writable: [], owned: [], hidden: [], protected: [], tempDir, userIndex: 1 },
          limits: {
            ...{ memoryBytesMax: options.memory_bytes_max.default, cpuSecMax: options.cpu_sec_max.default },
            ...{ processesMax: options.processes_max.default, openFilesMax: options.open_files_max.default },
            fileBytesMax: options.file_bytes_max.default,
          },
        },
      ).argv,
    gatewayCommand: binary ? [binary, 'serve'] : [bun, bundle(), 'serve'], // as `npm start` does
    isQuick,
    folder,
    scripts(files) {
      const root = folder()
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true })
        writeFileSync(join(root, path), content)
      }
      return root
    },
    gateway: (options) => startGateway(lab, options),
    defer: (release) => void releases.push(release),
    note: (text) => console.error(`  ${text}`),
  }

  async function leave() {
    for (let release = releases.pop(); release; release = releases.pop()) await release()
  }

  return { lab, leave }
}

function bundle(): string {
  const made = Bun.spawnSync(['node', 'bootstrap.mjs', 'bundle'], { cwd: join(import.meta.dir, '..') })
  if (made.exitCode !== 0) throw new Error(made.stderr.toString())
  return made.stdout.toString().trim()
}
