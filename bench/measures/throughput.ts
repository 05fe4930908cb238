/** How many runs a second 16 clients get, beside a bare loop that keeps 16 processes going. */
import { join } from 'node:path'
import type { Lab } from '../lab.ts'
import type { Measure, Row } from '../model.ts'
import { trivialJavascript, trivialPython, withSidecar } from '../samples.ts'
import { inParallel, spawnOnce } from '../spawn.ts'
import { median, timed } from '../stats.ts'

const clients = 16
const percentMin = 90
/** A round lasts about a second on two cores: short, so that the two of a pair meet the same machine. */
const runsPerRound = { python: 48, js: 320 }
const pairs = 9

export const throughput: Measure = {
  name: 'throughput',
  about: `${clients} clients beside a bare loop of ${clients} at a time`,
  async run(lab) {
    const scriptsDir = lab.scripts({
      ...withSidecar('python/hello.py', trivialPython),
      ...withSidecar('js/hello-js.js', trivialJavascript),
    })
    const { call } = await lab.gateway({ scriptsDir, dataDir: lab.folder(), env: { ISOLATION: 'plain' } })
    const run = (slug: string) => () => call(`/api/scripts/${slug}/run`, { method: 'POST' })
    const python = lab.runtimes.python.command(join(scriptsDir, 'python/hello.py'), [])
    const javascript = [lab.bun, join(scriptsDir, 'js/hello-js.js')]
    return [
      await compare(lab, 'Python', runsPerRound.python, () => spawnOnce(lab.limited(python)), run('hello')),
      await compare(lab, 'JavaScript', runsPerRound.js, () => spawnOnce(lab.limited(javascript)), run('hello-js')),
    ]
  },
}

type Act = () => Promise<unknown>

/** Rounds of each in turn; the median of the pairs' ratios, since a burst of something else would spoil a total. */
async function compare(lab: Lab, language: string, count: number, bare: Act, run: Act): Promise<Row> {
  const rate = async (act: Act) => (count * 1000) / (await timed(() => inParallel(count, clients, act)))
  for (const act of [bare, run, run]) await rate(act) // warm: the gateway's code is compiled while it runs
  const [bareRates, runRates, percents]: [number[], number[], number[]] = [[], [], []]
  for (let pair = 0; pair < (lab.isQuick ? 2 : pairs); pair++) {
    const [bareRate, runRate] = [await rate(bare), await rate(run)]
    bareRates.push(bareRate)
    runRates.push(runRate)
    percents.push((100 * runRate) / bareRate)
  }
  lab.note(`${language}, pair by pair: ${percents.map((percent) => `${percent.toFixed(0)} %`).join(', ')}`)
  return {
    what: `${clients} clients run a trivial ${language} script, median`,
    unit: 'runs/s',
    baseline: median(bareRates),
    against: `bare loop with the same limits, ${clients} at a time`,
    measured: median(runRates),
    compared: { value: median(percents), unit: '%', how: 'of the baseline' },
    promised: { atLeast: percentMin },
  }
}
