/** Dependencies on behalf of a request: what its caller may see and change, and what the audit log is told. */
import { GatewayError, messageOf } from '../errors.ts'
import { callerOf, note } from '../http/caller.ts'
import { type Catalog, type Entry, findEntry, seenBy } from '../scripts/catalog.ts'
import type { RuntimeName } from '../scripts/model.ts'
import { groupOf } from '../scripts/script.ts'
import { refuseStrangers } from '../scripts/trust.ts'
import type { Installation, InstallationTrigger } from './model.ts'
import { isScriptShown, shownFollow, shownInstallation } from './shown.ts'
import type {
  CacheStatus,
  CleanupRequest,
  Dependencies,
  DependenciesView,
  Dependency,
  ExportFormat,
  GlobalView,
  InstallationFilter,
  InstallWish,
  Source,
  WriteOptions,
} from './view-model.ts'

export type WriteScope = NonNullable<WriteOptions['scope']>

/** What became of one script of a batch. */
export interface BatchItem {
  script_id: number
  installation_id: number | null
  /** null where it could not be asked for. */
  state: DependenciesView['state'] | null
  error: string | null
}

interface Given {
  catalog: Catalog
  dependencies: Dependencies
}

export type CallersDependencies = ReturnType<typeof dependenciesFor>

/** For callers who do not see everything: the newest of these are looked through. */
const installationsLookedAtMax = 2000
const installationsAtOnce = 200

