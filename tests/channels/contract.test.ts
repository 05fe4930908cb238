/** What every kind of channel promises: it reads its configuration, keeps its secrets, and outlives every receiver. */
import { afterAll, describe, expect, test } from 'bun:test'
import { channels } from '../../src/channels/channels.ts'
import { type ChannelKind, channelKinds } from '../../src/channels/model.ts'
import { type Behaviour, createReceiver, failures } from '../harness/receiver.ts'
import { createSmtpServer, type SmtpMode } from '../harness/smtp.ts'
import { meansFor, message } from './harness.ts'

const [receiver, smtp] = await Promise.all([createReceiver(), createSmtpServer()])
afterAll(() => Promise.all([receiver.close(), smtp.close()]))

type Input = Record<string, unknown>

interface Case {
  /** With everything that there is to configure, and secrets that can be found again. */
  full: Input
  /** What is wrong, by the field that says so. */
  refused: [Input, string][]
}

const address = receiver.url('ok/hooks/T0KEN-secret-path')
const badAddresses: [Input, string][] = [
  [{}, 'url'],
  [{ url: 'ftp://a.test/' }, 'url'],
  [{ url: 'nothing' }, 'url'],
  [{ url: 7 }, 'url'],
  [{ url: 'javascript:alert(1)' }, 'url'],
  [{ url: `http://a.test/${'x'.repeat(2000)}` }, 'url'],
  [{ url: 'http://a.test/a\r\nb' }, 'url'],
]

const cases: Record<ChannelKind, Case> = {
  webhook: {
    full: { url: address, secret: 'whsec_c2VjcmV0', headers: ['Authorization: Bearer s3cret-h', 'X-Team: blue'] },
    refused: [
      ...badAddresses,
      [{ url: address, secret: 'whsec_not base64' }, 'secret'],
      [{ url: address, headers: 'Authorization' }, 'headers'],
      [{ url: address, headers: ['Content-Length: 3'] }, 'headers'],
      [{ url: address, headers: ['webhook-signature: v1,x'] }, 'headers'],
      [{ url: address, headers: ['Bad name: x'] }, 'headers'],
      [{ url: address, headers: ['X-A: €'] }, 'headers'],
      [{ url: address, headers: ['X-A: 1', 'x-a: 2'] }, 'headers'],
      [{ url: address, headers: [{ name: 'x' }] }, 'headers'],
    ],
  },
  notify_url: { full: { url: address }, refused: badAddresses },
  slack: { full: { url: address }, refused: badAddresses },
  discord: { full: { url: address }, refused: badAddresses },
  heartbeat: {
    full: { url: address, method: 'POST' },
    refused: [...badAddresses, [{ url: address, method: 'PUT' }, 'method']],
  },
  telegram: {
    full: { token: '123456:ABC-T0KEN-secret', chat_id: '-1001', api_url: receiver.url() },
    refused: [
      [{ chat_id: '1' }, 'token'],
      [{ token: 'abc', chat_id: '1' }, 'token'],
      [{ token: '123456:ABC-/../x', chat_id: '1' }, 'token'],
      [{ token: '123456:ABCDEFGHIJ' }, 'chat_id'],
      [{ token: '123456:ABCDEFGHIJ', chat_id: 'my group' }, 'chat_id'],
      [{ token: '123456:ABCDEFGHIJ', chat_id: '1', api_url: 'http://a.test/?x=' }, 'api_url'],
    ],
  },
  ntfy: {
    full: { url: receiver.url(), topic: 'T0KEN-topic', token: 'tk_s3cret', priority: 'high', tags: ['backup'] },
    refused: [
      [{}, 'topic'],
      [{ topic: 'a/b' }, 'topic'],
      [{ topic: 'a', url: 'ntfy.sh' }, 'url'],
      [{ topic: 'a', url: 'https://ann:secret@ntfy.sh' }, 'url'],
      [{ topic: 'a', token: 'a b' }, 'token'],
      [{ topic: 'a', priority: 'loud' }, 'priority'],
      [{ topic: 'a', tags: ['a,b'] }, 'tags'],
    ],
  },
  email: {
    full: {
      ...{ host: 'mail.test', port: smtp.port, security: 'none', user: 'gateway', password: 's3cret-pass' },
      ...{ from: 'Gateway <gateway@a.test>', to: ['ann@b.test'] },
    },
    refused: [
      [{ from: 'a@b.test', to: 'a@b.test' }, 'host'],
      [{ host: 'a b', from: 'a@b.test', to: 'a@b.test' }, 'host'],
      [{ host: 'a', from: 'nobody', to: 'a@b.test' }, 'from'],
      [{ host: 'a', from: 'a@b.test\r\nBcc: c@d.test', to: 'a@b.test' }, 'from'],
      [{ host: 'a', from: 'a@b.test', to: [] }, 'to'],
      [{ host: 'a', from: 'a@b.test', to: ['a@b.test, c@d.test'] }, 'to'],
      [{ host: 'a', from: 'a@b.test', to: ['a@b.test>\r\nRCPT TO:<x@y.test'] }, 'to'],
      [{ host: 'a', from: 'a@b.test', to: Array(21).fill('a@b.test') }, 'to'],
      [{ host: 'a', from: 'a@b.test', to: 'a@b.test', port: 70_000 }, 'port'],
      [{ host: 'a', from: 'a@b.test', to: 'a@b.test', port: 'many' }, 'port'],
      [{ host: 'a', from: 'a@b.test', to: 'a@b.test', security: 'ssl' }, 'security'],
      [{ host: 'a', from: 'a@b.test', to: 'a@b.test', password: 'x' }, 'user'],
    ],
  },
}

