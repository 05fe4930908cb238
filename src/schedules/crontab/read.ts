/** Reads a crontab as crontab(5) of Vixie's cron and cronie has it, line by line. */
import { normalZone } from '../times/zone.ts'
import { readFields, readNickname } from './fields.ts'
import {
  type CrontabCommand,
  type CrontabLine,
  crontabBytesMax,
  lineLengthMax,
  linesMax,
  quote,
  refuse,
} from './model.ts'
import { hasUserColumn } from './user-column.ts'

interface Options {
  /** With a column for the user before the command, as in /etc/crontab and /etc/cron.d; undefined: `hasUserColumn` decides. */
  isSystem?: boolean
}

/**
 * Every line of it, in order; never throws. A crontab over `crontabBytesMax` is one problem, and what comes after
 * `linesMax` lines is one: half of a crontab is not what somebody wants.
 */
export function readCrontab(text: string, { isSystem }: Options = {}): CrontabLine[] {
  if (text.length > crontabBytesMax || Buffer.byteLength(text) > crontabBytesMax)
    return [problemLine(1, text, `The crontab has more than ${crontabBytesMax / 1024} KiB: import it in parts`)]
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  const reader = createReader(isSystem ?? hasUserColumn(lines.slice(0, linesMax)))
  const read = lines.slice(0, linesMax).map((line, index) => reader(line, index + 1))
  const rest = lines[linesMax]
  if (rest !== undefined)
    read.push(problemLine(linesMax + 1, rest, `Only ${linesMax} lines are read: import the rest by itself`))
  return read
}

const problemLine = (line: number, text: string, problem: string): CrontabLine => ({
  kind: 'problem',
  line,
  text: text.slice(0, lineLengthMax),
  problem,
})

/** Remembers what the lines above have set. */
function createReader(hasUser: boolean) {
  const variables = new Map<string, string>()
  /** Of `variables`, shared by the commands between two changes. */
  let noted: ReadonlyMap<string, string> | null = null
  let zone: Zone = { ok: true, timezone: null }

  return (raw: string, line: number): CrontabLine => {
    if (raw.length > lineLengthMax) return problemLine(line, raw, `The line has more than ${lineLengthMax} characters`)
    const place = { line, text: raw }
    const content = raw.trim()
    if (content === '') return { ...place, kind: 'blank' }
    if (content.startsWith('#')) return { ...place, kind: 'comment' }
    if (raw.includes('\0')) return problemLine(line, raw, 'The line holds a NUL character')

    const variable = readVariable(content)
    if (variable) {
      variables.set(variable.name, variable.value)
      noted = null
      if (variable.name === 'CRON_TZ') zone = readZone(variable.value)
      return { ...place, kind: 'variable', ...variable }
    }
    const command = readCommand(content, hasUser)
    if (typeof command === 'string') return problemLine(line, raw, command)
    if (!zone.ok) return problemLine(line, raw, zone.problem)
    noted ??= new Map(variables)
    return { ...place, ...command, timezone: zone.timezone, variables: noted }
  }
}

type Zone = { ok: true; timezone: string | null } | { ok: false; problem: string }

function readZone(value: string): Zone {
  if (value === '') return { ok: true, timezone: null }
  const timezone = normalZone(value)
  return timezone === null
    ? { ok: false, problem: `CRON_TZ above it is ${quote(value)}, which is no time zone such as Europe/Berlin` }
    : { ok: true, timezone }
}

/** `NAME = value`, either in quotes; the value goes to the end of the line, `#` and all. */
function readVariable(content: string): { name: string; value: string } | null {
  const match = /^(["']?)([A-Za-z_][A-Za-z0-9_]*)\1[ \t]*=[ \t]*(.*)$/s.exec(content)
  if (!match) return null
  const [, , name = '', value = ''] = match
  const quoted = /^(["'])(.*)\1$/s.exec(value)
  return { name, value: quoted ? (quoted[2] ?? '') : value }
}

type Read = Omit<CrontabCommand, 'timezone' | 'variables'>

/** A problem is a sentence. */
function readCommand(content: string, hasUser: boolean): Read | string {
  // SUSE: a minus before the minute keeps the line out of the system's log.
  const line = content.replace(/^-(?=[\d*@])/, '')
  const isNickname = line.startsWith('@')
  const { words, rest } = takeWords(line, isNickname ? 1 : 5)
  const when = isNickname ? readNickname(words[0] ?? '') : readWhen(words)
  if (!when.ok) return when.problem
  const { user, command } = hasUser ? takeUser(rest) : { user: null, command: rest }
  if (command === '')
    return hasUser
      ? 'There is no command after the times and the user'
      : 'There is no command after the times: a line has five fields, or a word such as @daily, and a command'
  return { kind: 'command', when: when.when, user, warnings: when.warnings, ...takeStdin(takeFlags(command)) }
}

function readWhen(words: string[]): ReturnType<typeof readFields> {
  if (words.length === 5) return readFields(words)
  const problem =
    words.length === 1
      ? `${quote(words[0] ?? '')} is no line of a crontab: there belong five fields, or a word such as @daily, and a command`
      : `There are five fields before the command (minute, hour, day, month, day of the week); here are ${words.length}`
  return refuse(problem)
}

/** The first words, and what comes after them. */
function takeWords(text: string, count: number): { words: string[]; rest: string } {
  const words: string[] = []
  let rest = text
  while (words.length < count && rest !== '') {
    const end = rest.search(/\s/)
    words.push(end === -1 ? rest : rest.slice(0, end))
    rest = end === -1 ? '' : rest.slice(end).trimStart()
  }
  return { words, rest }
}

function takeUser(text: string): { user: string; command: string } {
  const { words, rest } = takeWords(text, 1)
  return { user: words[0] ?? '', command: rest }
}

/** The BSDs' options before the command, of mails and logs: `-n`, `-q`; `-s` is what our schedules do anyway. */
const takeFlags = (command: string) => command.replace(/^(-[nqs]{1,3}\s+)+(?=\S)/, '')

/** The first `%` ends the command, later ones are ends of lines of what it reads; `\%` is a per cent sign. */
function takeStdin(text: string): { command: string; stdin: string | null } {
  const parts: string[] = ['']
  for (let at = 0; at < text.length; at += 1) {
    const isEscaped = text[at] === '\\' && text[at + 1] === '%'
    if (isEscaped) at += 1
    if (text[at] === '%' && !isEscaped) parts.push('')
    else parts.push(`${parts.pop()}${text[at]}`)
  }
  const [command = '', ...lines] = parts
  const stdin = lines.join('\n')
  return { command: command.trim(), stdin: stdin.trim() === '' ? null : stdin }
}
