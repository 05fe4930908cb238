/** Everything that acts, done once on a real gateway: who did what to what is in the audit log, what it was before and is after, and no secret. */
import { afterAll, describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateSync } from 'otplib'
import type { AuditEntry } from '../../src/audit/model.ts'
import { createLog } from '../../src/log.ts'
import { javascriptScript, startApp } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { unconfined } from '../harness/isolation.ts'
import { adminToken, bearer, makePerson, type Person, password } from '../harness/people.ts'
import { ofTheBrowser } from './needs.ts'
import { startProvider } from './provider.ts'

/** What must be nowhere in the clear: name → text. More of them are added by what is done. */
const secrets: Record<string, string> = {
  'the password of a new user': 'canary otter lamp one',
  'a password that was changed': 'canary otter lamp two',
  'the password of the first administrator': 'canary otter lamp three',
  'a wrong password': 'canary otter lamp four',
  'a secret variable': 'canary-of-a-variable',
  'a heartbeat': 'canary-of-a-heartbeat',
  'a secret variable of a form': 'canary-of-a-form',
  'a secret parameter': 'canary-of-a-parameter',
  'a secret parameter of a form': 'canary-of-a-parameter-in-a-form',
  'the passphrase of a backup': 'canary of a passphrase',
  'the passphrase of a backup from the page': 'canary of another passphrase',
  'the address of a channel': 'canary-of-a-channel',
  'the key of a channel': 'canary-of-a-key-of-a-channel',
  ADMIN_TOKEN: adminToken,
  'the usual password': password,
}
/** In the settings, as they were set: of the audit log and the gateway's log alone. */
const inSettings = {
  'the password in an address': 'canary@of:an?address',
  'the same, encoded': encodeURIComponent('canary@of:an?address'),
}

const provider = startProvider('gateway', 'canaryOfTheClient')
afterAll(provider.stop)
secrets['the secret of the client'] = 'canaryOfTheClient'
const logFile = join(tempFolder(), 'gateway.log')
const log = createLog({ file: logFile, level: 'trace' })

const byHand = `${JSON.stringify({ text: { flag: '--text', type: 'str', help: 'by hand' } })}\n`
const argsMap = { text: { type: 'str' }, pin: { type: 'str', secret: true } }
const scripts = {
  'js/alpha.js': javascriptScript(argsMap, 'console.log(args.length)'),
  'js/waits.js': javascriptScript({}, 'setInterval(() => {}, 1000)'),
  'js/gone.js': javascriptScript({}, 'console.log(1)'),
  'js/gone2.js': javascriptScript({}, 'console.log(1)'),
  'js/gone3.js': javascriptScript({}, 'console.log(1)'),
  'js/packed.js': javascriptScript({}, 'console.log(1)'),
  'js/differs.js': javascriptScript(argsMap, 'console.log(1)'),
  'js/.differs._map.json': byHand,
  'js/differs2.js': javascriptScript(argsMap, 'console.log(1)'),
  'js/.differs2._map.json': byHand,
}
const gateway = await startApp(
  scripts,
  {
    ...{ auth: 'on', oidc_issuer: provider.issuer, oidc_client_id: 'gateway', oidc_role: 'operator' },
    ...{ deps_offline: true, deps_auto_install: false },
  },
  { secrets: { adminToken, oidcClientSecret: 'canaryOfTheClient' }, isolation: unconfined, log },
)
const fresh = await startApp({}, { auth: 'on' }, { isolation: unconfined, log })
secrets['the setup code'] = fresh.app.setupCode()!

const idOf = (slug: string) => gateway.app.scripts().find((script) => script.slug === slug)!.id
const alpha = idOf('alpha')
const gone3 = idOf('gone3')
const ofAlpha = { object_type: 'script', object_id: String(alpha), object_name: 'alpha.js' }
const hashOf = () => gateway.app.scripts().find(({ id }) => id === alpha)!.content_hash

const [root, subject, other, reader, leaver, leaver2, self, self2] = await Promise.all([
  makePerson(gateway, { name: 'root', role: 'admin' }),
  makePerson(gateway, { name: 'subject', role: 'viewer' }),
  makePerson(gateway, { name: 'other', role: 'viewer' }),
  makePerson(gateway, { name: 'reader', role: 'viewer' }),
  makePerson(gateway, { name: 'leaver', role: 'viewer' }),
  makePerson(gateway, { name: 'leaver2', role: 'viewer' }),
  makePerson(gateway, { name: 'self', role: 'operator' }),
  makePerson(gateway, { name: 'self2', role: 'operator' }),
])
for (const person of [root, self, self2]) {
  secrets[`the token of ${person.name}`] = person.token
  secrets[`the session of ${person.name}`] = person.cookie.split('=')[1]!
}

type Headers = Record<string, string>
type Sent = { headers: Headers; who: Who }
/** As the entry has to name them. */
type Who = { actor: string; actor_kind: string; user_id: number | null; token_id: number | null }
const asToken = (person: Person): Sent => ({
  headers: bearer(person.token),
  who: {
    actor: `token "test" of ${person.name}`,
    actor_kind: 'token',
    user_id: person.id,
    token_id: expect.any(Number) as unknown as number,
  },
})
const asUser = ({ name, id, cookie }: Person): Sent => ({
  headers: { cookie, origin: gateway.url },
  who: { actor: name, actor_kind: 'user', user_id: id, token_id: null },
})
const nobody: Sent = {
  headers: {},
  who: { actor: '', actor_kind: '', user_id: null, token_id: null },
}

/** A body: JSON, a form, or what fetch takes. */
const json = (value: unknown) => ({ body: JSON.stringify(value), headers: { 'content-type': 'application/json' } })
const form = (fields: Record<string, string>) => ({ body: new URLSearchParams(fields) })
const file = (name: string, content: BlobPart) => {
  const body = new FormData()
  body.append('file', new File([content], name))
  return { body }
}

interface Answer {
  status: number
  text: string
  headers: globalThis.Headers
}
async function send(
  on: typeof gateway,
  method: string,
  path: string,
  { headers }: Sent,
  init: { body?: BodyInit; headers?: Headers } = {},
): Promise<Answer> {
  const response = await on.fetch(path, {
    method,
    redirect: 'manual',
    body: init.body,
    headers: { ...headers, ...init.headers },
  })
  return {
    status: response.status,
    text: await response.bytes().then((bytes) => Buffer.from(bytes).toString('latin1')),
    headers: response.headers,
  }
}

/** Newest last; asking is no act. */
async function entriesAfter(id: number, on = gateway, headers: Headers = bearer(adminToken)): Promise<AuditEntry[]> {
  const { body } = await on.json<{ items: AuditEntry[] }>('/api/audit?page_size=200', { headers })
  return body.items.filter((entry) => entry.id > id).reverse()
}
let seen = (await entriesAfter(0)).at(-1)!.id
async function news(): Promise<AuditEntry[]> {
  const entries = await entriesAfter(seen)
  seen = entries.at(-1)?.id ?? seen
  return entries
}

type Wanted = Partial<AuditEntry> & { action: string }
interface Act {
  /** As Elysia lists it. */
  route: string
  /** What is special about this call. */
  about?: string
  as: Sent | (() => Sent)
  path?: string | (() => string)
  body?:
    | { body?: BodyInit; headers?: Headers }
    | (() => { body?: BodyInit; headers?: Headers } | Promise<{ body?: BodyInit; headers?: Headers }>)
  status: number
  /** What the log has to say of it; a status that is not here is the answer's. */
  told: Wanted[] | (() => Wanted[])
  /** With the answer: what later acts need of it. */
  after?(answer: Answer): void | Promise<void>
}

const api = asToken(root)
const page = asUser(root)
const user = ({ id, name }: Person) => ({ object_type: 'user', object_id: String(id), object_name: name })
const changed = (before: unknown, after: unknown) => ({ before, after })
/** Told when it was done, before there was an answer. */
const done = { status: null }
const anyHash = () => expect.stringMatching(/^[0-9a-f]{64}$/)
const kept: Record<string, string> = {}
const keep =
  (name: string, pattern: RegExp) =>
  ({ text }: Answer) => {
    const found = pattern.exec(text)?.[1]
    if (!found) throw new Error(`no ${name} in ${text.slice(0, 500)}`)
    kept[name] = found
  }
const keepSecret = (name: string, pattern: RegExp) => (answer: Answer) => {
  keep(name, pattern)(answer)
  secrets[name] = kept[name]!
}
const codeFor = (secret: string) => generateSync({ secret })
const startWaiting = async () => {
  const { text } = await send(gateway, 'POST', '/api/scripts/waits/run?async=1', api)
  kept.run = String(JSON.parse(text).run_id)
  await news()
}
const runOfWaits = { object_type: 'script', object_id: String(idOf('waits')), object_name: 'waits.js' }
const signedIn = (person: Person): Who => asUser(person).who
const begun = (person: Person): Wanted => ({
  action: 'session.begin',
  object_type: 'session',
  object_name: person.name,
  ...done,
  ...signedIn(person),
})

