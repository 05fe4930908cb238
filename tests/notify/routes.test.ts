/** Channels, rules and deliveries over HTTP on a real gateway: refused first, then the whole life, secrets nowhere. */
import { Database } from 'bun:sqlite'
import { afterAll, describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createLog } from '../../src/log.ts'
import type { Delivery, NotifyRule } from '../../src/notify/model.ts'
import type { ChannelView } from '../../src/notify/view-model.ts'
import { javascriptScript, startApp } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { unconfined } from '../harness/isolation.ts'
import { adminToken, bearer, makePerson } from '../harness/people.ts'
import { createReceiver } from '../harness/receiver.ts'

const receiver = await createReceiver()
afterAll(receiver.close)
const logFile = join(tempFolder(), 'gateway.log')
const log = createLog({ file: logFile, level: 'trace' })
const gateway = await startApp(
  {
    'js/fails.js': javascriptScript({}, 'console.error("no space left"); process.exit(3)'),
    'js/works.js': javascriptScript({}, 'console.log(1)'),
  },
  { auth: 'on', notify_local_addresses: true },
  { secrets: { adminToken }, isolation: unconfined, log },
)
const idOf = (slug: string) => gateway.app.scripts().find((script) => script.slug === slug)!.id
const [fails, works] = [idOf('fails'), idOf('works')]
const editor = await makePerson(gateway, { name: 'editor', grants: [{ script_id: fails, right: 'edit' }] })

interface Failure {
  error: { type: string; message: string; details?: { path: string; message: string }[] }
}
const as = (token: string) => {
  const send = <T>(method: string, path: string, body?: unknown) => {
    const json = { 'content-type': 'application/json', ...bearer(token) }
    return gateway
      .fetch(path, { method, headers: json, body: body === undefined ? undefined : JSON.stringify(body) })
      .then(async (response) => {
        const text = await response.text()
        return { status: response.status, headers: response.headers, body: (text && JSON.parse(text)) as T & Failure }
      })
  }
  return send
}
const admin = as(adminToken)
const canary = 'canary-of-the-channel'
const config = {
  url: receiver.url(`ok/${canary}-1`),
  secret: `whsec_${btoa(`${canary}-2`)}`,
  headers: [`x-key: ${canary}-3`],
}
type Items<T> = { items: T[]; total: number }

