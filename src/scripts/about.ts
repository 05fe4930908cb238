/** What its user says about a script: alias, description, tags, whether it may be called. */
import { invalid } from '../errors.ts'
import type { ScriptChanges } from './store.ts'

export const aliasLengthMax = 200
export const descriptionLengthMax = 10_000
export const tagsMax = 20
export const tagLengthMax = 40

export interface About {
  alias?: string | null
  description?: string
  tags?: string[]
  state?: 'active' | 'inactive'
}

/** The columns to change; what was not sent stays as it is. Throws `validation`. */
export function aboutChanges({ alias, description, tags, state }: About): ScriptChanges {
  const changes: ScriptChanges = {}
  if (alias !== undefined) changes.alias = toAlias(alias)
  if (description !== undefined) changes.description = description.toWellFormed().trim()
  if (tags !== undefined) changes.tags = toTags(tags)
  if (state !== undefined) changes.enabled = state === 'active'
  return changes
}

function toAlias(alias: string | null): string | null {
  const text = alias?.toWellFormed().normalize('NFC').trim() ?? ''
  if (control.test(text)) throw invalid('/alias', 'The alias must be one line of text without control characters.')
  return text || null
}

/** Trimmed; of two that differ in upper and lower case only, the first stays. Throws `validation`. */
export function toTags(tags: readonly string[]): string[] {
  const unique = new Map<string, string>()
  tags.forEach((tag, index) => {
    const text = tag.toWellFormed().normalize('NFC').trim()
    const refuse = (why: string) => invalid(`/tags/${index}`, `The tag ${JSON.stringify(text.slice(0, 60))} ${why}.`)
    if (text === '') throw refuse('is empty')
    if ([...text].length > tagLengthMax) throw refuse(`is longer than ${tagLengthMax} characters`)
    if (text.includes(',')) throw refuse('has a comma in it: send it as two tags')
    if (control.test(text)) throw refuse('has control characters in it')
    const key = text.toLowerCase()
    if (!unique.has(key)) unique.set(key, text)
  })
  if (unique.size > tagsMax) throw invalid('/tags', `A script has at most ${tagsMax} tags; got ${unique.size}.`)
  return [...unique.values()]
}

const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