const settingsActs: Act[] = [
  {
    ...{ route: 'PUT /api/settings', as: api, status: 200 },
    body: json({
      timeout_min: 3,
      notify_url: `https://anna:${inSettings['the same, encoded']}@hook.example/simple`,
    }),
    told: [
      {
        ...{
          action: 'settings.change',
          object_type: 'settings',
          object_id: null,
          object_name: 'timeout_min, notify_url',
        },
        ...changed(
          { timeout_min: 10, notify_url: '' },
          { timeout_min: 3, notify_url: 'https://••••••@hook.example/••••••' },
        ),
      },
    ],
    after: () => setNotifyUrl(null).then(() => undefined), // else every run would look for that host
  },
  {
    ...{ route: 'PATCH /api/settings', as: api, status: 200, body: json({ timeout_min: null }) },
    told: [
      { action: 'settings.change', object_name: 'timeout_min', ...changed({ timeout_min: 3 }, { timeout_min: 10 }) },
    ],
  },
  {
    ...{ route: 'POST /settings', as: page, status: 303, body: form({ timeout_min: '4' }) },
    told: [
      { action: 'settings.change', object_name: 'timeout_min', ...changed({ timeout_min: 10 }, { timeout_min: 4 }) },
    ],
  },
  {
    ...{ route: 'PUT /api/variables/:name', path: '/api/variables/KEY', as: api, status: 201 },
    body: json({ value: secrets['a secret variable'], secret: true }),
    told: [
      {
        ...{ action: 'variable.set', object_type: 'variable', object_id: null, object_name: 'KEY', before: null },
        after: { secret: true, value: null, replaced: true },
      },
    ],
  },
  {
    ...{ route: 'DELETE /api/variables/:name', path: '/api/variables/KEY', as: api, status: 204 },
    told: [{ action: 'variable.remove', object_name: 'KEY', ...changed({ secret: true, value: null }, null) }],
  },
  {
    ...{ route: 'POST /settings/variables', as: page, status: 303 },
    body: form({ act: 'add', name: 'KEY', secret: '1', value: secrets['a secret variable of a form']! }),
    told: [
      {
        action: 'variable.set',
        object_name: 'KEY',
        before: null,
        after: { secret: true, value: null, replaced: true },
      },
    ],
  },
  {
    ...{
      route: 'POST /settings/variables',
      about: 'away',
      as: page,
      status: 303,
      body: form({ act: 'remove', name: 'KEY' }),
    },
    told: [{ action: 'variable.remove', object_name: 'KEY', before: { secret: true, value: null }, after: null }],
  },
  {
    ...{ route: 'POST /api/temp-files/cleanup', as: api, status: 200 },
    told: [{ action: 'storage.cleanup', object_type: 'storage', object_name: 'temporary files', after: { files: 0 } }],
  },
  {
    ...{ route: 'POST /api/retention/cleanup', as: api, status: 200 },
    told: [{ action: 'storage.cleanup', object_type: 'storage', object_name: 'runs', after: { runs: 0 } }],
  },
  {
    ...{ route: 'POST /settings/storage', as: page, status: 303 },
    told: [{ action: 'storage.cleanup', object_type: 'storage', object_name: 'runs', after: { runs: 0 } }],
  },
  {
    ...{
      route: 'POST /api/backup',
      as: api,
      status: 200,
      body: json({ passphrase: secrets['the passphrase of a backup'], keys: true }),
    },
    told: [
      {
        ...{ action: 'backup.create', object_type: 'backup', object_name: expect.stringContaining('scriptgateway-') },
        after: { has_keys: true, has_outputs: false, encrypted: true },
      },
    ],
  },
  {
    ...{ route: 'POST /settings/backup', as: page, status: 200 },
    body: form({ passphrase: secrets['the passphrase of a backup from the page']! }),
    told: [{ action: 'backup.create', object_type: 'backup', after: { has_keys: false, encrypted: true } }],
  },
  {
    ...{ route: 'POST /api/restore', about: 'nobody here can start it anew', as: api, status: 409 },
    body: file('backup.tar.gz', 'x'),
    told: [{ action: 'gateway.restore', status: 409 }],
  },
  {
    ...{ route: 'POST /settings/restore', as: page, status: 409, body: file('backup.tar.gz', 'x') },
    told: [{ action: 'gateway.restore', status: 409 }],
  },
  {
    ...{ route: 'GET /api/audit/export', path: '/api/audit/export?action=script', as: api, status: 200 },
    told: [{ action: 'audit.export', object_type: 'audit', after: { format: 'jsonl', action: 'script' } }],
  },
  { route: 'POST /audit/verify', about: 'it reads, and changes nothing', as: page, status: 200, told: [] },
]

