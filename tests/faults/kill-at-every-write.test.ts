/**
 * kill -9 at every write of a run, N = 1, 2, 3 … until the runs pass untouched: after the restart every run that was
 * accepted is there once, ended truthfully, with its log to the last complete line and no process alive.
 */
import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import { silentLog } from '../../src/log.ts'
import { isFinished, type Run } from '../../src/runs/model.ts'
import { eventually, tempFolder } from '../harness/folder.ts'

const children: Bun.Subprocess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

const script = `import os, subprocess, time
if __name__ == "__main__":
    subprocess.Popen(["setsid", "sleep", "300"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    print("first line", flush=True)
    time.sleep(0.02)
    print("second line", flush=True)
    open(os.path.join(os.environ["OUTPUT_DIR"], "made.txt"), "w").write("made")
`
/** Each with what it takes beside it: some fifty gateways need not ask it. */
const files = {
  ...{ 'once.py': script, '.once._map.json': '{}' },
  ...{ 'again.py': script, '.again._map.json': '{}', '.again.policy.json': '{"on_interrupt": "retry"}' },
}

/** More than there are writes: the sweep has to end by itself. */
const writesMax = 60

test('a gateway that dies at any write of a run tells no lie afterwards', async () => {
  let untouched = false
  let at = 0
  // Two at once: each is a gateway of its own, mostly waiting for its start.
  while (!untouched && at < writesMax) untouched = (await Promise.all([dieAt(++at), dieAt(++at)])).every(Boolean)
  expect(untouched).toBe(true)
  expect(at).toBeGreaterThan(15) // the hook was reached at every one of them
}, 120_000)

/** Answers whether the gateway came through. */
async function dieAt(at: number): Promise<boolean> {
  const folder = tempFolder()
  const [dataDir, scriptsDir] = [join(folder, 'data'), join(folder, 'scripts')]
  mkdirSync(join(scriptsDir, 'python'), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(scriptsDir, 'python', name), text)

  const accepted = await liveAndDie({ dataDir, scriptsDir, at })
  const died = accepted.exit !== 0
  const app = await createApp({ environment: { auth: 'off', run_slots: 4 }, dataDir, scriptsDir }, { log: silentLog() })
  try {
    const serving = performance.now()
    await app.ready
    const list = () => app.runs.list({}, { limit: 100 })
    await eventually(`everything has ended after write ${at}`, () => list().every(({ status }) => isFinished(status)))
    expect(performance.now() - serving).toBeLessThan(10_000)
    const again = app.scripts().find(({ slug }) => slug === 'again')?.id
    check(list(), accepted.ids, again, at)
    await eventually(`no process is left after write ${at}`, () => leftProcesses(folder).length === 0)
    for (const run of list()) checkLog(app, run, at)
    const left = readdirSync(join(dataDir, 'tmp')).filter((name) => name.startsWith('run-'))
    expect([at, left]).toEqual([at, []])
  } finally {
    await app.close(0)
  }
  return !died
}

async function liveAndDie({ dataDir, scriptsDir, at }: { dataDir: string; scriptsDir: string; at: number }) {
  const program = join(import.meta.dir, 'gateway-that-dies.ts')
  const child = Bun.spawn([process.execPath, program, dataDir, scriptsDir, String(at)], {
    cwd: join(import.meta.dir, '../..'),
    stdout: 'pipe',
    stderr: 'inherit',
  })
  children.push(child)
  const { value } = await child.stdout.getReader().read()
  const url = new TextDecoder().decode(value).trim()
  const ids: number[] = []
  for (const slug of ['once', 'again']) {
    const answer = await fetch(`${url}/api/scripts/${slug}/run?async=1`, { method: 'POST' }).catch(() => null)
    if (answer?.status === 202) ids.push(((await answer.json()) as { run_id: number }).run_id)
  }
  const isDone = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return true
    const page = await fetch(`${url}/api/runs`).catch(() => null)
    const { items = [] } = ((await page?.json().catch(() => null)) ?? {}) as { items?: Run[] }
    return items.length === 2 && items.every(({ status }) => isFinished(status))
  }
  await eventually('the runs are over, or the gateway', isDone)
  child.kill('SIGTERM')
  return { ids, exit: await child.exited }
}

function check(runs: Run[], accepted: number[], retriedScript: number | undefined, at: number) {
  const where = `after write ${at}`
  for (const id of accepted) expect([where, runs.filter((run) => run.id === id).length]).toEqual([where, 1])
  const originals = runs.filter(({ retry_of }) => retry_of === null)
  expect([where, originals.length <= 2]).toEqual([where, true])
  for (const run of runs) {
    expect([where, run.id, run.status]).toEqual([where, run.id, expect.stringMatching(/^(success|interrupted)$/)])
    const again = runs.filter(({ retry_of }) => retry_of === run.id)
    const isRetried = run.status === 'interrupted' && run.script_id === retriedScript
    expect([where, run.id, again.length]).toEqual([where, run.id, isRetried ? 1 : 0])
    if (run.status === 'success')
      expect([where, run.files.map(({ filename }) => filename), run.exit_code]).toEqual([where, ['made.txt'], 0])
    else expect([where, run.reason]).toEqual([where, expect.stringContaining('gateway stopped')])
  }
}

function checkLog(app: Awaited<ReturnType<typeof createApp>>, run: Run, at: number) {
  const lines = app.runs.tail(run.id, 100).map(({ line }) => line)
  expect([at, ['first line', 'second line'].slice(0, lines.length)]).toEqual([at, lines])
  expect([at, run.log_lines]).toEqual([at, lines.length])
  if (run.status === 'success') expect([at, lines.length]).toEqual([at, 2])
}

function leftProcesses(folder: string): string[] {
  const found = Bun.spawnSync(['sh', '-c', `grep -la "OUTPUT_DIR=${folder}" /proc/[0-9]*/environ 2>/dev/null`])
  return found.stdout.toString().split('\n').filter(Boolean)
}
