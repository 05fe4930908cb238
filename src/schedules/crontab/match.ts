/** Which script a path of a crontab means: by its end, for it says where the file was before it came here. */
import { type ImportScript, type Outcome, quote, refuse } from './model.ts'
import type { Program } from './program.ts'
import type { Word } from './shell.ts'
import { mayBeUser } from './user-column.ts'

export interface ScriptFinder {
  find(program: Program): Outcome<{ script: ImportScript; warning: string | null }>
}

/** Looks ends of paths up, so that long crontabs and many scripts cost no more than both. */
export function createScriptFinder(scripts: ImportScript[]): ScriptFinder {
  const byEnd = Map.groupBy(scripts.flatMap(endsOf), ({ end }) => end)
  const bySlug = new Map(scripts.map((script) => [script.slug, script]))

  return {
    find(program) {
      const parts = partsOf(program)
      const name = parts.at(-1) ?? ''
      if (name === '' || isNameUnknown(program.path))
        return refuse(`Which script ${quote(program.path.text)} is, is worked out by a shell: write its path out`)
      let found: Ending[] = []
      let shared = 0
      for (let length = 1; length <= parts.length; length += 1) {
        const longer = byEnd.get(endOf(program.runtime, parts.slice(-length)))
        if (!longer) break
        found = longer
        shared = length
      }
      const [best] = found
      if (!best) return findBySlug(program, name, bySlug)
      if (found.length > 1)
        return refuse(`${quote(program.path.text)} may be ${placesOf(found)}: write more of its path`)
      const isWhole = shared >= best.script.filename.split('/').length
      const warning = isWhole ? null : `Taken for ${best.script.filename} by the end of its path alone.`
      return { ok: true, script: best.script, warning }
    },
  }
}

interface Ending {
  end: string
  script: ImportScript
}

/** `daily.py`, `reports/daily.py`, `python/reports/daily.py`, of its runtime and of any. */
function endsOf(script: ImportScript): Ending[] {
  const parts = [script.runtime, ...script.filename.split('/')]
  return parts.flatMap((_, index) =>
    [script.runtime, null].map((runtime) => ({ end: endOf(runtime, parts.slice(-1 - index)), script })),
  )
}

/** A file's name holds no NUL. */
const endOf = (runtime: string | null, parts: string[]) => `${runtime ?? ''}\0${parts.join('/')}`

function placesOf(found: Ending[]): string {
  const places = found.slice(0, 5).map(({ script }) => `${script.runtime}/${script.filename}`)
  return places.join(' or ') + (found.length > 5 ? ` or ${found.length - 5} others` : '')
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
  if (mayBeUser(program.path.text, program.args[0]?.text))
    return refuse(
      `${quote(name)} is none of the scripts here; if it is the user, as in /etc/crontab, leave it out, or send "is_system": true with such lines alone`,
    )
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
