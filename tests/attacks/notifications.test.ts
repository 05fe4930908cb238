/** Notifications and schedules, used against others: to flood, to keep waiting, to read along, and to look into places. */
import { afterAll, describe, expect, test } from 'bun:test'
import type { Delivery } from '../../src/notify/model.ts'
import type { Schedule } from '../../src/schedules/view-model.ts'
import { javascriptScript, startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { unconfined } from '../harness/isolation.ts'
import { adminToken, bearer, makePerson } from '../harness/people.ts'
import { createReceiver } from '../harness/receiver.ts'
import { createLab, sec } from '../notify/lab.ts'

const receiver = await createReceiver()
afterAll(receiver.close)
const works = javascriptScript({}, 'console.log(1)')
const gateway = await startApp(
  {
    'js/open/plain.js': works,
    'js/closed/payroll.js': works,
    'js/open/tells.js': javascriptScript(
      { pin: { type: 'str', secret: true } },
      'console.error(args.join(), process.env.KEY, btoa(args[1])); process.exit(1)',
    ),
  },
  { auth: 'on', notify_local_addresses: true },
  { secrets: { adminToken }, isolation: unconfined },
)
const json = (token: string) => ({ 'content-type': 'application/json', ...bearer(token) })
const send = <T>(token: string, method: string, path: string, body?: unknown) =>
  gateway.json<T>(path, { method, headers: json(token), body: body === undefined ? undefined : JSON.stringify(body) })
const idOf = (slug: string) => gateway.app.scripts().find((script) => script.slug === slug)!.id
const [plain, payroll] = [idOf('plain'), idOf('payroll')]
await send(adminToken, 'PATCH', '/api/scripts/payroll', { tags: ['wages'] })
await send(adminToken, 'PATCH', '/api/scripts/plain', { tags: ['usual'] })
await send(adminToken, 'PUT', '/api/tags/wages/access', { restricted: true, grants: [] })
const owner = await makePerson(gateway, { name: 'owner', grants: [{ script_id: plain, right: 'edit' }] })
const guest = await makePerson(gateway, { name: 'guest', grants: [{ script_id: plain, right: 'run' }] })
const editor = await makePerson(gateway, { name: 'editor', role: 'editor' })

interface Items<T> {
  items: T[]
  total: number
}

describe('a heartbeat to an address inside', () => {
  test.each([
    ['forbidden', 'failed'],
    ['error', 'pending'],
    ['ok', 'sent'],
  ])('that answers %s: who may run or edit the script learns that it is %s, and no more', async (path, state) => {
    const made = await send<Schedule>(guest.token, 'POST', '/api/scripts/plain/schedules', {
      ...{ cron_expression: '@yearly', heartbeat_url: receiver.url(`${path}/inside`) },
      heartbeat_signals: ['success'],
    })
    const own = `/api/scripts/plain/schedules/${made.body.id}`
    await send(guest.token, 'POST', `${own}/run`)
    const known = await eventually('it was sent', async () => {
      const { body } = await send<Items<Delivery>>(adminToken, 'GET', `/api/scripts/plain/deliveries?state=${state}`)
      return body.items.find(({ schedule_id, attempts }) => schedule_id === made.body.id && attempts > 0)
    })
    const answered = { forbidden: 'invalid_token', error: 'boom', ok: 'ok' }[path]
    expect(known).toMatchObject({ answer: answered, status: { forbidden: 403, error: 500, ok: 200 }[path] })

    expect((await send(guest.token, 'GET', '/api/scripts/plain/deliveries')).status).toBe(403)
    const { body } = await send<Items<Delivery>>(owner.token, 'GET', '/api/scripts/plain/deliveries')
    expect(body.items.find(({ id }) => id === known.id)).toMatchObject({
      ...{ state, status: null, answer: null, duration_ms: null },
      problem: state === 'sent' ? null : 'It did not arrive: administrators see why.',
    })
    const shown = [`/scripts/plain/notifications`, `/scripts/plain/notifications/deliveries/${known.id}`]
    for (const [person, paths] of [
      [owner, [...shown, `/api/scripts/plain/notifications`]],
      [guest, ['/scripts/plain/schedules', `/scripts/plain/schedules/${made.body.id}`, own, `${own}/occurrences`]],
    ] as const)
      for (const path of paths) {
        const page = await gateway.fetch(path, {
          headers: path.startsWith('/api/') ? bearer(person.token) : { cookie: person.cookie },
        })
        const text = await page.text()
        expect([path, page.status]).toEqual([path, 200])
        for (const part of ['invalid_token', 'boom', '/inside', 'answered', 'Last answer', 'It answered'])
          expect([path, part, text.includes(part)]).toEqual([path, part, false])
      }
  })
})

test('secrets that a script prints are in nothing that is told of it', async () => {
  const { body: channel } = await send<{ id: number }>(adminToken, 'POST', '/api/channels', {
    ...{ name: 'told', kind: 'webhook', config: { url: receiver.url('ok/told') } },
  })
  await send(adminToken, 'PUT', '/api/scripts/tells/variables/KEY', { value: 'canary-of-a-key', secret: true })
  const rule = { channel_id: channel.id, events: ['failure'], title: '{{reason}} {{stderr}}', body: '{{stderr}}' }
  expect((await send(adminToken, 'POST', '/api/scripts/tells/notifications', rule)).status).toBe(201)
  const { body: schedule } = await send<Schedule>(adminToken, 'POST', '/api/scripts/tells/schedules', {
    ...{ cron_expression: '@yearly', params: { pin: 'canary-of-a-pin' } },
  })
  await send(adminToken, 'POST', `/api/scripts/tells/schedules/${schedule.id}/run`)
  const told = await eventually('it is told', () => receiver.requests.find(({ path }) => path === '/ok/told'))
  expect(JSON.parse(told.body).data).toMatchObject({ exit_code: 1, stderr: expect.stringContaining('--pin') })
  const { items } = (await send<Items<Delivery>>(adminToken, 'GET', '/api/scripts/tells/deliveries')).body
  for (const text of [told.body, JSON.stringify(items)])
    for (const part of ['canary-of-a', btoa('canary-of-a-pin')])
      expect([part, text.includes(part)]).toEqual([part, false])
})

describe('of a script that one may not see', () => {
  test('no list, count, search, calendar, crontab or badge tells that it has schedules', async () => {
    const words = { description: 'the wages of all', params: {} }
    const made = await send<Schedule>(adminToken, 'POST', '/api/scripts/payroll/schedules', {
      ...{ cron_expression: 'every 7 minutes', ...words },
    })
    expect(made.status).toBe(201)
    const { id } = made.body
    const answer = (token: string, path: string) =>
      gateway.fetch(path, { headers: bearer(token) }).then((r) => r.text())
    const from = new Date().toISOString().slice(0, 10)
    for (const path of [
      '/api/schedules',
      '/api/schedules?q=wages',
      '/api/schedules?q=payroll',
      `/api/schedules?script_id=${payroll}`,
      `/api/schedules/calendar?from=${from}&to=${from}`,
    ]) {
      const isIn = (text: string) => text.includes(`"script_id":${payroll}`)
      expect([path, isIn(await answer(adminToken, path)), isIn(await answer(editor.token, path))]).toEqual([
        ...[path, true, false],
      ])
    }
    const counts = async (token: string, path: string) =>
      (await send<{ active: number; total: number; next_at: string }>(token, 'GET', path)).body
    const all = await counts(adminToken, '/api/schedules/status')
    const less = await counts(editor.token, '/api/schedules/status')
    expect([all.active - less.active, less.next_at > all.next_at]).toEqual([1, true])
    expect(await counts(editor.token, `/api/schedules/status?script_id=${payroll}`)).toMatchObject({
      ...{ active: 0, missed: 0, next_at: null },
    })
    expect((await counts(editor.token, '/api/schedules?q=wages')).total).toBe(0)

    const crontab = '0 5 * * * node /srv/closed/payroll.js\n0 5 * * * node /srv/open/nothing.js'
    const { body } = await send<Items<{ script_id: number | null; problem: string }>>(
      ...([editor.token, 'POST', '/api/schedules/import', { crontab }] as const),
    )
    const [hidden, unknown] = body.items.map(({ script_id, problem }) => [script_id, problem])
    expect(JSON.stringify(hidden).replace('payroll', 'nothing')).toBe(JSON.stringify(unknown))

    const acts: [string, string][] = [
      ['GET', ''],
      ['PATCH', ''],
      ['POST', '/run'],
      ['GET', '/upcoming'],
      ['GET', '/occurrences'],
      ['POST', '/seen'],
    ]
    for (const [method, act] of acts)
      for (const script of [payroll, plain]) {
        const body = method === 'PATCH' ? { enabled: false } : undefined
        const { status } = await send(editor.token, method, `/api/scripts/${script}/schedules/${id}${act}`, body)
        expect([method, act, script, status]).toEqual([method, act, script, 404])
      }
  })

  test('no rule for all scripts tells its tags to who edits another', async () => {
    const channel = await send<{ id: number }>(adminToken, 'POST', '/api/channels', {
      ...{ name: 'ops', kind: 'webhook', config: { url: receiver.url('ok') } },
    })
    const rule = (tags: string[]) =>
      send(adminToken, 'POST', '/api/notifications/rules', { channel_id: channel.body.id, events: ['slow'], tags })
    for (const tags of [['wages'], ['wages', 'usual'], []]) await rule(tags)
    const { body } = await send<{ global: { tags: string[] }[] }>(
      owner.token,
      'GET',
      '/api/scripts/plain/notifications',
    )
    expect(body.global.map(({ tags }) => tags)).toEqual([['usual'], []])
    const page = await gateway.fetch('/scripts/plain/notifications', { headers: { cookie: owner.cookie } })
    expect(await page.text()).not.toContain('wages')
  })
})

describe('a flood', () => {
  test('to a channel that is dead leaves room for what goes to others', async () => {
    const lab = await createLab({ waitingMax: 12 })
    lab.script('a')
    lab.script('b')
    lab.rule(lab.channel('error'), {}, 1)
    lab.rule(lab.channel('ok'), {}, 2)
    for (let n = 0; n < 20; n++) lab.finish({ scriptId: 1 })
    lab.finish({ scriptId: 2 })
    const of = (script: number) => lab.listed().filter(({ script_id }) => script_id === script).length
    expect([of(1), of(2)]).toEqual([3, 1])
    lab.parts.start()
    await eventually('the other is told', () => lab.listed().find(({ script_id }) => script_id === 2)?.state === 'sent')
  })

  test('of heartbeats to somewhere slow leaves places for channels', async () => {
    const lab = await createLab({ settings: { notify_timeout_sec: 30 } })
    lab.script('a')
    const run = lab.ended()
    for (let scheduleId = 1; scheduleId <= 9; scheduleId++)
      lab.notify.heartbeat('success', {
        url: lab.receiver.url('silent'),
        run: { ...run, schedule_id: scheduleId },
      })
    lab.rule(lab.channel('ok'))
    lab.parts.start()
    lab.finish()
    await eventually('the channel is told', () => lab.listed().at(-1)?.state === 'sent')
    expect(lab.receiver.requests.filter(({ path }) => path === '/silent')).toHaveLength(4)
    await lab.receiver.close() // whoever waits waits no more
  })

  test('of redeliveries is one at a time, and of what may wait', async () => {
    const lab = await createLab({ waitingMax: 12 })
    lab.script('a')
    lab.rule(lab.channel('not_found'))
    lab.parts.start()
    for (let n = 0; n < 3; n++) lab.finish()
    await lab.become('failed', 'failed', 'failed')
    await lab.parts.close() // from now on everything waits
    lab.pass(sec)
    const again = (id: number) => {
      try {
        return lab.notifications.redeliver(id).state
      } catch (error) {
        return (error as Error).message
      }
    }
    const [first, second, third] = lab.listed().map(({ id }) => id) as [number, number, number]
    expect([again(first), again(first)]).toEqual(['pending', `Delivery ${first} is being sent again already.`])
    expect([again(second), again(third)]).toEqual(['pending', 'pending'])
    lab.finish()
    expect(lab.listed()).toHaveLength(6)
  })

  test('of tests is one at a time for each channel', async () => {
    const lab = await createLab({ settings: { notify_timeout_sec: 30 } })
    const [slow, other] = [lab.channel('silent'), lab.channel('ok')]
    const waits = lab.notifications.testChannel(slow)
    await lab.receiver.arrived()
    const second = await lab.notifications.testChannel(slow).catch(({ message }: Error) => message)
    expect(second).toContain('under way')
    expect((await lab.notifications.testChannel(other)).state).toBe('sent')
    await lab.receiver.close()
    expect((await waits).state).toBe('failed')
    expect((await lab.notifications.testChannel(slow)).state).toBe('failed')
  })
})
