/** Limits that the kernel itself holds: cgroup v2, where the host lets the gateway make groups below its own. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { messageOf } from '../errors.ts'
import type { ResourceLimits } from './model.ts'
import { createRunGroup, type RunGroup } from './run-group.ts'

export interface CgroupReport {
  level: 'cgroup v2' | null
  /** Of `memory pids cpu`, those that are in force. */
  controllers: string[]
  /** Why there is no level, in a sentence; null when there is one. */
  reason: string | null
}

export interface Cgroups {
  readonly report: CgroupReport
  /** A group for one run; null where the host grants none, or the folder cannot be made. */
  forRun(limits: ResourceLimits, isSupervised: boolean): RunGroup | null
  /** Ends and removes every group of this gateway. */
  close(): void
}

const wanted = ['memory', 'pids', 'cpu']
const leafName = 'scriptgateway'

/**
 * Finds out at start what the host grants, and ends what a dead gateway of the same name left. Never throws: what is not
 * granted is a reason. `name` tells gateways apart that live in one group; `proc` is for tests.
 */
export function createCgroups({ name, proc = '/proc' }: { name: string; proc?: string }): Cgroups {
  const undo: (() => void)[] = []
  try {
    const base = ownGroup(proc)
    const offered = words(base, 'cgroup.controllers').filter((one) => wanted.includes(one))
    if (!offered.includes('memory') && !offered.includes('pids'))
      throw new Error(
        `${base} has neither the memory nor the pids controller (a host with cgroup v1, or none delegated)`,
      )
    const home = join(base, `scriptgateway-${name}`)
    removeGroups(home)
    if (!offered.every((one) => words(base, 'cgroup.subtree_control').includes(one))) {
      makeRoom(base, proc, undo)
      enable(base, offered)
    }
    mkdirSync(home, { recursive: true })
    undo.push(() => rmdirSync(home))
    enable(home, offered)
    const controllers = words(home, 'cgroup.subtree_control').filter((one) => wanted.includes(one))
    let count = 0
    return {
      report: { level: 'cgroup v2', controllers, reason: null },
      forRun(limits, isSupervised) {
        count++
        return createRunGroup(join(home, `run-${process.pid}-${count}`), controllers, limits, isSupervised)
      },
      close: () => removeGroups(home),
    }
  } catch (error) {
    for (const step of undo.reverse()) quietly(step)
    const reason = `cgroup v2: ${messageOf(error)}.`
    return { report: { level: null, controllers: [], reason }, forRun: () => null, close: () => {} }
  }
}

/** The folder of the group that the gateway is in; throws a reason. */
function ownGroup(proc: string): string {
  const path = /^0::(.*)$/m.exec(readFileSync(join(proc, 'self/cgroup'), 'utf8'))?.[1]
  if (path === undefined) throw new Error('the kernel has no such hierarchy')
  const mount = readFileSync(join(proc, 'self/mountinfo'), 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find((fields) => fields[fields.indexOf('-') + 1] === 'cgroup2')
  const [root, point] = [unescapePath(mount?.[3]), unescapePath(mount?.[4])]
  if (!root || !point) throw new Error('it is not mounted')
  const isBelow = root === '/' || path === root || path.startsWith(`${root}/`)
  if (!isBelow || path.startsWith('/..'))
    throw new Error(`the gateway's own group ${path} lies outside of what is mounted`)
  const own = join(point, root === '/' ? path : path.slice(root.length))
  // A gateway that was started from a shell that an earlier one moved aside.
  return basename(own) === leafName ? dirname(own) : own
}

/** mountinfo writes blanks and the like as octal numbers. */
const unescapePath = (text = '') =>
  text.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))

/** Only a group without processes of its own may give its controllers to groups below (the root of a machine aside): ours go to a leaf. */
function makeRoom(base: string, proc: string, undo: (() => void)[]) {
  if (!existsSync(join(base, 'cgroup.type'))) return
  const pids = words(base, 'cgroup.procs')
  const mine = ancestors(proc)
  const others = pids.filter((pid) => !mine.has(pid))
  if (others.length > 0)
    throw new Error(
      `processes that are not the gateway's (${others.length}) live in its group ${base} (systemd: Delegate=yes gives it one of its own)`,
    )
  const leaf = join(base, leafName)
  mkdirSync(leaf, { recursive: true })
  undo.push(() => rmdirSync(leaf))
  for (const pid of pids) {
    undo.push(() => writeFileSync(join(base, 'cgroup.procs'), pid))
    writeFileSync(join(leaf, 'cgroup.procs'), pid)
  }
}

/** The gateway and those who started it. */
function ancestors(proc: string): Set<string> {
  const found = new Set<string>()
  for (let pid = String(process.pid); pid !== '0' && !found.has(pid); ) {
    found.add(pid)
    try {
      const stat = readFileSync(join(proc, pid, 'stat'), 'latin1')
      pid = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? '0'
    } catch {
      break
    }
  }
  return found
}

function enable(folder: string, controllers: string[]) {
  writeFileSync(join(folder, 'cgroup.subtree_control'), controllers.map((one) => `+${one}`).join(' '))
}

/** Ends every process in a folder of groups and removes it, as far as that works now; a script may have made groups of its own. */
function removeGroups(folder: string) {
  if (!existsSync(folder)) return
  quietly(() => writeFileSync(join(folder, 'cgroup.kill'), '1'))
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroups(join(folder, entry.name))
  for (let tries = 0; tries < 20; tries++) {
    if (quietly(() => rmdirSync(folder))) return
    Bun.sleepSync(5) // at start and at the end only: the killed are on their way out
  }
}

const words = (folder: string, file: string) => readFileSync(join(folder, file), 'utf8').split(/\s+/).filter(Boolean)

function quietly(step: () => void): boolean {
  try {
    step()
    return true
  } catch {
    return false
  }
}
