/** Deliveries: rows before anything is sent, tried again, held, joined, dropped. */
import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { eventually } from '../harness/folder.ts'
import { createLab, hour, min, sec, startAt } from './lab.ts'

describe('a receiver that takes it', () => {
  test('gets a message with its facts, and the delivery says so', async () => {
    const lab = await createLab()
    lab.script('backup')
    lab.rule(lab.channel(), { events: ['failure'] })
    lab.parts.start()
    const run = lab.finish({ stderr: 'a\nno space left\n' })
    expect(lab.states()).toEqual(['pending']) // at once, and nothing was sent in the turn of the run's end
    expect(lab.receiver.requests).toHaveLength(0)
    await lab.become('sent')
    const [request] = lab.receiver.requests
    expect(JSON.parse(request!.body)).toMatchObject({
      ...{ event: 'failure', title: 'backup.py failed', url: `http://gateway.test/executions/${run.id}` },
      data: {
        script: 'backup.py',
        run_id: run.id,
        exit_code: 3,
        duration: '1.4 s',
        duration_ms: 1400,
        schedule_id: null,
        stderr: 'a\nno space left',
      },
    })
    expect(lab.listed()[0]).toMatchObject({
      ...{ event: 'failure', status: 200, answer: 'ok', problem: null, attempts: 1, next_at: null, run_id: run.id },
      finished_at: new Date(startAt).toISOString(),
    })
  })

  test('gets the texts of the rule, with what stands for facts', async () => {
    const lab = await createLab()
    lab.script('backup')
    lab.rule(lab.channel(), { title: '{{script}}: {{status}}', body: '{{reason}}{{stderr}} {{exit_code}}' })
    lab.parts.start()
    lab.finish({ stderr: '{{script}}' })
    await lab.become('sent')
    expect(lab.listed()[0]).toMatchObject({ title: 'backup.py: failed', body: '{{script}} 3' })
  })
})

test('of a coloured error output behind a progress bar, what a terminal shows in the end is told', async () => {
  const lab = await createLab()
  lab.script('backup')
  lab.rule(lab.channel(), { body: '{{stderr}}' })
  lab.parts.start()
  const bar = Array.from({ length: 101 }, (_, percent) => `${percent}%|##########|`).join('\r')
  lab.finish({ stderr: `\x1b[1mcopying\x1b[0m\r\n${bar}\n\x1b[31mno space left\x1b[0m\n` })
  await lab.become('sent')
  expect(lab.listed()[0]!.body).toBe('copying\n100%|##########|\nno space left')
})

