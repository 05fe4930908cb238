/** What a start costs after a gateway that died with ten thousand runs unfinished, and what as many cost that wait. */
import { Database } from 'bun:sqlite'
import { join } from 'node:path'
import type { Measure, Row } from '../model.ts'
import { rssMb } from '../processes.ts'
import { withSidecar } from '../samples.ts'
import { type Gateway, until } from '../server.ts'

const runsCount = 10_000
const recoveryMsMax = 1000
const queuedMbMax = 80

const endless = 'import time\nif __name__ == "__main__":\n    time.sleep(600)\n'

export const recovery: Measure = {
  name: 'recovery',
  about: `${runsCount} runs that a gateway that died left, and as many that wait`,
  async run(lab) {
    const scriptsDir = lab.scripts(withSidecar('python/endless.py', endless))
    const options = {
      scriptsDir,
      dataDir: lab.folder(),
      env: { RUN_SLOTS: '1', QUEUE_LENGTH_MAX: '20000', KILL_GRACE_SEC: '0.1' },
    }
    const first = await lab.gateway(options)
    const emptyMb = rssMb(first.pid)
    await queueMany(first)
    const queuedMb = rssMb(first.pid)
    await first.stop()

    const second = await lab.gateway(options)
    const { queued, running } = JSON.parse(await second.call('/ready')) as { queued: number; running: number }
    await second.stop()

    const usual = await startMs()
    const database = new Database(join(options.dataDir, 'gateway.db'))
    database.run("UPDATE runs SET status = 'running', started_at = queued_at, request = NULL WHERE status = 'queued'")
    database.close()
    const recovering = await startMs()
    const rows: Row[] = [
      {
        what: `Start to the first 200 on /health with ${runsCount} unfinished rows`,
        unit: 'ms',
        baseline: usual,
        against: 'the same start with as many that wait',
        measured: recovering,
        compared: { value: recovering, unit: 'ms', how: 'itself' },
        promised: { atMost: recoveryMsMax },
      },
      {
        what: `Memory of the gateway with ${runsCount} queued runs`,
        unit: 'MB',
        baseline: emptyMb,
        against: 'the same gateway before',
        measured: queuedMb,
        compared: { value: queuedMb - emptyMb, unit: 'MB', how: 'difference' },
        promised: { atMost: queuedMbMax },
      },
      {
        what: 'Queued runs that are there after a restart',
        unit: 'runs',
        baseline: runsCount,
        against: 'as many as were accepted',
        measured: queued + running, // the interrupted one gave its slot away
        compared: { value: (queued + running) / runsCount, unit: 'ratio', how: 'share' },
        promised: { atLeast: 1 },
      },
    ]
    return rows

    async function startMs() {
      const gateway = await lab.gateway({ ...options, waitsUntilReady: false })
      await until(`${gateway.url}/ready`, { exitCode: null })
      await gateway.stop()
      return gateway.startMs
    }
  },
}

/** One takes the only slot. */
async function queueMany({ call }: Gateway) {
  const start = () => call('/api/scripts/endless/run?async=1', { method: 'POST', expected: 202 })
  await start()
  for (let left = runsCount; left > 0; left -= 50) await Promise.all(Array.from({ length: 50 }, start))
}
