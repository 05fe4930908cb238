/** The whole wiring on one screen: what there is, and who is given what. */
import { mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { AnyElysia } from 'elysia'
import { currentLanguage } from '../views/texts.ts'
import { createAccess } from './access/access.ts'
import type { AppConfig, AppOverrides } from './app-config.ts'
import { createAudit } from './audit/audit.ts'
import { systemClock } from './clock.ts'
import { inheritedEnvironment, options } from './config.ts'
import { openDatabase } from './db/open.ts'
import { createDependencies } from './dependencies/dependencies.ts'
import { createDependencyParts } from './dependencies/parts.ts'
import { messageOf } from './errors.ts'
import { createReceive } from './files/receive.ts'
import { cleanLeftovers } from './files/temp.ts'
import { createDocuments } from './gateway/docs.ts'
import { createGateway } from './gateway/gateway.ts'
import { openHost } from './host.ts'
import { createFeed } from './http/feed.ts'
import { lastAnswers } from './http/last-answers.ts'
import { createRateLimits } from './http/rate-limit.ts'
import { createLog } from './log.ts'
import { createNotify } from './notify/notify.ts'
import { createDiskGuard } from './retention/disk-guard.ts'
import { createRetention } from './retention/retention.ts'
import type { RunChange } from './runs/live.ts'
import type { Run } from './runs/model.ts'
import { createPlanner } from './runs/plan.ts'
import { reviving } from './runs/revive.ts'
import { createRuns } from './runs/runs.ts'
import { resolvePython } from './runtimes/python.ts'
import { createRuntimes } from './runtimes/runtimes.ts'
import { createScheduling } from './schedules/parts.ts'
import { localText, zoneText } from './schedules/times/zone.ts'
import { createCatalog } from './scripts/catalog.ts'
import { createEditing } from './scripts/editing.ts'
import { createQuestionPlaces } from './scripts/question-place.ts'
import { createScanner } from './scripts/scanner.ts'
import { createScripts } from './scripts/scripts.ts'
import { createScriptStore } from './scripts/store.ts'
import { createWatcher } from './scripts/watcher.ts'
import { createServer, listenAt } from './server.ts'
import { createSettings } from './settings/settings.ts'
import { closeDatabase, prepareDataDir } from './system/data-dir.ts'
import { lockDataDir } from './system/lock.ts'
import { finishedCounter } from './system/metrics.ts'
import { readKey } from './variables/key.ts'
import { createVariables } from './variables/variables.ts'
import { createVault } from './variables/vault.ts'
import { version } from './version.ts'

export type App = Awaited<ReturnType<typeof createApp>>

/** Opens everything and begins to scan; nothing listens yet. Throws an Error that says why it cannot start. */
export async function createApp(
  { environment, secretsKey, secrets = {}, dataDir: dataPath, scriptsDir: scriptsPath, say, onRestore }: AppConfig,
  overrides: AppOverrides = {},
) {
  const { clock = systemClock } = overrides
  const startedAt = clock.now()
  prepareDataDir(dataPath)
  mkdirSync(scriptsPath, { recursive: true })
  const [dataDir, scriptsDir] = [realpathSync(dataPath), realpathSync(scriptsPath)]
  const ownFolders = [dataDir, scriptsDir]
  const unlock = lockDataDir(dataDir)
  const log =
    overrides.log ??
    createLog({
      file: join(dataDir, 'logs/gateway/gateway.log'),
      level: environment.log_level ?? options.log_level.default,
    })
  const python = await resolvePython(environment.python ?? options.python.default)
  const interpreters = 'path' in python ? [python.path] : []
  const host = await openHost({ environment, dataDir, interpreters, log, given: overrides })
  const { startProcess, isolation } = host

  const db = openDatabase(join(dataDir, 'gateway.db'), { say: (words) => [log.info(words), say?.(words)] })
  closeDatabase(join(dataDir, 'gateway.db'))
  const settings = createSettings({ db, environment, clock, onChange: settingsChanged })
  const setting = settings.get
  log.setLevel(setting('log_level')) // the database may say more than the environment
  const key = readKey({ text: secretsKey, dataDir })
  const vault = createVault({ key: key.bytes })
  const variables = createVariables({ db, vault, key, clock })
  const secretsProblems = variables.problems()
  for (const problem of secretsProblems) log.warn({ problem }, 'secrets')
  const runtimes = createRuntimes({ python, bun: process.execPath })
  const feed = createFeed()
  const finished = finishedCounter()
  const tmpDir = join(dataDir, 'tmp')
  let address = `http://localhost:${environment.port ?? options.port.default}`
  const baseUrl = () => (setting('base_url') || address).replace(/\/+$/, '')

  const store = createScriptStore(db)
  const catalog = createCatalog({ store, runtimes, scriptsDir, onChange: scriptsChanged })
  const scanner = createScanner({
    ...{ store, setting, runtimes, startProcess, scriptsDir, clock, log },
    environment: () => inheritedEnvironment(setting('script_env_names')),
    ...{ onLook: () => packages.changed(), onRead: (content) => editing.versions.seen(content) },
    startOf: (script) => packages.forRuns.startOf(script),
    pendingPackages: (script) => packages.forRuns.pendingPackages(script),
    makePlace: createQuestionPlaces({ isolation, setting, tmpDir, dataDir, scriptsDir }),
    onChange: catalog.refresh,
  })
  const planner = createPlanner({
    ...{ setting, dataDir, scriptsDir, baseUrl, mac: vault.mac, level: isolation.report.level },
    variables: variables.given,
  })
  const diskGuard = createDiskGuard({ dir: dataDir, setting, clock })
  const packages = createDependencyParts({
    ...{ db, setting, startProcess, isolation, clock, log, catalog, python, dataDir, scriptsDir },
    ...{ bun: process.execPath, secret: variables.valueOf, variablesOf: planner.shown, scan: scanner.scan },
    rememberWrite: scanner.rememberWrite,
    hostProblem: diskGuard.refusal,
    onChange: (installation, ids) => feed.publish({ event: 'dependencies', data: { installation, script_ids: ids } }),
  })
  const runs = createRuns({
    ...{ db, setting, startProcess, isolation, planner, packages: packages.forRuns, seal: vault, clock, log, dataDir },
    scriptNow: (id) => catalog.get(id)?.runnable ?? null,
    hostProblem: diskGuard.refusal,
    ...{ onChange: runChanged, onFinished: runFinished, checkpoint: overrides.checkpoint },
  })
  const notifying = createNotify({
    ...{ db, setting, clock, log, vault, isKeyKept: key.isKept, catalog, baseUrl, feed, localText, zoneText },
  })
  const { scheduler, schedules } = createScheduling({
    ...{ db, catalog, vault, setting, clock, log, runs, feed, notify: notifying.notify },
    ...{ start: (start) => gateway.startScheduled(start), checkpoint: overrides.checkpoint, language: currentLanguage },
  })
  const limits = createRateLimits({ setting, clock })
  const audit = createAudit({ db, clock, setting, log })
  const access = createAccess({
    ...{ db, clock, setting, vault, isKeyKept: key.isKept, adminToken: secrets.adminToken },
    ...{ record: audit.record, takeToken: limits.takeToken, baseUrl, log, findScript: (id) => catalog.get(id)?.row },
    ...{ oidcClientSecret: secrets.oidcClientSecret, authHeaderSecret: secrets.authHeaderSecret },
  })
  const gateway = createGateway({
    ...{ catalog, runs, clock, log, limits, setting, tmpDir, ownFolders },
    ...{ arrivals: packages.forRuns, mac: vault.mac, record: audit.record },
  })
  const editing = createEditing({
    ...{ db, log, catalog, store, scanner, runtimes, scriptsDir, setting, clock },
    ...{ isolation: isolation.report, hidden: [dataDir], variableNames: variables.namesFor },
    ...{ dataDir, rights: access.accounts.scriptRights },
    async forget(script) {
      await runs.forget(script)
      variables.forget(script.id)
      access.accounts.scriptRights.forget(script.id)
      scheduler.forgetScript(script.id)
    },
    broughtBack() {
      notifying.rulesChanged()
      scheduler.changed([])
    },
  })
  const scripts = createScripts({ catalog, lastRuns: runs.lastOf, read: editing.read })
  const receive = createReceive({ setting, tmpDir })
  const documents = createDocuments({ catalog, baseUrl, version, app: (): AnyElysia => server })

  function settingsChanged() {
    log.setLevel(setting('log_level'))
    documents.forget() // they name the address
    runs.limitsChanged()
    packages.changed()
  }

  function scriptsChanged(ids: number[]) {
    documents.forget()
    scheduler.refitted(schedules.recheck(ids)) // a schema may have been
    runs.limitsChanged() // a policy may have been
    access.changed() // tags may have been
    packages.changed() // a new one may declare some
    feed.publish({ event: 'scripts', data: { ids } })
  }

  function runChanged({ id, scriptId, status }: RunChange) {
    finished.count(status)
    feed.publish({ event: 'runs', data: { id, script_id: scriptId, status } })
  }

  /** Only the last of several attempts is told. */
  function runFinished(run: Run, isResumed: boolean) {
    if (!scheduler.ended(run, isResumed)) notifying.notify.runFinished(run)
  }

  const lost = runs.recover()
  await runs.deleted.takeUp()
  await cleanLeftovers(tmpDir, runs.uploadsToKeep()).moved
  if (lost.length > 0) log.warn({ runs: lost.length }, 'runs were interrupted when the gateway stopped')
  function tidy() {
    log.rotate()
    access.accounts.tidy()
    runs.history.tidy(clock.now())
    for (const tidyDeleted of [editing.tidyDeleted, runs.deleted.tidy])
      tidyDeleted().catch((error) => log.warn({ error: messageOf(error) }, 'what was deleted could not be tidied'))
  }

  let isReady = false
  const watcher = createWatcher({ scriptsDir, runtimes, setting, scanner, log })
  const ready = editing.firstScan().then(() => {
    isReady = true
    runs.resume(reviving(catalog))
    for (const run of lost.flatMap((id) => runs.find(id) ?? [])) if (!run.next_attempt_id) runFinished(run, false)
    scheduler.start()
    notifying.start()
  })
  ready.catch((error) => log.error({ error: messageOf(error) }, 'the first scan failed'))
  const everyMinute = setInterval(tidy, 60_000)
  audit.start()
  const retention = createRetention({
    ...{ db, setting, clock, log, dataDir, guard: diskGuard, logPath: runs.logPath, filesInUse: runs.filesInUse },
    retentionOf: (scriptId) => catalog.get(scriptId)?.row.policy.retention,
    isLive: (id) => runs.active().some((run) => run.id === id),
    isBusy: runs.deleted.isBusy,
  })
  retention.start()

  const server = createServer({
    ...{ settings, runs, gateway, scripts, documents, feed, finished, log, dataDir, version, startedAt, baseUrl },
    ...{ catalog, scanner, editing, receive, variables, retention, tmpDir, clock, access, audit, runtimes, scriptsDir },
    ...{ schedules, notifications: notifying.notifications },
    dependencies: createDependencies(packages),
    ...{ isReady: () => isReady, onRestore: onRestore ?? null },
    host: () => ({ ...host.report, disk: diskGuard.report() }),
  })

  let closing: Promise<void> | null = null
  async function close() {
    clearInterval(everyMinute)
    await retention.close()
    await watcher.close()
    await scanner.close().then(editing.versions.close)
    await lastAnswers(server.server)
    if (server.server) await server.stop(true)
    await packages.close()
    await notifying.close()
    scheduler.close()
    access.accounts.close()
    audit.close()
    db.$client.close()
    host.close()
    unlock()
  }

  return {
    /** Resolves when the scripts have been scanned for the first time. */
    ready,
    /** Answers a request without a socket. */
    handle: (request: Request): Promise<Response> => server.handle(request),
    /** Begins to listen; answers the address. Throws an Error when the port is taken. */
    async listen(hostname: string, port: number): Promise<string> {
      listenAt(server, hostname, port)
      address = `http://localhost:${server.server?.port ?? port}`
      documents.forget()
      return address
    },
    /** Why Python scripts cannot run; null when they can. */
    pythonProblem: 'problem' in python ? python.problem : null,
    /** What is wrong with the key for secrets, in sentences. */
    secretsProblems,
    scripts: () => scripts.list(),
    /** As Elysia lists them. */
    routes: () => server.routes,
    scriptCounts: () => scripts.counts(),
    isolation: host.report.isolation,
    setting,
    baseUrl,
    /** Where it listens, for programs of this machine. */
    localUrl: () => address,
    runs,
    log,
    /** At once. */
    lookAtSchedules: scheduler.tick,
    /** For the setup page; null when there is an administrator. */
    setupCode: () => (access.isOff ? null : access.accounts.setup.code()),
    /** Accepts no more, lets runs finish for `drainMs` (setting drain_sec by default), ends them, and closes everything. */
    async close(drainMs = setting('drain_sec') * 1000): Promise<void> {
      isReady = false
      scheduler.stop()
      const drained = runs.drain(drainMs)
      closing ??= drained.then(close)
      await Promise.all([drained, closing])
    },
  }
}