const scriptActs: Act[] = [
  {
    ...{ route: 'POST /api/scripts', as: api, status: 201 },
    body: json({ runtime: 'js', filename: 'made.js', content: scripts['js/gone.js'], alias: 'Made', tags: ['new'] }),
    told: [
      {
        ...{
          action: 'script.create',
          object_type: 'script',
          object_id: expect.stringMatching(/^\d+$/),
          object_name: 'made.js',
        },
        ...changed(null, { alias: 'Made', tags: ['new'], content_hash: anyHash() }),
      },
    ],
  },
  { route: 'POST /api/scripts/scan', as: api, status: 200, told: [{ action: 'script.scan', after: { changed: [] } }] },
  {
    ...{ route: 'PATCH /api/scripts/:id', path: '/api/scripts/alpha', as: api, status: 200 },
    body: json({ alias: 'First', tags: ['a'] }),
    told: [
      { action: 'script.describe', ...ofAlpha, ...changed({ alias: null, tags: [] }, { alias: 'First', tags: ['a'] }) },
    ],
  },
  {
    ...{
      route: 'PUT /api/scripts/:id',
      path: '/api/scripts/alpha',
      as: api,
      status: 200,
      body: json({ description: 'What' }),
    },
    told: [{ action: 'script.describe', ...ofAlpha, ...changed({ description: '' }, { description: 'What' }) }],
  },
  {
    ...{ route: 'PUT /api/scripts/:id/content', path: '/api/scripts/alpha/content', as: api, status: 200 },
    body: () => {
      kept.before = hashOf()!
      return { body: `${scripts['js/alpha.js']}// more\n`, headers: { 'if-match': '*', 'content-type': 'text/plain' } }
    },
    told: () => [
      {
        ...{ action: 'script.edit', ...ofAlpha },
        ...changed({ content_hash: kept.before }, { content_hash: hashOf(), bytes: scripts['js/alpha.js'].length + 8 }),
      },
    ],
  },
  {
    route: 'POST /api/scripts/:id/versions/:version/restore',
    ...{ path: '/api/scripts/alpha/versions/1/restore', as: api, status: 200 },
    body: () => {
      kept.edited = hashOf()!
      return { headers: { 'if-match': '*' } }
    },
    told: () => [
      {
        ...{ action: 'script.restore', ...ofAlpha },
        ...changed({ content_hash: kept.edited }, { content_hash: kept.before, version: 1 }),
      },
    ],
  },
  {
    route: 'POST /scripts/:id/versions/:version/restore',
    ...{ path: `/scripts/${alpha}/versions/2/restore`, as: page, status: 303 },
    body: () => {
      kept.before = hashOf()!
      return form({ if_match: kept.before })
    },
    told: () => [
      {
        ...{ action: 'script.restore', ...ofAlpha },
        ...changed({ content_hash: kept.before }, { content_hash: kept.edited, version: 2 }),
      },
    ],
  },
  {
    ...{ route: 'POST /scripts/:id/code', path: `/scripts/${alpha}/code`, as: page, status: 303 },
    body: () => {
      kept.typed = hashOf()!
      return form({ content: `${scripts['js/alpha.js']}// most\n`, etag: kept.typed, eol: 'lf' })
    },
    told: () => [
      {
        ...{ action: 'script.edit', ...ofAlpha },
        ...changed({ content_hash: kept.typed }, { content_hash: hashOf(), bytes: scripts['js/alpha.js'].length + 8 }),
      },
    ],
  },
  {
    ...{ route: 'POST /scripts/new', as: page, status: 303 },
    body: form({ template: 'js', filename: 'from_template', group: 'made' }),
    told: [
      {
        ...{ action: 'script.create', object_type: 'script', object_id: expect.any(String) },
        object_name: 'made/from_template.js',
        ...changed(null, { alias: null, tags: [], content_hash: anyHash() }),
      },
    ],
  },
  {
    ...{ route: 'POST /scripts/new/upload', as: page, status: 303 },
    body: () => {
      const sent = file('uploaded.js', scripts['js/alpha.js'])
      sent.body.append('group', 'made')
      return sent
    },
    told: () => [{ action: 'script.upload', object_type: 'files', object_name: 'js/made/uploaded.js' }],
  },
  {
    ...{ route: 'POST /api/scripts/upload', as: api, status: 201 },
    body: () => {
      const sent = file('alpha.js', scripts['js/alpha.js'])
      sent.body.append('overwrite', '1')
      kept.edited = hashOf()!
      return sent
    },
    told: () => [
      {
        ...{ action: 'script.upload', object_type: 'files', object_name: 'js/alpha.js' },
        ...changed([{ id: alpha, content_hash: kept.edited }], [{ id: alpha, content_hash: kept.before }]),
      },
    ],
  },
  {
    ...{ route: 'PUT /api/scripts/:id/policy', path: '/api/scripts/alpha/policy', as: api, status: 200 },
    body: json({ limits: { timeout_min: 1 } }),
    told: [{ action: 'script.policy', ...ofAlpha, ...changed({}, { limits: { timeout_min: 1 } }) }],
  },
  {
    ...{ route: 'DELETE /api/scripts/:id/policy', path: '/api/scripts/alpha/policy', as: api, status: 204 },
    told: [{ action: 'script.policy', ...ofAlpha, ...changed({ limits: { timeout_min: 1 } }, null) }],
  },
  {
    ...{ route: 'POST /scripts/:id/policy', path: `/scripts/${alpha}/policy`, as: page, status: 303 },
    body: form({ text: '{"limits": {"timeout_min": 2}}' }),
    told: [{ action: 'script.policy', ...ofAlpha, ...changed({}, { limits: { timeout_min: 2 } }) }],
  },
  {
    ...{
      route: 'PUT /api/scripts/:id/variables/:name',
      path: '/api/scripts/alpha/variables/OWN',
      as: api,
      status: 201,
    },
    body: json({ value: 'plain' }),
    told: [
      {
        ...{ action: 'variable.set', object_type: 'variable', object_id: `script ${alpha}`, object_name: 'OWN' },
        ...changed(null, { secret: false, value: 'plain' }),
      },
    ],
  },
  {
    ...{ route: 'POST /scripts/:id/variables', path: `/scripts/${alpha}/variables`, as: page, status: 303 },
    body: form({ act: 'set', name: 'OWN', value: 'other' }),
    told: [{ action: 'variable.set', object_name: 'OWN', ...changed({ value: 'plain' }, { value: 'other' }) }],
  },
  {
    ...{
      route: 'DELETE /api/scripts/:id/variables/:name',
      path: '/api/scripts/alpha/variables/OWN',
      as: api,
      status: 204,
    },
    told: [{ action: 'variable.remove', object_name: 'OWN', ...changed({ value: 'other' }, null) }],
  },
  {
    ...{ route: 'POST /api/scripts/:id/schema', path: '/api/scripts/differs/schema', as: api, status: 200 },
    body: json({ use: 'script' }),
    told: [{ action: 'script.schema', object_name: 'differs.js', after: { use: 'script' } }],
  },
  {
    ...{ route: 'PUT /api/scripts/:id/schema', path: '/api/scripts/differs/schema', as: api, status: 200 },
    body: json({ params: { pin: { type: 'str', secret: true, default: secrets['a secret parameter'] } } }),
    told: [
      {
        action: 'script.schema',
        object_name: 'differs.js',
        after: { params: { pin: { type: 'str', secret: true, default: '…' } } },
      },
    ],
  },
  {
    ...{ route: 'DELETE /api/scripts/:id/schema', path: '/api/scripts/differs/schema', as: api, status: 204 },
    told: [{ action: 'script.schema', object_name: 'differs.js', after: { use: 'script', params: argsMap } }],
  },
  {
    ...{ route: 'POST /scripts/:id/schema', path: `/scripts/${idOf('differs2')}/schema`, as: page, status: 303 },
    body: form({ use: 'sidecar' }),
    told: [{ action: 'script.schema', object_name: 'differs2.js', after: { use: 'sidecar' } }],
  },
  {
    ...{
      route: 'POST /scripts/:id/parameters',
      path: `/scripts/${idOf('differs2')}/parameters`,
      as: page,
      status: 303,
    },
    body: form({ act: 'reset' }),
    told: [{ action: 'script.schema', object_name: 'differs2.js', after: { use: 'script', params: argsMap } }],
  },
  {
    ...{ route: 'POST /scripts/:id/about', path: `/scripts/${idOf('differs2')}/about`, as: page, status: 409 },
    body: form({ alias: 'Named', was: 'another one' }),
    told: [{ action: 'script.describe', object_name: 'differs2.js', status: 409 }],
  },
  {
    ...{ route: 'POST /scripts/:id/rescan', path: `/scripts/${idOf('differs2')}/rescan`, as: page, status: 303 },
    told: [{ action: 'script.rescan', object_name: 'differs2.js' }],
  },
  {
    ...{ route: 'POST /api/scripts/:id/rescan', path: '/api/scripts/alpha/rescan', as: api, status: 200 },
    told: [{ action: 'script.rescan', ...ofAlpha }],
  },
  {
    ...{ route: 'GET /api/scripts/:id/export', path: '/api/scripts/alpha/export', as: api, status: 200 },
    told: [{ action: 'script.export', ...ofAlpha, after: { scripts: ['alpha.js'] } }],
    after: ({ text }) => {
      kept.archive = text
    },
  },
  {
    ...{ route: 'POST /api/scripts/import', path: '/api/scripts/import?overwrite=1', as: api, status: 201 },
    body: () => file('a.tar.gz', Buffer.from(kept.archive!, 'latin1')),
    told: () => [
      {
        ...{ action: 'script.import', object_type: 'files', object_name: expect.stringContaining('js/alpha.js') },
        ...changed([{ id: alpha, content_hash: hashOf() }], [{ id: alpha, content_hash: hashOf() }]),
      },
    ],
  },
  {
    ...{ route: 'POST /import', path: '/import?overwrite=1', as: page, status: 200 },
    body: () => file('a.tar.gz', Buffer.from(kept.archive!, 'latin1')),
    told: [{ action: 'script.import', object_type: 'files', after: [{ id: alpha, filename: 'alpha.js' }] }],
  },
  {
    ...{ route: 'POST /scripts/:id/state', path: '/scripts/alpha/state', as: page, status: 303 },
    body: form({ state: 'inactive' }),
    told: [{ action: 'script.describe', ...ofAlpha, ...changed({ enabled: true }, { enabled: false }) }],
  },
  {
    ...{ route: 'POST /batch', as: page, status: 303, body: form({ act: 'activate', id: String(alpha) }) },
    told: [{ action: 'script.describe', ...ofAlpha, ...changed({ enabled: false }, { enabled: true }), status: 200 }],
  },
  {
    ...{ route: 'POST /batch', about: 'deleting', as: page, status: 303 },
    body: () => form({ act: 'delete', id: String(gone3) }),
    told: [
      {
        ...{ action: 'script.delete', object_type: 'script', object_name: 'gone3.js', after: null, status: 200 },
        before: { alias: null, tags: [], content_hash: anyHash() },
      },
    ],
  },
  {
    ...{ route: 'POST /scripts/restore', as: page, status: 303, body: form({ id: String(gone3) }) },
    told: [
      {
        ...{ action: 'script.bring-back', object_type: 'script', object_name: 'gone3.js', before: null, status: 200 },
        after: { alias: null, tags: [], content_hash: anyHash() },
      },
    ],
  },
  {
    ...{ route: 'POST /scripts/restore', about: 'one that is not deleted', as: page, status: 409 },
    body: form({ id: String(gone3) }),
    told: [{ action: 'script.bring-back', object_type: 'script', object_name: 'gone3.js', status: 409 }],
  },
  {
    ...{ route: 'POST /scripts/:id/delete', path: '/scripts/gone2/delete', as: page, status: 303, body: form({}) },
    told: [
      {
        ...{ action: 'script.delete', object_type: 'script', object_name: 'gone2.js', after: null },
        before: { alias: null, tags: [], content_hash: anyHash() },
      },
    ],
  },
  {
    ...{ route: 'DELETE /api/scripts/:id', path: '/api/scripts/gone', as: api, status: 204 },
    told: [
      {
        action: 'script.delete',
        object_type: 'script',
        object_name: 'gone.js',
        ...changed({ content_hash: anyHash() }, null),
      },
    ],
  },
]

