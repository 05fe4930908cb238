/** A crontab becomes schedules: what each line comes to, and, when that is asked for, the schedules. */
import { GatewayError, invalid } from '../errors.ts'
import { masked } from '../logs/mask.ts'
import type { Catalog } from '../scripts/catalog.ts'
import { planImport } from './crontab/plan.ts'
import { readCrontab } from './crontab/read.ts'
import { refused, zoneOf } from './draft.ts'
import { shownParams } from './params.ts'
import type { Asker, CrontabEntry, CrontabImport, Schedule, ScheduleInput } from './view-model.ts'

interface ImportDeps {
  catalog: Pick<Catalog, 'get' | 'list'>
  /** Of lines that name none, where the import names none either. */
  zone: string
  /** Throws a GatewayError that says why it cannot be made. */
  check(scriptId: number, input: ScheduleInput): void
  create(scriptId: number, input: ScheduleInput, asker: Asker): Schedule
  /** The schedules that a script has at these times already. */
  atTimes(scriptId: number, expression: string, timezone: string | null): { id: number; params: object }[]
}

/** Lines that cannot be schedules have a `problem`, and hold up no others. Throws `validation` for a zone or a line that is none. */
export function importLines(text: string, options: CrontabImport, deps: ImportDeps): CrontabEntry[] {
  const timezone = options.timezone === null ? deps.zone : zoneFrom(options.timezone)
  const allowed = options.scriptIds && new Set(options.scriptIds)
  const entries = deps.catalog.list().filter(({ row }) => !allowed || allowed.has(row.id))
  const scripts = entries.map(({ row, slug, params }) => ({
    ...{ id: row.id, slug, params, runtime: row.runtime, filename: row.filename },
  }))
  const planned = planImport(readCrontab(text, { isSystem: options.isSystem }), { scripts, timezone })
  refuseUnknownLines(planned, options.lines)
  const wanted = options.lines && new Set(options.lines)
  return planned.map((entry) => {
    const isWanted = !wanted || wanted.has(entry.line)
    return settled(entry, options, { ...deps, isMade: options.isApplied && isWanted, isNamed: wanted !== undefined })
  })
}

function zoneFrom(name: string): string {
  const problems: Parameters<typeof zoneOf>[1] = []
  const zone = zoneOf(name, problems)
  if (zone === null) throw refused(problems)
  return zone
}

function refuseUnknownLines(entries: CrontabEntry[], lines: number[] = []) {
  const starting = new Set(entries.map(({ line }) => line))
  const idle = lines.find((line) => !starting.has(line))
  if (idle !== undefined) throw invalid(`/lines/${lines.indexOf(idle)}`, `is line ${idle}, which starts nothing`)
}

function settled(
  entry: CrontabEntry,
  { enabled, asker }: CrontabImport,
  { catalog, check, create, atTimes, isMade, isNamed }: ImportDeps & { isMade: boolean; isNamed: boolean },
): CrontabEntry {
  const { script_id: scriptId, cron_expression: expression, timezone, params } = entry
  const { heartbeat_url: url } = entry
  const shown = {
    ...entry,
    params: scriptId === null ? params : shownParams(catalog.get(scriptId)?.params ?? [], params),
    heartbeat_url: url === null ? null : hostOf(url),
  }
  if (entry.problem !== null || scriptId === null || expression === null) return shown
  const others = atTimes(scriptId, expression, timezone)
  const existing_id = others.find((row) => Bun.deepEquals(row.params, shown.params))?.id ?? null
  const warnings = [...entry.warnings]
  if (existing_id !== null) warnings.push(alreadyThere(existing_id))
  else if (others.length > 0) warnings.push('The script has a schedule with these times already, with other values.')
  if (existing_id !== null && !isNamed) return { ...shown, warnings, existing_id }
  // Not the command: it may hold a secret.
  const description = `From a crontab, line ${entry.line}`
  const input = {
    ...{ cron_expression: expression, timezone: timezone ?? undefined, description, params, enabled },
    ...(url === null ? {} : { heartbeat_url: url }),
  }
  try {
    if (!isMade) check(scriptId, input)
    const schedule_id = isMade ? create(scriptId, input, asker).id : null
    return { ...shown, warnings, schedule_id, existing_id }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return { ...shown, warnings, existing_id, problem: error.message }
  }
}

const alreadyThere = (id: number) =>
  `It is there already, as schedule ${id}: another one is made only where the line is chosen.`

/** As schedules show it. */
const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).host : masked)
