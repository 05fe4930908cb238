/** Which schema is in force: the script's own answer, or its sidecar. Pure; the rules are the contract's. */
import { parseArgsMap, schemaFlag } from './args-map.ts'
import type { ArgsMap } from './model.ts'
import { hashArgsMap, type Sidecar, sidecarNames } from './sidecar.ts'
import type { ScriptRow } from './table.ts'

/** What is known; `own` null without an `ownError`: the script cannot be asked. */
interface Known {
  stem: string
  own: ArgsMap | null
  ownError: string | null
  sidecar: Sidecar | null
  /** As it was at the last scan; null for a new script. */
  before: Pick<ScriptRow, 'ownParams' | 'sidecarOwnedHash' | 'sidecarStamp'> | null
}

export interface Settled {
  params: ArgsMap
  error: string | null
  warnings: string[]
  sidecarOwnedHash: string | null
  /** The sidecar to write; its content is `params`. */
  write: { name: string; isNew: boolean } | null
}

export function settle(known: Known): Settled {
  const { own, sidecar, stem } = known
  if (!sidecar) return own ? ownSchema(own, { name: sidecarNames(stem)[0], isNew: true }) : noSchema(known)
  if (!sidecar.ok) return broken(sidecar.problem, known.before?.sidecarOwnedHash ?? null)
  if (!own) return sidecarStandsIn(known, sidecar)

  const isOurs = known.before?.sidecarOwnedHash === sidecar.hash
  if (hashArgsMap(own) === sidecar.hash)
    return {
      ...ownSchema(own, null, sidecar.warnings),
      sidecarOwnedHash: isOurs || isFirstSight(known) ? sidecar.hash : null,
    }
  if (isOurs) return ownSchema(own, { name: sidecar.name, isNew: false })
  return { params: sidecar.argsMap, error: null, warnings: sidecar.warnings, sidecarOwnedHash: null, write: null }
}

/** The first time that this sidecar and an answer of the script are both there to be compared. */
const isFirstSight = ({ before }: Known) => before === null || before.ownParams === null || before.sidecarStamp === ''

function ownSchema(own: ArgsMap, write: Settled['write'], warnings = warningsOf(own)): Settled {
  return { params: own, error: null, warnings, sidecarOwnedHash: hashArgsMap(own), write }
}

function warningsOf(own: ArgsMap): string[] {
  const parsed = parseArgsMap(own)
  return parsed.ok ? parsed.warnings : []
}

function sidecarStandsIn({ ownError, before }: Known, sidecar: Sidecar & { ok: true }): Settled {
  const standsIn = ownError ? [`The schema is the sidecar's, because the script was asked in vain. ${ownError}`] : []
  return {
    params: sidecar.argsMap,
    error: null,
    warnings: [...standsIn, ...sidecar.warnings],
    sidecarOwnedHash: before?.sidecarOwnedHash === sidecar.hash ? sidecar.hash : null,
    write: null,
  }
}

function noSchema({ ownError, stem }: Known): Settled {
  const howTo =
    `It has no schema: let it print its ARGS_MAP as JSON when it is started with ${schemaFlag}, ` +
    `or describe its parameters in a sidecar "${sidecarNames(stem)[0]}" beside it ({} for none).`
  return broken(ownError ?? howTo, null)
}

const broken = (error: string, sidecarOwnedHash: string | null): Settled => ({
  params: {},
  error,
  warnings: [],
  sidecarOwnedHash,
  write: null,
})