const schedules = `/api/scripts/${idOf('packed')}/schedules`
const ofSchedule = { object_type: 'schedule', object_name: 'packed.js: @daily' }
const pageOfSchedule = () => `/scripts/${idOf('packed')}/schedules/${kept.schedule}`
const schedulePageActs: Act[] = [
  {
    ...{ route: 'POST /scripts/:id/schedules', about: 'one that was never deleted', as: page, status: 409 },
    ...{ path: `/scripts/${idOf('packed')}/schedules`, body: form({ ':act': 'restore', ':id': '99' }) },
    told: [{ action: 'schedule.restore' }],
  },
  {
    ...{ route: 'POST /scripts/:id/schedules', path: `/scripts/${idOf('packed')}/schedules`, as: page, status: 303 },
    body: form({ ':cron_expression': '@weekly' }),
    told: [
      { action: 'schedule.create', object_type: 'schedule', object_name: 'packed.js: @weekly', ...{ before: null } },
    ],
  },
  {
    ...{ route: 'POST /scripts/:id/schedules/:schedule', path: pageOfSchedule, as: page, status: 303 },
    body: form({ ':act': 'resume' }),
    told: [{ action: 'schedule.update', ...ofSchedule, ...changed({ enabled: false }, { enabled: true }) }],
  },
  {
    ...{
      route: 'POST /scripts/:id/schedules/:schedule',
      about: 'what was missed has been seen',
      as: page,
      status: 303,
    },
    ...{ path: pageOfSchedule, body: form({ ':act': 'seen' }) },
    told: [{ action: 'schedule.seen', object_type: 'schedules', after: { marked: 0 } }],
  },
  {
    ...{ route: 'POST /schedules/seen', as: page, status: 303 },
    told: [{ action: 'schedule.seen', object_type: 'schedules', after: { marked: 0 } }],
  },
  {
    ...{ route: 'POST /schedules/import', as: page, status: 200, body: form({ crontab: '0 5 * * * node packed.js' }) },
    told: [{ action: 'schedule.import', object_type: 'schedules', after: { dry_run: true, schedules: [] } }],
  },
  {
    ...{ route: 'POST /schedules/pause', as: page, status: 303 },
    told: [{ action: 'schedules.pause', ...changed({ schedules_paused: false }, { schedules_paused: true }) }],
  },
  {
    ...{ route: 'POST /schedules/resume', as: page, status: 303 },
    told: [{ action: 'schedules.resume', ...changed({ schedules_paused: true }, { schedules_paused: false }) }],
  },
]
const scheduleActs: Act[] = [
  {
    ...{ route: 'POST /api/scripts/:id/schedules', path: schedules, as: api, status: 201 },
    body: json({ cron_expression: '@daily', heartbeat_url: `https://hc.example/${secrets['a heartbeat']}` }),
    told: [{ action: 'schedule.create', ...ofSchedule, before: null }],
    after: keep('schedule', /"id":(\d+)/),
  },
  {
    ...{ route: 'PUT /api/scripts/:id/schedules/:schedule', path: () => `${schedules}/${kept.schedule}`, as: api },
    ...{ status: 200, body: json({ description: 'b' }) },
    told: [{ action: 'schedule.update', ...ofSchedule, ...changed({ description: '' }, { description: 'b' }) }],
  },
  {
    ...{ route: 'PATCH /api/scripts/:id/schedules/:schedule', path: () => `${schedules}/${kept.schedule}`, as: api },
    ...{ status: 200, body: json({ enabled: false, heartbeat_url: `https://hc.example/x${secrets['a heartbeat']}` }) },
    told: [
      {
        ...{ action: 'schedule.update', ...ofSchedule },
        ...changed({ enabled: true }, { enabled: false, replaced: ['heartbeat_url'] }),
      },
    ],
  },
  {
    ...{ route: 'POST /api/scripts/:id/schedules/:schedule/run', about: 'one that is not there', as: api, status: 404 },
    path: `${schedules}/99/run`,
    told: [{ action: 'schedule.run', status: 404 }],
  },
  {
    ...{ route: 'POST /api/scripts/:id/schedules/:schedule/seen', as: api, status: 200 },
    path: () => `${schedules}/${kept.schedule}/seen`,
    told: [{ action: 'schedule.seen', object_type: 'schedules', after: { marked: 0 } }],
  },
  {
    ...{ route: 'POST /api/schedules/seen', as: api, status: 200 },
    told: [{ action: 'schedule.seen', object_type: 'schedules', after: { marked: 0 } }],
  },
  {
    ...{ route: 'POST /api/schedules/import', as: api, status: 200 },
    body: json({ crontab: '0 5 * * * node packed.js\n', dry_run: false, enabled: false }),
    told: [
      {
        action: 'schedule.import',
        object_type: 'schedules',
        after: { dry_run: false, schedules: [expect.any(Number)] },
      },
    ],
  },
  {
    ...{ route: 'POST /api/schedules/preview', about: 'it reads, and changes nothing', as: api, status: 200 },
    body: json({ cron_expression: '@daily' }),
    told: [],
  },
  {
    ...{ route: 'POST /api/schedules/pause', as: api, status: 200 },
    told: [{ action: 'schedules.pause', ...changed({ schedules_paused: false }, { schedules_paused: true }) }],
  },
  {
    ...{ route: 'POST /api/schedules/resume', as: api, status: 200 },
    told: [{ action: 'schedules.resume', ...changed({ schedules_paused: true }, { schedules_paused: false }) }],
  },
  ...schedulePageActs,
  {
    ...{ route: 'DELETE /api/scripts/:id/schedules/:schedule', path: () => `${schedules}/${kept.schedule}`, as: api },
    status: 204,
    told: [{ action: 'schedule.remove', ...ofSchedule, after: null }],
  },
]

const packed = `/api/scripts/${idOf('packed')}/dependencies`
const ofPacked = { object_type: 'script', object_id: String(idOf('packed')), object_name: 'packed.js' }
const ofGlobal = { object_type: 'packages', object_name: 'global, js' }
const declares = (...names: string[]) => ({ dependencies: names.map((name) => ({ name })) })
const keepInstallation = (answer: Answer) =>
  keep('installation', /installations\/(\d+)$/)({ ...answer, text: answer.headers.get('location') ?? '' })
/** Nothing is fetched: what is begun fails. */
const packageActs: Act[] = [
  {
    ...{ route: 'POST /api/scripts/:id/dependencies', path: packed, as: api, status: 200 },
    body: json({ name: '@scope/one', version: '^1.0.0' }),
    told: [{ action: 'dependency.add', ...ofPacked, before: declares(), after: declares('@scope/one') }],
  },
  {
    ...{ route: 'PUT /api/scripts/:id/dependencies', path: packed, as: api, status: 200 },
    body: json([{ name: '@scope/one' }, { name: 'two' }, { name: 'three' }]),
    told: [
      {
        action: 'dependency.replace',
        ...ofPacked,
        before: declares('@scope/one'),
        after: declares('@scope/one', 'three', 'two'),
      },
    ],
  },
  {
    ...{ route: 'DELETE /api/scripts/:id/dependencies/:name', path: `${packed}/two`, as: api, status: 200 },
    told: [{ action: 'dependency.remove', ...ofPacked, after: declares('@scope/one', 'three') }],
  },
  {
    ...{
      route: 'DELETE /api/scripts/:id/dependencies/:name/:rest',
      path: `${packed}/@scope/one`,
      as: api,
      status: 200,
    },
    told: [{ action: 'dependency.remove', ...ofPacked, after: declares('three') }],
  },
  {
    ...{ route: 'POST /api/scripts/:id/dependencies/install', path: `${packed}/install`, as: api, status: 202 },
    told: () => [
      {
        action: 'dependency.install',
        ...ofPacked,
        after: { installation_id: Number(kept.installation), update: false },
      },
    ],
    after: keepInstallation,
  },
  {
    ...{ route: 'POST /api/installations/:id/cancel', as: api, status: 200 },
    path: () => `/api/installations/${kept.installation}/cancel`,
    told: () => [{ action: 'dependency.cancel', object_type: 'installation', object_id: kept.installation }],
  },
  {
    ...{ route: 'POST /api/scripts/batch/dependencies/install', as: api, status: 202 },
    body: () => json({ script_ids: [idOf('packed')] }),
    told: [
      {
        action: 'dependency.install',
        object_type: 'scripts',
        object_name: '1 script',
        after: { script_ids: [idOf('packed')] },
      },
    ],
  },
  {
    ...{
      route: 'POST /scripts/:id/dependencies',
      path: `/scripts/${idOf('packed')}/dependencies`,
      as: page,
      status: 303,
    },
    body: form({ act: 'add', name: 'four', version: '' }),
    told: [{ action: 'dependency.add', ...ofPacked, before: declares('three'), after: declares('four', 'three') }],
  },
  {
    ...{ route: 'POST /scripts/:id/dependencies/install', as: page, status: 303 },
    path: `/scripts/${idOf('packed')}/dependencies/install`,
    told: [{ action: 'dependency.install', ...ofPacked, after: { update: false } }],
    after: keepInstallation,
  },
  {
    ...{ route: 'POST /dependencies/installations/:id/cancel', as: page, status: 303 },
    path: () => `/dependencies/installations/${kept.installation}/cancel`,
    told: [{ action: 'dependency.cancel' }],
  },
  {
    ...{ route: 'POST /dependencies/install', as: page, status: 303, body: form({ act: 'install' }) },
    told: [{ action: 'dependency.install', object_type: 'scripts', object_name: '1 script' }],
  },
  {
    ...{ route: 'POST /api/deps/install', as: api, status: 202 },
    body: json({ runtime: 'js', deps: [{ name: 'five' }, { name: '@scope/six', version: '^1' }] }),
    told: [{ action: 'dependency.add', ...ofGlobal, before: declares(), after: declares('@scope/six', 'five') }],
  },
  {
    ...{ route: 'DELETE /api/deps/:runtime/:name', path: '/api/deps/js/five', as: api, status: 200 },
    told: [{ action: 'dependency.remove', ...ofGlobal, after: declares('@scope/six') }],
  },
  {
    ...{ route: 'DELETE /api/deps/:runtime/:name/:rest', path: '/api/deps/js/@scope/six', as: api, status: 200 },
    told: [{ action: 'dependency.remove', ...ofGlobal, after: declares() }],
  },
  {
    ...{ route: 'POST /dependencies/packages', about: 'one more', as: page, status: 303 },
    body: form({ act: 'add', runtime: 'js', name: 'seven', version: '' }),
    told: [{ action: 'dependency.add', ...ofGlobal, after: declares('seven') }],
  },
  {
    ...{ route: 'POST /dependencies/packages', about: 'and away', as: page, status: 303 },
    body: form({ act: 'remove', runtime: 'js', name: 'seven' }),
    told: [{ action: 'dependency.remove', ...ofGlobal, after: declares() }],
  },
  {
    ...{ route: 'POST /api/dependencies/cache/cleanup', as: api, status: 200, body: json({ older_than_days: 0 }) },
    told: [{ action: 'storage.cleanup', object_type: 'storage', object_name: 'environments', after: { removed: [] } }],
  },
  {
    ...{ route: 'POST /dependencies/cache', as: page, status: 303, body: form({ older_than_days: '0' }) },
    told: [{ action: 'storage.cleanup', object_type: 'storage', object_name: 'environments', after: { removed: [] } }],
  },
]

