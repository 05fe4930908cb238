/** Not waiting, waiting a little, and asking twice. */
import { describe, expect, test } from 'bun:test'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { javascriptScript, pythonScript, startApp } from '../harness/app.ts'
import { failureOf } from '../harness/failure.ts'
import { eventually } from '../harness/folder.ts'
import { type Answer, json, post } from './formats.ts'
import { leftovers } from './leftovers.ts'

const waits = `const { existsSync } = require('node:fs')
${javascriptScript(
  { gate: { type: 'str' } },
  'while (!existsSync(args[1])) Bun.sleepSync(2)\nconsole.log(JSON.stringify({ opened: true }))',
).replace('export default', 'module.exports =')}`
const gateway = await startApp({
  'js/waits.js': waits,
  'js/other.js': waits,
  'js/quick.js': javascriptScript({ n: { type: 'int' } }, 'console.log(JSON.stringify(args))'),
  'python/fails.py': pythonScript({}, 'sys.exit(4)'),
  'js/file.js': `import { readFileSync } from 'node:fs'
${javascriptScript({ doc: { type: 'file', required: true } }, "console.log(JSON.stringify(readFileSync(args[1], 'utf8')))")}`,
})
/** Ends when the test makes the file, in the folder that a confined script sees. */
const gate = (name: string) => {
  const path = join(gateway.scriptsDir, 'js', `_${name}`)
  return { path, open: () => writeFileSync(path, '') }
}
const total = async () => (await gateway.json<{ total: number }>('/api/runs?page_size=1')).body.total

describe('not waiting', () => {
  const rows: [what: string, query: string, headers: Record<string, string>, applied: string | null][] = [
    ['respond-async', '', { prefer: 'respond-async' }, 'respond-async'],
    ['Respond-Async among others', '', { prefer: 'handling=lenient, Respond-Async' }, 'respond-async'],
    ['wait=0', '', { prefer: 'wait=0' }, 'wait=0'],
    ['?async=1', '?async=1', {}, null],
    ['?async=true', '?async=true', {}, null],
  ]
  test.each(rows)('%s answers 202 at once, with the address', async (_what, query, headers, applied) => {
    const { path, open } = gate(crypto.randomUUID())
    const answer = await gateway.json<Record<string, unknown>>(
      `/api/scripts/waits/run${query}`,
      json({ gate: path }, headers),
    )
    const id = answer.body.run_id as number
    expect(answer.status).toBe(202)
    expect(answer.body).toEqual({
      status: 'running',
      script_id: expect.any(Number),
      run_id: id,
      url: `/api/runs/${id}`,
      events_url: `/api/runs/${id}/events`,
    })
    expect(answer.headers.get('location')).toBe(`/api/runs/${id}`)
    expect(answer.headers.get('preference-applied')).toBe(applied)
    open()
    expect(await gateway.finished(id)).toMatchObject({ status: 'success', result: { data: { opened: true } } })
  })

  test('by GET too', async () => {
    const answer = await gateway.json<Answer>('/api/scripts/quick/run?n=1&async=1')
    expect(answer.status).toBe(202)
    expect((await gateway.finished(answer.body.run_id)).params).toEqual({ n: 1 })
  })

  test('what is not understood is ignored: async=0, wait=soon, wait=-1', async () => {
    for (const [query, prefer] of [
      ['?async=0', ''],
      ['', 'wait=soon'],
      ['', 'wait=-1'],
      ['', 'return=minimal'],
    ] as const) {
      const answer = await gateway.json<Answer>(`/api/scripts/quick/run${query}`, json({}, prefer ? { prefer } : {}))
      expect([answer.status, answer.headers.get('preference-applied')]).toEqual([200, null])
    }
  })

  test('a refusal is told at once', async () => {
    expect((await post(gateway, 'quick', { n: 'x' }, { prefer: 'respond-async' })).status).toBe(422)
  })

  test('an upload stays until the run has read it, and goes then', async () => {
    const body = new FormData()
    body.append('doc', new File(['still here'], 'a.txt'))
    const answer = await gateway.json<Answer>('/api/scripts/file/run?async=1', { method: 'POST', body })
    expect(await gateway.finished(answer.body.run_id)).toMatchObject({ result: { data: 'still here' } })
    await eventually('nothing is left', () => leftovers(gateway.dataDir).length === 0)
  })
})

describe('waiting a little', () => {
  test('long enough: the result', async () => {
    const answer = await post(gateway, 'quick', { n: 1 }, { prefer: 'wait=20' })
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([200, 'wait=20'])
    expect(answer.headers.get('location')).toBeNull()
  })

  test('not long enough: 202, and the run goes on', async () => {
    const { path, open } = gate('slow')
    const answer = await post(gateway, 'waits', { gate: path }, { prefer: 'respond-async, wait=1' })
    expect([answer.status, answer.headers.get('location')]).toEqual([202, `/api/runs/${answer.body.run_id}`])
    expect(answer.headers.get('preference-applied')).toContain('wait=1')
    open()
    expect((await gateway.finished(answer.body.run_id)).status).toBe('success')
  })

  test('a failure in time is told as one', async () => {
    expect((await post(gateway, 'fails', {}, { prefer: 'wait=20' })).status).toBe(500)
  })
})

