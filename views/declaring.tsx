/** Scripts that declare packages: a page of them, those that need somebody first. Fragment: #declaring. */
import { count } from '../public/js/format.js'
import type { DependenciesView } from '../src/dependencies/view-model.ts'
import type { Script } from '../src/scripts/model.ts'
import { ActForm } from './actions.tsx'
import { attr, query } from './attr.ts'
import { PagerLink } from './executions.tsx'
import { ReadinessOf, readinessWord } from './packages.tsx'
import { Ago, Icon, Runtime, Status, scriptName } from './parts.tsx'
import { SourceWords } from './set-facts.tsx'
import { markup, plural, say, type Text, t } from './texts.ts'

export interface DeclaringScript {
  script: Pick<Script, 'id' | 'alias' | 'filename' | 'runtime'>
  view: DependenciesView
  mayRun: boolean
}

/** In the order in which they are listed. */
export const declaringStates = ['failed', 'refused', 'missing', 'installing', 'ready'] as const
export type DeclaringState = (typeof declaringStates)[number]

export interface DeclaringProps {
  /** Those of this page. */
  scripts: DeclaringScript[]
  /** Of each state, on whichever page. */
  counts: Record<DeclaringState, number>
  /** The only one that is listed; null: all. */
  state: DeclaringState | null
  /** From 1. */
  page: number
  pages: number
  now: number
}

/** How many declare something. */
export const declaringTotal = (counts: DeclaringProps['counts']) =>
  declaringStates.reduce((sum, state) => sum + counts[state], 0)

export const DeclaringScripts = (props: DeclaringProps) =>
  declaringTotal(props.counts) === 0 ? (
    <div class="panel" id="declaring">
      <div class="empty">
        <Icon name="box" />
        <h2>{t('Nothing is declared yet')}</h2>
        <p>
          {markup(
            'A script names the packages it needs on its page, in a {python} or {js} beside it, or in its first lines. They are installed once for all scripts that need the same.',
            { python: <code>requirements.txt</code>, js: <code>package.json</code> },
          )}
        </p>
      </div>
    </div>
  ) : (
    <div class="stack-2" id="declaring">
      <Filters {...props} />
      {props.scripts.length === 0 ? (
        <p class="panel body muted">{t('No script is in this state.')}</p>
      ) : (
        <ScriptsTable {...props} />
      )}
    </div>
  )

/** Plain links would do; a form keeps to one address. With few scripts there is nothing to choose. */
const Filters = ({ counts, state }: DeclaringProps) =>
  declaringStates.filter((one) => counts[one] > 0).length < 2 && state === null ? (
    ''
  ) : (
    <search>
      <form class="filters" aria-label={t('Filter scripts')} action="/dependencies" data-autosubmit>
        <fieldset class="chips" aria-label={t('Status')}>
          {[null, ...declaringStates]
            .filter((one) => one === null || one === state || counts[one] > 0)
            .map((one) => (
              <label class="chip filter">
                <input type="radio" name="state" value={one ?? ''} checked={one === state} />
                {one === null ? t('All') : readinessWord(one)}{' '}
                <span class="num">{count(one === null ? declaringTotal(counts) : counts[one]) as 'safe'}</span>
              </label>
            ))}
        </fieldset>
        <noscript>
          <button type="submit">{t('Apply')}</button>
        </noscript>
      </form>
    </search>
  )

const ScriptsTable = (props: DeclaringProps) => (
  <div class="table-wrap">
    <table class="stack declaring">
      <caption class="sr">{t('Scripts that declare packages')}</caption>
      <thead>
        <tr>
          <th>{t('Script')}</th>
          <th>{t('Status')}</th>
          <th class="p1 p2">{t('Declared in')}</th>
          <th class="p1">{t('Lock')}</th>
          <th class="p1">{t('Last installation')}</th>
          <th>
            <span class="sr">{t('Actions')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {props.scripts.map((row) => (
          <ScriptRow {...row} now={props.now} />
        ))}
      </tbody>
    </table>
    <Pager {...props} />
  </div>
)

const Pager = ({ page, pages, state }: DeclaringProps) =>
  pages < 2 ? (
    ''
  ) : (
    <nav class="pager row" aria-label={t('Pages')}>
      <span>{t('Page {page} of {pages}', { page: count(page), pages: count(pages) })}</span>
      <span class="push" />
      <PagerLink href={page > 1 ? `/dependencies${query({ state, page: page - 1 })}` : null}>
        <Icon name="left" />
        {t('Previous')}
      </PagerLink>
      <PagerLink href={page < pages ? `/dependencies${query({ state, page: page + 1 })}` : null}>
        {t('Next')}
        <Icon name="right" />
      </PagerLink>
    </nav>
  )

const lockWords = { none: 'none yet', current: 'in force', stale: 'to be renewed' } satisfies Record<string, Text>

const ScriptRow = ({ script, view, mayRun, now }: DeclaringScript & { now: number }) => {
  const name = scriptName(script)
  const { installation } = view
  return (
    <tr>
      <td class="c-name">
        <div class="name">
          <Runtime script={script} />
          <div>
            <a href={`/scripts/${script.id}?tab=dependencies`} safe>
              {name}
            </a>
            <small>{plural(view.dependencies.length, '1 package', '{n} packages')}</small>
          </div>
        </div>
      </td>
      <td class="line">
        <ReadinessOf state={view.state} />
        {view.reason ? (
          <small class="two-lines reason" title={attr(view.reason)} safe>
            {view.reason}
          </small>
        ) : (
          ''
        )}
      </td>
      <td class="p1 p2 any-wrap">{view.source ? <SourceWords source={view.source} /> : ''}</td>
      <td class="p1 muted">{view.lock ? t(lockWords[view.lock.state]) : '–'}</td>
      <td class="p1">
        {installation ? (
          <>
            <a class="plain-link" href={`/dependencies/installations/${installation.id}`}>
              <Status status={installation.status} />
            </a>
            <small>
              <Ago at={installation.finished_at ?? installation.queued_at} now={now} />
            </small>
          </>
        ) : (
          '–'
        )}
      </td>
      <td class="acts">
        {mayRun && (view.state === 'missing' || view.state === 'failed') ? (
          <ActForm
            action={`/scripts/${script.id}/dependencies/install`}
            icon="download"
            title={say('Install')}
            label={say('Install packages of {name}', { name })}
          />
        ) : (
          ''
        )}
      </td>
    </tr>
  )
}