const runActs: Act[] = [
  {
    ...{ route: 'ALL /api/scripts/:id/run', path: '/api/scripts/alpha/run', as: api, status: 200 },
    body: json({ text: 'seen', pin: secrets['a secret parameter'] }),
    told: [{ action: 'run.start', ...ofAlpha, ...done, after: { trigger: 'api', params: { text: 'seen' } } }],
    after: ({ text }) => {
      kept.first = String(JSON.parse(text).run_id)
    },
  },
  {
    ...{ route: 'POST /api/runs/:id/rerun', path: () => `/api/runs/${kept.first}/rerun`, as: api, status: 202 },
    body: json({ pin: null }),
    told: [{ action: 'run.start', ...ofAlpha, ...done, after: { trigger: 'retry', params: { text: 'seen' } } }],
  },
  {
    ...{ route: 'POST /scripts/:id/execute', path: `/scripts/${alpha}/execute`, as: page, status: 303 },
    body: form({ text: 'typed', pin: secrets['a secret parameter of a form']! }),
    told: [{ action: 'run.start', ...ofAlpha, ...done, after: { trigger: 'form', params: { text: 'typed' } } }],
  },
  {
    ...{ route: 'POST /api/runs/:id/cancel', path: () => `/api/runs/${kept.run}/cancel`, as: api, status: 200 },
    body: () => startWaiting().then(() => ({})),
    told: () => [{ action: 'run.cancel', ...runOfWaits, after: { run_id: Number(kept.run) } }],
  },
  {
    ...{ route: 'POST /executions/:id/cancel', path: () => `/executions/${kept.run}/cancel`, as: page, status: 303 },
    body: () => startWaiting().then(() => ({})),
    told: () => [{ action: 'run.cancel', ...runOfWaits, after: { run_id: Number(kept.run) } }],
  },
  {
    ...{ route: 'POST /api/runs/batch', as: api, status: 200 },
    body: () => startWaiting().then(() => json({ action: 'cancel', ids: [Number(kept.run)] })),
    told: () => [{ action: 'run.cancel', ...runOfWaits, after: { run_id: Number(kept.run) } }],
  },
  {
    ...{ route: 'POST /executions/batch', as: page, status: 200 },
    body: () => whenOver(Number(kept.run)).then(() => form({ act: 'delete', run: kept.run!, confirmed: 'yes' })),
    told: () => [{ action: 'run.delete', ...runOfWaits, after: { run_id: Number(kept.run) } }],
  },
  {
    ...{ route: 'POST /executions/restore', as: page, status: 200, body: () => form({ runs: kept.run! }) },
    told: () => [{ action: 'run.bring-back', ...runOfWaits, after: { run_id: Number(kept.run) } }],
  },
  {
    ...{ route: 'DELETE /api/runs/:id', path: () => `/api/runs/${kept.first}`, as: api, status: 204 },
    told: () => [{ action: 'run.delete', ...ofAlpha, after: { run_id: Number(kept.first) } }],
  },
  {
    ...{ route: 'POST /api/scripts/:id/terminate', path: '/api/scripts/waits/terminate', as: api, status: 200 },
    body: () => startWaiting().then(() => ({})),
    told: () => [
      { action: 'script.terminate', ...runOfWaits, after: { run_ids: expect.arrayContaining([Number(kept.run)]) } },
    ],
  },
]

/** One that was cancelled takes a moment to end, and what has not ended cannot be deleted. */
const whenOver = (id: number) => eventually('the run is over', () => gateway.app.runs.find(id)?.finished_at)

/** Nothing listens there, and loopback is not allowed: what is sent is given up at once. */
const nowhere = 'http://127.0.0.1:9/canary-of-a-channel'
const ruleFields = { channel_id: '', slow_factor: '2', max_per_hour: '0', timezone: 'UTC', events: 'always' }
const channelTold = (name: string, more: Partial<AuditEntry> = {}) => ({
  ...{ object_type: 'channel', object_name: name, ...more },
})
const setNotifyUrl = (url: string | null) =>
  send(gateway, 'PATCH', '/api/settings', api, json({ notify_url: url })).then(news)
const ruleActs = (path: string, name: string): Act[] => {
  const [place, told] = [path.replace(':id', String(alpha)), { object_type: 'notify-rule', object_name: name }]
  const latest = async () => {
    const { text } = await send(gateway, 'GET', place, page)
    kept.pageRule = /id="rule-(\d+)"/.exec(text)?.[1] ?? ''
    return {}
  }
  const at = (act: string) => () => `${place}/rules/${kept.pageRule}${act}`
  return [
    {
      ...{ route: `POST ${path}/rules`, path: `${place}/rules`, as: page, status: 303 },
      body: () => form({ ...ruleFields, channel_id: kept.pageChannel! }),
      told: [{ action: 'notify-rule.create', ...told, after: { events: ['always'] } }],
    },
    {
      ...{ route: `POST ${path}/rules/:rule`, path: at(''), as: page, status: 303 },
      body: () => latest().then(() => form({ ...ruleFields, channel_id: kept.pageChannel!, events: 'failure' })),
      told: [{ action: 'notify-rule.change', ...told, before: { events: ['always'] }, after: { events: ['failure'] } }],
    },
    {
      ...{ route: `POST ${path}/rules/:rule/enabled`, path: at('/enabled'), as: page, status: 303 },
      body: form({ enabled: 'no' }),
      told: [{ action: 'notify-rule.change', ...told, before: { enabled: true }, after: { enabled: false } }],
    },
    {
      ...{ route: `POST ${path}/rules/:rule/delete`, path: at('/delete'), as: page, status: 303 },
      told: [{ action: 'notify-rule.remove', ...told, before: { events: ['failure'] } }],
    },
    {
      ...{ route: `POST ${path}/rules/:rule/restore`, path: at('/restore'), as: page, status: 303 },
      told: [{ action: 'notify-rule.restore', ...told, before: null, after: { events: ['failure'] } }],
    },
  ]
}
/** A delivery of alpha that was given up. */
const givenUp = async () => {
  await send(
    gateway,
    'POST',
    `/scripts/${alpha}/notifications/rules`,
    page,
    form({ ...ruleFields, channel_id: kept.pageChannel! }),
  )
  await send(gateway, 'POST', '/api/scripts/alpha/run', api, json({ text: 'told' }))
  kept.delivery = await eventually('it is given up', async () => {
    const { text } = await send(gateway, 'GET', `/scripts/${alpha}/notifications?state=failed`, page)
    return /notifications\/deliveries\/(\d+)/.exec(text)?.[1]
  })
  await news()
  return {}
}
const repeated = () => [
  { action: 'delivery.repeat', object_type: 'delivery', object_id: kept.delivery, after: { delivery: anyNumber() } },
]
const anyNumber = () => expect.any(Number) as unknown as number

