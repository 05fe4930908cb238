/** Channels and rules that were deleted a moment ago come back, with what went with them but their deliveries. */
import { expect, test } from 'bun:test'
import { GatewayError } from '../../src/errors.ts'
import { createLab, min } from './lab.ts'

const lab = await createLab()
const { notifications } = lab
const script = lab.script('nightly')
const refusal = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    if (error instanceof GatewayError && error.type === 'conflict') return error.message
    throw error
  }
  throw new Error('it was not refused')
}

test('a channel, with its number, its secrets and its rules, once; not its deliveries', async () => {
  const id = lab.channel('ok', 'first')
  const rules = [lab.rule(id), lab.rule(id, { events: ['failure'], max_per_hour: 3 }, script)]
  await notifications.testChannel(id)
  const [channel, ...before] = [notifications.channel(id), ...rules.map(notifications.rule)]
  notifications.removeChannel(id)
  expect([notifications.rules(), lab.listed()]).toEqual([[], []])
  expect(notifications.restoreChannel(id)).toEqual({ ...channel, last: null })
  expect(rules.map(notifications.rule)).toEqual(before)
  expect((await notifications.testChannel(id)).state).toBe('sent')
  lab.finish({ scriptId: script })
  expect(lab.states()).toEqual(['sent', 'pending'])
  expect(refusal(() => notifications.restoreChannel(id))).toContain('too long ago')
  notifications.removeChannel(id)
})

test('of a channel all but what belonged to scripts that are gone', () => {
  const [id, other] = [lab.channel('ok', 'second'), lab.script('other')]
  const [forAll] = [lab.rule(id), lab.rule(id, {}, other)]
  notifications.removeChannel(id)
  lab.db.$client.run(`DELETE FROM scripts WHERE id = ${other}`)
  lab.names.delete(other)
  notifications.restoreChannel(id)
  expect(notifications.rules().map((rule) => rule.id)).toEqual([forAll])
  notifications.removeChannel(id)
})

test('not a channel whose name another one has by now, until that is renamed', () => {
  const id = lab.channel('ok', 'taken')
  notifications.removeChannel(id)
  const other = lab.channel('ok', 'taken')
  expect(refusal(() => notifications.restoreChannel(id))).toContain('another channel "taken"')
  notifications.updateChannel(other, { name: 'renamed' })
  expect(notifications.restoreChannel(id).name).toBe('taken')
})

test('a rule, of its script only, and after its channel', () => {
  const channel = lab.channel('ok', 'third')
  const [id, another] = [lab.rule(channel, { title: 'as it was' }, script), lab.script('another')]
  const before = notifications.rule(id)
  notifications.removeRule(id)
  expect(refusal(() => notifications.restoreRule(another, id))).toContain('too long ago')
  expect(refusal(() => notifications.restoreRule(null, id))).toContain('too long ago')
  notifications.removeChannel(channel)
  expect(refusal(() => notifications.restoreRule(script, id))).toContain('bring that back first')
  notifications.restoreChannel(channel)
  expect(notifications.restoreRule(script, id)).toEqual(before)
  expect(refusal(() => notifications.restoreRule(script, id))).toContain('too long ago')
})

test('nothing after a quarter of an hour, and no rule where there is no more room', () => {
  const channel = lab.channel('ok', 'fourth')
  const full = lab.script('full')
  const ids = Array.from({ length: 100 }, () => lab.rule(channel, {}, full))
  notifications.removeRule(ids[0]!)
  lab.rule(channel, {}, full)
  expect(refusal(() => notifications.restoreRule(full, ids[0]!))).toContain('100 rules already')
  notifications.removeRule(ids[1]!)
  expect(notifications.restoreRule(full, ids[0]!).id).toBe(ids[0]!)
  notifications.removeChannel(channel)
  lab.pass(16 * min)
  expect(refusal(() => notifications.restoreChannel(channel))).toContain('too long ago')
  expect(refusal(() => notifications.restoreRule(full, ids[1]!))).toContain('too long ago')
})
