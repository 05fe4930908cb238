/** JSON as a tree that folds, bounded: a result of any size makes a page of some size. */
import { count } from '../public/js/format.js'

const nodesMax = 2000
const childrenMax = 200
const stringCharsMax = 2000
const openDepth = 2

export function JsonTree({ data }: { data: unknown }) {
  const budget = { left: nodesMax }
  return (
    <div class="tree">
      <ul class="root">{node(null, data, 0, budget) as 'safe'}</ul>
      {budget.left <= 0 ? (
        <p class="muted">
          {`Only the first ${count(nodesMax)} values are shown. The raw result has them all.` as 'safe'}
        </p>
      ) : (
        ''
      )}
    </div>
  )
}

function node(key: string | null, value: unknown, depth: number, budget: { left: number }): JSX.Element {
  budget.left -= 1
  if (typeof value === 'object' && value !== null) {
    const entries: [string, unknown][] = Array.isArray(value)
      ? value.map((one, i) => [String(i), one])
      : Object.entries(value)
    if (entries.length > 0)
      return <Branch name={key} entries={entries} isList={Array.isArray(value)} depth={depth} budget={budget} />
  }
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
  depth: number
  budget: { left: number }
}

function Branch({ name, entries, isList, depth, budget }: BranchProps) {
  const shown: JSX.Element[] = []
  for (const [key, value] of entries.slice(0, childrenMax)) {
    if (budget.left <= 0) break
    shown.push(node(key, value, depth + 1, budget))
  }
  const more = entries.length - shown.length
  return (
    <li>
      <details open={depth < openDepth}>
        <summary>
          {name === null ? (
            <span>{isList ? 'list' : 'object'}</span>
          ) : (
            <span class="f" safe>
              {name}
            </span>
          )}{' '}
          <small>{`${count(entries.length)} ${unit(isList, entries.length)}` as 'safe'}</small>
        </summary>
        <ul>
          {shown.join('') as 'safe'}
          {more > 0 ? <li class="muted">{`… ${count(more)} more` as 'safe'}</li> : ''}
        </ul>
      </details>
    </li>
  )
}

const unit = (isList: boolean, n: number) => (isList ? (n === 1 ? 'item' : 'items') : n === 1 ? 'key' : 'keys')

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
    typeof value === 'string' ? JSON.stringify(clip(value)) : Array.isArray(value) ? '[]' : JSON.stringify(value)
  return (
    <span class={classOf(value)} safe>
      {text ?? 'null'}
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
