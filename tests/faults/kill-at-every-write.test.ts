/**
 * kill -9 at every write of a run: after the restart every run that was accepted is there once, ended truthfully, with its log
 * to the last complete line and no process alive. What such a kill leaves on the disk is copied at each of the writes, and a
 * new gateway starts on each copy; two gateways really die: what one that does leaves alive is counted in
 * tests/runs/recovery.test.ts.
 */
import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type App, createApp } from '../../src/app.ts'
import { silentLog } from '../../src/log.ts'
import { isFinished, type Run } from '../../src/runs/model.ts'
import { eventually, tempFolder } from '../harness/folder.ts'

const children: Bun.Subprocess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

/** It does not end before there is a file `go` beside it. */
const script = `import os, subprocess, time
if __name__ == "__main__":
    subprocess.Popen(["setsid", "sleep", "300"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    print("first line", flush=True)
    time.sleep(0.02)
    while not os.path.exists(os.path.join(os.path.dirname(os.path.abspath(__file__)), "go")): time.sleep(0.02)
    print("second line", flush=True)
    open(os.path.join(os.environ["OUTPUT_DIR"], "made.txt"), "w").write("made")
`
/** Each with what it takes beside it: some thirty gateways need not ask it. */
const files = {
  ...{ 'once.py': script, '.once._map.json': '{}' },
  ...{ 'again.py': script, '.again._map.json': '{}', '.again.policy.json': '{"on_interrupt": "retry"}' },
}

interface Place {
  dataDir: string
  scriptsDir: string
}

function makeScripts(isGoing: boolean): string {
  const scriptsDir = tempFolder()
  mkdirSync(join(scriptsDir, 'python'), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(scriptsDir, 'python', name), text)
  if (isGoing) letGo(scriptsDir)
  return scriptsDir
}

const letGo = (scriptsDir: string) => writeFileSync(join(scriptsDir, 'python/go'), '')

/** One slot where it dies, so that a run waits; four afterwards. */
const open = (place: Place, run_slots: number, checkpoint?: (stage: string) => void) =>
  createApp(
    { environment: { auth: 'off', run_slots, kill_grace_sec: 0.2 }, ...place },
    { log: silentLog(), checkpoint },
  )

interface Snapshot {
  at: string
  dir: string
  /** Ids of the runs that the caller had been told of. */
  accepted: number[]
}

test('a gateway that dies at any write of a run tells no lie afterwards', async () => {
  const [dataDir, scriptsDir] = [join(tempFolder(), 'data'), makeScripts(true)]
  const copies = tempFolder()
  const snapshots: Snapshot[] = []
  const stages = new Set<string>()
  const accepted: number[] = []
  let lastHash: number | bigint | undefined
  /** Nothing else of the gateway writes meanwhile: the copy is what a kill at this moment would leave. */
  function snapshot(stage: string) {
    stages.add(stage)
    const found = readBelow(dataDir)
    const hash = Bun.hash(
      JSON.stringify([...found].map(([path, bytes]) => [path, bytes && Bun.hash(bytes).toString()])),
    )
    if (hash === lastHash) return // nothing was written since
    lastHash = hash
    const dir = join(copies, String(snapshots.length))
    write(found, dir)
    snapshots.push({ at: `${stage} (${snapshots.length})`, dir, accepted: [...accepted] })
  }
  const app = await open({ dataDir, scriptsDir }, 1, snapshot)
  try {
    await app.ready
    for (const slug of ['once', 'again']) {
      const request = new Request(`http://localhost/api/scripts/${slug}/run?async=1`, { method: 'POST' })
      const answer = await app.handle(request)
      accepted.push(((await answer.json()) as { run_id: number }).run_id)
    }
    const list = () => app.runs.list({}, { limit: 100 })
    await eventually('the runs are over', () => list().length === 2 && list().every(isOver))
    snapshot('over')
  } finally {
    await app.close(0)
  }
  const reached = ['insert', 'inserted', 'begin', 'begun', 'start', 'started', 'log', 'logged', 'log end', 'log ended']
  for (const stage of [...reached, 'end', 'ended']) expect(stages).toContain(stage)
  expect(snapshots.length).toBeGreaterThan(10) // two of everything that writes

  // Two at once: they wait for their processes most of the time.
  const left = snapshots.values()
  const one = async () => {
    for (const { at, dir, accepted: ids } of left) await comeBack({ dataDir: dir, scriptsDir }, ids, at)
  }
  await Promise.all([one(), one()])
}, 120_000)

