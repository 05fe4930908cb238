/** Whatever goes wrong around a firing: nothing is lost, doubled, told wrongly, or silent for ever after. */
import { describe, expect, test } from 'bun:test'
import { eq, sql } from 'drizzle-orm'
import { fireTime } from '../../src/schedules/fire-time.ts'
import { schedules } from '../../src/schedules/table.ts'
import { eventually } from '../harness/folder.ts'
import { createLab, locked, minute, noon, refusal, turn } from './scheduler-lab.ts'

const retry = {
  count: 3,
  delay_sec: 60,
  factor: 1,
  delay_max_sec: 60,
  jitter: 0,
  on: ['failed', 'interrupted'] as const,
}
const withRetry = { retry: { ...retry, on: [...retry.on] } }
const states = (rows: { state: string }[]) => rows.map(({ state }) => state)

describe('the database cannot be written', () => {
  test('as what is due is claimed: it is claimed later, and no ghost of the first try holds it up', async () => {
    const { schedule, scheduler, pass, traces, db } = createLab()
    const { id } = schedule()
    scheduler.start()
    for (let i = 0; i < 20; i++) schedule()
    db.run(sql`CREATE TABLE ballast (bytes BLOB)`)
    db.run(sql`CREATE TRIGGER grow AFTER INSERT ON occurrences WHEN NEW.id > 10
      BEGIN INSERT INTO ballast VALUES (zeroblob(100000)); END`)
    const pages = Object.values(db.get(sql`PRAGMA page_count`) as object)[0]
    db.run(sql.raw(`PRAGMA max_page_count = ${pages}`)) // SQLITE_FULL after some were claimed
    await pass(minute)
    expect(traces(id)).toEqual([])
    expect(scheduler.status()).toMatchObject({ is_scheduling: false, problem: expect.stringContaining('disk is full') })
    db.run(sql.raw('PRAGMA max_page_count = 1000000'))
    await pass(1000)
    expect(scheduler.status()).toMatchObject({ is_scheduling: true, problem: null })
    expect(traces(id)).toMatchObject([{ state: 'started', runId: expect.any(Number) }])
  })

  test('as a run is started: that is tried again', async () => {
    const { schedule, scheduler, pass, traces, given, told } = createLab()
    const { id } = schedule()
    scheduler.start()
    given.refusal = locked
    await pass(minute)
    expect(traces(id)).toMatchObject([{ state: 'claimed', reason: expect.stringContaining('Another program holds') }])
    given.refusal = null
    await pass(5000)
    expect(traces(id)).toMatchObject([{ state: 'started', runId: 1 }])
    expect(told.missed).toEqual([])
  })

  test('as what became of it is noted: that is noted later, and the next one is not skipped for it', async () => {
    const { schedule, scheduler, pass, traces, end, db, told } = createLab()
    const { id } = schedule(withRetry)
    scheduler.start()
    await pass(minute)
    db.run(sql`PRAGMA query_only = ON`) // SQLITE_READONLY at each write
    end(1, 'failed')
    expect(traces(id)).toMatchObject([{ state: 'started', retryAt: null }])
    await pass(1000)
    db.run(sql`PRAGMA query_only = OFF`)
    await pass(1000)
    expect(traces(id)).toMatchObject([{ state: 'started', retryAt: noon + 2 * minute }])
    await pass(58_000)
    expect(told.ended).toEqual([])
    end(2)
    expect(told.ended).toMatchObject([{ id: 2 }])
    await pass(minute)
    expect(states(traces(id))).toEqual(['ran', 'skipped', 'started'])
  })
})

test('one that cannot be claimed for a fault of its own stops no others', async () => {
  const { schedule, scheduler, pass, traces, db } = createLab()
  const { id: bad } = schedule({ problems: { length: 1 } as never }) // of a row that somebody wrote by hand
  const { id } = schedule()
  scheduler.start()
  await pass(minute)
  expect([states(traces(bad)), states(traces(id))]).toEqual([[], ['started']])
  const row = db.select().from(schedules).where(eq(schedules.id, bad)).get()
  expect(row).toMatchObject({ nextAt: noon + minute, fireAt: noon + 2 * minute })
})

