/** How the gateway grows while a script prints a lot. */
import type { Measure } from '../model.ts'
import { peakRssMb, resetPeak, rssMb } from '../processes.ts'
import { floodParams, floodPython, withSidecar } from '../samples.ts'
import type { Gateway } from '../server.ts'

const [littleMb, muchMb] = [50, 500]
/** Ten times the output may not cost more than this on top. */
const growthMbMax = 16

export const flood: Measure = {
  name: 'flood',
  about: `A script prints ${muchMb} MB, beside one that prints ${littleMb} MB`,
  async run(lab) {
    const scriptsDir = lab.scripts(withSidecar('python/flood.py', floodPython, floodParams))
    const gateway = await lab.gateway({ scriptsDir, dataDir: lab.folder() })
    await grownMb(gateway, littleMb) // what is only reserved once
    const baseline = await grownMb(gateway, littleMb)
    const startedAt = performance.now()
    const measured = await grownMb(gateway, lab.isQuick ? 2 * littleMb : muchMb)
    lab.note(
      `${lab.isQuick ? 2 * littleMb : muchMb} MB were printed and logged in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
    )
    return [
      {
        what: `Memory at its peak above what it was before, ${muchMb} MB printed`,
        unit: 'MB',
        baseline,
        against: `${littleMb} MB printed`,
        measured,
        compared: { value: measured - baseline, unit: 'MB', how: 'difference' },
        promised: { atMost: growthMbMax },
      },
    ]
  },
}

async function grownMb({ pid, call }: Gateway, mb: number): Promise<number> {
  const before = rssMb(pid)
  resetPeak(pid)
  await call('/api/scripts/flood/run', {
    method: 'POST',
    body: JSON.stringify({ mb }),
    headers: { 'content-type': 'application/json' },
  })
  return peakRssMb(pid) - before
}
