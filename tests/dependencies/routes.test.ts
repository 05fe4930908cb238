/** The API about dependencies: who may what, what is answered, and what the audit log is told. */
import { beforeEach, describe, expect, test } from 'bun:test'
import { cacheEntryOf, dependencyOf, viewOf } from './fake.ts'
import { startLab } from './lab.ts'

let lab = startLab()
const pair = [dependencyOf('requests', '>=2.25', '2.31.0'), dependencyOf('numpy')]

beforeEach(() => {
  lab = startLab()
  const { views } = lab.fake
  views.set(1, viewOf({ state: 'missing', source: { scope: 'script', file: 'a.txt' }, dependencies: pair }))
  views.set(2, viewOf({ script_id: 2, state: 'missing', dependencies: [dependencyOf('rich')] }))
})

describe('who may what', () => {
  const one = { name: 'rich' }
  test.each<[route: string, body: unknown, statuses: Record<string, number>]>([
    ['GET /api/scripts/alpha/dependencies', undefined, { viewer: 200, guest: 404, stranger: 404, nobody: 401 }],
    ['GET /api/scripts/beta/dependencies', undefined, { viewer: 404, editor: 404, guest: 200, root: 200 }],
    ['POST /api/scripts/alpha/dependencies', one, { operator: 403, viewer: 403, editor: 200, guest: 404 }],
    ['PUT /api/scripts/alpha/dependencies', [one], { operator: 403, editor: 200, guest: 404 }],
    ['DELETE /api/scripts/alpha/dependencies/numpy', undefined, { operator: 403, editor: 200, guest: 404 }],
    ['POST /api/scripts/alpha/dependencies/install', undefined, { viewer: 403, operator: 202, guest: 404 }],
    ['POST /api/scripts/alpha/dependencies/install?update=1', undefined, { operator: 403, editor: 202 }],
    ['GET /api/scripts/alpha/dependencies/check', undefined, { operator: 403, editor: 200, guest: 404 }],
    ['GET /api/scripts/alpha/dependencies/export', undefined, { viewer: 200, guest: 404 }],
    ['GET /api/scripts/alpha/environment', undefined, { operator: 403, editor: 200, guest: 404 }],
    ['GET /api/deps', undefined, { stranger: 200, nobody: 401 }],
    // beta declares nothing more specific than the global set, and is not the editor's
    [
      'POST /api/deps/install',
      { runtime: 'python', deps: [one] },
      { operator: 403, editor: 403, guest: 403, root: 202 },
    ],
    ['DELETE /api/deps/python/rich', undefined, { operator: 403, editor: 403, guest: 403, root: 404 }],
    ['POST /api/scripts/alpha/dependencies?scope=global', one, { editor: 403, root: 200 }],
    ['POST /api/scripts/beta/dependencies?scope=folder', one, { guest: 200, editor: 404 }],
    ['GET /api/dependencies/cache/status', undefined, { viewer: 403, guest: 403, operator: 200 }],
    ['POST /api/dependencies/cache/cleanup', undefined, { editor: 403, root: 200 }],
    ['POST /api/scripts/batch/dependencies/install', { all: true }, { stranger: 202, nobody: 401 }],
    ['GET /api/installations', undefined, { stranger: 200, nobody: 401 }],
  ])('%s', async (route, body, statuses) => {
    const given: Record<string, number> = {}
    for (const who of Object.keys(statuses)) given[who] = (await lab.ask(who, route, body)).status
    expect(given).toEqual(statuses)
  })

  test('a folder is changed by who may change all scripts that look there for what they need', async () => {
    const route = 'PUT /api/scripts/alpha/dependencies?scope=folder'
    expect((await lab.ask('editor', route, [])).status).toBe(200)
    // above it lies what beta's folder falls back to
    const { status, body } = await lab.ask('editor', 'PUT /api/scripts/alpha/dependencies?scope=global', [])
    expect([status, body.error.type]).toEqual([403, 'forbidden'])
    expect(body.error.message).toContain('scripts that you may not change')
    expect(lab.fake.asked).toEqual(['replace alpha folder'])
  })

  test.each<[source: 'script' | 'folder' | 'named' | 'group' | 'global', file: string, status: number]>([
    ['script', 'python/open/alpha_requirements.txt', 202],
    ['folder', 'python/open/requirements.txt', 202],
    ['named', 'python/open/alpha/requirements.txt', 202],
    ['named', 'python/closed/requirements.txt', 403],
    ['group', 'python/requirements.txt', 403],
    ['global', 'requirements.txt', 403],
  ])('an update renews the lock of all that share it: of the %s in %s it is %d', async (scope, file, status) => {
    lab.fake.views.set(1, viewOf({ state: 'ready', source: { scope, file }, dependencies: pair }))
    const update = 'POST /api/scripts/alpha/dependencies/install?update=1'
    expect((await lab.ask('editor', update)).status).toBe(status)
    const batch = { script_ids: [1], update: true }
    const { body } = await lab.ask('editor', 'POST /api/scripts/batch/dependencies/install', batch)
    expect(body.items[0].error === null).toBe(status === 202)
    expect((await lab.ask('root', update)).status).toBe(202)
  })

  test('the folder that is named like a script is another one’s, too, where scripts lie in it', async () => {
    lab.fake.views.set(
      1,
      viewOf({ state: 'ready', source: { scope: 'named', file: 'python/closed/requirements.txt' } }),
    )
    const add = 'POST /api/scripts/alpha/dependencies'
    expect((await lab.ask('editor', add, one)).status).toBe(403)
    expect((await lab.ask('root', add, one)).status).toBe(200)
  })

  test.each<[string, Parameters<typeof viewOf>[0], number]>([
    ['declares nothing', {}, 403],
    ['has the global set', { source: { scope: 'global', file: 'requirements.txt' } }, 403],
    ['has a set of its own', { source: { scope: 'group', file: 'python/requirements.txt' } }, 202],
  ])('the global set is an editor’s, where a script that is not %s: %d', async (_, view, status) => {
    lab.fake.views.set(2, viewOf({ script_id: 2, ...view }))
    const install = (runtime: string) =>
      lab.ask('editor', 'POST /api/deps/install', { runtime, deps: [{ name: 'left-pad' }] })
    expect((await install('python')).status).toBe(status)
    expect((await install('js')).status).toBe(202) // beta is Python
  })
})

