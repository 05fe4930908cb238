/** Where a script is asked for its schema: confined as in a run, with a folder of its own that goes afterwards. */
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command, ConfinedCommand, Isolation } from '../isolation/model.ts'
import type { ResourceLimits } from '../process/model.ts'
import type { Setting } from '../settings/settings.ts'
import { narrowLimits, resolvePermissions, resourceLimits, whyNotConfined } from './policy-effect.ts'
import type { Policy } from './policy-model.ts'
import type { QuestionStart } from './question-start.ts'

export interface QuestionPlace {
  /** Absolute, and the script's own. */
  tempDir: string
  /** Throws an Error in words when the script cannot be confined as its policy says. */
  confine(command: Command): Omit<ConfinedCommand, 'unenforced'> & { resources: ResourceLimits }
  dispose(): Promise<void>
}

interface Options {
  isolation: Isolation
  setting: Setting
  /** All absolute. */
  tmpDir: string
  dataDir: string
  scriptsDir: string
}

/** A new place for a script in `dir` (absolute). `readable`: what it reads beside that. Throws what the file system says. */
export type MakeQuestionPlace = (script: {
  dir: string
  policy: Policy
  readable?: QuestionStart['readable']
}) => QuestionPlace

export const createQuestionPlaces =
  ({ isolation, setting, tmpDir, dataDir, scriptsDir }: Options): MakeQuestionPlace =>
  ({ dir, policy, readable }) => {
    const tempDir = join(tmpDir, 'schema', randomUUID())
    mkdirSync(tempDir, { recursive: true })
    const resources = resourceLimits(narrowLimits(policy, setting))
    return {
      tempDir,
      confine(command) {
        const permissions = { ...resolvePermissions(policy, setting, { dir, which: Bun.which }), write: [] } // an answer changes nothing
        const { unenforced, ...confined } = blaming(policy, () =>
          isolation.confine(command, {
            permissions,
            ...{ readable: [dir, ...(readable?.(permissions) ?? [])] },
            ...{ writable: [], owned: [], hidden: [dataDir], protected: [scriptsDir] },
            ...{ tempDir, userIndex: 0, limits: resources },
          }),
        )
        if (setting('require_isolation') && unenforced.length > 0)
          throw new Error(
            `this host cannot enforce what it is confined to, and REQUIRE_ISOLATION is on: ${unenforced.join(' ')}`,
          )
        return { ...confined, resources }
      },
      dispose: () => rm(tempDir, { recursive: true, force: true }),
    }
  }

function blaming<T>(policy: Policy, confine: () => T): T {
  try {
    return confine()
  } catch (error) {
    throw new Error(whyNotConfined(error, policy), { cause: error })
  }
}
