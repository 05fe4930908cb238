/** The gateway's own log over HTTP. */
import { expect, test } from 'bun:test'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LogPage } from '../../src/system/log-reader.ts'
import { startApp } from '../harness/app.ts'

const line = (n: number) => `${JSON.stringify({ level: [20, 30, 40, 50][n % 4], n, msg: `entry ${n}` })}\n`
const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => line(from + index)).join('')

test('over HTTP: filtered, live, and as a file', async () => {
  const gateway = await startApp()
  const log = join(gateway.dataDir, 'logs/gateway/gateway.log')
  appendFileSync(log, lines(1, 4))
  const { body } = await gateway.json<LogPage>('/api/logs/gateway?lines=2&level=warn&q=entry')
  expect(body.items.map(({ n }) => n)).toEqual([2, 3])
  const response = await fetch(`${gateway.url}/api/logs/gateway/events?after=${body.position}&q=entry+2`)
  appendFileSync(log, lines(20, 21))
  const reader = response.body!.getReader()
  let text = ''
  while (!text.includes('"items"')) text += new TextDecoder().decode((await reader.read()).value)
  await reader.cancel()
  expect(text).toMatch(/\nid: \d+-\d+\nevent: entries\ndata: \{"items":\[\{"level":20,"n":20/)
  const all = await fetch(`${gateway.url}/api/logs/gateway/download`)
  expect(all.headers.get('content-disposition')).toContain('gateway.log')
  expect((await all.text()).endsWith(lines(20, 21))).toBe(true)
})
