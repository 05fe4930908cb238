/** Saves of the Code tab on behalf of a request: the file, what the audit log is told, and what became of the parameters. */
import type { Clock } from '../clock.ts'
import { callerOf, note } from '../http/caller.ts'
import { decodeUtf8 } from '../results/json.ts'
import type { Schedules } from '../schedules/view-model.ts'
import { type Catalog, findEntry } from '../scripts/catalog.ts'
import type { Editing } from '../scripts/editing.ts'
import { toBytes } from '../scripts/editor.ts'
import { etagOf } from '../scripts/etag.ts'
import type { ArgsMap, Script } from '../scripts/model.ts'
import type { CodeChange, CodeOutcome, MemberChange } from './code-model.ts'

export interface PageCode {
  /** `text`: null for what is no UTF-8. Throws `not_found`, `forbidden`, `conflict`. */
  read(id: number): Promise<{ text: string | null; hash: string }>
  /** Writes it and has it scanned; answers its hash. Throws `conflict` when the file is another one than `hash` by now. */
  save(script: Script, text: string, hash: string): Promise<string>
  /** Of the last save from here; null when there was none, or the file is another one by now. */
  outcomeOf(script: Script): CodeOutcome | null
  /** Who wrote what is on the disk now. */
  lastChange(id: number): CodeChange
}

interface CodeDeps {
  catalog: Catalog
  editing: Pick<Editing, 'read' | 'replace' | 'versions'>
  schedules: Pick<Schedules, 'list'>
  clock: Pick<Clock, 'now'>
}

/** For that many scripts it is known what their last save did. */
const outcomesMax = 200
const brokenMax = 5

/** As one gateway has it; the answer is what a request sees of it. */
export function createPageCode({ catalog, editing, schedules, clock }: CodeDeps) {
  const outcomes = new Map<number, CodeOutcome>()

  function keep(id: number, outcome: CodeOutcome) {
    outcomes.delete(id)
    outcomes.set(id, outcome)
    const [oldest] = outcomes.keys()
    if (outcomes.size > outcomesMax && oldest !== undefined) outcomes.delete(oldest)
  }

  const brokenOf = (scriptId: number): CodeOutcome['broken'] =>
    schedules
      .list({ scriptId, state: 'broken' }, { limit: brokenMax, offset: 0 })
      .items.map(({ id, description, words, problems }) => ({
        id,
        name: description || words,
        message: problems[0]?.message ?? '',
      }))

  return (request: Request): PageCode => ({
    async read(id) {
      const { bytes, hash } = await editing.read(String(id))
      return { text: decodeUtf8(bytes)?.replace(/^\uFEFF/, '') ?? null, hash }
    },
    async save(script, text, was) {
      const bytes = toBytes(text, '/content')
      const by = callerOf(request).name
      const sinceMs = performance.now()
      const hash = await editing.replace(String(script.id), bytes, etagOf(was), { how: 'saved', by })
      const tookMs = performance.now() - sinceMs
      note(request, { before: { content_hash: was }, after: { content_hash: hash, bytes: bytes.byteLength } })
      const { row } = findEntry(catalog, String(script.id))
      const changes = row.error === null ? compareParams(script.params, row.params) : compareParams({}, {})
      const at = new Date(clock.now()).toISOString()
      keep(script.id, {
        ...{ hash, tookMs, by, at, before: script.params, ...changes, broken: brokenOf(script.id) },
        isSilent: row.ownError !== null,
        line: lineOf(row.error ?? row.ownError, row.filename),
      })
      return hash
    },
    outcomeOf({ id, content_hash }) {
      const outcome = outcomes.get(id)
      return outcome?.hash === content_hash ? outcome : null
    },
    lastChange(id) {
      const newest = editing.versions.list(id, { limit: 1, offset: 0 }).items[0]
      return { by: newest?.by ?? null, at: newest?.created_at ?? null }
    },
  })
}

/** What callers of a script notice. */
export function compareParams(was: ArgsMap, is: ArgsMap): Pick<CodeOutcome, 'added' | 'removed' | 'changed'> {
  const [before, after] = [Object.keys(was), Object.keys(is)]
  return {
    added: after.filter((name) => !Object.hasOwn(was, name)),
    removed: before.filter((name) => !Object.hasOwn(is, name)),
    changed: after.flatMap((name) => {
      const what = Object.hasOwn(was, name) ? compareMembers({ ...was[name] }, { ...is[name] }) : []
      return what.length > 0 ? [{ name, what }] : []
    }),
  }
}

function compareMembers(was: Record<string, unknown>, is: Record<string, unknown>): MemberChange[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((member) => {
    if (JSON.stringify(was[member]) === JSON.stringify(is[member])) return []
    const isHidden = member === 'default' && (was.secret === true || is.secret === true)
    return [{ member, was: textOf(was[member], isHidden), is: textOf(is[member], isHidden) }]
  })
}

const textCharsMax = 60

/** null where it is not there. */
function textOf(value: unknown, isHidden: boolean): string | null {
  if (value === undefined) return null
  if (isHidden) return '•••'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > textCharsMax ? `${text.slice(0, textCharsMax)}…` : text
}

/** Where in its file an error is: as Python says it (`File "…/x.py", line 4`), or Bun (`…/x.js:4:2`). The last one is the innermost. */
export function lineOf(error: string | null, filename: string): number | null {
  if (error === null) return null
  const name = filename.slice(filename.lastIndexOf('/') + 1).replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const found = [...error.matchAll(new RegExp(`${name}(?:", line |:)(\\d+)`, 'g'))].at(-1)
  return found ? Number(found[1]) : null
}
