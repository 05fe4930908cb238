/** One script in the table. Fragment: #script-ID. */
import { duration } from '../public/js/format.js'
import type { NextUp } from '../src/schedules/view-model.ts'
import type { LastRun, Script } from '../src/scripts/model.ts'
import { Elapsed, StopForm } from './actions.tsx'
import { attr, query } from './attr.ts'
import { Ago, Icon, Runtime, Spark, type SparkRun, State, Status, scriptName } from './parts.tsx'
import { Until } from './schedule-words.tsx'
import { markup, t } from './texts.ts'
import { mayDo, type Viewed } from './viewer.ts'

interface RowProps extends Viewed {
  script: Script
  spark: SparkRun[]
  next: NextUp | null
  now: number
  /** Whether there is a column to choose rows in. */
  maySelect: boolean
}

export const ScriptRow = ({ script, spark, next, now, viewer, maySelect }: RowProps) => (
  <tr id={`script-${script.id}`}>
    {maySelect ? <SelectCell script={script} viewer={viewer} /> : ''}
    <td>
      <div class="name">
        <Runtime script={script} />
        <div>
          <a href={`/scripts/${script.id}`} data-open-row safe>
            {scriptName(script)}
          </a>
          <Description script={script} />
        </div>
      </div>
    </td>
    <td class="p3 p1">
      <Tags tags={script.tags} />
    </td>
    <td class="p1">
      <State state={script.state} />
    </td>
    <td class="line">
      {script.last_run ? <LastRunCell last={script.last_run} now={now} /> : <span class="muted">{t('Never run')}</span>}
    </td>
    <td class="sparks">
      <Spark runs={spark} />
    </td>
    <td class="p1 p2-text">{next === null ? <span class="muted">–</span> : <NextRun next={next} now={now} />}</td>
    <td class="acts">
      {mayDo(viewer, 'run', script) ? <RowAction script={script} /> : ''}
      <RowLinks script={script} viewer={viewer} />
    </td>
  </tr>
)

/** Beside the form of the bulk bar, wherever the rows are. */
const SelectCell = ({ script, viewer }: { script: Script } & Viewed) => (
  <td class="tight select">
    {mayDo(viewer, 'run', script) ? (
      <input
        type="checkbox"
        form="bulk"
        name="id"
        value={String(script.id)}
        id={`select-${script.id}`}
        aria-label={t('Select {name}', { name: scriptName(script) })}
      />
    ) : (
      ''
    )}
  </td>
)

/** Without JavaScript the menu is the script's settings, where the same can be done. */
const RowLinks = ({ script, viewer }: { script: Script } & Viewed) => {
  const name = scriptName(script)
  const mayEdit = mayDo(viewer, 'edit', script)
  return (
    <>
      {mayEdit ? (
        <a
          class="button quiet only small p2 p1"
          href={`/scripts/${script.id}?tab=code`}
          aria-label={t('Edit {name}', { name })}
          title={t('Edit')}
          data-edit-row
        >
          <Icon name="pencil" />
        </a>
      ) : (
        ''
      )}
      <a
        class="button quiet only small"
        href={mayEdit ? `/scripts/${script.id}?tab=settings` : `/scripts/${script.id}`}
        id={`menu-${script.id}`}
        aria-label={t('More for {name}', { name })}
        title={t('More')}
        data-row-menu={String(script.id)}
      >
        <Icon name="more" />
      </a>
    </>
  )
}

const Description = ({ script: { error, description, state, filename } }: { script: Script }) => {
  const broken = state === 'error' && error
  const text = broken || description || filename
  return (
    <small class={broken ? 'bad' : undefined} title={attr(text)} safe>
      {text}
    </small>
  )
}

/** As many letters as fit into the column beside "+1", so that words are not cut. */
const tagCharsMax = 15
const countChars = 4

const tagsShown = ([first = '', second = '', ...more]: string[]) =>
  first.length + second.length + (more.length > 0 ? countChars : 0) <= tagCharsMax ? 2 : 1

function Tags({ tags }: { tags: string[] }) {
  const shown = tagsShown(tags)
  return (
    <div class="chips">
      {tags.slice(0, shown).map((tag) => (
        <a class="chip" href={`/${query({ tag })}`} title={attr(tag)} safe>
          {tag}
        </a>
      ))}
      {tags.length > shown ? (
        <span class="chip" title={attr(tags.slice(shown).join(', '))}>
          {`+${tags.length - shown}` as 'safe'}
        </span>
      ) : (
        ''
      )}
    </div>
  )
}

const LastRunCell = ({ last, now }: { last: LastRun; now: number }) => (
  <>
    <a class="plain-link" href={`/executions/${last.id}`}>
      <Status status={last.status} />
    </a>
    <small>
      {last.finished_at ? (
        <>
          <Ago at={last.finished_at} now={now} />
          {(last.duration_ms === null ? '' : ` · ${duration(last.duration_ms)}`) as 'safe'}
        </>
      ) : (
        markup(last.status === 'queued' ? 'waiting {time}' : 'for {time}', {
          time: <Elapsed since={last.queued_at} now={now} />,
        })
      )}
    </small>
  </>
)

const NextRun = ({ next, now }: { next: NextUp; now: number }) => (
  <>
    <a class="plain-link" href={`/scripts/${next.script_id}/schedules`}>
      <Until at={next.at} now={now} />
    </a>
    <small title={attr(`${next.words}, ${next.timezone}`)} safe>
      {next.words}
    </small>
  </>
)

const isLive = (last: LastRun | null) => last?.status === 'running' || last?.status === 'queued'

/** Stop what runs; run at once what needs no values; else open its form. */
function RowAction({ script }: { script: Script }) {
  const name = scriptName(script)
  if (script.last_run && isLive(script.last_run)) return <StopForm runId={script.last_run.id} name={name} small />
  if (script.state !== 'active')
    return (
      <button
        class="quiet only small"
        type="button"
        disabled
        aria-label={t('{name} cannot run', { name })}
        title={t('Only active scripts run')}
      >
        <Icon name="play" />
      </button>
    )
  if (Object.keys(script.params).length > 0)
    return (
      <a
        class="button quiet only small"
        href={`/scripts/${script.id}#run-form`}
        aria-label={t('Run {name}', { name })}
        title={t('Run|verb')}
        data-run-row
      >
        <Icon name="play" />
      </a>
    )
  return (
    <form class="inline" method="post" action={`/scripts/${script.id}/execute`}>
      <button
        type="submit"
        class="quiet only small"
        aria-label={t('Run {name} now', { name })}
        title={t('Run now')}
        data-run-row
      >
        <Icon name="play" />
      </button>
    </form>
  )
}
