/** The pages about notifications: what they show to whom, and what becomes of their forms. */
import { beforeEach, describe, expect, test } from 'bun:test'
import type { Delivery } from '../../src/notify/model.ts'
import { createPages } from '../../src/pages/pages.tsx'
import { createFake, type Fake } from './fake.ts'
import { callerWith } from './fake-access.ts'
import { deliveryOf, type FakeNotifications, fakeNotifications, sampleNotifications } from './fake-notifications.ts'

const fake: Fake = createFake()
const pages = createPages(() => fake)
const use = (told: FakeNotifications) => Object.assign(fake, { told, notifications: told.notifications })

beforeEach(() => {
  use(sampleNotifications())
  fake.viewer = callerWith('admin')
})

const get = (path: string, init?: RequestInit) => pages.handle(new Request(`http://localhost${path}`, init))
const shown = async (path: string) => (await get(path)).text()
const wordsOf = (page: string) => page.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')
/** What one reads of it. */
const words = async (path: string) => wordsOf(await shown(path))
type Typed = Record<string, string | string[]>
const post = (path: string, body: Typed, headers: Record<string, string> = {}) => {
  const pairs = Object.entries(body).flatMap(([name, value]) => [value].flat().map((one) => [name, one]))
  return get(path, { method: 'POST', body: new URLSearchParams(pairs).toString(), headers })
}
const went = async (response: Promise<Response>) => {
  const { status, headers } = await response
  return [status, headers.get('location')]
}
const secrets = /canary/
const everyPage = [
  '/notifications',
  '/notifications?add=channel',
  '/notifications?add=webhook',
  '/notifications?rule=new',
  '/notifications?rule=2',
  ...[1, 2, 3].map((id) => `/notifications/channels/${id}`),
  ...[9, 8, 7, 6, 5, 4, 3, 2, 1].map((id) => `/notifications/deliveries/${id}`),
  '/scripts/3/notifications',
  '/scripts/3/notifications?rule=3',
  '/scripts/16/notifications/deliveries/6',
]

test.each(everyPage)('%s shows no secret, and runs nothing of what others wrote', async (path) => {
  const response = await get(path)
  const page = await response.text()
  expect(response.status).toBe(200)
  expect(page).not.toMatch(secrets)
  expect(page).not.toContain('<img src=x')
  expect(fake.reported).toEqual([])
})

