/** A hundred at once: each ends, each is counted once, and nothing is left of any of them. */
import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import type { Run } from '../../src/runs/model.ts'
import { javascriptScript, pythonScript, startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { type Answer, post } from './formats.ts'
import { leftovers } from './leftovers.ts'

const gateway = await startApp(
  {
    'js/work.js': `import { readFileSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
${javascriptScript(
  { n: { type: 'int', required: true }, doc: { type: 'file' } },
  `const n = Number(args[1])
writeFileSync(process.env.TMPDIR + '/scratch', 'x')
if (n % 10 === 3) spawn('sleep', ['62.5'], { stdio: 'inherit', detached: true }).unref()
if (n % 10 === 7) process.exit(7)
console.log(JSON.stringify({ n, run: process.env.RUN_ID, doc: readFileSync(args[3], 'utf8') }))`,
)}`,
    'python/slow.py': pythonScript({}, 'time.sleep(60)'),
  },
  { run_slots: 6 },
)
const count = 100

test('a hundred runs with uploads, scratch files and stray children', async () => {
  const answers = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const body = new FormData()
      body.append('n', String(n))
      body.append('doc', new File([`doc ${n}`], 'doc.txt'))
      return gateway.json<Answer>('/api/scripts/work/run', { method: 'POST', body })
    }),
  )
  for (const [n, { status, body }] of answers.entries()) {
    if (n % 10 === 7) expect([status, body.error.type]).toEqual([500, 'script'])
    else expect(body.data).toEqual({ n, run: String(body.run_id), doc: `doc ${n}` })
  }
  expect(new Set(answers.map(({ body }) => body.run_id)).size).toBe(count)

  const { body: page } = await gateway.json<{ items: Run[]; total: number }>('/api/runs?page_size=200')
  expect([page.total, page.items.filter(({ finished_at }) => finished_at === null).length]).toEqual([count, 0])
  expect(page.items.filter(({ status }) => status === 'success').length).toBe(90)
  expect(page.items.filter(({ status, exit_code }) => status === 'failed' && exit_code === 7).length).toBe(10)
  const metrics = await (await gateway.fetch('/metrics')).text()
  expect(metrics).toContain('scriptgateway_runs_finished_total{status="success"} 90')
  expect(metrics).toContain('scriptgateway_runs_finished_total{status="failed"} 10')
  expect(metrics).toContain('scriptgateway_runs_running 0')
  expect(metrics).toContain('scriptgateway_runs_queued 0')

  await eventually('no folder, upload or scratch file is left', () => leftovers(gateway.dataDir).length === 0)
  await eventually('no process is left', () => processesOf(gateway.dataDir).length === 0)
}, 30_000)

test('a hundred that are cancelled while most of them wait', async () => {
  const ids = await Promise.all(
    Array.from(
      { length: count },
      async () => (await post(gateway, 'slow', {}, { prefer: 'respond-async' })).body.run_id,
    ),
  )
  await Promise.all(ids.map((id) => gateway.fetch(`/api/runs/${id}/cancel`, { method: 'POST' })))
  await eventually('all have ended', async () => {
    const { body } = await gateway.json<{ total: number }>('/api/runs?status=cancelled')
    return body.total === count
  })
  expect((await gateway.json('/ready')).body).toMatchObject({ running: 0, queued: 0 })
  await eventually('no process is left', () => processesOf(gateway.dataDir).length === 0)
  await eventually('no folder is left', () => leftovers(gateway.dataDir).length === 0)
}, 30_000)

/** Processes whose OUTPUT_DIR is in this data folder. */
function processesOf(dataDir: string): string[] {
  const mark = `OUTPUT_DIR=${dataDir}/`
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark)
    } catch {
      return false // gone meanwhile
    }
  })
}
