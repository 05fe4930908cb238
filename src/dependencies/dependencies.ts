/** Dependencies as everybody else knows them: what is declared is written, installed, shown and cleaned up here. */
import { basename, extname, join } from 'node:path'
import { GatewayError, messageOf } from '../errors.ts'
import type { RunnableScript } from '../scripts/catalog.ts'
import { type RuntimeName, runtimeNames } from '../scripts/model.ts'
import { createTurn } from '../scripts/turn.ts'
import type { PlannedFile } from './declared/write.ts'
import { exportOf } from './export.ts'
import { hintsOf } from './hints/hints.ts'
import type { Installation } from './model.ts'
import type { Need } from './needs.ts'
import type { DependencyParts } from './parts.ts'
import { isEmpty, refusedError } from './serve-runs.ts'
import { binDirOf } from './start.ts'
import type { Dependencies, DependenciesView, GlobalView, ImportHint, InstallWish, WriteOptions } from './view-model.ts'

export function createDependencies(parts: DependencyParts): Dependencies {
  const { catalog, needs, builds, installers, environments, installations, discovery, cache, show } = parts
  const { writer, check, importsOf, scriptsDir, executables, variablesOf, loaded } = parts

  const inTurn = createTurn()

  async function hintsFor(script: RunnableScript, need: Need | null): Promise<ImportHint[]> {
    const root = join(scriptsDir, script.runtime.folder)
    const facts = need?.environment ? await environments.facts(need.environment).catch(() => null) : null // gone since
    const known = installers[script.runtime.name].knownFacts()
    return hintsOf(await importsOf({ ...script, root }), script.runtime.name, {
      builtins: (need && !isEmpty(need) ? known?.language : known?.builtins) ?? new Set(),
      declared: need?.declaration.requirements ?? [],
      environment: facts,
    })
  }

  async function view(script: RunnableScript): Promise<DependenciesView> {
    await loaded()
    await installers[script.runtime.name].facts().catch(() => null) // who needs it is told by its installation
    const need = needs.of(script)
    const about = { scriptId: script.id, runtime: script.runtime.name, hints: await hintsFor(script, need) }
    return show.view(need, about)
  }

  /** Those of many that declare something: as discovery saw it last, and without what they import. */
  async function glance(scripts: RunnableScript[]): Promise<DependenciesView[]> {
    await loaded()
    await Promise.all(runtimeNames.map((name) => installers[name].facts().catch(() => null)))
    const stand = show.remembering()
    const views: DependenciesView[] = []
    for (const script of scripts) {
      const need = needs.glance(script)
      if (!need || isEmpty(need)) continue
      views.push(await show.view(need, { scriptId: script.id, runtime: script.runtime.name, hints: [] }, stand))
    }
    return views
  }

  /** Plans and writes, one after the other, and looks at once what it comes to. */
  async function write(plan: () => Promise<PlannedFile[]>): Promise<void> {
    await inTurn(async () => writer.write(await plan()))
    needs.lookAnew()
    await loaded()
  }

  async function written(
    script: RunnableScript,
    plan: () => Promise<PlannedFile[]>,
    { startedBy = null }: WriteOptions,
  ) {
    await write(plan)
    const need = needs.of(script)
    if (need && isMissing(need))
      builds.ensure({ need, isUpdate: false, trigger: 'request', scriptId: script.id, startedBy })
    await discovery.look() // after it, or it would be begun as found
    return view(script)
  }

  /** Throws a `validation` error for a declaration that is refused, `dependency` where the interpreter cannot be asked. */
  async function install(
    find: () => Need | null,
    scriptId: number | null,
    wish: InstallWish,
  ): Promise<Installation | null> {
    await loaded() // or what is there would be built again
    let need = find()
    if (!need || isEmpty(need)) return null
    if (need.problems.length === 0 && need.set === '') {
      await installers[need.declaration.runtime].facts().catch(told)
      need = find()
    }
    if (!need) return null
    if (need.problems.length > 0)
      throw new GatewayError('validation', refusedError(need).message, { details: need.problems })
    const { isUpdate = false, trigger, startedBy } = wish
    builds.forgetFailure(need.name)
    if (need.environment && !isUpdate && (await environments.isWhole(need.environment))) return null
    const build = builds.ensure({ need: find() ?? need, isUpdate, trigger, scriptId, startedBy })
    return installations.get(build.installation.row.id)
  }

  const usersOfGlobal = (runtime: RuntimeName): number[] =>
    catalog
      .list()
      .filter(({ row, state }) => row.runtime === runtime && state !== 'missing')
      .filter(({ runnable }) => needs.glance(runnable)?.declaration.scope === 'global')
      .map(({ row }) => row.id)

  async function globalView(runtime: RuntimeName): Promise<GlobalView> {
    await installers[runtime].facts().catch(() => null)
    const shown = await show.view(needs.global(runtime), { scriptId: null, runtime, hints: [] })
    return { ...shown, used_by: usersOfGlobal(runtime) }
  }

  async function changeGlobal(runtime: RuntimeName, plan: null | (() => Promise<PlannedFile[]>), wish: InstallWish) {
    if (plan) await write(plan)
    const installation = await install(() => needs.global(runtime), null, wish)
    return { view: await globalView(runtime), installation }
  }

  return {
    view,
    glance,
    install: (script, wish) => install(() => needs.of(script), script.id, wish),
    check: async (script) => check(needs.of(script), await view(script)),
    add: (script, wanted, options = {}) => written(script, () => writer.add(script, wanted, options.scope), options),
    replace: (script, wanted, options = {}) =>
      written(script, () => writer.replace(script, wanted, options.scope), options),
    remove: (script, name, options = {}) => written(script, () => writer.remove(script, name, options.scope), options),

    async environment(script) {
      const runtime = script.runtime.name
      const facts = await installers[runtime].facts().catch((error) => ({ label: messageOf(error) }))
      const need = needs.of(script)
      const { state, facts: built } = await show.standOf(need)
      return {
        ...{ runtime, interpreter: facts.label, state },
        executable:
          need?.environment && runtime === 'python' ? join(need.environment.dir, 'bin/python') : executables[runtime],
        environment: need?.environment?.name ?? null,
        packages: built?.packages ?? [],
        bytes: built?.bytes ?? null,
        built_at: built?.built_at ?? null,
        installer: built?.installer ?? null,
        variables: withBin(variablesOf(script), need?.environment && binDirOf(need.environment)),
      }
    },

    async globals() {
      const views = await Promise.all(runtimeNames.map(globalView))
      return Object.fromEntries(views.map((one) => [one.runtime, one])) as Record<RuntimeName, GlobalView>
    },
    addGlobal: (runtime, wanted, wish) =>
      changeGlobal(runtime, wanted.length > 0 ? () => writer.addGlobal(runtime, wanted) : null, wish),
    removeGlobal: (runtime, name, wish) => changeGlobal(runtime, () => writer.removeGlobal(runtime, name), wish),

    exportOf: (script, format) => {
      const stem = basename(script.file, extname(script.file))
      return exportOf(needs.of(script), { runtime: script.runtime.name, stem, format }, environments)
    },
    cache,
    installations: {
      ...{ list: installations.list, count: installations.count, get: installations.get, follow: installations.follow },
      cancel(id) {
        installations.live(id)?.abort.abort('cancelled')
        return installations.get(id)
      },
      scriptsOf(id) {
        const { environment, script_id: own } = installations.get(id)
        return [...new Set([...(own === null ? [] : [own]), ...discovery.usersOf(environment)])]
      },
    },
  }
}

/** As a run gets them: programs of its packages come first. */
const withBin = (variables: Record<string, string>, binDir: string | undefined): Record<string, string> =>
  binDir ? { ...variables, PATH: `${binDir}:${variables.PATH ?? ''}` } : variables

const isMissing = (need: Need) => !need.environment && need.problems.length === 0 && need.set !== '' && !isEmpty(need)

function told(error: unknown): never {
  throw new GatewayError('dependency', `Its packages cannot be installed: ${messageOf(error)}`, { cause: error })
}
