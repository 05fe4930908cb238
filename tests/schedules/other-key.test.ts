/** The key for secrets is lost: schedules that need it are shown as broken at once, those that do not go on. */
import { expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type App, createApp } from '../../src/app.ts'
import { silentLog } from '../../src/log.ts'
import type { Schedule } from '../../src/schedules/view-model.ts'
import { javascriptScript } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { unconfined } from '../harness/isolation.ts'

const folder = tempFolder()
const [dataDir, scriptsDir] = [join(folder, 'data'), join(folder, 'scripts')]
mkdirSync(join(scriptsDir, 'js'), { recursive: true })
const params = { name: { type: 'str' }, key: { type: 'str', secret: true } }
writeFileSync(join(scriptsDir, 'js/one.js'), javascriptScript(params, 'console.log(args.join(" "))'))

let now = Date.parse('2027-05-12T12:30:00Z')
const clock = { now: () => now, sleep: (ms: number) => Bun.sleep(ms) }
const open = async (letter: string) => {
  const environment = { auth: 'off', deps_auto_install: false, deps_offline: true } as const
  const secretsKey = Buffer.alloc(32, letter).toString('base64')
  const app = await createApp(
    { environment, dataDir, scriptsDir, secretsKey },
    { log: silentLog(), clock, isolation: unconfined },
  )
  await app.ready
  return app
}

async function ask<T>(app: App, path: string, body?: object): Promise<T> {
  const init = body && { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
  return (await app.handle(new Request(`http://localhost/api/${path}`, init))).json() as Promise<T>
}

test('with another key a secret cannot be read, and the rest can', async () => {
  const make = (app: App, given: object) =>
    ask<Schedule>(app, 'scripts/one/schedules', { cron_expression: '@hourly', timezone: 'UTC', params: given })
  const first = await open('a')
  const [secret, plain] = [await make(first, { name: 'Ada', key: 'sesame' }), await make(first, { name: 'Ada' })]
  expect([secret.state, plain.state]).toEqual(['active', 'active'])
  await first.close(0)

  const app = await open('b')
  try {
    const get = ({ id }: Schedule) => ask<Schedule>(app, `scripts/one/schedules/${id}`)
    await eventually('the one with a secret is broken', async () => (await get(secret)).state === 'broken')
    expect((await get(secret)).problems).toMatchObject([{ path: '/params' }])
    expect((await get(secret)).problems[0]?.message).toContain('another key')
    now += 30 * 60_000
    app.lookAtSchedules()
    const [run] = await eventually('the other one has run', () => {
      const runs = app.runs.list({ scheduleId: plain.id }, { limit: 2 })
      return runs[0]?.finished_at ? runs : undefined
    })
    expect(run).toMatchObject({ status: 'success', result: { data: '--name Ada\n' } })
    expect(app.runs.list({ scheduleId: secret.id }, { limit: 2 })).toEqual([])
  } finally {
    await app.close(0)
  }
})
