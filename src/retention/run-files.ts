/** The files of runs that have ended: how large they are, and their removal. */
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { removeFolder } from '../files/temp.ts'
import { measure } from '../files/temp-report.ts'
import { folderName } from '../runs/plan.ts'
import type { KeptRun, Measured, Part } from '../runs/retention-store.ts'

export interface RunFiles {
  measure(run: KeptRun): Promise<Measured>
  /** Missing is fine. */
  remove(run: KeptRun, part: Part): Promise<void>
}

interface RunFilesDeps {
  /** Absolute. */
  dataDir: string
  /** Absolute; a long result is beside it. */
  logPath(id: number): string
}

export function createRunFiles({ dataDir, logPath }: RunFilesDeps): RunFiles {
  const resultPath = (id: number) => `${logPath(id).slice(0, -'.log'.length)}.result.json`
  const outputDir = (run: KeptRun) => join(dataDir, 'static', run.slug, 'resources', folderName(run))

  return {
    async measure(run) {
      const dir = outputDir(run)
      const outputBytes = isThere(dir) ? ((await measure(dir))?.bytes ?? 0) : 0
      return { id: run.id, logBytes: sizeOf(logPath(run.id)), outputBytes: outputBytes + sizeOf(resultPath(run.id)) }
    },
    async remove(run, part) {
      const paths = part === 'log' ? [logPath(run.id)] : [resultPath(run.id), outputDir(run)]
      for (const path of paths) if (isThere(path)) await removeFolder(path)
    },
  }
}

/** Most runs leave nothing: to see that takes a tenth of the time of removing it. */
const isThere = (path: string) => lstatSync(path, { throwIfNoEntry: false }) !== undefined
const sizeOf = (path: string) => lstatSync(path, { throwIfNoEntry: false })?.size ?? 0
