/** Which script a path of a crontab means: by its end, for it says where the file was before it came here. */
import { type ImportScript, type Outcome, quote, refuse } from './model.ts'
import type { Program } from './program.ts'
import type { Word } from './shell.ts'

export interface ScriptFinder {
  find(program: Program): Outcome<{ script: ImportScript; warning: string | null }>
}

/** Looks names up, so that long crontabs and many scripts cost no more than both. */
export function createScriptFinder(scripts: ImportScript[]): ScriptFinder {
  const byName = Map.groupBy(scripts, ({ filename }) => filename.split('/').at(-1) ?? '')
  const bySlug = new Map(scripts.map((script) => [script.slug, script]))

  return {
    find(program) {
      const parts = partsOf(program)
      const name = parts.at(-1) ?? ''
      if (name === '' || isNameUnknown(program.path))
        return refuse(`Which script ${quote(program.path.text)} is, is worked out by a shell: write its path out`)
      const isRuntime = ({ runtime }: ImportScript) => program.runtime === null || runtime === program.runtime
      const named = (byName.get(name) ?? []).filter(isRuntime)
      if (named.length === 0) return findBySlug(program, name, bySlug)

      const scored = named.map((script) => ({ script, shared: sharedEnd(parts, placeOf(script)) }))
      const most = Math.max(...scored.map(({ shared }) => shared))
      const [best, ...others] = scored.filter(({ shared }) => shared === most)
      if (!best || others.length > 0)
        return refuse(
          `${quote(program.path.text)} may be ${named
            .slice(0, 5)
            .map(({ filename, runtime }) => `${runtime}/${filename}`)
            .join(' or ')}${named.length > 5 ? ` or ${named.length - 5} others` : ''}: write more of its path`,
        )
      const isWhole = most >= best.script.filename.split('/').length
      const warning = isWhole ? null : `Taken for ${best.script.filename} by the end of its path alone.`
      return { ok: true, script: best.script, warning }
    },
  }
}

/** A name without its file's ending may be a slug: `daily-report`, `daily-report.py`. */
function findBySlug(
  program: Program,
  name: string,
  bySlug: ReadonlyMap<string, ImportScript>,
): ReturnType<ScriptFinder['find']> {
  const script = bySlug.get(name.replace(/\.(py|js|mjs|cjs|ts)$/, '').toLowerCase())
  if (script && (program.runtime === null || program.runtime === script.runtime))
    return { ok: true, script, warning: `Taken for ${script.filename} by its name in addresses.` }
  const isFile = program.runtime !== null || /\.(py|js|mjs|cjs|ts)$/.test(name)
  return refuse(
    isFile
      ? `There is no script ${quote(name)} here that you may schedule: put the file into the scripts' folder first`
      : `${quote(name)} is none of the scripts here, and a schedule starts nothing else`,
  )
}

const isNameUnknown = ({ text, knownFrom }: Word) => knownFrom > text.lastIndexOf('/') + 1

/** The folders and the name, from where on they are known, without `.` and `..`. */
function partsOf({ path, folder }: Program): string[] {
  const isWhole = path.knownFrom > 0 || path.text.startsWith('/')
  const whole = isWhole || !folder ? knownPartOf(path) : `${knownPartOf(folder)}/${knownPartOf(path)}`
  const parts: string[] = []
  for (const part of whole.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts
}

/** Of a folder that is known in part, nothing: `$A-reports/daily.py` is in no folder "-reports". */
function knownPartOf({ text, knownFrom }: Word): string {
  if (knownFrom === 0) return text
  const slash = text.indexOf('/', knownFrom)
  return slash === -1 ? '' : text.slice(slash)
}

const placeOf = ({ runtime, filename }: ImportScript) => [runtime, ...filename.split('/')]

function sharedEnd(one: string[], other: string[]): number {
  let shared = 0
  while (shared < Math.min(one.length, other.length) && one.at(-1 - shared) === other.at(-1 - shared)) shared += 1
  return shared
}