describe('the overview', () => {
  test('each channel with its host, how it does, and what waits', async () => {
    const text = await words('/notifications')
    for (const one of [
      'Ops on call Webhook hooks.example Given up 6 min ago hooks.example did not let anybody in',
      'Team mail E-mail anna@example.org, ben@example.org Sent 1 h ago 0',
      'Disabled Slack hooks.slack.com',
      'NOTIFY_URL Setting When a schedule was missed or it ends, however it went Of all scripts that are not muted push.example Sent 1 min ago 0',
    ])
      expect(text).toContain(one)
  })

  test('an address that nothing is sent to is told at once, in its row and on its page', async () => {
    fake.told.views[0]!.warnings = ['Nothing will arrive: <b>localhost</b> is this machine.']
    for (const path of ['/notifications', '/notifications/channels/1'])
      expect(await shown(path)).toContain('Nothing will arrive: &lt;b&gt;localhost&lt;/b&gt; is this machine.')
    expect(await shown('/notifications/channels/2')).not.toContain('Nothing will arrive')
  })

  test('each rule as a sentence', async () => {
    const text = await words('/notifications')
    for (const one of [
      'When it begins to fail, it works again or a schedule was missed to Ops on call',
      'When it is slower than usual to Team mail Only runs by Schedule · only scripts tagged nightly or',
      'slow is 3 times as long as usual · quiet from 22:00 to 07:00 (Europe/Berlin) · at most 4 an hour · a text of its own',
    ])
      expect(text).toContain(one)
    expect(text).not.toContain('When its time limit stops it')
  })

  test('each delivery, in one state alone where that is asked for', async () => {
    const text = await words('/notifications')
    for (const one of [
      'Waits hooks.example answered 503: Service Unavailable. resize_images failed Failed resize_images Ops on call #48,002 3 503',
      'Held back',
      'Told with others',
      'Heartbeat Heartbeat: good end resize_images Heartbeat',
      'resize_images failed Ended · Failed sync_crm NOTIFY_URL',
      'sync_crm works again Works again · Success sync_crm',
      'resize_images failed Missed · Could not be started resize_images',
      'To a channel that was deleted Failed resize_images A channel that is gone',
    ])
      expect(text).toContain(one)
    const waiting = await words('/notifications?state=pending')
    expect(waiting).toContain('hooks.example answered 503')
    expect(waiting).not.toContain('sync_crm works again')
    expect(await words('/notifications?state=nonsense')).toContain('sync_crm works again')
  })

  test('what was given up is sent again from the list, on each page that has one', async () => {
    for (const [path, ids] of [
      ['/notifications', [7, 6]],
      ['/scripts/3/notifications', [7]],
    ] as const) {
      const page = await shown(path)
      const again = [...page.matchAll(/action="([^"]+\/redeliver)"/g)].map(([, action]) => action)
      expect(again).toEqual(ids.map((id) => `${path}/deliveries/${id}/redeliver`))
      expect(page).toContain(`href="${path}/deliveries/7" data-open-row`)
      expect(page).toContain('aria-label="Send again: resize_images failed"')
    }
  })

  test('a thousand deliveries are 25 at a time, and pages keep the filter', async () => {
    fake.told.deliveries.length = 0
    for (let id = 1000; id > 0; id--) fake.told.deliveries.push(deliveryOf({ id, title: `number ${id}.` }))
    const page = await shown('/notifications?state=sent&page=2')
    expect(page).toContain('number 975.')
    expect(page).not.toContain('number 976.')
    expect(page).toContain('Page 2 of 40')
    expect(page).toContain('href="/notifications?state=sent&amp;page=3#deliveries"')
  })

  test('nothing at all is said in words, with where to begin', async () => {
    use(fakeNotifications())
    fake.settings.update({ notify_url: '' })
    const text = await words('/notifications')
    fake.settings.update({ notify_url: null })
    for (const one of ['Nothing is told to anybody', 'there is none yet', 'Nothing has been sent yet.'])
      expect(text).toContain(one)
  })

  test('the way to it is for administrators', async () => {
    const link = 'href="/notifications"'
    expect(await shown('/')).toContain(link)
    fake.viewer = callerWith('editor')
    expect(await shown('/')).not.toContain(link)
  })
})

