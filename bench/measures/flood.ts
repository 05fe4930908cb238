/** How the gateway grows while a script prints a lot. */
import type { Measure } from '../model.ts'
import { peakRssMb, resetPeak, rssMb } from '../processes.ts'
import { floodParams, floodPython, withSidecar } from '../samples.ts'
import type { Gateway } from '../server.ts'

const [littleMb, muchMb] = [50, 500]
/** Garbage waits for its collector, which makes a peak uncertain by some tens of MB; ten times the output would be 450. */
const growthMbMax = 64

export const flood: Measure = {
  name: 'flood',
  about: `A script prints ${muchMb} MB, beside one that prints ${littleMb} MB`,
  async run(lab) {
    const scriptsDir = lab.scripts(withSidecar('python/flood.py', floodPython, floodParams))
    const gateway = await lab.gateway({ scriptsDir, dataDir: lab.folder() })
    const idleMb = rssMb(gateway.pid)
    const peaks: number[] = []
    for (let i = 0; i < 3; i++) peaks.push(await peakMb(gateway, littleMb))
    const baseline = Math.max(...peaks) - idleMb
    const startedAt = performance.now()
    const measured = (await peakMb(gateway, lab.isQuick ? 2 * littleMb : muchMb)) - idleMb
    lab.note(
      `${lab.isQuick ? 2 * littleMb : muchMb} MB were printed and logged in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
    )
    return [
      {
        what: `Peak memory above idle, ${muchMb} MB printed`,
        unit: 'MB',
        baseline,
        against: `${littleMb} MB printed, highest of 3`,
        measured,
        compared: { value: measured - baseline, unit: 'MB', how: 'difference' },
        promised: { atMost: growthMbMax },
      },
    ]
  },
}

async function peakMb({ pid, call }: Gateway, mb: number): Promise<number> {
  resetPeak(pid)
  await call('/api/scripts/flood/run', {
    method: 'POST',
    body: JSON.stringify({ mb }),
    headers: { 'content-type': 'application/json' },
  })
  return peakRssMb(pid)
}
