/** What the gateway makes of the host's groups: on folders that look like them, and on the kernel's own where it may. */
import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCgroups } from '../../src/process/cgroup.ts'
import { createStartProcess } from '../../src/process/process.ts'
import { createRunGroup, type RunGroup } from '../../src/process/run-group.ts'
import { findMarked } from '../../src/process/tree.ts'
import { limitThatEnded, usageOf } from '../../src/process/verdict.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { createLab, MiB, wide } from './lab.ts'

const folder = tempFolder()
let count = 0

/** Files as the kernel shows them; `own` is the group of the gateway below the mount. */
function fakeHost(own = '/service', files: Record<string, string> = {}, lines: Record<string, string> = {}) {
  const host = join(folder, String(++count))
  const [mount, proc] = [join(host, 'c groups'), join(host, 'proc')]
  const base = join(mount, own)
  for (const dir of [base, join(proc, 'self')]) mkdirSync(dir, { recursive: true })
  const content = {
    'cgroup.controllers': 'cpuset cpu io memory pids\n',
    'cgroup.subtree_control': '\n',
    'cgroup.procs': `${process.pid}\n`,
    'cgroup.type': 'domain\n',
    ...files,
  }
  for (const [name, text] of Object.entries(content)) writeFileSync(join(base, name), text)
  writeFileSync(join(proc, 'self/cgroup'), lines.cgroup ?? `1:name=systemd:/x\n0::${own}\n`)
  const point = mount.replaceAll(' ', '\\040')
  const info = lines.mountinfo ?? `41 31 0:38 / ${point} rw,relatime - cgroup2 cgroup2 rw\n`
  writeFileSync(join(proc, 'self/mountinfo'), `20 1 0:5 / /proc rw - proc proc rw\n${info}`)
  return { base, proc, home: join(base, 'scriptgateway-x') }
}
const text = (...path: string[]) => readFileSync(join(...path), 'utf8')

describe('what the host grants', () => {
  test('a group of its own: the gateway moves aside, and each run has its limits', () => {
    const { base, proc, home } = fakeHost()
    const cgroups = createCgroups({ name: 'x', proc })
    expect(text(base, 'scriptgateway/cgroup.procs')).toBe(String(process.pid))
    expect(text(base, 'cgroup.subtree_control')).toBe('+cpu +memory +pids')
    expect(cgroups.report.reason).toBeNull()
    expect(cgroups.report.level).toBe('cgroup v2')
    cgroups.forRun({ ...wide, memoryBytesMax: 64 * MiB, processesMax: 10 }, true)
    const [run = ''] = readdirSync(home).filter((name) => name.startsWith('run-'))
    expect(run).toBe(`run-${process.pid}-1`)
  })

  test.each<[string, Parameters<typeof fakeHost>, RegExp]>([
    ['no such hierarchy', ['/', {}, { cgroup: '4:memory:/x\n' }], /no such hierarchy/],
    ['not mounted', ['/', {}, { mountinfo: '' }], /not mounted/],
    ['another namespace’s group', ['/', {}, { cgroup: '0::/../other\n' }], /outside of what is mounted/],
    ['no controllers', ['/s', { 'cgroup.controllers': 'hugetlb\n' }], /neither the memory nor the pids/],
    ['others in its group', ['/s', { 'cgroup.procs': `${process.pid}\n999999\n` }], /Delegate=yes/],
    [
      'those of an outer namespace in its group',
      ['/s', { 'cgroup.procs': `0\n${process.pid}\n` }],
      /\(1\) live in its group/,
    ],
  ])('nothing: %s', (_, host, reason) => {
    const cgroups = createCgroups({ name: 'x', proc: fakeHost(...host).proc })
    expect(cgroups.report).toMatchObject({ level: null, controllers: [] })
    expect(cgroups.report.reason).toMatch(reason)
    expect(cgroups.forRun(wide, false)).toBeNull()
  })

  test('a host without /proc', () => {
    expect(createCgroups({ name: 'x', proc: join(folder, 'none') }).report.reason).toMatch(/^cgroup v2: /)
  })
})

