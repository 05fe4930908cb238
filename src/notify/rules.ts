/** Which rules tell a run, and as what: pure. */
import type { Run, RunStatus, Trigger } from '../runs/model.ts'
import type { MissedKind, NotifyEvent, NotifyRule } from './model.ts'

/** A rule, or NOTIFY_URL, which is a rule for all scripts without a channel. */
export type RuleLike = Pick<NotifyRule, 'events' | 'triggers' | 'tags' | 'slow_factor' | 'script_id'> & {
  /** Null: NOTIFY_URL. */
  id: number | null
  channel_id: number | null
}

/** What ended, and what is known of the runs before it; `before` and `usual` are asked where a rule needs them. */
export interface Ended {
  run: Pick<Run, 'script_id' | 'status' | 'duration_ms'>
  /** The trigger of the run, and of its first attempt. */
  triggers: readonly Trigger[]
  tags: readonly string[]
  /** Whether the rules for all scripts say nothing of the script. */
  isMuted: boolean
  /** How the run before it ended; undefined: there is none. One that was cancelled does not count. */
  before(): RunStatus | undefined
  /** What its last good runs took, in milliseconds. */
  usual(): number[]
}

/** What is known of occurrences that were missed, too. */
type About = Pick<Ended, 'triggers' | 'tags' | 'isMuted'> & { run: Pick<Run, 'script_id'> }

export interface Match<R extends RuleLike> {
  rule: R
  event: NotifyEvent
}

/** The most telling one first. */
export const byWeight = [
  'missed',
  'timeout',
  'first_failure',
  'failure',
  'recovery',
  'slow',
  'success',
  'always',
] as const satisfies NotifyEvent[]

const bad: readonly RunStatus[] = ['failed', 'killed', 'timeout', 'interrupted']
export const isBad = (status: RunStatus) => bad.includes(status)

/** With fewer good runs before nothing is usual yet. */
export const usualRunsMin = 3
/** A run of 20 ms that took 50 is told to nobody. */
const slowByMsMin = 1000

/** What is told of a run that has ended: to each channel once, as the most telling of what its rules ask for. */
export function matchesOf<R extends RuleLike>(rules: readonly R[], ended: Ended): Match<R>[] {
  const is = eventsOf(ended)
  return onceForEach(
    applying(rules, ended).flatMap((rule) => {
      const event = byWeight.find((one) => rule.events.includes(one) && is(one, rule))
      return event ? [{ rule, event }] : []
    }),
  )
}

/**
 * What is told of occurrences that did not run. One that could not be started is a failure, too: `isFirst` says whether it
 * comes after none.
 */
export const missedMatches = <R extends RuleLike>(
  rules: readonly R[],
  about: About,
  { kind, isFirst }: { kind: MissedKind; isFirst(): boolean },
): Match<R>[] => {
  const first = once(isFirst)
  const is = (event: NotifyEvent) =>
    event === 'missed' || (kind === 'not_started' && (event === 'failure' || (event === 'first_failure' && first())))
  return onceForEach(
    applying(rules, about).flatMap((rule) => {
      const event = byWeight.find((one) => rule.events.includes(one) && is(one))
      return event ? [{ rule, event }] : []
    }),
  )
}

/** The middle of what the good runs took; null while there are too few. */
export function usualDuration(durations: readonly number[]): number | null {
  if (durations.length < usualRunsMin) return null
  const sorted = [...durations].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

const applying = <R extends RuleLike>(rules: readonly R[], { run, triggers, tags, isMuted }: About): R[] =>
  rules.filter(
    (rule) =>
      (rule.script_id === null ? !isMuted : rule.script_id === run.script_id) &&
      (rule.triggers.length === 0 || rule.triggers.some((one) => triggers.includes(one))) &&
      (rule.tags.length === 0 || rule.tags.some((one) => tags.includes(one))),
  )

/** Those of the rules for all scripts that may tell of one with `tags`; tags that it does not have are for its editors to know nothing of. */
export const rulesAbout = <R extends Pick<NotifyRule, 'tags'>>(rules: readonly R[], tags: readonly string[]): R[] =>
  rules
    .map((rule) => ({ rule, common: rule.tags.filter((tag) => tags.includes(tag)) }))
    .filter(({ rule, common }) => rule.tags.length === 0 || common.length > 0)
    .map(({ rule, common }) => ({ ...rule, tags: common }))

function eventsOf({ run, before, usual }: Ended) {
  const isFailure = isBad(run.status)
  const isSuccess = run.status === 'success'
  const earlier = once(before)
  const typical = once(() => usualDuration(usual()))
  const holds: Record<NotifyEvent, (rule: RuleLike) => boolean> = {
    always: () => true,
    success: () => isSuccess,
    failure: () => isFailure,
    first_failure: () => isFailure && !isBad(earlier() ?? 'success'),
    recovery: () => isSuccess && isBad(earlier() ?? 'success'),
    timeout: () => run.status === 'timeout',
    slow: ({ slow_factor }) => isSuccess && isSlow(run.duration_ms, typical(), slow_factor),
    missed: () => false,
  }
  return (event: NotifyEvent, rule: RuleLike) => holds[event](rule)
}

const isSlow = (tookMs: number | null, usualMs: number | null, factor: number) =>
  tookMs !== null && usualMs !== null && tookMs > usualMs * factor && tookMs - usualMs >= slowByMsMin

/** Of one channel the weightiest; where two are alike, the script's own rule, then the older one. */
function onceForEach<R extends RuleLike>(matches: Match<R>[]): Match<R>[] {
  const best = new Map<number | null, Match<R>>()
  for (const match of matches) {
    const known = best.get(match.rule.channel_id)
    if (!known || compare(match, known) < 0) best.set(match.rule.channel_id, match)
  }
  return [...best.values()]
}

const compare = (a: Match<RuleLike>, b: Match<RuleLike>) =>
  byWeight.indexOf(a.event) - byWeight.indexOf(b.event) ||
  Number(a.rule.script_id === null) - Number(b.rule.script_id === null) ||
  (a.rule.id ?? 0) - (b.rule.id ?? 0)

/** Asks when it is needed, and not again. */
export function once<T>(ask: () => T): () => T {
  let answer: { value: T } | undefined
  return () => {
    answer ??= { value: ask() }
    return answer.value
  }
}
