/** From the lines of a crontab to the schedules they come to. */
import { normalZone } from '../times/zone.ts'
import type { CrontabEntry } from '../view-model.ts'
import { readArguments } from './arguments.ts'
import { withoutHeartbeats } from './commands.ts'
import { createScriptFinder, type ScriptFinder } from './match.ts'
import { type CrontabCommand, type CrontabLine, type ImportScript, type Outcome, quote, refuse } from './model.ts'
import { readProgram } from './program.ts'

interface Options {
  /** Those that may be scheduled. */
  scripts: ImportScript[]
  /** Of lines that no CRON_TZ stands above; null: the gateway's. */
  timezone: string | null
}

/**
 * An entry for each line that starts something, or that should and cannot be read; never throws. `params` are converted
 * and fit the schema, defaults left out. `heartbeat_url` is the whole address: whoever shows an entry leaves its host.
 */
export function planImport(lines: CrontabLine[], { scripts, timezone }: Options): CrontabEntry[] {
  const finder = createScriptFinder(scripts)
  const mailed = new Set<string>() // said once, and not of every line
  return lines.flatMap((line) => {
    if (line.kind === 'problem') return [entryOf(line, { problem: sentence(line.problem) })]
    if (line.kind !== 'command') return []
    const place = {
      cron_expression: line.when,
      timezone: line.timezone ?? timezone,
      command: withoutHeartbeats(line.command),
    }
    const plan = planCommand(line, finder)
    if (!plan.ok) return [entryOf(line, { ...place, problem: sentence(plan.problem) })]
    const { script, params, heartbeat_url } = plan
    const mailTo = line.variables.get('MAILTO') ?? ''
    const isNew = mailTo !== '' && !mailed.has(mailTo)
    mailed.add(mailTo)
    const warnings = [...new Set([...plan.warnings, ...(isNew ? [mailWarning(mailTo)] : [])])]
    return [entryOf(line, { ...place, script_id: script.id, params, heartbeat_url, warnings })]
  })
}

const entryOf = ({ line, text }: CrontabLine, rest: Partial<CrontabEntry>): CrontabEntry => ({
  ...{ line, text: withoutHeartbeats(text), cron_expression: null, timezone: null, command: null, script_id: null },
  ...{ params: {}, heartbeat_url: null, problem: null, warnings: [], schedule_id: null, existing_id: null },
  ...rest,
})

const sentence = (text: string) => (/[.?!]$/.test(text) ? text : `${text}.`)

interface Plan {
  script: ImportScript
  params: Record<string, unknown>
  heartbeat_url: string | null
  warnings: string[]
}

function planCommand(line: CrontabCommand, finder: ScriptFinder): Outcome<Plan> {
  if (line.stdin !== null)
    return refuse('What stands after % is its input, and scripts get none; where a per cent sign is meant, write \\%')
  const program = readProgram(line.command, line.variables)
  if (!program.ok) return program
  const found = finder.find(program)
  if (!found.ok) return found
  const { script, warning } = found
  const args = readArguments(program.args, script.params)
  if (!args.ok) return args
  const warnings = [
    ...line.warnings,
    ...(warning ? [warning] : []),
    ...program.warnings,
    ...args.warnings,
    ...settingWarnings(line),
  ]
  return { ok: true, script, params: args.params, heartbeat_url: program.heartbeatUrl, warnings }
}

/** Variables that say nothing to a script of ours: it gets its own PATH, HOME and so on. */
const ofCron = ['SHELL', 'PATH', 'HOME', 'LOGNAME', 'USER', 'LANG', 'LANGUAGE', 'CRON_TZ', 'MAILTO', 'MAILFROM']
const ofMails = ['CONTENT_TYPE', 'CONTENT_TRANSFER_ENCODING', 'RANDOM_DELAY', 'START_HOURS_RANGE', 'TZ']

const mailWarning = (mailTo: string) => `Nothing is mailed to ${quote(mailTo)}: make a rule for notifications.`

/** What the lines above it set, and nothing here does; who is mailed is said once. */
function settingWarnings({ variables, user, timezone }: CrontabCommand): string[] {
  const warnings: string[] = []
  const delay = variables.get('RANDOM_DELAY')
  if (delay && delay !== '0')
    warnings.push(`RANDOM_DELAY of ${quote(delay)} minutes is not taken over: give the schedule a jitter.`)
  const zone = variables.get('TZ')
  if (zone && timezone === null && normalZone(zone) !== null)
    warnings.push(`TZ=${zone} is not what cron reads times in, so it is not here; CRON_TZ is.`)
  const others = [...variables.keys()].filter((name) => !ofCron.includes(name) && !ofMails.includes(name))
  if (others.length > 0)
    warnings.push(
      `${others.slice(0, 5).join(', ')}${others.length > 5 ? ' …' : ''}: set as variables of the script, for these are not passed on.`,
    )
  if (user !== null)
    warnings.push(`It ran as ${user}: here it runs as the gateway's user, whom its files have to let in.`)
  return warnings
}
