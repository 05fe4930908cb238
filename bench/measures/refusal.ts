/** What a request costs whose parameters do not fit. */
import type { Measure } from '../model.ts'
import { trivialPython, withSidecar } from '../samples.ts'
import { median, timed } from '../stats.ts'

const warmups = 100
const refusalMsMax = 1

export const refusal: Measure = {
  name: 'refusal',
  about: 'A refused request (422) beside /health',
  async run(lab) {
    const params = { width: { type: 'int', required: true, min: 1 }, title: { type: 'str' } }
    const scriptsDir = lab.scripts(withSidecar('python/sized.py', trivialPython, params))
    const { call } = await lab.gateway({ scriptsDir, dataDir: lab.folder() })
    const body = JSON.stringify({ width: 'wide', title: 'x' })
    const wrong = { method: 'POST', body, headers: { 'content-type': 'application/json' }, expected: 422 }
    const [healthMs, refusedMs]: [number[], number[]] = [[], []]
    const pairs = lab.isQuick ? 50 : 500
    for (let i = 0; i < pairs + warmups; i++) {
      const health = await timed(() => call('/health'))
      const refused = await timed(() => call('/api/scripts/sized/run', wrong))
      if (i < warmups) continue
      healthMs.push(health)
      refusedMs.push(refused)
    }
    const measured = median(refusedMs)
    return [
      {
        what: 'A request refused with 422, median round trip',
        unit: 'ms',
        baseline: median(healthMs),
        against: 'GET /health',
        measured,
        compared: { value: measured, unit: 'ms', how: 'itself' },
        promised: { atMost: refusalMsMax },
      },
    ]
  },
}