describe('a channel', () => {
  const webhook = { kind: 'webhook', name: 'New one', 'config.url': 'https://new.example/canary', 'config.headers': '' }

  test('is made of what its kind asks for', async () => {
    const page = await shown('/notifications?add=ntfy')
    for (const one of ['name="config.url"', 'value="https://ntfy.sh"', 'name="config.topic"', '<option value="high">'])
      expect(page).toContain(one)
    expect(page).not.toContain('value="heartbeat"')
    expect(await words('/notifications?add=nonsense')).toContain('What kind of receiver is it? Webhook')
  })

  test('is made', async () => {
    expect(await went(post('/notifications/channels', webhook))).toEqual([303, '/notifications/channels/4?done=added'])
    expect(fake.told.configs.get(4)).toEqual({ url: 'https://new.example/canary', secret: '', headers: [] })
    expect(await words('/notifications/channels/4?done=added')).toContain('The channel is there: send a test')
  })

  test.each<[string, Typed, number, string[]]>([
    [
      'an address that is none',
      { ...webhook, 'config.url': 'ftp://canary' },
      422,
      ['Must be an address that begins with', 'id="config-url-error"', 'value="New one"', 'type those that you had'],
    ],
    ['no name', { ...webhook, name: ' ' }, 422, ['id="channel-name-error"', 'Must have 1 to 100 characters.']],
    ['a name that is taken', { ...webhook, name: 'Team mail' }, 409, ['There is a channel', 'value="Team mail"']],
    [
      'what is no secret comes back',
      { kind: 'email', name: 'x', 'config.host': '', 'config.to': 'a@b.c\nd@e.f', 'config.password': 'canary' },
      422,
      ['Is needed.', 'a@b.c\nd@e.f</textarea>'],
    ],
  ])('is refused where it does not fit: %s', async (_, body, status, wanted) => {
    const response = await post('/notifications/channels', body)
    const page = await response.text()
    expect(response.status).toBe(status)
    for (const one of wanted) expect(page).toContain(one)
    expect(page).not.toMatch(secrets)
    expect(fake.told.views.length).toBe(3)
  })

  test('of a kind that is not offered is none', async () => {
    expect((await post('/notifications/channels', { kind: 'heartbeat', name: 'x' })).status).toBe(422)
  })

  test.each<[string, Typed, object]>([
    ['keeps a secret that is left empty', {}, { secret: 'canary-of-a-signature', headers: ['X-Key: canary'] }],
    ['replaces one that is typed', { 'config.secret': 'another-one-of-them' }, { secret: 'another-one-of-them' }],
    ['lets one go', { 'clear.secret': '1', 'clear.headers': '1' }, { secret: '', headers: [] }],
  ])('that is changed %s', async (_, more, wanted) => {
    const body = { name: 'Ops', 'config.url': '', 'config.secret': '', 'config.headers': '', ...more }
    expect(await went(post('/notifications/channels/1', body))).toEqual([303, '/notifications/channels/1?done=saved'])
    expect(fake.told.views[0]!.name).toBe('Ops')
    expect(fake.told.configs.get(1)).toMatchObject({ url: 'https://hooks.example/T0/secret-path', ...wanted })
  })

  test('says what is kept, and never what it is', async () => {
    const page = await shown('/notifications/channels/1')
    for (const one of ['Kept (hooks.example); type to replace', 'placeholder="Kept; type to replace"', 'Kept (x-key)'])
      expect(page).toContain(one)
    const mail = await shown('/notifications/channels/2')
    for (const one of ['value="smtp.example"', 'anna@example.org\nben@example.org</textarea>'])
      expect(mail).toContain(one)
    expect(mail).not.toContain('type to replace')
    expect(/id="config-port"[^>]*/.exec(mail)?.[0]).toContain('value=""')
  })

  test('tells which rules it has, and what it was sent', async () => {
    const text = await words('/notifications/channels/2')
    expect(text).toContain('When it ends, however it went resize_images, off')
    expect(text).toContain('sync_crm works again')
    expect(text).not.toContain('hooks.example answered 503')
  })

  test.each<[string, Partial<Delivery>, string]>([
    ['that arrived', {}, 'It arrived The receiver took it with status 200, in 84 ms.'],
    [
      'that did not',
      { state: 'failed', status: 500, problem: 'It answered 500.', answer: 'out <of> order' },
      'It did not arrive It answered 500. It answered out &lt;of&gt; order',
    ],
    ['of which nothing is known yet', { state: 'pending', status: null }, 'It is on its way'],
  ])('is tested, and says plainly what came of it: one %s', async (_, outcome, wanted) => {
    fake.told.outcome.next = outcome
    const [status, location] = await went(post('/notifications/channels/1/test', {}))
    expect([status, location]).toEqual([303, '/notifications/channels/1?tested=10'])
    expect(await words(String(location))).toContain(wanted)
  })

  test('NOTIFY_URL is tested too; without one the page says so', async () => {
    const refused = await post('/notifications/notify-url/test', {})
    expect([refused.status, wordsOf(await refused.text()).includes('NOTIFY_URL is not set')]).toEqual([409, true])
    fake.told.outcome.next = { state: 'sent' }
    const [, location] = await went(post('/notifications/notify-url/test', {}))
    expect(location).toBe('/notifications?tested=10')
    expect(await words(String(location))).toContain('It arrived')
  })

  test('is disabled, enabled, and deleted', async () => {
    const path = '/notifications/channels/1'
    expect(await went(post(`${path}/enabled`, { enabled: 'no' }))).toEqual([303, `${path}?done=disabled&of=1`])
    expect(fake.told.views[0]!.enabled).toBe(false)
    expect(await words(path)).toContain('Disabled')
    const fromList = post(`${path}/enabled`, { enabled: 'yes', from: 'list' })
    expect(await went(fromList)).toEqual([303, '/notifications?done=enabled&of=1&from=list#channels'])
    expect(fake.told.views[0]!.enabled).toBe(true)
    expect(await went(post(`${path}/delete`, {}))).toEqual([303, '/notifications?done=channel-deleted&of=1#channels'])
    expect(fake.told.views.map(({ id }) => id)).toEqual([2, 3])
    expect((await get(path)).status).toBe(404)
  })

  test('that was deleted comes back by the button that the page after it has, and what cannot is told there', async () => {
    const path = '/notifications/channels/1'
    await post(`${path}/delete`, {})
    const after = await shown('/notifications?done=channel-deleted&of=1')
    expect(after).toContain(`action="${path}/restore"`)
    expect(await went(post(`${path}/restore`, {}))).toEqual([303, `${path}?done=channel-restored`])
    expect(await words(`${path}?done=channel-restored`)).toContain('The channel is back, with its rules')
    const refused = await post('/notifications/channels/77/restore', {})
    expect([refused.status, wordsOf(await refused.text()).includes('deleted too long ago')]).toEqual([409, true])
  })
})

