/** Recording while the database refuses, removal for age, and finding. */
import { Database } from 'bun:sqlite'
import { beforeEach, expect, test } from 'bun:test'
import { eventually } from '../harness/folder.ts'
import { anna, auditLab, dayMs, edit, startMs } from './lab.ts'

let lab = auditLab()
beforeEach(() => {
  lab = auditLab()
})

const ids = () => lab.audit.list({}, { limit: 200, offset: 0 }).items.map(({ object_id }) => object_id)

test('a locked database costs nothing: entries wait, are in the log, and are written in the order of the calls', async () => {
  lab.audit.record(edit(1))
  const other = new Database(lab.file)
  other.run('BEGIN IMMEDIATE')
  for (let id = 2; id <= 5; id++) lab.audit.record(edit(id))
  expect(ids()).toEqual(['1'])
  expect(lab.logged.map(([level]) => level)).toEqual(['warn', 'info', 'info', 'info', 'info'])
  expect(lab.logged[1]?.[1]).toMatchObject({ audit: { action: 'script.edit', objectId: '2' } })
  other.run('COMMIT')
  other.close()
  await eventually('they are written', () => ids().length === 5)
  lab.audit.record(edit(6))
  expect(ids()).toEqual(['6', '5', '4', '3', '2', '1'])
  expect((await lab.audit.verify()).ok).toBeTrue()
})

test('what finds no room to wait is counted, never silent', async () => {
  lab.raw('PRAGMA query_only = ON') // a full or read-only disk, as SQLite sees it
  for (let id = 1; id <= 10_003; id++) lab.audit.record(edit(id))
  lab.raw('PRAGMA query_only = OFF')
  await eventually('they are written', () => ids()[0] === null)
  lab.audit.record(edit(20_000))
  const { items, total } = lab.audit.list({}, { limit: 3, offset: 0 })
  expect(total).toBe(10_002)
  expect(items.map(({ action, object_id, after }) => [action, object_id, after])).toEqual([
    ['script.edit', '20000', expect.anything()],
    ['audit.drop', null, expect.objectContaining({ dropped: '3 entries' })],
    ['script.edit', '10000', expect.anything()],
  ])
  expect((await lab.audit.verify()).ok).toBeTrue()
})

test("an entry inside somebody's transaction is written when that is over, also when it was taken back", async () => {
  expect(() =>
    lab.db.transaction(() => {
      lab.audit.record(edit(1))
      throw new Error('taken back')
    }),
  ).toThrow('taken back')
  lab.audit.record(edit(2))
  await eventually('both are written', () => ids().length === 2)
  expect(ids()).toEqual(['2', '1'])
  expect((await lab.audit.verify()).ok).toBeTrue()
})

test('closing writes what waits', () => {
  lab.db.transaction(() => lab.audit.record(edit(1)))
  lab.audit.close()
  expect(ids()).toEqual(['1'])
})

test('a second log on the same database goes on where the first one ended', async () => {
  lab.audit.record(edit(1))
  const second = lab.open()
  second.record(edit(2))
  lab.audit.record(edit(3)) // finds its number taken, and takes the next one
  await eventually('it is written', () => ids().length === 3)
  expect((await lab.audit.verify()).ok).toBeTrue()
})

test('what is older than audit_days goes from the beginning, and the rest is still proven', async () => {
  for (let id = 1; id <= 1300; id++) lab.audit.record(edit(id))
  lab.clock.nowMs = startMs + 2 * dayMs
  for (let id = 1301; id <= 1310; id++) lab.audit.record(edit(id))
  expect(await lab.audit.prune()).toBe(0)
  lab.settings.audit_days = 1
  expect(await lab.audit.prune()).toBe(1300)
  expect(await lab.audit.verify()).toMatchObject({
    ...{ ok: true, entries: 11, anchor: { removed_to: 1300, at: '2026-11-23T10:00:00.000Z' } },
    head: { id: 1311 },
  })
  const [removal] = lab.audit.list({ action: 'audit' }, { limit: 1, offset: 0 }).items
  expect(removal).toMatchObject({
    actor: 'gateway',
    action: 'audit.remove',
    after: { entries: 1300, removed_to: 1300 },
  })
  expect(() => lab.raw('DELETE FROM audit WHERE id = 1305')).toThrow('append only')
  lab.settings.audit_days = 0
  lab.clock.nowMs += 10 * dayMs
  expect(await lab.audit.prune()).toBe(0)
})