describe('asking twice with an Idempotency-Key', () => {
  const key = () => ({ 'idempotency-key': crypto.randomUUID() })

  test('the first one’s run is answered again, whole', async () => {
    const headers = key()
    const first = await post(gateway, 'quick', { n: 5 }, headers)
    const second = await post(gateway, 'quick', { n: 5 }, headers)
    expect([second.status, second.body]).toEqual([200, first.body])
    const get = await gateway.json<Answer>('/api/scripts/quick/run?n=6', { headers: { ...headers } })
    expect(get.status).toBe(422)
  })

  test('a failure is the answer again', async () => {
    const headers = key()
    const [first, second] = [await post(gateway, 'fails', {}, headers), await post(gateway, 'fails', {}, headers)]
    expect([second.status, second.body]).toEqual([500, first.body])
  })

  test('twenty at the same time are one run', async () => {
    const { path, open } = gate('twenty')
    const headers = key()
    const before = await total()
    const answers = Array.from({ length: 20 }, () => post(gateway, 'waits', { gate: path }, headers))
    await eventually('it runs', async () => (await total()) > before)
    open()
    const ids = new Set((await Promise.all(answers)).map(({ status, body }) => `${status} ${body.run_id}`))
    expect([ids.size, await total()]).toEqual([1, before + 1])
  })

  test('while it runs: 202 to who does not wait, the result to who waits', async () => {
    const { path, open } = gate('meanwhile')
    const headers = key()
    const first = await post(gateway, 'waits', { gate: path }, { ...headers, prefer: 'respond-async' })
    const again = await post(gateway, 'waits', { gate: path }, { ...headers, prefer: 'respond-async' })
    const waiting = post(gateway, 'waits', { gate: path }, headers)
    open()
    expect([first.status, again.status, (await waiting).status]).toEqual([202, 202, 200])
    expect(new Set([first, again, await waiting].map(({ body }) => body.run_id)).size).toBe(1)
  })

  test('with other parameters: 422, and nothing is started', async () => {
    const headers = key()
    await post(gateway, 'quick', { n: 1 }, headers)
    const before = await total()
    const { status, body } = await post(gateway, 'quick', { n: 2 }, headers)
    expect([status, body.error.type, await total()]).toEqual([422, 'validation', before])
    expect(body.error.message).toContain('Idempotency-Key')
  })

  test('is each script’s own', async () => {
    const headers = key()
    const { path, open } = gate('own')
    open()
    const first = await post(gateway, 'waits', { gate: path }, headers)
    const second = await post(gateway, 'other', { gate: path }, headers)
    expect([second.status, second.body.run_id === first.body.run_id]).toEqual([200, false])
  })

  test('files count: the same bytes are the same request, others are not; duplicates leave nothing', async () => {
    const headers = key()
    const send = (text: string) => {
      const body = new FormData()
      body.append('doc', new File([text], 'a.txt'))
      return gateway.json<Answer>('/api/scripts/file/run', { method: 'POST', body, headers })
    }
    const [first, second, third] = [await send('a'), await send('a'), await send('b')]
    expect([first.status, second.body.run_id, third.status]).toEqual([200, first.body.run_id, 422])
    await eventually('nothing is left', () => leftovers(gateway.dataDir).length === 0)
  })

  test('too long: 422; empty: none', async () => {
    expect((await post(gateway, 'quick', {}, { 'idempotency-key': 'x'.repeat(256) })).status).toBe(422)
    const [first, second] = [
      await post(gateway, 'quick', {}, { 'idempotency-key': ' ' }),
      await post(gateway, 'quick', {}, { 'idempotency-key': ' ' }),
    ]
    expect(first.body.run_id).not.toBe(second.body.run_id)
  })
})

test('a caller who hangs up does not end the run', async () => {
  const { path, open } = gate('hang-up')
  const hangUp = new AbortController()
  const before = await total()
  const answer = gateway.fetch('/api/scripts/waits/run', { ...json({ gate: path }), signal: hangUp.signal })
  answer.catch(() => {})
  await eventually('it runs', async () => (await total()) > before)
  hangUp.abort()
  await failureOf(answer)
  open()
  const { body } = await gateway.json<{ items: { id: number }[] }>('/api/runs?page_size=1')
  expect((await gateway.finished(body.items[0]!.id)).status).toBe('success')
  expect(existsSync(path)).toBe(true)
})
