/** JSON as a tree that folds, bounded: of a large one the next values are fetched where somebody wants to see them. */
import { count } from '../public/js/format.js'
import { query } from './attr.ts'
import { plural, t } from './texts.ts'

const nodesMax = 1000
const childrenMax = 100
const stringCharsMax = 2000
const openDepth = 2

interface Place {
  runId: number
  /** What may still be written. */
  budget: { left: number }
}

export const JsonTree = ({ data, runId }: { data: unknown; runId: number }) => (
  <div class="tree">
    <ul class="root">{node(null, data, [], { runId, budget: { left: nodesMax } }) as 'safe'}</ul>
  </div>
)

/** Some more values of the list or object at a path, as they stand in the tree; empty where there is none. */
export function TreeRest({ data, path, from, runId }: { data: unknown; path: string[]; from: number; runId: number }) {
  let at = data
  for (const key of path) at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined
  return <>{children(entriesOf(at), path, { runId, budget: { left: nodesMax } }, from) as 'safe'}</>
}

const isBranch = (value: unknown) => typeof value === 'object' && value !== null

function entriesOf(value: unknown): [string, unknown][] {
  if (Array.isArray(value)) return value.map((one, i) => [String(i), one])
  return isBranch(value) ? Object.entries(value as object) : []
}

function node(key: string | null, value: unknown, path: string[], place: Place): JSX.Element {
  place.budget.left -= 1
  const entries = entriesOf(value)
  if (entries.length > 0)
    return <Branch name={key} entries={entries} isList={Array.isArray(value)} path={path} place={place} />
  return (
    <li>
      <Key name={key} />
      <Leaf value={value} />
    </li>
  )
}

interface BranchProps {
  name: string | null
  entries: [string, unknown][]
  isList: boolean
  path: string[]
  place: Place
}

const Branch = ({ name, entries, isList, path, place }: BranchProps) => (
  <li>
    <details open={path.length < openDepth}>
      <summary>
        {name === null ? (
          <span>{isList ? t('list') : t('object')}</span>
        ) : (
          <span class="f" safe>
            {name}
          </span>
        )}{' '}
        <small>
          {isList ? plural(entries.length, '1 item', '{n} items') : plural(entries.length, '1 key', '{n} keys')}
        </small>
      </summary>
      <ul>{children(entries, path, place, 0) as 'safe'}</ul>
    </details>
  </li>
)

function children(entries: [string, unknown][], path: string[], place: Place, from: number): JSX.Element {
  const shown: JSX.Element[] = []
  for (const [key, value] of entries.slice(from, from + childrenMax)) {
    if (place.budget.left <= 0) break
    shown.push(node(key, value, [...path, key], place))
  }
  const next = from + shown.length
  return (
    <>
      {shown.join('') as 'safe'}
      {next < entries.length ? <More path={path} from={next} more={entries.length - next} runId={place.runId} /> : ''}
    </>
  )
}

/** Without a script it leads to all of it as text. */
const More = ({ path, from, more, runId }: { path: string[]; from: number; more: number; runId: number }) => (
  <li>
    <a
      href={`/executions/${runId}${query({ view: 'raw' })}#result`}
      hx-get={`/fragments/runs/${runId}/tree${query({ at: path, from })}`}
      hx-target="closest li"
      hx-swap="outerHTML"
    >
      {t('… {n} more', { n: count(more) })}
    </a>
  </li>
)

const Key = ({ name }: { name: string | null }) =>
  name === null ? (
    ''
  ) : (
    <>
      <span class="f" safe>
        {name}
      </span>
      {': '}
    </>
  )

const Leaf = ({ value }: { value: unknown }) => {
  const text =
    typeof value === 'string'
      ? JSON.stringify(clip(value))
      : Array.isArray(value)
        ? '[]'
        : String(JSON.stringify(value))
  return (
    <span class={classOf(value)} safe>
      {text}
    </span>
  )
}

const clip = (text: string) => (text.length > stringCharsMax ? `${text.slice(0, stringCharsMax)}…` : text)
const classOf = (value: unknown) =>
  typeof value === 'string'
    ? 's'
    : typeof value === 'number'
      ? 'm'
      : value === null || typeof value === 'boolean'
        ? 'k'
        : 'c'

const largeNodes = 5000
const largeChars = 200_000

/** Too much to be written in every way at once. Looks at no more than it takes to know that. */
export function isLarge(data: unknown): boolean {
  const rest: unknown[] = [data]
  let nodes = 0
  let chars = 0
  while (rest.length > 0) {
    const value = rest.pop()
    nodes += 1
    if (typeof value === 'string') chars += value.length
    else if (isBranch(value)) {
      const values = Object.values(value as object)
      if (nodes + rest.length + values.length > largeNodes) return true
      rest.push(...values)
    }
    if (nodes > largeNodes || chars > largeChars) return true
  }
  return false
}
