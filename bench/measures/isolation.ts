/** What confining a run costs: the same run under each level, against one under none. */
import type { Lab } from '../lab.ts'
import type { Measure, Row } from '../model.ts'
import { trivialJavascript, trivialPython, withSidecar } from '../samples.ts'
import { alternate } from '../stats.ts'

const addedMsMax = { bwrap: 6, landlock: 10 } as const

export const isolation: Measure = {
  name: 'isolation',
  about: 'One synchronous run under each level of isolation beside the same run under none',
  async run(lab) {
    const scriptsDir = lab.scripts({
      ...withSidecar('python/hello.py', trivialPython),
      ...withSidecar('js/hello-js.js', trivialJavascript),
    })
    const plain = await at(lab, scriptsDir, 'plain')
    const rows: Row[] = []
    for (const level of ['landlock', 'bwrap'] as const) {
      if (level === 'bwrap' && !Bun.which('bwrap')) {
        lab.note('no bwrap on PATH: not measured')
        continue
      }
      const confined = await at(lab, scriptsDir, level)
      for (const [slug, what] of [
        ['hello', 'Python'],
        ['hello-js', 'JavaScript'],
      ]) {
        const path = `/api/scripts/${slug}/run`
        const [baseline = 0, measured = 0] = await alternate(lab.isQuick ? 10 : 60, [
          () => plain.call(path, { method: 'POST' }),
          () => confined.call(path, { method: 'POST' }),
        ])
        rows.push({
          what: `Run of a trivial ${what} script under ${level}, median`,
          unit: 'ms',
          baseline,
          against: 'the same run with ISOLATION=plain',
          measured,
          compared: { value: measured - baseline, unit: 'ms', how: 'difference' },
          promised: { atMost: addedMsMax[level] },
        })
      }
    }
    return rows
  },
}

/** A gateway with this level, which it must really have. */
async function at(lab: Lab, scriptsDir: string, level: string) {
  const gateway = await lab.gateway({ scriptsDir, dataDir: lab.folder(), env: { ISOLATION: level } })
  const { isolation } = JSON.parse(await gateway.call('/ready')) as { isolation: { level: string } }
  if (isolation.level !== level) throw new Error(`ISOLATION=${level} came to ${isolation.level}.`)
  return gateway
}
