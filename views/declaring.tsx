/** Scripts that declare packages: a page of them, those that need somebody first. Fragment: #declaring. */
import { count } from '../public/js/format.js'
import type { DependenciesView } from '../src/dependencies/view-model.ts'
import type { Script } from '../src/scripts/model.ts'
import { attr, query } from './attr.ts'
import { PagerLink } from './executions.tsx'
import { ReadinessOf, readinessWord } from './packages.tsx'
import { Ago, Icon, Runtime, Status, scriptName } from './parts.tsx'
import { SourceWords } from './set-facts.tsx'

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
        <h2>Nothing is declared yet</h2>
        <p>
          A script names the packages it needs on its page, in a <code>requirements.txt</code> or{' '}
          <code>package.json</code> beside it, or in its first lines. They are installed once for all scripts that need
          the same.
        </p>
      </div>
    </div>
  ) : (
    <div class="stack-2" id="declaring">
      <Filters {...props} />
      {props.scripts.length === 0 ? (
        <p class="panel body muted">No script is in this state.</p>
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
      <form class="filters" aria-label="Filter scripts" action="/dependencies" data-autosubmit>
        <fieldset class="chips" aria-label="Status">
          {[null, ...declaringStates]
            .filter((one) => one === null || one === state || counts[one] > 0)
            .map((one) => (
              <label class="chip filter">
                <input type="radio" name="state" value={one ?? ''} checked={one === state} />
                {(one === null ? 'All' : readinessWord(one)) as 'safe'}{' '}
                <span class="num">{count(one === null ? declaringTotal(counts) : counts[one]) as 'safe'}</span>
              </label>
            ))}
        </fieldset>
        <noscript>
          <button type="submit">Apply</button>
        </noscript>
      </form>
    </search>
  )

const ScriptsTable = (props: DeclaringProps) => (
  <div class="table-wrap">
    <table class="stack declaring">
      <caption class="sr">Scripts that declare packages</caption>
      <thead>
        <tr>
          <th>Script</th>
          <th>Status</th>
          <th class="p1 p2">Declared in</th>
          <th class="p1">Lock</th>
          <th class="p1">Last installation</th>
          <th>
            <span class="sr">Actions</span>
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
    <nav class="pager row" aria-label="Pages">
      <span>{`Page ${count(page)} of ${count(pages)}` as 'safe'}</span>
      <span class="push" />
      <PagerLink href={page > 1 ? `/dependencies${query({ state, page: page - 1 })}` : null}>
        <Icon name="left" />
        Previous
      </PagerLink>
      <PagerLink href={page < pages ? `/dependencies${query({ state, page: page + 1 })}` : null}>
        Next
        <Icon name="right" />
      </PagerLink>
    </nav>
  )

const lockWords = { none: 'none yet', current: 'in force', stale: 'to be renewed' } as const

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
            <small>{packagesIn(view) as 'safe'}</small>
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
      <td class="p1 muted">{(view.lock ? lockWords[view.lock.state] : '–') as 'safe'}</td>
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
          <form class="inline" method="post" action={`/scripts/${script.id}/dependencies/install`}>
            <button
              class="quiet only small"
              type="submit"
              aria-label={attr(`Install packages of ${name}`)}
              title="Install"
            >
              <Icon name="download" />
            </button>
          </form>
        ) : (
          ''
        )}
      </td>
    </tr>
  )
}

const packagesIn = ({ dependencies }: DependenciesView) =>
  dependencies.length === 1 ? '1 package' : `${count(dependencies.length)} packages`
