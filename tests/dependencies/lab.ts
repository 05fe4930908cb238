/** The routes about dependencies behind the real guard, on dependencies that only pretend. Script 1, alpha, is open; 2, beta, is restricted. */
import { afterAll } from 'bun:test'
import { Elysia } from 'elysia'
import type { AuditEvent } from '../../src/audit/model.ts'
import { options } from '../../src/config.ts'
import { dependencyRoutes } from '../../src/dependencies/routes.ts'
import { createEntrance } from '../../src/entrance.ts'
import { createReceive } from '../../src/files/receive.ts'
import { type Caller, type Right, type Role, setCaller } from '../../src/http/caller.ts'
import { createEdge } from '../../src/http/edge.ts'
import { errorResponse } from '../../src/http/errors.ts'
import type { SseEvent } from '../../src/http/sse.ts'
import { silentLog } from '../../src/log.ts'
import type { Catalog, Entry } from '../../src/scripts/catalog.ts'
import { tempFolder } from '../harness/folder.ts'
import { callerWith } from '../pages/fake-access.ts'
import { createFakeDependencies } from './fake.ts'

const order: (Right | null)[] = [null, 'see', 'run', 'edit']
const person = (name: string, role: Role | null, over: Record<number, Right>, seesAll = false): Caller =>
  callerWith(role, { name, seesAll, may: (right, { id }) => order.indexOf(over[id] ?? null) >= order.indexOf(right) })

/** By name. */
export const people: Record<string, Caller> = {
  root: person('root', 'admin', { 1: 'edit', 2: 'edit', 3: 'edit' }, true),
  editor: person('editor', 'editor', { 1: 'edit', 3: 'edit' }),
  operator: person('operator', 'operator', { 1: 'run', 3: 'run' }),
  viewer: person('viewer', 'viewer', { 1: 'see', 3: 'see' }),
  guest: person('guest', null, { 2: 'edit' }),
  stranger: person('stranger', null, {}),
}

export const entryOf = (id: number, slug: string, filename: string): Entry =>
  ({
    ...{ slug, state: 'active', row: { id, filename, runtime: filename.endsWith('.py') ? 'python' : 'js', tags: [] } },
    runnable: {
      id,
      slug,
      runtime: { name: filename.endsWith('.py') ? 'python' : 'js' },
      file: `/scripts/x/${filename}`,
    },
  }) as unknown as Entry

export function catalogOf(entries: Entry[]): Catalog {
  return {
    get: (id) => entries.find(({ row }) => row.id === id),
    find: (name) => entries.find(({ row, slug }) => slug === name || String(row.id) === name),
    list: () => entries,
    refresh: () => {},
  }
}

export function startLab({ globalUsers }: { globalUsers?: number[] } = {}) {
  const fake = createFakeDependencies({ globalUsers })
  const catalog = catalogOf([
    entryOf(1, 'alpha', 'open/alpha.py'),
    entryOf(2, 'beta', 'closed/beta.py'),
    entryOf(3, 'gamma', 'open/gamma.js'),
  ])
  const events: AuditEvent[] = []
  const lost = new Set<string>()
  const watchers: (() => void)[] = []
  const setting = ((name: keyof typeof options) => options[name].default) as never
  const log = silentLog()
  const callerNamed = (name: string): Caller => ({
    ...people[name]!,
    may: (right, script) => !lost.has(name) && people[name]!.may(right, script),
  })
  const root = new Elysia({ normalize: false, systemRouter: false })
  const entrance = createEntrance({
    ...{ catalog, log, routes: () => root.routes, installedFor: fake.dependencies.installations.scriptsOf },
    identify(request) {
      const name = request.headers.get('authorization')
      if (name === null) return null
      return { caller: callerNamed(name), again: () => callerNamed(name), isAmbient: false }
    },
    ...{
      isSetUp: () => true,
      takeToken: () => null,
      hasUsers: () => true,
      baseUrl: () => '',
      runs: { scriptIdOf: () => undefined },
    },
    onChange: (tell) => void watchers.push(tell),
    record: (event) => void events.push(event),
  })
  const receive = createReceive({ setting, tmpDir: tempFolder() })
  const app = root
    .wrap(createEdge({ setting, baseUrl: () => 'http://localhost', peerOf: () => '127.0.0.1', log }))
    .onRequest(({ request }) => entrance.check(request))
    .onTransform(({ request, route }) => entrance.confirm(request, route))
    .onAfterHandle(({ request, responseValue, set }) =>
      entrance.told(request, responseValue instanceof Response ? responseValue.status : Number(set.status ?? 200)),
    )
    .onError(({ error, request, params, query }) => {
      const response = errorResponse(error, log, { sent: { ...query, ...params } })
      entrance.told(request, response.status)
      return response
    })
    .use(
      dependencyRoutes({
        ...{ dependencies: fake.dependencies, catalog, receive, permissionOf: entrance.permissionOf },
      }),
    )
    .listen({ port: 0, hostname: '127.0.0.1' })
  entrance.prepare()
  afterAll(() => app.stop(true))
  const url = `http://127.0.0.1:${app.server!.port}`

  async function ask(who: string, route: string, body?: unknown, headers: Record<string, string> = {}) {
    const [method, path] = route.split(' ') as [string, string]
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(who === 'nobody' ? {} : { authorization: who }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json')
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : null }
  }

  return {
    ...{ fake, events, url, ask },
    /** What the feed makes of an event for whoever makes this request. */
    feed(request: Request, event: SseEvent): SseEvent | null {
      setCaller(request, callerNamed(request.headers.get('authorization')!))
      return entrance.shownTo(request)(event)
    },
    /** From now on nobody may see anything as this one. */
    take(name: string) {
      lost.add(name)
      for (const tell of watchers) tell()
    },
  }
}