export function dependenciesFor({ catalog, dependencies }: Given, request: Request) {
  const caller = callerOf(request)
  const seen = seenBy(catalog, caller)
  const { installations, cache } = dependencies

  const isShown = (id: number) => isScriptShown(catalog, caller, id)
  const shown = (installation: Installation) => shownInstallation(catalog, caller, installation)
  const isInstallationShown = ({ id }: Installation) => caller.seesAll || installations.scriptsOf(id).some(isScriptSeen)
  const isScriptSeen = (id: number) => seen.get(id) !== undefined
  const lastOf = (installation: Installation | null) =>
    installation && isInstallationShown(installation) ? shown(installation) : null
  const shownView = <T extends DependenciesView>(view: T): T => ({ ...view, installation: lastOf(view.installation) })
  const shownGlobal = (view: GlobalView): GlobalView => ({ ...shownView(view), used_by: view.used_by.filter(isShown) })
  const scriptOf = (idOrSlug: string) => findEntry(seen, idOrSlug).runnable
  const wish = (isUpdate: boolean): InstallWish => ({ isUpdate, trigger: byRequest, startedBy: caller.name })

  async function refuseShared({ row }: Entry, scope: WriteScope, { source }: DependenciesView): Promise<void> {
    if (scope === 'global') return refuseGlobal(row.runtime)
    if (scope === 'script' && source?.scope === 'named') return refuseSource(row, source) // there it is written, and scripts may lie there
    if (scope !== 'folder') return
    const group = groupOf(row.filename)
    const filename = `${group === '' ? '' : `${group}/`}${fileOf[row.runtime]}`
    refuseStrangers(catalog, caller, [{ runtime: row.runtime, filename }])
  }

  /** A declaration is of all that it is for, with the lock beside it. */
  async function refuseSource({ runtime }: Entry['row'], { scope, file }: Source): Promise<void> {
    if (scope === 'global') return refuseGlobal(runtime)
    if (scope === 'inline' || scope === 'script') return
    refuseStrangers(catalog, caller, [{ runtime, filename: file.slice(file.indexOf('/') + 1) }])
  }

  /** Whether the caller may edit every script that the global set is for, or would be for if there were one. */
  async function mayEditGlobal(runtime: RuntimeName): Promise<boolean> {
    if (!caller.is('editor')) return false
    if (caller.seesAll) return true // nothing is restricted
    const strangers = catalog.list().filter(({ row }) => row.runtime === runtime && !caller.may('edit', row))
    const views = await inBreaths(strangers, ({ runnable }) => dependencies.view(runnable))
    return views.every(({ source }) => source !== null && source.scope !== 'global')
  }

  async function refuseGlobal(runtime: RuntimeName): Promise<void> {
    if (!(await mayEditGlobal(runtime)))
      throw new GatewayError(
        'forbidden',
        'The global packages are also those of scripts that you may not change: declare them for your own scripts, or ask an administrator.',
      )
  }

  /** Changes what a script declares, and tells how it was and is. */
  async function write(
    idOrSlug: string,
    { action, scope = 'script' }: { action: string; scope?: WriteScope },
    act: (script: Entry['runnable'], options: WriteOptions) => Promise<DependenciesView>,
  ): Promise<DependenciesView> {
    const entry = findEntry(seen, idOrSlug)
    note(request, { action })
    const now = await dependencies.view(entry.runnable)
    await refuseShared(entry, scope, now)
    const before = declared(now)
    const view = await act(entry.runnable, { scope, startedBy: caller.name })
    note(request, { before, after: declared(view) })
    return shownView(view)
  }

  async function writeGlobal(runtime: RuntimeName, action: string, act: () => ReturnType<Dependencies['addGlobal']>) {
    note(request, { action, object: { type: 'packages', name: `global, ${runtime}` } })
    await refuseGlobal(runtime)
    const before = declared((await dependencies.globals())[runtime])
    const { view, installation } = await act()
    note(request, { before, after: { ...declared(view), installation_id: installation?.id ?? null } })
    return { view: shownGlobal(view), installation: installation && shown(installation) }
  }

  async function installOne(entry: Entry, isUpdate: boolean): Promise<Installation | null> {
    if (!caller.may('run', entry.row))
      throw new GatewayError('forbidden', 'You may see this script, but not run it: ask an administrator.')
    if (isUpdate && !caller.may('edit', entry.row))
      throw new GatewayError(
        'forbidden',
        'An update changes the lock of this script, and you may not change the script: ask an administrator.',
      )
    const { source } = isUpdate ? await dependencies.view(entry.runnable) : { source: null }
    if (source) await refuseSource(entry.row, source)
    const installation = await dependencies.install(entry.runnable, wish(isUpdate))
    return installation && shown(installation)
  }

  async function batchItem(id: number, isUpdate: boolean): Promise<BatchItem> {
    const entry = seen.get(id)
    if (!entry) return { ...nothing(id), error: `There is no script ${id}.` }
    try {
      const installation = await installOne(entry, isUpdate)
      const { state } = await dependencies.view(entry.runnable)
      return { script_id: id, installation_id: installation?.id ?? null, state, error: null }
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      return { ...nothing(id), error: messageOf(error) }
    }
  }

  /** Those that declare something, with what they declare. */
  async function declaring(entries: Entry[]) {
    const there = entries.filter(({ state }) => state !== 'missing')
    const all = await inBreaths(there, async (entry) => ({
      entry,
      view: shownView(await dependencies.view(entry.runnable)),
    }))
    return all.filter(({ view }) => view.state !== 'none')
  }

  async function installable(): Promise<number[]> {
    const runnable = await declaring(seen.list().filter(({ row }) => caller.may('run', row)))
    return runnable.map(({ entry }) => entry.row.id)
  }

  /** Newest first. */
  function* installationsSeen(filter: InstallationFilter): Generator<Installation> {
    for (let offset = 0; offset < installationsLookedAtMax; offset += installationsAtOnce) {
      const items = installations.list(filter, { limit: installationsAtOnce, offset })
      for (const one of items) if (isInstallationShown(one)) yield shown(one)
      if (items.length < installationsAtOnce) return
    }
  }

  return {
    /** Throws `not_found`. */
    view: async (idOrSlug: string) => shownView(await dependencies.view(scriptOf(idOrSlug))),
    /** All scripts that declare something, with what they declare: as of a few seconds ago, without hints. */
    async declaring() {
      const entries = new Map(
        seen.list().flatMap((entry) => (entry.state === 'missing' ? [] : [[entry.row.id, entry]])),
      )
      const views = await dependencies.glance([...entries.values()].map(({ runnable }) => runnable))
      return views.map((view) => ({ entry: entries.get(view.script_id!)!, view: shownView(view) }))
    },
    check: (idOrSlug: string) => dependencies.check(scriptOf(idOrSlug)),
    environment: (idOrSlug: string) => dependencies.environment(scriptOf(idOrSlug)),
    exportOf: (idOrSlug: string, format: ExportFormat) => dependencies.exportOf(scriptOf(idOrSlug), format),

    /** Throws `validation`, `forbidden`, `conflict`. */
    add: (idOrSlug: string, wanted: Dependency, scope?: WriteScope) =>
      write(idOrSlug, { action: 'dependency.add', scope }, (script, options) =>
        dependencies.add(script, wanted, options),
      ),
    replace: (idOrSlug: string, wanted: Dependency[], scope?: WriteScope) =>
      write(idOrSlug, { action: 'dependency.replace', scope }, (script, options) =>
        dependencies.replace(script, wanted, options),
      ),
    remove: (idOrSlug: string, name: string, scope?: WriteScope) =>
      write(idOrSlug, { action: 'dependency.remove', scope }, (script, options) =>
        dependencies.remove(script, name, options),
      ),

    /** null: there is nothing to do. Throws `forbidden`, and `validation` for a declaration that is refused. */
    async install(idOrSlug: string, { isUpdate = false } = {}): Promise<Installation | null> {
      const installation = await installOne(findEntry(seen, idOrSlug), isUpdate)
      note(request, { after: { installation_id: installation?.id ?? null, update: isUpdate } })
      return installation
    },
    /** `ids`: 'all' for every script that declares something and that the caller may run. What is refused is said in its item. */
    async installMany(ids: number[] | 'all', { isUpdate = false } = {}): Promise<BatchItem[]> {
      const wanted = ids === 'all' ? await installable() : [...new Set(ids)]
      const items = await inBreaths(wanted, (id) => batchItem(id, isUpdate))
      note(request, {
        object: { type: 'scripts', name: counted(wanted.length) },
        after: { script_ids: wanted, installation_ids: installationIdsOf(items), update: isUpdate },
      })
      return items
    },

    async globals(): Promise<Record<RuntimeName, GlobalView>> {
      const { python, js } = await dependencies.globals()
      return { python: shownGlobal(python), js: shownGlobal(js) }
    },
    mayEditGlobal,
    /** With nothing to add: what is there is installed, or with `isUpdate` renewed. Throws `validation`, `forbidden`, `conflict`. */
    addGlobal: (runtime: RuntimeName, wanted: Dependency[], { isUpdate = false } = {}) =>
      writeGlobal(runtime, wanted.length > 0 ? 'dependency.add' : 'dependency.install', () =>
        dependencies.addGlobal(runtime, wanted, wish(isUpdate)),
      ),
    removeGlobal: (runtime: RuntimeName, name: string) =>
      writeGlobal(runtime, 'dependency.remove', () => dependencies.removeGlobal(runtime, name, wish(false))),

    cache: {
      async status(): Promise<CacheStatus> {
        const status = await cache.status()
        const items = status.items.map((item) => {
          const used_by = item.used_by.filter(isShown)
          const isOthers = item.used_by.length > 0 && used_by.length === 0 // what hidden scripts need is theirs to tell
          return { ...item, used_by, requirements: isOthers ? [] : item.requirements }
        })
        return { ...status, items }
      },
      async cleanup(wanted: CleanupRequest) {
        note(request, { object: { type: 'storage', name: 'environments' } })
        const report = await cache.cleanup(wanted)
        note(request, { after: { removed: report.removed, bytes: report.bytes } })
        return report
      },
    },

    installations: {
      list(filter: InstallationFilter, page: { limit: number; offset: number }) {
        if (caller.seesAll)
          return { items: installations.list(filter, page).map(shown), total: installations.count(filter) }
        const all = [...installationsSeen(filter)].filter(
          ({ script_id }) => filter.scriptId === undefined || script_id !== null,
        )
        return { items: all.slice(page.offset, page.offset + page.limit), total: all.length }
      },
      /** The route has let the caller through to it. Throws `not_found`. */
      get: (id: number) => shown(installations.get(id)),
      follow: (id: number) => shownFollow(catalog, caller, installations.follow(id)),
      mayCancel(id: number): boolean {
        const scripts = installations.scriptsOf(id).flatMap((one) => catalog.get(one)?.row ?? [])
        if (scripts.length === 0) return caller.seesAll && caller.is('operator')
        return scripts.some((row) => caller.may('run', row))
      },
      cancel(id: number): Installation {
        const { file, environment } = installations.get(id)
        note(request, { object: { type: 'installation', id, name: file || environment } })
        return shown(installations.cancel(id))
      },
    },
  }
}

/** Scripts at the same time: others have their turn between. */
const atOnce = 20

async function inBreaths<T, R>(all: T[], act: (one: T) => Promise<R>): Promise<R[]> {
  const done: R[] = []
  for (let i = 0; i < all.length; i += atOnce) {
    if (i > 0) await Bun.sleep(0)
    done.push(...(await Promise.all(all.slice(i, i + atOnce).map(act))))
  }
  return done
}

const byRequest: InstallationTrigger = 'request'

const fileOf: Record<RuntimeName, string> = { python: 'requirements.txt', js: 'package.json' }

const nothing = (id: number): BatchItem => ({ script_id: id, installation_id: null, state: null, error: null })
const installationIdsOf = (items: BatchItem[]) => items.flatMap(({ installation_id }) => installation_id ?? [])
const counted = (n: number) => (n === 1 ? '1 script' : `${n} scripts`)

/** As the audit log tells it. */
const declared = ({ source, dependencies }: Pick<DependenciesView, 'source' | 'dependencies'>) => ({
  file: source?.file ?? null,
  dependencies: dependencies.map(({ name, version }) => ({ name, version })),
})
