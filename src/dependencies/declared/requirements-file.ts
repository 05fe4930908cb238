/** A requirements.txt: the packages that it asks for, and what in it is refused. pip itself never gets to see the file. */
import type { Problem } from '../../errors.ts'
import type { Requirement } from '../model.ts'
import { type LogicalLine, logicalLines, splitLines } from './logical-lines.ts'
import { parseRequirement, renderRequirement } from './pep508.ts'
import { optionProblem } from './pip-options.ts'
import { allowRequirement, type Policy } from './policy.ts'

export const requirementsMax = 1000
/** Of one requirement with its hashes: there is one for every file of a version. */
const lineLengthMax = 64 * 1024
const linesMax = 50_000
export const includeDepthMax = 5
const includesMax = 50
/** Beyond them nobody reads on. */
export const problemsMax = 50

export interface RequirementsText {
  /** Below SCRIPTS_DIR, with `/`. */
  file: string
  text: string
}

/** What `-r path` in `from` leads to, or why it is not followed: a sentence. */
export type Include = (from: string, path: string) => RequirementsText | { problem: string }

/** A requirement with the place it stands in. */
export interface PlacedRequirement {
  requirement: Requirement
  /** Below SCRIPTS_DIR. */
  file: string
  lines: LogicalLine
}

export interface ParsedRequirements {
  requirements: Requirement[]
  placed: PlacedRequirement[]
  /** Path `/line/3`, from 1: of the file itself, where the line includes another one, too. */
  problems: Problem[]
}

interface Reading {
  policy: Policy
  include: Include
}

/** Reads the text and what it includes. Throws nothing. */
export function parseRequirements(start: RequirementsText, { policy, include }: Reading): ParsedRequirements {
  const placed: PlacedRequirement[] = []
  const problems: Problem[] = []
  let includes = 0
  read(start, [], null)
  return { requirements: placed.map(({ requirement }) => requirement), placed, problems }

  /** `above`: the files that lead here; `at`: the line of the first of them that does. */
  function read({ file, text }: RequirementsText, above: string[], at: number | null): void {
    const { lines } = splitLines(text)
    if (lines.length > linesMax) refuse(file, at ?? 1, null, `It has more than ${linesMax} lines.`)
    else
      for (const line of logicalLines(lines)) {
        if (line.text === '') continue
        if (problems.length >= problemsMax) return
        const problem = take(line, file, above, at)
        if (problem !== null) refuse(file, at ?? line.from + 1, at === null ? null : line.from + 1, problem)
      }
  }

  function refuse(file: string, line: number, included: number | null, problem: string): void {
    const where = included === null ? '' : `${file}, line ${included}: `
    problems.push({ path: `/line/${line}`, message: `${where}${problem}` })
  }

  /** null when all is well with the line. */
  function take(line: LogicalLine, file: string, above: string[], at: number | null): string | null {
    if (line.text.length > lineLengthMax) return `The line has more than ${lineLengthMax} characters.`
    if (/[$%][{(]/.test(line.text))
      return 'It has a variable in it, and none is filled in here: write the value itself.'
    const included = /^(?:-r|--requirement)(?:\s+|=|(?<=-r))(.*)$/.exec(line.text)?.[1]
    if (included !== undefined) return follow(included.trim(), file, above, at ?? line.from + 1)
    if (line.text.startsWith('-')) return optionProblem(line.text, policy)
    const parsed = parseLine(line.text, policy)
    if ('problem' in parsed) return parsed.problem
    if (placed.length >= requirementsMax) return `There are more than ${requirementsMax} requirements.`
    return add(parsed.requirement, file, line)
  }

  function follow(path: string, file: string, above: string[], at: number): string | null {
    if (++includes > includesMax) return `More than ${includesMax} files are included.`
    if (above.length >= includeDepthMax)
      return `${JSON.stringify(path.slice(0, 100))} is not read: files may include each other ${includeDepthMax} deep.`
    const target = include(file, path)
    if ('problem' in target) return target.problem
    if (target.file === file || above.includes(target.file))
      return `${target.file} includes itself: leave the line out.`
    read(target, [...above, file], at)
    return null
  }

  function add(requirement: Requirement, file: string, lines: LogicalLine): string | null {
    const same = placed.filter((one) => one.requirement.key === requirement.key)
    const twin = same.find((one) => one.requirement.marker === requirement.marker)
    if (!twin) {
      placed.push({ requirement, file, lines })
      return null
    }
    if (isSame(twin.requirement, requirement)) return null
    const first = twin.file === file ? `line ${twin.lines.from + 1}` : `${twin.file}, line ${twin.lines.from + 1}`
    return `${requirement.name} is asked for a second time, and in another way than in ${first}: keep one of them, or tell them apart by a marker.`
  }
}

/** One line without its comment: a requirement, and hashes of the files that may be installed for it. */
export function parseLine(text: string, policy: Policy): { requirement: Requirement } | { problem: string } {
  const [what = '', ...options] = text.split(/[ \t]+(?=--?[A-Za-z])/)
  const hashes: string[] = []
  for (const option of options) {
    const hash = /^--hash(?:=|\s+)(\S+)$/.exec(option.trim())?.[1]
    if (hash === undefined)
      return { problem: `${JSON.stringify(option.slice(0, 60))} is not taken after a package: leave it out.` }
    if (!/^sha256:[0-9a-fA-F]{64}$/.test(hash))
      return { problem: `${JSON.stringify(hash.slice(0, 100))} is no hash: write sha256: and 64 hexadecimal digits.` }
    hashes.push(hash.toLowerCase())
  }
  const parsed = parseRequirement(what)
  if ('problem' in parsed) return parsed
  return allowRequirement({ ...parsed.requirement, hashes: [...new Set(hashes)].sort() }, policy)
}

const isSame = (one: Requirement, other: Requirement) =>
  renderRequirement({ ...one, name: one.key }) === renderRequirement({ ...other, name: other.key }) &&
  one.hashes.join() === other.hashes.join()
