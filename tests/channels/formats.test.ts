/** What each receiver gets: its own format, its own escaping, its own lengths. */
import { describe, expect, test } from 'bun:test'
import { channels } from '../../src/channels/channels.ts'
import type { ChannelKind, Means, Message, Outgoing, Sent } from '../../src/channels/model.ts'
import { signatureOf } from '../../src/channels/webhook.ts'
import { meansFor, message, now } from './harness.ts'

const yes: Sent = { ok: true, status: 200, answer: '', durationMs: 1 }

/** The request that a kind makes of a message. */
async function requestOf(kind: ChannelKind, input: Record<string, unknown>, more: Partial<Message> = {}, answer = yes) {
  const requests: Outgoing[] = []
  const http = async (request: Outgoing) => {
    requests.push(request)
    return answer
  }
  const means: Means = { ...meansFor(), http }
  const parsed = channels[kind].parse(input)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const sent = await channels[kind].send(parsed.config, message(more), means)
  return { ...requests[0]!, sent, json: () => JSON.parse(requests[0]!.body) }
}

const hook = { url: 'https://hook.test/x' }
const hostile = 'a & b <script> <!channel> <@U1> @everyone *b* _i_ `c` ||s|| [x](http://evil.test) # h'

describe('webhook', () => {
  test('is JSON of everything, under the names of Standard Webhooks', async () => {
    const { method, url, headers, json } = await requestOf('webhook', hook)
    expect({ method, url }).toEqual({ method: 'POST', url: hook.url })
    expect(headers).toEqual({
      'content-type': 'application/json',
      'webhook-id': 'msg_17',
      'webhook-timestamp': String(now / 1000),
    })
    expect(json()).toEqual({
      type: 'notification.failure',
      timestamp: '2027-01-01T00:00:00.000Z',
      id: 'msg_17',
      event: 'failure',
      title: 'backup.py failed',
      body: 'Exit code 3 after 1.4 s.',
      url: 'http://gateway.test/executions/9',
      data: { script: 'backup.py', status: 'failed', exit_code: 3 },
    })
  })

  test('has numbers as numbers, and null for what there is not', async () => {
    const texts = { script: '7', attempt: '1', exit_code: '0', duration: '1.4 s', duration_ms: '1400', reason: '' }
    const ids = { script_id: '7', run_id: '9', schedule_id: '', missed_count: '' }
    const { json } = await requestOf('webhook', hook, { facts: { ...texts, ...ids } })
    expect(json().data).toEqual({
      ...{ script: '7', attempt: 1, exit_code: 0, duration: '1.4 s', duration_ms: 1400, reason: null },
      ...{ script_id: 7, run_id: 9, schedule_id: null, missed_count: null },
    })
  })

  test('is signed as the vector of the standard says', () => {
    const signature = signatureOf(
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1614265330,
      '{"test": 2432232314}',
    )
    expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })

  test('has its further headers, and a signature over what is sent', async () => {
    const { headers, body } = await requestOf('webhook', {
      ...hook,
      secret: 'any text',
      headers: 'X-Team: blue\nAuthorization: Bearer a:b',
    })
    expect(headers).toMatchObject({ 'x-team': 'blue', authorization: 'Bearer a:b' })
    const hmac = new Bun.CryptoHasher('sha256', 'any text').update(`msg_17.${now / 1000}.${body}`).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${hmac}`)
  })
})

test('notify_url is title, body and group, with the address in the body once', async () => {
  const { json } = await requestOf('notify_url', hook)
  const body = 'Exit code 3 after 1.4 s.\nhttp://gateway.test/executions/9'
  expect(json()).toEqual({ title: 'backup.py failed', body, group: 'ScriptGateway' })
  expect((await requestOf('notify_url', hook, { body })).json().body).toBe(body)
})

describe('slack', () => {
  test('is a text without markup', async () => {
    const { json } = await requestOf('slack', hook, { url: 'http://gateway.test/?a=1&b=2' })
    expect(json()).toEqual({
      text: 'backup.py failed\nExit code 3 after 1.4 s.\nhttp://gateway.test/?a=1&amp;b=2',
      ...{ mrkdwn: false, unfurl_links: false, unfurl_media: false },
    })
  })

  test('mentions nobody', async () => {
    const { text } = (await requestOf('slack', hook, { title: hostile, body: '@here @channel' })).json()
    expect(text).toStartWith('a &amp; b &lt;script&gt; &lt;!channel&gt; &lt;@U1&gt; @\u200beveryone *b*')
    expect(text).not.toMatch(/<|@(everyone|here|channel)/)
  })

  test('is cut to 4,000 characters, and in none of its escapes', async () => {
    const { text } = (await requestOf('slack', hook, { body: '&'.repeat(5000) })).json()
    expect(text.length).toBeLessThanOrEqual(4000)
    expect(text.length).toBeGreaterThan(3990)
    expect(text).toMatch(/^backup.py failed\n(&amp;)+…\nhttp:/)
  })
})

describe('discord', () => {
  test('waits for the answer, keeps the thread, and mentions nobody', async () => {
    const { url, json } = await requestOf('discord', { url: 'https://discord.test/api/webhooks/1/t?thread_id=5' })
    expect(url).toBe('https://discord.test/api/webhooks/1/t?thread_id=5&wait=true')
    expect(json()).toEqual({
      content: '**backup.py failed**\nExit code 3 after 1.4 s.\nhttp://gateway.test/executions/9',
      allowed_mentions: { parse: [] },
      flags: 4,
    })
  })

  test('escapes its markdown', async () => {
    const { content } = (await requestOf('discord', hook, { title: hostile, url: '' })).json()
    expect(content).toStartWith(
      '**a & b \\<script\\> \\<!channel\\> \\<\\@U1\\> \\@\u200beveryone \\*b\\* \\_i\\_ \\`c\\` \\|\\|s\\|\\| \\[x\\]\\(http\\://evil.test\\) \\# h**',
    )
  })

  test('is cut to 2,000 characters between two of them', async () => {
    const { content } = (await requestOf('discord', hook, { body: '😀'.repeat(3000) })).json()
    expect(content.length).toBeLessThanOrEqual(2000)
    expect(content).toMatch(/^\*\*backup.py failed\*\*\n(😀)+…\nhttp:/u)
    expect(content.isWellFormed()).toBe(true)
  })
})

describe('telegram', () => {
  const bot = { token: '123456:ABCDEFGHIJ', chat_id: -1001 }

  test('is HTML to sendMessage', async () => {
    const { url, json } = await requestOf('telegram', bot, { title: 'a < b & c' })
    expect(url).toBe('https://api.telegram.org/bot123456:ABCDEFGHIJ/sendMessage')
    expect(json()).toEqual({
      chat_id: '-1001',
      text: '<b>a &lt; b &amp; c</b>\nExit code 3 after 1.4 s.\nhttp://gateway.test/executions/9',
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
    })
  })

  test('is cut to 4,096 characters as people see them', async () => {
    const { text } = (await requestOf('telegram', bot, { body: '<&'.repeat(5000) })).json()
    const seen = text.replace(/<\/?b>/g, '').replace(/&(lt|amp);/g, 'x')
    expect(seen.length).toBe(4096)
    expect(text).toMatch(/(&lt;|&amp;)…\nhttp:/)
  })

  test('waits as long as its JSON asks', async () => {
    const busy: Sent = {
      ...{ ok: false, status: 429, problem: 'x', isFinal: false, retryAfterMs: null, durationMs: 1 },
      answer: '{"ok":false,"error_code":429,"parameters":{"retry_after":14}}',
    }
    expect((await requestOf('telegram', bot, {}, busy)).sent).toMatchObject({ retryAfterMs: 14_000 })
  })
})

describe('ntfy', () => {
  const topic = { topic: 'backups' }

  test('is published as JSON', async () => {
    const { url, headers, json } = await requestOf('ntfy', { ...topic, token: 'tk_1', priority: 'max' })
    expect({ url, headers }).toEqual({
      url: 'https://ntfy.sh',
      headers: { 'content-type': 'application/json', authorization: 'Bearer tk_1' },
    })
    expect(json()).toEqual({
      topic: 'backups',
      title: 'backup.py failed',
      message: 'Exit code 3 after 1.4 s.',
      priority: 5,
      tags: ['x'],
      click: 'http://gateway.test/executions/9',
    })
  })

  test('takes a user and a password in the place of a token', async () => {
    const { headers } = await requestOf('ntfy', { ...topic, token: 'ann:secret' })
    expect(headers.authorization).toBe('Basic YW5uOnNlY3JldA==')
  })

  test('keeps its topic out of the answer, which repeats what was published', async () => {
    const answer = { ...yes, answer: '{"event":"message","topic":"backups","title":"x"}' }
    const { sent } = await requestOf('ntfy', topic, {}, answer)
    expect(sent.answer).toBe('{"event":"message","topic":"••••••","title":"x"}')
  })

  test('has its own tags, and says something where there is no body', async () => {
    const { json } = await requestOf('ntfy', { ...topic, tags: ['disk', 'nas'] }, { body: '', event: 'test' })
    expect(json()).toMatchObject({ tags: ['disk', 'nas'], message: 'backup.py failed', priority: 3 })
  })

  test.each(['ä', '"', '\n', '😀'])(
    'stays below its 4,096 bytes, and its JSON below twice that, with %j',
    async (letter) => {
      const { body, json } = await requestOf('ntfy', topic, {
        title: `t${letter}`.repeat(4000),
        body: `b${letter}`.repeat(4000),
      })
      expect(Buffer.byteLength(json().message)).toBeLessThanOrEqual(4096)
      expect(json().message).toEndWith('…')
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(8192)
    },
  )
})

test('heartbeat calls the address as it is, and takes the texts along where it posts', async () => {
  const url = 'https://hc.test/0d338dcc/fail?rid=1'
  const { sent: _, json: __, ...get } = await requestOf('heartbeat', { url })
  expect(get).toEqual({ url, method: 'GET', headers: {}, body: '' })
  const { method, body } = await requestOf('heartbeat', { url, method: 'POST' })
  expect({ method, body }).toEqual({ method: 'POST', body: 'backup.py failed\nExit code 3 after 1.4 s.' })
})
