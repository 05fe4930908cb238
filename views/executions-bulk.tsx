/** One act on many runs: the bar below the list, what is asked before, and what became of each. */
import { count } from '../public/js/format.js'
import { ActForm } from './actions.tsx'
import { type RunsAsked, runsHref } from './executions-filters.tsx'
import type { NamedRun } from './executions-row.tsx'
import { Page } from './layout.tsx'
import { Icon, Note, Status } from './parts.tsx'
import { plural, say, type Text, t } from './texts.ts'
import type { Viewed } from './viewer.ts'

export type BulkAction = 'cancel' | 'delete' | 'rerun'

/** What became of one run; `problem`: why nothing did. */
export interface BulkItem {
  id: number
  problem: string | null
  /** Of a run that was run again: the new one. */
  newId: number | null
}

export interface BulkOutcome {
  action: BulkAction | 'restore'
  items: BulkItem[]
  /** Those that were deleted and can come back. */
  undoIds: number[]
}

const swapsResults = (path: string) => ({
  ...{ 'hx-post': path, 'hx-target': '#results', 'hx-select': '#results', 'hx-swap': 'outerMorph' },
})

/** Beyond the table, so that no form stands in another: its boxes name it. Asked first where there is JavaScript, and else on a page. */
export const BulkBar = ({ asked, mayDelete }: { asked: RunsAsked; mayDelete: boolean }) => (
  <form
    class="bulk"
    id="bulk"
    method="post"
    action={runsHref(asked, {}, '/executions/batch')}
    {...swapsResults(runsHref(asked, {}, '/executions/batch'))}
    aria-label={t('Selected runs')}
    data-selected="0"
  >
    <output class="needs-js" data-selected-text aria-live="polite">
      {t('{n} selected', { n: 0 })}
    </output>
    <button type="submit" class="small" name="act" value="rerun">
      <Icon name="refresh" />
      {t('Run again')}
    </button>
    <button
      type="submit"
      class="small"
      name="act"
      value="cancel"
      data-ask-one={t('Cancel 1 run?')}
      data-ask-many={t('Cancel {n} runs?', { n: '{n}' })}
      data-ask-text={t(
        'What runs is ended with everything it started, what waits leaves the queue. Runs that are over stay as they are.',
      )}
      data-ask-yes={t('Cancel runs')}
      data-ask-no={t('Let them run')}
    >
      <Icon name="stop" />
      {t('Cancel')}
    </button>
    {mayDelete ? (
      <button
        type="submit"
        class="small danger"
        name="act"
        value="delete"
        data-ask-one={t('Delete 1 run?')}
        data-ask-many={t('Delete {n} runs?', { n: '{n}' })}
        data-ask-text={t(deleteText)}
        data-ask-yes={t('Delete runs')}
        data-ask-no={t('Keep them')}
      >
        <Icon name="trash" />
        {t('Delete…')}
      </button>
    ) : (
      ''
    )}
    <button
      type="button"
      class="quiet only small needs-js"
      data-unpick
      aria-label={t('Clear the selection')}
      title={t('Clear the selection')}
    >
      <Icon name="close" />
    </button>
  </form>
)

const deleteText =
  'Their logs, results and files go with them. Undo brings them back, for a quarter of an hour. Runs that are not over are left alone.'

const doneWords = {
  cancel: ['1 run is being ended.', '{n} runs are being ended.'],
  delete: ['1 run is deleted.', '{n} runs are deleted.'],
  rerun: ['1 run was started again.', '{n} runs were started again.'],
  restore: ['1 run is back.', '{n} runs are back.'],
} satisfies Record<BulkOutcome['action'], [Text, Text]>

/** Nothing is hidden: what was not possible is told, with the reason. */
export function BulkNote({ outcome: { action, items, undoIds }, asked }: { outcome: BulkOutcome; asked: RunsAsked }) {
  const done = items.filter(({ problem }) => problem === null)
  const failed = items.filter(({ problem }) => problem !== null)
  const started = done.filter(({ newId }) => newId !== null)
  return (
    <Note
      kind={failed.length > 0 ? 'warn' : 'info'}
      icon={failed.length > 0 ? 'warn' : 'check'}
      id="bulk-note"
      title={
        items.length === 0
          ? say('No run was selected.')
          : done.length > 0
            ? plural(done.length, doneWords[action][0], doneWords[action][1])
            : say('Nothing was done.')
      }
    >
      {started.length > 0 ? (
        <p>
          {started.map(({ id, newId }, i) => (
            <>
              {i > 0 ? ', ' : ''}
              <a href={`/executions/${newId}`} title={t('Repeats run {number}', { number: count(id) })}>
                {`#${count(newId!)}` as 'safe'}
              </a>
            </>
          ))}
        </p>
      ) : (
        ''
      )}
      {undoIds.length > 0 ? (
        <ActForm
          action={runsHref(asked, {}, '/executions/restore')}
          word={say('Undo')}
          kind="plain"
          fields={{ runs: undoIds.join(',') }}
          data={swapsResults(runsHref(asked, {}, '/executions/restore'))}
        />
      ) : (
        ''
      )}
      {failed.length > 0 ? (
        <>
          <p>{plural(failed.length, 'Not possible for 1 run:', 'Not possible for {n} runs:')}</p>
          <ul class="bulk-failed">
            {failed.map(({ id, problem }) => (
              <li>
                <a href={`/executions/${id}`}>{`#${count(id)}` as 'safe'}</a> <span safe>{problem}</span>
              </li>
            ))}
          </ul>
        </>
      ) : (
        ''
      )}
    </Note>
  )
}

interface ConfirmProps extends Viewed {
  action: 'cancel' | 'delete'
  asked: RunsAsked
  runs: NamedRun[]
}

/** Where no script asks: what goes, and whether it shall. */
export const BulkConfirmPage = ({ action, asked, runs, viewer }: ConfirmProps) => (
  <Page title={say('Executions')} current="executions" viewer={viewer}>
    <div class="head">
      <h1>
        {action === 'delete'
          ? plural(runs.length, 'Delete 1 run?', 'Delete {n} runs?')
          : plural(runs.length, 'Cancel 1 run?', 'Cancel {n} runs?')}
      </h1>
      <p>
        {action === 'delete'
          ? t(deleteText)
          : t(
              'What runs is ended with everything it started, what waits leaves the queue. Runs that are over stay as they are.',
            )}
      </p>
    </div>
    <section class="panel">
      <ul class="body bulk-list">
        {runs.map(({ run, name }) => (
          <li>
            <Status status={run.status} /> <span class="mono">{`#${count(run.id)}` as 'safe'}</span>{' '}
            <span safe>{name}</span>
          </li>
        ))}
      </ul>
      <footer>
        <form class="row" method="post" action={runsHref(asked, {}, '/executions/batch')}>
          <input type="hidden" name="act" value={action} />
          <input type="hidden" name="confirmed" value="yes" />
          {runs.map(({ run }) => (
            <input type="hidden" name="run" value={String(run.id)} />
          ))}
          <button type="submit" class="danger solid">
            {action === 'delete' ? t('Delete runs') : t('Cancel runs')}
          </button>
          <a class="button" href={runsHref(asked)}>
            {action === 'delete' ? t('Keep them') : t('Let them run')}
          </a>
        </form>
      </footer>
    </section>
  </Page>
)