test.each([
  ['has just started a process', 'started'],
  ['has a line of it', 'logged'],
])('a gateway that really dies when it %s leaves none after the restart', async (_, stage) => {
  const place = { dataDir: join(tempFolder(), 'data'), scriptsDir: makeScripts(false) }
  const ids = await liveAndDie(place, stage)
  letGo(place.scriptsDir)
  await comeBack(place, ids, stage)
})

/** Starts a gateway on what the dead one left, and looks at what it makes of it. */
async function comeBack(place: Place, accepted: number[], at: string) {
  const app = await open(place, 4)
  try {
    await app.ready
    const list = () => app.runs.list({}, { limit: 100 })
    await eventually(`everything has ended after ${at}`, () => list().every(isOver))
    const again = app.scripts().find(({ slug }) => slug === 'again')?.id
    check(list(), accepted, again, at)
    await eventually(`no process is left after ${at}`, () => leftProcesses(place.dataDir).length === 0)
    for (const run of list()) checkLog(app, run, at)
    const left = readdirSync(join(place.dataDir, 'tmp')).filter((name) => name.startsWith('run-'))
    expect([at, left]).toEqual([at, []])
  } finally {
    await app.close(0)
  }
}

/** A gateway in a process that kills itself; answers the ids of the runs that it had told of. */
async function liveAndDie({ dataDir, scriptsDir }: Place, stage: string): Promise<number[]> {
  const program = join(import.meta.dir, 'gateway-that-dies.ts')
  const child = Bun.spawn([process.execPath, program, dataDir, scriptsDir, stage], {
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
  await child.exited
  expect([stage, child.signalCode]).toEqual([stage, 'SIGKILL'])
  return ids
}

const isOver = ({ status }: Run) => isFinished(status)

function check(runs: Run[], accepted: number[], retriedScript: number | undefined, at: string) {
  const where = `after ${at}`
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

function checkLog(app: App, run: Run, at: string) {
  const lines = app.runs.tail(run.id, 100).map(({ line }) => line)
  expect([at, ['first line', 'second line'].slice(0, lines.length)]).toEqual([at, lines])
  expect([at, run.log_lines]).toEqual([at, lines.length])
  if (run.status === 'success') expect([at, lines.length]).toEqual([at, 2])
}

function leftProcesses(folder: string): string[] {
  const found = Bun.spawnSync(['sh', '-c', `grep -la "OUTPUT_DIR=${folder}/" /proc/[0-9]*/environ 2>/dev/null`])
  return found.stdout.toString().split('\n').filter(Boolean)
}

/** Paths of a folder → what is in the file; null for a folder. */
function readBelow(folder: string): Map<string, Buffer | null> {
  const found = new Map<string, Buffer | null>()
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (path.endsWith('-shm')) continue // it is made anew from the write-ahead log
    try {
      found.set(path, readFileSync(join(folder, path)))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EISDIR') found.set(path, null)
      else if (code !== 'ENOENT') throw error // gone: what a run has left is removed meanwhile
    }
  }
  return found
}

function write(found: Map<string, Buffer | null>, folder: string) {
  for (const [path, bytes] of found) {
    const to = join(folder, path)
    mkdirSync(bytes ? dirname(to) : to, { recursive: true })
    if (bytes) writeFileSync(to, bytes)
  }
}
