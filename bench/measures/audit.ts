/** What an entry of the audit log costs whoever has it written. */
import { join } from 'node:path'
import { createAudit } from '../../src/audit/audit.ts'
import { systemClock } from '../../src/clock.ts'
import { openDatabase } from '../../src/db/open.ts'
import { silentLog } from '../../src/log.ts'
import type { Measure } from '../model.ts'
import { median } from '../stats.ts'

const entries = 1000
const caller = { kind: 'user', name: 'anna', userId: 7, tokenId: null, address: '10.0.0.9' } as const

export const audit: Measure = {
  name: 'audit',
  about: `${entries} entries of the audit log, beside as many rows without hash and rules`,
  async run(lab) {
    const db = openDatabase(join(lab.folder(), 'gateway.db'))
    const log = createAudit({ db, clock: systemClock, setting: (() => 730) as never, log: silentLog() })
    db.$client.run('CREATE TABLE bare (id INTEGER PRIMARY KEY, at INTEGER, actor TEXT, action TEXT, after TEXT)')
    const insert = db.$client.query('INSERT INTO bare (at, actor, action, after) VALUES (?, ?, ?, ?)')
    const after = { alias: 'Report', tags: ['billing', 'monthly'], description: 'x'.repeat(200) }
    const bareMs: number[] = []
    const auditMs: number[] = []
    for (let round = 0; round < (lab.isQuick ? 5 : 20); round++) {
      bareMs.push(timeOf(() => insert.run(Date.now(), 'anna', 'script.edit', JSON.stringify(after))))
      const object = { type: 'script', id: round, name: 'billing/report.py' }
      auditMs.push(timeOf(() => log.record({ action: 'script.edit', caller, object, status: 200, before: {}, after })))
    }
    log.close()
    db.$client.close()
    const measured = median(auditMs)
    return [
      {
        what: `${entries} entries of the audit log, each its own write`,
        unit: 'ms',
        baseline: median(bareMs),
        against: `${entries} bare inserts`,
        measured,
        compared: { value: measured, unit: 'ms', how: 'as measured' },
        promised: { atMost: 60 },
      },
    ]
  },
}

function timeOf(act: () => void): number {
  const startedAt = performance.now()
  for (let n = 0; n < entries; n++) act()
  return performance.now() - startedAt
}
