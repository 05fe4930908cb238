/** Every route there is, called by everybody there is, over what they may see and what they may not. */
import { describe, expect, test } from 'bun:test'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Right, Role } from '../../src/http/caller.ts'
import { javascriptScript, startApp } from '../harness/app.ts'
import { unconfined } from '../harness/isolation.ts'
import { adminToken, bearer, makePerson, type Person } from '../harness/people.ts'
import { isRight, isRole, type Need, needs, ofTheBrowser, rightOrder, roleOrder } from './needs.ts'

const script = (text: string) =>
  javascriptScript(
    {},
    `await Bun.write(process.env.OUTPUT_DIR + '/left.txt', 'left')
console.log(JSON.stringify([{ a: ${JSON.stringify(text)} }]))`,
  )
/** Refused at once, since nothing is fetched: what was to be installed can be looked at. */
const packages = (name: string) => JSON.stringify({ dependencies: { [name]: '^1.0.0' } })
const gateway = await startApp(
  { 'js/open/alpha.js': script('of alpha'), 'js/closed/beta.js': script('of beta') },
  { auth: 'on', deps_offline: true, deps_auto_install: false },
  { secrets: { adminToken }, isolation: unconfined },
)
const asAdmin = { headers: { 'content-type': 'application/json', ...bearer(adminToken) } }
const runOf = async (slug: string) => {
  const { body } = await gateway.json<{ run_id: number; script_id: number }>(`/api/scripts/${slug}/run`, asAdmin)
  const daily = { method: 'POST', body: JSON.stringify({ cron_expression: '@daily' }), ...asAdmin }
  await gateway.json(`/api/scripts/${slug}/schedules`, daily)
  const folder = `static/${slug}/resources/20260101T000000000Z-${body.run_id}`
  mkdirSync(join(gateway.dataDir, folder), { recursive: true })
  writeFileSync(join(gateway.dataDir, folder, 'file.txt'), `of ${slug}`)
  return { slug, script: body.script_id, run: body.run_id, file: `${folder.slice('static/'.length)}/file.txt` }
}
const installs = async (made: Awaited<ReturnType<typeof runOf>>) => {
  const folder = made.slug === 'alpha' ? 'open' : 'closed'
  writeFileSync(join(gateway.scriptsDir, `js/${folder}/${made.slug}_package.json`), packages(`of-${made.slug}`))
  const ended = await gateway.fetch(`/api/scripts/${made.slug}/dependencies/install?wait=1`, {
    method: 'POST',
    ...asAdmin,
  })
  const installation = Number(ended.headers.get('content-location')?.split('/').at(-1))
  if (!installation) throw new Error(`no installation: ${ended.status} ${await ended.text()}`)
  return { ...made, installation }
}
/** What cannot be installed must not be declared where they are to run. */
const undeclare = () => {
  for (const { slug } of [alpha, beta])
    rmSync(join(gateway.scriptsDir, `js/${slug === 'alpha' ? 'open' : 'closed'}/${slug}_package.json`), { force: true })
}
const put = (path: string, body: unknown) =>
  gateway.json(path, { method: 'PUT', body: JSON.stringify(body), ...asAdmin })
const [alpha, beta] = [await installs(await runOf('alpha')), await installs(await runOf('beta'))]
await put('/api/scripts/beta', { tags: ['team'] })

const people = {
  stranger: await makePerson(gateway, { name: 'stranger' }),
  guest: await makePerson(gateway, { name: 'guest', grants: [{ script_id: alpha.script, right: 'run' }] }),
  member: await makePerson(gateway, { name: 'member', grants: [{ tag: 'team', right: 'edit' }] }),
  viewer: await makePerson(gateway, { name: 'viewer', role: 'viewer' }),
  operator: await makePerson(gateway, { name: 'operator', role: 'operator' }),
  editor: await makePerson(gateway, { name: 'editor', role: 'editor' }),
  admin: await makePerson(gateway, { name: 'admin', role: 'admin' }),
}
await put('/api/tags/team/access', { restricted: true, grants: [{ user_id: people.member.id, right: 'edit' }] })
const tokenFor = async (role: Role, scriptId: number) => {
  const body = JSON.stringify({ name: role, role, user_id: people.admin.id, script_ids: [scriptId] })
  const made = await gateway.json<{ secret: string }>('/api/tokens', { method: 'POST', body, ...asAdmin })
  return bearer(made.body.secret)
}
const [limited, lesser] = [await tokenFor('admin', alpha.script), await tokenFor('operator', beta.script)]

