/** The audit log: who did what to what, newest first, and whether it is what was written. */
import { count } from '../public/js/format.js'
import type { AuditEntry } from '../src/audit/model.ts'
import { ActForm } from './actions.tsx'
import { attr, query } from './attr.ts'
import { Diff } from './diff.tsx'
import { Page } from './layout.tsx'
import { Ago, exact, Icon, Note } from './parts.tsx'
import { gap, markup, plural, say, t } from './texts.ts'
import type { Viewed } from './viewer.ts'

/** As it was typed; the page's address holds all of it. */
export interface AuditQuery {
  from: string
  to: string
  user: string
  action: string
  object_type: string
  object_id: string
  q: string
}

export interface AuditProps extends Viewed {
  entries: AuditEntry[]
  total: number
  query: AuditQuery
  page: number
  pageSize: number
  /** What a check said just now. */
  verdict: { entries: number; ok: boolean; first_wrong: number | null; head: { id: number; hash: string } } | null
  now: number
}

export const AuditPage = (props: AuditProps) => (
  <Page title={say('Audit log')} current={null} kind="audit" now={props.now} viewer={props.viewer}>
    <div class="head">
      <h1>{t('Audit log')}</h1>
      <p>{plural(props.total, '1 entry', '{n} entries')}</p>
      <div class="row push">
        <ActForm kind="plain" isSmall={false} action="/audit/verify" icon="check" word={say('Check now')} />
        <a class="button quiet" href={exportHref(props.query, 'csv')} download="">
          <Icon name="download" />
          CSV
        </a>
        <a class="button quiet" href={exportHref(props.query, 'jsonl')} download="">
          <Icon name="download" />
          JSONL
        </a>
      </div>
    </div>
    <Verdict {...props} />
    <Filters {...props} />
    {props.entries.length === 0 ? <Nothing filtered={isFiltered(props.query)} /> : <Entries {...props} />}
  </Page>
)

/** The API takes times, and the last day counts to its end. */
const exportHref = (asked: AuditQuery, format: 'csv' | 'jsonl') =>
  `/api/audit/export${query({ format, ...asked, to: asked.to && `${asked.to}T23:59:59.999Z` })}`

const isFiltered = (asked: AuditQuery) => Object.values(asked).some((value) => value !== '')

const Verdict = ({ verdict }: AuditProps) =>
  verdict === null ? (
    ''
  ) : verdict.ok ? (
    <Note kind="info" icon="success" id="form-message" title={say('The log is as it was written')}>
      <p>
        {t(
          'All {n} entries follow each other. The newest is {newest}; write its hash down elsewhere to see later that none after it was cut off:',
          { n: count(verdict.entries), newest: verdict.head.id },
        )}
      </p>
      <p>
        <code safe>{verdict.head.hash}</code>
      </p>
    </Note>
  ) : (
    <Note kind="bad" icon="failed" id="form-message" alert title={say('The log is not as it was written')}>
      <p>
        {t(
          'From entry {n} on it was changed, or entries are missing. Somebody with access to the database file did that.',
          { n: verdict.first_wrong ?? 0 },
        )}
        {gap()}
        {markup('Keep a copy of {file}, and compare it with a backup.', { file: <code>gateway.db</code> })}
      </p>
    </Note>
  )

const Filters = ({ query: asked }: AuditProps) => (
  <search>
    <form class="filters" action="/audit" aria-label={t('Filter the log')}>
      <div class="inlay">
        <Icon name="search" />
        <input
          type="search"
          name="q"
          value={attr(asked.q)}
          aria-label={t('Search the log')}
          placeholder={t('Search in everything')}
          autocomplete="off"
          data-search
        />
        <kbd class="needs-js">/</kbd>
      </div>
      <input
        class="short"
        name="user"
        value={attr(asked.user)}
        aria-label={t('Who')}
        placeholder={t('Who')}
        autocomplete="off"
      />
      <input
        class="short"
        name="action"
        value={attr(asked.action)}
        aria-label={t('Action')}
        placeholder={t('Action, such as script')}
        autocomplete="off"
      />
      <label class="row">
        <span class="muted">{t('From')}</span>
        <input class="short" type="date" name="from" value={attr(asked.from)} />
      </label>
      <label class="row">
        <span class="muted">{t('to')}</span>
        <input class="short" type="date" name="to" value={attr(asked.to)} />
      </label>
      {asked.object_type === '' ? '' : <input type="hidden" name="object_type" value={attr(asked.object_type)} />}
      {asked.object_id === '' ? '' : <input type="hidden" name="object_id" value={attr(asked.object_id)} />}
      <button type="submit">{t('Search')}</button>
      {isFiltered(asked) ? (
        <a class="button quiet" href="/audit">
          {t('Clear')}
        </a>
      ) : (
        ''
      )}
    </form>
  </search>
)

