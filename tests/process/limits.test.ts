/** What a program and all it starts may use. Every program here ends by itself, soon, should the watch fail. */
import { describe, expect, test } from 'bun:test'
import type { ResourceLimits } from '../../src/process/model.ts'
import { processIds } from '../../src/process/proc.ts'
import { findMarked } from '../../src/process/tree.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { createLab, MiB } from './lab.ts'

const { py, sh } = createLab(tempFolder())
const isLinux = processIds() !== null
if (!isLinux) console.warn('SKIPPED: limits of a tree of processes, since there is no /proc here')

const hold = (mib: number) => `b"x" * (${mib} << 20)`
const burn = (sec: number) => `
end = time.process_time() + ${sec}
while time.process_time() < end: pass
`

describe.skipIf(!isLinux)('more than it may use stops it, with all it started', () => {
  test.each<[string, string, Partial<ResourceLimits>, object]>([
    [
      'memory, little by little',
      `kept = []\nfor i in range(60):\n  kept.append(${hold(5)}); time.sleep(0.02)\ntime.sleep(10)`,
      { memoryBytesMax: 100 * MiB },
      { limit: 'memory', max: 100 * MiB },
    ],
    ['memory, at once', `kept = ${hold(400)}\ntime.sleep(10)`, { memoryBytesMax: 100 * MiB }, { limit: 'memory' }],
    [
      'memory of several together',
      `for i in range(4):\n  if os.fork() == 0:\n    kept = ${hold(50)}; time.sleep(10); os._exit(0)\ntime.sleep(10)`,
      { memoryBytesMax: 120 * MiB },
      { limit: 'memory' },
    ],
    [
      'memory that is shared, and no file',
      `import mmap\nkept = mmap.mmap(-1, 300 << 20)\nfor i in range(0, 300 << 20, 4096): kept[i] = 1\ntime.sleep(10)`,
      { memoryBytesMax: 150 * MiB },
      { limit: 'memory' },
    ],
    [
      'memory of a daemon that left the session',
      `if os.fork() == 0:
  os.setsid()
  if os.fork() == 0:
    kept = ${hold(200)}; time.sleep(10)
  os._exit(0)
time.sleep(10)`,
      { memoryBytesMax: 100 * MiB },
      { limit: 'memory' },
    ],
    ['processor time', burn(10), { cpuSecMax: 1 }, { limit: 'cpu', max: 1 }],
    [
      'processor time of several together',
      `for i in range(4): os.fork()\n${burn(2)}`,
      { cpuSecMax: 1 },
      { limit: 'cpu', max: 1 },
    ],
    [
      'processor time of children one after the other',
      `for i in range(40):\n  if os.fork() == 0:\n    ${burn(0.15).trim().replaceAll('\n', '\n    ')}\n    os._exit(0)\n  os.wait()`,
      { cpuSecMax: 1 },
      { limit: 'cpu', max: 1 },
    ],
    [
      'processor time of children that nobody waits for',
      `signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for i in range(12):
  if os.fork() == 0:
    ${burn(0.4).trim().replaceAll('\n', '\n    ')}
    os._exit(0)
  time.sleep(0.45)`,
      { cpuSecMax: 1 },
      { limit: 'cpu', max: 1 },
    ],
    [
      'processes, in a fork bomb',
      `for i in range(8): os.fork()\ntime.sleep(10)`, // 256, and no more
      { processesMax: 40 },
      { limit: 'processes', max: 40 },
    ],
    [
      'threads',
      `for i in range(60): threading.Thread(target=time.sleep, args=(5,), daemon=True).start()\ntime.sleep(10)`,
      { processesMax: 40 },
      { limit: 'processes', max: 40 },
    ],
  ])('%s', async (_, program, limits, over) => {
    const { process, mark } = py(program, limits)
    const outcome = await process.outcome
    expect(outcome).toMatchObject({ reason: 'resource_limit', overLimit: over })
    expect(outcome.overLimit?.used).toBeGreaterThan(outcome.overLimit?.max ?? 0)
    expect(outcome.durationMs).toBeLessThan(9000)
    await eventually('everybody is gone', () => findMarked([mark]).length === 0, 3000)
  })

  test('one that ignores TERM and goes on growing has no grace', async () => {
    const { process } = py(
      `signal.signal(signal.SIGTERM, signal.SIG_IGN)\nkept = []\nfor i in range(300):\n  kept.append(${hold(4)}); time.sleep(0.02)`,
      { memoryBytesMax: 60 * MiB },
      { graceMs: 60_000 },
    )
    const outcome = await process.outcome
    expect(outcome).toMatchObject({ reason: 'resource_limit', signal: 'SIGKILL' })
    expect(outcome.usage?.memoryBytesPeak).toBeLessThan(300 * MiB)
  })

  test('a process that forks on and leaves its session each time is caught', async () => {
    const { process, mark } = py(
      `signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() > 0: time.sleep(20); sys.exit()
for i in range(3000):
  if os.fork() > 0: os._exit(0)
  os.setsid(); time.sleep(0.002)`,
    )
    await eventually('it walks', () => findMarked([mark]).length >= 2)
    process.stop('cancelled')
    await process.outcome
    await eventually('nobody walks any more', () => findMarked([mark]).length === 0, 3000)
  })
})

