/** Packages from the declaration to the run, through the front door: real pip, an index of our own, a real gateway. */
import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Installation } from '../../src/dependencies/model.ts'
import type { CacheStatus, CleanupReport, DependenciesView } from '../../src/dependencies/view-model.ts'
import type { Run } from '../../src/runs/model.ts'
import { startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { makeWheel, startIndex } from '../harness/wheels.ts'

const greet = (version: string) =>
  makeWheel({ name: 'greet', version, modules: { 'greet.py': `WORD = "hello ${version}"\n` } })

const index = startIndex({
  wheels: [
    ...[greet('1.0.0'), greet('2.0.0')],
    makeWheel({ name: 'slow', version: '1.0.0' }),
    makeWheel({ name: 'top', version: '1.0.0' }),
    makeWheel({ name: 'kept', version: '1.0.0' }),
    makeWheel({ name: 'kept', version: '1.1.0' }),
  ],
})
afterAll(() => index.stop())

const main = (...body: string[]) =>
  [
    'import sys, json, time, os',
    'if __name__ == "__main__":',
    '    if "--_sys_get_schema" in sys.argv:',
    '        print("{}"); sys.exit()',
    ...body.map((line) => `    ${line}`),
    '',
  ].join('\n')
const saying = (name: string) => main(`import ${name}`, `print(json.dumps({"said": ${name}.__version__}))`)
const greeting = main('import greet', 'print(json.dumps({"word": greet.WORD, "python": sys.executable}))')

const gateway = await startApp(
  {
    ...{ 'python/hi.py': greeting, 'python/hello.py': greeting, 'python/requirements.txt': 'greet==1.0.0\n' },
    ...{ 'python/own.py': greeting, 'python/own_requirements.txt': 'greet>=2 # the newest\n' },
    ...{ 'python/plain/bare.py': main('print(json.dumps({"python": sys.executable}))') },
    'python/plain/requirements.txt': '# nothing at all\n',
    ...{ 'python/slow/a.py': saying('slow'), 'python/slow/requirements.txt': 'slow\n' },
    ...{ 'python/bad/a.py': saying('nothing'), 'python/bad/requirements.txt': 'nothing-like-it==9\n' },
    ...{ 'python/refused/a.py': saying('x'), 'python/refused/requirements.txt': '-r /etc/passwd\nfine\n' },
    ...{ 'python/kept/a.py': saying('kept'), 'python/kept/requirements.txt': 'kept==1.0.0\n' },
  },
  { pip_index_url: index.url, deps_auto_install: false, install_slots: 4 },
)

type Answer = {
  status: string
  data: Record<string, string>
  error?: { type: string; message: string }
  run_id: number
  stderr: string
}
const run = (slug: string) => gateway.json<Answer>(`/api/scripts/${slug}/run`, { method: 'POST' })
const begin = async (slug: string) =>
  (await gateway.json<{ run_id: number }>(`/api/scripts/${slug}/run?async=1`, { method: 'POST' })).body.run_id
const runOf = async (id: number) => (await gateway.json<Run>(`/api/runs/${id}`)).body
const view = async (slug: string) => (await gateway.json<DependenciesView>(`/api/scripts/${slug}/dependencies`)).body
const installations = async (query = '') =>
  (await gateway.json<{ items: Installation[]; total: number }>(`/api/installations${query}`)).body
const slugOf = (filename: string) => gateway.app.scripts().find((one) => one.filename === filename)!.slug
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(gateway.scriptsDir, path)), { recursive: true })
  writeFileSync(join(gateway.scriptsDir, path), text)
}
const lockOf = (path: string) => readFileSync(join(gateway.scriptsDir, path), 'utf8')

