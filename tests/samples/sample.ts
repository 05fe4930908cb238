/** Runs one of the sample scripts the way the gateway does: same command line, clean environment, own output folder. */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { interpret } from '../../src/results/interpret.ts'
import { resolvePython } from '../../src/runtimes/python.ts'
import { createRuntimes } from '../../src/runtimes/runtimes.ts'
import { parseArgsMap, schemaFlag } from '../../src/scripts/args-map.ts'
import { toArguments } from '../../src/scripts/argv.ts'
import { convertParams } from '../../src/scripts/convert.ts'
import type { Param } from '../../src/scripts/model.ts'
import { checkParams, compileCheck } from '../../src/scripts/typebox.ts'

export const samplesRoot = resolve(import.meta.dir, '../../scripts_repo')
const runtimes = createRuntimes({ python: await resolvePython('python3'), bun: process.execPath })
const secondsMax = 20

export interface SampleRun {
  exitCode: number
  stdout: Uint8Array
  stderr: string
  /** Absolute; gone at `dispose`. */
  outputDir: string
}

const runtimeOf = (file: string) => (file.startsWith('python/') ? runtimes.python : runtimes.js)

/** `file`: path inside scripts_repo. Whatever it leaves behind is for `use` to look at, and removed after it. */
export async function withSample<T>(file: string, args: string[], use: (run: SampleRun) => T | Promise<T>): Promise<T> {
  const outputDir = await mkdtemp(join(tmpdir(), 'sample-'))
  try {
    const path = join(samplesRoot, file)
    const child = Bun.spawn(runtimeOf(file).command(path, args), {
      cwd: dirname(path),
      env: {
        PATH: process.env.PATH,
        LANG: 'C',
        PYTHONDONTWRITEBYTECODE: '1',
        OUTPUT_DIR: outputDir,
        ...runtimeOf(file).env,
      },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      timeout: secondsMax * 1000,
    })
    const [stdout, stderr, exitCode] = await Promise.all([
      new Response(child.stdout).bytes(),
      new Response(child.stderr).text(),
      child.exited,
    ])
    return await use({ exitCode, stdout, stderr, outputDir })
  } finally {
    await rm(outputDir, { recursive: true, force: true })
  }
}

/** What the sample says its parameters are, itself or by its hand-written sidecar. Throws when that is not valid. */
export async function readSchema(file: string): Promise<Param[]> {
  const sidecar = join(samplesRoot, dirname(file), `.${basename(file, extname(file))}._map.json`)
  const answers = (await readFile(join(samplesRoot, file), 'utf8')).includes(schemaFlag)
  const text = answers
    ? await withSample(file, [schemaFlag], ({ stdout }) => Buffer.from(stdout).toString())
    : await readFile(sidecar, 'utf8')
  if (!answers && !existsSync(sidecar)) throw new Error(`${file} neither answers nor has a sidecar`)
  const parsed = parseArgsMap(JSON.parse(text))
  if (!parsed.ok) throw new Error(`${file}: ${JSON.stringify(parsed.problems)}`)
  if (parsed.warnings.length > 0) throw new Error(`${file}: ${parsed.warnings.join(' ')}`)
  return parsed.params
}

/** The arguments for values as a client sends them, checked and with the defaults filled in. */
export async function toSampleArguments(file: string, sent: Record<string, unknown>): Promise<string[]> {
  const params = await readSchema(file)
  const { values, problems } = convertParams(params, sent)
  problems.push(...checkParams(params, compileCheck(params), values))
  if (problems.length > 0) throw new Error(`${file} refuses: ${JSON.stringify(problems)}`)
  return toArguments(params, values, runtimeOf(file))
}

export const meaningOf = (run: SampleRun) => interpret(run.stdout)
