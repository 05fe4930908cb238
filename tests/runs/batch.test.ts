import { beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { AuditEntry } from '../../src/audit/model.ts'
import type { BatchItem } from '../../src/gateway/batch.ts'
import type { Run } from '../../src/runs/model.ts'
import { pythonScript, startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { unconfined } from '../harness/isolation.ts'
import { adminToken, bearer, makePerson, type Person } from '../harness/people.ts'

const gateway = await startApp(
  {
    'python/quick.py': pythonScript(
      { text: { flag: '--text', type: 'str' }, pin: { flag: '--pin', type: 'str', secret: true } },
      'open(os.path.join(os.environ["OUTPUT_DIR"], "a.txt"), "w").write("a")\nprint("done", args["text"])',
    ),
    'python/endless.py': pythonScript({}, 'time.sleep(60)'),
  },
  { auth: 'on' },
  { secrets: { adminToken }, isolation: unconfined },
)
let editor: Person
let operator: Person
/** Sees one of the two scripts. */
let stranger: Person

const send = <T>(who: { token: string }, method: string, path: string, body?: unknown) =>
  gateway.fetch(path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json', ...bearer(who.token) },
  }) as Promise<Omit<Response, 'json'> & { json(): Promise<T> }>

const admin = { token: adminToken }
const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' }

async function start(slug: string, body: Record<string, unknown> = {}, who: { token: string } = operator) {
  const answer = await send<{ run_id: number }>(who, 'POST', `/api/scripts/${slug}/run?async=1`, body)
  const { run_id } = await answer.json()
  if (run_id === undefined) throw new Error(`${slug} was not started: ${answer.status}`)
  return run_id
}

const runOf = async (id: number) => (await send<Run>(admin, 'GET', `/api/runs/${id}`)).json()
const ended = (id: number) => eventually('the end of a run', async () => (await runOf(id)).finished_at !== null)
const batch = async (who: Person, action: string, ids: number[]) => {
  const answer = await send<{ action: string; items: BatchItem[] }>(who, 'POST', '/api/runs/batch', { action, ids })
  return (await answer.json()).items
}
const told = (items: BatchItem[]) => items.map((item) => (item.ok ? 'ok' : item.error.type))

let runs: number[]
let endless: number
beforeAll(async () => {
  editor = await makePerson(gateway, { name: 'eve', role: 'editor' })
  operator = await makePerson(gateway, { name: 'oscar', role: 'operator' })
  const { items } = await (await send<{ items: { id: number; slug: string }[] }>(admin, 'GET', '/api/scripts')).json()
  const endlessId = items.find(({ slug }) => slug === 'endless')!.id
  stranger = await makePerson(gateway, { name: 'sam', grants: [{ script_id: endlessId, right: 'run' }] })
  runs = [
    await start('quick', { text: 'word a' }),
    await start('quick', { text: 'word b', pin: 'canary' }),
    await start('quick', { text: 'word c' }),
  ]
  endless = await start('endless')
  for (const id of runs) await ended(id)
})

test('who asked for a run is told by the name of the audit log, and asked for', async () => {
  const name = 'token "test" of oscar'
  expect((await runOf(runs[0]!)).asked_by).toBe(name)
  const page = async (user: string) =>
    (await send<{ total: number }>(admin, 'GET', `/api/runs?user=${encodeURIComponent(user)}`)).json()
  expect((await page(name)).total).toBe(4)
  expect((await page('oscar')).total).toBe(0)
})

test('text is found in all runs, page by page', async () => {
  const { items, total } = await (
    await send<{ items: Run[]; total: number }>(admin, 'GET', '/api/runs?q=word&page_size=1&page=2')
  ).json()
  expect([total, items.map(({ id }) => id)]).toEqual([3, [runs[1]!]])
  const none = await (await send<{ total: number }>(stranger as never, 'GET', '/api/runs?q=word')).json()
  expect(none.total).toBe(0)
})

test('what they come to is told of the scripts that the caller sees', async () => {
  const total = async (who: { token: string }, query = '') =>
    (await (await send<{ total: { success: number } }>(who, 'GET', `/api/runs/stats${query}`)).json()).total
  expect((await total(admin)).success).toBe(3)
  expect((await total(stranger)).success).toBe(0)
  const swapped = await send(admin, 'GET', '/api/runs/stats?from=2026-01-02&to=2026-01-01')
  expect(swapped.status).toBe(422)
  const last = '%2B275760-09-13T00:00:00Z' // the end of what a Date has room for
  expect((await send(admin, 'GET', `/api/runs/stats?from=${last}&to=${last}`)).status).toBe(422)
})

describe('each run is answered for', () => {
  test('run again: a secret was not kept, and the answer names it', async () => {
    const items = await batch(operator, 'rerun', [runs[0]!, runs[1]!, runs[0]!, 999_999])
    expect(told(items)).toEqual(['ok', 'validation', 'not_found'])
    const [again, refused] = items as [BatchItem & { run_id: number }, BatchItem & { error: { details: unknown } }]
    expect(await runOf(again.run_id)).toMatchObject({
      trigger: 'retry',
      retry_of: runs[0],
      asked_by: 'token "test" of oscar',
    })
    expect(refused.error.details).toMatchObject([{ path: '/pin' }])
    await ended(again.run_id)
  })

  test('cancel: what has ended says so', async () => {
    expect(told(await batch(operator, 'cancel', [endless, runs[0]!]))).toEqual(['ok', 'conflict'])
    await ended(endless)
    expect((await runOf(endless)).status).toBe('cancelled')
  })

  test('a run of a script that one does not see is not there; without the right it is forbidden', async () => {
    const items = await batch(stranger, 'cancel', [runs[0]!])
    expect(items).toEqual([
      { id: runs[0]!, ok: false, error: { type: 'not_found', message: `There is no run ${runs[0]}.` } },
    ])
    expect(told(await batch(stranger, 'delete', [endless]))).toEqual(['forbidden'])
    expect(told(await batch(operator, 'delete', [runs[0]!]))).toEqual(['forbidden'])
  })

  test('delete: row, log and files are gone, and nothing of the others; what is counted stays', async () => {
    const log = (id: number) => join(gateway.dataDir, 'logs', 'script', '0', `${id}.log`)
    const outputs = () => readdirSync(join(gateway.dataDir, 'static', 'quick', 'resources'))
    const waiting = await start('endless')
    const before = outputs().length
    expect([existsSync(log(runs[0]!)), before]).toEqual([true, 4])
    expect(told(await batch(editor, 'delete', [runs[0]!, waiting]))).toEqual(['ok', 'conflict'])
    expect([existsSync(log(runs[0]!)), existsSync(log(runs[1]!)), outputs().length]).toEqual([false, true, 3])
    expect(outputs().some((name) => name.endsWith(`-${runs[0]}`))).toBe(false)
    expect((await send(admin, 'GET', `/api/runs/${runs[0]}`)).status).toBe(404)
    const { total } = await (await send<{ total: { success: number } }>(admin, 'GET', '/api/runs/stats')).json()
    expect(total.success).toBe(4)
    expect((await send(editor, 'DELETE', `/api/runs/${waiting}`)).status).toBe(409)
    expect((await send(operator, 'DELETE', `/api/runs/${runs[1]}`)).status).toBe(403)
    expect((await send(editor, 'DELETE', `/api/runs/${runs[1]}`)).status).toBe(204)
    expect((await send(editor, 'DELETE', `/api/runs/${runs[1]}`)).status).toBe(404)
    await batch(operator, 'cancel', [waiting])
  })

  test('deleted on the page they come back for whoever deleted them, as long as that one may', async () => {
    const [id, second] = [await start('quick', { text: 'word d' }), await start('quick', { text: 'word e' })]
    for (const one of [id, second]) await ended(one)
    const post = async (who: { token: string }, path: string, fields: string) =>
      (
        await gateway.fetch(path, { method: 'POST', body: fields, headers: { ...urlencoded, ...bearer(who.token) } })
      ).text()
    const deleted = await post(editor, '/executions/batch', `act=delete&confirmed=yes&run=${id}&run=${second}`)
    expect(deleted).toContain(`name="runs" value="${id},${second}"`)
    expect((await send(admin, 'GET', `/api/runs/${id}`)).status).toBe(404)
    expect(await post(admin, '/executions/restore', `runs=${id}`)).toContain('deleted too long ago')
    const answers = await Promise.all([1, 2].map(() => post(editor, '/executions/restore', `runs=${id}`)))
    for (const told of ['1 run is back.', 'it is not deleted'])
      expect(answers.filter((text) => text.includes(told))).toHaveLength(1)
    expect((await runOf(id)).params).toMatchObject({ text: 'word d' })
    expect(await (await send(admin, 'GET', `/api/runs/${id}/logs`)).text()).toContain('done word d')

    await send(admin, 'PATCH', `/api/users/${editor.id}`, { role: 'operator' })
    expect(await post(editor, '/executions/restore', `runs=${second}`)).toContain('You may not bring back runs')
    await send(admin, 'PATCH', `/api/users/${editor.id}`, { role: 'editor' })
    expect(await post(editor, '/executions/restore', `runs=${second}`)).toContain('1 run is back.')
  })

  test.each([
    ['none', { action: 'delete', ids: [] }],
    ['too many', { action: 'delete', ids: Array.from({ length: 201 }, (_, i) => i + 1) }],
    ['no act', { action: 'frobnicate', ids: [1] }],
  ])('%s is refused', async (_, body) => {
    expect((await send(editor, 'POST', '/api/runs/batch', body)).status).toBe(422)
  })

  test('the audit log has each of them, with the script', async () => {
    await eventually('the entries', async () => {
      const { items } = await (await send<{ items: AuditEntry[] }>(admin, 'GET', '/api/audit?page_size=100')).json()
      const of = (action: string) =>
        items
          .filter((one) => one.action === action)
          .map(({ status, object_name, after }) => [status, object_name, after])
      expect(of('run.delete')).toContainEqual([200, 'quick.py', { run_id: runs[0] }])
      expect(of('run.delete')).toContainEqual([403, 'quick.py', { run_id: runs[0] }])
      expect(of('run.cancel')).toContainEqual([200, 'endless.py', { run_id: endless }])
      return true
    })
  })
})
