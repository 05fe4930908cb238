/** From the wish to stop a run to the end of its last process: a polite one, and one that ignores TERM. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Measure, Row } from '../model.ts'
import { withSidecar } from '../samples.ts'
import { median, timed } from '../stats.ts'

const graceMs = 500
const lateMsMax = 200

const tree = (ignores: boolean) => `import os, signal, subprocess, time
if __name__ == "__main__":
    ${ignores ? 'signal.signal(signal.SIGTERM, signal.SIG_IGN)' : 'pass'}
    for start in (["sleep", "600"], ["setsid", "sleep", "600"]):
        subprocess.Popen(start)
    print("begun", flush=True)
    time.sleep(600)
`

export const stop: Measure = {
  name: 'stop',
  about: 'From cancel to the end of the last process of a run',
  async run(lab) {
    const scriptsDir = lab.scripts({
      ...withSidecar('python/polite.py', tree(false)),
      ...withSidecar('python/deaf.py', tree(true)),
    })
    const dataDir = lab.folder()
    const gateway = await lab.gateway({ scriptsDir, dataDir, env: { KILL_GRACE_SEC: String(graceMs / 1000) } })
    const measure = async (slug: string) => {
      const times: number[] = []
      for (let i = 0; i < (lab.isQuick ? 2 : 8); i++) {
        const { run_id } = JSON.parse(
          await gateway.call(`/api/scripts/${slug}/run?async=1`, { method: 'POST', expected: 202 }),
        )
        while ((await gateway.call(`/api/runs/${run_id}/logs`)) !== 'begun\n') await Bun.sleep(2)
        times.push(
          await timed(async () => {
            await gateway.call(`/api/runs/${run_id}/cancel`, { method: 'POST' })
            while (isAlive(dataDir, run_id)) await Bun.sleep(2)
          }),
        )
      }
      return median(times)
    }
    return [
      row('that ends at TERM', 0, await measure('polite')),
      row('that ignores TERM', graceMs, await measure('deaf')),
    ]
  },
}

const row = (what: string, grace: number, measured: number): Row => ({
  what: `Cancel of a run ${what} to its last process gone, median`,
  unit: 'ms',
  baseline: grace,
  against: 'the grace',
  measured,
  compared: { value: measured - grace, unit: 'ms', how: 'difference' },
  promised: { atMost: lateMsMax },
})

/** Whether any process carries the run's mark. */
function isAlive(dataDir: string, runId: number): boolean {
  const mark = `OUTPUT_DIR=${dataDir}/`
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
        return variables.some((one) => one.startsWith(mark) && one.endsWith(`-${runId}`))
      } catch {
        return false // gone meanwhile
      }
    })
}
