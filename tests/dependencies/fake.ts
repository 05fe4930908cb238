/** Dependencies that only pretend: what is declared is in memory, and an installation goes on until the test ends it. */
import type { Installation } from '../../src/dependencies/model.ts'
import type { CacheEntry, Dependencies, DependenciesView, Dependency } from '../../src/dependencies/view-model.ts'
import { GatewayError, invalid } from '../../src/errors.ts'
import type { LogLine } from '../../src/logs/model.ts'
import type { RunnableScript } from '../../src/scripts/catalog.ts'
import type { RuntimeName } from '../../src/scripts/model.ts'

export type FakeDependencies = ReturnType<typeof createFakeDependencies>

const at = '2026-11-21T03:18:00.000Z'

export const installationOf = (rest: Partial<Installation> = {}): Installation => ({
  ...{ id: 1, runtime: 'python', environment: 'aaaa1111', status: 'running', trigger: 'request', update: false },
  ...{ script_id: 1, file: 'python/open/alpha_requirements.txt', requirements: ['requests>=2.25'], reason: null },
  ...{ packages: [], bytes: null, queued_at: at, started_at: at, finished_at: null, duration_ms: null, log_lines: 0 },
  ...{ started_by: 'anna' },
  ...rest,
})

export const viewOf = (rest: Partial<DependenciesView> = {}): DependenciesView => ({
  ...{ script_id: 1, runtime: 'python', state: 'none', reason: null, source: null, shadowed: [], dependencies: [] },
  ...{ installed: [], lock: null, problems: [], hints: [], environment: null, installation: null },
  ...rest,
})

export const dependencyOf = (name: string, version = '', installed: string | null = null) => ({
  ...{ name, version, marker: null, url: null, installed },
  state: installed === null ? ('missing' as const) : ('installed' as const),
})

export const cacheEntryOf = (rest: Partial<CacheEntry> = {}): CacheEntry => ({
  ...{ runtime: 'python', environment: 'aaaa1111', state: 'ready', requirements: ['requests>=2.25'], packages: 5 },
  ...{ bytes: 8_000_000, files: 812, built_at: at, last_used_at: null, age_days: 3.5, used_by: [1, 2], in_use: 0 },
  ...rest,
})