interface Who {
  headers: Record<string, string>
  /** For what is not a script's. */
  role: Role | null
  alpha: Right | null
  beta: Right | null
}

/** Their browser, on a page of ours. */
const as = ({ cookie }: Person) => ({ cookie, origin: 'http://localhost' })

const whoever: Record<string, Who> = {
  stranger: { headers: as(people.stranger), role: null, alpha: null, beta: null },
  guest: { headers: as(people.guest), role: null, alpha: 'run', beta: null },
  member: { headers: as(people.member), role: null, alpha: null, beta: 'edit' },
  viewer: { headers: as(people.viewer), role: 'viewer', alpha: 'see', beta: null },
  operator: { headers: as(people.operator), role: 'operator', alpha: 'run', beta: null },
  editor: { headers: as(people.editor), role: 'editor', alpha: 'edit', beta: null },
  'a limited token of an administrator': {
    headers: limited,
    role: null,
    alpha: 'edit',
    beta: null,
  },
  'one of the role operator, for what is restricted': { headers: lesser, role: null, alpha: null, beta: 'run' },
  'an administrator': { headers: as(people.admin), role: 'admin', alpha: 'edit', beta: 'edit' },
  ADMIN_TOKEN: { headers: bearer(adminToken), role: 'admin', alpha: 'edit', beta: 'edit' },
}

const routes = gateway.app
  .routes()
  .map(({ method, path, hooks }) => ({ name: `${method} ${path}`, method, path, hooks }))

/** The address of a route over one of the two scripts, with a method that it takes. */
function requestFor({ method, path }: (typeof routes)[number], about: typeof alpha, headers: Record<string, string>) {
  const isRun = /^\/(api\/runs|ws\/runs|executions|fragments\/runs)\//.test(path)
  const isInstallation = path.includes('/installations/')
  const id = isInstallation ? about.installation : isRun ? about.run : about.script
  const address = path
    .replace(':id', /^\/(api\/)?users|sessions|tokens/.test(path) ? '999999' : String(id))
    .replace(/:(schedule|channel|rule|delivery)\b/g, '999999')
    .replace(':runtime', 'js')
    .replace(':rest', 'NOT_THERE')
    .replace(':name', path.includes('templates') ? 'js' : path.includes('swagger') ? 'swagger-ui.css' : 'NOT_THERE')
    .replace(':tag', 'team')
    .replace(':version', 'x')
    .replace('*', path.startsWith('/static') ? about.file : 'app.css')
  const upgrade: Record<string, string> = method === 'WS' ? { upgrade: 'websocket' } : {}
  return new Request(`http://localhost${address}`, {
    method: method === 'WS' || method === 'ALL' ? 'GET' : method,
    headers: { ...headers, ...upgrade },
    redirect: 'manual',
  })
}

const ask = (path: string, headers: Record<string, string>) =>
  gateway.app.handle(new Request(`http://localhost${path}`, { headers }))

/** The status alone; a stream is left. */
async function statusOf(request: Request): Promise<number> {
  const response = await gateway.app.handle(request)
  await response.body?.cancel()
  return response.status
}

const isOwnMatter = (name: string) => /\/me\/|\/account|\/api\/tokens/.test(name)

