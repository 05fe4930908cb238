/** A run as it is followed: nothing lost, nothing twice, on both kinds of line. */
import { describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventStream } from '../../src/http/sse.ts'
import { javascriptScript, pythonScript, startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { type FollowOptions, followEvents, followSocket, linesOf, namesOf } from './follower.ts'
import { type Answer, json, post } from './formats.ts'

/** Prints a line whenever the test makes its file, and ends with the last. */
const stepwise = `const { existsSync } = require('node:fs')
${javascriptScript(
  { dir: { type: 'str' }, steps: { type: 'int' } },
  `const [dir, steps] = [args[1], Number(args[3])]
for (let i = 1; i <= steps; i++) {
  while (!existsSync(dir + '/' + i)) Bun.sleepSync(2)
  ;(i % 3 ? console.log : console.error)('line ' + i + ' ż')
}`,
).replace('export default', 'module.exports =')}`
const gateway = await startApp({
  'js/stepwise.js': stepwise,
  'js/many.js': javascriptScript(
    { count: { type: 'int', default: 2000 } },
    "for (let i = 1; i <= Number(args[1]); i++) console.log('line ' + i)",
  ),
  'js/mixed.js': javascriptScript({}, "console.log('out'); console.error('err'); process.stdout.write('no newline')"),
  'js/silent.js': javascriptScript({}, ''),
  'python/fail.py': pythonScript({}, 'print("one", flush=True); sys.exit(2)'),
  'python/sleep.py': pythonScript({}, 'print("asleep", flush=True); time.sleep(60)'),
})
let runs = 0

/** A run that prints when it is told to. */
async function begin(steps: number) {
  const dir = join(gateway.scriptsDir, 'js', `_${++runs}`) // a confined script sees its own folder
  await Bun.$`mkdir ${dir}`
  const { body } = await post(gateway, 'stepwise', { dir, steps }, { prefer: 'respond-async' })
  return {
    id: body.run_id,
    print: (step: number) => writeFileSync(join(dir, String(step)), ''),
    all() {
      for (let step = 1; step <= steps; step++) this.print(step)
    },
  }
}
const start = async (slug: string, values: unknown = {}) =>
  (await post(gateway, slug, values, { prefer: 'respond-async' })).body.run_id
const hasLines = (count: number): FollowOptions => ({ isEnough: (received) => linesOf(received).length >= count })
const texts = (received: Parameters<typeof linesOf>[0]) => linesOf(received).map(({ seq, line }) => `${seq} ${line}`)
const expected = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `${from + i} line ${from + i} ż`)

