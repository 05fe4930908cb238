/** The words of a command to the script's file and its arguments, through the programs that stand before it. */
import type { RuntimeName } from '../../scripts/model.ts'
import { isAssignment, nameOf, readShell } from './commands.ts'
import { type Outcome, quote, refuse } from './model.ts'
import type { Word } from './shell.ts'

export interface Program {
  /** What interprets it; null: it is called by its own name. */
  runtime: RuntimeName | null
  /** As the command names it. */
  path: Word
  /** Where it runs; null: it does not say. */
  folder: Word | null
  args: Word[]
  /** What it calls after a good end; null: nothing. A secret. */
  heartbeatUrl: string | null
  warnings: string[]
}

/** A shell within a shell within … */
const depthMax = 4

/** Of a command line in a shell with these variables. */
export function readProgram(command: string, variables: ReadonlyMap<string, string>, depth = 1): Outcome<Program> {
  if (depth > depthMax) return refuse(`It starts shells within shells, more than ${depthMax}`)
  const shell = readShell(command, variables)
  if (!shell.ok) return shell
  const { folder, heartbeatUrl, warnings } = shell
  let words = shell.words
  // Each round takes a word at least.
  for (;;) {
    const [first, ...rest] = words
    if (!first) return refuse('There is no command in it')
    if (isAssignment(first)) {
      warnings.push(`${nameOf(first)} is not passed on: set it as a variable of the script.`)
      words = rest
      continue
    }
    const name = programOf(first)
    const step = takeShell(name, rest) ?? takeWrapper(name, rest) ?? takeInterpreter(first, name, rest)
    if ('problem' in step) return refuse(step.problem)
    if ('line' in step) {
      const inner = readProgram(step.line, variables, depth + 1)
      return inner.ok
        ? {
            ...inner,
            folder: inner.folder ?? folder,
            heartbeatUrl: heartbeatUrl ?? inner.heartbeatUrl,
            warnings: [...warnings, ...inner.warnings, ...(step.warnings ?? [])],
          }
        : inner
    }
    warnings.push(...(step.warnings ?? []))
    if ('path' in step)
      return { ok: true, runtime: step.runtime, path: step.path, folder, args: step.args, heartbeatUrl, warnings }
    words = step.words
  }
}

const programOf = ({ text }: Word) => text.split('/').at(-1) ?? ''

interface Warned {
  warnings?: string[]
}

type Step = Warned &
  (
    | { problem: string }
    /** The command line of another shell. */
    | { line: string }
    | { words: Word[] }
    | { runtime: RuntimeName | null; path: Word; args: Word[] }
  )

/** `sh -c '…'`. */
function takeShell(name: string, rest: Word[]): Step | null {
  if (!['sh', 'bash', 'dash', 'zsh', 'ash', 'ksh'].includes(name)) return null
  const at = rest.findIndex(({ text }) => !text.startsWith('-'))
  const options = rest.slice(0, at === -1 ? rest.length : at)
  const isCommand = options.some(({ text }) => /^-[a-z]*c$/.test(text))
  const line = rest[at]
  if (!isCommand || !line)
    return { problem: `${name} runs a script of its own, and scripts here are of Python or JavaScript` }
  return { line: line.text }
}

interface Wrapper {
  /** Options that are followed by a value. */
  valued?: string[]
  /** Words of its own before the command. */
  operands?: number
  warning?: (operands: string[], options: string[]) => string | null
}

const wrappers: Record<string, Wrapper> = {
  nice: { valued: ['-n', '--adjustment'] },
  ionice: { valued: ['-c', '--class', '-n', '--classdata'] },
  nohup: {},
  setsid: {},
  time: { valued: ['-f', '-o', '--format', '--output'] },
  exec: { valued: ['-a'] },
  chronic: {},
  'run-one': {},
  stdbuf: { valued: ['-i', '-o', '-e', '--input', '--output', '--error'] },
  unbuffer: {},
  timeout: {
    valued: ['-k', '--kill-after', '-s', '--signal'],
    operands: 1,
    warning: ([time]) => `Its time limit of ${time} is not taken over: give it to the script.`,
  },
  flock: {
    valued: ['-w', '--wait', '--timeout', '-E', '--conflict-exit-code'],
    operands: 1,
    warning: (_, options) =>
      options.some((option) => /^-[a-z]*n|^--(nb|nonblock)$/.test(option))
        ? 'flock -n passes over a time while the one before goes on: the overlap "skip" of the schedule, the default, does the same.'
        : 'flock waits for the one before: the schedule does with its overlap "queue".',
  },
}

/** Programs that run another one, two words long. */
const runners = ['poetry run', 'pipenv run', 'uv run', 'pdm run', 'rye run', 'hatch run']