describe('what is refused', () => {
  test.each<[string, string, unknown, number, string[]]>([
    ['POST', '/api/channels', {}, 422, ['/name', '/kind']],
    ['POST', '/api/channels', { name: 'x', kind: 'pigeon' }, 422, ['/kind']],
    ['POST', '/api/channels', { name: 'x', kind: 'heartbeat' }, 422, ['/kind']],
    ['POST', '/api/channels', { name: 'x', kind: 'webhook' }, 422, ['/config/url']],
    [
      'POST',
      '/api/channels',
      { name: 'x', kind: 'webhook', config: { url: 'ftp://x', a: 1 } },
      422,
      ['/config/a', '/config/url'],
    ],
    ['POST', '/api/channels', { name: 'x', kind: 'webhook', config: [] }, 422, ['/config']],
    ['POST', '/api/channels', { name: 'x', shown: {} }, 422, ['/shown']],
    ['POST', '/api/channels', { name: 'a\nb', kind: 'slack', config: { url: 'http://x' } }, 422, ['/name']],
    ['GET', '/api/channels/999', undefined, 404, []],
    ['PUT', '/api/channels/999', { name: 'x' }, 404, []],
    ['DELETE', '/api/channels/999', undefined, 404, []],
    ['POST', '/api/channels/999/test', undefined, 404, []],
    ['POST', '/api/notifications/test', undefined, 409, []],
    ['POST', '/api/notifications/rules', {}, 422, ['/events', '/channel_id']],
    ['POST', '/api/notifications/rules', { channel_id: 999, events: ['always'] }, 422, ['/channel_id']],
    ['POST', '/api/notifications/rules', { channel_id: 1, events: ['sometimes'] }, 422, ['/events/0']],
    [
      'POST',
      '/api/notifications/rules',
      {
        channel_id: 999,
        events: ['always'],
        title: '{{scrpt}}',
        slow_factor: 1,
        max_per_hour: -1,
        timezone: 'Mars',
        tags: [''],
      },
      422,
      ['/title', '/slow_factor', '/max_per_hour', '/timezone', '/tags', '/channel_id'],
    ],
    [
      'POST',
      '/api/notifications/rules',
      { channel_id: 999, events: ['always'], quiet_hours: { from: '25:00', to: '25:00' } },
      422,
      ['/quiet_hours/from', '/quiet_hours/to'],
    ],
    [
      'POST',
      '/api/notifications/rules',
      { channel_id: 1, events: ['always'], quiet_hours: { from: '22:00' }, timezone: 'EST' },
      422,
      ['/quiet_hours/to', '/timezone'],
    ],
    ['POST', '/api/notifications/rules', { channel_id: 1, events: ['always'], script_id: 1 }, 422, ['/script_id']],
    ['GET', '/api/notifications/rules/999', undefined, 404, []],
    ['PUT', '/api/scripts/fails/notifications/mute', { muted: 'yes' }, 422, ['/muted']],
    ['GET', '/api/scripts/nothing/notifications', undefined, 404, []],
    ['GET', '/api/deliveries?state=lost', undefined, 422, ['/state']],
    ['GET', '/api/deliveries/999', undefined, 404, []],
    ['POST', '/api/deliveries/999/redeliver', undefined, 404, []],
  ])('%s %s %j: %p', async (method, path, body, status, paths) => {
    const answer = await admin(method, path, body)
    expect([answer.status, answer.body.error.message]).toEqual([status, expect.any(String)])
    const found = answer.body.error.details?.map((one) => one.path) ?? []
    for (const one of paths) expect(found).toContain(one)
  })

  test('names that are taken, and rules of others', async () => {
    const made = await admin<ChannelView>('POST', '/api/channels', { name: 'taken', kind: 'webhook', config })
    expect((await admin('POST', '/api/channels', { name: 'taken', kind: 'webhook', config })).status).toBe(409)
    const rule = { channel_id: made.body.id, events: ['recovery'] }
    const own = await admin<NotifyRule>('POST', '/api/scripts/works/notifications', rule)
    for (const path of [`/api/scripts/fails/notifications/${own.body.id}`, `/api/notifications/rules/${own.body.id}`])
      for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'])
        expect([path, method, (await admin(method, path, method.startsWith('P') ? {} : undefined)).status]).toEqual([
          path,
          method,
          404,
        ])
    expect((await admin('DELETE', `/api/channels/${made.body.id}`)).status).toBe(204)
    expect((await admin<Items<NotifyRule>>('GET', '/api/scripts/works/notifications')).body.items).toEqual([])
  })
})

test('the whole life: channel, rule, run, delivery, redelivery', async () => {
  const made = await admin<ChannelView>('POST', '/api/channels', { name: 'hook', kind: 'webhook', config })
  expect(made.status).toBe(201)
  expect(made.headers.get('location')).toBe(`/api/channels/${made.body.id}`)
  expect(made.body).toMatchObject({
    ...{ name: 'hook', kind: 'webhook', enabled: true, last: null, waiting: 0 },
    config: { url: `127.0.0.1:${receiver.port}`, secret_set: true, headers: ['x-key'] },
  })
  const channel = `/api/channels/${made.body.id}`
  // Sent back as it is shown, it stays as it was.
  const kept = await admin<ChannelView>('PUT', channel, { name: 'hook 2', config: made.body.config })
  expect([kept.status, kept.body.config]).toEqual([200, made.body.config])
  const tried = await admin<Delivery>('POST', `${channel}/test`)
  expect(tried.body).toMatchObject({ event: 'test', state: 'sent', status: 200 })
  const [request] = receiver.requests.slice(-1)
  expect([request!.path, request!.headers['x-key']]).toEqual([`/ok/${canary}-1`, `${canary}-3`])
  expect(request!.headers['webhook-signature']).toMatch(/^v1,/)

  const rule = await admin<NotifyRule>('POST', '/api/notifications/rules', {
    channel_id: made.body.id,
    events: ['failure'],
  })
  expect(rule.status).toBe(201)
  expect((await admin<NotifyRule>('PATCH', rule.headers.get('location')!, { tags: [] })).body).toMatchObject({
    ...{ events: ['failure'], script_id: null, timezone: 'UTC', quiet_hours: null },
  })
  await admin('GET', '/api/scripts/works/run')
  const run = await admin<{ run_id: number }>('GET', '/api/scripts/fails/run')
  const of = async () => (await admin<Items<Delivery>>('GET', `/api/deliveries?run_id=${run.body.run_id}`)).body.items
  const [delivery] = await eventually('it arrives', async () => {
    const items = await of()
    return items[0]?.state === 'sent' ? items : undefined
  })
  expect(delivery).toMatchObject({
    event: 'failure',
    title: 'fails.js failed',
    body: expect.stringContaining('no space left'),
  })
  const again = await admin<Delivery>('POST', `/api/deliveries/${delivery!.id}/redeliver`)
  expect([again.status, again.body.redelivery_of]).toEqual([202, delivery!.id])
  await eventually('it arrives again', async () => (await of()).length === 2 && (await of())[0]?.state === 'sent')
  expect((await admin<Items<Delivery>>('GET', `/api/deliveries?script_id=${works}`)).body.total).toBe(0)
  expect((await admin<ChannelView>('GET', channel)).body.last).toMatchObject({ state: 'sent', problem: null })

  expect((await admin('PUT', '/api/scripts/fails/notifications/mute', { muted: true })).body as unknown).toEqual({
    muted: true,
  })
  await admin('GET', '/api/scripts/fails/run')
  expect((await admin<Items<Delivery>>('GET', `/api/deliveries?script_id=${fails}`)).body.total).toBe(2)
  await admin('PUT', '/api/scripts/fails/notifications/mute', { muted: false })
  expect((await admin('DELETE', rule.headers.get('location')!)).status).toBe(204)
})

