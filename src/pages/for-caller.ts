/** What the pages ask of the rest, as whoever makes the request may see and change it. */
import type { Viewer } from '../../views/viewer.ts'
import type { Accounts } from '../access/accounts.ts'
import type { RecordAudit } from '../audit/model.ts'
import type { Clock } from '../clock.ts'
import { dependenciesFor } from '../dependencies/for-caller.ts'
import type { Dependencies } from '../dependencies/view-model.ts'
import type { Receive } from '../files/receive.ts'
import type { Batch } from '../gateway/batch.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { type Caller, callerOf, note } from '../http/caller.ts'
import type { Permission } from '../http/sse.ts'
import { readRange } from '../logs/log-range.ts'
import { notificationsFor } from '../notify/for-caller.ts'
import type { Notifications } from '../notify/view-model.ts'
import type { Runs } from '../runs/runs.ts'
import type { Schedules } from '../schedules/view-model.ts'
import type { Catalog } from '../scripts/catalog.ts'
import { receiveUpload } from '../scripts/content-routes.ts'
import type { Editing } from '../scripts/editing.ts'
import { createNoted } from '../scripts/noted-create.ts'
import { notedPolicies } from '../scripts/noted-policy.ts'
import { notedSchemas } from '../scripts/noted-schema.ts'
import type { Scanner } from '../scripts/scanner.ts'
import type { Scripts } from '../scripts/scripts.ts'
import { restoreNoted } from '../scripts/versions-routes.ts'
import { notedSettings } from '../settings/noted.ts'
import type { Settings } from '../settings/settings.ts'
import { notedVariables } from '../variables/noted.ts'
import { schedulesFor } from './callers-schedules.ts'
import { scriptActsFor } from './callers-scripts.ts'
import { createPageCode } from './code-saves.ts'
import type { PageDeps, RunsQuery } from './deps.ts'

interface Given extends Pick<PageDeps, 'policies' | 'variables' | 'storage' | 'host' | 'baseUrl' | 'report'> {
  accounts: Pick<Accounts, 'manage' | 'restrictions'>
  scripts: Scripts
  catalog: Catalog
  runs: Runs
  gateway: Gateway
  batch: Batch
  scanner: Pick<Scanner, 'chooseSchema' | 'rescan'>
  isAccessTag(tag: string): boolean
  settings: Settings
  gatewayLog: PageDeps['gatewayLog']
  permissionOf(request: Request): Permission
  editing: Editing
  receive: Receive
  clock: Pick<Clock, 'now'>
  dependencies: Dependencies
  schedules: Schedules
  notifications: Notifications
  scriptsSeenBy(caller: Caller): number[] | undefined
  record: RecordAudit
}

export function pageDepsFor(given: Given) {
  const { accounts, scripts, catalog, runs, gateway, scanner, dependencies, schedules, scriptsSeenBy, ...others } =
    given
  const { editing, isAccessTag, permissionOf, receive, ...rest } = others
  const { manage, restrictions } = accounts
  const access = { accessOf: manage.accessOf, listUsers: manage.listUsers, isRestricted: restrictions.has }
  const codeFor = createPageCode(given)
  return (request: Request): PageDeps => {
    const caller = callerOf(request)
    const [shown, seen] = [scripts.seenBy(caller), scriptsSeenBy(caller)]
    const runnable = () => catalog.list().flatMap(({ row }) => (caller.may('run', row) ? row.id : []))
    const ofSchedules = schedulesFor({ schedules, catalog, request, seen, runnable })
    return {
      ...rest,
      viewer: withMissed(caller, ofSchedules),
      access,
      scripts: shown,
      schedules: ofSchedules,
      runs: runsOf(runs, rest.batch, request, seen),
      code: codeFor(request),
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
      acts: scriptActsFor({ catalog, editing, gateway, runs, isAccessTag, record: rest.record }, request),
      rescan: scanner.rescan,
      tags: shown.tags,
      policies: notedPolicies(catalog, rest.policies, request),
      schemas: notedSchemas(editing.schema, request),
      settings: notedSettings(rest.settings, request),
      permission: () => permissionOf(request),
      variables: notedVariables(rest.variables, request),
      newScripts: {
        nameProblem: editing.nameProblem,
        create: (script) => createNoted({ catalog, editing, isAccessTag }, request, script),
        upload: (sent) => receiveUpload({ catalog, editing, receive }, sent),
      },
      versions: {
        ...editing.versions,
        restore: (id, version, hash) =>
          restoreNoted({ catalog, editing }, request, { script: String(id), version, ifMatch: hash }),
      },
      notifications: notificationsFor(rest.notifications, request),
    }
  }
}

/** Counted when a page asks for it: fragments do not. */
const withMissed = (caller: Caller, schedules: Pick<Schedules, 'missed'>): Viewer => ({
  ...caller,
  get missed() {
    return schedules.missed({})
  },
})

const askersMax = 200

/** `scriptIds`: the runs of these alone; undefined for all. */
function runsOf(runs: Runs, batch: Batch, request: Request, scriptIds: number[] | undefined): PageDeps['runs'] {
  const seen = scriptIds && new Set(scriptIds)
  const isSeen = (run: { script_id: number }) => seen?.has(run.script_id) ?? true
  return {
    list({ script_id: scriptId, status, retry_of: retryOf, isLastAttempt, before, after, page_size }: RunsQuery) {
      const filter = { scriptId, scriptIds, status, retryOf, isLastAttempt }
      const items = runs.list({ ...filter, beforeId: before, afterId: after }, { limit: page_size })
      return {
        items,
        /** Counted when it is asked for: of a million runs that takes a while. */
        get total() {
          return runs.count(filter)
        },
      }
    },
    get(id) {
      const run = runs.find(id)
      return run && isSeen(run) ? run : undefined
    },
    attemptsOf: runs.attemptsOf,
    sparks: runs.sparksOf,
    active: () => runs.active().filter(isSeen),
    cancel(id) {
      note(request, { after: { run_id: id } })
      return runs.cancel(id)
    },
    lastResult(scriptId) {
      const last = runs.list({ scriptId, scriptIds, status: 'success' }, { limit: 5 })
      for (const { id } of last) {
        const run = runs.find(id)
        if (run && (run.result !== null || run.files.length > 0)) return run
      }
      return null
    },
    log: (id) => ({
      tail: async (lines) => runs.tail(id, lines),
      before: async (before, count) => (await readRange(runs.follow(id).segments, { before, count })).items,
    }),
    search(query, options) {
      const { ids, ...found } = runs.history.find({ ...query, scriptIds }, options)
      const rows = new Map(
        runs.list({ ids: ids.map(({ id }) => id) }, { limit: ids.length }).map((run) => [run.id, run]),
      )
      return { ...found, items: ids.flatMap(({ id }) => rows.get(id) ?? []) }
    },
    /** Whose runs one sees tells who there is: only who sees all of them is told all. */
    askers: () => (scriptIds ? [callerOf(request).name] : runs.history.askers(askersMax)),
    newestId: runs.history.newestId,
    stats: (query) => runs.history.stats({ ...query, scriptIds }),
    batch: (action, ids) => batch.perform(action, ids, request, { keeps: true }),
    comesBack: (id) => batch.comesBack(id, request),
    bringBack: (ids) => batch.bringBack(ids, request),
  }
}
