/** The block at the top of a Python script that says what it needs (PEP 723): read, and changed in its place. */
import type { Problem } from '../../errors.ts'
import { messageOf } from '../../errors.ts'
import type { Requirement } from '../model.ts'
import { parseSpecifiers } from './pep440.ts'
import { parseRequirement, renderRequirement } from './pep508.ts'
import { allowRequirement, type Policy } from './policy.ts'
import { requirementsMax } from './requirements-file.ts'
import { arrayPlace } from './toml-array.ts'

const blockLengthMax = 64 * 1024

export interface InlineDeclaration {
  requirements: Requirement[]
  requiresPython: string | null
  /** Path `/line/3`, `/dependencies/0` or `/requires-python`. */
  problems: Problem[]
  /** What was read: equal as long as the block is. */
  block: string
}

interface Block {
  /** Offsets of the lines between `# /// script` and `# ///`. */
  from: number
  to: number
  /** From 1, of the line `# /// script`. */
  line: number
}

/** null where there is no block, or one that says nothing of packages: `[tool]` alone is not for us. Throws nothing. */
export function parseInline(source: string, policy: Policy): InlineDeclaration | null {
  const blocks = scriptBlocks(source)
  const [block, second] = blocks
  if (!block) return null
  const text = source.slice(block.from, block.to)
  const found: InlineDeclaration = { requirements: [], requiresPython: null, problems: [], block: text }
  const refuse = (path: string, message: string) => found.problems.push({ path, message })
  if (second) {
    refuse(`/line/${second.line}`, 'There is a second block "# /// script": keep one of them.')
    return { ...found, block: blocks.map(({ from, to }) => source.slice(from, to)).join('\0') }
  }
  if (text.length > blockLengthMax) {
    refuse(`/line/${block.line}`, `The block "# /// script" has more than ${blockLengthMax / 1024} KiB.`)
    return found
  }
  const parsed = parseToml(tomlOf(text))
  if ('problem' in parsed) {
    refuse(`/line/${block.line}`, `The block "# /// script" cannot be read as TOML: ${parsed.problem}`)
    return found
  }
  const { dependencies, 'requires-python': requiresPython } = parsed.table
  if (dependencies === undefined && requiresPython === undefined) return null
  if (requiresPython !== undefined) {
    const specifiers = typeof requiresPython === 'string' ? parseSpecifiers(requiresPython) : null
    if (!specifiers) refuse('/requires-python', 'must be a text such as ">=3.11".')
    else if ('problem' in specifiers) refuse('/requires-python', specifiers.problem)
    else found.requiresPython = specifiers.specifiers || null
  }
  readDependencies(dependencies ?? [], policy, found)
  return found
}

/**
 * The source with another array of dependencies in its block, and everything else as it was, byte for byte; null where there is
 * no block, or where the change cannot be made without touching something else.
 */
export function writeInline(source: string, requirements: readonly Requirement[]): string | null {
  const blocks = scriptBlocks(source)
  const block = blocks[0]
  if (!block || blocks.length > 1) return null
  const text = source.slice(block.from, block.to)
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const toml = tomlOf(text)
  const place = arrayPlace(toml, 'dependencies')
  const array = arrayText(requirements, place ? toml.slice(place.from, place.to) : '')
  const changed = place
    ? `${toml.slice(0, place.from)}${array}${toml.slice(place.to)}`
    : `dependencies = ${array}\n${toml}`
  const lines = changed.replace(/\n$/, '').split('\n')
  const written = `${source.slice(0, block.from)}${lines.map((line) => commented(line) + eol).join('')}${source.slice(block.to)}`
  return isOnlyThatChanged(toml, changed) ? written : null
}

