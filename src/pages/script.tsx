/** The page of one script, and what becomes of its posted form. */
import { DependenciesTab } from '../../views/dependencies-tab.tsx'
import { PolicyTab } from '../../views/policy.tsx'
import { ScriptPage, type ScriptProps, type ScriptTab, scriptTabs } from '../../views/script.tsx'
import { ScriptAccessTab } from '../../views/script-access.tsx'
import { ScriptApiTab } from '../../views/script-api.tsx'
import { type CallLanguage, callLanguages } from '../../views/script-calls.tsx'
import { HistoryTab } from '../../views/script-history.tsx'
import { GeneralTab } from '../../views/script-settings.tsx'
import { say } from '../../views/texts.ts'
import { VariablesPanel } from '../../views/variables.tsx'
import { isAtLeast, mayDo } from '../../views/viewer.ts'
import { GatewayError, type Problem } from '../errors.ts'
import type { Run } from '../runs/model.ts'
import { notKept } from '../runs/not-kept.ts'
import type { Param, Script } from '../scripts/model.ts'
import { codeHeaders, codeProps } from './code.tsx'
import { dependenciesTab, savePackages } from './dependencies.tsx'
import type { PageDeps } from './deps.ts'
import { oneOf } from './form.ts'
import { html, seeOther } from './html.tsx'
import { policyProps, savePolicy } from './policy.ts'
import { scriptAccessProps } from './script-access.tsx'
import { historyProps } from './script-history.ts'
import { parametersContent } from './script-schema.tsx'
import { generalProps } from './script-settings.tsx'
import { saveVariable, variablesProps } from './variables.tsx'

const recentRuns = 8

/** Tabs with addresses of their own, for who guesses from the others. */
const tabsElsewhere = ['schedules', 'versions', 'notifications'] as const

/** Throws `not_found`. */
export function findScript(deps: PageDeps, idOrSlug: string): { script: Script; params: Param[] } {
  const found = deps.scripts.find(idOrSlug)
  if (!found)
    throw new GatewayError(
      'not_found',
      say('There is no such script. It may have been renamed, or its file removed before it was ever read.'),
    )
  return found
}

export async function showScript(
  deps: PageDeps,
  idOrSlug: string,
  { search, cookie = null, now }: { search: URLSearchParams; cookie?: string | null; now: number },
): Promise<Response> {
  const { script, params } = findScript(deps, idOrSlug)
  const elsewhere = oneOf(tabsElsewhere, search.get('tab'))
  if (elsewhere) return seeOther(`/scripts/${script.id}/${elsewhere}`)
  const tab = tabFor(deps, script, search.get('tab'))
  const page = await pageProps(deps, script, params, now)
  if (tab === 'code') {
    const code = await codeProps(deps, script, { saved: search.has('saved'), now })
    return html(<ScriptPage {...page} tab="code" code={code} />, { headers: codeHeaders })
  }
  const shown = { search, call: chosenCall(search, cookie), now }
  const content = await contentOf(deps, { script, params, page }, tab, shown)
  return html(<ScriptPage {...page} {...{ tab, content }} call={shown.call} />)
}

/** What was chosen last is in a cookie. */
const chosenCall = (search: URLSearchParams, cookie: string | null) =>
  oneOf(callLanguages, search.get('call')) ??
  oneOf(callLanguages, /(?:^|;\s*)call=(\w+)/.exec(cookie ?? '')?.[1] ?? null) ??
  'curl'

interface Asked {
  script: Script
  params: Param[]
  page: Omit<ScriptProps, 'tab' | 'call'>
}

/** What stands below the tabs; undefined for the tab with the form. */
async function contentOf(
  deps: PageDeps,
  { script, params, page }: Asked,
  tab: ScriptTab,
  { search, call, now }: { search: URLSearchParams; call: CallLanguage; now: number },
): Promise<JSX.Element | undefined> {
  const saved = search.has('saved')
  if (tab === 'parameters') return parametersContent(deps, { script, params }, search)
  if (tab === 'dependencies') return <DependenciesTab {...(await dependenciesTab(deps, script, { search, now }))} />
  if (tab === 'history') return <HistoryTab {...historyProps(deps, script, search, now)} />
  if (tab === 'settings') return <GeneralTab {...generalProps(deps, script, { search, now })} />
  if (tab === 'api')
    return <ScriptApiTab {...page} call={call} {...{ state: script.state, answered: answeredBy(page.recent) }} />
  if (tab === 'policy') return <PolicyTab {...(await policyProps(deps, script.id, { saved }))} />
  if (tab === 'variables')
    return <VariablesPanel {...variablesProps(deps.variables, { scope: script.id, saved, now })} />
  if (tab === 'access') return <ScriptAccessTab {...scriptAccessProps(deps.access, script, search)} />
  return undefined
}

/** How the last of them that succeeded answered. */
const answeredBy = (recent: Run[]) => recent.find(({ status }) => status === 'success')?.result?.type ?? null

const editorTabs: ScriptTab[] = ['code', 'settings', 'policy', 'variables']

/** Throws `forbidden` for what whoever looks may not read: source, policy and variables are for who may edit them. */
function tabFor({ viewer }: PageDeps, script: Script, wanted: string | null): ScriptTab {
  const tab = scriptTabs.find((one) => one === wanted) ?? 'run'
  if (editorTabs.includes(tab) && !mayDo(viewer, 'edit', script))
    throw new GatewayError(
      'forbidden',
      'Only who may edit this script sees its code, settings, permissions and variables.',
    )
  if (tab === 'access' && !isAtLeast(viewer, 'admin'))
    throw new GatewayError('forbidden', 'Only administrators see who may do what with a script.')
  return tab
}

