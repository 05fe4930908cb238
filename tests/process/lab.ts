/** Programs under test: a small environment, a mark of their own, limits that are wide unless a test narrows one. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessSpec, ResourceLimits, StartProcess } from '../../src/process/model.ts'
import { createStartProcess } from '../../src/process/process.ts'
import { resolvePython } from '../../src/runtimes/python.ts'

export const MiB = 1024 * 1024

export const wide: ResourceLimits = {
  memoryBytesMax: 1024 * MiB,
  cpuSecMax: 60,
  processesMax: 200,
  openFilesMax: 1024,
  fileBytesMax: 1024 * MiB,
}

const python = await resolvePython('python3')

export function createLab(folder: string, startProcess: StartProcess = createStartProcess()) {
  let count = 0

  function start(argv: string[], rest: Partial<ProcessSpec> = {}) {
    const mark = `SG_TEST_MARK=${crypto.randomUUID()}`
    const [name = '', value = ''] = mark.split('=')
    const output = { stdout: '', stderr: '' }
    const process = startProcess({
      argv,
      cwd: folder,
      env: { PATH: '/usr/bin:/bin', [name]: value },
      timeoutMs: 20_000,
      graceMs: 200,
      outputBytesMax: 1_000_000,
      mark,
      onOutput(stream, chunk) {
        output[stream] += Buffer.from(chunk).toString()
      },
      ...rest,
    })
    return { process, output, mark }
  }

  return {
    start,
    sh: (script: string, rest?: Partial<ProcessSpec>) => start(['sh', '-c', script], rest),
    /** A Python program, under `wide` limits but for those given. */
    py(program: string, limits: Partial<ResourceLimits> = {}, rest: Partial<ProcessSpec> = {}) {
      const file = join(folder, `${++count}.py`)
      writeFileSync(file, `import os, sys, time, signal, threading\n${program}`)
      return start(['path' in python ? python.path : 'python3', file], { resources: { ...wide, ...limits }, ...rest })
    },
  }
}