/** As the reference expression of PEP 723 finds them; what is not closed is none. */
function scriptBlocks(source: string): Block[] {
  const blocks: Block[] = []
  if (!source.includes('# /// script')) return blocks
  const lines = linesOf(source)
  for (let index = 0; index < lines.length; index++) {
    const type = /^# \/\/\/ ([a-zA-Z0-9-]+)$/.exec(lines[index]?.text ?? '')?.[1]
    if (!type) continue
    // The last line that can end it does: what looks like an end may be content.
    let end = -1
    let at = index + 1
    for (; at < lines.length && /^#(?: |$)/.test(lines[at]?.text ?? ''); at++)
      if (lines[at]?.text === '# ///' && at > index + 1) end = at
    // Where nothing ends this block, nothing ends one that begins in it.
    if (end === -1) {
      index = at - 1
      continue
    }
    if (type === 'script')
      blocks.push({ from: lines[index + 1]?.from ?? 0, to: lines[end]?.from ?? 0, line: index + 1 })
    index = end
  }
  return blocks
}

/** Without their ends, with the offset of each. */
function linesOf(source: string): { from: number; text: string }[] {
  const lines: { from: number; text: string }[] = []
  const start = source.startsWith('\ufeff') ? 1 : 0
  for (let from = start; from < source.length; ) {
    const at = source.indexOf('\n', from)
    const end = at === -1 ? source.length : at
    lines.push({ from, text: source.slice(from, source[end - 1] === '\r' ? end - 1 : end) })
    from = end + 1
  }
  return lines
}

const tomlOf = (block: string) =>
  block
    .split('\n')
    .map((line) => line.replace(/\r$/, '').replace(/^# ?/, ''))
    .join('\n')

const commented = (line: string) => (line === '' ? '#' : `# ${line}`)

function parseToml(text: string): { table: Record<string, unknown> } | { problem: string } {
  try {
    return { table: Bun.TOML.parse(text) as Record<string, unknown> }
  } catch (error) {
    return { problem: `${messageOf(error).replace(/^TOML Parse error: /, '')}.`.replace(/\.\.$/, '.') }
  }
}

function readDependencies(dependencies: unknown, policy: Policy, found: InlineDeclaration): void {
  const refuse = (path: string, message: string) => found.problems.push({ path, message })
  if (!Array.isArray(dependencies))
    return void refuse('/dependencies', 'must be a list of texts such as ["requests>=2.25.1"].')
  if (dependencies.length > requirementsMax)
    return void refuse('/dependencies', `has more than ${requirementsMax} entries.`)
  for (const [index, item] of dependencies.entries()) {
    const path = `/dependencies/${index}`
    const parsed = typeof item === 'string' ? parseRequirement(item) : { problem: 'must be a text such as "requests".' }
    const allowed = 'problem' in parsed ? parsed : allowRequirement(parsed.requirement, policy)
    if ('problem' in allowed) {
      refuse(path, allowed.problem)
      continue
    }
    const { requirement } = allowed
    const twin = found.requirements.find(({ key, marker }) => key === requirement.key && marker === requirement.marker)
    if (!twin) found.requirements.push(requirement)
    else if (renderRequirement({ ...twin, name: twin.key }) !== renderRequirement({ ...requirement, name: twin.key }))
      refuse(path, `${requirement.name} is asked for a second time, in another way: keep one of them.`)
  }
}

/** On one line where it was on one and fits there. */
function arrayText(requirements: readonly Requirement[], before: string): string {
  const items = requirements.map((requirement) => quoted(renderRequirement(requirement)))
  const line = `[${items.join(', ')}]`
  if (items.length === 0 || (before !== '' && !before.includes('\n') && line.length <= 80)) return line
  const indent = /\n([ \t]+)\S/.exec(before)?.[1] ?? '  '
  return `[\n${items.map((item) => `${indent}${item},\n`).join('')}]`
}

/** Markers have double quotes, and nothing here has single ones or backslashes. */
const quoted = (text: string) => (text.includes('"') ? `'${text}'` : `"${text}"`)

function isOnlyThatChanged(before: string, after: string): boolean {
  const [one, other] = [parseToml(before), parseToml(after)]
  if ('problem' in one || 'problem' in other) return false
  return Bun.deepEquals({ ...one.table, dependencies: null }, { ...other.table, dependencies: null }, true)
}