const rule = {
  ...{
    events: ['failure', 'recovery'],
    channel_id: '2',
    triggers: 'schedule',
    tags: ' prod, prod ,nightly,',
    title: '',
  },
  ...{ body: '{{reason}}\r\n{{url}}', slow_factor: '2.5', quiet_from: '22:00', quiet_to: '07:00' },
  ...{ timezone: 'Europe/Berlin', max_per_hour: '6' },
}
const asKept = {
  ...{ events: ['failure', 'recovery'], channel_id: 2, triggers: ['schedule'], title: null, slow_factor: 2.5 },
  ...{ body: '{{reason}}\n{{url}}', quiet_hours: { from: '22:00', to: '07:00' }, timezone: 'Europe/Berlin' },
  max_per_hour: 6,
}

describe.each([
  ['for all scripts', '/notifications', null, 1],
  ['of one script', '/scripts/3/notifications', 3, 3],
] as const)('a rule %s', (_, path, scriptId, known) => {
  const of = (id: number) => fake.told.rules.find((one) => one.id === id)

  test('is made, changed, turned off, and deleted', async () => {
    expect(await went(post(`${path}/rules`, rule))).toEqual([303, `${path}?done=saved#rules`])
    expect(of(5)).toMatchObject({ ...asKept, script_id: scriptId, tags: scriptId === null ? ['prod', 'nightly'] : [] })
    const plain = { ...rule, triggers: [], quiet_from: '', quiet_to: '', body: '', max_per_hour: '0', events: 'always' }
    expect(await went(post(`${path}/rules/5`, plain))).toEqual([303, `${path}?done=saved#rules`])
    expect(of(5)).toMatchObject({ events: ['always'], triggers: [], quiet_hours: null, body: null, max_per_hour: 0 })
    await post(`${path}/rules/5/enabled`, { enabled: 'no' })
    expect(of(5)?.enabled).toBe(false)
    expect(await words(path)).toContain('When it ends, however it went to Team mail Off')
    expect(await went(post(`${path}/rules/5/delete`, {}))).toEqual([303, `${path}?done=rule-deleted&of=5#rules`])
    expect(of(5)).toBeUndefined()
    expect(await shown(`${path}?done=rule-deleted&of=5`)).toContain(`action="${path}/rules/5/restore"`)
    expect(await went(post(`${path}/rules/5/restore`, {}))).toEqual([303, `${path}?done=rule-restored#rules`])
    expect(of(5)?.script_id).toBe(scriptId)
    expect((await post(`${path}/rules/77/restore`, {})).status).toBe(409)
  })

  test('comes back in its form as it is', async () => {
    await post(`${path}/rules`, rule)
    const form = /<form class="panel" id="rule-form".*?<\/form>/s.exec(await shown(`${path}?rule=5`))![0]
    for (const one of [
      'value="failure" checked',
      'value="22:00"',
      'value="2.5"',
      '{{reason}}\n{{url}}</textarea>',
      'open',
    ])
      expect(form).toContain(one)
    expect(form.includes('name="tags"')).toBe(scriptId === null)
    expect(form).not.toContain('value="always" checked')
  })

  test.each<[string, Typed, string, string]>([
    ['no event', { events: [] }, 'events', 'Choose at least one.'],
    ['no channel', { channel_id: '' }, 'channel_id', 'Choose a channel.'],
    ['a channel that is gone', { channel_id: '77' }, 'channel_id', 'Is no channel that there is.'],
    ['half of the quiet hours', { quiet_to: '' }, 'quiet_hours', 'or leave both empty.'],
    ['a zone that is none', { timezone: 'Berlin' }, 'timezone', 'write it as Europe/Berlin'],
    ['a number that is none', { max_per_hour: 'many' }, 'max_per_hour', '0 is no limit.'],
  ])('is refused at its field, and comes back as it was typed: %s', async (_name, change, field, wanted) => {
    for (const place of [`${path}/rules`, `${path}/rules/${known}`]) {
      const before = structuredClone(fake.told.rules)
      const response = await post(place, { ...rule, ...change })
      const page = await response.text()
      expect(response.status).toBe(422)
      expect(new RegExp(`id="rule-${field}-error">.*?</p>`, 's').exec(page)?.[0]).toContain(wanted)
      for (const one of ['value="22:00"', 'Nothing was changed', '{{url}}</textarea>']) expect(page).toContain(one)
      expect(fake.told.rules).toEqual(before)
    }
  })

  test('of elsewhere is not there', async () => {
    const [other] = fake.told.rules.filter(({ script_id }) => script_id !== scriptId)
    const before = structuredClone(other)
    for (const act of ['', '/enabled', '/delete'])
      expect((await post(`${path}/rules/${other!.id}${act}`, rule)).status).toBe(404)
    expect((await post(`${path}/rules/x/delete`, {})).status).toBe(404)
    expect(of(other!.id)).toEqual(before)
    expect(await shown(`${path}?rule=${other!.id}`)).not.toContain('id="rule-form"')
  })
})

