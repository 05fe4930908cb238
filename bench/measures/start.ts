/** From the start of the process to its first answer, when it knows a thousand scripts already. */
import type { Lab } from '../lab.ts'
import type { Measure, Row } from '../model.ts'
import { hadChildren } from '../processes.ts'
import { manyScripts } from '../samples.ts'
import { freePort, type Gateway, type GatewayOptions, until } from '../server.ts'
import { median } from '../stats.ts'

const scriptsCount = 1000
const startMsMax = 500

export const start: Measure = {
  name: 'start',
  about: `Start with ${scriptsCount} known scripts`,
  async run(lab) {
    const options = await knownScripts(lab)
    const repeats = lab.isQuick ? 2 : 7
    const [bare, usual, resolved, ready]: number[][] = [[], [], [], []]
    let spawning = 0
    for (let i = 0; i < repeats; i++) {
      bare!.push(await startBare(lab))
      usual!.push((await restarted({ ...options, env: { PYTHON: 'python3' } })).startMs)
      const startedAt = performance.now()
      resolved!.push((await restarted(options, () => ready!.push(performance.now() - startedAt))).startMs)
      // How scripts can be confined is found out by trying; what is counted here is whether one was asked anything.
      if ((await restarted({ ...options, env: { ISOLATION: 'plain' } })).hasSpawned) spawning++
    }
    lab.note(`all scripts ready ${median(ready!).toFixed(0)} ms after the start`)
    return [
      startRow('python3 from PATH', median(bare!), median(usual!)),
      startRow("Python's path given", median(bare!), median(resolved!)),
      spawnRow(spawning),
    ]

    async function restarted(given: GatewayOptions, onReady: () => void = () => {}) {
      const gateway = await lab.gateway({ ...given, waitsUntilReady: false })
      await until(`${gateway.url}/ready`, { exitCode: null })
      onReady()
      const hasSpawned = hadChildren(gateway.pid)
      await gateway.stop()
      return { startMs: gateway.startMs, hasSpawned }
    }
  },
}

/** A gateway's folders after its first start with a thousand scripts. */
export async function knownScripts(lab: Lab): Promise<GatewayOptions> {
  const options = { scriptsDir: lab.scripts(manyScripts(scriptsCount)), dataDir: lab.folder() }
  const first = await lab.gateway(options)
  await assertKnown(first)
  await first.stop()
  return options
}

async function assertKnown(gateway: Gateway) {
  const { scripts } = JSON.parse(await gateway.call('/ready')) as { scripts: Record<string, number> }
  if (scripts.active !== scriptsCount)
    throw new Error(`${scriptsCount} scripts should be active; /ready says ${JSON.stringify(scripts)}.`)
}

async function startBare({ bun, defer }: Lab): Promise<number> {
  const port = await freePort()
  const startedAt = performance.now()
  const source = `Bun.serve({ port: ${port}, hostname: '127.0.0.1', fetch: () => new Response('ok') })`
  const child = Bun.spawn([bun, '-e', source], { stdout: 'ignore', stderr: 'inherit' })
  defer(() => child.kill())
  await until(`http://127.0.0.1:${port}/`, child)
  const ms = performance.now() - startedAt
  child.kill()
  await child.exited
  return ms
}

const startRow = (how: string, baseline: number, measured: number): Row => ({
  what: `Start to the first 200 on /health, ${how}, median`,
  unit: 'ms',
  baseline,
  against: 'an empty Bun.serve',
  measured,
  compared: { value: measured, unit: 'ms', how: 'itself' },
  promised: { atMost: startMsMax },
})

const spawnRow = (spawning: number): Row => ({
  what: `Restarts that asked any of ${scriptsCount} unchanged scripts anything`,
  unit: 'processes',
  baseline: 0,
  against: 'nothing has changed',
  measured: spawning,
  compared: { value: spawning, unit: 'processes', how: 'itself' },
  promised: { atMost: 0 },
})
