/** A gateway that only pretends: rich sample data behind the pages' own interface. */

import { systemClock } from '../../src/clock.ts'
import { GatewayError } from '../../src/errors.ts'
import type { HostReport } from '../../src/host.ts'
import type { Caller } from '../../src/http/caller.ts'
import type { PageDeps } from '../../src/pages/deps.ts'
import type { Run, RunStatus } from '../../src/runs/model.ts'
import type { Entry } from '../../src/scripts/catalog.ts'
import type { Script } from '../../src/scripts/model.ts'
import { countTags } from '../../src/scripts/search.ts'
import { createSettings } from '../../src/settings/settings.ts'
import { memoryDatabase } from '../harness/database.ts'
import { callerWith, type FakeAccess, fakeAccess } from './fake-access.ts'
import { fakeActs } from './fake-acts.ts'
import { type FakeCode, fakeCode } from './fake-code.ts'
import { fakeDependencies } from './fake-dependencies.ts'
import { fakeGatewayLog } from './fake-gateway-log.ts'
import { fakeNewScripts } from './fake-new-scripts.ts'
import { type FakeNotifications, sampleNotifications } from './fake-notifications.ts'
import { fakePolicies } from './fake-policies.ts'
import { type FakeHistory, fakeHistory } from './fake-runs.ts'
import { type FakeSchedules, fakeSchedules } from './fake-schedules.ts'
import { type FakeSchemas, fakeSchemas, paramsIn } from './fake-schemas.ts'
import { fakeStorage } from './fake-storage.ts'
import { fakeVariables } from './fake-variables.ts'
import { type FakeVersions, fakeVersions } from './fake-versions.ts'
import {
  epoch,
  files,
  iso,
  lastStatuses,
  names,
  param,
  resizeParams,
  run,
  sampleLines,
  script,
  table,
} from './samples.ts'

export interface Fake extends PageDeps {
  storage: ReturnType<typeof fakeStorage>
  host(): HostReport
  allScripts: Script[]
  allRuns: Run[]
  reported: unknown[]
  accounts: FakeAccess['accounts']
  audit: FakeAccess['audit']
  identify: FakeAccess['identify']
  packages: ReturnType<typeof fakeDependencies>
  files: FakeCode
  schedules: FakeSchedules
  told: FakeNotifications
  /** What one act on many runs was asked. */
  batches: FakeHistory['batches']
  /** What `chooseSchema` was asked. */
  chosen: [number, 'script' | 'sidecar'][]
  versions: FakeVersions
  /** Script id → what its policy file holds. */
  policyTexts: Map<string, string>
  schemas: FakeSchemas
  /** Which scripts were to be asked again. */
  rescanned: number[]
}