describe('refused', () => {
  test.each([
    ['/api/runs/9999/events', 404],
    ['/api/runs/0/events', 422],
    ['/api/runs/x/events', 422],
    ['/ws/runs/9999', 404],
    ['/ws/runs/x', 422],
  ])('%s: %d', async (path, status) => {
    const { body, ...answer } = await gateway.json<Answer>(path, {
      headers: path.startsWith('/ws')
        ? {
            connection: 'Upgrade',
            upgrade: 'websocket',
            'sec-websocket-version': '13',
            'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          }
        : {},
    })
    expect([answer.status, body.status]).toEqual([status, 'error'])
  })

  test('a page of another site gets no socket', async () => {
    const id = await start('silent')
    const address = `${gateway.url.replace('http', 'ws')}/ws/runs/${id}`
    const code = await new Promise((resolve) => {
      const socket = new WebSocket(address, { headers: { origin: 'https://evil.example' } } as unknown as string[])
      socket.onopen = () => resolve('open')
      socket.onerror = () => resolve('refused')
    })
    expect(code).toBe('refused')
  })
})

describe('events', () => {
  test('come in order, with ids, as the lines are printed', async () => {
    const run = await begin(3)
    const following = followEvents(gateway, run.id)
    for (let step = 1; step <= 3; step++) {
      run.print(step)
      await followEvents(gateway, run.id, hasLines(step))
    }
    const received = await following
    expect(namesOf(received)).toEqual([
      'execution_started',
      ...Array.from({ length: received.length - 2 }, () => 'log_output'),
      'execution_finished',
    ])
    expect(texts(received)).toEqual(expected(1, 3))
    expect(linesOf(received).map(({ stream }) => stream)).toEqual(['stdout', 'stdout', 'stderr'])
    for (const { id, event, data } of received)
      if (event === 'log_output') expect(id).toBe(`${data.lines!.at(-1)!.seq}`)
    expect(received[0]!.data).toMatchObject({ id: run.id, status: 'running' })
    expect(received.at(-1)).toMatchObject({ id: '3.end', data: { id: run.id, status: 'success' } })
  })

  test('of a failure: the error, and then the end', async () => {
    const received = await followEvents(gateway, await start('fail'))
    expect(received.map(({ id, event }) => `${id} ${event}`)).toEqual([
      '0 execution_started',
      '1 log_output',
      '1.error execution_error',
      '1.end execution_finished',
    ])
    expect(received.at(-1)!.data).toMatchObject({ status: 'failed', exit_code: 2 })
  })

  test('of a run that prints nothing; of one that was cancelled', async () => {
    expect(namesOf(await followEvents(gateway, await start('silent')))).toEqual([
      'execution_started',
      'execution_finished',
    ])
    const id = await start('sleep')
    const following = followEvents(gateway, id)
    await followEvents(gateway, id, hasLines(1))
    await gateway.fetch(`/api/runs/${id}/cancel`, { method: 'POST' })
    expect(namesOf(await following).slice(-2)).toEqual(['execution_error', 'execution_finished'])
  })

  test('a last line without its end is a line; both streams are there', async () => {
    const received = await followEvents(gateway, await start('mixed'))
    const all = linesOf(received).map(({ stream, line }) => `${stream} ${line}`)
    expect(all.sort()).toEqual(['stderr err', 'stdout no newline', 'stdout out'])
    expect(linesOf(received).every(({ ts }) => !Number.isNaN(Date.parse(ts)))).toBe(true)
  })

  test('of a queued run: begin when it begins', async () => {
    const set = (value: unknown) => gateway.json('/api/settings', { ...json(value), method: 'PUT' })
    await set({ run_slots: 1 })
    const [first, second] = [await begin(1), await begin(1)]
    second.all()
    const following = followEvents(gateway, second.id)
    first.all()
    const received = await following
    await set({ run_slots: null })
    expect([namesOf(received)[0], namesOf(received).at(-1)]).toEqual(['execution_started', 'execution_finished'])
    expect(texts(received)).toEqual(expected(1, 1))
  })

  test('two thousand lines, fast and complete, to twenty followers', async () => {
    const begun = performance.now()
    const id = await start('many')
    const all = await Promise.all(Array.from({ length: 20 }, () => followEvents(gateway, id)))
    for (const received of all)
      expect(linesOf(received).map(({ seq, line }) => line === `line ${seq}`)).toEqual(Array(2000).fill(true))
    expect(performance.now() - begun).toBeLessThan(5000)
  })
})

describe('resuming', () => {
  const steps = 7
  test('at every position while it runs, and after it: nothing lost, nothing twice', async () => {
    const run = await begin(steps)
    const resumed = Array.from({ length: steps + 1 }, async (_, position) => {
      await eventually(`line ${position}`, async () => {
        const log = await (await gateway.fetch(`/api/runs/${run.id}/logs`)).text()
        return log.split('\n').length - 1 >= position
      })
      const following = followEvents(gateway, run.id, { lastEventId: String(position) })
      if (position < steps) run.print(position + 1)
      return following
    })
    const live = await Promise.all(resumed)
    for (const [position, received] of live.entries()) {
      expect(texts(received)).toEqual(expected(position + 1, steps))
      expect(namesOf(received)).not.toContain('execution_started')
    }
    for (let position = 0; position <= steps; position++)
      for (const options of [{ lastEventId: String(position) }, { after: String(position) }]) {
        const received = await followEvents(gateway, run.id, options)
        expect(texts(received)).toEqual(expected(position + 1, steps))
        expect(received.at(-1)!.id).toBe(`${steps}.end`)
      }
  })

  test('204 after the end, and before the very last event of a failure only that', async () => {
    const id = await start('fail')
    await gateway.finished(id)
    for (const headers of [{ 'last-event-id': '1.end' }])
      expect((await gateway.fetch(`/api/runs/${id}/events`, { headers })).status).toBe(204)
    expect((await gateway.fetch(`/api/runs/${id}/events?after=1.end`)).status).toBe(204)
    expect(namesOf(await followEvents(gateway, id, { lastEventId: '1.error' }))).toEqual(['execution_finished'])
    expect(namesOf(await followEvents(gateway, id, { lastEventId: '1' }))).toEqual([
      'execution_error',
      'execution_finished',
    ])
  })

  test.each(['', 'nonsense', '-5', 'NaN'])('an id that we never gave (%p) begins from the beginning', async (after) => {
    const id = await start('mixed')
    await gateway.finished(id)
    const received = await followEvents(gateway, id, { after })
    expect(namesOf(received)).toEqual(['execution_started', 'log_output', 'execution_finished'])
    expect(linesOf(received).map(({ seq }) => seq)).toEqual([1, 2, 3])
  })
})

describe('leaving', () => {
  test('a follower who leaves while a generator waits for it to read leaves nothing behind', async () => {
    let open = 0
    const abort = new AbortController()
    async function* endless() {
      open++
      try {
        for (let id = 0; ; id++) yield { id: String(id), data: 'x' }
      } finally {
        open--
      }
    }
    const response = eventStream(new Request('http://localhost/', { signal: abort.signal }), () => endless())
    const reader = response.body!.getReader()
    await reader.read()
    expect(open).toBe(1)
    await reader.cancel()
    await eventually('the generator has ended', () => open === 0, 1000)
  })

  test('the run goes on and others see all of it', async () => {
    const run = await begin(2)
    const staying = followEvents(gateway, run.id)
    run.print(1)
    await Promise.all(Array.from({ length: 10 }, () => followEvents(gateway, run.id, hasLines(1))))
    run.print(2)
    expect(texts(await staying)).toEqual(expected(1, 2))
  })
})

describe('on a WebSocket', () => {
  test('the same events, then closed with 1000', async () => {
    const run = await begin(3)
    const following = [followSocket(gateway, run.id), followSocket(gateway, run.id, '0')]
    const events = followEvents(gateway, run.id)
    run.all()
    const [all, resumed] = await Promise.all(following)
    expect([all!.code, resumed!.code]).toEqual([1000, 1000])
    expect(texts(all!.received)).toEqual(texts(await events))
    expect(namesOf(all!.received)[0]).toBe('execution_started')
    expect(namesOf(resumed!.received)[0]).toBe('log_output')
    expect(all!.received.at(-1)).toMatchObject({ id: '3.end', event: 'execution_finished' })
  })

  test('resumes at every position after the end, and closes at once where there is no more', async () => {
    const id = await start('many', { count: 5 })
    await gateway.finished(id)
    for (let position = 0; position <= 5; position++) {
      const { code, received } = await followSocket(gateway, id, String(position))
      expect([code, linesOf(received).map(({ seq }) => seq)]).toEqual([
        1000,
        [1, 2, 3, 4, 5].filter((seq) => seq > position),
      ])
    }
    expect(await followSocket(gateway, id, '5.end')).toEqual({ code: 1000, received: [] })
  })

  test('two thousand lines are all there', async () => {
    const { received } = await followSocket(gateway, await start('many'))
    expect(linesOf(received).map(({ seq }) => seq)).toEqual(Array.from({ length: 2000 }, (_, i) => i + 1))
  })
})
