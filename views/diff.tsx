/** What an entry of the audit log changed: only that, one line for each member. */
import { t } from './texts.ts'

interface Change {
  path: string
  before: string | null
  after: string | null
}

/** What was made or removed is told in one piece, what changed line by line. */
export const Diff = ({ before, after }: { before: unknown; after: unknown }) => {
  const changes = changesOf(before, after)
  if (changes.length === 0) return ''
  if (isNothing(before) || isNothing(after))
    return <Members members={changes.filter(({ before: was, after: is }) => !isEmptyText(was ?? is))} />
  return (
    <dl class="diff">
      {changes.slice(0, linesMax).map(({ path, before: was, after: is }) => (
        <>
          <dt safe>{path}</dt>
          <dd>
            {was === null ? '' : <del safe>{was}</del>}
            {was !== null && is !== null ? <span class="arrow"> → </span> : ''}
            {is === null ? '' : <ins safe>{is}</ins>}
          </dd>
        </>
      ))}
      <More count={changes.length - linesMax} />
    </dl>
  )
}

const Members = ({ members }: { members: Change[] }) => (
  <ul class="members">
    {members.slice(0, linesMax).map(({ path, before, after }) => (
      <li>
        <span class="muted" safe>
          {path}
        </span>{' '}
        <span safe>{after ?? before ?? ''}</span>
      </li>
    ))}
    {members.length > linesMax ? <li class="muted">{t('and {n} more', { n: members.length - linesMax })}</li> : ''}
  </ul>
)

const More = ({ count }: { count: number }) =>
  count <= 0 ? (
    ''
  ) : (
    <>
      <dt>…</dt>
      <dd>{t('and {n} more', { n: count })}</dd>
    </>
  )

const isNothing = (value: unknown) => value === null || value === undefined
const isEmptyText = (text: string | null) => text === null || ['null', '[]', '{}', '', 'false'].includes(text)

const linesMax = 12
const charsMax = 200
const depthMax = 2

/** A member that is on both sides and the same is left out. */
export function changesOf(before: unknown, after: unknown, path = '', depth = 0): Change[] {
  if (same(before, after)) return []
  if (depth < depthMax && (isMembers(before) || isMembers(after)) && isMembersOrNothing(before, after)) {
    const [was, is] = [(before ?? {}) as Record<string, unknown>, (after ?? {}) as Record<string, unknown>]
    return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((name) =>
      changesOf(own(was, name), own(is, name), path === '' ? name : `${path}.${name}`, depth + 1),
    )
  }
  return [{ path: path === '' ? 'value' : path, before: textOf(before), after: textOf(after) }]
}

const own = (members: Record<string, unknown>, name: string) =>
  Object.hasOwn(members, name) ? members[name] : undefined
const isMembers = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isMembersOrNothing = (...values: unknown[]) =>
  values.every((value) => value === null || value === undefined || isMembers(value))
const same = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b)

function textOf(value: unknown): string | null {
  if (value === undefined) return null
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > charsMax ? `${text.slice(0, charsMax)} …` : text
}