/** `scripts`: how many there are in all; the first sixteen are the ones above. */
export function createFake({ scripts = names.length }: { scripts?: number } = {}): Fake {
  const allScripts: Script[] = []
  const allRuns: Run[] = []
  for (let i = 0; i < scripts; i++) {
    const [filename, description, tags] = names[i] ?? [`bulk/script_${i}.py`, `Generated number ${i}`, ['bulk']]
    allScripts.push(
      script(i + 1, filename, {
        description,
        tags,
        params: i === 2 ? { images: { type: 'file' } } : i % 3 === 0 ? {} : { a: { type: 'str' } },
      }),
    )
  }
  let id = 48_000
  allScripts.forEach((one, i) => {
    const status = lastStatuses[i % lastStatuses.length]
    if (status === null || status === undefined) return
    const reason = reasons[status] ?? null
    allRuns.push(
      run(id++, one.id, status, {
        reason,
        trigger: i % 2 ? 'api' : 'form',
        queue_position: status === 'queued' ? 3 : null,
        limit: status === 'killed' ? { limit: 'memory', used: 2_254_857_830, max: 2_147_483_648 } : null,
        queued_at: iso(i * 431 + 80),
        started_at: status === 'queued' ? null : iso(i * 431 + 79),
        finished_at: status === 'queued' || status === 'running' ? null : iso(i * 431),
        stderr:
          status === 'failed'
            ? 'Traceback (most recent call last):\n  File "x.py", line 19\nPIL.UnidentifiedImageError: cannot identify image file \'atrium.jpg\'\n'
            : '',
      }),
    )
  })
  allRuns.push(
    run(48_900, 3, 'success', {
      params: { width: 1600, format: 'webp', images: '/data/tmp/atrium.jpg' },
      result: table,
      files,
      queued_at: iso(300),
      started_at: iso(299),
      ...{ queue_ms: 1240, cpu_ms: 61_400, memory_bytes_peak: 224_395_264, processes_peak: 9, output_bytes: 98_304 },
      ...{ content_hash: '5f0c'.repeat(16), environment_hash: '9a3e'.repeat(16), retry_of: 48_002 },
    }),
  )
  for (const one of allScripts) {
    const last = allRuns.findLast(({ script_id }) => script_id === one.id)
    if (last)
      one.last_run = {
        id: last.id,
        status: last.status,
        queued_at: last.queued_at,
        finished_at: last.finished_at,
        duration_ms: last.duration_ms,
      }
  }
  if (allScripts[8])
    Object.assign(allScripts[8], { state: 'error', error: 'Cannot read the schema: No module named "prophet"' })
  if (allScripts[13]) allScripts[13].state = 'inactive'
  const reported: unknown[] = []
  const settings = createSettings({
    db: memoryDatabase(),
    environment: {
      timeout_min: 10,
      base_url: 'https://gateway.example',
      notify_url: 'https://push.example/canary-of-an-address',
    },
    clock: systemClock,
  })
  const policyTexts = new Map<string, string>()
  const { accounts, audit, identify } = fakeAccess({ ...systemClock, now: () => epoch })
  const chosen: Fake['chosen'] = []
  const history = fakeHistory(allRuns, epoch)
  const packages = fakeDependencies(allScripts)
  const told = sampleNotifications()
  const ofCode = fakeCode()
  const rescanned: number[] = []
  const ownParams = (one: Script) => (one.id === 3 ? resizeParams : Object.keys(one.params).map((name) => param(name)))
  const schemas = fakeSchemas((wanted) => {
    const one = find(wanted)
    return one && { script: one, params: ownParams(one) }
  })
  const find = (wanted: string) => allScripts.find((one) => String(one.id) === wanted || one.slug === wanted)

  return {
    allScripts,
    allRuns,
    reported,
    accounts,
    identify,
    audit,
    viewer: callerWith('admin', { name: 'anna' }),
    access: { ...accounts.manage, isRestricted: accounts.restrictions.has },
    chosen,
    batches: history.batches,
    policyTexts,
    scripts: {
      list: () => allScripts,
      find: (wanted) => {
        const found = find(wanted)
        return (
          found && {
            script: found,
            params: paramsIn(schemas.texts.get(found.id)) ?? ownParams(found),
          }
        )
      },
      source: async () =>
        '"""Resize images."""\nimport json\n\n\ndef main() -> None:\n    print(json.dumps({"ok": True, "n": 3}))  # done\n\n\nif __name__ == "__main__":\n    main()\n',
    },
    runs: {
      list: ({ script_id, status, retry_of, isLastAttempt = false, before, after, page_size }) => {
        const matching = allRuns
          .filter(
            (one) =>
              (script_id === undefined || one.script_id === script_id) &&
              (status === undefined || one.status === status) &&
              (retry_of === undefined || one.retry_of === retry_of) &&
              (!isLastAttempt || one.next_attempt_id === null),
          )
          .sort((a, b) => b.id - a.id)
        const page = matching.filter(
          (one) => (before === undefined || one.id < before) && (after === undefined || one.id > after),
        )
        return {
          items: after === undefined ? page.slice(0, page_size) : page.slice(-page_size),
          total: matching.length,
        }
      },
      get: (wanted) => allRuns.find((one) => one.id === wanted),
      ...history,
      attemptsOf: ({ id: own, first_attempt_id }) => {
        const first = first_attempt_id ?? own
        return allRuns.filter((one) => one.id === first || one.first_attempt_id === first)
      },
      sparks: (ids) => new Map(ids.map((one) => [one, sparkOf(one)])),
      active: () => allRuns.filter(({ finished_at }) => finished_at === null),
      cancel: (wanted) =>
        Object.assign(allRuns.find((one) => one.id === wanted)!, {
          status: 'cancelled',
          finished_at: iso(0),
          reason: 'Stopped by a person.',
        }),
      lastResult: (scriptId) =>
        allRuns.findLast(({ script_id, status, result }) => script_id === scriptId && status === 'success' && result) ??
        null,
      log: () => ({
        tail: async (n) => sampleLines.slice(-n),
        before: async (seq, n) => sampleLines.slice(Math.max(0, seq - 1 - n), seq - 1),
      }),
    },
    submit: async (wanted) => {
      const found = find(wanted)!
      const fresh = run(49_000 + allRuns.length, found.id, 'running')
      allRuns.push(fresh)
      return fresh
    },
    chooseSchema: async (wanted, use) => {
      chosen.push([wanted, use])
      Object.assign(find(String(wanted))!, { schema_differs: false, schema_source: use })
    },
    files: ofCode,
    code: ofCode.of(),
    acts: fakeActs(allScripts, allRuns),
    policies: fakePolicies(settings.get, policyTexts),
    schemas,
    rescan: async (wanted) => rescanned.push(wanted),
    rescanned,
    tags: () => countTags(allScripts.map((row) => ({ row }) as unknown as Entry)),
    variables: fakeVariables(),
    versions: fakeVersions(allScripts),
    newScripts: fakeNewScripts(allScripts),
    packages,
    told,
    notifications: told.notifications,
    get dependencies() {
      return packages.as(this.viewer as Caller)
    },
    schedules: fakeSchedules(),
    storage: fakeStorage(),
    gatewayLog: fakeGatewayLog(),
    permission: () => ({ isGiven: () => true, onEnd: () => () => {} }),
    host: () => fakeHost,
    settings,
    baseUrl: () => 'https://gateway.example',
    report: (error) => reported.push(error),
    now: () => epoch,
  }
}