function takeWrapper(name: string, rest: Word[]): Step | null {
  if (name === 'env') return takeEnv(rest)
  if (runners.includes(`${name} ${rest[0]?.text}`))
    return {
      words: rest.slice(1),
      warnings: [`The packages of ${name} are not used: scripts get those that they declare.`],
    }
  if (name === 'sudo' || name === 'su' || name === 'runuser' || name === 'doas')
    return { problem: `${name} runs it as another user, which the gateway does not` }
  if (!Object.hasOwn(wrappers, name)) return null
  const { valued = [], operands = 0, warning } = wrappers[name] ?? {}
  const { options, words } = takeOptions(rest, valued)
  const own = words.slice(0, operands).map(({ text }) => quote(text))
  const said = warning?.(own, options)
  const after = words.slice(operands)
  // `flock FILE -c 'command line'`
  if (name === 'flock' && /^(-c|--command)$/.test(after[0]?.text ?? '') && after[1])
    return { line: after[1].text, warnings: said ? [said] : [] }
  return { words: after, warnings: said ? [said] : [] }
}

/** `env -i NAME=value command`. */
function takeEnv(rest: Word[]): Step {
  const { options, words } = takeOptions(rest, ['-u', '--unset', '-C', '--chdir'])
  if (options.some((option) => /^(-S|--split-string|-C|--chdir)/.test(option)))
    return { problem: `The option ${options.at(-1)} of env is not read: write the command without it` }
  return { words }
}

/** Options come first; `--` ends them. */
function takeOptions(words: Word[], valued: string[]): { options: string[]; words: Word[] } {
  const options: string[] = []
  for (let at = 0; at < words.length; at += 1) {
    const text = words[at]?.text ?? ''
    if (text === '--') return { options, words: words.slice(at + 1) }
    if (!text.startsWith('-') || text === '-') return { options, words: words.slice(at) }
    options.push(text)
    if (valued.includes(text)) at += 1
  }
  return { options, words: [] }
}

function takeInterpreter(first: Word, name: string, rest: Word[]): Step {
  const warnings = ownPackages(first.text)
  if (/^(python|pypy)[\d.]*$/.test(name)) return { ...takePython(rest), warnings }
  if (name === 'bun' || name === 'deno') return takeJavaScript(name, rest[0]?.text === 'run' ? rest.slice(1) : rest)
  if (name === 'npx' || name === 'bunx') return takeJavaScript(name, rest.slice(1), rest[0])
  if (['node', 'nodejs', 'tsx', 'ts-node'].includes(name)) return takeJavaScript(name, rest)
  return { runtime: null, path: first, args: rest }
}

/** An interpreter that is not the system's has packages of its own. */
const ownPackages = (path: string) =>
  !path.includes('/') || /^\/(usr\/)?(local\/)?bin\//.test(path)
    ? []
    : [`The packages of ${quote(path)} are not used: scripts get those that they declare.`]

/** `python3 -u -W ignore script.py …`, `python3 -m package.module …`. */
function takePython(words: Word[]): Step {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]
    if (!word) break
    if (!word.text.startsWith('-')) return { runtime: 'python', path: word, args: words.slice(at + 1) }
    const valued = /^-[a-zA-Z]*?([mcWX])(.*)$/s.exec(word.text)
    if (word.text === '-' || valued?.[1] === 'c') return { problem: 'Its Python is not in a file: make a script of it' }
    if (valued?.[1] === 'm') return takeModule(valued[2] ?? '', words.slice(at + 1))
    if (valued && valued[2] === '') at += 1
  }
  return { problem: 'There is no script after python' }
}

function takeModule(attached: string, rest: Word[]): Step {
  const [module, args] = attached === '' ? [rest[0]?.text ?? '', rest.slice(1)] : [attached, rest]
  if (!/^\w+(\.\w+)*$/.test(module)) return { problem: `${quote(module)} is no module of Python` }
  const text = `${module.replaceAll('.', '/')}.py`
  return { runtime: 'python', path: { text, bare: 0, unknown: null, knownFrom: 0 }, args }
}

const valuedOfNode = [
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
  '--preload',
  '--env-file',
  '-C',
]

function takeJavaScript(name: string, words: Word[], runner?: Word): Step {
  if (runner && !/^(tsx|ts-node|bun)$/.test(runner.text))
    return { problem: `${name} ${quote(runner.text)} starts a program of a package, and none of the scripts` }
  const { options, words: after } = takeOptions(words, valuedOfNode)
  const [path, ...args] = after
  if (options.some((option) => /^(-e|-p|-pe|--eval|--print|--test)$/.test(option)))
    return { problem: 'Its JavaScript is not in a file: make a script of it' }
  if (!path) return { problem: `There is no script after ${name}` }
  const warnings =
    options.length > 0 ? [`The options of ${name} are not taken over: ${options.slice(0, 5).join(' ')}.`] : []
  return { runtime: 'js', path, args, warnings }
}
