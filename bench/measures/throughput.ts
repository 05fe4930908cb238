/** How many runs a second 16 clients get, beside a bare loop that keeps 16 processes going. */
import { join } from 'node:path'
import type { Lab } from '../lab.ts'
import type { Measure, Row } from '../model.ts'
import { trivialJavascript, trivialPython, withSidecar } from '../samples.ts'
import { inParallel, spawnOnce } from '../spawn.ts'
import { timed } from '../stats.ts'

const clients = 16
const percentMin = 90
/** One round of each lasts about two seconds on two cores. */
const runsPerRound = { python: 160, js: 480 }

export const throughput: Measure = {
  name: 'throughput',
  about: `${clients} clients beside a bare loop of ${clients} at a time`,
  async run(lab) {
    const scriptsDir = lab.scripts({
      ...withSidecar('python/hello.py', trivialPython),
      ...withSidecar('js/hello-js.js', trivialJavascript),
    })
    const { call } = await lab.gateway({ scriptsDir, dataDir: lab.folder() })
    const run = (slug: string) => () => call(`/api/scripts/${slug}/run`, { method: 'POST' })
    const python = lab.runtimes.python.command(join(scriptsDir, 'python/hello.py'), [])
    const javascript = [lab.bun, join(scriptsDir, 'js/hello-js.js')]
    return [
      await compare(lab, 'Python', runsPerRound.python, () => spawnOnce(python), run('hello')),
      await compare(lab, 'JavaScript', runsPerRound.js, () => spawnOnce(javascript), run('hello-js')),
    ]
  },
}

type Act = () => Promise<unknown>

/** Several rounds of each in turn, totals compared. */
async function compare(lab: Lab, language: string, count: number, bare: Act, run: Act): Promise<Row> {
  const rounds = lab.isQuick ? 1 : 4
  const round = (act: Act) => timed(() => inParallel(count, clients, act))
  await Promise.all([inParallel(clients * 2, clients, bare), inParallel(clients * 4, clients, run)]) // warm
  let [bareMs, runMs] = [0, 0]
  for (let i = 0; i < rounds; i++) {
    bareMs += await round(bare)
    runMs += await round(run)
  }
  const [baseline, measured] = [(rounds * count * 1000) / bareMs, (rounds * count * 1000) / runMs]
  return {
    what: `${clients} clients run a trivial ${language} script`,
    unit: 'runs/s',
    baseline,
    against: `bare loop, ${clients} at a time`,
    measured,
    compared: { value: (100 * measured) / baseline, unit: '%', how: 'of the baseline' },
    promised: { atLeast: percentMin },
  }
}
