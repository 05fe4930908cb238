/** The parts of schedules, joined: what people ask of them, and what starts them. */
import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../clock.ts'
import type { Db } from '../db/open.ts'
import { GatewayError, messageOf } from '../errors.ts'
import type { Feed } from '../http/feed.ts'
import type { Log } from '../log.ts'
import { type Checkpoint, noCheckpoint } from '../logs/checkpoint.ts'
import type { Notify } from '../notify/model.ts'
import type { Runs } from '../runs/runs.ts'
import type { Catalog } from '../scripts/catalog.ts'
import type { Setting } from '../settings/settings.ts'
import type { Vault } from '../variables/vault.ts'
import { createLease } from './lease.ts'
import type { LifeDeps } from './life.ts'
import { createScheduler, type Scheduler } from './scheduler.ts'
import { createSchedules } from './schedules.ts'
import { createScheduleSecrets } from './sealed.ts'
import { createSchedulerStore, type SchedulerStore } from './store.ts'
import { tongueOf } from './times/chinese.ts'
import type { ScheduleChange } from './view-model.ts'

interface SchedulingDeps {
  db: Db
  catalog: Catalog
  vault: Vault
  setting: Setting
  clock: Clock
  log: Log
  runs: Runs
  notify: Notify
  start: LifeDeps['start']
  checkpoint?: Checkpoint
  feed: Pick<Feed, 'publish'>
  /** In which whoever asks reads. */
  language(): string
}

export function createScheduling({ db, catalog, vault, setting, clock, log, runs, notify, ...rest }: SchedulingDeps) {
  const { start, feed, language, checkpoint = noCheckpoint } = rest
  const tell = ({ id, scriptId, what }: ScheduleChange) =>
    feed.publish({ event: 'schedules', data: { id, script_id: scriptId, what } })
  const tongue = () => tongueOf(language())
  const store = telling(createSchedulerStore(db), tell)
  const uptimeMs = () => performance.now()
  const scheduler: Scheduler = createScheduler({
    ...{ store, catalog, setting, log, runs, notify, start, uptimeMs, now: clock.now, random: Math.random },
    checkpoint,
    secrets: createScheduleSecrets(vault),
    lease: createLease({ store, owner: randomUUID(), uptimeMs, isAlive }),
  })
  const schedules = createSchedules({
    ...{ db, catalog, vault, setting, clock, tell, tongue },
    changed: scheduler.changed,
    schedulerStatus: scheduler.status,
    async startNow(id, asker) {
      const row = store.get(id)
      if (!row) throw new GatewayError('not_found', `There is no schedule ${id}.`)
      return { run_id: (await scheduler.runNow(row, asker.name)).id }
    },
  })
  let isStopped = false

  /** The key that parameters were sealed with may be another one now. Script by script: others get their turn. */
  async function recheckAll() {
    for (const { row } of catalog.list()) {
      await nextTurn()
      if (isStopped) return
      schedules.recheck([row.id])
    }
  }

  return {
    schedules,
    scheduler: {
      ...scheduler,
      start() {
        scheduler.start()
        recheckAll().catch((error) => log.warn({ error: messageOf(error) }, 'schedules could not be looked at'))
      },
      stop() {
        isStopped = true
        scheduler.stop()
      },
    },
  }
}

/** What becomes of the times of schedules is told, too; the beginning and the end of runs others tell. */
const telling = (store: SchedulerStore, tell: (change: ScheduleChange) => void): SchedulerStore => ({
  ...store,
  note(row) {
    const noted = store.note(row)
    if (noted && noted.state !== 'claimed') tell({ id: noted.scheduleId, scriptId: noted.scriptId, what: 'due' })
    return noted
  },
  change(id, change) {
    const changed = store.change(id, change)
    if (changed && change.state) tell({ id: changed.scheduleId, scriptId: changed.scriptId, what: 'due' })
    return changed
  },
})

/** Of another process of this machine: one with our own number was another life of it, as in a container. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
