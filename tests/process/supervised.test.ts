/** A program in a sandbox whose first two processes are not the program's. */
import { describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessSpec } from '../../src/process/model.ts'
import { findMarked, findTree } from '../../src/process/tree.ts'
import { endingOf } from '../../src/process/verdict.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { createLab, wide } from './lab.ts'

const folder = tempFolder()
const { start } = createLab(folder)
const sandbox = ['bwrap', '--die-with-parent', '--unshare-pid', '--bind', '/', '/', '--dev', '/dev', '--proc', '/proc']
const within = (script: string, rest: Partial<ProcessSpec> = {}) =>
  start([...sandbox, 'sh', '-c', script], { isSupervised: true, resources: wide, ...rest })

const canSandbox = Bun.which('bwrap') !== null && (await within('true').process.outcome).exitCode === 0
if (!canSandbox) console.warn('SKIPPED: programs in a sandbox, since bwrap is not installed here or may not make one')

describe.skipIf(!canSandbox)('in a sandbox', () => {
  test.each<[string, string, object]>([
    ['an exit code', 'exit 3', { exitCode: 3, signal: null }],
    ['a signal of its own', 'kill -SEGV $$', { exitCode: null, signal: 'SIGSEGV' }],
    ['SIGXCPU is the limit of processor time', 'kill -XCPU $$', { reason: 'resource_limit', signal: 'SIGXCPU' }],
  ])('ends with %s', async (_, script, expected) => {
    expect(await within(script).process.outcome).toMatchObject({ reason: 'exit', ...expected })
  })

  test('TERM reaches the program and its children, which have their grace', async () => {
    const trap = (name: string) => `trap "sleep 0.1; echo ${name}; exit 0" TERM; while :; do sleep 0.02; done`
    const { process, output, mark } = within(`(setsid sh -c '${trap('child')}') & echo up; ${trap('program')}`, {
      graceMs: 5000,
    })
    await eventually('it is up', () => output.stdout.includes('up'))
    // The sandbox's two, two shells, and what these sleep in: both have set their trap.
    await eventually(
      'both wait',
      () => findTree({ pid: process.pid, mark, isSupervised: true, known: () => [] }).length >= 6,
    )
    process.stop('cancelled')
    const outcome = await process.outcome
    expect(outcome).toMatchObject({ reason: 'cancelled', exitCode: 0, signal: null })
    expect(output.stdout).toContain('program')
    expect(outcome.durationMs).toBeLessThan(4000)
  })

  test('one that ignores TERM is gone after the grace, with all it started', async () => {
    const { process, output, mark } = within('trap "" TERM; setsid sleep 60 & echo up; while :; do sleep 0.05; done')
    await eventually('it is up', () => output.stdout.includes('up'))
    const stoppedAt = performance.now()
    process.stop('cancelled')
    expect(await process.outcome).toMatchObject({ reason: 'cancelled', signal: 'SIGKILL' })
    await eventually('nobody is left', () => findMarked([mark]).length === 0)
    expect(performance.now() - stoppedAt).toBeLessThan(1500)
  })

  test.each([0, 1, 2, 3, 5, 8])('stopped %d ms after its start, whatever had started by then', async (ms) => {
    const { process, mark } = within('exec sleep 60', { graceMs: 30_000 })
    if (ms > 0) await Bun.sleep(ms)
    process.stop('cancelled')
    const { reason, durationMs } = await process.outcome
    expect(reason).toBe('cancelled')
    expect(durationMs).toBeLessThan(5000)
    await eventually('nobody is left', () => findMarked([mark]).length === 0)
  })

  test('its daemons are gone with it, and the sandbox is not counted', async () => {
    const { process, mark } = within('setsid sleep 60 >/dev/null 2>&1 & sleep 0.3; exit 0')
    const { usage, exitCode } = await process.outcome
    expect(exitCode).toBe(0)
    expect(usage?.processesPeak).toBe(3) // two times sleep, and the shell
    await eventually('nobody is left', () => findMarked([mark]).length === 0)
  })

  test('what it used is not told when it ended before the first look', async () => {
    expect((await within('true').process.outcome).usage).toBeNull()
  })

  test('over its processes', async () => {
    const { process } = within('for i in 1 2 3 4 5 6 7 8 9; do sleep 10 & done; wait', {
      resources: { ...wide, processesMax: 6 },
    })
    expect(await process.outcome).toMatchObject({
      reason: 'resource_limit',
      overLimit: { limit: 'processes', used: 10, max: 6 },
    })
  })
})

test.each([0, 3, 6, 10])('a launcher that becomes the program ends when it is stopped after %d ms', async (ms) => {
  const file = join(folder, 'launcher.js')
  writeFileSync(
    file,
    `const { dlopen, ptr } = require('bun:ffi')
     const { symbols } = dlopen(null, { execv: { args: ['ptr', 'ptr'], returns: 'int' } })
     const words = ['/bin/sleep', '60'].map((word) => Buffer.from(word + '\\0'))
     const list = new BigUint64Array([...words.map((word) => BigInt(ptr(word))), 0n])
     symbols.execv(ptr(words[0]), ptr(list))`,
  )
  const { process, mark } = start([globalThis.process.execPath, file], { graceMs: 30_000 })
  if (ms > 0) await Bun.sleep(ms)
  process.stop('cancelled')
  const { durationMs } = await process.outcome
  expect(durationMs).toBeLessThan(5000)
  expect(findMarked([mark])).toEqual([])
})

test.each<[number | null, string | null, boolean, object]>([
  [137, null, true, { exitCode: null, signal: 'SIGKILL' }],
  [143, null, true, { exitCode: null, signal: 'SIGTERM' }],
  [134, null, true, { exitCode: null, signal: 'SIGABRT' }], // and not its other name
  [152, null, true, { exitCode: null, signal: 'SIGXCPU' }],
  [145, null, true, { exitCode: 145, signal: null }], // SIGCHLD ends nobody
  [128, null, true, { exitCode: 128, signal: null }],
  [255, null, true, { exitCode: 255, signal: null }],
  [137, null, false, { exitCode: 137, signal: null }],
  [null, 'SIGKILL', true, { exitCode: null, signal: 'SIGKILL' }],
])('exit code %p, signal %p, in a sandbox: %p', (exitCode, signal, isSupervised, expected) => {
  expect(endingOf(exitCode, signal, isSupervised)).toEqual(expected as never)
})
