/** Expressions that are joined by `|` are due when any of them is, in whatever order they are asked, and on whatever clock. */
import { expect, test } from 'bun:test'
import { nextAfter } from '../../../src/schedules/times/next.ts'

const texts = ['*/7 * * * *', '30 2 * * *', '0 0 29 2 +1', '0 0 31 2 *']
const zones = ['UTC', 'Europe/Berlin', 'America/New_York']
const bounds = { startsAt: null, endsAt: null }

test('what was found for one question is no answer to another', () => {
  const from = Date.parse('2027-03-27T00:00:00Z')
  for (let question = 0; question < 600; question++) {
    const after = from + Math.floor(Math.random() * 3 * 86_400_000)
    const timezone = zones[question % 3]!
    const next = (cron: string) => nextAfter({ timing: { kind: 'cron', cron }, timezone, ...bounds }, after)
    const each = texts.slice(0, 3).map((text) => next(text)!)
    expect([timezone, after, next(texts.join(' | '))]).toEqual([timezone, after, Math.min(...each)])
  }
})