const apiRuleActs = (path: string, name: string): Act[] => {
  const place = path.replace(':id', 'alpha')
  const told = { object_type: 'notify-rule', object_name: name }
  const at = () => `${place}/${kept.rule}`
  return [
    {
      ...{ route: `POST ${path}`, path: place, as: api, status: 201 },
      body: () => json({ channel_id: Number(kept.channel), events: ['always'] }),
      told: [{ action: 'notify-rule.create', ...told, after: { events: ['always'] } }],
      after: keep('rule', /"id":(\d+)/),
    },
    {
      ...{ route: `PUT ${path}/:rule`, path: at, as: api, status: 200, body: json({ max_per_hour: 3 }) },
      told: [{ action: 'notify-rule.change', ...told, before: { max_per_hour: 0 }, after: { max_per_hour: 3 } }],
    },
    {
      ...{ route: `PATCH ${path}/:rule`, path: at, as: api, status: 200, body: json({ enabled: false }) },
      told: [{ action: 'notify-rule.change', ...told, before: { enabled: true }, after: { enabled: false } }],
    },
    {
      ...{ route: `DELETE ${path}/:rule`, path: at, as: api, status: 204 },
      told: [{ action: 'notify-rule.remove', ...told, before: { max_per_hour: 3 } }],
    },
  ]
}
const notificationActs: Act[] = [
  {
    ...{ route: 'POST /api/channels', as: api, status: 201 },
    body: json({ name: 'hook', kind: 'webhook', config: { url: nowhere, secret: secrets['the key of a channel'] } }),
    told: [{ action: 'channel.create', ...channelTold('hook', { after: { config: { url: '127.0.0.1:9' } } }) }],
    after: keep('channel', /"id":(\d+)/),
  },
  {
    ...{ route: 'PUT /api/channels/:channel', path: () => `/api/channels/${kept.channel}`, as: api, status: 200 },
    body: json({ config: { url: `${nowhere}-too` } }),
    told: [{ action: 'channel.change', ...channelTold('hook', { after: { replaced: ['url'] } }) }],
  },
  {
    ...{ route: 'PATCH /api/channels/:channel', path: () => `/api/channels/${kept.channel}`, as: api, status: 200 },
    body: json({ name: 'hook 2' }),
    told: [{ action: 'channel.change', ...channelTold('hook 2', changed({ name: 'hook' }, { name: 'hook 2' })) }],
  },
  {
    ...{ route: 'POST /api/channels/:channel/test', as: api, status: 200 },
    path: () => `/api/channels/${kept.channel}/test`,
    told: [{ action: 'channel.test', ...channelTold('hook 2', { after: { state: 'failed' } }) }],
    after: keep('delivery', /"id":(\d+)/),
  },
  {
    ...{ route: 'POST /api/deliveries/:delivery/redeliver', as: api, status: 202 },
    path: () => `/api/deliveries/${kept.delivery}/redeliver`,
    told: repeated,
  },
  {
    ...{ route: 'POST /api/notifications/test', about: 'none is set', as: api, status: 409 },
    told: [{ action: 'channel.test', ...channelTold('NOTIFY_URL') }],
  },
  ...apiRuleActs('/api/notifications/rules', 'of all scripts'),
  ...apiRuleActs('/api/scripts/:id/notifications', `of script ${alpha}`),
  {
    ...{ route: 'PUT /api/scripts/:id/notifications/mute', path: '/api/scripts/alpha/notifications/mute', as: api },
    ...{ status: 200, body: json({ muted: false }) },
    told: [{ action: 'notify-rule.mute', ...ofAlpha, before: { muted: false }, after: { muted: false } }],
  },
  {
    ...{ route: 'DELETE /api/channels/:channel', path: () => `/api/channels/${kept.channel}`, as: api, status: 204 },
    told: [{ action: 'channel.remove', ...channelTold('hook 2', { before: { kind: 'webhook' } }) }],
  },
]

const notificationPageActs: Act[] = [
  {
    ...{ route: 'POST /notifications/channels', as: page, status: 303 },
    body: form({
      kind: 'webhook',
      name: 'paged',
      'config.url': nowhere,
      'config.secret': secrets['the key of a channel']!,
    }),
    told: [{ action: 'channel.create', ...channelTold('paged', { after: { config: { url: '127.0.0.1:9' } } }) }],
    after({ headers }) {
      kept.pageChannel = /(\d+)\?/.exec(headers.get('location')!)![1]!
    },
  },
  {
    ...{ route: 'POST /notifications/channels/:channel', as: page, status: 303 },
    path: () => `/notifications/channels/${kept.pageChannel}`,
    body: form({ name: 'paged again', 'config.url': `${nowhere}-too` }),
    told: [{ action: 'channel.change', ...channelTold('paged again', { before: { name: 'paged' } }) }],
  },
  {
    ...{ route: 'POST /notifications/channels/:channel/test', as: page, status: 303 },
    path: () => `/notifications/channels/${kept.pageChannel}/test`,
    told: [{ action: 'channel.test', ...channelTold('paged again', { after: { state: 'failed' } }) }],
  },
  {
    ...{ route: 'POST /notifications/notify-url/test', as: page, status: 303 },
    body: () => setNotifyUrl('http://127.0.0.1:9/as-set').then(() => ({})),
    told: [{ action: 'channel.test', ...channelTold('NOTIFY_URL', { after: { state: 'failed' } }) }],
    after: () => setNotifyUrl(null).then(() => undefined),
  },
  ...ruleActs('/notifications', 'of all scripts'),
  ...ruleActs('/scripts/:id/notifications', `of script ${alpha}`),
  {
    ...{ route: 'POST /scripts/:id/notifications/mute', path: `/scripts/${alpha}/notifications/mute`, as: page },
    ...{ status: 303, body: form({ muted: 'yes' }) },
    told: [{ action: 'notify-rule.mute', ...ofAlpha, before: { muted: false }, after: { muted: true } }],
    after: async () => {
      await send(gateway, 'POST', `/scripts/${alpha}/notifications/mute`, page, form({ muted: 'no' }))
      await news()
    },
  },
  {
    ...{ route: 'POST /scripts/:id/notifications/deliveries/:delivery/redeliver', as: page, status: 303 },
    body: givenUp,
    path: () => `/scripts/${alpha}/notifications/deliveries/${kept.delivery}/redeliver`,
    told: repeated,
  },
  {
    ...{ route: 'POST /notifications/deliveries/:delivery/redeliver', as: page, status: 303 },
    path: () => `/notifications/deliveries/${kept.delivery}/redeliver`,
    told: repeated,
  },
  {
    ...{ route: 'POST /notifications/channels/:channel/enabled', as: page, status: 303 },
    path: () => `/notifications/channels/${kept.pageChannel}/enabled`,
    body: form({ enabled: 'no' }),
    told: [{ action: 'channel.change', ...channelTold('paged again', changed({ enabled: true }, { enabled: false })) }],
  },
  {
    ...{ route: 'POST /notifications/channels/:channel/delete', as: page, status: 303 },
    path: () => `/notifications/channels/${kept.pageChannel}/delete`,
    told: [{ action: 'channel.remove', ...channelTold('paged again', { before: { kind: 'webhook' } }) }],
  },
  {
    ...{ route: 'POST /notifications/channels/:channel/restore', as: page, status: 303 },
    path: () => `/notifications/channels/${kept.pageChannel}/restore`,
    told: [{ action: 'channel.restore', ...channelTold('paged again', { before: null, after: { kind: 'webhook' } }) }],
  },
]

const userActs: Act[] = [
  {
    ...{ route: 'POST /api/users', as: api, status: 201 },
    body: json({ name: 'bert', role: 'viewer', password: secrets['the password of a new user'] }),
    told: [
      {
        ...{ action: 'user.create', object_type: 'user', object_name: 'bert', ...done },
        ...changed(null, { name: 'bert', role: 'viewer', grants: [], disabled: false }),
      },
    ],
  },
  {
    ...{ route: 'POST /users', as: page, status: 200, body: form({ name: 'carl', email: '', role: 'editor' }) },
    told: [{ action: 'user.create', object_name: 'carl', ...done, after: { role: 'editor' } }],
    after: keepSecret('the password that a page made', /id="new-password"[^>]*>([^<]+)</),
  },
  {
    ...{ route: 'PATCH /api/users/:id', path: `/api/users/${subject.id}`, as: api, status: 200 },
    body: json({
      role: 'operator',
      grants: [{ script_id: alpha, right: 'edit' }],
      password: secrets['a password that was changed'],
    }),
    told: [
      {
        ...{ action: 'user.update', ...user(subject), ...done },
        before: { role: 'viewer', grants: [] },
        after: { role: 'operator', grants: [{ script_id: alpha, right: 'edit' }], password: 'set anew' },
      },
    ],
  },
  {
    ...{
      route: 'POST /users/:id',
      path: `/users/${subject.id}`,
      as: page,
      status: 303,
      body: form({ disabled: 'yes' }),
    },
    told: [{ action: 'user.update', ...user(subject), ...done, ...changed({ disabled: false }, { disabled: true }) }],
  },
  {
    ...{ route: 'POST /users/:id/grants', path: `/users/${other.id}/grants`, as: page, status: 303 },
    body: form({ target: 'tag:a', right: 'run' }),
    told: [
      {
        action: 'user.update',
        ...user(other),
        ...done,
        ...changed({ grants: [] }, { grants: [{ tag: 'a', right: 'run' }] }),
      },
    ],
  },
  {
    ...{ route: 'POST /users/:id/password', path: `/users/${other.id}/password`, as: page, status: 200 },
    told: [{ action: 'user.update', ...user(other), ...done, after: { password: 'set anew' } }],
  },
  ...(['DELETE /api/users/:id/second-factor', 'POST /users/:id/second-factor'] as const).map(
    (route): Act => ({
      ...{ route, path: route.split(' ')[1]!.replace(':id', String(other.id)), as: route.startsWith('D') ? api : page },
      ...{
        status: route.startsWith('D') ? 204 : 303,
        told: [{ action: 'user.second-factor-off', ...user(other), ...done }],
      },
    }),
  ),
  {
    ...{ route: 'DELETE /api/users/:id/sessions', path: `/api/users/${leaver.id}/sessions`, as: api, status: 200 },
    told: [{ action: 'session.revoke', ...user(leaver), ...done, after: { ended: 1 } }],
  },
  {
    ...{
      route: 'POST /users/:id/sessions',
      path: `/users/${leaver2.id}/sessions`,
      as: page,
      status: 303,
      body: form({ act: 'others' }),
    },
    told: [{ action: 'session.revoke', ...user(leaver2), ...done, after: { ended: 1 } }],
  },
  {
    ...{ route: 'POST /users/:id/tokens/revoke', path: `/users/${leaver2.id}/tokens/revoke`, as: page, status: 303 },
    body: async () => form({ id: await tokenIdOf(leaver2) }),
    told: [
      {
        action: 'token.revoke',
        object_type: 'token',
        object_name: 'test',
        ...done,
        before: { role: 'viewer', user_id: leaver2.id },
      },
    ],
  },
  {
    ...{ route: 'DELETE /api/users/:id', path: `/api/users/${leaver.id}`, as: api, status: 204 },
    told: [{ action: 'user.remove', ...user(leaver), ...done, ...changed({ name: 'leaver', role: 'viewer' }, null) }],
  },
  {
    ...{ route: 'POST /users/:id/delete', path: `/users/${leaver2.id}/delete`, as: page, status: 303 },
    told: [{ action: 'user.remove', ...user(leaver2), ...done, ...changed({ name: 'leaver2' }, null) }],
  },
  {
    ...{ route: 'PUT /api/scripts/:id/access', path: '/api/scripts/alpha/access', as: api, status: 200 },
    body: json({ restricted: true, grants: [{ user_id: other.id, right: 'see' }] }),
    told: [
      {
        ...{ action: 'script.access', ...ofAlpha, ...done },
        ...changed({ restricted: false }, { restricted: true, grants: [{ user_id: other.id, right: 'see' }] }),
      },
    ],
  },
  {
    ...{
      route: 'POST /scripts/:id/access',
      path: `/scripts/${alpha}/access`,
      as: page,
      status: 303,
      body: form({ act: 'open' }),
    },
    told: [{ action: 'script.access', ...ofAlpha, ...done, ...changed({ restricted: true }, { restricted: false }) }],
  },
  {
    ...{
      route: 'PUT /api/tags/:tag/access',
      path: '/api/tags/a/access',
      as: api,
      status: 200,
      body: json({ restricted: true, grants: [] }),
    },
    told: [
      {
        ...{ action: 'tag.access', object_type: 'tag', object_id: 'a', object_name: 'a', ...done },
        ...changed(
          { restricted: false, grants: [{ user_id: other.id, right: 'run' }] },
          { restricted: true, grants: [] },
        ),
      },
    ],
  },
  {
    ...{ route: 'POST /tags/:tag/access', path: '/tags/a/access', as: page, status: 303, body: form({ act: 'open' }) },
    told: [
      { action: 'tag.access', object_name: 'a', ...done, ...changed({ restricted: true }, { restricted: false }) },
    ],
  },
]