/** Everything in a full configuration that is a secret. */
const secrets = /T0KEN|s3cret|c2VjcmV0|123456:/

const configOf = (kind: ChannelKind, input = cases[kind].full) => {
  const parsed = channels[kind].parse(input)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.config
}

/** Of a mail server, as `failures` of a web server. */
const failing: SmtpMode[] = ['silent', 'garbage', 'busy', 'closes', 'closes_at_data', 'closes_after_data']

test('every kind is in the list under its name', () => {
  expect(channelKinds.map((kind) => channels[kind].kind)).toEqual([...channelKinds])
})

describe.each(channelKinds.map((kind) => [kind]))('%s', (kind) => {
  const channel = channels[kind]
  const { full, refused } = cases[kind]

  test('takes everything that it asks for, and what it kept once more', () => {
    const config = configOf(kind)
    expect(config).toEqual(full)
    expect(configOf(kind, config as Input)).toEqual(config)
    expect(Object.keys(full).sort()).toEqual(channel.fields.map(({ name }) => name).sort())
  })

  test('takes the texts of a form', () => {
    const texts = Object.entries(full).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join('\n') : String(value),
    ])
    expect(configOf(kind, Object.fromEntries(texts))).toEqual(full)
  })

  test('fills in what may be left out, and keeps that too', () => {
    const needed = channel.fields.filter(({ required }) => required).map(({ name }) => [name, full[name]])
    const config = configOf(kind, Object.fromEntries(needed)) as Input
    for (const field of channel.fields) if (field.default !== undefined) expect(config[field.name]).toBe(field.default)
    expect(configOf(kind, config)).toEqual(config)
  })

  test.each(refused)('refuses %j by the field %s', (input, path) => {
    const parsed = channel.parse(input)
    expect(parsed).toMatchObject({ ok: false })
    const problems = parsed.ok ? [] : parsed.problems
    expect(problems.map((problem) => problem.path)).toContain(path)
    for (const { message: words } of problems) expect(words).toMatch(/^(is|must|has|cannot) /)
  })

  test('refuses what it does not ask for', () => {
    const parsed = channel.parse({ ...full, colour: 'blue' })
    expect(parsed.ok || parsed.problems.map(({ path }) => path)).toEqual(['colour'])
  })

  test('refuses every field of another type, and throws at nothing', () => {
    for (const { name } of channel.fields)
      for (const odd of [{}, () => 1, Number.NaN, [[]], Symbol.iterator, '\0', 1n]) {
        const parsed = channel.parse({ ...full, [name]: odd })
        expect(parsed.ok || parsed.problems.map(({ path }) => path)).toEqual([name])
      }
  })

  test('shows no secret', () => {
    const shown = channel.shown(configOf(kind))
    expect(JSON.stringify(shown)).not.toMatch(secrets)
    for (const { name, secret, type } of channel.fields)
      if (secret && type === 'url') expect(shown[name]).toBe(`127.0.0.1:${receiver.port}`)
      else if (secret) expect(shown[`${name}_set`]).toBe(true)
      else expect(shown[name]).toEqual(full[name])
  })

  test('sends', async () => {
    const sent = await channel.send(configOf(kind), message(), meansFor())
    expect(sent).toMatchObject({ ok: true })
    expect(sent.durationMs).toBeGreaterThanOrEqual(0)
  })

  test('sends whatever a text holds', async () => {
    const awkward = ['', ' ', '\0\r\n\u2028', '\ud800', '<b>&"\'`*_~|@everyone {{script}}', '😀'.repeat(50_000)]
    for (const text of awkward) {
      const sent = await channel.send(configOf(kind), message({ title: text, body: text }), meansFor())
      expect([text.slice(0, 20), sent.ok || sent.problem]).toEqual([text.slice(0, 20), true])
    }
  })

  test('outlives every failure within its limit, and tells no secret', async () => {
    const outcomes: unknown[] = []
    const limitMs = 60
    for (const mode of kind === 'email' ? failing : failures) {
      receiver.mode = mode as Behaviour
      smtp.mode = mode as SmtpMode
      const sent = await channel.send(configOf(kind), message(), meansFor({ timeoutMs: limitMs }))
      outcomes.push([mode, sent.ok, secrets.test(JSON.stringify(sent)), sent.durationMs < limitMs + 2000])
    }
    receiver.mode = null
    smtp.mode = 'ok'
    expect(outcomes).toEqual((kind === 'email' ? failing : failures).map((mode) => [mode, false, false, true]))
  })

  test('sends nothing to this machine unless it is allowed', async () => {
    const before = [receiver.requests.length, smtp.commands.length]
    const sent = await channel.send(configOf(kind), message(), meansFor({ allowLocal: false }))
    expect(sent).toMatchObject({ ok: false, isFinal: true })
    expect([receiver.requests.length, smtp.commands.length]).toEqual(before)
  })
})
