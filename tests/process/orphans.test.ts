/** Whose orphans may be that tell nothing of themselves: by when they were born. The others of this process have higher limits. */
import { afterAll, expect, test } from 'bun:test'
import { childStarted, excessOf, forgetGone } from '../../src/process/orphans.ts'
import { type ProcessStat, readStat } from '../../src/process/proc.ts'

const children: Bun.Subprocess[] = []
afterAll(() => children.map((child) => child.kill('SIGKILL')))

function childWith(processesMax: number) {
  const child = Bun.spawn(['sleep', '60'])
  children.push(child)
  const ended = childStarted(child.pid, { keepsItsOwn: false, processesMax })
  return { ended, bornAt: (ticks: number) => orphan(Number(readStat(child.pid)!.startTime) + ticks) }
}

const orphan = (startTime: number) => ({ pid: 0, startTime: String(startTime) }) as ProcessStat

test('orphans are too many for whoever may have started them, and for nobody who began later', () => {
  const goesOn = childWith(1000)
  const { ended, bornAt } = childWith(2)
  const [before, own] = [[-3, -2, -1].map(bornAt), [1, 2, 3].map(bornAt)]
  const looks = () => [before, [...before, ...own.slice(1)], [...before, ...own]].map(excessOf)
  expect(looks()).toEqual([[], [], own])
  ended()
  forgetGone([])
  expect(looks()).toEqual([[], [], own]) // what it has left may be about to start others
  goesOn.ended()
})