describe('a receiver that fails', () => {
  test('is tried again later and later, with the same webhook-id, and given up in the end', async () => {
    const lab = await createLab()
    lab.script('a')
    lab.rule(lab.channel('error'))
    lab.parts.start()
    lab.finish()
    const delays: number[] = []
    for (let attempt = 1; attempt < 8; attempt++) {
      const { next_at, state, problem } = await lab.tried(attempt)
      expect([state, problem]).toEqual(['pending', expect.stringContaining('500')])
      const delay = Date.parse(next_at!) - lab.clock.now()
      delays.push(delay / sec)
      lab.pass(delay - 1)
      await Bun.sleep(0)
      expect(lab.receiver.requests).toHaveLength(attempt)
      lab.pass(1)
    }
    expect(delays).toEqual([5, 30, 120, 600, 3600, 10_800, 21_600])
    expect(await lab.tried(8)).toMatchObject({
      state: 'failed',
      next_at: null,
      problem: expect.stringMatching(/8 tries\.$/),
    })
    expect(new Set(lab.receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  })

  test.each([
    ['unavailable', 120],
    ['too_many', 7],
    ['closes', 5],
  ])('%s: is tried again after %p s', async (path, delay) => {
    const lab = await createLab()
    lab.script('a')
    lab.rule(lab.channel(path))
    lab.parts.start()
    lab.finish()
    const { next_at } = await lab.tried(1)
    expect(Date.parse(next_at!) - startAt).toBe(delay * sec)
  })

  test.each(['not_found', 'gone', 'to_metadata', 'found'])('%s: is final', async (path) => {
    const lab = await createLab()
    lab.script('a')
    lab.rule(lab.channel(path))
    lab.parts.start()
    lab.finish()
    await lab.become('failed')
    expect(lab.listed()[0]).toMatchObject({ attempts: 1, problem: expect.stringMatching(/./) })
  })

  test('holds up no other one, and eight that say nothing hold up nobody for long', async () => {
    const lab = await createLab({ settings: { notify_timeout_sec: 0.3 } })
    lab.script('a')
    for (let n = 0; n < 9; n++) lab.rule(lab.channel('silent', `silent ${n}`))
    lab.rule(lab.channel('ok'))
    lab.parts.start()
    lab.finish()
    await eventually('the tenth is told', () => lab.listed().at(-1)?.state === 'sent')
    await eventually('all were tried', () => lab.listed().every(({ attempts }) => attempts === 1))
    // From now on those nine take half of the places at most.
    lab.finish()
    lab.pass(30 * sec)
    await eventually('it is told again', () => lab.listed().at(-1)?.state === 'sent')
    expect(lab.listed().filter(({ state }) => state === 'pending')).toHaveLength(18)
  })

  test('gets what waits in its order, one at a time, once it is back', async () => {
    const lab = await createLab()
    lab.script('a')
    lab.rule(lab.channel('hook'))
    lab.receiver.mode = 'error'
    lab.parts.start()
    const runs = [lab.finish(), lab.finish(), lab.finish()]
    await eventually('the first was tried', () => lab.listed()[0]?.attempts === 1)
    lab.receiver.mode = 'ok'
    lab.pass(5 * sec)
    await lab.become('sent', 'sent', 'sent')
    const order = lab.receiver.requests.map(({ body }) => JSON.parse(body).data.run_id)
    expect(order).toEqual([runs[0]!.id, runs[0]!.id, runs[1]!.id, runs[2]!.id])
  })
})

describe('what becomes of a channel', () => {
  test('disabled: its deliveries say so; enabled and redelivered, they arrive', async () => {
    const lab = await createLab()
    lab.script('a')
    const channel = lab.channel()
    lab.rule(channel)
    lab.notifications.updateChannel(channel, { enabled: false })
    lab.parts.start()
    lab.finish()
    await lab.become('failed')
    const [delivery] = lab.listed()
    expect(delivery!.problem).toContain('disabled')
    expect(() => lab.notifications.redeliver(delivery!.id)).toThrow('disabled')
    lab.notifications.updateChannel(channel, { enabled: true })
    expect(lab.notifications.redeliver(delivery!.id)).toMatchObject({ redelivery_of: delivery!.id, state: 'pending' })
    await lab.become('failed', 'sent')
  })

  test('deleted: what waited goes with it', async () => {
    const lab = await createLab()
    lab.script('a')
    const channel = lab.channel()
    lab.rule(channel)
    lab.finish()
    lab.notifications.removeChannel(channel)
    lab.parts.start()
    lab.finish()
    expect(lab.listed()).toEqual([])
  })
})

describe('quiet hours', () => {
  test('what comes in them is told together at their end; one alone as it is', async () => {
    const lab = await createLab()
    lab.script('a')
    lab.rule(lab.channel(), { quiet_hours: { from: '14:00', to: '16:00' }, timezone: 'Europe/Berlin' }) // 12:00 to 14:00 UTC
    lab.parts.start()
    for (const n of [1, 2, 3]) {
      lab.finish({ status: n === 2 ? 'success' : 'failed' })
      lab.pass(10 * min)
    }
    expect(lab.states()).toEqual(['held', 'held', 'held'])
    expect(lab.listed()[0]!.next_at).toBe('2026-06-01T14:00:00.000Z')
    lab.pass(90 * min - 1)
    expect(lab.states()).toEqual(['held', 'held', 'held'])
    lab.pass(1)
    await lab.become('joined', 'joined', 'joined', 'sent')
    expect(lab.listed().at(-1)).toMatchObject({
      ...{ event: 'summary', title: '2 failed, 1 succeeded: 3 notifications between 14:00 and 16:00 CEST' },
      script_id: 1,
      body: '14:00 CEST a.py failed\n14:20 CEST a.py failed\n14:10 CEST a.py succeeded',
    })
    lab.pass(22 * hour + min)
    lab.finish()
    lab.pass(2 * hour)
    await lab.become('joined', 'joined', 'joined', 'sent', 'sent')
    expect(lab.listed().at(-1)).toMatchObject({ title: 'a.py failed' })
    expect(lab.receiver.requests).toHaveLength(2)
  })

  test('what went wrong is told first, however much went well; both zones are named where clocks were changed', async () => {
    const lab = await createLab()
    const script = lab.script('a')
    const night = { quiet_hours: { from: '22:00', to: '07:00' }, timezone: 'Europe/Berlin' }
    lab.rule(lab.channel(), { events: ['always', 'missed'], ...night })
    lab.parts.start()
    lab.pass(Date.parse('2027-03-27T21:30Z') - startAt)
    for (let n = 0; n < 21; n++) lab.finish({ status: 'success' })
    const about = { scheduleId: 1, scriptId: script, dueAt: lab.clock.now(), reason: 'x' }
    lab.notify.missed({ ...about, kind: 'missed', count: 3 })
    lab.notify.missed({ ...about, kind: 'not_started', count: 1 })
    for (const status of ['cancelled', 'timeout', 'failed'] as const) lab.finish({ status })
    lab.pass(8 * hour)
    await eventually('they are told as one', () => lab.listed().at(-1)?.event === 'summary')
    const { title, body } = lab.listed().at(-1)!
    expect(title).toBe(
      '1 failed, 1 timed out, 1 not started, 1 missed, 1 cancelled, 21 succeeded: 26 notifications between 22:30 CET and 07:30 CEST',
    )
    expect(body.split('\n').slice(0, 5)).toEqual([
      '22:30 CET a.py was missed 3 times',
      '22:30 CET a.py: schedule 1 could not be started',
      '22:30 CET a.py was stopped at its time limit',
      '22:30 CET a.py failed',
      '22:30 CET a.py succeeded',
    ])
    expect(body).toEndWith('succeeded\n… and 6 more')
  })

  test('in the night that is an hour shorter end by the clock', async () => {
    const lab = await createLab()
    lab.script('a')
    lab.rule(lab.channel(), { quiet_hours: { from: '22:00', to: '07:00' }, timezone: 'Europe/Berlin' })
    lab.pass(Date.parse('2027-03-27T23:00:00Z') - startAt)
    lab.finish()
    expect(lab.listed()[0]!.next_at).toBe('2027-03-28T05:00:00.000Z')
  })

  test('taken away, what is held is told at once', async () => {
    const lab = await createLab()
    lab.script('a')
    const rule = lab.rule(lab.channel(), { quiet_hours: { from: '11:00', to: '13:00' } })
    lab.parts.start()
    lab.finish()
    lab.finish()
    expect(lab.states()).toEqual(['held', 'held'])
    lab.notifications.updateRule(rule, { quiet_hours: null })
    await lab.become('joined', 'joined', 'sent')
  })

  test('of a rule that is deleted hold nothing back', async () => {
    const lab = await createLab()
    lab.script('a')
    const rule = lab.rule(lab.channel(), { quiet_hours: { from: '11:00', to: '13:00' } })
    lab.parts.start()
    lab.finish()
    lab.notifications.removeRule(rule)
    await lab.become('sent')
  })
})

test('over the limit of an hour it is told together later, never more than that in any hour', async () => {
  const lab = await createLab()
  lab.script('a')
  lab.rule(lab.channel(), { max_per_hour: 2 })
  lab.parts.start()
  for (let n = 0; n < 6; n++) {
    lab.finish()
    lab.pass(5 * min)
  }
  await lab.become('sent', 'sent', 'held', 'held', 'held', 'held')
  expect(lab.listed()[2]!.next_at).toBe('2026-06-01T13:00:00.000Z')
  lab.pass(30 * min)
  await eventually('the four are told as one', () => lab.listed().at(-1)?.state === 'sent')
  expect(lab.listed().at(-1)).toMatchObject({ title: '4 failed: 4 notifications between 12:10 and 13:00 UTC' })
  lab.finish() // of the hour before 13:00 there are 12:05 and 13:00
  expect(lab.listed().at(-1)).toMatchObject({ state: 'held', next_at: '2026-06-01T13:05:00.000Z' })
})

test('an hour that ends in quiet hours ends with them', async () => {
  const lab = await createLab()
  lab.script('a')
  lab.rule(lab.channel(), { max_per_hour: 1, quiet_hours: { from: '12:30', to: '15:00' } })
  lab.parts.start()
  lab.finish()
  lab.finish()
  expect(lab.listed()[1]!.next_at).toBe('2026-06-01T13:00:00.000Z')
  lab.pass(hour)
  await eventually('it is held on', () => lab.listed()[1]!.next_at === '2026-06-01T15:00:00.000Z')
  lab.pass(2 * hour)
  await lab.become('sent', 'sent')
})

test('too many that wait are dropped with one line, and counted', async () => {
  const lines: unknown[] = []
  const log = { error: (...line: unknown[]) => lines.push(line), warn() {}, debug() {}, info() {} }
  const lab = await createLab({ waitingMax: 12, log: log as never })
  lab.script('a')
  lab.rule(lab.channel())
  for (let n = 0; n < 6; n++) lab.finish()
  expect(lab.states()).toHaveLength(3) // of one channel a quarter
  expect(lines).toHaveLength(1)
  lab.parts.start()
  await lab.become('sent', 'sent', 'sent')
  lab.pass(sec)
  lab.finish()
  await lab.become('sent', 'sent', 'sent', 'sent')
})

test('while the database cannot be written, what is told waits in memory', async () => {
  const lab = await createLab({ retryMs: 5, isOnDisk: true })
  lab.script('a')
  lab.rule(lab.channel())
  const runs = [lab.ended(), lab.ended()]
  const other = new Database(lab.file)
  other.run('BEGIN IMMEDIATE')
  for (const run of runs) lab.notify.runFinished(run)
  expect(lab.listed()).toEqual([])
  other.run('COMMIT')
  other.close()
  lab.parts.start()
  await lab.become('sent', 'sent')
  expect(lab.listed().map(({ run_id }) => run_id)).toEqual(runs.map(({ id }) => id))
})

test('on a disk that is full too, and what became of a delivery is stored when there is room again', async () => {
  const lab = await createLab({ retryMs: 5 })
  lab.script('a')
  lab.rule(lab.channel(), { body: 'x'.repeat(4000) })
  const runs = [lab.ended(), lab.ended(), lab.ended()]
  lab.db.$client.run('PRAGMA max_page_count = 1') // no more than there are
  for (const run of runs) lab.notify.runFinished(run)
  expect(lab.listed().length).toBeLessThan(3)
  lab.parts.start()
  lab.db.$client.run('PRAGMA max_page_count = 1000000')
  await lab.become('sent', 'sent', 'sent')
  expect(lab.listed().map(({ run_id }) => run_id)).toEqual(runs.map(({ id }) => id))
})

test('told inside of a transaction that is taken back, it is taken back too', async () => {
  const lab = await createLab()
  lab.script('a')
  lab.rule(lab.channel())
  const run = lab.ended()
  lab.parts.start()
  expect(() =>
    lab.db.transaction(() => {
      lab.notify.runFinished(run)
      expect(lab.states()).toEqual(['pending'])
      throw new Error('taken back')
    }),
  ).toThrow('taken back')
  expect(lab.listed()).toEqual([])
})

describe('heartbeats', () => {
  test('go to the address and below it, in their order, and nobody reads the address', async () => {
    const lab = await createLab()
    lab.script('a')
    lab.parts.start()
    const run = lab.ended({ status: 'success' })
    const url = lab.receiver.url('ok/secret-uuid?rid=1')
    for (const signal of ['start', 'success', 'fail'] as const) lab.notify.heartbeat(signal, { url, run })
    await lab.become('sent', 'sent', 'sent')
    expect(lab.receiver.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /ok/secret-uuid/start?rid=1',
      'GET /ok/secret-uuid?rid=1',
      'GET /ok/secret-uuid/fail?rid=1',
    ])
    expect(JSON.stringify(lab.listed())).not.toContain('secret-uuid')
    expect(JSON.stringify(lab.db.$client.query('SELECT * FROM deliveries').all())).not.toContain('secret-uuid')
    expect(() => lab.notifications.redeliver(lab.listed()[0]!.id)).toThrow('true any more')
  })

  test('are tried for ten minutes, and not where a newer one says more', async () => {
    const lab = await createLab()
    lab.script('a')
    lab.parts.start()
    const target = { url: lab.receiver.url('error'), run: lab.ended({ status: 'success' }) }
    lab.notify.heartbeat('start', target)
    await lab.tried(1)
    lab.notify.heartbeat('success', target)
    lab.pass(5 * sec)
    await eventually('the start is given up', () => lab.listed()[0]?.state === 'failed')
    expect(lab.listed()[0]!.problem).toContain('newer')
    for (let tries = lab.listed()[1]!.attempts; lab.listed()[1]!.state === 'pending'; tries++) {
      lab.pass(Math.max(Date.parse(lab.listed()[1]!.next_at!) - lab.clock.now(), min)) // no pause is longer
      await eventually('another try', () => lab.listed()[1]!.attempts > tries)
    }
    expect(lab.listed()[1]!.state).toBe('failed')
    expect(lab.clock.now() - startAt).toBeLessThanOrEqual(12 * min)
  })

  test.each<[string, signals: ('start' | 'success' | 'fail')[], sent: string[]]>([
    ['of those that say the same the newest', ['success', 'success', 'success'], ['']],
    ['a failure before the success that followed', ['fail', 'success', 'fail', 'success'], ['/fail', '']],
    ['a success before the failure that followed', ['success', 'fail', 'success', 'fail'], ['', '/fail']],
    ['no start of what has ended', ['start', 'fail', 'start', 'fail'], ['/fail']],
    ['an end before the start that followed', ['start', 'success', 'start'], ['', '/start']],
  ])('behind a dead receiver it is told, once it lives, %s', async (_what, signals, sent) => {
    const lab = await createLab()
    lab.script('a')
    lab.parts.start()
    const target = { url: lab.receiver.url('check'), run: lab.ended({ status: 'success' }) }
    lab.receiver.mode = 'error'
    const [first, ...rest] = signals
    lab.notify.heartbeat(first!, target)
    await lab.tried(1)
    for (const signal of rest) lab.notify.heartbeat(signal, target)
    lab.receiver.mode = 'ok'
    lab.pass(5 * sec) // the pause is over
    await eventually('none waits', () => !lab.states().includes('pending'))
    const asked = lab.receiver.requests.slice(1).map(({ path }) => path.replace('/check', ''))
    expect(asked).toEqual(sent)
    expect(lab.listed().filter(({ state }) => state === 'sent')).toHaveLength(sent.length)
    expect(lab.listed().find(({ state }) => state === 'failed')?.problem ?? 'newer').toContain('newer')
  })

  test('are told in their order, though the later one is due first', async () => {
    const lab = await createLab()
    lab.script('a')
    lab.parts.start()
    const target = { url: lab.receiver.url('check'), run: lab.ended({ status: 'success' }) }
    lab.receiver.mode = 'error'
    lab.notify.heartbeat('fail', target)
    for (let tries = 1; tries <= 5; tries++) {
      await lab.tried(tries)
      if (tries < 5) lab.pass(min)
    }
    lab.notify.heartbeat('success', target) // due when the pause of a minute is over, the other one after two
    lab.receiver.mode = 'ok'
    lab.rule(lab.channel())
    lab.pass(min + sec)
    lab.finish()
    await eventually('another one is sent', () => lab.states()[2] === 'sent')
    lab.pass(min)
    await eventually('all are', () => lab.states().every((state) => state === 'sent'))
    const asked = lab.receiver.requests.slice(5).flatMap(({ path }) => (path.startsWith('/check') ? [path] : []))
    expect(asked).toEqual(['/check/fail', '/check'])
  })

  test.each(['success', 'fail'] as const)('that are new wait for no more than the pause: a %s', async (signal) => {
    const lab = await createLab()
    lab.script('a')
    lab.parts.start()
    const target = { url: lab.receiver.url('check'), run: lab.ended({ status: 'success' }) }
    lab.receiver.mode = 'error'
    lab.notify.heartbeat('success', target)
    for (let tries = 1; tries <= 6; tries++) {
      await lab.tried(tries)
      if (tries < 6)
        lab.pass(tries < 5 ? min : 2 * min) // the seventh try comes after four
      else expect(Date.parse(lab.listed()[0]!.next_at!)).toBeGreaterThan(lab.clock.now() + 3 * min)
    }
    lab.receiver.mode = 'ok'
    lab.pass(min)
    lab.notify.heartbeat(signal, target)
    await eventually('it is sent', () => lab.states()[1] === 'sent')
    expect(lab.states()[0]).toBe(signal === 'success' ? 'failed' : 'sent')
  })

  test('that are said again do not wait for the end of a pause: there is no room for a day of them', async () => {
    const lab = await createLab()
    lab.script('a')
    lab.parts.start()
    const target = { url: lab.receiver.url('too_many_for_ever'), run: lab.ended({ status: 'success' }) }
    lab.notify.heartbeat('success', target)
    await lab.tried(1)
    for (let i = 0; i < 5; i++) {
      lab.notify.heartbeat('success', target)
      lab.pass(3 * sec)
    }
    lab.notify.heartbeat('success', target)
    await lab.become('failed', 'failed', 'failed', 'failed', 'failed', 'failed', 'pending')
    expect(lab.receiver.requests).toHaveLength(1)
  })

  test.each([
    ['were tried', 1],
    ['were to be sent', 0],
  ])('of a clock that was ahead, which %s then, hold up nothing', async (_what, tries) => {
    const lab = await createLab()
    lab.script('a')
    const target = { url: lab.receiver.url('check'), run: lab.ended({ status: 'success' }) }
    lab.receiver.mode = 'error'
    lab.pass(9000 * hour)
    if (tries > 0) lab.parts.start()
    lab.notify.heartbeat('fail', target)
    await lab.tried(tries)
    lab.pass(-9000 * hour)
    lab.receiver.mode = 'ok'
    if (tries === 0) lab.parts.start()
    lab.notify.heartbeat('success', target)
    await lab.become('failed', 'sent')
    expect(lab.receiver.requests.slice(tries).map(({ path }) => path)).toEqual(['/check'])
  })

  test('that waited too long are not sent at all', async () => {
    const lab = await createLab()
    lab.script('a')
    lab.notify.heartbeat('success', { url: lab.receiver.url('ok'), run: lab.ended({ status: 'success' }) })
    lab.pass(11 * min)
    lab.parts.start()
    await lab.become('failed')
    expect(lab.receiver.requests).toEqual([])
  })
})

describe('what did not run', () => {
  /** Number 1, on the clock of New York. */
  const withSchedule = async () => {
    const lab = await createLab()
    const scriptId = lab.script('slow')
    lab.db.$client.run(
      `INSERT INTO schedules (script_id, expression, timing, timezone, params, sealed_params, misfire, misfire_window_ms, misfire_max,
      overlap, created_at, updated_at) VALUES (?, '@daily', '{}', 'America/New_York', '{}', x'00', 'once', 1, 1, 'skip', 1, 1)`,
      [scriptId],
    )
    lab.parts.start()
    return { lab, scriptId, about: { scheduleId: 1, scriptId, dueAt: startAt, reason: 'x' } }
  }

  test('is told on the clock of its schedule, with its page; programs get UTC', async () => {
    const { lab, about } = await withSchedule()
    lab.rule(lab.channel(), { events: ['missed'] })
    lab.notify.missed({ ...about, kind: 'missed', count: 3, lastDueAt: startAt + 48 * hour, reason: 'It was down.' })
    await lab.become('sent')
    expect(JSON.parse(lab.receiver.requests[0]!.body)).toMatchObject({
      title: 'slow.py was missed 3 times',
      body: 'It was first due Mon 1 Jun 2026 08:00 EDT, and last Wed 3 Jun 2026 08:00 EDT. It was down. Schedule: @daily.',
      url: 'http://gateway.test/scripts/1/schedules/1',
      data: {
        ...{ status: 'missed', missed_count: 3, schedule_id: 1, run_id: null, timezone: 'America/New_York' },
        ...{ due_at: '2026-06-01T12:00:00.000Z', last_due_at: '2026-06-03T12:00:00.000Z' },
      },
    })
  })

  test.each([
    ['broken', ['missed']],
    ['not_started', ['missed', 'failure', 'first_failure']],
    ['missed', ['missed']],
  ] as const)('%s is told to rules on %j', async (kind, events) => {
    const { lab, about } = await withSchedule()
    for (const event of ['missed', 'failure', 'first_failure', 'always', 'recovery'] as const)
      lab.rule(lab.channel('ok', event), { events: [event] })
    lab.notify.missed({ ...about, kind, count: 1 })
    expect(lab.listed().map(({ event }) => event)).toEqual([...events])
  })

  test('what cannot be started again and again is no first failure again', async () => {
    const { lab, about, scriptId } = await withSchedule()
    lab.rule(lab.channel(), { events: ['first_failure'] })
    lab.db.$client.run(
      `INSERT INTO occurrences (schedule_id, script_id, due_at, claimed_at, state) VALUES (1, ?, ?, 1, 'failed')`,
      [scriptId, startAt - hour],
    )
    lab.notify.missed({ ...about, kind: 'not_started', count: 1 })
    expect(lab.listed()).toEqual([])
  })
})

test('a first failure says whether it ever worked', async () => {
  const lab = await createLab()
  lab.script('a')
  lab.rule(lab.channel(), { events: ['first_failure'] })
  for (const status of ['failed', 'success', 'failed'] as const) {
    lab.finish({ status })
    lab.pass(sec)
  }
  expect(lab.listed().map(({ title }) => title)).toEqual([
    'a.py failed, the first time it ran',
    'a.py failed, for the first time since it worked',
  ])
})

describe('NOTIFY_URL', () => {
  test('is told what notify_on names, of all scripts that are not muted', async () => {
    const lab = await createLab({ settings: { notify_on: ['failure', 'missed'] } })
    lab.settings.notify_url = lab.receiver.url('ok/hook')
    const [a, b] = [lab.script('a'), lab.script('b')]
    lab.notifications.setMuted(b, true)
    expect(lab.notifications.ofNotifyUrl()).toEqual({ last: null, waiting: 0, warnings: [] })
    lab.parts.start()
    lab.finish({ scriptId: a, status: 'success' })
    lab.finish({ scriptId: b })
    lab.finish({ scriptId: a })
    lab.notify.missed({
      kind: 'missed',
      scheduleId: 1,
      scriptId: a,
      dueAt: startAt,
      count: 3,
      reason: 'The gateway was not there.',
    })
    await lab.become('sent', 'sent')
    const bodies = lab.receiver.requests.map(({ body }) => JSON.parse(body))
    expect(bodies).toEqual([
      { title: 'a.py failed', body: expect.stringContaining('/executions/'), group: 'ScriptGateway' },
      { title: 'a.py was missed 3 times', body: expect.stringContaining('not there'), group: 'ScriptGateway' },
    ])
  })

  test('taken away, what waits says so', async () => {
    const lab = await createLab()
    lab.settings.notify_url = lab.receiver.url('ok')
    lab.script('a')
    lab.finish()
    lab.settings.notify_url = ''
    lab.parts.start()
    await lab.become('failed')
    expect(lab.listed()[0]!.problem).toContain('NOTIFY_URL')
    const { last, waiting } = lab.notifications.ofNotifyUrl()
    expect([last?.state, last?.problem, waiting]).toEqual(['failed', lab.listed()[0]!.problem, 0])
    const refused = await lab.notifications.testNotifyUrl().catch((error: Error) => error.message)
    expect(refused).toContain('not set')
  })
})

describe('a test', () => {
  test('goes out at once, past everything, and says what came of it', async () => {
    const lab = await createLab()
    const [good, bad] = [lab.channel('ok'), lab.channel('error')]
    lab.notifications.updateChannel(good, { enabled: false })
    expect(await lab.notifications.testChannel(good)).toMatchObject({ event: 'test', state: 'sent', status: 200 })
    expect(await lab.notifications.testChannel(bad)).toMatchObject({
      ...{ state: 'failed', status: 500, next_at: null, attempts: 1 },
      problem: expect.stringContaining('500'),
    })
  })
})
