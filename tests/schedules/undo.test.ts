/** What was deleted a moment ago comes back, and whoever shows schedules is told of each change. */
import { expect, test } from 'bun:test'
import { tongueOf } from '../../src/schedules/times/chinese.ts'
import { describeTiming } from '../../src/schedules/times/describe.ts'
import { asker, createLab, refusalOf } from './service-lab.ts'

const lab = createLab()
const { schedules } = lab
const script = lab.script({ token: { flag: '--token', type: 'str', required: true, secret: true } as never })
const made = () =>
  schedules.create(script, { cron_expression: 'every day at 9', timezone: 'UTC', params: { token: 'hush' } }, asker)

test('with its number and its secrets, once, and of its script only', () => {
  const other = lab.script({})
  const one = made()
  schedules.remove(script, one.id)
  expect(refusalOf(() => schedules.restore(other, one.id)).type).toBe('conflict')
  expect(schedules.restore(script, one.id)).toEqual(one)
  expect(schedules.get(script, one.id).problems).toEqual([])
  expect(refusalOf(() => schedules.restore(script, one.id)).type).toBe('conflict')
})

test('not after a quarter of an hour', () => {
  const one = made()
  schedules.remove(script, one.id)
  lab.clock.time += 16 * 60_000
  expect(refusalOf(() => schedules.restore(script, one.id)).message).toContain('too long ago')
})

test('not where there is no more room', () => {
  const full = lab.script({})
  const ids = Array.from({ length: 100 }, () => schedules.create(full, { cron_expression: '0 9 * * *' }, asker).id)
  schedules.remove(full, ids[0]!)
  schedules.create(full, { cron_expression: '0 9 * * *' }, asker)
  expect(refusalOf(() => schedules.restore(full, ids[0]!)).message).toContain('100 schedules already')
  schedules.remove(full, ids[1]!)
  expect(schedules.restore(full, ids[0]!).id).toBe(ids[0]!)
})

test('with what the script takes by now: a value that has become a secret is not shown', () => {
  const own = lab.script({ word: { flag: '--word', type: 'str' } as never })
  const { id } = schedules.create(own, { cron_expression: '0 9 * * *', params: { word: 'hush' } }, asker)
  schedules.remove(own, id)
  lab.change(own, { params: { word: { flag: '--word', type: 'str', secret: true } } } as never)
  const back = schedules.restore(own, id)
  expect([JSON.stringify(back).includes('hush'), back.problems]).toEqual([false, []])
})

test('whoever shows them is told', () => {
  lab.shown.length = 0
  const { id } = made()
  schedules.update(script, id, { enabled: false })
  schedules.remove(script, id)
  schedules.restore(script, id)
  expect(lab.shown.map(({ what }) => what)).toEqual(['added', 'changed', 'removed', 'added'])
  expect(lab.shown.every((one) => one.id === id && one.scriptId === script)).toBe(true)
})

test.each([
  ['30 9 * * 1-5', '每个工作日 09:30'],
  ['*/15 * * * *', '每 15 分钟'],
  ['* * * * *', '每分钟'],
  ['0 9-17 * * 1-5', '每个工作日 09:00 至 17:00 每小时'],
  ['5,35 * * * *', '每小时的第 5、35 分'],
  ['0 0 1,15 * *', '每月1日、15日 00:00'],
  ['0 8 24 12 *', '每年12月24日 08:00'],
  ['0 0 L * *', '每月最后一天 00:00'],
  ['0 9 * * 1#1', '每月第一个周一 09:00'],
  ['0 9 15W 3,6 *', '每年3、6月离15日最近的工作日 09:00'],
  ['0 9 1-7 * +MON', '每月1日至7日且为周一时 09:00'],
  ['0 9 13 * 5', '每月13日、每个周五 09:00'],
  ['0 9 * * 1,3 | 30 18 * * *', '每周一、三 09:00；每天 18:30'],
  ['1-59/7 2-20/3 * * *', '每隔 7 分钟，在整点后的第 1 到 59 分钟，每隔 3 小时，在 02:00 和 20:59 之间'],
])('%s in Chinese', (cron, words) => {
  expect(describeTiming({ kind: 'cron', cron }, 'UTC', tongueOf('zh-CN'))).toBe(words)
})

test('once, and counted, in Chinese', () => {
  const [at, chinese] = [Date.parse('2027-03-14T09:00:00Z'), tongueOf('zh-CN')]
  expect(describeTiming({ kind: 'once', at }, 'Europe/Berlin', chinese)).toBe('仅一次：2027-03-14 周日 10:00 CET')
  expect(describeTiming({ kind: 'every', everyMs: 5_400_000, anchorAt: at }, 'UTC', chinese)).toBe(
    '每 90 分钟，自 2027-03-14 周日 09:00 UTC 起计',
  )
})