test('at work it prunes by itself, and writes the newest hash to the log of the gateway when it moved', async () => {
  const heads = () => lab.logged.filter(([, , message]) => String(message).startsWith('the newest entry'))
  lab.audit.record(edit(1))
  lab.audit.start()
  await eventually('it is logged', () => heads().length === 1)
  expect(heads()[0]?.[1]).toEqual(lab.audit.head())
  lab.clock.nowMs += 1000 * dayMs
  await eventually('what is old is gone', () => ids().every((id) => id === null))
  await eventually('the new head is logged', () => heads().length === 2)
  expect(heads()[1]?.[1]).toEqual({ id: 2, hash: lab.audit.head().hash })
  lab.audit.close()
})

test('all of it may go, and the next entry follows the anchor', async () => {
  for (let id = 1; id <= 3; id++) lab.audit.record(edit(id))
  lab.clock.nowMs = startMs + 1000 * dayMs
  await lab.audit.prune()
  expect(await lab.audit.verify()).toMatchObject({ ok: true, entries: 1, anchor: { removed_to: 3 }, head: { id: 4 } })
  expect(lab.audit.list({}, { limit: 9, offset: 0 }).items.map(({ action }) => action)).toEqual(['audit.remove'])
})

test('a clock that was set back removes nothing from the middle', async () => {
  lab.clock.nowMs = startMs + 800 * dayMs
  lab.audit.record(edit(1))
  lab.clock.nowMs = startMs
  lab.audit.record(edit(2))
  lab.clock.nowMs = startMs + 801 * dayMs
  expect(await lab.audit.prune()).toBe(0)
  expect((await lab.audit.verify()).ok).toBeTrue()
})

test('entries that are removed while the log is read are no fault', async () => {
  for (let id = 1; id <= 3000; id++) lab.audit.record(edit(id))
  lab.clock.nowMs = startMs + 1000 * dayMs
  const verdict = lab.audit.verify()
  await lab.audit.prune()
  expect(await verdict).toMatchObject({ ok: true, anchor: { removed_to: 3000 } })
})

test.each<[string, Parameters<typeof lab.audit.list>[0], string[]]>([
  ['everything', {}, ['4', '3', '2', '1']],
  ['a time', { from: startMs + 2000, to: startMs + 3000 }, ['3', '2']],
  ['a user by number', { user: '8' }, ['2']],
  ['a user by part of the name, whatever its case', { user: 'ANN' }, ['4', '1']],
  ['no pattern but a text', { user: '%' }, []],
  ['an action', { action: 'run.start' }, ['3']],
  ['all actions of a kind', { action: 'script' }, ['4', '2', '1']],
  ['no action that only begins so', { action: 'scr' }, []],
  ['an object', { objectType: 'script', objectId: '2' }, ['2']],
  ['text in what came after', { q: 'needle_' }, ['4']],
  ['all of several words, in whatever part', { q: ' ANNA  needle script.ed ' }, ['4']],
  ['not one of several words', { q: 'bert needle' }, []],
  ['very many words', { q: 'anna '.repeat(5000) }, ['4', '1']],
  ['text that is nowhere', { q: "' OR 1=1 --" }, []],
])('finds %s', (_, filter, expected) => {
  const bert = { ...anna, name: 'bert', userId: 8 }
  const events = [
    edit(1),
    edit(2, { caller: bert }),
    edit(3, { caller: null, action: 'run.start' }),
    edit(4, { after: { x: 'Needle_1' } }),
  ]
  for (const event of events) {
    lab.clock.nowMs += 1000
    lab.audit.record(event)
  }
  const { items, total } = lab.audit.list(filter, { limit: 10, offset: 0 })
  expect(items.map(({ object_id }) => object_id)).toEqual(expected)
  expect(total).toBe(expected.length)
})
