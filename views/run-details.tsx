/** Everything that is known of a run, in the order in which it happened. What is not known has no row. Fragment: #run-details. */
import { bytes, count, durationWords } from '../public/js/format.js'
import type { Run } from '../src/runs/model.ts'
import type { Script } from '../src/scripts/model.ts'
import type { Version } from '../src/scripts/versions.ts'
import { attr } from './attr.ts'
import { exact, Icon, statusWord, triggerOf } from './parts.tsx'
import { scheduleHref } from './run-attempts.tsx'
import { RunLink } from './run-facts.tsx'
import { markup, plural, say, type Text, t } from './texts.ts'
import { VersionLink } from './versions.tsx'

interface DetailsProps {
  run: Run
  script: Script
  /** Runs that repeat this one, newest first; not all of them where there are many. */
  repeats: Run[]
  /** All attempts, this one among them, in their order; empty where it was not tried again. */
  attempts?: Run[]
  /** Of the script's file, as it ran; null where it is not kept, or not for whoever looks. */
  version?: Version | null
}

export const RunDetails = (props: DetailsProps) => (
  <section class="panel" id="run-details" aria-labelledby="h-details">
    <header>
      <h2 id="h-details">{t('Details')}</h2>
    </header>
    <dl class="body facts-list">
      {rowsOf(props)
        .filter(([, value]) => value !== null)
        .map(([word, value]) => (
          <>
            <dt>{t(word)}</dt>
            <dd>{value as 'safe'}</dd>
          </>
        ))}
    </dl>
  </section>
)

/** Null: no such row. What a value holds is escaped where it is made. */
function rowsOf({
  run,
  script,
  repeats,
  attempts = [],
  version = null,
}: DetailsProps): [word: Text, value: JSX.Element | null][] {
  const hasWaited = run.started_at === null || (run.queue_ms ?? 0) > 0
  return [
    ['Started by', <StartedBy run={run} attempts={attempts} />],
    ['Schedule', run.schedule_id === null ? null : <ScheduleLink run={run} />],
    ['Repeats', run.retry_of === null ? null : <Repeats run={run} />],
    ['Repeated by', repeats.length === 0 ? null : <RepeatedBy repeats={repeats} />],
    ['Priority', run.priority === 0 ? null : text(run.priority)],
    ['Queued|when', hasWaited ? <Time at={run.queued_at} /> : null],
    ['Waited', run.queue_ms ? text(durationWords(run.queue_ms)) : null],
    ['Started|when', run.started_at && <Time at={run.started_at} />],
    ['Ended|when', run.finished_at && <Time at={run.finished_at} />],
    ['Duration', known(run.duration_ms, durationWords)],
    ['Exit code', known(run.exit_code, String)],
    ['Signal', run.signal && text(run.signal)],
    ['Processor', known(run.cpu_ms, durationWords)],
    ['Memory', known(run.memory_bytes_peak, (peak) => say('{n} at most', { n: bytes(peak) }))],
    ['Processes', known(run.processes_peak, (peak) => say('{n} at most, threads included', { n: count(peak) }))],
    ['Printed', run.finished_at && text(bytes(run.output_bytes))],
    ['Log', run.finished_at && <LogFacts run={run} />],
    ['Files', run.files_expired_at && <Removed at={run.files_expired_at} />],
    ['Isolation', run.isolation && <Isolation level={run.isolation} />],
    ['Host', text(run.host)],
    ['Script', run.content_hash === '' ? null : <ScriptHash run={run} script={script} version={version} />],
    ['Environment', run.environment_hash && <Hash value={run.environment_hash} />],
  ]
}

const text = (value: string | number) => (value === '' ? null : (Bun.escapeHTML(String(value)) as 'safe'))
const known = <T,>(value: T | null, show: (value: T) => string) => (value === null ? null : text(show(value)))

const isolationNames: Record<string, string> = { bwrap: 'bubblewrap', landlock: 'Landlock' }

export const isolationWord = (level: string) =>
  level === 'plain' ? say('none (plain)') : (isolationNames[level] ?? level)

/** Nobody should believe that a run was held to its policy where nothing held it. */
const Isolation = ({ level }: { level: string }) =>
  level === 'plain' ? (
    <span class="warned">
      <Icon name="warn" />
      <a href="/settings#host">{isolationWord(level) as 'safe'}</a>
    </span>
  ) : (
    <span safe>{isolationWord(level)}</span>
  )

const Time = ({ at }: { at: string }) => <time datetime={at}>{exact(at) as 'safe'}</time>

const ScheduleLink = ({ run }: { run: Run }) => (
  <a href={scheduleHref(run)}>{`#${count(run.schedule_id!)}` as 'safe'}</a>
)

function StartedBy({ run: { trigger, started_by, attempt, retry_of }, attempts }: { run: Run; attempts: Run[] }) {
  const { word } = triggerOf(trigger)
  if (trigger === 'retry' && attempt > 1) {
    const before = attempts.find(({ id }) => id === retry_of)?.status ?? 'interrupted'
    if (before === 'interrupted') return <>{t('The gateway, after an interruption')}</>
    return (
      <>
        {t('The gateway, because attempt {n} ended as “{status}”', {
          n: count(attempt - 1),
          status: statusWord(before),
        })}
      </>
    )
  }
  if (started_by === null) return <>{word as 'safe'}</>
  // "schedule 3 …", "Run now of schedule 3 by anna"
  if (trigger === 'schedule' && /schedule/.test(started_by))
    return <span safe>{started_by.charAt(0).toUpperCase() + started_by.slice(1)}</span>
  const by = <span safe>{started_by}</span>
  if (trigger !== 'schedule') return <>{markup('{trigger}, from {by}', { trigger: word, by })}</>
  return (
    <>
      {word} {by}
    </>
  )
}

const Repeats = ({ run }: { run: Run }) => (
  <>
    {markup('Run {run}', { run: <RunLink id={run.retry_of!} /> })}
    {run.attempt > 1 ? t(', attempt {n}', { n: run.attempt }) : ''}
  </>
)

const RepeatedBy = ({ repeats }: { repeats: Run[] }) => (
  <>
    {markup(repeats.length === 1 ? 'Run {run}' : 'Runs {run}', {
      run: repeats.map(({ id }) => String(<RunLink id={id} />)).join(', ') as 'safe',
    })}
  </>
)

/** Its lines: bytes are told once, as printed, for masks and marks make those of the log others. */
const LogFacts = ({ run: { log_lines, log_expired_at } }: { run: Run }) =>
  log_expired_at === null ? plural(log_lines, '1 line', '{n} lines') : <Removed at={log_expired_at} />

const Removed = ({ at }: { at: string }) => <>{markup('removed {time}', { time: <Time at={at} /> })}</>

const hashCharsShown = 12

const Hash = ({ value }: { value: string }) => (
  <span class="mono" title={attr(value)} safe>
    {value.slice(0, hashCharsShown)}
  </span>
)

const ScriptHash = ({ run, script, version }: { run: Run; script: Script; version: Version | null }) => (
  <>
    {version ? (
      <>
        <VersionLink scriptId={script.id} version={version} />{' '}
      </>
    ) : (
      ''
    )}
    <Hash value={run.content_hash} />
    {script.content_hash === run.content_hash ? '' : <small class="muted">{t(', changed since')}</small>}
  </>
)
