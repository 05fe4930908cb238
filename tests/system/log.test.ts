/** How much the gateway's own log says is a setting like others: it counts at once, and after a restart. */
import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLog } from '../../src/log.ts'
import { startApp } from '../harness/app.ts'
import { tempFolder } from '../harness/folder.ts'

const file = join(tempFolder(), 'gateway.log')
const log = createLog({ file, level: 'info' })
const gateway = await startApp({}, {}, { log })

test.each(['debug', 'error', null])('log_level %p', async (level) => {
  const answer = await gateway.json('/api/settings', {
    method: 'PUT',
    body: JSON.stringify({ log_level: level }),
    headers: { 'content-type': 'application/json' },
  })
  expect(answer.status).toBe(200)
  expect(log.level).toBe(level ?? 'info')
  log.debug(`said at ${level}`)
  expect(readFileSync(file, 'utf8').includes(`said at ${level}`)).toBe(level === 'debug')
})