/** What would be gone, or run, afterwards; what lets it through is held by the tests of each. */
const isLasting = (name: string) =>
  name.startsWith('DELETE') ||
  name === 'POST /scripts/:id/delete' ||
  /terminate|sign-out|cleanup|storage|dependencies\/cache|\/import|rerun|backup|sessions|account\/(password|second-factor\/off)/.test(
    name,
  )

test('every route is in this table, and nothing else', () => {
  expect(routes.map(({ name }) => name).sort()).toEqual(Object.keys(needs).sort())
})

test('what changes something says what it is called in the audit log, or tells it itself', () => {
  const silent = routes.filter(
    ({ method, hooks }) => !['GET', 'WS'].includes(method) && !method.startsWith('ALL') && !('act' in hooks),
  )
  expect(silent.map(({ name }) => name)).toEqual(ofTheBrowser)
})

describe('nobody', () => {
  test.each(routes)('$name', async (route) => {
    const need = needs[route.name]
    const status = await statusOf(requestFor(route, alpha, { accept: 'text/html' }))
    if (need === 'open' || need === 'unset')
      return expect([401, 403]).not.toContain(route.method === 'GET' ? status : 0)
    const isPageRead = 'isPage' in route.hooks && route.method === 'GET'
    expect(status).toBe(isPageRead ? 303 : 401)
  })

  test.each([
    ['/nope', 303, '/sign-in?next=%2Fnope'],
    ['/scripts/1/nope?a=1', 303, '/sign-in?next=%2Fscripts%2F1%2Fnope%3Fa%3D1'],
    ['/api/nope', 401, null],
    ['/static/nope', 401, null],
    ['/assets', 401, null],
    ['/ws/nope', 401, null],
  ])('a browser at %s, where nothing is: %p, to %p', async (path, status, location) => {
    const response = await gateway.app.handle(
      new Request(`http://localhost${path}`, { headers: { accept: 'text/html' } }),
    )
    expect([response.status, response.headers.get('location')]).toEqual([status, location])
  })

  test.each(['/nope', '/api/nope', '/api/scripts/1/nope', '/API/scripts', '//api/scripts', '/api//scripts', '/static'])(
    'an address that leads nowhere tells nothing: %s',
    async (path) => {
      expect(await statusOf(new Request(`http://localhost${path}`))).toBe(401)
    },
  )
})

describe.each(Object.entries(whoever))('%s', (_, who) => {
  test('may what its role and its grants say, and nothing else', async () => {
    const wrong: unknown[] = []
    for (const route of routes)
      for (const [about, right] of [
        [alpha, who.alpha],
        [beta, who.beta],
      ] as const) {
        const need = needs[route.name]!
        const expected = expectedFor(need, who.role, right)
        if (need === 'open' || need === 'unset') continue // see above
        if (need === 'known' && isOwnMatter(route.name) && 'authorization' in who.headers) continue // a token has none
        if (expected === 'passes' && isLasting(route.name)) continue
        const status = await statusOf(requestFor(route, about, who.headers))
        const isAsExpected =
          expected === 'passes' ? ![401, 403].includes(status) && !isMissing(route.name, status) : status === expected
        if (!isAsExpected) wrong.push([route.name, about.slug, { expected, status }])
      }
    expect(wrong).toEqual([])
  })
})

function expectedFor(need: Need, role: Role | null, right: Right | null): 403 | 404 | 'passes' {
  if (isRole(need)) return roleOrder.indexOf(role) >= roleOrder.indexOf(need) ? 'passes' : 403
  if (!isRight(need)) return 'passes'
  if (right === null) return 404
  return rightOrder.indexOf(right) >= rightOrder.indexOf(need) ? 'passes' : 403
}

/** Where the object is there, 404 is a refusal. */
const isMissing = (name: string, status: number) =>
  status === 404 && isRight(needs[name]!) && !/:(name|schedule|rule|delivery)\b|variables|result\.html$/.test(name)

