/** A command that writes to the audit log beside a running gateway: both go on with one chain. */
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { createAudit } from '../../src/audit/audit.ts'
import { auditBeside } from '../../src/audit/commands.ts'
import { openDatabase } from '../../src/db/open.ts'
import { silentLog } from '../../src/log.ts'
import { eventually, tempFolder } from '../harness/folder.ts'

test('who writes second reads the end of the chain anew, and loses nothing', async () => {
  const file = join(tempFolder(), 'gateway.db')
  const [served, beside] = [openDatabase(file), openDatabase(file)]
  const setting = () => 0 as never
  const gateway = createAudit({ db: served, clock: { now: Date.now }, setting, log: silentLog(), retryMs: 5 })
  const command = auditBeside(beside)
  const tell = ({ record }: Pick<typeof gateway, 'record'>, action: string) => record({ action, caller: null })
  tell(gateway, 'a.one')
  tell(command, 'b.two')
  tell(gateway, 'a.three')
  tell(gateway, 'a.four')
  const all = await eventually('all are written', () => {
    const { items, total } = gateway.list({}, { limit: 10, offset: 0 })
    return total === 4 ? items : undefined
  })
  expect(all.map(({ action }) => action).reverse()).toEqual(['a.one', 'b.two', 'a.three', 'a.four'])
  expect(await gateway.verify()).toMatchObject({ ok: true, entries: 4 })
  for (const audit of [gateway, command]) audit.close()
  for (const db of [served, beside]) db.$client.close()
})