const Nothing = ({ filtered }: { filtered: boolean }) => (
  <div class="panel">
    <div class="empty">
      <Icon name="history" />
      <h2>{filtered ? t('Nothing matches') : t('Nothing was done yet')}</h2>
      <p>
        {filtered
          ? t('No entry has all of that.')
          : t('Who signs in, runs, changes or is refused something is written down here.')}
      </p>
      {filtered ? (
        <a class="button" href="/audit">
          {t('Clear the filters')}
        </a>
      ) : (
        ''
      )}
    </div>
  </div>
)

const Entries = (props: AuditProps) => (
  <div class="table-wrap">
    <table class="stack audit">
      <caption class="sr">{t('Audit log, newest first')}</caption>
      <thead>
        <tr>
          <th>{t('When')}</th>
          <th>{t('Who')}</th>
          <th>{t('What')}</th>
          <th class="n p1">{t('Entry')}</th>
        </tr>
      </thead>
      <tbody>
        {props.entries.map((entry) => (
          <Entry entry={entry} now={props.now} />
        ))}
      </tbody>
    </table>
    <Pager {...props} />
  </div>
)

const Entry = ({ entry, now }: { entry: AuditEntry; now: number }) => (
  <tr id={`entry-${entry.id}`}>
    <td class="c-when">
      <Ago at={entry.at} now={now} />
      <small>{exact(entry.at).slice(0, 19) as 'safe'}</small>
    </td>
    <td class="c-name">
      <b safe>{entry.actor}</b>
      <small class="mono" safe>
        {entry.address ?? ''}
      </small>
    </td>
    <td class="line">
      <span class="row">
        <code safe>{entry.action}</code>
        <ObjectLink entry={entry} />
        {entry.status !== null && entry.status >= 400 ? (
          <span class="chip deny">{t('Refused, {status}', { status: entry.status })}</span>
        ) : (
          ''
        )}
      </span>
      <Diff before={entry.before} after={entry.after} />
    </td>
    <td class="n p1 muted">{count(entry.id) as 'safe'}</td>
  </tr>
)

const places: Record<string, (id: string) => string> = {
  script: (id) => `/scripts/${id}`,
  run: (id) => `/executions/${id}`,
  user: (id) => `/users/${id}`,
  tag: (id) => `/tags/${encodeURIComponent(id)}/access`,
}

/** To what it was done to, where that has a page. */
const ObjectLink = ({ entry: { object_type: type, object_id: id, object_name: name } }: { entry: AuditEntry }) => {
  if (type === null) return ''
  const words = name ?? (id === null ? type : `${type} ${id}`)
  const place = Object.hasOwn(places, type) ? places[type] : undefined
  const isSafe = id !== null && (type === 'tag' || /^\d{1,15}$/.test(id))
  if (!place || !isSafe) return <span safe>{words}</span>
  return (
    <a href={attr(place(id))} safe>
      {words}
    </a>
  )
}

const Pager = ({ page, pageSize, total, query: asked, entries }: AuditProps) => {
  const first = (page - 1) * pageSize + 1
  const href = (to: number) => `/audit${query({ ...asked, page: to === 1 ? '' : to })}`
  return (
    <nav class="pager" aria-label={t('Pages')}>
      <span>
        {t('{first} to {last} of {n}', {
          ...{ first: count(first), last: count(first + entries.length - 1), n: count(total) },
        })}
      </span>
      <span class="push" />
      <PagerLink href={page > 1 ? href(page - 1) : null} word={t('Newer')} />
      <PagerLink href={page * pageSize < total ? href(page + 1) : null} word={t('Older')} />
    </nav>
  )
}

const PagerLink = ({ href, word }: { href: string | null; word: string }) =>
  href === null ? (
    <span class="button small" aria-disabled="true">
      {word as 'safe'}
    </span>
  ) : (
    <a class="button small" href={href}>
      {word as 'safe'}
    </a>
  )
