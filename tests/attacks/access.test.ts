/** Ways around who may what: tried on a real gateway by people who may something, but not this. */
import { describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { javascriptScript, startApp } from '../harness/app.ts'
import { unconfined } from '../harness/isolation.ts'
import { adminToken, bearer, makePerson, type Person } from '../harness/people.ts'

const script = (text: string) => javascriptScript({}, `console.log(${JSON.stringify(text)})`)
const policy = JSON.stringify({ permissions: { net: [4711] } })
const gateway = await startApp(
  {
    'js/open/alpha.js': script('of alpha'),
    'js/open/.alpha.policy.json': policy,
    'js/open/deep/delta.js': script('of delta'),
    'js/closed/beta.js': script('of beta'),
    'js/closed/lib/util.txt': 'a helper of beta',
    'js/closed/inner/gamma.js': script('of gamma'),
    'js/shared/common.txt': 'a helper of anybody',
    'js/parts/one/epsilon.js': script('of epsilon'),
    'js/top.js': script('of top'),
  },
  { auth: 'on', allowed_hosts: ['pi', 'nas', 'x'] },
  { secrets: { adminToken }, isolation: unconfined },
)
const asAdmin = { 'content-type': 'application/json', ...bearer(adminToken) }
const send = (path: string, method: string, body: unknown, headers: Record<string, string> = asAdmin) =>
  gateway.json<Record<string, never>>(path, { method, body: JSON.stringify(body), headers })
const by = ({ token }: Person) => ({ 'content-type': 'application/json', ...bearer(token) })
const idOf = (slug: string) => gateway.app.scripts().find((one) => one.slug === slug)!.id

await makePerson(gateway, { name: 'owner', role: 'admin' }) // the last one stays
const viewer = await makePerson(gateway, { name: 'viewer', role: 'viewer' })
const operator = await makePerson(gateway, { name: 'operator', role: 'operator' })
const editor = await makePerson(gateway, { name: 'editor', role: 'editor' })
for (const slug of ['beta', 'gamma']) await send(`/api/scripts/${slug}/access`, 'PUT', { restricted: true, grants: [] })
await send('/api/tags/team/access', 'PUT', { restricted: true, grants: [] })

describe('an editor puts nothing where a restricted script looks for code:', () => {
  const upload = (path: string) => {
    const form = new FormData()
    form.append('files', new File(['{}'], path))
    form.append('runtime', 'js')
    form.append('overwrite', '1')
    return gateway.json('/api/scripts/upload', { method: 'POST', body: form, headers: bearer(editor.token) })
  }

  test.each([
    'closed/new.js',
    'closed/.beta.policy.json',
    'closed/.beta._map.json',
    'closed/beta_package.json',
    'Closed/beta.js',
    'clo sed/../closed/x.js',
    'closed/lib/util.txt',
    'closed/lib/new.js',
    'closed/new/index.js',
    'closed/beta/package.json',
    'closed/inner/lib/x.js',
    'package.json',
    'tsconfig.json',
    'shared/common.txt',
    'shared/package.json',
    'node_modules/left-pad/index.js',
    'node_modules/.bin/x.js',
    'closed/node_modules/left-pad/index.js',
  ])('%s', async (path) => {
    const file = join(gateway.scriptsDir, 'js', path)
    const before = existsSync(file) ? readFileSync(file, 'utf8') : null
    const { status } = await upload(path)
    expect([403, 422]).toContain(status)
    expect(existsSync(file) ? readFileSync(file, 'utf8') : null).toBe(before)
  })

  test.each([
    'open/alpha_package.json',
    'open/lib/helper.txt',
    'open/package.json',
    'parts/common.txt',
    'quite/new/helper.txt',
    '.top._map.json',
    'top_package.json',
    '.top.policy.json',
  ])('but may put what is theirs alone: %s', async (path) => {
    expect((await upload(path)).status).toBe(201)
  })

  test('nor where a script was whose folder is gone, in another spelling of it: its number and variables would be taken over', async () => {
    await gateway.drop('js/my-team/zeta.js', script('of zeta'))
    await send('/api/scripts/zeta/access', 'PUT', { restricted: true, grants: [] })
    for (const filename of ['my_team/zeta.js', 'My Team/zeta.js', 'ＭＹ-team/zeta.js'])
      expect(
        (await send('/api/scripts', 'POST', { runtime: 'js', filename, content: script('mine') }, by(editor))).status,
      ).toBe(403)
  })
})

describe('a link that a script left in its folder', () => {
  const link = async (name: string, to: string) => {
    symlinkSync(to, join(gateway.scriptsDir, 'js/open', name))
    await gateway.json('/api/scripts/scan', { method: 'POST', headers: asAdmin })
  }

  test('shows no source of another, and does not let it be written', async () => {
    await link('lnk.js', '../closed/beta.js')
    expect((await gateway.fetch('/api/scripts/lnk/content', { headers: by(editor) })).status).toBe(403)
    const headers = { ...by(editor), 'if-match': '*' }
    expect((await send('/api/scripts/lnk/content', 'PUT', { content: 'x' }, headers)).status).toBe(403)
    expect(readFileSync(join(gateway.scriptsDir, 'js/closed/beta.js'), 'utf8')).toBe(script('of beta'))
    const page = await gateway.fetch(`/scripts/${idOf('lnk')}?tab=code`, { headers: by(editor) })
    expect(await page.text()).not.toContain('of beta')
  })

  test('shows no policy of another, and does not let it be written', async () => {
    writeFileSync(join(gateway.scriptsDir, 'js/closed/.beta.policy.json'), policy)
    writeFileSync(join(gateway.scriptsDir, 'js/open/eta.js'), script('of eta'))
    await link('.eta.policy.json', '../closed/.beta.policy.json')
    expect((await gateway.fetch('/api/scripts/eta/policy', { headers: by(editor) })).status).toBe(403)
    expect((await send('/api/scripts/eta/policy', 'PUT', {}, by(editor))).status).toBe(403)
    expect(readFileSync(join(gateway.scriptsDir, 'js/closed/.beta.policy.json'), 'utf8')).toBe(policy)
  })

  test('writes nothing elsewhere when files are uploaded through it', async () => {
    mkdirSync(join(gateway.scriptsDir, 'js/mine'))
    writeFileSync(join(gateway.scriptsDir, 'js/mine/theta.js'), script('of theta'))
    symlinkSync('../closed', join(gateway.scriptsDir, 'js/mine/way'))
    await gateway.json('/api/scripts/scan', { method: 'POST', headers: asAdmin })
    const form = new FormData()
    form.append('files', new File(['x'], 'mine/way/beta.js'))
    form.append('overwrite', '1')
    const { status } = await gateway.json('/api/scripts/upload', {
      method: 'POST',
      body: form,
      headers: bearer(editor.token),
    })
    expect(status).toBe(403)
    expect(readFileSync(join(gateway.scriptsDir, 'js/closed/beta.js'), 'utf8')).toBe(script('of beta'))
  })
})

describe('a tag that says who may what', () => {
  test.each([' team', 'team ', '\tteam\n', 'team\u00a0'])(
    'is given by no editor, however it is written: %p',
    async (tag) => {
      expect((await send('/api/scripts/alpha', 'PATCH', { tags: [tag] }, by(editor))).status).toBe(403)
      expect(gateway.app.scripts().find(({ slug }) => slug === 'alpha')!.tags).toEqual([])
      const body = { runtime: 'js', filename: 'open/tagged.js', content: script(''), tags: [tag] }
      expect((await send('/api/scripts', 'POST', body, by(editor))).status).toBe(403)
    },
  )
})

describe('who may not edit a script', () => {
  test.each([
    ['a viewer', viewer],
    ['an operator', operator],
  ])('does not learn its policy: %s', async (_, person) => {
    const headers = by(person)
    for (const path of ['/api/scripts', `/api/scripts/${idOf('alpha')}`, '/api/scripts/alpha'])
      expect((await (await gateway.fetch(path, { headers })).text()).includes('4711')).toBe(false)
    expect(await (await gateway.fetch('/api/scripts/alpha', { headers: by(editor) })).text()).toContain('4711')
  })
})

test.each(['/api/runs', '/api/audit'])('a search for NUL finds nothing, and not everything: %s', async (path) => {
  await gateway.json('/api/scripts/alpha/run', { headers: asAdmin })
  expect((await gateway.json(`${path}?q=of`, { headers: asAdmin })).status).toBe(200)
  for (const q of ['%00', '%00x', 'a%00'])
    expect((await gateway.json(`${path}?q=${q}`, { headers: asAdmin })).body).toMatchObject({ total: 0 })
})

describe('whoever loses a right while a body is on its way has lost it when the body has come:', () => {
  /** Sends the head and half of the body, lets something happen, and sends the rest. Answers the status. */
  async function sendSlowly(
    { path, type, body, headers }: { path: string; type: string; body: string; headers: Record<string, string> },
    happening: () => Promise<unknown>,
  ): Promise<number> {
    const { port } = new URL(gateway.url)
    const half = Math.floor(body.length / 2)
    const answered = Promise.withResolvers<string>()
    let text = ''
    const socket = await Bun.connect({
      hostname: '127.0.0.1',
      port: Number(port),
      socket: {
        data: (_, chunk) => {
          text += chunk.toString()
          if (text.includes('\r\n\r\n')) answered.resolve(text)
        },
        close: () => answered.resolve(text),
      },
    })
    const lines = Object.entries({ ...headers, 'content-type': type, 'content-length': String(body.length) })
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost:${port}\r\n${head}\r\n${body.slice(0, half)}`)
    // The one before has been let in once a later one is answered.
    await gateway.fetch('/health')
    await happening()
    socket.write(body.slice(half))
    const answer = await answered.promise
    socket.end()
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])
  }

  const json = 'application/json'
  const form = '--b\r\ncontent-disposition: form-data; name="files"; filename="late/late.js"\r\n\r\nx\r\n--b--\r\n'
  let count = 0
  const make = (role: 'admin' | 'editor' | 'operator') => makePerson(gateway, { name: `late${++count}`, role })
  const disable = ({ id }: Person) => send(`/api/users/${id}`, 'PATCH', { disabled: true })
  const demote = ({ id }: Person) => send(`/api/users/${id}`, 'PATCH', { role: 'viewer' })
  const signOut = ({ id }: Person) => send(`/api/users/${id}/sessions`, 'DELETE', undefined)

  test.each([
    ['a user made', 'admin', '/api/users', json, '{"name":"heir","role":"admin","password":"violet otter lamp"}'],
    ['a token for another', 'admin', '/api/tokens', json, `{"name":"heir","role":"admin","user_id":${viewer.id}}`],
    ['a script made', 'editor', '/api/scripts', json, '{"runtime":"js","filename":"late/new.js","content":"x"}'],
    ['files uploaded', 'editor', '/api/scripts/upload', 'multipart/form-data; boundary=b', form],
    ['a run', 'operator', '/api/scripts/alpha/run', json, '{            }'],
    ['a setting', 'admin', '/settings', 'application/x-www-form-urlencoded', 'timeout_min=7&x=yyyyyyyyyyyyy'],
  ] as const)('%s', async (_, role, path, type, body) => {
    const runs = async () => (await gateway.json('/api/runs', { headers: asAdmin })).body.total
    const before = await runs()
    for (const [happening, status] of [
      [disable, 401],
      [demote, 403],
      [signOut, 401],
    ] as const) {
      const person = await make(role)
      const headers = { cookie: person.cookie, origin: gateway.url }
      expect([401, status]).toContain(await sendSlowly({ path, type, body, headers }, () => happening(person)))
    }
    expect(await runs()).toBe(before)
    const users = await (await gateway.fetch('/api/users', { headers: asAdmin })).text()
    expect(users.includes('heir')).toBe(false)
    expect(existsSync(join(gateway.scriptsDir, 'js/late'))).toBe(false)
    expect(gateway.app.setting('timeout_min')).not.toBe(7)
  })

  test('one of many scripts switched off', async () => {
    const person = await make('editor')
    const headers = { cookie: person.cookie, origin: gateway.url }
    const body = `act=deactivate&id=${idOf('alpha')}&x=yyyyyyyyyyyyyyyyyyyyyyyy`
    const sent = { path: '/batch', type: 'application/x-www-form-urlencoded', body, headers }
    expect(await sendSlowly(sent, () => demote(person))).toBe(409)
    expect(gateway.app.scripts().find(({ slug }) => slug === 'alpha')!.state).toBe('active')
  })
})

describe('a short name is no way to another address:', () => {
  test.each(['pi', 'nas', 'nas:80', 'x', 'x:80'])('%s', async (host) => {
    const ask = async (path: string) => {
      const { port } = new URL(gateway.url)
      const answer = Promise.withResolvers<string>()
      let text = ''
      const socket = await Bun.connect({
        hostname: '127.0.0.1',
        port: Number(port),
        socket: {
          data: (_, chunk) => {
            text += chunk.toString()
          },
          close: () => answer.resolve(text),
        },
      })
      socket.write(
        `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${adminToken}\r\nconnection: close\r\n\r\n`,
      )
      return /^HTTP\/1\.1 (\d{3})[\s\S]*"kind":"admin-token"|^HTTP\/1\.1 (\d{3})/.exec(await answer.promise)?.slice(1)
    }
    expect(await ask('/api/me')).toEqual(['200', undefined] as never)
    expect(await ask('/x/api/me')).toEqual([undefined, '404'] as never)
  })
})

test('the page for an address that leads nowhere is one of whoever asks for it, and tells nobody else anything', async () => {
  const accept = { accept: 'text/html' }
  const known = await gateway.fetch('/nowhere', { headers: { ...accept, cookie: viewer.cookie } })
  expect([known.status, (await known.text()).includes('/sign-out')]).toEqual([404, true])
  const unknown = await gateway.fetch('/nowhere', { headers: accept, redirect: 'manual' })
  expect([unknown.status, unknown.headers.get('location')]).toEqual([303, '/sign-in?next=%2Fnowhere'])
  expect((await gateway.fetch('/nowhere', { redirect: 'manual' })).status).toBe(401)
})

describe('a policy reaches no folder of a restricted script:', () => {
  test.each([
    { read: ['../closed'] },
    { read: ['../closed/beta.js'] },
    { read: ['..'] },
    { read: ['/'] },
    { read: true },
    { write: ['../closed/lib'] },
    { write: true },
  ])('%j', async (permissions) => {
    const text = JSON.stringify({ permissions })
    expect((await send('/api/scripts/alpha/policy', 'PUT', { permissions }, by(editor))).status).toBe(403)
    const page = await gateway.fetch(`/scripts/${idOf('alpha')}/policy`, {
      method: 'POST',
      body: new URLSearchParams({ text }),
      headers: { cookie: editor.cookie, origin: gateway.url },
    })
    expect(page.status).toBe(403)
    const form = new FormData()
    form.append('files', new File([text], 'open/.alpha.policy.json'))
    form.append('runtime', 'js')
    form.append('overwrite', '1')
    const upload = { method: 'POST', body: form, headers: bearer(editor.token) }
    expect((await gateway.json('/api/scripts/upload', upload)).status).toBe(403)
  })

  test('but its own, and what is no script’s', async () => {
    const permissions = { read: ['.', '/usr/share'], write: ['/var/tmp'], net: [4711] }
    expect((await send('/api/scripts/delta/policy', 'PUT', { permissions }, by(editor))).status).toBe(200)
    expect((await send('/api/scripts/delta/policy', 'PUT', { permissions: { read: true } })).status).toBe(200)
  })
})
