/** The chain: what is recorded cannot be changed unseen, and anybody can make the hashes again. */
import { beforeEach, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalJson } from '../../src/audit/canonical.ts'
import { toEntry } from '../../src/audit/chain.ts'
import { auditCommand } from '../../src/audit/commands.ts'
import { failureOf } from '../harness/failure.ts'
import { anna, auditLab, edit } from './lab.ts'

let lab = auditLab()
beforeEach(() => {
  lab = auditLab()
})

const circle: Record<string, unknown> = { a: 1 }
circle.self = circle

test.each<[string, unknown, string]>([
  ['members in their order, whatever theirs was', { b: 1, a: { d: [], c: null } }, '{"a":{"c":null,"d":[]},"b":1}'],
  ['numbers as RFC 8785 writes them', [1e21, 1.0, -0, 0.1, 1e-7], '[1e+21,1,0,0.1,1e-7]'],
  ['no number that JSON lacks', [Number.NaN, Number.POSITIVE_INFINITY], '[null,null]'],
  ['undefined is left out, null in lists', { a: undefined, b: [undefined, () => 1] }, '{"b":[null,null]}'],
  ['times, and large numbers, as texts', { at: new Date(0), n: 5n }, '{"at":"1970-01-01T00:00:00.000Z","n":"5"}'],
  ['half of a surrogate pair', 'a\ud800', '"a\ufffd"'],
  ['control characters as escapes', 'a\nb\u0000', '"a\\nb\\u0000"'],
  ['what holds itself', circle, '{"a":1,"self":"part of itself"}'],
  [
    'what cannot be read',
    Object.defineProperty({}, 'x', {
      enumerable: true,
      get() {
        throw new Error('no')
      },
    }),
    '"unreadable: no"',
  ],
  ['nothing', undefined, 'null'],
])('canonical JSON: %s', (_, value, text) => {
  expect(canonicalJson(value)).toBe(text)
})

test('entries are numbered without gaps, each after the one before, and the log is whole', async () => {
  for (let id = 1; id <= 1200; id++) lab.audit.record(edit(id))
  const { items, total } = lab.audit.list({}, { limit: 2, offset: 0 })
  expect([total, items.map(({ id }) => id)]).toEqual([1200, [1200, 1199]])
  expect(items[0]).toEqual({
    ...{ id: 1200, at: '2026-11-21T10:00:00.000Z', actor: 'anna', actor_kind: 'user', user_id: 7, token_id: null },
    ...{
      address: '10.0.0.9',
      action: 'script.edit',
      object_type: 'script',
      object_id: '1200',
      object_name: 's1200.py',
    },
    ...{ status: 200, before: { tags: [] }, after: { n: 1200, tags: ['x'] }, hash: items[0]!.hash },
  })
  const { ok, entries, first_wrong, anchor, head } = await lab.audit.verify()
  expect({ ok, entries, first_wrong, anchor, head }).toEqual({
    ...{ ok: true, entries: 1200, first_wrong: null, anchor: null },
    head: { id: 1200, hash: items[0]!.hash },
  })
})

test('an empty log is whole', async () => {
  expect(await lab.audit.verify()).toMatchObject({ ok: true, entries: 0, head: { id: 0 } })
})

test('another program makes the same hashes from the exported lines', async () => {
  lab.audit.record(
    edit(1, { object: { type: 'script', id: 1, name: 'grün\n😀.py' }, after: { x: 'a\u0001"\\\u2028é' } }),
  )
  lab.audit.record({ action: 'gateway.start', caller: null })
  lab.audit.record(edit(3, { caller: { ...anna, kind: 'token', tokenId: 4 }, before: [1, null, true], after: 'y' }))
  const lines: string[] = []
  for await (const batch of lab.audit.batches({})) lines.push(...batch.map((entry) => JSON.stringify(entry)))
  writeFileSync(join(lab.folder, 'audit.jsonl'), `${lines.join('\n')}\n`)
  writeFileSync(
    join(lab.folder, 'check.py'),
    `import hashlib, json, sys
previous = "0" * 64
for line in open(sys.argv[1], encoding="utf-8"):
    entry = json.loads(line)
    given = entry.pop("hash")
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    previous = hashlib.sha256((previous + text).encode()).hexdigest()
    assert previous == given, entry["id"]
print(previous)
`,
  )
  const { stdout, stderr } = Bun.spawnSync(['python3', join(lab.folder, 'check.py'), join(lab.folder, 'audit.jsonl')])
  expect([stderr.toString(), stdout.toString().trim()]).toEqual(['', lab.audit.head().hash])
})