test('a run waits for its packages, uses them, and names their environment; the next script with the same set has them at once', async () => {
  const { body } = await run('hi')
  expect(body).toMatchObject({ status: 'success', data: { word: 'hello 1.0.0' } })
  const { environment, waiting_for_installation } = await runOf(body.run_id)
  expect(environment).toMatch(/^[0-9a-f]{32}$/)
  expect(waiting_for_installation).toBeNull()
  expect(body.data.python).toBe(join(gateway.dataDir, '.deps_cache/python', environment!, 'bin/python'))
  expect(lockOf('python/requirements.lock')).toMatch(/^greet==1\.0\.0 \\\n {4}--hash=sha256:[0-9a-f]{64}$/m)

  const before = (await installations()).total
  const second = await run('hello')
  expect(second.body.data).toEqual(body.data)
  expect((await installations()).total).toBe(before)
  const shown = await view('hello')
  expect(shown).toMatchObject({
    state: 'ready',
    environment,
    source: { scope: 'folder', file: 'python/requirements.txt' },
  })
  expect(shown.lock).toEqual({ file: 'python/requirements.lock', state: 'current' })
  expect(shown.dependencies).toMatchObject([
    { name: 'greet', version: '==1.0.0', installed: '1.0.0', state: 'installed' },
  ])
}, 60_000)

test('two scripts of one folder, each with its own version', async () => {
  const [own, shared] = await Promise.all([run('own'), run('hi')])
  expect([own.body.data.word, shared.body.data.word]).toEqual(['hello 2.0.0', 'hello 1.0.0'])
  expect(lockOf('python/own_requirements.lock')).toContain('greet==2.0.0')
}, 60_000)

test('a list without packages is no environment', async () => {
  const { body } = await run(slugOf('plain/bare.py'))
  expect(body.data.python).not.toContain('.deps_cache')
  expect((await runOf(body.run_id)).environment).toBeNull()
})

test('twenty starts on a cold cache are one installation; meanwhile they wait, and say for what; one can be cancelled', async () => {
  const slug = slugOf('slow/a.py')
  const hold = index.hold('slow-1.0.0-py3-none-any.whl')
  const ids = await Promise.all(Array.from({ length: 20 }, () => begin(slug)))
  await hold.asked
  const waiting = await Promise.all(ids.map(runOf))
  const { items } = await installations(`?script_id=${waiting[0]!.script_id}`)
  expect(items).toMatchObject([{ status: 'running', trigger: 'run', requirements: ['slow'] }])
  expect(new Set(waiting.map(({ status, waiting_for_installation: what }) => `${status} ${what}`))).toEqual(
    new Set([`queued ${items[0]!.id}`]),
  )
  const listed = await gateway.json<{ items: Run[] }>(`/api/runs?script_id=${waiting[0]!.script_id}`)
  expect(listed.body.items.map((one) => one.waiting_for_installation)).toEqual(Array(20).fill(items[0]!.id))
  expect(await view(slug)).toMatchObject({ state: 'installing', installation: { id: items[0]!.id } })
  const page = async (path: string) => (await gateway.fetch(path)).text()
  for (const path of [`/executions/${ids[0]}`, `/fragments/runs/${ids[0]}/place`]) {
    expect(await page(path)).toContain('Its packages are being installed')
    expect(await page(path)).toContain(`href="/dependencies/installations/${items[0]!.id}"`)
    expect(await page(path)).not.toContain('In the queue')
  }
  expect(await page(`/executions/${ids[0]}`)).toContain('1 line<')
  expect((await page('/executions')).match(/>installing packages</g)).toHaveLength(20)
  const cancelled = await gateway.json<Run>(`/api/runs/${ids[3]}/cancel`, { method: 'POST' })
  expect(cancelled.body.status).toBe('cancelled')

  hold.release()
  const ended = await Promise.all(ids.map((id) => gateway.finished(id)))
  expect(ended.filter(({ status }) => status === 'success')).toHaveLength(19)
  expect((await installations(`?script_id=${waiting[0]!.script_id}`)).total).toBe(1)
  const log = await (await gateway.fetch(`/api/runs/${ids[0]}/logs`)).text()
  expect(log).toContain(`It waits until its packages are installed (installation ${items[0]!.id}).`)
}, 60_000)

