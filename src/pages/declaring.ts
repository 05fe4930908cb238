/** Which of the scripts that declare packages the page lists. */
import { type DeclaringProps, type DeclaringScript, declaringStates } from '../../views/declaring.tsx'
import { scriptName } from '../../views/parts.tsx'
import type { Readiness } from '../dependencies/model.ts'

/** A thousand rows are 0.9 MB of HTML, which are fetched again whenever something is installed. */
const pageSize = 100

/** Those that need somebody come first, then by name. A page that is not there is the last one. */
export function declaringProps(scripts: DeclaringScript[], search: URLSearchParams): Omit<DeclaringProps, 'now'> {
  const state = declaringStates.find((one) => one === search.get('state')) ?? null
  const numberOf = (one: Readiness) => scripts.filter(({ view }) => view.state === one).length
  const wanted = scripts
    .filter(({ view }) => state === null || view.state === state)
    .map((row) => ({ row, name: scriptName(row.script) }))
    .sort((a, b) => rankOf(a.row) - rankOf(b.row) || collator.compare(a.name, b.name))
  const pages = Math.max(1, Math.ceil(wanted.length / pageSize))
  const asked = search.get('page') ?? ''
  const page = /^[1-9]\d{0,8}$/.test(asked) ? Math.min(Number(asked), pages) : 1
  return {
    ...{ state, page, pages },
    scripts: wanted.slice((page - 1) * pageSize, page * pageSize).map(({ row }) => row),
    counts: {
      failed: numberOf('failed'),
      refused: numberOf('refused'),
      missing: numberOf('missing'),
      installing: numberOf('installing'),
      ready: numberOf('ready'),
    },
  }
}

const ranks: readonly string[] = declaringStates
const rankOf = ({ view }: DeclaringScript) => ranks.indexOf(view.state)
const collator = new Intl.Collator('en', { numeric: true })
