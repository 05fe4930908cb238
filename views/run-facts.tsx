/** The line below a run's name, and its place in the queue. Fragments: #run-facts, #run-place. */
import { count, durationWords } from '../public/js/format.js'
import type { Run } from '../src/runs/model.ts'
import { Elapsed } from './actions.tsx'
import { query } from './attr.ts'
import { Ago, Icon, TriggerWord, triggerOf } from './parts.tsx'
import { currentLanguage, markup, say, t } from './texts.ts'

interface FactsProps {
  run: Run
  /** Its time limit in minutes, where it is known. */
  timeoutMin: number | null
  now: number
}

export const RunFacts = ({ run, timeoutMin, now }: FactsProps) => {
  const trigger = triggerOf(run.trigger)
  return (
    <ul class="facts" id="run-facts">
      <li>
        <Icon name="clock" />
        <TimeSpent run={run} timeoutMin={timeoutMin} now={now} />
      </li>
      {run.status === 'queued' ? <QueuePlace run={run} /> : ''}
      <li>
        <Icon name="history" />
        {markup('Run {run}', { run: <RunLink id={run.id} /> })}
      </li>
      <li>
        <Icon name={trigger.icon} />
        <TriggerWord run={run} />
      </li>
      {run.status === 'queued' ? (
        ''
      ) : (
        <li>
          <Icon name="calendar" />
          <Ago at={run.started_at ?? run.queued_at} now={now} />
        </li>
      )}
      {run.exit_code !== null && run.exit_code !== 0 ? <li>{t('Exit code {code}', { code: run.exit_code })}</li> : ''}
      {run.signal ? <li>{t('Signal {name}', { name: run.signal })}</li> : ''}
      <li>
        <a class="muted" href={`/executions${query({ script_id: run.script_id })}`}>
          {t('All its runs')}
        </a>
      </li>
    </ul>
  )
}

/** Moves while the run waits: `public/js/queue.js` asks for it again. */
export const QueuePlace = ({ run }: { run: Pick<Run, 'queue_position' | 'waiting_for_installation'> }) =>
  run.waiting_for_installation === null ? (
    <li id="run-place" data-place={String(run.queue_position ?? '')}>
      <Icon name="queued" />
      <span safe>{run.queue_position === null ? say('In the queue') : placeWords(run.queue_position)}</span>
    </li>
  ) : (
    <li id="run-place" data-place="packages">
      <Icon name="box" />
      <span>{t('Waits for its packages')}</span>
    </li>
  )

/** "3rd in the queue, two ahead of it" */
export const placeWords = (position: number) =>
  position <= 1
    ? say('Next in the queue')
    : say('{place} in the queue, {n} ahead of it', { place: ordinal(position), n: numberWord(position - 1) })

/** "3rd in the queue": in a list. */
export const placeShort = (position: number) =>
  position <= 1 ? say('next in the queue') : say('{place} in the queue', { place: ordinal(position) })

const ordinals = new Intl.PluralRules('en', { type: 'ordinal' })
const endings: Record<string, string> = { one: 'st', two: 'nd', few: 'rd', other: 'th' }
const ordinal = (value: number) => (isEnglish() ? `${count(value)}${endings[ordinals.select(value)]}` : count(value))

const numberWords = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']
const numberWord = (value: number) => (isEnglish() ? numberWords[value] : undefined) ?? count(value)
const isEnglish = () => currentLanguage() === 'en'

export const RunLink = ({ id }: { id: number }) => <a href={`/executions/${id}`}>{`#${count(id)}` as 'safe'}</a>

const TimeSpent = ({ run, timeoutMin, now }: FactsProps) => {
  if (run.started_at === null)
    return (
      <span>
        {run.finished_at === null
          ? markup('Waiting {time}', { time: <Elapsed since={run.queued_at} now={now} /> })
          : t('Never started')}
      </span>
    )
  return (
    <span>
      <span class="sr">{t('Elapsed')} </span>
      <b>
        {run.finished_at === null ? (
          <Elapsed since={run.started_at} now={now} />
        ) : (
          ((run.duration_ms === null ? '–' : durationWords(run.duration_ms)) as 'safe')
        )}
      </b>
      {run.finished_at === null && timeoutMin !== null
        ? t(' of {limit}', { limit: durationWords(timeoutMin * 60_000) })
        : ''}
    </span>
  )
}