test('what cannot be installed is a 502 with the last lines of the installer; once it is put right, the next run is well', async () => {
  const slug = slugOf('bad/a.py')
  const { status, body } = await run(slug)
  expect(status).toBe(502)
  expect(body.error?.type).toBe('dependency')
  expect(body.error?.message).toMatch(/There is no package nothing-like-it at http:\/\/127\.0\.0\.1/)
  expect(body.stderr).toContain('nothing-like-it')
  expect(await runOf(body.run_id)).toMatchObject({ status: 'failed', exit_code: null, environment: null })
  const { items } = await installations('?status=failed')
  expect(items).toMatchObject([{ status: 'failed', file: 'python/bad/requirements.txt' }])
  expect(await view(slug)).toMatchObject({ state: 'failed', installation: { id: items[0]!.id } })
  // The next one soon after is told the same, and does not wait for another try.
  expect((await run(slug)).status).toBe(502)
  expect((await installations('?status=failed')).total).toBe(1)

  write('python/bad/requirements.txt', 'greet==1.0.0\n')
  write('python/bad/a.py', greeting)
  await eventually('the script is seen', async () => (await run(slug)).status === 200)
}, 60_000)

test('what a list must not say is refused in words, and nothing of it is installed', async () => {
  const before = (await installations()).total
  const { status, body } = await run(slugOf('refused/a.py'))
  expect(status).toBe(502)
  expect(body.error?.message).toContain('/etc/passwd')
  expect(await view(slugOf('refused/a.py'))).toMatchObject({ state: 'refused', problems: [{ path: '/line/1' }] })
  const install = await gateway.json<Answer>(`/api/scripts/${slugOf('refused/a.py')}/dependencies/install`, {
    method: 'POST',
  })
  expect(install.status).toBe(422)
  expect((await installations()).total).toBe(before)
})

describe('a run keeps what it started with', () => {
  test('while its declaration changes, and the next one gets what is declared at that moment', async () => {
    const word = main(
      'flag = os.path.join(os.environ["SCRIPT_DIR"], "go")',
      'print("started", flush=True)',
      'while not os.path.exists(flag): time.sleep(0.01)',
      'import greet',
      'print(json.dumps({"word": greet.WORD}))',
    )
    write('python/flight/requirements.txt', 'greet==1.0.0\n')
    const { slug } = await gateway.drop('python/flight/a.py', word)
    const first = await begin(slug)
    await eventually('it has started', async () =>
      (await (await gateway.fetch(`/api/runs/${first}/logs`)).text()).includes('started'),
    )
    write('python/flight/requirements.txt', 'greet>=2\n') // what `own` has installed
    const second = await begin(slug) // at once: nobody has looked at the folder since
    await eventually('the second one has started', async () => (await runOf(second)).status === 'running', 30_000)
    write('python/flight/go', '')
    const [one, two] = await Promise.all([gateway.finished(first), gateway.finished(second)])
    expect([one.result, two.result]).toMatchObject([
      { data: { word: 'hello 1.0.0' } },
      { data: { word: 'hello 2.0.0' } },
    ])
    expect(one.environment).not.toBe(two.environment)
  }, 60_000)

  test('and a clean-up leaves what a run has; what goes is installed again when it is needed', async () => {
    const id = slugOf('slow/a.py')
    expect((await run(id)).body.status).toBe('success')
    const { environment } = await view(id)
    write(
      'python/slow/a.py',
      main(
        'print("on", flush=True)',
        'while not os.path.exists(os.environ["SCRIPT_DIR"] + "/go"): time.sleep(0.01)',
        'import slow',
        'print(json.dumps({"said": slow.__version__}))',
      ),
    )
    const live = await begin(id)
    await eventually('it runs', async () =>
      (await (await gateway.fetch(`/api/runs/${live}/logs`)).text()).includes('on'),
    )
    const cleanup = () =>
      gateway.json<CleanupReport>('/api/dependencies/cache/cleanup', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ environments: [environment] }),
      })
    expect((await cleanup()).body).toEqual({ removed: [], bytes: 0, in_use: [environment!] })
    write('python/slow/go', '')
    expect((await gateway.finished(live)).status).toBe('success')
    // Its files have changed: it may be asked what it takes, which needs its packages, too.
    const report = await eventually('nobody has it', async () => {
      const { body } = await cleanup()
      return body.in_use.length === 0 ? body : undefined
    })
    expect(report.removed).toEqual([environment!])
    expect(existsSync(join(gateway.dataDir, '.deps_cache/python', environment!))).toBe(false)
    expect((await view(id)).state).toBe('missing')
    expect((await run(id)).body.status).toBe('success')
    // As the lock said: under the name of that lock.
    expect((await view(id)).state).toBe('ready')
  }, 60_000)
})

