/** A shell's command line to the one command that it is about: what it is set up with before, and what comes after. */
import { masked } from '../../logs/mask.ts'
import { type Outcome, quote, refuse } from './model.ts'
import { readWords, type Token, type Word } from './shell.ts'

export interface ShellCommand {
  words: Word[]
  /** Where it runs, as far as it says; null: it does not. */
  folder: Word | null
  /** The address that it calls after a good end, of a service that counts signs of life; null: none that is known. A secret. */
  heartbeatUrl: string | null
  warnings: string[]
}

/** What is not the one command is dropped with a warning where that changes nothing of what runs, and refused elsewhere. */
export function readShell(command: string, variables: ReadonlyMap<string, string>): Outcome<ShellCommand> {
  const read = readWords(command, withoutAssigned(command, variables))
  if (!read.ok) return read
  const steps = toSteps(read.tokens)
  if (!steps.ok) return steps
  const warnings: string[] = []
  let folder: Word | null = null
  let rest = steps.steps
  for (;;) {
    const [step, ...later] = rest
    if (!step) return refuse('There is no command in it')
    const setup = later.length > 0 && (step.joint === '&&' || step.joint === ';') ? readSetup(step.words) : null
    if (!setup) break
    folder = setup.folder ?? folder
    if (setup.warning) warnings.push(setup.warning)
    rest = later
  }
  const [main, ...after] = rest
  if (!main) return refuse('There is no command in it')
  const heartbeat = readHeartbeat(main.joint, after)
  const problem = compoundProblem(main) ?? (heartbeat ? null : restProblem(main.joint, after))
  if (problem) return refuse(problem)
  const outputs = [...new Set(rest.flatMap((step) => step.outputs))].filter((output) => output !== '')
  if (outputs.length > 0)
    warnings.push(`What it prints is kept with the run, and not written to ${outputs.slice(0, 3).join(', ')}.`)
  if (heartbeat?.url === null)
    warnings.push(
      'The address that it calls after a good end is not written out, so it is not taken over: give it to the schedule as its heartbeat.',
    )
  return { ok: true, words: main.words, folder, heartbeatUrl: heartbeat?.url ?? null, warnings }
}

/** Variables that the command sets itself are not what the crontab says. */
function withoutAssigned(command: string, variables: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const assigned = new Set([...command.matchAll(/\b([A-Za-z_]\w*)=/g)].map(([, name]) => name))
  return assigned.size === 0 ? variables : new Map([...variables].filter(([name]) => !assigned.has(name)))
}

interface Step {
  words: Word[]
  /** Files that its output goes to. */
  outputs: string[]
  /** What joins it to the next one; null: nothing. */
  joint: string | null
}

function toSteps(tokens: Token[]): Outcome<{ steps: Step[] }> {
  const steps: Step[] = []
  let step: Step = { words: [], outputs: [], joint: null }
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]
    if (!token) break
    if ('word' in token) step.words.push(token.word)
    else if (/[<>]/.test(token.operator)) {
      const target = tokens[at + 1]
      if (!target || !('word' in target)) return refuse(`There is no file after ${token.operator}`)
      const output = readRedirection(token.operator, target.word)
      if (!output.ok) return output
      step.outputs.push(output.file)
      at += 1
    } else {
      if (step.words.length > 0) steps.push({ ...step, joint: token.operator })
      else if (token.operator !== ';') return refuse(`There is no command before ${token.operator}`)
      step = { words: [], outputs: [], joint: null }
    }
  }
  if (step.words.length > 0) steps.push(step)
  return { ok: true, steps }
}

/** The file that something goes to; empty: none, as of `2>&1`. */
function readRedirection(operator: string, { text, unknown }: Word): Outcome<{ file: string }> {
  if (operator === '>&' && /^(\d|-)$/.test(text)) return { ok: true, file: '' }
  if (operator.includes('>') && operator !== '<>') return { ok: true, file: unknown === null ? quote(text) : text }
  return operator === '<' && text === '/dev/null'
    ? { ok: true, file: '' }
    : refuse(`It reads its input from ${operator} ${text}: scripts get none; a file is passed as a parameter`)
}