test.each<[string, string, number]>([
  ['a value', "UPDATE audit SET after = '{}' WHERE id = 5", 5],
  ['who did it', "UPDATE audit SET actor = 'bert' WHERE id = 5", 5],
  ['when', 'UPDATE audit SET at = at + 1 WHERE id = 5', 5],
  ['a status', 'UPDATE audit SET status = 403 WHERE id = 5', 5],
  ['a time that is none', "UPDATE audit SET at = 'noon' WHERE id = 5", 5],
  ['a value that is no JSON', "UPDATE audit SET before = '{' WHERE id = 5", 5],
  [
    'a value that takes the place of its neighbour',
    `UPDATE audit SET after = after || ',"at":"' || '2026-11-21T10:00:00.000Z' || '","before":' || before, before = NULL WHERE id = 5`,
    5,
  ],
  ['its hash as well', "UPDATE audit SET after = '{}', hash = 'f00' WHERE id = 5", 5],
  ['one is removed', 'DELETE FROM audit WHERE id = 5', 5],
  ['the first is removed', 'DELETE FROM audit WHERE id = 1', 1],
  ['the newest is removed', 'DELETE FROM audit WHERE id = 9', 9],
  ['all are removed', 'DELETE FROM audit', 1],
  [
    'one is removed and the others move up',
    'DELETE FROM audit WHERE id = 5; UPDATE audit SET id = id - 1 WHERE id > 5',
    5,
  ],
  [
    'two change places',
    'UPDATE audit SET id = 99 WHERE id = 5; UPDATE audit SET id = 5 WHERE id = 6; UPDATE audit SET id = 6 WHERE id = 99',
    5,
  ],
  [
    'one is written between',
    "UPDATE audit SET id = id + 1000 WHERE id > 4; UPDATE audit SET id = id - 999 WHERE id > 1000; INSERT INTO audit SELECT 5, at, 'x', actor_kind, user_id, token_id, address, action, object_type, object_id, object_name, status, before, after, previous_hash, hash FROM audit WHERE id = 4",
    5,
  ],
  [
    'one is written at the end',
    "INSERT INTO audit (id, at, actor, actor_kind, action, previous_hash, hash) VALUES (10, 0, 'x', 'user', 'y', '', '')",
    10,
  ],
  ['the beginning is cut off without its anchor', 'DELETE FROM audit WHERE id < 4', 1],
  ['the anchor says otherwise', "INSERT INTO audit_anchor VALUES (1, 3, 'f00', 0); DELETE FROM audit WHERE id < 4", 4],
])('found, and by the command too: %s', async (_, sql, firstWrong) => {
  for (let id = 1; id <= 9; id++) lab.audit.record(edit(id))
  expect(await lab.audit.verify()).toMatchObject({ ok: true, entries: 9 })
  lab.tamper(sql)
  const said: string[] = []
  expect(await lab.audit.verify()).toMatchObject({ ok: false, first_wrong: firstWrong })
  expect(await auditCommand(['verify'], lab.folder, (line) => said.push(line))).toBe(1)
  expect(said.join('\n')).toContain(`Entry ${firstWrong} `)
})

test('entries that were cut off at the end stay found when others follow', async () => {
  for (let id = 1; id <= 9; id++) lab.audit.record(edit(id))
  lab.tamper('DELETE FROM audit WHERE id > 7')
  lab.open().record(edit(10))
  expect(await lab.audit.verify()).toMatchObject({ ok: false, first_wrong: 8, head: { id: 10 } })
})

test.each([
  ['an update', "UPDATE audit SET actor = 'x' WHERE id = 1"],
  ['a delete', 'DELETE FROM audit WHERE id = 1'],
  ['a delete of everything', 'DELETE FROM audit'],
  ['a replace', 'REPLACE INTO audit SELECT * FROM audit WHERE id = 1'],
  ['an upsert', "INSERT INTO audit SELECT * FROM audit WHERE id = 1 ON CONFLICT (id) DO UPDATE SET actor = 'x'"],
  [
    'a number before the last',
    "INSERT INTO audit (id, at, actor, actor_kind, action, previous_hash, hash) VALUES (-5, 0, '', '', '', '', '')",
  ],
  [
    'no number',
    "INSERT INTO audit (at, actor, actor_kind, action, previous_hash, hash) VALUES (0, '', '', '', '', '')",
  ],
])('the database itself refuses %s', async (_, sql) => {
  lab.audit.record(edit(1))
  lab.audit.record(edit(2))
  expect(() => lab.raw(sql)).toThrow('append only')
  expect(await lab.audit.verify()).toMatchObject({ ok: true, entries: 2 })
})

test('the command says that a whole log is whole, and what it was asked wrongly', async () => {
  lab.audit.record(edit(1))
  const said: string[] = []
  expect(await auditCommand(['verify'], lab.folder, (line) => said.push(line))).toBe(0)
  expect(said).toEqual([expect.stringContaining('whole: 1 entries'), expect.stringContaining(lab.audit.head().hash)])
  expect(await failureOf(auditCommand([], lab.folder, () => {}))).toContain('audit verify')
  expect(await failureOf(auditCommand(['verify'], join(lab.folder, 'no'), () => {}))).toContain('DATA_DIR')
})

test('names cannot write lines or turn text around, and long ones are cut', () => {
  lab.audit.record(
    edit(1, { caller: { ...anna, name: 'a\nb\u202ec' }, object: { type: 'file', name: 'x'.repeat(5000) } }),
  )
  const [entry] = lab.audit.list({}, { limit: 1, offset: 0 }).items
  expect(entry).toMatchObject({ actor: 'a\\u000ab\\u202ec', object_id: null })
  expect(entry?.object_name).toEndWith('x… (cut, 5000 characters)')
})

test('values over 16 KiB are cut and say so', async () => {
  lab.audit.record(edit(1, { after: { text: 'ä'.repeat(10_000) } }))
  const [entry] = lab.audit.list({}, { limit: 1, offset: 0 }).items
  expect(entry?.after).toMatchObject({
    cut: '20011 bytes of JSON; at most 16384 are kept',
    beginning: expect.stringContaining('{"text":"ää'),
  })
  expect((await lab.audit.verify()).ok).toBeTrue()
})

test('an entry is as it was hashed, whatever its columns hold', () => {
  const row = { id: 1, at: 0, actor: 'a', actorKind: 'k', userId: null, tokenId: null, address: null, action: 'x' }
  const rest = { objectType: null, objectId: null, objectName: null, status: null, previousHash: '', hash: 'h' }
  expect(toEntry({ ...row, ...rest, before: null, after: '[1]' })).toMatchObject({ before: null, after: [1] })
})
