/** Asks a script for its schema: `SCRIPT --_sys_get_schema`. Every way it can fail is a sentence. */
import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import { messageOf } from '../errors.ts'
import type { Outcome, StartProcess } from '../process/model.ts'
import { parseJson } from '../results/json.ts'
import { jsonTailStart } from '../results/json-tail.ts'
import type { Runtime } from '../runtimes/model.ts'
import { parseArgsMap, sayProblems, schemaFlag } from './args-map.ts'
import type { ArgsMap } from './model.ts'
import type { QuestionPlace } from './question-place.ts'
import type { QuestionStart } from './question-start.ts'

const outputBytesMax = 1024 * 1024
const graceMs = 500
const stderrLinesMax = 5
const stderrCharsMax = 1000

export type Answer = { ok: true; argsMap: ArgsMap } | { ok: false; error: string }

interface Question {
  runtime: Runtime
  /** Absolute. */
  file: string
  /** The clean base that runs get; the runtime's own variables are added here. */
  environment: Record<string, string>
  place: QuestionPlace
  /** null: the bare interpreter. */
  start: QuestionStart | null
  timeoutMs: number
}

export async function extractSchema(
  startProcess: StartProcess,
  { runtime, file, environment, place, start, timeoutMs }: Question,
): Promise<Answer> {
  const chunks = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  const runId = `schema-${randomUUID()}`
  const cwd = dirname(file)
  const env: Record<string, string> = {
    ...{ LANG: 'C.UTF-8', TMPDIR: place.tempDir, ...environment, ...runtime.env },
    ...{ SCRIPT_PATH: file, SCRIPT_DIR: cwd, RUN_ID: runId },
    ...start?.env,
  }
  if (start) env.PATH = [start.binDir, env.PATH].filter(Boolean).join(':')
  let confined: ReturnType<QuestionPlace['confine']>
  try {
    confined = place.confine({ argv: start ? start.argv([schemaFlag]) : runtime.command(file, [schemaFlag]), cwd, env })
  } catch (error) {
    return { ok: false, error: `It was not asked ${schemaFlag}: ${messageOf(error)}` }
  }
  const { outcome } = startProcess({
    ...confined,
    mark: `RUN_ID=${runId}`,
    timeoutMs,
    graceMs,
    outputBytesMax,
    onOutput: (stream, chunk) => chunks[stream].push(chunk.slice()),
  })
  const failure = describeFailure(await outcome, timeoutMs)
  const stderr = lastLines(Buffer.concat(chunks.stderr).toString('utf8'))
  if (failure)
    return { ok: false, error: `It did not answer ${schemaFlag}: ${failure}${stderr ? `:\n${stderr}` : '.'}` }
  return readAnswer(Buffer.concat(chunks.stdout), stderr)
}

function describeFailure({ reason, exitCode, signal, error }: Outcome, timeoutMs: number): string | null {
  if (reason === 'timeout') return `it was still running after ${timeoutMs / 1000} s`
  if (reason === 'output_limit') return `it printed more than ${outputBytesMax} bytes`
  if (reason === 'not_started') return `it could not be started (${error})`
  if (reason !== 'exit') return 'the gateway was stopped meanwhile'
  if (signal) return `it was ended by ${signal}`
  return exitCode === 0 ? null : `it ended with exit code ${exitCode}`
}

/** All of stdout is one JSON object, or it ends with one that begins at the start of a line. */
function readAnswer(stdout: Buffer, stderr: string): Answer {
  const end = stdout.toString('latin1').trimEnd().length
  const refused = (error: string): Answer => ({ ok: false, error })
  if (end === 0)
    return refused(
      `It printed nothing when asked with ${schemaFlag}${stderr ? `:\n${stderr}` : ': print the ARGS_MAP as JSON.'}`,
    )
  const start = jsonTailStart(stdout, end)
  let value: unknown
  try {
    value = parseJson(stdout.subarray(start ?? 0, end))
  } catch {
    const shown = stdout.toString('utf8').trim().slice(0, 200)
    return refused(`Its answer to ${schemaFlag} is not a JSON object; it begins with: ${shown}`)
  }
  const parsed = parseArgsMap(value)
  if (parsed.ok) return { ok: true, argsMap: parsed.argsMap }
  return refused(`Its answer to ${schemaFlag} is not a valid ARGS_MAP: ${sayProblems(parsed.problems)}.`)
}

function lastLines(text: string): string {
  const lines = text.trimEnd().split('\n').slice(-stderrLinesMax)
  return lines.join('\n').slice(-stderrCharsMax).trim()
}
