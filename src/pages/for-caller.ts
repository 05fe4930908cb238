/** What the pages ask of the rest, as whoever makes the request may see and change it. */
import type { Accounts } from '../access/accounts.ts'
import { dependenciesFor } from '../dependencies/for-caller.ts'
import type { Dependencies } from '../dependencies/view-model.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { type Caller, callerOf, note } from '../http/caller.ts'
import type { Runs } from '../runs/runs.ts'
import type { Catalog } from '../scripts/catalog.ts'
import { notedPolicies } from '../scripts/noted-policy.ts'
import type { Scanner } from '../scripts/scanner.ts'
import type { Scripts } from '../scripts/scripts.ts'
import { notedSettings } from '../settings/noted.ts'
import type { Settings } from '../settings/settings.ts'
import { notedVariables } from '../variables/noted.ts'
import type { PageDeps, RunsQuery } from './deps.ts'

interface Given extends Pick<PageDeps, 'policies' | 'variables' | 'storage' | 'host' | 'baseUrl' | 'report'> {
  accounts: Pick<Accounts, 'manage' | 'restrictions'>
  scripts: Scripts
  catalog: Catalog
  runs: Runs
  gateway: Gateway
  scanner: Pick<Scanner, 'chooseSchema'>
  settings: Settings
  dependencies: Dependencies
  scriptsSeenBy(caller: Caller): number[] | undefined
}

export function pageDepsFor(given: Given) {
  const { accounts, scripts, catalog, runs, gateway, scanner, dependencies, scriptsSeenBy, ...rest } = given
  const { manage, restrictions } = accounts
  const access = { accessOf: manage.accessOf, listUsers: manage.listUsers, isRestricted: restrictions.has }
  return (request: Request): PageDeps => {
    const caller = callerOf(request)
    return {
      ...rest,
      viewer: caller,
      access,
      scripts: scripts.seenBy(caller),
      runs: runsOf(runs, request, scriptsSeenBy(caller)),
      submit: gateway.submitForm,
      async chooseSchema(id, use) {
        await scanner.chooseSchema(id, use)
        note(request, { after: { use } })
      },
      storage: {
        ...rest.storage,
        async clean() {
          note(request, { object: { type: 'storage', name: 'runs' } })
          const pass = await rest.storage.clean()
          note(request, { after: pass.removed })
          return pass
        },
      },
      dependencies: dependenciesFor({ catalog, dependencies }, request),
      policies: notedPolicies(catalog, rest.policies, request),
      settings: notedSettings(rest.settings, request),
      variables: notedVariables(rest.variables, request),
    }
  }
}

/** `scriptIds`: the runs of these alone; undefined for all. */
function runsOf(runs: Runs, request: Request, scriptIds: number[] | undefined): PageDeps['runs'] {
  const seen = scriptIds && new Set(scriptIds)
  const isSeen = (run: { script_id: number }) => seen?.has(run.script_id) ?? true
  return {
    list({ script_id: scriptId, status, retry_of: retryOf, before, after, page_size }: RunsQuery) {
      const filter = { scriptId, scriptIds, status, retryOf }
      const items = runs.list({ ...filter, beforeId: before, afterId: after }, { limit: page_size })
      return { items, total: runs.count(filter) }
    },
    get(id) {
      const run = runs.find(id)
      return run && isSeen(run) ? run : undefined
    },
    sparks: (ids, n) =>
      new Map(
        ids.map((id) => [
          id,
          runs
            .sparksOf(id, n)
            .reverse()
            .map(({ status, durationMs }) => ({ status, duration_ms: durationMs })),
        ]),
      ),
    active: () => runs.active().filter(isSeen),
    cancel(id) {
      note(request, { after: { run_id: id } })
      return runs.cancel(id)
    },
    log: (id) => ({ tail: async (lines) => runs.tail(id, lines) }),
  }
}