describe('an installation is of its scripts', () => {
  const both = () => lab.fake.begin({ script_id: 2, runtime: 'js', file: 'js/closed/package.json' }, [1, 2])
  const ofBeta = () => lab.fake.begin({ script_id: 2, runtime: 'js', file: 'js/closed/package.json' }, [2])
  const ofNone = () => lab.fake.begin({ script_id: 9 }, [])

  test.each([
    ['of a restricted script', ofBeta, { viewer: 404, editor: 404, guest: 200, stranger: 404, root: 200 }],
    ['that a restricted script shares', both, { viewer: 200, editor: 200, guest: 200, stranger: 404 }],
    ['of a script that is gone', ofNone, { viewer: 404, editor: 404, guest: 404, root: 200 }],
  ] as const)('%s', async (_, begin, statuses) => {
    const { id } = begin()
    lab.fake.end(id, 'success')
    for (const address of ['', '/logs', '/events'])
      for (const [who, status] of Object.entries(statuses))
        expect([address, who, (await lab.ask(who, `GET /api/installations/${id}${address}`)).status]).toEqual([
          address,
          who,
          status,
        ])
    const listed = async (who: string) => (await lab.ask(who, 'GET /api/installations')).body.items.length
    for (const [who, status] of Object.entries(statuses))
      expect([who, await listed(who)]).toEqual([who, status === 200 ? 1 : 0])
  })

  test('what is not there is told as what one may not see', async () => {
    const { id } = ofBeta()
    const answer = async (number: number) => {
      const { status, text } = await lab.ask('editor', `GET /api/installations/${number}`)
      return [status, text.replaceAll(String(number), 'N')]
    }
    expect(await answer(id)).toEqual(await answer(4711))
    for (const spelling of [`0${id}`, `${id}.0`, `%20${id}`, '٢'])
      expect([404, 422]).toContain((await lab.ask('editor', `GET /api/installations/${spelling}`)).status)
  })

  test('the script that it was begun for stays hidden from who may not see it: in lists, views, streams and the feed', async () => {
    const shared = both()
    lab.fake.views.set(1, viewOf({ state: 'installing', installation: shared }))
    lab.fake.say(shared.id, 'a line')
    lab.fake.end(shared.id, 'success')
    for (const path of [
      '/api/installations',
      `/api/installations/${shared.id}`,
      `/api/installations/${shared.id}/events`,
      '/api/scripts/alpha/dependencies',
    ]) {
      const { status, text } = await lab.ask('viewer', `GET ${path}`)
      expect([path, status, /closed|beta/.test(text)]).toEqual([path, 200, false])
      expect((await lab.ask('root', `GET ${path}`)).text).toContain('closed')
    }
    expect((await lab.ask('viewer', 'GET /api/installations?script_id=2')).body.items).toEqual([])
    const alone = ofBeta()
    lab.fake.views.set(1, viewOf({ state: 'ready', installation: alone }))
    expect((await lab.ask('viewer', 'GET /api/scripts/alpha/dependencies')).body.installation).toBeNull()
  })

  test.each([
    [{ viewer: 403, stranger: 404, operator: 200 }, both],
    [{ operator: 404, guest: 200 }, ofBeta],
    [{ editor: 404, root: 200 }, ofNone],
  ] as const)('cancelling is for who may run one of them: %j', async (statuses, begin) => {
    const { id } = begin()
    for (const [who, status] of Object.entries(statuses))
      expect([who, (await lab.ask(who, `POST /api/installations/${id}/cancel`)).status]).toEqual([who, status])
    expect(lab.fake.dependencies.installations.get(id).status).toBe('cancelled')
  })

  test('a stream ends when the right is taken away', async () => {
    const { id } = lab.fake.begin({}, [1])
    const response = await fetch(`${lab.url}/api/installations/${id}/events`, { headers: { authorization: 'viewer' } })
    const reader = response.body!.getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toContain('event: installation_started')
    lab.take('viewer')
    while (!(await reader.read()).done);
    expect(lab.fake.dependencies.installations.get(id).status).toBe('running')
  })

  test.each([
    ['viewer', [1, 2], [1]],
    ['viewer', [2], null],
    ['guest', [1, 2], [2]],
    ['root', [1, 2], [1, 2]],
  ])('the feed tells %s of %j: %j', (who, scripts, shown) => {
    const { id } = both()
    const installation = lab.fake.dependencies.installations.get(id)
    const request = new Request('http://localhost/api/deps', { headers: { authorization: who } })
    const told = lab.feed(request, { event: 'dependencies', data: { installation, script_ids: scripts } })
    expect((told?.data as { script_ids: number[] } | undefined)?.script_ids ?? null).toEqual(shown as never)
    expect(JSON.stringify(told ?? '').includes('closed')).toBe(shown?.includes(2) ?? false)
  })
})

