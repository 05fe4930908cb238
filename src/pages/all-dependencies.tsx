/** Packages of all scripts on a page of their own: what is shown, and what becomes of posted forms. */
import { bytes, count } from '../../public/js/format.js'
import { DependenciesFragments, DependenciesPage, type DependenciesProps } from '../../views/dependencies.tsx'
import { scriptName } from '../../views/parts.tsx'
import { plural, say } from '../../views/texts.ts'
import { isAtLeast, mayDo } from '../../views/viewer.ts'
import { GatewayError } from '../errors.ts'
import { type RuntimeName, runtimeNames } from '../scripts/model.ts'
import { declaringProps } from './declaring.ts'
import { doneIn, packageIn, type Refused, refusable, removedIn, type Shown, typedIn } from './dependencies.tsx'
import type { PageDeps } from './deps.ts'
import { oneOf, textIn } from './form.ts'
import { html, seeOther } from './html.tsx'

const installationsShown = 20

type ShownAll = Shown & { refused?: (Refused & { runtime?: RuntimeName | null }) | null }

export const showDependencies = async (deps: PageDeps, shown: ShownAll): Promise<Response> =>
  html(<DependenciesPage {...(await propsOf(deps, shown))} />, { status: shown.refused?.status ?? 200 })

/** What changes while something is installed. */
export const showDependencyFragments = async (deps: PageDeps, shown: ShownAll): Promise<Response> =>
  html(<DependenciesFragments {...(await propsOf(deps, shown))} />)

async function propsOf(deps: PageDeps, { search, now, refused = null }: ShownAll): Promise<DependenciesProps> {
  const { dependencies, viewer } = deps
  const [declaring, globals, cache] = await Promise.all([
    dependencies.declaring(),
    dependencies.globals(),
    isAtLeast(viewer, 'operator') ? dependencies.cache.status() : null,
  ])
  const names = new Map(deps.scripts.list().map((script) => [script.id, scriptName(script)]))
  const scripts = declaring.map(({ entry: { row }, view }) => ({
    ...{ script: row, view },
    mayRun: mayDo(viewer, 'run', row),
  }))
  return {
    ...{ viewer, now },
    declaring: declaringProps(scripts, search),
    globals: await Promise.all(
      runtimeNames.map(async (runtime) => ({
        view: globals[runtime],
        mayEdit: await dependencies.mayEditGlobal(runtime),
        refused: refused?.runtime === runtime ? refused : null,
      })),
    ),
    cache: cache && { cache, names, mayClean: isAtLeast(viewer, 'admin'), cleaned: cleanedIn(search) },
    installations: dependencies.installations
      .list({}, { limit: installationsShown, offset: 0 })
      .items.map((installation) => ({
        installation,
        name: installation.script_id === null ? null : (names.get(installation.script_id) ?? null),
      })),
    mayInstall: scripts.some(({ mayRun }) => mayRun),
    mayUpdate: scripts.some(({ script }) => mayDo(viewer, 'edit', script)),
    done: doneIn(search) ?? begunIn(search),
    removed: removedFrom(search),
    message: refused && !refused.runtime ? refused.message : null,
  }
}

function removedFrom(search: URLSearchParams): DependenciesProps['removed'] {
  const [removed, runtime] = [removedIn(search), oneOf(runtimeNames, search.get('runtime'))]
  return removed && runtime && { ...removed, runtime }
}

const numberIn = (search: URLSearchParams, name: string) => {
  const text = search.get(name)
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null
}

function begunIn(search: URLSearchParams): string | null {
  const [begun, refused] = [numberIn(search, 'begun'), numberIn(search, 'refused') ?? 0]
  if (begun === null) return null
  const words =
    begun === 0
      ? say('There was nothing to install.')
      : plural(begun, '1 script is being seen to.', '{n} scripts are being seen to.')
  return refused === 0 ? words : words + say(' {n} could not be: their pages say why.', { n: count(refused) })
}

function cleanedIn(search: URLSearchParams): string | null {
  const [removed, freed] = [numberIn(search, 'removed'), numberIn(search, 'bytes') ?? 0]
  const kept = numberIn(search, 'in_use') ?? 0
  if (removed === null) return null
  const size = { size: bytes(freed) }
  const words =
    removed > 0
      ? plural(
          removed,
          'One environment is gone, {size} are free.',
          '{n} environments are gone, {size} are free.',
          size,
        )
      : freed > 0
        ? say('There was no environment to remove; {size} of downloads are gone.', size)
        : say('There was no environment to remove.')
  return kept === 0 ? words : words + say(' {n} stayed, since a run has them now.', { n: count(kept) })
}

/** 303 to the page, which says how many. */
export async function installAll({ dependencies }: PageDeps, form: URLSearchParams): Promise<Response> {
  const items = await dependencies.installMany('all', { isUpdate: form.get('act') === 'update' })
  const begun = items.filter(({ installation_id }) => installation_id !== null).length
  const refused = items.filter(({ error }) => error !== null).length
  return seeOther(`/dependencies?begun=${begun}&refused=${refused}`)
}

/** 303 to the page or the installation; what is refused comes back as it was typed. */
export async function postGlobal(deps: PageDeps, form: URLSearchParams, now: number): Promise<Response> {
  const { dependencies } = deps
  const runtime = oneOf(runtimeNames, form.get('runtime'))
  const outcome = await refusable(form, async () => {
    if (runtime === null) throw new GatewayError('validation', `"runtime" must be ${runtimeNames.join(' or ')}.`)
    const act = form.get('act')
    if (act === 'remove') {
      const removed = packageIn((await dependencies.globals())[runtime], textIn(form, 'name'))
      await dependencies.removeGlobal(runtime, textIn(form, 'name'))
      return `/dependencies?done=removed&runtime=${runtime}${removed}`
    } else if (act === 'add' || act === 'install') {
      const { installation } = await dependencies.addGlobal(runtime, act === 'add' ? [typedIn(form)] : [])
      if (installation && act === 'install') return `/dependencies/installations/${installation.id}`
      if (!installation) return `/dependencies?done=ready#global-${runtime}`
    } else throw new GatewayError('validation', 'Choose what to do: "act" must be add, remove or install.')
    return `/dependencies?done=saved#global-${runtime}`
  })
  if (typeof outcome === 'string') return seeOther(outcome)
  return showDependencies(deps, { search: new URLSearchParams(), refused: { ...outcome, runtime }, now })
}

/** One environment, or all that nobody needs. 303 to the page, which says what went. */
export async function cleanEnvironments({ dependencies }: PageDeps, form: URLSearchParams): Promise<Response> {
  const environment = textIn(form, 'environment')
  const days = textIn(form, 'older_than_days')
  if (days !== '' && !/^\d{1,5}$/.test(days))
    throw new GatewayError('validation', 'The days must be a whole number, such as 7.')
  const { removed, bytes, in_use } = await dependencies.cache.cleanup(
    environment !== ''
      ? { environments: [environment] }
      : { older_than_days: days === '' ? undefined : Number(days), downloads: form.get('downloads') === '1' },
  )
  return seeOther(`/dependencies?removed=${removed.length}&bytes=${bytes}&in_use=${in_use.length}#cache`)
}