describe.skipIf(!isLinux)('within its limits it is left alone', () => {
  test('workers that share the pages of their parent', async () => {
    const { process } = py(
      `kept = ${hold(80)}\nfor i in range(6):\n  if os.fork() == 0: time.sleep(0.6); os._exit(0)\nfor i in range(6): os.wait()`,
      { memoryBytesMax: 160 * MiB }, // 560 MiB, were each counted for itself
    )
    const outcome = await process.outcome
    expect(outcome).toMatchObject({ reason: 'exit', exitCode: 0, overLimit: null })
    expect(outcome.usage?.memoryBytesPeak).toBeLessThan(160 * MiB)
    expect(outcome.usage?.memoryBytesPeak).toBeGreaterThan(80 * MiB)
  })

  test('one that failed for a reason of its own', async () => {
    const outcome = await py('time.sleep(0.2); sys.exit(3)', { memoryBytesMax: 64 * MiB }).process.outcome
    expect(outcome).toMatchObject({ reason: 'exit', exitCode: 3, overLimit: null })
  })
})

describe.skipIf(!isLinux)('what it used', () => {
  test('processor time of those that ended between two looks', async () => {
    const { process } = sh(
      'i=0; while [ $i -lt 40 ]; do i=$((i+1)); sh -c "j=0; while [ \\$j -lt 4000 ]; do j=\\$((j+1)); done"; done',
    )
    const { usage, durationMs } = await process.outcome
    expect(usage?.cpuMs).toBeGreaterThan(50)
    expect(usage?.cpuMs).toBeLessThan(durationMs * 1.2 + 50)
  })

  test('memory and processes', async () => {
    const { process } = py(`kept = ${hold(100)}\nif os.fork() == 0: time.sleep(0.4); os._exit(0)\nos.wait()`)
    const { usage } = await process.outcome
    expect(usage?.memoryBytesPeak).toBeGreaterThan(100 * MiB)
    expect(usage?.memoryBytesPeak).toBeLessThan(140 * MiB)
    expect(usage?.processesPeak).toBe(2)
  })

  test('of one that ended at once only what the system told', async () => {
    const { usage } = await sh('true').process.outcome
    expect(usage).toMatchObject({ memoryBytesPeak: null, processesPeak: 1 })
    expect(usage?.cpuMs).toBeGreaterThan(0)
    expect(usage?.cpuMs).toBeLessThan(200)
  })
})

describe.skipIf(!isLinux)('the kernel was faster than the watch', () => {
  test('SIGXCPU is the limit of processor time', async () => {
    const { process } = sh('kill -XCPU $$', { resources: { ...everything, cpuSecMax: 5 } })
    expect(await process.outcome).toMatchObject({
      reason: 'resource_limit',
      signal: 'SIGXCPU',
      overLimit: { limit: 'cpu', used: 5, max: 5 },
    })
  })

  test('a program that failed after it had held more is over its limit, one that succeeded is not', async () => {
    const ownBytes = process.resourceUsage().maxRSS * 1024
    const mib = Math.ceil(ownBytes / MiB) + 250
    const over = (code: number) => py(`kept = ${hold(mib)}; os._exit(${code})`, { memoryBytesMax: 32 * MiB })
    const failed = await over(1).process.outcome
    expect(failed).toMatchObject({ reason: 'resource_limit', overLimit: { limit: 'memory' } })
  })
})

const everything = {
  memoryBytesMax: 1024 * MiB,
  cpuSecMax: 60,
  processesMax: 100,
  openFilesMax: 100,
  fileBytesMax: MiB,
}
