/** A log of the gateway that is made up. */
import type { PageDeps } from '../../src/pages/deps.ts'
import { iso } from './samples.ts'

const entries = [
  { level: 30, time: iso(7200), msg: 'Listening', url: 'http://127.0.0.1:8001', version: '1.4.0' },
  { level: 30, time: iso(7199), msg: 'Scripts were scanned', scripts: 16, changed: 3, errors: 1, duration_ms: 214 },
  { level: 20, time: iso(5200), msg: 'GET /api/scripts', status: 200, duration_ms: 2.4 },
  {
    level: 40,
    time: iso(4100),
    msg: 'A schedule was missed',
    schedule_id: 3,
    due_at: iso(4300),
    script: 'nightly/report.py',
  },
  {
    ...{ level: 50, time: iso(3600), msg: 'An installation failed', script: 'media/resize.py', attempts: 2 },
    err: {
      type: 'InstallError',
      message: 'No wheel for <b>rawpy</b>',
      stack: 'InstallError: No wheel\n    at build (builds.ts:101:9)',
    },
  },
  { level: 60, time: iso(900), msg: 'The disk is full', free_bytes: 1024, path: '/data' },
  { msg: '{"level":30,"time":"2026-11-21T03:1' },
  { level: 30, time: iso(12), msg: 'Settings were changed', names: ['timeout_min', 'run_slots'], by: 'anna' },
]

/** `before` is never null for a search, so that there is something older. */
export const fakeGatewayLog = (): PageDeps['gatewayLog'] => ({
  async last({ level, q = '', before }) {
    const atLeast = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 }[level ?? 'trace']
    const items = entries.filter(
      (entry) => (entry.level ?? 60) >= atLeast && JSON.stringify(entry).toLowerCase().includes(q.toLowerCase()),
    )
    return { items, before: before === undefined ? '7-4096' : null, position: '7-8192' }
  },
  async *follow(_, signal) {
    if (signal.aborted) return
    yield { items: [{ level: 40, time: iso(0), msg: 'Something new' }], position: '7-8300', isReset: false }
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  },
})