const reasons: Partial<Record<RunStatus, string>> = {
  failed: 'The script ended with exit code 1 after 1 min 22 s',
  timeout: 'Stopped at its limit of 10 min',
  killed: 'It printed more than 1 GiB',
  cancelled: 'Stopped by a person',
  interrupted: 'The gateway stopped',
}

const sparkOf = (id: number) =>
  id === 15
    ? []
    : Array.from({ length: id === 12 ? 11 : 20 }, (_, i) => ({
        status: (i * 7 + id) % 11 === 0 ? 'failed' : (i * 5 + id) % 17 === 0 ? 'timeout' : 'success',
        duration_ms: 400 + ((i * 37 + id * 91) % 900),
      }))

/** A validation error that carries what was posted, as `submit` gives it. */
export const refused = (details: { path: string; message: string }[], values: Record<string, unknown>) =>
  Object.assign(new GatewayError('validation', 'The parameters do not fit.', { details }), { values })

export const fakeHost: HostReport = {
  isolation: {
    ...{ level: 'landlock', reasons: ['bubblewrap: it is not installed (apt install bubblewrap).'], required: false },
    ...{ enforces: ['read', 'write', 'net', 'limits', 'ports', 'run', 'tmp', 'proc', 'user'], user: '50000–59999' },
  },
  limits: {
    ...{ level: null, controllers: [], reason: 'cgroup v2: none is delegated.' },
    otherwise: 'limits of each process (prlimit), and a watch over everything a run started',
  },
}