describe('what is asked for is checked before anything is done', () => {
  test.each<[route: string, body: unknown, status: number, at: string | null]>([
    ['POST /api/scripts/alpha/dependencies', {}, 422, '/name'],
    ['POST /api/scripts/alpha/dependencies', { name: '' }, 422, '/name'],
    ['POST /api/scripts/alpha/dependencies', { name: 5 }, 422, '/name'],
    ['POST /api/scripts/alpha/dependencies', { name: '-r /etc/passwd' }, 422, '/name'],
    ['POST /api/scripts/alpha/dependencies', { name: 'x', versoin: '1' }, 422, '/versoin'],
    ['POST /api/scripts/alpha/dependencies', { name: 'x', version: 'y'.repeat(501) }, 422, '/version'],
    ['POST /api/scripts/alpha/dependencies', '{', 400, ''],
    ['POST /api/scripts/alpha/dependencies?scope=everywhere', { name: 'x' }, 422, '/scope'],
    ['POST /api/scripts/alpha/dependencies?scpoe=global', { name: 'x' }, 422, '/scpoe'],
    ['PUT /api/scripts/alpha/dependencies', {}, 422, '/dependencies'],
    ['PUT /api/scripts/alpha/dependencies', [{ nmae: 'x' }], 422, '/dependencies/0/name'],
    ['PUT /api/scripts/alpha/dependencies', 'x', 400, ''],
    ['GET /api/scripts/alpha/dependencies/export?format=exe', undefined, 422, '/format'],
    ['GET /api/scripts/alpha/dependencies/export?format=lock', undefined, 409, null],
    ['GET /api/scripts/nope/dependencies', undefined, 404, null],
    ['DELETE /api/scripts/alpha/dependencies/nope', undefined, 404, null],
    ['POST /api/scripts/alpha/dependencies/install?updaet=1', undefined, 422, '/updaet'],
    ['POST /api/scripts/batch/dependencies/install', {}, 422, '/script_ids'],
    ['POST /api/scripts/batch/dependencies/install', { all: true, script_ids: [1] }, 422, '/script_ids'],
    ['POST /api/scripts/batch/dependencies/install', { script_ids: ['alpha'] }, 422, '/script_ids/0'],
    ['POST /api/deps/install', { runtime: 'ruby', deps: [] }, 422, '/runtime'],
    ['POST /api/deps/install', { runtime: 'js' }, 422, '/deps'],
    ['DELETE /api/deps/ruby/rails', undefined, 422, '/runtime'],
    ['POST /api/dependencies/cache/cleanup', { older_than_days: -1 }, 422, '/older_than_days'],
    ['POST /api/dependencies/cache/cleanup', { everything: true }, 422, '/everything'],
    ['GET /api/installations?status=broken', undefined, 422, '/status'],
    ['GET /api/installations/0', undefined, 422, '/id'],
    ['GET /api/installations/4711', undefined, 404, null],
    ['POST /api/installations/4711/cancel', undefined, 404, null],
  ])('%s %j: %d', async (route, body, status, at) => {
    const answer = await lab.ask('root', route, body)
    expect([answer.status, answer.body?.error?.details?.[0]?.path ?? null]).toEqual([status, at])
    expect(lab.fake.asked.filter((one) => !/^(add alpha -r|remove alpha nope)/.test(one))).toEqual([])
    expect(lab.fake.views.get(1)!.dependencies).toEqual(pair)
  })
})