/** What a crontab often does first, and what comes of it here; null: it is something else. */
function readSetup(words: Word[]): { folder?: Word; warning?: string } | null {
  const [first, ...rest] = words
  const [second] = rest
  if (!first) return null
  if (first.text === 'cd' && rest.length === 1 && second) return { folder: second }
  const isSource = first.text === '.' || first.text === 'source'
  if (isSource && rest.length === 1 && second && /(^|\/)bin\/activate$/.test(second.text))
    return { warning: `The packages of ${second.text} are not used: scripts get those that they declare.` }
  if (isSource && rest.length === 1 && second)
    return { warning: `What ${second.text} sets is not passed on: give the script its own variables.` }
  const assigned = first.text === 'export' ? rest : words
  if (assigned.length > 0 && assigned.every(isAssignment))
    return {
      warning: `${assigned.map(nameOf).join(', ')}: set as variables of the script, for these are not passed on.`,
    }
  return null
}

/** `NAME=value`, the name not quoted. */
export const isAssignment = ({ text, bare }: Word) => {
  const name = /^[A-Za-z_]\w*=/.exec(text)
  return name !== null && bare >= name[0].length
}

export const nameOf = ({ text }: Word) => text.slice(0, Math.max(0, text.indexOf('=')))

const compounds = ['if', 'for', 'while', 'until', 'case', 'function', '{', '}', '!', '[', '[[', 'test', 'set', 'eval']

function compoundProblem({ words: [first] }: Step): string | null {
  if (!first) return 'There is no command in it'
  return compounds.includes(first.text)
    ? `${quote(first.text)} is worked out by a shell, which an import does not do: let the script decide`
    : null
}

/** What comes after the command and is not taken over; a problem, or null. */
function restProblem(joint: string | null, after: Step[]): string | null {
  const [next, ...more] = after
  if (joint === null || !next) return null
  if (joint.startsWith('|') && joint !== '||')
    return `"|" hands what it prints to ${quote(next.words[0]?.text ?? '')}: the script has to do that itself, or a notification`
  if (more.length === 0 && joint === '||' && isNothing(next.words)) return null
  if (more.length === 0 && joint === '||')
    return `${quote(next.words[0]?.text ?? '')} after "||" is for failures: a notification tells those`
  return `${quote(next.words[0]?.text ?? '')} after "${joint}" is a second command: a schedule starts one script`
}

const isNothing = ([first, ...rest]: Word[]) => rest.length === 0 && (first?.text === 'true' || first?.text === ':')

const lifeSigns =
  'https?://(?:[\\w-]+\\.)*(?:hc-ping\\.com|healthchecks\\.io|cronitor\\.link|nosnch\\.in|betterstack\\.com|betteruptime\\.com|uptimerobot\\.com)/'
const isLifeSign = new RegExp(`^${lifeSigns}`)
const lifeSignPaths = new RegExp(`(${lifeSigns})[^\\s"']+`, 'g')

/** What is after the host of such addresses is a password of a kind: who has it can say that all is well. */
export const withoutHeartbeats = (text: string) => text.replace(lifeSignPaths, `$1${masked}`)

/** curl or wget of one address that counts signs of life, after a good end; `url` is null where a shell would put in a part of it. */
function readHeartbeat(joint: string | null, [step, ...more]: Step[]): { url: string | null } | null {
  if (joint !== '&&' || !step || more.length > 0) return null
  const [program, ...rest] = step.words
  const [address, ...others] = rest.filter(({ text }) => text.includes('://'))
  const isPing = /^(curl|wget)$/.test(program?.text.split('/').at(-1) ?? '')
  if (!isPing || !address || others.length > 0 || !isLifeSign.test(address.text)) return null
  return { url: address.unknown === null ? address.text : null }
}
