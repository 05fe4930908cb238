/** Runs in the OpenAPI document. Not used to check answers: those are made by our own types. */
import { type TSchema, t } from 'elysia'
import { pageOf } from '../http/answers.ts'
import { runStatuses, triggers } from './model.ts'

const nullable = <T extends TSchema>(schema: T) => t.Union([schema, t.Null()])

export const runStatus = t.Union(
  runStatuses.map((status) => t.Literal(status)),
  { title: 'RunStatus' },
)
export const runTrigger = t.Union(
  triggers.map((trigger) => t.Literal(trigger)),
  { title: 'Trigger' },
)

export const resultFile = t.Object(
  {
    url: t.String({ format: 'uri' }),
    filename: t.String(),
    size: t.Integer({ description: 'Bytes' }),
    content_type: t.String(),
  },
  { title: 'ResultFile' },
)

export const result = t.Union(
  [
    t.Object({ type: t.Literal('json'), data: t.Unknown() }),
    t.Object({ type: t.Literal('text'), data: t.String() }),
    t.Composite([t.Object({ type: t.Literal('file') }), resultFile]),
  ],
  { title: 'RunResult' },
)

export const run = t.Object(
  {
    id: t.Integer(),
    script_id: t.Integer(),
    status: runStatus,
    trigger: runTrigger,
    params: t.Record(t.String(), t.Unknown(), { description: 'As they were passed, secrets masked' }),
    exit_code: nullable(t.Integer()),
    signal: nullable(t.String()),
    reason: nullable(t.String({ description: 'In words, for every end but success' })),
    error: nullable(t.Object({ type: t.String(), message: t.String() })),
    queued_at: t.String({ format: 'date-time' }),
    started_at: nullable(t.String({ format: 'date-time' })),
    finished_at: nullable(t.String({ format: 'date-time' })),
    duration_ms: nullable(t.Integer({ description: "The life of the script's process" })),
    result: nullable(result),
    files: t.Array(resultFile, { description: 'Empty when retention has removed them' }),
    log_expired_at: nullable(t.String({ format: 'date-time', description: 'When retention removed the log' })),
    files_expired_at: nullable(
      t.String({
        format: 'date-time',
        description: 'When retention removed the files, and a result that was kept in one',
      }),
    ),
    stderr: t.String({ description: 'The last 4 KiB' }),
    log_lines: t.Integer(),
    log_bytes: t.Integer(),
    started_by: nullable(t.String({ description: 'The address or the schedule that asked for it' })),
    asked_by: nullable(
      t.String({ description: 'Who asked for it, by the name that the audit log has; null: a schedule, by itself' }),
    ),
    host: t.String(),
    content_hash: t.String({ description: "SHA-256 of the script's file" }),
    environment_hash: nullable(
      t.String({ description: 'Equal for runs with the same interpreter, variables, permissions and limits' }),
    ),
    environment: nullable(t.String({ description: 'Name of the environment with its packages' })),
    waiting_for_installation: nullable(t.Integer({ description: 'The installation that it waits for' })),
    isolation: nullable(t.String({ description: 'bwrap, landlock or plain' })),
    queue_ms: nullable(t.Integer({ description: 'How long it waited for its slot' })),
    queue_position: nullable(t.Integer({ description: '1 for the next one that begins' })),
    priority: t.Integer(),
    cpu_ms: nullable(t.Integer({ description: 'Processor time of everything it started' })),
    memory_bytes_peak: nullable(t.Integer()),
    processes_peak: nullable(t.Integer({ description: 'Processes and threads' })),
    output_bytes: t.Integer({ description: 'What it printed' }),
    limit: nullable(
      t.Object(
        { limit: t.String(), used: t.Number(), max: t.Number() },
        { description: 'The limit that ended it, and how far it had gone' },
      ),
    ),
    retry_of: nullable(t.Integer({ description: 'The run that this one repeats' })),
    attempt: t.Integer(),
    first_attempt_id: nullable(t.Integer({ description: 'Of an attempt after the first: the first one' })),
    next_attempt_id: nullable(t.Integer({ description: 'The attempt that followed this one' })),
    retry_at: nullable(t.String({ format: 'date-time', description: 'When its next attempt is due' })),
    schedule_id: nullable(t.Integer({ description: 'The schedule that asked for it' })),
    occurrence_id: nullable(t.Integer({ description: 'Which of its times it is for' })),
    attempts: t.Optional(
      t.Array(
        t.Object(
          {
            id: t.Integer(),
            attempt: t.Integer(),
            status: runStatus,
            started_at: nullable(t.String({ format: 'date-time' })),
            finished_at: nullable(t.String({ format: 'date-time' })),
            reason: nullable(t.String()),
          },
          { title: 'RunAttempt' },
        ),
        { description: 'All attempts in their order, of a run that was tried again; not in lists' },
      ),
    ),
  },
  { title: 'Run' },
)

const json = (description: string, schema: TSchema) => ({
  200: { description, content: { 'application/json': { schema } } },
})

export const runSchema = json('The run', run)
export const runPageSchema = json('A page of runs', pageOf(run))

const counts = {
  success: t.Integer(),
  failed: t.Integer(),
  timeout: t.Integer(),
  cancelled: t.Integer(),
  killed: t.Integer(),
  interrupted: t.Integer(),
}
const time = t.String({ format: 'date-time' })
const durations = {
  runs: t.Integer(),
  p50_ms: nullable(t.Integer({ description: 'Half of them took no longer' })),
  p95_ms: nullable(t.Integer({ description: '95 of 100 took no longer' })),
}
export const statsSchema = json(
  'What they come to',
  t.Object(
    {
      from: t.String({ format: 'date-time', description: 'Where the first step begins: a whole hour or day' }),
      to: t.String({ format: 'date-time', description: 'Where the last step ends' }),
      step_ms: t.Integer({ description: 'An hour, six, a day, 7 or 28: as fits the time that is asked for' }),
      total: t.Object(counts),
      steps: t.Array(t.Object({ at: time, ...counts }), { description: 'Each of them, also where nothing ran' }),
      durations: t.Array(t.Object({ at: time, ...durations }), { description: 'Of one script; else empty' }),
      scripts: t.Array(t.Object({ script_id: t.Integer(), total_ms: t.Integer(), ...durations }), {
        description: 'That took most time, most first; at most six',
      }),
    },
    { title: 'RunStats' },
  ),
)
