/** What one run over HTTP costs more than starting the same program from a bare loop. */
import { join } from 'node:path'
import type { Lab } from '../lab.ts'
import type { Measure, Row } from '../model.ts'
import { trivialJavascript, trivialPython, withSidecar } from '../samples.ts'
import { spawnOnce } from '../spawn.ts'
import { alternate } from '../stats.ts'

const overheadMsMax = 4
const nodeShareMax = 0.1

export const overhead: Measure = {
  name: 'overhead',
  about: 'One synchronous run over HTTP beside the same program from a bare loop',
  async run(lab) {
    const scriptsDir = lab.scripts({
      ...withSidecar('python/hello.py', trivialPython),
      ...withSidecar('js/hello-js.js', trivialJavascript),
    })
    // What confining costs is a measure of its own: see isolation.ts.
    const { call } = await lab.gateway({ scriptsDir, dataDir: lab.folder(), env: { ISOLATION: 'plain' } })
    const runPython = () => call('/api/scripts/hello/run', { method: 'POST' })
    const runJavascript = () => call('/api/scripts/hello-js/run', { method: 'POST' })
    const jsFile = join(scriptsDir, 'js/hello-js.js')

    const python = await alternate(lab.isQuick ? 10 : 60, [
      () => spawnOnce(lab.limited(lab.runtimes.python.command(join(scriptsDir, 'python/hello.py'), []))),
      runPython,
    ])
    const javascript = await alternate(lab.isQuick ? 10 : 60, [
      () => spawnOnce(lab.limited([lab.bun, jsFile])),
      runJavascript,
    ])
    const rows = [row('trivial Python script', python, 'python -u -X utf8 hello.py')]
    rows.push(row('trivial JavaScript script', javascript, 'bun hello-js.js'))
    if (!lab.node) lab.note('no node on PATH: not compared with it')
    else rows.push(await besideNode(lab, [lab.node, jsFile], [lab.bun, jsFile], runJavascript))
    return rows
  },
}

function row(what: string, [baseline = 0, measured = 0]: number[], against: string): Row {
  return {
    what: `Run of a ${what}, median`,
    unit: 'ms',
    baseline,
    against: `bare spawn of prlimit, setpriv, ${against}`,
    measured,
    compared: { value: measured - baseline, unit: 'ms', how: 'difference' },
    promised: { atMost: overheadMsMax },
  }
}

async function besideNode(lab: Lab, node: string[], bun: string[], run: () => Promise<unknown>): Promise<Row> {
  const acts = [() => spawnOnce(node), run, () => spawnOnce(bun)]
  const [baseline = 0, measured = 0, bare = 0] = await alternate(lab.isQuick ? 5 : 20, acts)
  lab.note(
    `a bare spawn of bun is ${(bare / baseline).toFixed(3)} of one of node: less is not possible with a process for each run`,
  )
  return {
    what: 'Run of a trivial JavaScript script, median',
    unit: 'ms',
    baseline,
    against: 'bare spawn of node hello-js.js',
    measured,
    compared: { value: measured / baseline, unit: 'ratio', how: 'share' },
    promised: { atMost: nodeShareMax },
  }
}