test('limits are written as the kernel reads them', () => {
  const group = join(folder, 'group')
  createRunGroup(group, ['memory', 'pids'], { ...wide, memoryBytesMax: 64 * MiB, processesMax: 10 }, true)
  const written = Object.fromEntries(readdirSync(group).map((name) => [name, text(group, name)]))
  expect(written).toEqual({
    ...{ 'memory.max': '67108864', 'memory.swap.max': '0', 'memory.oom.group': '1' },
    'pids.max': '12', // with the sandbox's two
  })
})

test('what the kernel counted is the truth, and what it refused the reason', () => {
  const path = join(folder, 'counted')
  const group = createRunGroup(path, [], wide, false) as RunGroup
  const files = {
    'cpu.stat': 'usage_usec 2500000\nuser_usec 1\n',
    'memory.peak': `${1024 * MiB}\n`,
    'memory.events': 'low 0\nhigh 0\nmax 9\noom 1\noom_kill 3\noom_group_kill 1\n',
    'pids.peak': '7\n',
    'pids.events': 'max 0\n',
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content)
  const seen = { isUnseen: false, cpuMs: 10, memoryBytesPeak: MiB, fileBytesSeen: 0, processesPeak: 2 }
  const measured = { watched: seen, group: group.usage(), toldBytesPeak: 0, isSupervised: false }
  const usage = usageOf(measured)
  expect(usage).toEqual({ cpuMs: 2500, memoryBytesPeak: 1024 * MiB, processesPeak: 7 })
  const spec = { resources: wide } as never
  const over = (exitCode: number) => limitThatEnded({ exitCode, signal: null }, 'exit', usage, measured, spec)
  expect(over(1)).toEqual({ limit: 'memory', used: 1024 * MiB, max: 1024 * MiB })
  expect(over(0)).toBeNull()
})

describe('on this kernel', () => {
  const point = mountPoint()
  const home = point && join(point, `sg-test-${process.pid}`)
  const isGranted = home !== null && isMade(home)
  if (!isGranted) console.warn('SKIPPED: the kernel’s own groups, since no cgroup v2 hierarchy may be written here')
  else afterAll(() => rmdirSync(home))

  const lab = createLab(
    folder,
    createStartProcess({
      cgroups: { forRun: (limits) => createRunGroup(join(home ?? '', `run-${++count}`), [], limits, false) },
    }),
  )
  const groups = () => readdirSync(home ?? '').filter((name) => name.startsWith('run-'))

  test.skipIf(!isGranted)('a daemon without its environment and session is ended with its run', async () => {
    // It waits to be moved before it starts the daemon, whose only tie is the group.
    const { process, output, mark } = lab.py(
      `while "run-" not in open("/proc/self/cgroup").read(): time.sleep(0.005)
if os.fork() == 0:
  os.setsid()
  if os.fork() == 0:
    os.closerange(0, 10)
    os.execve("/bin/sleep", ["sleep", "61"], {})
  os._exit(0)
os.wait()`,
    )
    await eventually('it is moved', () => groups().length === 1)
    const path = join(home ?? '', groups()[0] ?? '')
    const outcome = await process.outcome
    expect([outcome.exitCode, output.stderr]).toEqual([0, ''])
    await eventually('the group is gone, and so all that was in it', () => !existsSync(path))
    expect(findMarked([mark])).toEqual([])
  })

  test.skipIf(!isGranted)('processor time is counted by the group', async () => {
    const { process } = lab.py('end = time.process_time() + 0.3\nwhile time.process_time() < end: pass')
    const { usage } = await process.outcome
    expect(usage?.cpuMs).toBeGreaterThan(280)
    await eventually('no group is left', () => groups().length === 0)
  })

  test.skipIf(!isGranted)('many short runs leave no group', async () => {
    await Promise.all(Array.from({ length: 40 }, () => lab.start(['true'], { resources: wide }).process.outcome))
    await eventually('no group is left', () => groups().length === 0)
  })
})

function mountPoint(): string | null {
  try {
    const line = /^\S+ \S+ \S+ \/ (\S+) .* - cgroup2 /m.exec(readFileSync('/proc/self/mountinfo', 'utf8'))
    return line?.[1] ?? null
  } catch {
    return null
  }
}

function isMade(path: string): boolean {
  try {
    mkdirSync(path)
    return true
  } catch {
    return false
  }
}