async function tokenIdOf({ id }: Person): Promise<string> {
  const { text } = await send(gateway, 'GET', '/api/tokens?all=1', api)
  return String(JSON.parse(text).items.find((one: { user_id: number }) => one.user_id === id).id)
}
const sessionIdsOf = async (person: Person) =>
  JSON.parse((await send(gateway, 'GET', '/api/me/sessions', asUser(person))).text).items as {
    id: number
    is_current: boolean
  }[]
const signInAgain = async ({ name }: Person, with_ = password) => {
  await send(gateway, 'POST', '/api/sign-in', nobody, json({ name, password: with_ }))
  await news()
}
/** One's own account, as the API and as the page have it. */
const ownActs = (person: Person, isPage: boolean, name: string): Act[] => {
  const as = asUser(person)
  const [byApi, byPage] = [(act: Act) => (isPage ? [] : [act]), (act: Act) => (isPage ? [act] : [])]
  const next = `canary otter ${name}`
  secrets[`the new password of ${name}`] = next
  const told = (action: string, more: Partial<AuditEntry> = {}) => [{ action, ...user(person), ...done, ...more }]
  const codes = /([a-z0-9]{4,6}(?:-[a-z0-9]{4,6})+)/i
  return [
    ...byApi({
      route: 'PUT /api/me/password',
      as,
      status: 204,
      body: json({ current: password, new: next }),
      told: told('user.password'),
    }),
    ...byPage({
      route: 'POST /account/password',
      as,
      status: 303,
      body: form({ password, new_password: next }),
      told: told('user.password'),
    }),
    {
      ...{ route: isPage ? 'POST /account/second-factor' : 'POST /api/me/second-factor', as, status: 200 },
      told: told('user.second-factor-begin'),
      after: keepSecret(`the key of ${name}`, isPage ? /id="totp-secret"[^>]*>([^<]+)</ : /"secret":"([A-Z2-7]+)"/),
    },
    {
      ...{
        route: isPage ? 'POST /account/second-factor/confirm' : 'POST /api/me/second-factor/confirm',
        as,
        status: 200,
      },
      body: () => {
        const code = codeFor(kept[`the key of ${name}`]!)
        return isPage ? form({ code }) : json({ code })
      },
      told: told('user.second-factor-on'),
      after: keepSecret(
        `a recovery code of ${name}`,
        isPage ? /<li>([^<\s]+)/ : new RegExp(`"recovery_codes":\\["${codes.source}`, 'i'),
      ),
    },
    {
      ...{
        route: isPage ? 'POST /sign-in' : 'POST /api/sign-in',
        about: 'a code is asked for: nobody is in yet',
        as: nobody,
        status: 200,
      },
      body: isPage ? form({ name, password: next }) : json({ name, password: next }),
      told: [],
      after: keepSecret(`the ticket of ${name}`, isPage ? /name="ticket" value="([\w-]{20,})"/ : /"ticket":"([\w-]+)"/),
    },
    {
      ...{ route: isPage ? 'POST /sign-in/code' : 'POST /api/sign-in/code', as: nobody, status: isPage ? 303 : 200 },
      body: () => {
        const given = { ticket: kept[`the ticket of ${name}`]!, code: kept[`a recovery code of ${name}`]! }
        return isPage ? form(given) : json(given)
      },
      told: [begun(person)],
    },
    {
      ...{
        route: isPage ? 'POST /account/second-factor/off' : 'DELETE /api/me/second-factor',
        as,
        status: isPage ? 303 : 204,
      },
      body: isPage ? form({ password: next }) : json({ password: next }),
      told: told('user.second-factor-off'),
    },
    ...byApi({
      ...{ route: 'DELETE /api/me/sessions/:id', path: () => `/api/me/sessions/${kept.session}`, as, status: 204 },
      body: async () => {
        kept.session = String((await sessionIdsOf(person)).find((one) => !one.is_current)!.id)
        return {}
      },
      told: () => [
        { action: 'session.revoke', object_type: 'session', object_id: kept.session, object_name: name, ...done },
      ],
    }),
    {
      ...{ route: isPage ? 'POST /account/sessions' : 'DELETE /api/me/sessions', as, status: isPage ? 303 : 200 },
      body: () => signInAgain(person, next).then(() => (isPage ? form({ act: 'others' }) : {})),
      told: told('session.revoke', { after: { ended: isPage ? 2 : 1 } }),
    },
    {
      ...{ route: isPage ? 'POST /account/tokens' : 'POST /api/tokens', as, status: isPage ? 200 : 201 },
      body: isPage
        ? form({ name: 'mine', role: 'viewer', days: '7' })
        : json({ name: 'mine', role: 'viewer', script_ids: [alpha] }),
      told: [
        {
          action: 'token.create',
          object_type: 'token',
          object_name: 'mine',
          ...done,
          after: { role: 'viewer', user_id: person.id, script_ids: isPage ? null : [alpha] },
        },
      ],
      after: keepSecret(`the new token of ${name}`, /\b(sgw_[\w-]{30,})/),
    },
    {
      ...{ route: isPage ? 'POST /account/tokens/revoke' : 'DELETE /api/tokens/:id', as, status: isPage ? 303 : 204 },
      path: () => (isPage ? '/account/tokens/revoke' : `/api/tokens/${kept.token}`),
      body: async () => {
        kept.token = await tokenIdOf(person)
        return isPage ? form({ id: kept.token }) : {}
      },
      told: () => [
        {
          action: 'token.revoke',
          object_type: 'token',
          object_id: kept.token,
          object_name: 'mine',
          ...done,
          before: { role: 'viewer' },
        },
      ],
    },
    {
      ...{
        route: isPage ? 'POST /sign-in' : 'POST /api/sign-in',
        about: 'from a browser that is signed in: that session ends',
        as,
        status: isPage ? 303 : 200,
      },
      body: isPage ? form({ name, password: next }) : json({ name, password: next }),
      told: [begun(person), { action: 'session.end', object_type: 'session', object_name: name, ...done }],
      after({ headers }) {
        kept.cookie = headers.get('set-cookie')!.split(';')[0]!
      },
    },
    {
      ...{
        route: isPage ? 'POST /sign-out' : 'POST /api/sign-out',
        as: () => asUser({ ...person, cookie: kept.cookie! }),
      },
      status: isPage ? 303 : 204,
      told: [{ action: 'session.end', object_type: 'session', object_name: name, ...done }],
    },
  ]
}

const acts = [
  ...settingsActs,
  ...scriptActs,
  ...packageActs,
  ...scheduleActs,
  ...runActs,
  ...notificationActs,
  ...notificationPageActs,
  ...userActs,
  ...ownActs(self, false, 'self'),
  ...ownActs(self2, true, 'self2'),
]