test('a zone that is not known here: its times are skipped, and it is told', async () => {
  const { schedule, scheduler, pass, traces, told } = createLab()
  const { id } = schedule({ timezone: 'Mars/Olympus' })
  scheduler.start()
  await pass(minute)
  await pass(minute)
  const reason = 'Its time zone "Mars/Olympus" is not known to this gateway: choose another one.'
  expect(traces(id).map((trace) => [trace.state, trace.reason])).toEqual(Array(2).fill(['skipped', reason]))
  expect(told.missed).toMatchObject([{ kind: 'broken', scheduleId: id, reason }])
})

describe('a further attempt', () => {
  test('that is refused ends what was tried: its run was the last one, and is told', async () => {
    const { schedule, scheduler, pass, traces, end, given, told, runs } = createLab()
    const { id } = schedule({ ...withRetry, timing: { kind: 'once', at: noon + minute } })
    scheduler.start()
    await pass(minute)
    end(1, 'failed')
    expect([told.ended, runs.get(1)?.retry_at]).toEqual([[], new Date(noon + 2 * minute).toISOString()])
    given.refusal = () => refusal('conflict', { 'content-location': '/api/runs/9' })
    await pass(minute)
    expect(traces(id)).toMatchObject([
      { state: 'ran', attempt: 1, runId: 1, reason: 'There was no further attempt: No room.' },
    ])
    expect(told.ended).toMatchObject([{ id: 1, retry_at: null }])
    expect(runs.get(1)?.retry_at).toBeNull()
  })

  test.each<[string, (lab: ReturnType<typeof createLab>, id: number) => void]>([
    [
      'is paused',
      ({ db, scheduler }, id) => {
        db.update(schedules).set({ enabled: false, nextAt: null, fireAt: null }).where(eq(schedules.id, id)).run()
        scheduler.changed([id])
      },
    ],
    [
      'is deleted',
      ({ db, scheduler }, id) => {
        db.delete(schedules).where(eq(schedules.id, id)).run()
        scheduler.changed([id])
      },
    ],
  ])('of a schedule that %s meanwhile is given up at once, and that is told', async (_, act) => {
    const lab = createLab()
    const { id } = lab.schedule(withRetry)
    lab.scheduler.start()
    await lab.pass(minute)
    lab.end(1, 'failed')
    act(lab, id)
    expect(lab.told.ended).toMatchObject([{ id: 1, status: 'failed', retry_at: null }])
    await lab.pass(5 * minute)
    expect(lab.runs.size).toBe(1)
  })

  test('of on_interrupt, and of that again, has no other one beside it', async () => {
    const { schedule, scheduler, pass, runs, restart, traces } = createLab()
    const { id } = schedule({ ...withRetry, timing: { kind: 'once', at: noon + minute } })
    scheduler.start()
    await pass(minute)
    const first = runs.get(1)!
    Object.assign(first, { status: 'interrupted', next_attempt_id: 2 })
    runs.set(2, { ...first, id: 2, attempt: 2, status: 'interrupted', first_attempt_id: 1, next_attempt_id: 3 })
    runs.set(3, { ...first, id: 3, attempt: 3, status: 'queued', first_attempt_id: 1, next_attempt_id: null })
    restart()
    await pass(10 * minute)
    expect(traces(id)).toMatchObject([{ state: 'started', runId: 3, attempt: 3, retryAt: null }])
    expect(runs.size).toBe(3)
  })

  test('waits no longer than its rule has it, when the clock was ahead', async () => {
    const { schedule, scheduler, pass, end, traces, time } = createLab()
    const { id } = schedule(withRetry)
    scheduler.start()
    await pass(minute)
    end(1, 'failed')
    time.now -= 365 * 24 * 60 * minute // uptime goes on
    await pass(1000)
    expect(traces(id)).toMatchObject([{ retryAt: time.now + minute }])
  })
})

