import { afterAll, expect, test } from 'bun:test'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createJournal, killJournaled } from '../../src/process/journal.ts'
import { readStat } from '../../src/process/proc.ts'
import { eventually, tempFolder } from '../harness/folder.ts'

const folder = tempFolder()
let count = 0
const newFile = () => join(folder, `pids-${++count}`)
const children: Bun.Subprocess[] = []
afterAll(() => {
  for (const child of children)
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // gone, as it should be
    }
})

/** A session leader that leaves a child without an environment, and its pid. */
async function startSession(): Promise<{ leader: Bun.Subprocess; orphan: number }> {
  const leader = Bun.spawn(['sh', '-c', 'env -i sleep 300 & echo $!; wait'], { stdout: 'pipe', detached: true })
  children.push(leader)
  const { value } = await leader.stdout.getReader().read()
  return { leader, orphan: Number(new TextDecoder().decode(value)) }
}
const isGone = (pid: number) =>
  eventually(
    `process ${pid} is gone`,
    () =>
      [undefined, null].includes(readStat(pid)?.startTime as never) ||
      readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z'),
  )

test('a child without the mark is ended by its session, also when the leader has gone', async () => {
  const { leader, orphan } = await startSession()
  const file = newFile()
  createJournal(file).add(leader.pid)
  leader.kill('SIGKILL')
  await leader.exited
  expect(killJournaled(file)).toBe(1)
  await isGone(orphan)
})

test('a pid that came back for somebody else is left alone', async () => {
  const { leader, orphan } = await startSession()
  const file = newFile()
  writeFileSync(file, `${leader.pid} ${Number(readStat(leader.pid)?.startTime) - 1}\n`)
  expect(killJournaled(file)).toBe(0)
  writeFileSync(file, `${leader.pid} ${Number(readStat(leader.pid)?.startTime) + 1}\n`)
  expect(killJournaled(file)).toBe(0)
  expect([leader.exitCode, readStat(orphan)?.pid]).toEqual([null, orphan])
})

test.each([
  ['no file', null],
  ['an empty file', ''],
  ['half a line, cut by the kill', '12'],
  ['a line that is none', 'x\n\n1 2 3\n'],
])('%s ends nobody', (_, text) => {
  const file = newFile()
  if (text !== null) writeFileSync(file, text)
  expect(killJournaled(file)).toBe(0)
})

test('the file stays small, and keeps who is alive', () => {
  const file = newFile()
  const journal = createJournal(file)
  journal.add(process.pid)
  for (let i = 0; i < 5000; i++) {
    journal.add(1)
    journal.remove(1)
  }
  expect(readFileSync(file, 'utf8').split('\n').length).toBeLessThan(1100)
  expect(readFileSync(file, 'utf8')).toStartWith(`${process.pid} ${readStat(process.pid)?.startTime}\n`)
  appendFileSync(file, 'torn')
  journal.close()
})