describe('is told', () => {
  test.each(acts.map((act) => [`${act.route}${act.about ? `: ${act.about}` : ''}`, act] as const))(
    '%s',
    async (_, { route, as: caller, path, body, status, told, after }) => {
      const as = typeof caller === 'function' ? caller() : caller
      const init = await (typeof body === 'function' ? body() : body)
      const [method, listed] = route.split(' ') as [string, string]
      const target = typeof path === 'function' ? path() : (path ?? listed)
      const answer = await send(gateway, method === 'ALL' ? 'POST' : method, target, as, init)
      const entries = await news()
      expect(answer.status === status ? status : answer.text.slice(0, 2000)).toBe(status)
      await after?.(answer)
      const wanted = (typeof told === 'function' ? told() : told).map((one) => ({
        ...as.who,
        address: '127.0.0.1',
        status,
        ...one,
      }))
      expect(entries).toMatchObject(wanted)
    },
  )
})

test('the first administrator: made, and signed in', async () => {
  const wrong = { code: 'not the code', name: 'boss', password: secrets['the password of the first administrator']! }
  for (let i = 0; i < 3; i++) expect((await send(fresh, 'POST', '/api/setup', nobody, json(wrong))).status).toBe(401)
  const sent = form({ code: secrets['the setup code']!, name: 'boss', new_password: wrong.password })
  const answer = await send(fresh, 'POST', '/setup', nobody, { ...sent, headers: { origin: fresh.url } })
  expect(answer.status).toBe(303)
  const headers = { cookie: answer.headers.get('set-cookie')!.split(';')[0]! }
  secrets['the session of the first administrator'] = headers.cookie.split('=')[1]!
  const who = { actor: 'boss', actor_kind: 'user', user_id: 1, address: '127.0.0.1' }
  expect(await entriesAfter(0, fresh, headers)).toMatchObject([
    { action: 'session.refuse', actor_kind: 'nobody', address: '127.0.0.1', status: 401, after: { attempts: 1 } },
    {
      ...who,
      action: 'user.setup',
      object_type: 'user',
      object_id: '1',
      object_name: 'boss',
      after: { role: 'admin' },
    },
    { ...who, action: 'session.begin', object_type: 'session' },
  ])
})

test('who signs on elsewhere: made, and signed in', async () => {
  const started = await send(gateway, 'GET', '/sign-in/oidc', nobody)
  const cookie = started.headers.get('set-cookie')!.split(';')[0]!
  const back = new URL(provider.signIn(started.headers.get('location')!))
  secrets['the code of the provider'] = back.searchParams.get('code')!
  expect(await news()).toEqual([])
  const entered = await send(gateway, 'GET', back.pathname + back.search, { ...nobody, headers: { cookie } })
  expect(entered.status).toBe(303)
  const who = {
    actor: 'u-1',
    actor_kind: 'user',
    user_id: expect.any(Number) as unknown as number,
    address: '127.0.0.1',
  }
  expect(await news()).toMatchObject([
    {
      ...who,
      action: 'user.create',
      object_type: 'user',
      object_name: 'u-1',
      after: { role: 'operator', source: 'oidc' },
    },
    { ...who, action: 'session.begin', object_type: 'session', after: { source: 'oidc' } },
  ])
})

test('every route that acts was done', () => {
  const acting = gateway.app.routes().filter(({ method, path, hooks }) => {
    const isRead = ['GET', 'WS'].includes(method) || path === '/static/*'
    return 'act' in hooks || !isRead
  })
  const elsewhere = ['POST /api/setup', 'POST /setup', 'GET /sign-in/oidc', 'GET /sign-in/oidc/callback'] // above
  const tried = [...acts.map(({ route }) => route), ...elsewhere, ...ofTheBrowser]
  expect(acting.map(({ method, path }) => `${method} ${path}`).filter((route) => !tried.includes(route))).toEqual([])
})

describe('what fails', () => {
  const viewer = asToken(reader)
  const refused = (action: string, name: string): Wanted => ({
    ...{ action, object_type: 'address', object_id: null, object_name: name, status: 403, before: null, after: null },
  })
  test.each<[string, Sent, string, { body?: BodyInit; headers?: Headers }, number, Wanted[]]>([
    [
      'may not delete it',
      viewer,
      'DELETE /api/scripts/alpha',
      {},
      403,
      [refused('script.delete', 'DELETE /api/scripts/alpha')],
    ],
    [
      'may not run it',
      viewer,
      'POST /api/scripts/alpha/run',
      {},
      403,
      [refused('access.refuse', 'POST /api/scripts/alpha/run')],
    ],
    [
      'may not read the settings',
      viewer,
      'GET /api/settings',
      {},
      403,
      [refused('access.refuse', 'GET /api/settings')],
    ],
    ['may not see the page', asUser(reader), 'GET /users', {}, 403, [refused('access.refuse', 'GET /users')]],
    [
      'may not delete one of many, on the page',
      asUser(reader),
      'POST /batch',
      form({ act: 'delete', id: String(alpha) }),
      409,
      [{ action: 'script.delete', ...ofAlpha, status: 403, before: null, after: null }],
    ],
    [
      'is refused by the handler: a token makes no tokens',
      viewer,
      'POST /api/tokens',
      json({ name: 'x', role: 'viewer' }),
      403,
      [refused('access.refuse', 'POST /api/tokens')],
    ],
    [
      'does not know the password',
      asUser(root),
      'DELETE /api/me/second-factor',
      json({ password: secrets['a wrong password'] }),
      403,
      [refused('access.refuse', 'DELETE /api/me/second-factor')],
    ],
    [
      'does not show that a page of ours asks',
      { ...page, headers: { cookie: root.cookie } },
      'DELETE /api/scripts/alpha',
      {},
      403,
      [refused('script.delete', 'DELETE /api/scripts/alpha')],
    ],
    [
      'comes from a page of another site: before anybody is looked up',
      { ...page, headers: { ...page.headers, origin: 'https://evil.example' } },
      'DELETE /api/scripts/alpha',
      {},
      403,
      [],
    ],
    [
      'sends a value that does not fit',
      api,
      'PUT /api/settings',
      json({ timeout_min: 'x' }),
      422,
      [{ action: 'settings.change', status: 422, before: null, after: null }],
    ],
    [
      'sends no JSON',
      api,
      'PATCH /api/scripts/alpha',
      { body: '{', headers: { 'content-type': 'application/json' } },
      400,
      [{ action: 'script.describe', ...ofAlpha, status: 400, before: null, after: null }],
    ],
    [
      'names a script that is not there',
      api,
      'DELETE /api/scripts/nope',
      {},
      404,
      [{ action: 'script.delete', object_type: null, status: 404 }],
    ],
    ['sends parameters that do not fit: no run', api, 'POST /api/scripts/alpha/run', json({ nope: 1 }), 422, []],
    ['makes a user without a name: none', api, 'POST /api/users', json({ role: 'admin' }), 422, []],
    ['is nobody', nobody, 'DELETE /api/scripts/alpha', {}, 401, []],
    ['has a token that is none', { ...nobody, headers: bearer('wrong') }, 'GET /api/settings', {}, 401, []],
  ])('who %s', async (_, as, route, init, status, wanted) => {
    await news()
    const [method, path] = route.split(' ') as [string, string]
    expect((await send(gateway, method, path, as, init)).status).toBe(status)
    expect(await news()).toMatchObject(wanted.map((one) => ({ ...as.who, address: '127.0.0.1', ...one })))
  })

  test('sign-ins are counted: one entry for many, and no password that was typed as a name', async () => {
    const typed = { name: secrets['a wrong password']!, password: secrets['a wrong password']! }
    for (let i = 0; i < 3; i++)
      expect((await send(gateway, 'POST', '/api/sign-in', nobody, json(typed))).status).toBe(401)
    expect(await news()).toMatchObject([
      { action: 'session.refuse', actor: '127.0.0.1', actor_kind: 'nobody', object_type: 'user', status: 401 },
    ])
  })
})

describe('no secret is', () => {
  const foundIn = (bytes: Buffer, texts: Record<string, string>) =>
    Object.entries(texts)
      .filter(([, text]) => bytes.includes(text) || bytes.includes(JSON.stringify(text).slice(1, -1)))
      .map(([name]) => name)

  test.each(['jsonl', 'csv'])('in the export as %s', async (format) => {
    const { status, text } = await send(gateway, 'GET', `/api/audit/export?format=${format}`, api)
    expect([status, text.split('\n').length > acts.length]).toEqual([200, true])
    expect(foundIn(Buffer.from(text, 'latin1'), { ...secrets, ...inSettings })).toEqual([])
  })

  test("in the gateway's log", () => {
    const text = readFileSync(logFile)
    expect(text.length).toBeGreaterThan(100)
    expect(foundIn(text, { ...secrets, ...inSettings })).toEqual([])
  })

  test.each([
    ['of this gateway', gateway],
    ['of the one that was set up', fresh],
  ])('in the database %s', (_, { dataDir }) => {
    const files = readdirSync(dataDir).filter((name) => name.startsWith('gateway.db'))
    expect(files).toContain('gateway.db-wal')
    const bytes = Buffer.concat(files.map((name) => readFileSync(join(dataDir, name))))
    expect(bytes.includes('session.begin')).toBeTrue()
    expect(foundIn(bytes, secrets)).toEqual([])
  })
})