test('a run that had ended when its gateway died is told of by the next one', async () => {
  const { schedule, scheduler, pass, runs, restart, told, traces } = createLab()
  const { id } = schedule()
  scheduler.start()
  await pass(minute)
  runs.get(1)!.status = 'failed'
  restart()
  await turn()
  expect(told.ended).toMatchObject([{ id: 1 }])
  expect(states(traces(id))).toEqual(['ran'])
})

test('what ended in another gateway holds up nothing', async () => {
  const { schedule, scheduler, pass, runs, traces, given } = createLab()
  const { id } = schedule()
  scheduler.start()
  await pass(minute)
  given.isOurs = false
  await pass(minute)
  runs.get(1)!.status = 'success' // there
  given.isOurs = true
  await pass(minute)
  expect(states(traces(id))).toEqual(['ran', 'skipped', 'started'])
})

describe('replace', () => {
  test('with misfire all the times run in their order, until the next one is due', async () => {
    const { schedule, scheduler, pass, traces, end } = createLab()
    const at = noon + 30 * minute
    const { id } = schedule({
      overlap: 'replace',
      misfire: 'all',
      timing: { kind: 'cron', cron: '10,20,30 * * * *' },
      nextAt: noon + 10 * minute,
      fireAt: noon + 10 * minute,
    })
    scheduler.start()
    await pass(35 * minute)
    expect(states(traces(id))).toEqual(['started', 'waiting', 'waiting'])
    end(1)
    await turn()
    expect(states(traces(id))).toEqual(['ran', 'started', 'waiting'])
    await pass(at + 40 * minute - noon - 35 * minute)
    expect(states(traces(id))).toEqual(['ran', 'ran', 'skipped', 'started'])
  })

  test('what was still being started does not go on beside the one that took its place', async () => {
    const { schedule, scheduler, pass, traces, given, runs } = createLab()
    const { id } = schedule({ overlap: 'replace' })
    scheduler.start()
    given.refusal = () => refusal('busy')
    await pass(minute)
    expect(states(traces(id))).toEqual(['claimed'])
    given.refusal = null
    await pass(minute)
    await pass(5000)
    expect(states(traces(id))).toEqual(['skipped', 'started'])
    expect(runs.size).toBe(1)
  })
})

test('what waits for an earlier run is skipped, and says why, when all schedules are paused meanwhile', async () => {
  const { schedule, scheduler, pass, traces, end, given } = createLab()
  const { id } = schedule({ overlap: 'queue' })
  scheduler.start()
  await pass(minute)
  await pass(minute)
  given.settings.schedules_paused = true
  end(1)
  expect(traces(id)).toMatchObject([{ state: 'ran' }, { state: 'skipped', reason: expect.stringContaining('paused') }])
})

test('what did not run while the clock was ahead runs when it is due again', async () => {
  const { schedule, scheduler, pass, traces, time, runs, end, store } = createLab()
  const at = noon + 10 * minute
  const { id } = schedule({ timing: { kind: 'once', at }, nextAt: at, fireAt: at })
  scheduler.start()
  await pass(5 * 60 * minute)
  expect(traces(id)).toMatchObject([{ state: 'missed' }])
  const setBack = async () => {
    time.now = noon
    await pass(1000)
    await eventually('its next time is put right', () => store.get(id)?.nextAt === at)
  }
  await setBack()
  await pass(10 * minute)
  expect(traces(id)).toMatchObject([{ state: 'started', dueAt: at, isSeen: false }])
  end(1)
  await setBack() // what ran has been
  await pass(20 * minute)
  expect([states(traces(id)), runs.size]).toEqual([['ran'], 1])
})

test('while many runs wait, what was missed waits in its row, one a second aside; what is due now does not', async () => {
  const { schedule, scheduler, pass, traces, given } = createLab()
  const old = { nextAt: noon - 5 * minute, fireAt: noon - 5 * minute }
  const missed = Array.from({ length: 5 }, () => schedule(old).id)
  const begun = () => missed.filter((id) => traces(id).some(({ state }) => state === 'started')).length
  const { id } = schedule()
  given.queued = 50
  scheduler.start()
  await turn()
  expect(begun()).toBe(1)
  await pass(500)
  expect(begun()).toBe(1)
  await pass(500)
  expect(begun()).toBe(2)
  await pass(59_000)
  expect(states(traces(id))).toEqual(['started'])
  given.queued = 0
  await pass(1000)
  expect(begun()).toBe(5)
})

