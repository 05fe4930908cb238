/** Schedules over a real database and catalog, with a clock in hand; nothing is started. */
import { afterAll } from 'bun:test'
import { join } from 'node:path'
import { options } from '../../src/config.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { Problem } from '../../src/errors.ts'
import { GatewayError } from '../../src/errors.ts'
import { createRuntimes } from '../../src/runtimes/runtimes.ts'
import { createSchedules } from '../../src/schedules/schedules.ts'
import type { ScheduleChange } from '../../src/schedules/view-model.ts'
import { createCatalog } from '../../src/scripts/catalog.ts'
import type { ArgsMap } from '../../src/scripts/model.ts'
import { createScriptStore, type NewScript } from '../../src/scripts/store.ts'
import type { Setting } from '../../src/settings/settings.ts'
import { createVault } from '../../src/variables/vault.ts'
import { tempFolder } from '../harness/folder.ts'

export const asker = { name: 'anna' }

/** Thursday, 4 March 2027, noon in UTC. */
export const noon = Date.parse('2027-03-04T12:00:00Z')

export function createLab(given: Record<string, unknown> = {}) {
  const folder = tempFolder()
  const db = openDatabase(join(folder, 'gateway.db'))
  afterAll(() => db.$client.close())
  const store = createScriptStore(db)
  const python = { problem: 'is not needed here' } as Parameters<typeof createRuntimes>[0]['python']
  const runtimes = createRuntimes({ python, bun: process.execPath })
  const catalog = createCatalog({ store, runtimes, scriptsDir: folder })
  const clock = { time: noon, now: () => clock.time }
  const setting = ((name: keyof typeof options) => given[name] ?? options[name].default) as Setting
  const told: number[][] = []
  const shown: ScheduleChange[] = []
  const started: unknown[] = []
  const dice = { value: 0 }
  const schedules = createSchedules({
    ...{ db, catalog, setting, clock, vault: createVault({ key: new Uint8Array(32) }) },
    changed: (ids) => void told.push(ids),
    startNow: async (id, by) => ({ run_id: started.push([id, by]) }),
    schedulerStatus: () => ({ is_scheduling: true, problem: null, is_paused: false, other: null }),
    random: () => dice.value,
    tell: (change) => void shown.push(change),
  })
  let scripts = 0

  return {
    ...{ db, folder, catalog, schedules, clock, told, shown, started, dice },
    /** Answers its id. */
    script(params: ArgsMap, rest: Partial<NewScript> = {}): number {
      const filename = `script${++scripts}.js`
      const row = { runtime: 'js' as const, filename, slug: filename.slice(0, -3), params, createdAt: 1, updatedAt: 1 }
      const { id } = store.insert({ ...row, ...rest })
      catalog.refresh([id])
      return id
    },
    change(id: number, changes: Partial<NewScript>) {
      store.update(id, changes as Parameters<typeof store.update>[1])
      catalog.refresh([id])
    },
  }
}

/** What is refused, as it is told; fails where nothing is. */
export function problemsOf(act: () => unknown): Problem[] {
  return refusalOf(act).details
}

export function refusalOf(act: () => unknown): GatewayError {
  try {
    act()
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
  throw new Error('it was accepted')
}
