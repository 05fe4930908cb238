/** The file beside a script that holds its ARGS_MAP: `.{stem}._map.json`, or `{stem}._map.json` in older collections. */
import { createHash, randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../errors.ts'
import { decodeUtf8, parseJson } from '../results/json.ts'
import { parseArgsMap, sayProblems } from './args-map.ts'
import { describeJsonError } from './json-position.ts'
import type { ArgsMap } from './model.ts'
import { codeStampOf, statOrNull } from './stamp.ts'

export const sidecarBytesMax = 1024 * 1024
export const sidecarEnding = '._map.json'

/** Both spellings; the first one wins where both are there. */
export const sidecarNames = (stem: string): [string, string] => [`.${stem}${sidecarEnding}`, `${stem}${sidecarEnding}`]

export type Sidecar =
  | { name: string; ok: true; argsMap: ArgsMap; hash: string; warnings: string[] }
  | { name: string; ok: false; problem: string }

/** The sidecar in force, null when there is none. Failure to read it is a sentence in `problem`. */
export async function readSidecar(dir: string, stem: string): Promise<Sidecar | null> {
  const [dotted, plain] = sidecarNames(stem)
  const isThere = await Promise.all([dotted, plain].map(async (name) => (await statOrNull(join(dir, name))) !== null))
  if (!isThere[0]) return isThere[1] ? readOne(dir, plain) : null
  const sidecar = await readOne(dir, dotted)
  if (sidecar?.ok && isThere[1])
    sidecar.warnings.push(`There are two sidecars, and "${dotted}" is the one in force: delete it or "${plain}".`)
  return sidecar
}

/** Size and times of both spellings; empty when there is none. */
export async function stampSidecars(dir: string, stem: string, isThere: (name: string) => boolean = () => true) {
  const stamps = await Promise.all(
    sidecarNames(stem)
      .filter(isThere)
      .map(async (name) => {
        const stats = await statOrNull(join(dir, name))
        return stats ? [`${name}=${codeStampOf(stats)}`] : []
      }),
  )
  return stamps.flat().join(';')
}

/**
 * Writes a sidecar in one step, so that nobody reads half of it. `isNew`: another one that appeared meanwhile is left
 * alone. Throws what the file system says.
 */
export async function writeSidecar(dir: string, name: string, argsMap: ArgsMap, { isNew }: { isNew: boolean }) {
  const target = join(dir, name)
  const temporary = join(dir, `.${randomUUID()}.tmp`)
  try {
    await writeFile(temporary, `${JSON.stringify(argsMap, null, 2)}\n`, { flag: 'wx' })
    if (isNew) await linkOrRename(temporary, target)
    else await rename(temporary, target)
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Equal for maps that mean the same: the order of the parameters counts (it is that of the arguments), inside not. */
export function hashArgsMap(argsMap: ArgsMap): string {
  const entries = Object.entries(argsMap).map(([name, declaration]) => [name, sorted(declaration)])
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex')
}

async function readOne(dir: string, name: string): Promise<Sidecar | null> {
  const refused = (problem: string): Sidecar => ({
    name,
    ok: false,
    problem: `Cannot read sidecar "${name}": ${problem}.`,
  })
  let bytes: Buffer
  try {
    bytes = await readFile(join(dir, name))
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : refused(messageOf(error))
  }
  if (bytes.byteLength > sidecarBytesMax) return refused(`it has more than ${sidecarBytesMax} bytes`)
  const text = decodeUtf8(bytes)
  if (text === null) return refused('it is not UTF-8 text')
  let value: unknown
  try {
    value = parseJson(bytes)
  } catch (error) {
    return refused(error instanceof RangeError ? messageOf(error) : `it is not JSON (${describeJsonError(text)})`)
  }
  const parsed = parseArgsMap(value)
  if (!parsed.ok) return refused(sayProblems(parsed.problems))
  return { name, ok: true, argsMap: parsed.argsMap, hash: hashArgsMap(parsed.argsMap), warnings: parsed.warnings }
}

/** `link` fails where the target exists, `rename` replaces it; not every file system has links. */
async function linkOrRename(temporary: string, target: string) {
  try {
    await link(temporary, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
    await rename(temporary, target)
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}
