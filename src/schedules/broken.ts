/** Schedules whose parameters do not fit their script's schema any more, or whose zone is not known here, and those that are well again. */
import type { Clock } from '../clock.ts'
import { GatewayError, type Problem } from '../errors.ts'
import type { Catalog, Entry } from '../scripts/catalog.ts'
import { fitParams, hiddenIn, shownParams } from './params.ts'
import type { ScheduleQueries } from './queries.ts'
import type { ScheduleSecrets } from './sealed.ts'
import type { ScheduleRow } from './table.ts'
import { isKnownZone } from './times/offsets.ts'

interface BrokenDeps {
  queries: Pick<ScheduleQueries, 'ofScripts' | 'setFit' | 'transaction'>
  secrets: ScheduleSecrets
  catalog: Pick<Catalog, 'get'>
  clock: Pick<Clock, 'now'>
}

/**
 * Looks again at the schedules of these scripts; writes only what became different, and answers the ids of those. A script in error or
 * missing says nothing of its schema: its schedules stay as they are, and what comes due is noted as skipped.
 */
export function recheck({ queries, secrets, catalog, clock }: BrokenDeps, scriptIds: number[]): number[] {
  const entries = new Map(
    scriptIds
      .map((id) => [id, catalog.get(id)] as const)
      .filter((pair): pair is [number, Entry] => pair[1]?.state === 'active' || pair[1]?.state === 'inactive'),
  )
  if (entries.size === 0) return []
  const changes = queries.ofScripts([...entries.keys()]).flatMap((row) => {
    const change = changeOf(row, entries.get(row.scriptId)!, secrets)
    return change ? [{ id: row.id, ...change }] : []
  })
  if (changes.length === 0) return []
  queries.transaction(() => {
    for (const { id, params, problems } of changes) queries.setFit(id, { params, problems, updatedAt: clock.now() })
  })
  return changes.map(({ id }) => id)
}

/** null where it is as it was. What the schema calls secret by now is shown masked from here on. */
function changeOf(
  row: ScheduleRow,
  entry: Entry,
  secrets: ScheduleSecrets,
): Pick<ScheduleRow, 'params' | 'problems'> | null {
  const sent = opened(row, secrets)
  const hidden = hiddenIn(row.params)
  const misfits = 'problem' in sent ? [sent.problem] : fitParams(entry, sent.params, hidden).problems
  const problems = [...zoneProblems(row.timezone), ...misfits]
  const params = 'problem' in sent ? row.params : shownParams(entry.params, sent.params, hidden)
  const isSame = Bun.deepEquals(problems, row.problems) && Bun.deepEquals(params, row.params)
  return isSame ? null : { params, problems }
}

/** Of a database that was made where more zones, or others, are known. */
export const zoneProblems = (timezone: string): Problem[] =>
  isKnownZone(timezone)
    ? []
    : [{ path: '/timezone', message: `${JSON.stringify(timezone)} is not known to this gateway: choose another one` }]

function opened(
  row: ScheduleRow,
  secrets: ScheduleSecrets,
): { params: Record<string, unknown> } | { problem: Problem } {
  try {
    return { params: secrets.openParams(row) }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const message =
      'cannot be read: they were sealed with another key. Start the gateway with that key, or send them again'
    return { problem: { path: '/params', message } }
  }
}