describe('packages of a script', () => {
  test.each(['%40scope%2Fname', '@scope/name', '@scope%2Fname', '%40scope/name'])(
    'a scoped name in an address: %s',
    async (name) => {
      await lab.ask('editor', 'PUT /api/scripts/alpha/dependencies', [
        { name: '@scope/name', version: '^1' },
        { name: 'x' },
      ])
      const { status, body } = await lab.ask('editor', `DELETE /api/scripts/alpha/dependencies/${name}`)
      expect([status, body.dependencies.map((one: { name: string }) => one.name)]).toEqual([200, ['x']])
      await lab.ask('root', 'POST /api/deps/install', { runtime: 'js', deps: [{ name: '@scope/name' }] })
      expect((await lab.ask('root', `DELETE /api/deps/js/${name}`)).body.dependencies).toEqual([])
    },
  )

  test.each([
    [[{ name: 'x', version: '1' }, { name: 'y' }]],
    [{ dependencies: [{ name: 'x', version: '1' }, { name: 'y' }] }],
  ])('all at once, as a list or in an object: %j', async (body) => {
    const answer = await lab.ask('editor', 'PUT /api/scripts/alpha/dependencies', body)
    expect(answer.body.dependencies).toMatchObject([
      { name: 'x', version: '1' },
      { name: 'y', version: '' },
    ])
  })

  test('who asked, and where it is to be declared, is handed on', async () => {
    await lab.ask('root', 'POST /api/scripts/1/dependencies?scope=folder', { name: 'rich' })
    await lab.ask('editor', 'DELETE /api/scripts/alpha/dependencies/rich')
    expect(lab.fake.asked).toEqual(['add alpha rich folder by root', 'remove alpha rich script'])
  })

  test('an export is a file, whatever its name', async () => {
    const { headers, text } = await lab.ask('viewer', 'GET /api/scripts/gamma/dependencies/export')
    expect(text).toBe('package.json of gamma\n')
    expect(headers.get('content-disposition')).toStartWith('attachment; filename="gamma _x_.txt"')
    expect((await lab.ask('viewer', 'GET /api/scripts/alpha/dependencies/export?format=pep723')).text).toBe(
      'pep723 of alpha\n',
    )
  })
})

