/** What the gateway holds in memory when nothing happens, and a thousand scripts are known. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../lab.ts'
import type { Measure } from '../model.ts'
import { treePssMb } from '../processes.ts'
import { freePort, until } from '../server.ts'
import { knownScripts } from './start.ts'

const idleMs = 5000
const idleMbMax = 120

export const memory: Measure = {
  name: 'memory',
  about: 'Idle memory with a thousand known scripts (PSS of all processes)',
  async run(lab) {
    const options = await knownScripts(lab)
    const alone = [aloneCopy(lab, lab.gatewayCommand[0]!), ...lab.gatewayCommand.slice(1)]
    const gateway = await lab.gateway({ ...options, command: alone })
    await Bun.sleep(lab.isQuick ? 1000 : idleMs)
    const measured = treePssMb(gateway.pid)
    await gateway.stop()
    return [
      {
        what: 'Idle, 5 s after the start',
        unit: 'MB',
        baseline: await emptyServerMb(lab),
        against: 'an empty Bun.serve',
        measured,
        compared: { value: measured, unit: 'MB', how: 'itself' },
        promised: { atMost: idleMbMax },
      },
    ]
  },
}

/** A file of its own: PSS would count half of a program that this process runs too, and flatter us. */
function aloneCopy(lab: Lab, program: string): string {
  const copy = join(lab.folder(), 'program')
  copyFileSync(program, copy)
  return copy
}

async function emptyServerMb(lab: Lab): Promise<number> {
  const port = await freePort()
  const source = `Bun.serve({ port: ${port}, hostname: '127.0.0.1', fetch: () => new Response('ok') })`
  const child = Bun.spawn([aloneCopy(lab, lab.bun), '-e', source], { stdout: 'ignore', stderr: 'inherit' })
  lab.defer(() => child.kill())
  await until(`http://127.0.0.1:${port}/`, child)
  await Bun.sleep(1000)
  const mb = treePssMb(child.pid)
  child.kill()
  await child.exited
  return mb
}