test('who edits a script makes rules for it, and sees of channels their names alone', async () => {
  const send = as(editor.token)
  const own = '/api/scripts/fails/notifications'
  const seen = await send<{ channels: { id: number; name: string; kind: string }[] }>('GET', own)
  expect(seen.body.channels).toEqual([{ id: expect.any(Number), name: 'hook 2', kind: 'webhook' }])
  const made = await send<NotifyRule>('POST', own, { channel_id: seen.body.channels[0]!.id, events: ['first_failure'] })
  expect([made.status, made.body.script_id]).toEqual([201, fails])
  expect((await send<Items<Delivery>>('GET', '/api/scripts/fails/deliveries')).body.total).toBe(2)
  for (const path of ['/api/channels', '/api/channels/kinds', '/api/deliveries', '/api/notifications/rules'])
    expect([path, (await send('GET', path)).status]).toEqual([path, 403])
  expect((await send('GET', '/api/scripts/works/notifications')).status).toBe(404)
  expect((await send('DELETE', `${own}/${made.body.id}`)).status).toBe(204)
})

test('NOTIFY_URL is told of every end, and its address is shown to nobody', async () => {
  const secret = receiver.url(`ok/${canary}-4?token=${canary}-5`)
  const settings = await admin<{ items: { name: string; value: unknown }[] }>('PUT', '/api/settings', {
    notify_url: secret,
  })
  const shown = settings.body.items.find(({ name }) => name === 'notify_url')!.value
  expect(shown).toBe(`http://127.0.0.1:${receiver.port}/••••••`)
  expect((await admin('PUT', '/api/settings', { notify_url: shown })).status).toBe(200) // as it is shown: it stays
  const before = receiver.requests.length
  await admin('GET', '/api/scripts/works/run')
  await eventually('it arrives', () => receiver.requests.length > before)
  const { path, body } = receiver.requests.at(-1)!
  expect(path).toBe(`/ok/${canary}-4?token=${canary}-5`)
  expect(JSON.parse(body)).toMatchObject({ title: 'works.js succeeded', group: 'ScriptGateway' })
  expect((await admin<Delivery>('POST', '/api/notifications/test')).body).toMatchObject({
    state: 'sent',
    kind: 'notify_url',
  })
  await admin('PUT', '/api/settings', { notify_url: null })
})

test('no secret is in an answer, in a log or, of channels, in the database', async () => {
  for (const path of [
    '/api/channels',
    '/api/deliveries',
    '/api/audit?page_size=200',
    '/api/logs/gateway',
    '/api/settings',
  ])
    expect([path, JSON.stringify((await admin('GET', path)).body).includes(canary)]).toEqual([path, false])
  expect(readFileSync(logFile, 'utf8')).not.toContain(canary)
  const db = new Database(join(gateway.dataDir, 'gateway.db'))
  db.run('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
  const spelled = [`${canary}-1`, btoa(`${canary}-2`), `${canary}-3`]
  for (const name of readdirSync(gateway.dataDir, { recursive: true, encoding: 'utf8' })) {
    const file = join(gateway.dataDir, name)
    const bytes = statSync(file).isFile() ? readFileSync(file) : Buffer.alloc(0)
    expect([name, spelled.some((text) => bytes.includes(text))]).toEqual([name, false])
  }
})