/** What every tab needs. */
export async function pageProps(
  deps: PageDeps,
  script: Script,
  params: Param[],
  now: number,
): Promise<Omit<ScriptProps, 'tab' | 'call'>> {
  const { items } = deps.runs.list({ script_id: script.id, isLastAttempt: true, page_size: recentRuns })
  return {
    script,
    params,
    values: {},
    problems: [],
    recent: items,
    spark: deps.runs.sparks([script.id]).get(script.id) ?? [],
    baseUrl: deps.baseUrl(),
    packages: await deps.dependencies.view(String(script.id)),
    scheduled: scheduledOf(deps, script),
    now,
    viewer: deps.viewer,
  }
}

function scheduledOf({ schedules }: PageDeps, { id }: Script): ScriptProps['scheduled'] {
  const { missed, next_at } = schedules.status({ scriptId: id })
  return { total: schedules.list({ scriptId: id }, { limit: 1, offset: 0 }).total, missed, nextAt: next_at }
}

/** 303 to the run; a form that is refused comes back as it was, with what is wrong. */
export async function postForm(deps: PageDeps, idOrSlug: string, request: Request, now: number): Promise<Response> {
  const { script, params } = findScript(deps, idOrSlug)
  try {
    const run = await deps.submit(idOrSlug, request)
    return seeOther(`/executions/${run.id}`)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const { 'content-location': other, ...headers } = error.headers
    const refused = {
      values: valuesOf(error),
      problems: error.details,
      message: messageFor(error.message, error.details, params),
      goesOn: runIdIn(other),
      ...repeatIn(deps, script, params, request),
    }
    const page = <ScriptPage {...(await pageProps(deps, script, params, now))} {...refused} tab="run" />
    return html(page, { status: error.status, headers })
  }
}

/** The run that a refused form repeats, so that the next try does too; none where it is none of the script. */
function repeatIn(deps: PageDeps, { id }: Script, params: Param[], request: Request) {
  const run = deps.runs.get(Number(new URL(request.url).searchParams.get('retry_of') ?? 0))
  return run?.script_id === id ? repeatProps(run, params) : {}
}

/** What a form says of the run that it repeats. */
export const repeatProps = (run: Run, params: Param[]) => ({
  retryOf: run.id,
  lost: notKept(run, params).map(({ name }) => name),
})

/** The run for whose sake a start was refused: `/api/runs/17`. */
const runIdIn = (location = '') => Number(/^\/api\/runs\/(\d{1,15})$/.exec(location)?.[1] ?? 0) || null

/** 303 to the tab; a policy that is refused comes back as it was typed, with what is wrong. */
export async function postPolicy(deps: PageDeps, idOrSlug: string, form: URLSearchParams, now: number) {
  const { script, params } = findScript(deps, idOrSlug)
  const refused = await savePolicy(deps, script.id, form)
  if (!refused) return seeOther(`/scripts/${script.id}?tab=policy&saved=1`)
  const page = await pageProps(deps, script, params, now)
  return html(<ScriptPage {...page} tab="policy" content={<PolicyTab {...refused} />} />, {
    status: refused.status,
  })
}

/** 303 to the tab; a variable that is refused comes back as it was typed, a secret's value aside. */
export async function postVariable(
  deps: PageDeps,
  idOrSlug: string,
  form: URLSearchParams,
  now: number,
): Promise<Response> {
  const { script, params } = findScript(deps, idOrSlug)
  const refused = saveVariable(deps.variables, script.id, form)
  if (!refused) return seeOther(`/scripts/${script.id}?tab=variables&saved=1`)
  const variables = variablesProps(deps.variables, { scope: script.id, refused, now })
  const page = await pageProps(deps, script, params, now)
  return html(<ScriptPage {...page} tab="variables" content={<VariablesPanel {...variables} />} />, {
    status: refused.status,
  })
}

/** 303 to the tab or the installation; what is refused comes back as it was typed, with what is wrong. */
export async function postPackages(deps: PageDeps, idOrSlug: string, form: URLSearchParams, now: number) {
  const { script, params } = findScript(deps, idOrSlug)
  const outcome = await savePackages(deps.dependencies, script, form)
  if (typeof outcome === 'string') return seeOther(outcome)
  const search = new URLSearchParams()
  const dependencies = await dependenciesTab(deps, script, { search, refused: outcome, now })
  const page = { ...(await pageProps(deps, script, params, now)), packages: dependencies.view }
  return html(<ScriptPage {...page} tab="dependencies" content={<DependenciesTab {...dependencies} />} />, {
    status: outcome.status,
  })
}

const schemaUses = ['script', 'sidecar'] as const

/** 303 to the script, whose form is made from what was chosen. */
export async function chooseSchema(deps: PageDeps, idOrSlug: string, form: URLSearchParams): Promise<Response> {
  const { script } = findScript(deps, idOrSlug)
  const use = schemaUses.find((one) => one === form.get('use'))
  if (!use) throw new GatewayError('validation', 'Choose the script or the sidecar: "use" must be one of the two.')
  await deps.chooseSchema(script.id, use)
  return seeOther(`/scripts/${script.id}`)
}

/** Fields say what is wrong with them; only the rest needs a sentence above the form. */
const messageFor = (message: string, problems: Problem[], params: Param[]) =>
  problems.length > 0 &&
  problems.every(({ path }) => params.some(({ name }) => path === `/${name}` || path.startsWith(`/${name}/`)))
    ? null
    : message

const valuesOf = (error: object): Record<string, unknown> =>
  'values' in error && typeof error.values === 'object' && error.values !== null
    ? (error.values as Record<string, unknown>)
    : {}
