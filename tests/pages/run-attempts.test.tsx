/** A run that was tried again is shown as one: on its page, whichever attempt is looked at, and in the list. */
import { expect, test } from 'bun:test'
import { createPages } from '../../src/pages/pages.tsx'
import type { Run } from '../../src/runs/model.ts'
import { RunRow } from '../../views/executions.tsx'
import { RunAttempts } from '../../views/run-attempts.tsx'
import { RunDetails } from '../../views/run-details.tsx'
import { RunNote } from '../../views/run-note.tsx'
import { createFake } from './fake.ts'
import { epoch, iso, run, script } from './samples.ts'

const own = script(3, 'images/resize.py')

/** Three attempts of a run of schedule 7: two that failed, and one that runs. */
const chain: Run[] = [
  run(11, 3, 'failed', {
    reason: 'It ended with exit code 1.',
    next_attempt_id: 12,
    trigger: 'schedule',
    schedule_id: 7,
  }),
  run(12, 3, 'timeout', {
    ...{ reason: '<Stopped> at its limit.', first_attempt_id: 11, next_attempt_id: 13, retry_of: 11 },
    ...{ attempt: 2, trigger: 'retry', schedule_id: 7 },
  }),
  run(13, 3, 'running', { first_attempt_id: 11, retry_of: 12, attempt: 3, trigger: 'retry', schedule_id: 7 }),
]

const textOf = (html: unknown) =>
  String(html)
    .replaceAll(/<caption.*?<\/caption>/gs, '')
    .replaceAll(/<\/?(a|b|code|small|span|time)\b[^>]*>/g, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()

const shown = (one: Run, attempts: Run[]) => <RunAttempts run={one} attempts={attempts} now={epoch} />
const failed = run(11, 3, 'failed', { schedule_id: 7 })

test('each attempt has its end, its reason and its duration, and a link where it is not this one', () => {
  const html = String(shown(chain[1]!, chain))
  const rows = [...html.matchAll(/<tr.*?<\/tr>/gs)].map(([row]) => textOf(row).replaceAll(/\s+/g, ' '))
  expect(rows).toEqual([
    'Attempt 1 Failed #11It ended with exit code 1. 1 min 22 s',
    'Attempt 2 Timeout #12&lt;Stopped&gt; at its limit. 1 min 22 s',
    'Attempt 3 Running #13 1:24',
  ])
  expect(
    [...html.matchAll(/href="([^"]+)"/g)].map(([, href]) => href).filter((href) => !href!.includes('icons')),
  ).toEqual(['/scripts/3/schedules/7', '/executions/11', '/executions/13'])
  expect(html).toMatch(/<tr aria-current="true">.*?#12/s)
})

test.each<[string, Run, Run[], string]>([
  ['one that was not tried again says nothing', failed, [], ''],
  ['one whose other attempts were removed says nothing', chain[2]!, [chain[2]!], ''],
  [
    'the next one is told with its time, and how long it is until then',
    { ...failed, retry_at: iso(-40) },
    [],
    'Attempts Its schedule Attempt 1 Failed #11 1 min 22 s Next attempt at 03:20:40 UTC (in 40 s)',
  ],
  [
    'one on another day is told with the day',
    { ...failed, schedule_id: null, retry_at: iso(-86_400) },
    [],
    'Attempts Attempt 1 Failed #11 1 min 22 s Next attempt at 2026-11-22 03:20:00 UTC (in 24 h)',
  ],
  [
    'it is told on the page of an earlier attempt, too',
    chain[0]!,
    [chain[0]!, { ...chain[1]!, next_attempt_id: null, retry_at: iso(-600) }],
    'Next attempt at 03:30:00 UTC (in 10 min)',
  ],
  ['one that is due, and has not begun yet', { ...failed, retry_at: iso(1) }, [], 'Next attempt at 03:19:59 UTC (now)'],
])('%s', (_, one, attempts, said) => {
  const text = textOf(shown(one, attempts))
  if (said === '') expect(text).toBe('')
  else expect(text).toContain(said)
})

test.each<[string, Partial<Run>, Run[], string]>([
  ['an attempt after a failure', chain[1]!, chain, 'The gateway, because attempt 1 ended as “Failed”'],
  ['an attempt after a timeout', chain[2]!, chain, 'The gateway, because attempt 2 ended as “Timeout”'],
  [
    'an attempt after a restart',
    chain[1]!,
    [{ ...chain[0]!, status: 'interrupted' }, chain[1]!],
    'The gateway, after an interruption',
  ],
])('who started %s', (_, one, attempts, said) => {
  const html = <RunDetails run={one as Run} script={own} repeats={[]} attempts={attempts} />
  expect(textOf(html)).toContain(`Started by ${said}`)
  expect(String(html)).toContain('<a href="/scripts/3/schedules/7">#7</a>')
})

test('one that was interrupted and is tried again is not said to need somebody', () => {
  const interrupted = run(9, 3, 'interrupted', { retry_at: iso(-40), schedule_id: 7 })
  const text = textOf(<RunNote run={interrupted} script={own} repeats={[]} onInterrupt="leave" />)
  expect(text).toContain('It is tried again by itself, as its schedule says.')
  expect(text).not.toContain('does not go on by itself')
})

test('in a list its row says which attempt it is, and when the next one is due', () => {
  const row = (one: Run) => textOf(<table>{<RunRow run={one} name="resize" now={epoch} />}</table>)
  expect(row(chain[2]!)).toContain('#13 attempt 3')
  expect(row(chain[0]!)).not.toContain('attempt 1')
  expect(row({ ...failed, retry_at: iso(-40) })).toContain('Failednext attempt at 03:20:40 UTC')
})

test('the list has one row for each of them, and the page of a run all of them', async () => {
  const fake = createFake()
  fake.allRuns.push(...chain.map((one) => ({ ...one })))
  const pages = createPages(() => fake)
  const get = async (path: string) => (await pages.handle(new Request(`http://localhost${path}`))).text()
  const list = await get('/executions?script_id=3')
  expect([...list.matchAll(/<tr id="run-(1[123])"/g)].map(([, id]) => id)).toEqual(['13'])
  const recent = /id="recent".*?<\/section>/s.exec(await get('/scripts/3'))![0]
  expect([...recent.matchAll(/<tr id="run-(1[123])"/g)].map(([, id]) => id)).toEqual(['13'])
  expect(await get('/executions/11')).toMatch(/id="h-attempts".*Attempt 3/s)
  expect(await get('/fragments/runs/11')).toContain('hx-target="#run-attempts"')
  expect(await get('/executions/48900')).not.toContain('h-attempts')
  fake.allRuns.push(run(99_001, 3, 'failed', { next_attempt_id: 99_002 }), run(99_002, 3, 'success'))
  expect(await get('/')).not.toContain('/executions/99001')
})