describe('installing', () => {
  const install = 'POST /api/scripts/alpha/dependencies/install'

  test('202 at once with where it goes on, 200 where there is nothing to do', async () => {
    const { status, headers, body } = await lab.ask('operator', install)
    expect([status, headers.get('location'), body.id, body.status]).toEqual([202, '/api/installations/1', 1, 'running'])
    lab.fake.views.set(1, viewOf({ state: 'ready', dependencies: pair }))
    expect(await lab.ask('operator', install)).toMatchObject({ status: 200, body: { status: 'ready', state: 'ready' } })
    lab.fake.views.set(1, viewOf())
    expect(await lab.ask('operator', install)).toMatchObject({
      status: 200,
      body: { status: 'none', dependencies: [] },
    })
  })

  const begun = async () => {
    while (!lab.fake.asked.some((one) => one.startsWith('install'))) await Bun.sleep(1)
  }
  test.each<[string, Record<string, string>]>([
    ['?wait=1', {}],
    ['', { prefer: 'wait=60' }],
  ])('who waits (%j %j) is answered when it has ended', async (query, headers) => {
    const answer = lab.ask('operator', install + query, undefined, headers)
    await begun()
    lab.fake.views.set(1, viewOf({ state: 'ready', dependencies: pair }))
    lab.fake.end(1, 'success')
    expect(await answer).toMatchObject({ status: 200, body: { status: 'ready' } })
  })

  test('who waited for one that fails is told why, and where its log is', async () => {
    const answer = lab.ask('operator', `${install}?wait=1`)
    await begun()
    lab.fake.end(1, 'failed', 'No version of numpy fits: <3 is asked for.')
    const { status, headers, body } = await answer
    expect([status, headers.get('content-location')]).toEqual([502, '/api/installations/1'])
    expect(body.error).toEqual({ type: 'dependency', message: 'No version of numpy fits: <3 is asked for.' })
  })

  test('who waits not so long is told that it goes on', async () => {
    const { status, body } = await lab.ask('operator', install, undefined, { prefer: 'wait=0' })
    expect([status, body.status]).toEqual([202, 'running'])
  })

  test('many at once: what cannot be done is said of each', async () => {
    lab.fake.views.set(3, viewOf({ script_id: 3, state: 'refused', reason: 'It asks for git+ssh.' }))
    const route = 'POST /api/scripts/batch/dependencies/install'
    const { status, body } = await lab.ask('operator', route, { script_ids: [1, 2, 3, 4711, 1] })
    expect([status, body.items]).toEqual([
      202,
      [
        { script_id: 1, installation_id: 1, state: 'installing', error: null },
        { script_id: 2, installation_id: null, state: null, error: 'There is no script 2.' },
        { script_id: 3, installation_id: null, state: null, error: 'It asks for git+ssh.' },
        { script_id: 4711, installation_id: null, state: null, error: 'There is no script 4711.' },
      ],
    ])
    expect((await lab.ask('viewer', route, { script_ids: [1] })).body.items[0].error).toContain('not run it')
    expect((await lab.ask('operator', route, { script_ids: [1], update: true })).body.items[0].error).toContain(
      'update',
    )
    expect((await lab.ask('guest', route, { all: true })).body.items).toMatchObject([{ script_id: 2, error: null }])
    expect((await lab.ask('viewer', route, { all: true })).body.items).toEqual([])
  })
})

