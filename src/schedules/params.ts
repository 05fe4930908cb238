/** The parameters of a schedule: whether they fit its script, what of them is shown, and what a masked one stands for. */
import { realpathSync } from 'node:fs'
import { normalize } from 'node:path'
import type { Problem } from '../errors.ts'
import { masked } from '../logs/mask.ts'
import type { Entry } from '../scripts/catalog.ts'
import { convertParams } from '../scripts/convert.ts'
import type { Param } from '../scripts/model.ts'
import { checkParams } from '../scripts/typebox.ts'

type Values = Record<string, unknown>

export interface FittedParams {
  /** Converted, with defaults filled in; `file` parameters are still the texts that were sent. */
  values: Values
  /** Their paths begin with `/params`. None: they fit. */
  problems: Problem[]
}

/** Looks at parameters as a run's are looked at. `hidden`: names whose values no message may repeat, beside the secret ones. */
export function fitParams(
  { params, check }: Pick<Entry, 'params' | 'check'>,
  sent: Values,
  hidden: ReadonlySet<string> = new Set(),
): FittedParams {
  const guarded = hidden.size === 0 ? params : params.map((param) => ({ ...param, secret: isHidden(param, hidden) }))
  const { values, problems } = convertParams(guarded, sent)
  const isNew = ({ path }: Problem) => !problems.some((problem) => problem.path === path)
  const all = [...problems, ...checkParams(guarded, check(), values).filter(isNew)]
  return { values, problems: all.map(({ path, message }) => ({ path: `/params${path}`, message })) }
}

const isHidden = ({ name, secret }: Param, hidden: ReadonlySet<string>) => secret || hidden.has(name)

/** Secrets masked. What was hidden stays so when the schema changes its mind: whoever set it counted on that. */
export function shownParams(params: Param[], sent: Values, hidden: ReadonlySet<string> = new Set()): Values {
  const secret = new Set(params.filter((param) => param.secret).map(({ name }) => name))
  return Object.fromEntries(
    Object.entries(sent).map(([name, value]) => [name, secret.has(name) || hidden.has(name) ? masked : value]),
  )
}

/** Names of parameters that are shown masked. */
export const hiddenIn = (shown: Values): Set<string> =>
  new Set(Object.keys(shown).filter((name) => shown[name] === masked))

/**
 * What was sent, a mask that came back replaced by what it stands for: `before`, opened, where there is one. Who may not
 * edit the script (`mayEdit`) has to send the secret itself with other parameters than it was given for: it would go
 * where they say.
 */
export function unmaskParams(
  params: Param[],
  sent: Values,
  before: { shown: Values; mayEdit: boolean; open(): Values } | null,
): { params: Values; problems: Problem[] } {
  const wasHidden = hiddenIn(before?.shown ?? {})
  const isMask = (name: string) =>
    sent[name] === masked && (wasHidden.has(name) || params.some((param) => param.name === name && param.secret))
  const names = Object.keys(sent).filter(isMask)
  if (names.length === 0) return { params: sent, problems: [] }
  if (before && !before.mayEdit && !Bun.deepEquals(plainIn(sent, names), plainIn(before.shown, names)))
    return { params: sent, problems: names.map((name) => ({ path: `/params/${name}`, message: sendAgain })) }
  const kept = before?.open() ?? {}
  const lost = names.filter((name) => !Object.hasOwn(kept, name))
  const back = Object.fromEntries(names.filter((name) => !lost.includes(name)).map((name) => [name, kept[name]]))
  const message = `must be the value itself: ${masked} stands for one that is not shown, and there is none here`
  return { params: { ...sent, ...back }, problems: lost.map((name) => ({ path: `/params/${name}`, message })) }
}

const plainIn = (values: Values, hidden: string[]) =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !hidden.includes(name)))

const sendAgain =
  'must be sent again: other parameters were changed, and who may not edit the script cannot have its secret go with them'

/**
 * What is wrong with texts for `file` parameters. A schedule has no uploads; addresses are fetched, and local files looked
 * for, when a run starts.
 */
export function fileProblems(params: Param[], sent: Values, localPatterns: readonly string[]): Problem[] {
  const files = params.filter(({ type, name }) => type === 'file' && Object.hasOwn(sent, name))
  return files.flatMap(({ name }) => {
    const texts = [sent[name]].flat().filter((value) => typeof value === 'string' && value !== '')
    const problem = texts.map((text) => fileProblem(text as string, localPatterns)).find(Boolean)
    return problem ? [{ path: `/params/${name}`, message: problem }] : []
  })
}

function fileProblem(text: string, patterns: readonly string[]): string | null {
  if (/^(https?:\/\/|data:)/i.test(text)) return null
  if (!text.startsWith('/'))
    return 'must be an http(s) address, a data: URL, or an absolute path: nothing can be uploaded for a schedule'
  const isAllowed = patterns.some((pattern) => pattern.startsWith('/') && new Bun.Glob(pattern).match(realPath(text)))
  return isAllowed ? null : 'names a local file that the setting local_file_access_patterns does not allow'
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return normalize(path) // not there yet, perhaps: it is looked for at each run
  }
}