test('what one may not see is told as what is not there', async () => {
  const { headers } = whoever.viewer!
  const answer = async (path: string) => {
    const response = await ask(path, headers)
    return [response.status, (await response.text()).replace(/\d+|beta|gamma/g, 'X')]
  }
  expect((await answer('/api/scripts/beta'))[0]).toBe(404)
  expect(await answer('/api/scripts/beta')).toEqual(await answer('/api/scripts/gamma'))
  expect(await answer(`/api/scripts/${beta.script}`)).toEqual(await answer('/api/scripts/4711'))
  expect(await answer(`/api/runs/${beta.run}`)).toEqual(await answer('/api/runs/4711'))
  expect(await answer(`/scripts/${beta.script}`)).toEqual(await answer('/scripts/4711'))
  expect(await answer(`/executions/${beta.run}`)).toEqual(await answer('/executions/4711'))
})

test.each(['01', '1.0', '1e0', '0x1', ' 1', '%201', '1%20', '+1', '٢'])(
  'a number in another spelling reaches no run: %s',
  async (spelling) => {
    const path = `/api/runs/${spelling.replace('1', String(beta.run))}`
    expect([404, 422]).toContain(
      await statusOf(new Request(`http://localhost${path}`, { headers: whoever.viewer!.headers })),
    )
  },
)

const plain = await startApp(
  { 'js/alpha.js': script('of alpha') },
  { auth: 'on' },
  { secrets: { adminToken }, isolation: unconfined },
)
const viewer = await makePerson(plain, { name: 'viewer', role: 'viewer' })
const { body: ofPlain } = await plain.json<{ run_id: number; script_id: number }>('/api/scripts/alpha/run', asAdmin)
const spellings = [
  'alpha',
  '%61lpha',
  'alph%61',
  `${ofPlain.script_id}`,
  `%3${ofPlain.script_id}`,
  'ALPHA',
  'alpha%00',
  'alpha/',
]
const runIds = [
  `${ofPlain.run_id}`,
  `%3${ofPlain.run_id}`,
  `0${ofPlain.run_id}`,
  `%20${ofPlain.run_id}`,
  `${ofPlain.run_id}.0`,
  '%zz',
]
describe('where nothing is restricted, and so everybody sees all', () => {
  test.each([
    ...spellings.flatMap((name) => [
      ['POST', `/api/scripts/${name}/terminate`] as const,
      ['GET', `/api/scripts/${name}/run`] as const,
      ['GET', `/api/scripts/${name}/content`] as const,
      ['GET', `/api/scripts/${name}/export`] as const,
      ['DELETE', `/api/scripts/${name}`] as const,
      ['POST', `/scripts/${name}/execute`] as const,
      ['POST', `/scripts/${name}/policy`] as const,
    ]),
    ...runIds.flatMap((id) => [
      ['POST', `/api/runs/${id}/cancel`] as const,
      ['POST', `/api/runs/${id}/rerun`] as const,
      ['POST', `/executions/${id}/cancel`] as const,
    ]),
  ])('a viewer does nothing in any spelling: %s %s', async (method, path) => {
    for (const headers of [bearer(viewer.token), as(viewer)]) {
      const response = await plain.app.handle(new Request(`http://localhost${path}`, { method, headers }))
      await response.body?.cancel()
      expect([403, 404]).toContain(response.status)
    }
  })
})