describe('live', () => {
  test('events as they come, the end always last; a socket says the same', async () => {
    const { id } = lab.fake.begin({}, [1])
    const response = await fetch(`${lab.url}/api/installations/${id}/events`, { headers: { authorization: 'viewer' } })
    const socket = new WebSocket(`${lab.url.replace('http', 'ws')}/ws/installations/${id}`, {
      headers: { authorization: 'viewer' },
    } as never)
    const messages: { event: string; data: { lines?: { line: string }[] } }[] = []
    const closed = new Promise<string>((resolve) => socket.addEventListener('close', ({ reason }) => resolve(reason)))
    const opened = new Promise((resolve) => socket.addEventListener('open', resolve))
    socket.addEventListener('message', ({ data }) => messages.push(JSON.parse(String(data))))
    await opened
    lab.fake.say(id, 'Collecting requests')
    lab.fake.end(id, 'failed', 'No room.')
    const text = await response.text()
    expect([...text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name)).toEqual([
      'installation_started',
      'installation_progress',
      'installation_error',
      'installation_finished',
    ])
    expect(text).toContain('Collecting requests')
    expect(await closed).toBe('the installation has ended')
    expect(messages.map(({ event }) => event).filter((name) => name !== 'installation_progress')).toEqual([
      'installation_started',
      'installation_error',
      'installation_finished',
    ])
    expect(messages.flatMap(({ data }) => data.lines?.map(({ line }) => line) ?? [])).toEqual(['Collecting requests'])
    const again = await lab.ask('viewer', `GET /api/installations/${id}/events`, undefined, {
      'last-event-id': '1.end',
    })
    expect(again.status).toBe(204)
    const resumed = await lab.ask('viewer', `GET /api/installations/${id}/events?after=1`)
    expect(resumed.text).not.toContain('Collecting')
  })

  test('the log as text, and a piece of it', async () => {
    const { id } = lab.fake.begin({}, [1])
    lab.fake.say(id, 'one')
    lab.fake.say(id, 'two')
    lab.fake.end(id, 'success')
    expect((await lab.ask('viewer', `GET /api/installations/${id}/logs`)).text).toBe('one\ntwo\n')
    const piece = await lab.ask('viewer', `GET /api/installations/${id}/logs`, undefined, { range: 'bytes=-4' })
    expect([piece.status, piece.text]).toEqual([206, 'two\n'])
    expect((await lab.ask('viewer', `GET /api/installations/${id}/logs?stream=stderr`)).text).toBe('')
  })

  test('a socket of what one may not see is refused before it is one', async () => {
    const { id } = lab.fake.begin({ script_id: 2 }, [2])
    const headers = { upgrade: 'websocket', connection: 'upgrade' }
    expect((await lab.ask('viewer', `GET /ws/installations/${id}`, undefined, headers)).status).toBe(404)
  })
})

describe('the cache', () => {
  test('an environment is used by the scripts that one may see', async () => {
    lab.fake.cache.entries = [cacheEntryOf({ used_by: [1, 2] })]
    const usedBy = async (who: string) =>
      (await lab.ask(who, 'GET /api/dependencies/cache/status')).body.items[0].used_by
    expect([await usedBy('operator'), await usedBy('root')]).toEqual([[1], [1, 2]])
    expect((await lab.ask('viewer', 'GET /api/deps')).body.python.used_by).toEqual([1])
  })

  test.each([
    ['a script that one may see', [1, 2], ['requests>=2.25']],
    ['hidden scripts alone', [2], []],
    ['nobody', [], ['requests>=2.25']],
  ])('what is in an environment of %s is told so: %j', async (_, used_by, requirements) => {
    lab.fake.cache.entries = [cacheEntryOf({ used_by })]
    const { body } = await lab.ask('operator', 'GET /api/dependencies/cache/status')
    expect(body.items[0].requirements).toEqual(requirements)
    const all = await lab.ask('root', 'GET /api/dependencies/cache/status')
    expect(all.body.items[0].requirements).toEqual(['requests>=2.25'])
  })

  test.each([
    [undefined, '{}'],
    [{}, '{}'],
    [{ older_than_days: 0, downloads: true }, '{"older_than_days":0,"downloads":true}'],
    [{ environments: ['aaaa1111'], runtime: 'js' }, '{"environments":["aaaa1111"],"runtime":"js"}'],
  ])('a clean-up of %j', async (body, asked) => {
    expect(await lab.ask('root', 'POST /api/dependencies/cache/cleanup', body)).toMatchObject({
      ...{ status: 200, body: { removed: ['bbbb2222'], bytes: 4096, in_use: [] } },
    })
    expect(lab.fake.asked).toEqual([`cleanup ${asked}`])
  })
})

