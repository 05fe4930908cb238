/** A run that was kept over a restart meets its script as it is now. */
import type { Catalog } from '../scripts/catalog.ts'
import { checkParams } from '../scripts/typebox.ts'
import type { Revive } from './resume.ts'

export const reviving =
  (catalog: Catalog): Revive =>
  (scriptId, values) => {
    const entry = catalog.get(scriptId)
    if (!entry) return { problem: 'Its script is gone.' }
    if (entry.state !== 'active') return { problem: `Its script is ${entry.state}.` }
    const problems = checkParams(entry.params, entry.check(), values)
    if (problems.length > 0) return { problem: 'Its script was changed, and its parameters do not fit any more.' }
    return { script: entry.runnable }
  }