describe('a delivery', () => {
  test('says what it said, to whom, and what became of it', async () => {
    const text = await words('/notifications/deliveries/9')
    for (const one of [
      'Exit code 1 after 1 min 22 s',
      'To Ops on call',
      'Run #48,002',
      'Tries 3',
      'Status 503 after 84 ms',
      'Next try in 9 min',
      'down for maintenance',
    ])
      expect(text).toContain(one)
    expect(text).not.toContain('Send again')
    expect(await words('/notifications/deliveries/8')).toContain('Held until in 3 h')
    expect(await shown('/notifications/deliveries/1')).toContain('href="/notifications/deliveries/77"')
  })

  test('is sent again', async () => {
    const [status, location] = await went(post('/notifications/deliveries/7/redeliver', {}))
    expect([status, location]).toEqual([303, '/notifications/deliveries/10?again=1'])
    expect(fake.told.deliveries[0]).toMatchObject({ id: 10, redelivery_of: 7 })
  })

  test.each(['/notifications/deliveries/99', '/notifications/deliveries/x', '/notifications/channels/0'])(
    'what is not there is not found: %s',
    async (path) => {
      expect((await get(path)).status).toBe(404)
    },
  )
})

describe('of one script', () => {
  test('its rules, what those for all scripts tell of it, and its deliveries', async () => {
    const text = await words('/scripts/3/notifications')
    for (const one of [
      'Rules of this script 2',
      'When its time limit stops it to',
      'Channel disabled',
      'When it begins to fail, it works again or a schedule was missed to Ops on call',
      'When a schedule was missed or it ends, however it went to NOTIFY_URL',
      'hooks.example answered 503',
    ])
      expect(text).toContain(one)
    for (const one of ['When it is slower than usual', 'sync_crm works again']) expect(text).not.toContain(one)
    const tags = fake.allScripts[2]!.tags.splice(0, 9, 'nightly')
    expect(await words('/scripts/3/notifications')).toContain('When it is slower than usual')
    fake.allScripts[2]!.tags.splice(0, 9, ...tags)
  })

  test('it is muted, and told of again', async () => {
    const path = '/scripts/3/notifications'
    expect(await went(post(`${path}/mute`, { muted: 'yes' }))).toEqual([303, `${path}?done=muted`])
    expect(fake.told.muted.has(3)).toBe(true)
    expect(await words(path)).toContain('Muted Nothing of what stands below is told.')
    expect(await went(post(`${path}/mute`, { muted: 'no' }))).toEqual([303, `${path}?done=unmuted`])
    expect(await words(path)).not.toContain('Nothing of what stands below is told.')
  })

  test('who may edit it sees of channels their names alone', async () => {
    fake.viewer = callerWith('editor')
    const page = await shown('/scripts/3/notifications?rule=new')
    expect(page).toContain('Ops on call')
    expect(page).not.toMatch(/href="\/notifications|smtp\.example|push\.example/)
    const delivery = await shown('/scripts/3/notifications/deliveries/7')
    expect(delivery).toContain('action="/scripts/3/notifications/deliveries/7/redeliver"')
  })

  test('the tab is for who may edit it', async () => {
    const link = 'href="/scripts/3/notifications"'
    fake.viewer = callerWith('editor')
    expect(await shown('/scripts/3?tab=settings')).toContain(link)
    fake.viewer = callerWith('operator')
    expect(await shown('/scripts/3')).not.toContain(link)
  })

  test('a delivery of another script is not there, and is not sent again', async () => {
    expect((await get('/scripts/3/notifications/deliveries/5')).status).toBe(404)
    expect((await post('/scripts/3/notifications/deliveries/5/redeliver', {})).status).toBe(404)
    expect((await get('/scripts/4/notifications/deliveries/5')).status).toBe(200)
    expect(fake.told.deliveries.length).toBe(9)
    const again = await went(post('/scripts/4/notifications/deliveries/5/redeliver', {}))
    expect(again).toEqual([303, '/scripts/4/notifications/deliveries/10?again=1'])
  })
})

test.each([
  '/notifications/channels',
  '/notifications/channels/1/test',
  '/notifications/channels/1/delete',
  '/notifications/channels/1/restore',
  '/notifications/rules/1/delete',
  '/notifications/deliveries/7/redeliver',
  '/scripts/3/notifications/mute',
  '/scripts/3/notifications/rules/3/delete',
])('another site cannot post to %s', async (path) => {
  const before = JSON.stringify([fake.told.views, fake.told.rules, fake.told.deliveries.length])
  const response = await post(path, { muted: 'yes' }, { 'sec-fetch-site': 'cross-site' })
  expect(response.status).toBe(403)
  expect(JSON.stringify([fake.told.views, fake.told.rules, fake.told.deliveries.length])).toBe(before)
})
