import { describe, expect, test } from 'bun:test'
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessSpec } from '../../src/process/model.ts'
import { findMarked } from '../../src/process/tree.ts'
import { failureOf } from '../harness/failure.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { createLab } from './lab.ts'

const folder = tempFolder()
const { start, sh } = createLab(folder)

describe('how a process ends', () => {
  test.each<[string, string, Partial<ProcessSpec>, object]>([
    ['its exit code', 'exit 3', {}, { reason: 'exit', exitCode: 3, signal: null }],
    ['success', 'true', {}, { reason: 'exit', exitCode: 0, signal: null }],
    ['a signal of its own', 'kill -9 $$', {}, { reason: 'exit', exitCode: null, signal: 'SIGKILL' }],
    ['the time limit, on TERM', 'sleep 30', { timeoutMs: 50 }, { reason: 'timeout', signal: 'SIGTERM' }],
    [
      'the time limit, on KILL',
      'trap "" TERM; while :; do sleep 0.05; done',
      { timeoutMs: 50, graceMs: 100 },
      { reason: 'timeout', signal: 'SIGKILL' },
    ],
    [
      'the time limit, though it ends well on TERM',
      'trap "exit 0" TERM; while :; do sleep 0.02; done',
      { timeoutMs: 50 },
      { reason: 'timeout', exitCode: 0 },
    ],
    ['the output limit', 'yes', { outputBytesMax: 10_000 }, { reason: 'output_limit' }],
  ])('%s', async (_, script, rest, expected) => {
    expect(await sh(script, rest).process.outcome).toMatchObject(expected)
  })

  test('a program that does not exist', async () => {
    const outcome = await start(['no-such-program']).process.outcome
    expect(outcome).toMatchObject({ reason: 'not_started', exitCode: null })
    expect(outcome.error).toContain('no-such-program')
  })

  test('cancelled, and only the first cause counts', async () => {
    const { process } = sh('sleep 30')
    process.stop('cancelled')
    process.stop('interrupted')
    expect(await process.outcome).toMatchObject({ reason: 'cancelled' })
  })

  test('output that cannot be taken ends the process and is thrown', async () => {
    const { process, mark } = sh('echo x; sleep 30', {
      onOutput: () => {
        throw new Error('no space left')
      },
    })
    expect(await failureOf(process.outcome)).toContain('no space left')
    expect(findMarked([mark])).toEqual([])
  })
})

describe('what it printed', () => {
  test('both streams, to the last byte', async () => {
    const { process, output } = sh('printf out; printf err >&2; printf more')
    expect(await process.outcome).toMatchObject({ outputBytes: 10 })
    expect(output).toEqual({ stdout: 'outmore', stderr: 'err' })
  })

  test('no more than the limit is handed on', async () => {
    const { process, output } = sh('yes', { outputBytesMax: 1000 })
    await process.outcome
    expect(output.stdout.length).toBe(1000)
  })

  test('stdin is empty', async () => {
    const { process, output } = sh('wc -c')
    await process.outcome
    expect(output.stdout.trim()).toBe('0')
  })
})

describe('nobody is left behind', () => {
  test.each<[string, string, Partial<ProcessSpec>]>([
    ['a child in the background', 'sleep 60 & echo x', {}],
    ['a child that closed its output', 'sleep 60 >/dev/null 2>&1 & echo x', {}],
    ['a child that left the session', 'setsid sleep 60 & echo x', {}],
    ['a child that left the session and its output', 'setsid sleep 60 >/dev/null 2>&1 & echo x', {}],
    ['children of a run that is stopped', 'sleep 60 & setsid sleep 60 & sleep 60', { timeoutMs: 100 }],
    [
      'a child that ignores TERM',
      '(trap "" TERM; setsid sh -c "trap \\"\\" TERM; sleep 60") & sleep 60',
      { timeoutMs: 100 },
    ],
  ])('%s', async (_, script, rest) => {
    const { process, mark } = sh(script, rest)
    const startedAt = performance.now()
    await process.outcome
    expect(performance.now() - startedAt).toBeLessThan(5000) // not held by the child
    await eventually('every descendant is gone', () => findMarked([mark]).length === 0)
  })

  test('a main process that ends holds its output only as long as its child gets to finish it', async () => {
    // The child is given 100 ms: on a busy machine a sleep of a third of it took longer.
    const { process, output } = sh(`(sleep 0.001; echo late) & echo early`)
    await process.outcome
    expect(output.stdout).toBe('early\nlate\n')
  })
})

test('the folder it runs in is the one asked for', async () => {
  const { process, output } = start(['pwd'], { cwd: join(folder) })
  await process.outcome
  expect(output.stdout.trim()).toBe(folder)
})

describe('descriptor 3', () => {
  const file = join(folder, 'rules')
  writeFileSync(file, 'what it says')

  test('is the file, from its beginning, for each program anew', async () => {
    for (let i = 0; i < 2; i++) {
      const { process, output } = sh('cat <&3', { fileAsFd3: file })
      await process.outcome
      expect(output.stdout).toBe('what it says')
    }
  })

  test('is not there without a file', async () => {
    const { process } = sh('cat <&3')
    expect((await process.outcome).exitCode).not.toBe(0)
  })

  test('a file that is not there: not started, with the reason', async () => {
    const outcome = await sh('true', { fileAsFd3: `${file}.gone` }).process.outcome
    expect(outcome).toMatchObject({ reason: 'not_started', usage: null })
    expect(outcome.error).toContain('rules.gone')
  })

  test('is kept open by nobody, whatever became of the start', async () => {
    const before = openFiles()
    for (let i = 0; i < 20; i++) {
      await sh('true', { fileAsFd3: file }).process.outcome
      await start(['no-such-program'], { fileAsFd3: file }).process.outcome
    }
    expect(openFiles().filter((path) => path === file)).toEqual([])
    await eventually('as few files are open as before', () => openFiles().length <= before.length + 2)
  })
})

/** What the descriptors of this process lead to; empty where there is no /proc. */
function openFiles(): string[] {
  try {
    return readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`)
      } catch {
        return [] // the one that lists them
      }
    })
  } catch {
    return []
  }
}
