/** What a run's page and its row in the list say, from the facts of the run alone. */
import { expect, test } from 'bun:test'
import { couldNot } from '../../src/dependencies/build-words.ts'
import type { LimitHit, Run, RunStatus } from '../../src/runs/model.ts'
import { replacedReason } from '../../src/runs/second-start.ts'
import type { Script } from '../../src/scripts/model.ts'
import { StopForm } from '../../views/actions.tsx'
import { RunRow } from '../../views/executions.tsx'
import { RunDetails } from '../../views/run-details.tsx'
import { placeWords, RunFacts } from '../../views/run-facts.tsx'
import { RunNote } from '../../views/run-note.tsx'
import { epoch, iso, run, script } from './samples.ts'

/** Tags away, spaces joined, as one reads it. */
const textOf = (html: unknown) =>
  String(html)
    .replaceAll(/<template.*?<\/template>/gs, '')
    .replaceAll(/<\/?(a|b|code|small|span|time)\b[^>]*>/g, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()

const own = script(3, 'images/resize.py')

/** Word → value of every row. */
function details(rest: Partial<Run>, { status = 'success' as RunStatus, repeats = [] as Run[], of = own } = {}) {
  const html = String(<RunDetails run={run(9, 3, status, rest)} script={of} repeats={repeats} />)
  return Object.fromEntries(
    [...html.matchAll(/<dt>(.*?)<\/dt>\s*<dd>(.*?)<\/dd>/gs)].map(([, word, value]) => [word, textOf(value)]),
  )
}

test('everything that is known has a row, and what is not known has none', () => {
  expect(
    details({
      ...{ queue_ms: 90_000, cpu_ms: 61_400, memory_bytes_peak: 224_395_264, processes_peak: 1204, priority: -5 },
      ...{
        output_bytes: 96 * 1024,
        isolation: 'bwrap',
        content_hash: 'a'.repeat(64),
        environment_hash: 'b'.repeat(64),
      },
    }),
  ).toEqual({
    'Started by': 'Form, from 127.0.0.1',
    Priority: '-5',
    Queued: '2026-11-21 03:18:34 UTC',
    Waited: '1 min 30 s',
    Started: '2026-11-21 03:18:36 UTC',
    Ended: '2026-11-21 03:19:58 UTC',
    Duration: '1 min 22 s',
    'Exit code': '0',
    Processor: '1 min 1 s',
    Memory: '214 MiB at most',
    Processes: '1,204 at most, threads included',
    Printed: '96 KiB',
    Log: '1,268 lines',
    Isolation: 'bubblewrap',
    Host: 'host',
    Script: 'aaaaaaaaaaaa, changed since',
    Environment: 'bbbbbbbbbbbb',
  })
  const early = details({ started_by: null, host: '', content_hash: 'hash', queue_ms: null }, { status: 'queued' })
  expect(early).toEqual({
    'Started by': 'Form',
    Queued: '2026-11-21 03:18:34 UTC',
    Isolation: 'Landlock',
    Script: 'hash',
  })
})

test.each<[string, Partial<Run>, string, string | undefined]>([
  ['a run that did not wait says nothing of a queue', { queue_ms: 0 }, 'Queued', undefined],
  ['a signal', { signal: 'SIGSEGV', exit_code: null }, 'Signal', 'SIGSEGV'],
  ['a confinement that is none', { isolation: 'plain' }, 'Isolation', 'none (plain)'],
  ['one of a later time', { isolation: '<jail>' }, 'Isolation', '&lt;jail&gt;'],
  ['a schedule', { trigger: 'schedule', started_by: '<nightly>' }, 'Started by', 'Schedule &lt;nightly&gt;'],
  [
    'one by its number',
    { trigger: 'schedule', started_by: 'schedule 3 "x"' },
    'Started by',
    'Schedule 3 &quot;x&quot;',
  ],
  [
    'a schedule that was run by hand',
    { trigger: 'schedule', started_by: 'Run now of schedule 3 by anna' },
    'Started by',
    'Run now of schedule 3 by anna',
  ],
  ['an API call', { trigger: 'api', started_by: '::1' }, 'Started by', 'API, from ::1'],
  ['a repetition somebody asked for', { trigger: 'retry', retry_of: 4 }, 'Started by', 'Retry, from 127.0.0.1'],
  ['a repetition', { trigger: 'retry', retry_of: 1204 }, 'Repeats', 'Run #1,204'],
  [
    'a repetition by the gateway',
    { trigger: 'retry', retry_of: 4, attempt: 2 },
    'Started by',
    'The gateway, after an interruption',
  ],
  ['its attempt', { trigger: 'retry', retry_of: 4, attempt: 2 }, 'Repeats', 'Run #4, attempt 2'],
  ['a log that retention removed', { log_expired_at: iso(0) }, 'Log', 'removed 2026-11-21 03:20:00 UTC'],
  ['files that retention removed', { files_expired_at: iso(0) }, 'Files', 'removed 2026-11-21 03:20:00 UTC'],
  ['one line', { log_lines: 1, log_bytes: 12 }, 'Log', '1 line'],
])('details of %s', (_name, rest, word, value) => {
  expect(details(rest)[word]).toBe(value as string)
})

test('a confinement that is none is a warning, and leads to why', () => {
  const shown = (isolation: string) =>
    String(<RunDetails run={run(9, 3, 'success', { isolation })} script={own} repeats={[]} />)
  expect(shown('plain')).toMatch(/class="warned">.*#warn.*href="\/settings#host">none \(plain\)/s)
  expect(shown('landlock')).not.toContain('warned')
})

test.each([
  [1, 'Run #11'],
  [3, 'Runs #11, #12, #13'],
])('%d later runs that repeat it are named', (count, said) => {
  const repeats = [11, 12, 13].slice(0, count).map((id) => run(id, 3, 'success', { retry_of: 9 }))
  expect(details({}, { repeats })['Repeated by']).toBe(said)
})

test.each([
  [1, 'Next in the queue'],
  [2, '2nd in the queue, one ahead of it'],
  [3, '3rd in the queue, two ahead of it'],
  [11, '11th in the queue, 10 ahead of it'],
  [9_922, '9,922nd in the queue, 9,921 ahead of it'],
])('place %d is told as %j', (place, said) => {
  expect(placeWords(place)).toBe(said)
})

test.each<[string, Partial<Run>, RunStatus, string, string | null]>([
  ['one that waits', { queue_position: 3 }, 'queued', '3rd in the queue, two ahead of it', null],
  ['one whose place is not known yet', {}, 'queued', 'In the queue', null],
  ['one that runs', {}, 'running', '1:24 of 10 min', 'in the queue'],
  ['one cancelled in the queue', { started_at: null }, 'cancelled', 'Never started', 'in the queue'],
])('the facts of %s', (_name, rest, status, said, unsaid) => {
  const text = textOf(<RunFacts run={run(9, 3, status, rest)} timeoutMin={10} now={epoch} />)
  expect(text).toContain(said)
  if (unsaid !== null) expect(text).not.toContain(unsaid)
})

test('a run that a schedule asked for leads to it, in its facts and in its row', () => {
  const scheduled = run(9, 3, 'success', { trigger: 'schedule', schedule_id: 5 })
  const html = [
    <RunFacts run={scheduled} timeoutMin={10} now={epoch} />,
    <RunRow run={scheduled} name="x" now={epoch} />,
  ]
  for (const one of html) expect(String(one)).toContain('<a href="/scripts/3/schedules/5">Schedule</a>')
  expect(String(<RunFacts run={run(9, 3, 'success')} timeoutMin={10} now={epoch} />)).not.toContain('/schedules/')
})

interface Noted {
  of?: Script
  repeats?: Run[]
  onInterrupt?: 'leave' | 'retry'
}
const noteHtml = (
  status: RunStatus,
  rest: Partial<Run>,
  { of = own, repeats = [], onInterrupt = 'leave' }: Noted = {},
) => String(<RunNote run={run(9, 3, status, rest)} script={of} repeats={repeats} onInterrupt={onInterrupt} />)

const MB = 1024 ** 2
test.each<[LimitHit, string, string, string]>([
  [
    { limit: 'time', used: 600.2, max: 600 },
    'Stopped at its time limit of 10 min',
    'See in the log where it waited',
    'timeout_min',
  ],
  [
    { limit: 'memory', used: 2150 * MB, max: 2048 * MB },
    'Stopped at its memory limit: it used 2.1 GiB and may use 2 GiB',
    'Let it hold less at once',
    'memory_bytes_max',
  ],
  [
    { limit: 'cpu', used: 61, max: 60 },
    'Stopped at its limit of processor time: it used 1 min 1 s and may use 1 min',
    'Let it compute less',
    'cpu_sec_max',
  ],
  [
    { limit: 'processes', used: 1300, max: 256 },
    'Stopped at its limit of processes: it had 1,300 and may have 256, threads included',
    'Let it start fewer',
    'processes_max',
  ],
  [
    { limit: 'output', used: 1024 * MB + 1, max: 1024 * MB },
    'Stopped at its output limit: it printed more than 1 GiB and may print 1 GiB',
    'Let it print less',
    'output_bytes_max',
  ],
  [
    { limit: 'disk', used: 3 * MB, max: 2 * MB },
    'Stopped at its limit for files: it left 3 MiB and may leave 2 MiB',
    'Let it write less',
    'output_bytes_max',
  ],
])('the limit %j is told with its numbers, what to do, and where it is raised', (limit, title, what, setting) => {
  const rest = { limit, reason: 'As the API says it (setting x).' }
  const status = limit.limit === 'time' ? 'timeout' : 'killed'
  const html = noteHtml(status, rest)
  expect(textOf(html)).toContain(title)
  expect(textOf(html)).toContain(what)
  expect(html).toContain(`href="/settings#${setting}"`)
  expect(html).toContain('href="/scripts/3?tab=policy"')
  const lowered = textOf(noteHtml(status, rest, { of: { ...own, policy: { limits: { [setting]: 1 } } } }))
  expect(lowered).toContain(`raise ${setting} in its policy, up to the setting ${setting}.`)
})

const leave = 'It does not go on by itself'
test.each<[string, RunStatus, Partial<Run>, Noted, string[], string[]]>([
  [
    'too many files, where the bytes say nothing',
    'killed',
    { limit: { limit: 'disk', used: 10, max: 100 }, reason: 'It left more than 10,000 files in OUTPUT_DIR.' },
    {},
    ['more than 10,000 files', 'fewer files'],
    ['10 B'],
  ],
  [
    'a limit of an older gateway',
    'killed',
    { reason: 'It printed <too> much.' },
    {},
    ['&lt;too&gt; much', 'Limits and permissions'],
    [],
  ],
  ['a stop', 'cancelled', {}, {}, ['Stopped before its end', 'written before that are kept'], []],
  ['a cancel in the queue', 'cancelled', { started_at: null }, {}, ['Nothing of it was run.'], ['are kept']],
  [
    'a replacement',
    'cancelled',
    { reason: replacedReason(1204) },
    {},
    ['It was replaced by run #1,204'],
    ['second_start'],
  ],
  [
    'packages that could not be installed',
    'failed',
    { started_at: null, reason: `${couldNot}no network.`, stderr: 'ERROR: No matching distribution' },
    {},
    ['The script was not started. Dependencies shows what was tried', 'No matching distribution', 'Copy error'],
    ['the log', 'Change the values'],
  ],
  [
    'a start that came to nothing',
    'failed',
    { started_at: null, reason: 'It could not be started: no python3.', stderr: '' },
    {},
    ['no python3', 'Nothing of it was run.'],
    ['the log', 'Dependencies'],
  ],
  ['an interruption', 'interrupted', {}, {}, [leave, '"on_interrupt": "retry" into its policy'], ['next start']],
  ['an interruption before it began', 'interrupted', { started_at: null }, { onInterrupt: 'retry' }, [leave], []],
  [
    'one to be run again',
    'interrupted',
    {},
    { onInterrupt: 'retry' },
    ['at its next start', 'tried too often'],
    [leave],
  ],
  [
    'one that was run again',
    'interrupted',
    {},
    { repeats: [run(12, 3, 'success', { retry_of: 9, attempt: 2 })], onInterrupt: 'retry' },
    ['run again by itself: run #12, attempt 2'],
    [leave],
  ],
  [
    'one that a person ran again',
    'interrupted',
    {},
    { repeats: [run(12, 3, 'success', { retry_of: 9, trigger: 'retry' })] },
    [leave],
    ['by itself: run'],
  ],
])('the note after %s', (_name, status, rest, noted, said, unsaid) => {
  const text = textOf(noteHtml(status, rest, noted))
    .replaceAll('&#34;', '"')
    .replaceAll('&quot;', '"')
  for (const part of said) expect(text).toContain(part)
  for (const part of unsaid) expect(text).not.toContain(part)
})

test.each<RunStatus>(['queued', 'running', 'success'])('a run that is %s has no note', (status) => {
  expect(textOf(noteHtml(status, {}))).toBe('')
})

const refused = 'What confines it (Landlock) may have refused it'
test.each<[string, Partial<Run>, string | null]>([
  ['Python may not write', { stderr: "PermissionError: [Errno 13] Permission denied: '/srv/x'" }, refused],
  ['a shell may not', { stderr: 'sh: 1: cannot create /srv/x: Permission denied' }, refused],
  ['a folder is read-only', { stderr: "OSError: [Errno 30] Read-only file system: '/srv'" }, refused],
  ['Bun says EACCES', { stderr: "error: EACCES: permission denied, open '/srv/x'" }, refused],
  ['Bun says EROFS', { stderr: 'EROFS: read-only file system' }, refused],
  ['a socket is refused', { stderr: 'OSError: [Errno 1] Operation not permitted' }, refused],
  ['it was not confined', { stderr: 'PermissionError: x', isolation: 'plain' }, null],
  ['nobody knows how it was confined', { stderr: 'PermissionError: x', isolation: null }, null],
  ['it says something else', { stderr: 'ValueError: permissions' }, null],
  ['too many files are open', { stderr: 'OSError: [Errno 24] Too many open files' }, 'open_files_max'],
  ['a file grows too large', { stderr: 'OSError: [Errno 27] File too large' }, 'file_bytes_max'],
  ['it is ended for that', { signal: 'SIGXFSZ', exit_code: null, isolation: 'plain' }, 'file_bytes_max'],
])('when %s, the note hints at what may be behind it, or not', (_name, rest, hint) => {
  const html = noteHtml('failed', rest)
  const text = textOf(/<p id="run-hint">.*?<\/p>/s.exec(html)?.[0] ?? '')
  if (hint === null) expect(text).toBe('')
  else expect(text).toContain(hint)
})

test('no hint where the script ended well, whatever it printed', () => {
  expect(noteHtml('timeout', { stderr: 'PermissionError: x' })).not.toContain('run-hint')
})

test.each<[string, RunStatus, Partial<Run>, string]>([
  ['where it waits', 'queued', { queue_position: 2 }, '2nd in the queue'],
  ['its limit', 'killed', { limit: { limit: 'memory', used: 2150 * MB, max: 2048 * MB } }, 'memory, 2.1 GiB of 2 GiB'],
  ['its time limit', 'timeout', { limit: { limit: 'time', used: 600.2, max: 600 } }, 'time, 10 min'],
  ['its reason', 'failed', { reason: 'The script ended with exit code 3.' }, 'exit code 3'],
  ['its attempt', 'success', { attempt: 3 }, '#9 attempt 3'],
])('a row tells %s', (_name, status, rest, said) => {
  expect(textOf(<RunRow run={run(9, 3, status, rest)} name="resize" now={epoch} />)).toContain(said)
})

test('what waits is cancelled, what runs is stopped, each asked in its own words', () => {
  const [waits, runs] = [true, false].map((isQueued) => String(<StopForm runId={9} name="x" isQueued={isQueued} />))
  expect(waits).toContain('data-confirm="Cancel this run?"')
  expect(waits).toContain('data-confirm-yes="Cancel run"')
  expect(runs).toContain('data-confirm="Stop this run?"')
  expect(runs).toContain('data-confirm-yes="Stop run"')
})