test('what nobody needs any more goes with a clean-up, and only that', async () => {
  const { body: before } = await gateway.json<CacheStatus>('/api/dependencies/cache/status')
  const needed = before.items.filter(({ used_by }) => used_by.length > 0).map((one) => one.environment)
  expect(needed.length).toBeGreaterThan(1)
  write('python/flight/requirements.txt', 'greet==1.0.0\n')
  write('python/own_requirements.txt', 'greet==1.0.0\n') // what hi needs
  expect((await run('own')).body.data.word).toBe('hello 1.0.0')
  expect((await view('own')).environment).toBe((await view('hi')).environment) // the same came of it
  const { body: report } = await gateway.json<CleanupReport>('/api/dependencies/cache/cleanup', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"older_than_days": 0}',
  })
  const { body: after } = await gateway.json<CacheStatus>('/api/dependencies/cache/status')
  expect(report.removed.length).toBeGreaterThan(0)
  expect(after.items.map((one) => one.environment).sort()).toEqual(
    before.items
      .map((one) => one.environment)
      .filter((name) => !report.removed.includes(name))
      .sort(),
  )
  expect(after.items.every(({ used_by }) => used_by.length > 0)).toBe(true)
  expect(readdirSync(join(gateway.dataDir, '.deps_cache/python')).filter((name) => name.startsWith('.'))).toEqual([])
}, 30_000)

test('an update renews the lock, and nothing else does', async () => {
  const slug = slugOf('kept/a.py')
  expect((await run(slug)).body.data.said).toBe('1.0.0')
  write('python/kept/requirements.txt', 'kept>=1\n') // 1.0.0 is in the lock, and still fits
  expect((await run(slug)).body.data.said).toBe('1.0.0')
  expect((await view(slug)).lock?.state).toBe('current')
  const updated = await gateway.json<DependenciesView>(`/api/scripts/${slug}/dependencies/install?update=1&wait=1`, {
    method: 'POST',
  })
  expect(updated.body).toMatchObject({
    state: 'ready',
    lock: { state: 'current' },
    dependencies: [{ installed: '1.1.0' }],
  })
  expect(lockOf('python/kept/requirements.lock')).toContain('kept==1.1.0')
  expect((await run(slug)).body.data.said).toBe('1.1.0')
}, 60_000)

test('a new script that cannot tell its schema without its packages is waited for; where they cannot be installed, it is a 502', async () => {
  const asking = (name: string) => `import sys, json, ${name}
if __name__ == "__main__":
    print(json.dumps({"size": {"type": "int"}} if "--_sys_get_schema" in sys.argv else {"said": ${name}.__version__}))
`
  write('python/first/requirements.txt', 'top\n')
  const { id, slug, state } = await gateway.drop('python/first/first.py', asking('top'))
  expect(state).toBe('error')
  const { status, body } = await run(slug)
  expect([status, body.data]).toEqual([200, { said: '1.0.0' }])
  const now = gateway.app.scripts().find((one) => one.id === id)
  expect(now).toMatchObject({ state: 'active', params: { size: { type: 'int' } } })

  write('python/never/requirements.txt', 'not-there-either\n')
  const never = await gateway.drop('python/never/never.py', asking('never'))
  const failed = await run(never.slug)
  expect([failed.status, failed.body.error?.type]).toEqual([502, 'dependency'])
  expect(failed.body.error?.message).toContain('not-there-either')
  expect(failed.body.stderr).toContain('not-there-either')
}, 60_000)