describe('lists leave out what one may not see', () => {
  test.each([
    '/api/scripts',
    '/api/runs',
    `/api/runs?script_id=${beta.script}`,
    '/api/runs?q=beta',
    '/api/installations',
    `/api/installations?script_id=${beta.script}`,
    '/dependencies',
    '/schedules',
    '/schedules?view=calendar',
    '/api/tags',
    '/openapi.json',
    '/scripts-openapi.json',
    '/',
    '/executions',
    `/executions?script_id=${beta.script}`,
    '/fragments/scripts',
    `/fragments/live?ids=${alpha.script},${beta.script}`,
    `/fragments/executions?longest=1&ids=${alpha.run},${beta.run}`,
  ])('%s', async (path) => {
    const read = async (who: Who) => {
      const response = await ask(path, who.headers)
      if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return response.text()
    }
    const names = /beta|team|of beta/
    expect(await read(whoever.viewer!)).not.toMatch(names)
    expect(await read(whoever.guest!)).not.toMatch(names)
    expect(await read(whoever.stranger!)).not.toMatch(/beta|team|alpha/)
    if (!path.includes('q='))
      expect(await read(whoever.ADMIN_TOKEN!)).toMatch(
        path.startsWith('/api/runs') ? `"script_id":${beta.script}` : names,
      )
  })

  test('and so does the feed of what changes', async () => {
    undeclare()
    const ids: number[] = []
    const response = await gateway.fetch('/api/events', { headers: { cookie: people.viewer.cookie } })
    expect(response.status).toBe(200)
    const reader = response.body!.getReader()
    const decoder = new TextDecoder()
    let text = ''
    await reader.read()
    await gateway.json('/api/scripts/beta/run', asAdmin)
    await gateway.json('/api/scripts/alpha/run', asAdmin)
    while (!text.includes('"success"')) text += decoder.decode((await reader.read()).value)
    await reader.cancel()
    for (const [, id] of text.matchAll(/"script_id":(\d+)/g)) ids.push(Number(id))
    expect([...new Set(ids)]).toEqual([alpha.script])
  })
})

describe('a browser, known by its cookie', () => {
  const acting = routes.filter(({ name, method }) => needs[name] === 'run' || !['GET', 'WS', 'ALL'].includes(method))
  const { cookie } = people.admin

  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['another port of this machine', { origin: 'http://localhost:9' }],
    ['an opaque origin', { origin: 'null' }],
    ['a sister site', { 'sec-fetch-site': 'same-site' }],
    ['another site, by referer', { referer: 'https://evil.example/' }],
    ['nothing that says whose page it was', {}],
  ])('does nothing for a page of %s', async (_, headers) => {
    const wrong: unknown[] = []
    for (const route of acting) {
      if (['open', 'unset'].includes(needs[route.name]!)) continue
      const status = await statusOf(requestFor(route, alpha, { cookie, ...(headers as Record<string, string>) }))
      if (status !== 403) wrong.push([route.name, status])
    }
    expect(acting.length).toBeGreaterThan(60)
    expect(wrong).toEqual([])
  })

  test('opens no socket for a page of another site', async () => {
    const headers = { cookie, upgrade: 'websocket', origin: 'https://evil.example' }
    expect(await statusOf(new Request(`http://localhost/ws/runs/${alpha.run}`, { headers }))).toBe(403)
  })

  test('does for a page of ours what a token does', async () => {
    undeclare()
    const own = { cookie, origin: gateway.url }
    expect((await gateway.fetch('/api/scripts/alpha/run', { headers: own })).status).toBe(200)
    expect((await gateway.fetch('/api/scripts/alpha/terminate', { method: 'POST', headers: own })).status).toBe(200)
  })
})

describe('a credential that is no good', () => {
  test.each([
    ['an unknown token', bearer('sgw_unknown')],
    ['another scheme', { authorization: `Basic ${btoa(`admin:${adminToken}`)}` }],
    ['no token', { authorization: 'Bearer' }],
    ['two tokens', { authorization: `Bearer ${adminToken}, Bearer x` }],
    ['an unknown session', { cookie: 'sg_session=unknown' }],
    ['a bad token beside a good session', { ...bearer('x'), cookie: people.admin.cookie }],
    ['a token in the address', {}],
  ])('%s', async (_, headers) => {
    const path = `/api/runs?token=${adminToken}&access_token=${adminToken}`
    expect((await gateway.fetch(path, { headers: headers as Record<string, string> })).status).toBe(401)
    expect((await gateway.fetch('/health', { headers: headers as Record<string, string> })).status).toBe(200)
  })
})
