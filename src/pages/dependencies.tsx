/** Packages on the page of a script and on their own: what is shown, and what becomes of posted forms. */

import { bytes, count } from '../../public/js/format.js'
import { DependenciesPage, type DependenciesProps } from '../../views/dependencies.tsx'
import type { DependenciesTabProps } from '../../views/dependencies-tab.tsx'
import type { RefusedPackages } from '../../views/packages-form.tsx'
import { scriptName } from '../../views/parts.tsx'
import { plural, say, type Text } from '../../views/texts.ts'
import { isAtLeast, mayDo } from '../../views/viewer.ts'
import type { CallersDependencies, WriteScope } from '../dependencies/for-caller.ts'
import type { Installation } from '../dependencies/model.ts'
import type { DependenciesView, Dependency } from '../dependencies/view-model.ts'
import { GatewayError, type Problem } from '../errors.ts'
import type { LogLine } from '../logs/model.ts'
import { type RuntimeName, runtimeNames, type Script } from '../scripts/model.ts'
import { declaringProps } from './declaring.ts'
import type { PageDeps } from './deps.ts'
import { oneOf, sentence, textIn } from './form.ts'
import { html, seeOther } from './html.tsx'

/** What a form was refused for, with the status of the answer. */
export type Refused = RefusedPackages & { status: number }

const doneWords: Record<string, Text> = {
  saved: 'It is written down. What is new is installed in the background.',
  ready: 'Everything that is declared is installed.',
  removed: 'It is not declared any more.',
}

/** What has just been done, as the address says it. */
function doneIn(search: URLSearchParams): string | null {
  const word = search.get('done') ?? ''
  return Object.hasOwn(doneWords, word) ? say(doneWords[word]!) : null
}

interface Shown {
  search: URLSearchParams
  refused?: Refused | null
  now: number
}

export async function dependenciesTab(
  { dependencies, viewer }: PageDeps,
  script: Script,
  { search, refused = null, now }: Shown,
): Promise<DependenciesTabProps> {
  const id = String(script.id)
  const mayEdit = mayDo(viewer, 'edit', script)
  const isChecked = mayEdit && search.has('check')
  const [view, environment, check] = await Promise.all([
    dependencies.view(id),
    mayEdit ? dependencies.environment(id) : null,
    isChecked ? dependencies.check(id) : null,
  ])
  const name = search.get('package')
  return {
    ...{ scriptId: script.id, view, environment, check, mayEdit, refused, now },
    mayRun: mayDo(viewer, 'run', script),
    tail: view.state === 'installing' ? tailOf(dependencies, view.installation) : [],
    done: refused ? null : doneIn(search),
    removed: refused ? null : removedIn(search),
    start: name === null ? undefined : { name, version: search.get('version') ?? '' },
  }
}

const tailLines = 5

function tailOf({ installations }: CallersDependencies, installation: Installation | null): LogLine[] {
  if (!installation) return []
  const from = Math.max(0, installations.get(installation.id).log_lines - tailLines)
  return installations.follow(installation.id).cursor(from).next(tailLines)
}

const scopes = ['script', 'folder', 'global'] as const

/** Where to go on, or what was refused. `update` installs; the other acts write down. */
export async function savePackages(
  dependencies: CallersDependencies,
  script: Pick<Script, 'id' | 'runtime'>,
  form: URLSearchParams,
): Promise<string | Refused> {
  const id = String(script.id)
  const scope: WriteScope | undefined = oneOf(scopes, form.get('scope')) ?? undefined
  const tab = `/scripts/${script.id}?tab=dependencies`
  return refusable(form, async () => {
    const act = form.get('act')
    if (act === 'update') {
      const installation = await dependencies.install(id, { isUpdate: true })
      return installation ? `/dependencies/installations/${installation.id}` : `${tab}&done=ready`
    }
    if (act === 'add') await dependencies.add(id, typedIn(form), scope)
    else if (act === 'remove') {
      const removed = packageIn(await dependencies.view(id), textIn(form, 'name'))
      await dependencies.remove(id, textIn(form, 'name'), scope)
      return `${tab}&done=removed${removed}`
    } else if (act === 'replace') await dependencies.replace(id, linesIn(form, script.runtime), scope)
    else throw new GatewayError('validation', 'Choose what to do: "act" must be add, remove, replace or update.')
    return `${tab}&done=saved`
  })
}

/** 303 to the installation, or back where there is nothing to do. Throws what is refused: there is no form to show it in. */
export async function installPackages({ dependencies }: PageDeps, script: Pick<Script, 'id'>): Promise<Response> {
  const installation = await dependencies.install(String(script.id))
  return seeOther(
    installation
      ? `/dependencies/installations/${installation.id}`
      : `/scripts/${script.id}?tab=dependencies&done=ready`,
  )
}

/** What a form was refused for is data; anything else is thrown on. */
async function refusable(form: URLSearchParams, act: () => Promise<string>): Promise<string | Refused> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return {
      ...{ act: form.get('act') ?? '', name: textIn(form, 'name'), version: textIn(form, 'version') },
      ...{ text: form.get('text'), problems: error.details.map(asSentence), status: error.status },
      message: sentence(error.message),
    }
  }
}

const asSentence = ({ path, message }: Problem): Problem => ({ path, message: sentence(message) })

const typedIn = (form: URLSearchParams): Dependency => ({
  name: textIn(form, 'name'),
  version: textIn(form, 'version'),
})

/** For an address: what was declared, so that it can come back. What a form cannot say cannot. */
function packageIn({ dependencies }: Pick<DependenciesView, 'dependencies'>, name: string): string {
  const found = dependencies.find((one) => one.name === name)
  if (!found || found.marker !== null || found.url !== null) return ''
  return `&${new URLSearchParams({ removed: found.name, version: found.version })}`
}

/** What was removed just now, as the address says it. */
function removedIn(search: URLSearchParams): Dependency | null {
  const name = search.get('removed')
  return name === null ? null : { name, version: search.get('version') ?? '' }
}

const shapes: Record<RuntimeName, RegExp> = {
  python: /^([A-Za-z\d][\w.-]*(?:\s*\[[^\]]*\])?)\s*(.*)$/,
  js: /^((?:@[^\s@/]+\/)?[^\s@]+)[\s@]*(.*)$/,
}

/** One package a line. What has not the shape of one is taken as a name, which is refused in words. */
function linesIn(form: URLSearchParams, runtime: RuntimeName): Dependency[] {
  const lines = (form.get('text') ?? '').split(/\r?\n/).map((line) => line.trim())
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = line, version = ''] = shapes[runtime].exec(line) ?? []
      return { name, version }
    })
}

const installationsShown = 20

export async function showDependencies(
  deps: PageDeps,
  { search, now, refused = null }: Shown & { refused?: (Refused & { runtime?: RuntimeName | null }) | null },
): Promise<Response> {
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
  const props: DependenciesProps = {
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
  return html(<DependenciesPage {...props} />, { status: refused?.status ?? 200 })
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