/** `globalUsers`: ids of the scripts that the global sets are for. */
export function createFakeDependencies({ globalUsers = [1, 2] }: { globalUsers?: number[] } = {}) {
  const views = new Map<number, DependenciesView>()
  const globals: Record<RuntimeName, DependenciesView> = {
    python: viewOf({ script_id: null }),
    js: viewOf({ script_id: null, runtime: 'js' }),
  }
  const installations = new Map<number, Installation>()
  const lines = new Map<number, LogLine[]>()
  const users = new Map<number, number[]>()
  const ends = new Map<number, PromiseWithResolvers<Installation>>()
  const listeners = new Map<number, Set<() => void>>()
  /** What was asked, a line each. */
  const asked: string[] = []

  const view = ({ id, runtime }: RunnableScript) =>
    views.get(id) ?? viewOf({ script_id: id, runtime: runtime.name as RuntimeName })
  const checked = ({ name, version }: Dependency) => {
    if (!/^(@[\w.-]+\/)?[\w.-]+(\[[\w,]+\])?$/.test(name)) throw invalid('/name', 'is no name of a package.')
    return dependencyOf(name, version)
  }
  const put = (before: DependenciesView, wanted: Dependency[], file: string): DependenciesView => ({
    ...before,
    state: wanted.length > 0 ? 'missing' : 'none',
    source: { scope: 'script', file },
    dependencies: wanted.map(checked),
  })
  const write = (script: RunnableScript, wanted: Dependency[], scope = 'script') => {
    const now = put(view(script), wanted, `${scope} of ${script.slug}`)
    views.set(script.id, now)
    return now
  }
  const without = (list: Dependency[], name: string) => {
    const rest = list.filter((one) => one.name !== name)
    if (rest.length === list.length) throw new GatewayError('not_found', `"${name}" is not declared.`)
    return rest
  }

  function begin(rest: Partial<Installation>, forScripts: number[]): Installation {
    const id = installations.size + 1
    const begun = installationOf({ ...rest, id })
    installations.set(id, begun)
    users.set(id, forScripts)
    lines.set(id, [])
    listeners.set(id, new Set())
    ends.set(id, Promise.withResolvers())
    return begun
  }
  const tell = (id: number) => {
    for (const listener of listeners.get(id)!) listener()
  }
  function say(id: number, line: string) {
    const log = lines.get(id)!
    log.push({ seq: log.length + 1, stream: 'stdout', ts: at, line })
    tell(id)
  }
  function end(id: number, status: Installation['status'], reason: string | null = null): Installation {
    const ended = { ...get(id), status, reason, finished_at: at, duration_ms: 1200, log_lines: lines.get(id)!.length }
    installations.set(id, ended)
    ends.get(id)!.resolve(ended)
    tell(id)
    return ended
  }
  function get(id: number): Installation {
    const found = installations.get(id)
    if (!found) throw new GatewayError('not_found', `There is no installation ${id}.`)
    return found
  }

  const cache = { entries: [cacheEntryOf()] }
  const dependencies: Dependencies = {
    view: async (script) => view(script),
    glance: async (scripts) => scripts.map(view).filter(({ state }) => state !== 'none'),
    async check(script) {
      asked.push(`check ${script.slug}`)
      const items = view(script).dependencies.map((one) => ({ ...one, latest: '9.9', result: 'outdated' as const }))
      return { items, conflicts: ['a 1.0 needs b<2, and b 2.1 is installed.'], problem: null }
    },
    async environment(script) {
      const { runtime, state } = view(script)
      return {
        ...{ runtime, state, interpreter: 'Python 3.11.7', executable: '/usr/bin/python3', environment: null },
        ...{ packages: [], bytes: null, built_at: null, installer: null, variables: { HOME: '/tmp', KEY: '••••••' } },
      }
    },
    async add(script, wanted, options) {
      asked.push(`add ${script.slug} ${wanted.name} ${options?.scope} by ${options?.startedBy}`)
      checked(wanted)
      return write(script, [...view(script).dependencies.filter(({ name }) => name !== wanted.name), wanted])
    },
    async replace(script, wanted, options) {
      asked.push(`replace ${script.slug} ${options?.scope}`)
      return write(script, wanted, options?.scope)
    },
    async remove(script, name, options) {
      asked.push(`remove ${script.slug} ${name} ${options?.scope}`)
      return write(script, without(view(script).dependencies, name), options?.scope)
    },
    async install(script, wish) {
      asked.push(`install ${script.slug} ${wish.isUpdate ? 'update' : ''} by ${wish.startedBy}`)
      const now = view(script)
      if (now.state === 'refused') throw new GatewayError('validation', now.reason ?? 'refused')
      if (now.state === 'none' || (now.state === 'ready' && !wish.isUpdate)) return null
      const begun = begin({ script_id: script.id, runtime: now.runtime, update: wish.isUpdate ?? false }, [script.id])
      views.set(script.id, { ...now, state: 'installing', installation: begun })
      return begun
    },
    globals: async () => ({
      python: { ...globals.python, used_by: globalUsers },
      js: { ...globals.js, used_by: globalUsers },
    }),
    async addGlobal(runtime, wanted) {
      asked.push(`addGlobal ${runtime} ${wanted.map(({ name }) => name).join()}`)
      globals[runtime] = put(globals[runtime], [...globals[runtime].dependencies, ...wanted], 'requirements.txt')
      const installation = begin({ script_id: null, runtime, file: 'requirements.txt' }, globalUsers)
      return { view: (await dependencies.globals())[runtime], installation }
    },
    async removeGlobal(runtime, name) {
      asked.push(`removeGlobal ${runtime} ${name}`)
      globals[runtime] = put(globals[runtime], without(globals[runtime].dependencies, name), 'requirements.txt')
      return { view: (await dependencies.globals())[runtime], installation: null }
    },
    async exportOf(script, format) {
      if (format === 'lock') throw new GatewayError('conflict', 'There is no lock yet.')
      return { filename: `${script.slug} "x".txt`, text: `${format} of ${script.slug}\n` }
    },
    cache: {
      async status() {
        return { items: cache.entries, bytes: 8_000_000, download_bytes: 1024, kept_days: 30 }
      },
      async cleanup(request) {
        asked.push(`cleanup ${JSON.stringify(request)}`)
        return { removed: ['bbbb2222'], bytes: 4096, in_use: [] }
      },
    },
    installations: {
      list: ({ scriptId, runtime, status }, { limit, offset }) =>
        [...installations.values()]
          .filter((one) => scriptId === undefined || one.script_id === scriptId)
          .filter((one) => runtime === undefined || one.runtime === runtime)
          .filter((one) => status === undefined || one.status === status)
          .reverse()
          .slice(offset, offset + limit),
      count: (filter) => dependencies.installations.list(filter, { limit: 1000, offset: 0 }).length,
      get,
      follow(id) {
        get(id)
        return {
          run: () => get(id),
          cursor: (seq) => {
            let from = seq
            return {
              next(linesMax) {
                const next = lines.get(id)!.slice(from, from + linesMax)
                from += next.length
                return next
              },
            }
          },
          segments: async () => [], // what is followed here is in no file
          isLogClosed: () => get(id).finished_at !== null,
          onChange(listener) {
            listeners.get(id)!.add(listener)
            return () => void listeners.get(id)!.delete(listener)
          },
          finished: ends.get(id)!.promise,
        }
      },
      cancel: (id) => (get(id).finished_at === null ? end(id, 'cancelled', 'Somebody cancelled it.') : get(id)),
      scriptsOf: (id) => users.get(id) ?? [],
    },
  }

  return { dependencies, asked, views, globals, cache, begin, say, end }
}
