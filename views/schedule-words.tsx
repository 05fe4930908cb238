/** What schedules and their occurrences are called, and the small parts that both have. */
import { until } from '../public/js/format.js'
import type { Problem } from '../src/errors.ts'
import type { AskedState, HeartbeatSignal, MisfirePolicy, OverlapPolicy, RetryOutcome } from '../src/schedules/model.ts'
import type { Schedule } from '../src/schedules/view-model.ts'
import { attr } from './attr.ts'
import { exact, Icon } from './parts.tsx'
import { plural, type Text, t } from './texts.ts'

export const stateWords: Record<AskedState, Text> = {
  active: 'Active',
  paused: 'Paused',
  broken: 'Broken',
  ended: 'Ended',
  missed: 'Missed',
}

export const misfireWords: Record<MisfirePolicy, Text> = {
  once: 'Run the last one, once',
  all: 'Run each of them',
  skip: 'Let them go',
}

export const overlapWords: Record<OverlapPolicy, Text> = {
  skip: 'Skip this time',
  queue: 'Wait until it has ended',
  replace: 'Stop the earlier run',
  parallel: 'Run beside it',
}

export const retryWords: Record<RetryOutcome, Text> = {
  failed: 'Failed',
  timeout: 'Timeout',
  killed: 'Killed',
  interrupted: 'Interrupted',
}

export const signalWords: Record<HeartbeatSignal, Text> = {
  success: 'A good end',
  start: 'The start (…/start)',
  fail: 'A bad end (…/fail)',
}

/** What a schedule is; what is wrong with it stands beside it. One that is never due again has not ended while its run goes on. */
export const ScheduleStateOf = ({ schedule }: { schedule: Pick<Schedule, 'state' | 'last_run'> }) => {
  const { state, last_run: last } = schedule
  const isRunning = state === 'ended' && last !== null && last.finished_at === null
  return (
    <span class="state" data-state={isRunning ? 'active' : state}>
      <span class="dot" />
      {t(isRunning ? 'Running' : stateWords[state])}
    </span>
  )
}

/** "in 4 min", kept up by the browser; its title is the exact time, where there is none better. */
export const Until = ({ at, now, title }: { at: string; now: number; title?: string }) => (
  <time datetime={at} title={attr(title ?? exact(at))} data-until>
    {until(Date.parse(at) - now) as 'safe'}
  </time>
)

/** Occurrences that were missed and that nobody has seen; nothing where there are none. */
export const MissedBadge = ({ missed, href }: { missed: number; href?: string }) =>
  missed === 0 ? (
    ''
  ) : href === undefined ? (
    <span class="chip missed">
      <Icon name="warn" />
      {plural(missed, '1 missed', '{n} missed')}
    </span>
  ) : (
    <a class="chip missed" href={href}>
      <Icon name="warn" />
      {plural(missed, '1 missed', '{n} missed')}
    </a>
  )

/** `/params/width must be …` as one reads it: `width must be …`. */
export const problemText = ({ path, message }: Problem) => {
  const name = path
    .replace(/^\/(params\/)?/, '')
    .replaceAll('~1', '/')
    .replaceAll('~0', '~')
  return name === '' ? message : `${name} ${message}`
}
