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
  { auth: 'on' },
  { secrets: { adminToken }, isolation: unconfined },
)
const asAdmin = { 'content-type': 'application/json', ...bearer(adminToken) }
const send = (path: string, method: string, body: unknown, headers: Record<string, string> = asAdmin) =>
  gateway.json<Record<string, never>>(path, { method, body: JSON.stringify(body), headers })
const by = ({ token }: Person) => ({ 'content-type': 'application/json', ...bearer(token) })
const idOf = (slug: string) => gateway.app.scripts().find((one) => one.slug === slug)!.id

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
      expect(await (await gateway.fetch(path, { headers })).text()).not.toContain('4711')
    expect(await (await gateway.fetch('/api/scripts/alpha', { headers: by(editor) })).text()).toContain('4711')
  })
})

test.each(['/api/runs', '/api/audit'])('a search for NUL finds nothing, and not everything: %s', async (path) => {
  await gateway.json('/api/scripts/alpha/run', { headers: asAdmin })
  expect((await gateway.json(`${path}?q=of`, { headers: asAdmin })).status).toBe(200)
  for (const q of ['%00', '%00x', 'a%00'])
    expect((await gateway.json(`${path}?q=${q}`, { headers: asAdmin })).body).toMatchObject({ total: 0 })
})