test('lists come in pages', async () => {
  for (let i = 0; i < 5; i++) lab.fake.begin({ runtime: i % 2 ? 'js' : 'python' }, [1])
  const page = async (who: string, query: string) => {
    const { body } = await lab.ask(who, `GET /api/installations?${query}`)
    return [body.items.map(({ id }: { id: number }) => id), body.total, body.page, body.page_size]
  }
  for (const who of ['root', 'viewer']) {
    expect(await page(who, 'page_size=2')).toEqual([[5, 4], 5, 1, 2])
    expect(await page(who, 'page_size=2&page=3')).toEqual([[1], 5, 3, 2])
    expect(await page(who, 'runtime=js')).toEqual([[4, 2], 2, 1, 50])
    expect(await page(who, 'status=failed')).toEqual([[], 0, 1, 50])
  }
})

describe('the audit log is told', () => {
  const before = {
    file: 'a.txt',
    dependencies: [
      { name: 'requests', version: '>=2.25' },
      { name: 'numpy', version: '' },
    ],
  }
  const alpha = { type: 'script', id: 1 }
  test.each<[route: string, body: unknown, told: object]>([
    [
      'POST /api/scripts/alpha/dependencies',
      { name: 'rich', version: '>13' },
      {
        action: 'dependency.add',
        object: alpha,
        before,
        after: { dependencies: [{}, {}, { name: 'rich', version: '>13' }] },
      },
    ],
    [
      'PUT /api/scripts/alpha/dependencies',
      [],
      { action: 'dependency.replace', object: alpha, before, after: { dependencies: [] } },
    ],
    [
      'DELETE /api/scripts/alpha/dependencies/numpy',
      undefined,
      { action: 'dependency.remove', object: alpha, before, after: { dependencies: [{ name: 'requests' }] } },
    ],
    [
      'POST /api/scripts/alpha/dependencies/install?update=1',
      undefined,
      { action: 'dependency.install', object: alpha, after: { installation_id: 1, update: true } },
    ],
    [
      'POST /api/scripts/batch/dependencies/install',
      { script_ids: [1] },
      {
        action: 'dependency.install',
        object: { type: 'scripts', name: '1 script' },
        after: { script_ids: [1], installation_ids: [1], update: false },
      },
    ],
    [
      'POST /api/deps/install',
      { runtime: 'python', deps: [{ name: 'rich' }] },
      {
        action: 'dependency.add',
        object: { type: 'packages', name: 'global, python' },
        before: { dependencies: [] },
        after: { dependencies: [{ name: 'rich' }], installation_id: 1 },
      },
    ],
    [
      'POST /api/dependencies/cache/cleanup',
      undefined,
      {
        action: 'storage.cleanup',
        object: { type: 'storage', name: 'environments' },
        after: { removed: ['bbbb2222'], bytes: 4096 },
      },
    ],
    ['POST /api/scripts/alpha/dependencies', { name: '!' }, { action: 'dependency.add', status: 422 }],
  ])('%s %j', async (route, body, told) => {
    const { status } = await lab.ask('root', route, body)
    expect(lab.events).toHaveLength(1)
    expect(lab.events[0]).toMatchObject({ status, caller: { name: 'root' }, ...told })
  })

  test('of a cancelled installation', async () => {
    const { id } = lab.fake.begin({}, [1])
    await lab.ask('operator', `POST /api/installations/${id}/cancel`)
    expect(lab.events).toMatchObject([
      { action: 'dependency.cancel', object: { type: 'installation', id, name: 'python/open/alpha_requirements.txt' } },
    ])
  })

  test('and of who was refused', async () => {
    await lab.ask('operator', 'POST /api/scripts/alpha/dependencies/install?update=1')
    expect(lab.events).toMatchObject([{ action: 'dependency.install', status: 403, caller: { name: 'operator' } }])
  })
})