test('of a schedule with overlap parallel whose runs do not end, a hundred are open', async () => {
  const { schedule, scheduler, pass, traces, runs } = createLab()
  const { id } = schedule({ overlap: 'parallel', timing: { kind: 'cron', cron: '* * * * * *' } })
  scheduler.start()
  await pass(minute)
  for (let second = 0; second < 101; second++) await pass(1000)
  expect(runs.size).toBe(100)
  expect(traces(id).at(-1)).toMatchObject({ state: 'skipped', reason: expect.stringContaining('100 occurrences') })
})

test('of a schedule that is due very often the newest ten thousand traces stay', async () => {
  const { schedule, scheduler, pass, db, traces } = createLab()
  const { id } = schedule()
  db.run(sql`INSERT INTO occurrences (schedule_id, script_id, due_at, claimed_at, state)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10300) SELECT ${id}, 1, i, ${noon}, 'ran' FROM n`)
  scheduler.start()
  await pass(minute)
  for (let look = 0; look < 3; look++) await pass(1000)
  const left = traces(id)
  expect([left.length, left.at(-1)?.state]).toEqual([10_000, 'started'])
})

describe('jitter', () => {
  const plan = {
    timing: { kind: 'cron', cron: '*/10 * * * *' },
    timezone: 'UTC',
    startsAt: null,
    endsAt: null,
  } as const
  test.each<[string, number | null, number, number | null]>([
    ['is a part of it', 5 * minute, 1, 5 * minute],
    ['ends before the next time', 60 * minute, 1, 10 * minute - 1],
    ['ends at the end of the schedule', 60 * minute, 1, 3 * minute],
    ['of nothing is nothing', 0, 1, 0],
  ])('%s', (name, jitterMs, dice, expected) => {
    const endsAt = name.includes('end of the schedule') ? noon + 3 * minute : null
    const fireAt = fireTime({ ...plan, endsAt }, noon, jitterMs!, () => dice * 0.999999999)
    expect(fireAt! - noon).toBe(expected!)
  })

  test('that is longer than the interval makes nothing late', async () => {
    const { schedule, scheduler, pass, traces, end, runs } = createLab()
    const { id } = schedule({ jitterMs: 60 * minute })
    scheduler.start()
    for (let half = 1; half <= 12; half++) {
      await pass(minute / 2)
      for (const run of runs.keys()) end(run)
    }
    expect(states(traces(id))).toEqual(['ran', 'ran', 'ran', 'ran', 'ran'])
  })
})

describe('the turn of what waits for a slot', () => {
  test('goes to the run that replaces it, and that one tells whose it has: somebody else may have replaced it', async () => {
    const { schedule, scheduler, pass, given, places } = createLab()
    schedule({ overlap: 'replace' })
    scheduler.start()
    given.status = 'queued'
    await pass(minute)
    await pass(minute)
    places.set(2, -5) // second_start has given it another one
    await pass(minute)
    expect([...places]).toEqual([
      [2, -5],
      [3, -5],
    ])
  })

  test('is not the turn of another attempt, nor of what replaces that', async () => {
    const { schedule, scheduler, pass, given, places, end } = createLab()
    schedule({ overlap: 'replace', ...withRetry, timing: { kind: 'cron', cron: '*/3 * * * *' } })
    scheduler.start()
    given.status = 'queued'
    await pass(minute) // run 1
    await pass(2 * minute) // run 2 has its turn
    end(2, 'failed')
    await pass(minute) // run 3, its second attempt
    await pass(2 * minute) // run 4
    expect([...places]).toEqual([
      [2, 1],
      [4, 3],
    ])
  })
})
