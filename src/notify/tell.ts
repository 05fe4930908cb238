/** What the rest of the gateway tells becomes deliveries, by the rules. */
import { renderTemplate } from '../channels/templates.ts'
import { fit } from '../channels/text.ts'
import { type Text, usualText } from '../channels/usual.ts'
import type { Run } from '../runs/model.ts'
import type { Setting } from '../settings/settings.ts'
import type { Vault } from '../variables/vault.ts'
import { factsOfMissed, factsOfRun, type LocalText } from './facts.ts'
import type { HistoryStore } from './history-store.ts'
import { laneOf } from './lanes.ts'
import type { Facts, Missed, Notify, NotifyEvent } from './model.ts'
import type { Draft, Outbox } from './outbox.ts'
import type { BookedRule, RuleBook } from './rule-book.ts'
import { isBad, type Match, matchesOf, missedMatches, once, type RuleLike, usualDuration } from './rules.ts'
import { type HeartbeatEvent, sealedIn } from './sending.ts'

/** A script as it is told of. */
export interface TellingScript {
  name: string
  tags: readonly string[]
}

interface TellDeps {
  outbox: Outbox
  history: HistoryStore
  book: RuleBook
  setting: Setting
  vault: Pick<Vault, 'seal'>
  /** Undefined for one that is gone. */
  scriptOf(id: number): TellingScript | undefined
  baseUrl(): string
  localText: LocalText
}

const usualRuns = 20
const titleCharsMax = 1000
const bodyCharsMax = 10_000

/** NOTIFY_URL, as a rule for all scripts. */
interface NotifyUrlRule extends RuleLike {
  id: null
  channel_id: null
  kind: 'notify_url'
  title: null
  body: null
}
type AnyRule = BookedRule | NotifyUrlRule

export function createTell(deps: TellDeps): Notify {
  const { outbox, history, book, setting, vault, scriptOf, baseUrl, localText } = deps

  function rulesFor(scriptId: number): AnyRule[] {
    const rules: AnyRule[] = book.of(scriptId)
    if (setting('notify_url') === '') return rules
    const events = setting('notify_on') as NotifyEvent[]
    return [...rules, { ...notifyUrlRule, events }]
  }

  const scriptNamed = (id: number) => scriptOf(id) ?? { name: `script ${id}`, tags: [] }

  function tellRun(run: Run) {
    const rules = rulesFor(run.script_id)
    if (rules.length === 0) return
    const about = history.about(run.id)
    const script = scriptNamed(run.script_id)
    const usual = () => history.goodDurations(run, usualRuns)
    const before = once(() => history.lastEnded(run))
    const matches = matchesOf(rules, {
      ...{ run, tags: script.tags, isMuted: book.isMuted(run.script_id), usual },
      triggers: about ? [run.trigger, about.firstTrigger] : [run.trigger],
      before,
    })
    const drafts = matches.map(({ rule, event }) => {
      const usualMs = event === 'slow' ? usualDuration(usual()) : null
      const named = { id: run.script_id, name: script.name }
      const facts = factsOfRun(run, { event, script: named, about, usualMs, baseUrl: baseUrl(), localText })
      const isFirst = event === 'first_failure' && before() === undefined
      return draftOf({ rule, event }, usualText(event, facts, { isFirst }), facts, {
        scriptId: run.script_id,
        runId: run.id,
        scheduleId: run.schedule_id,
      })
    })
    outbox.put(drafts)
  }

  function tellMissed(missed: Missed) {
    const { scriptId, scheduleId } = missed
    const rules = rulesFor(scriptId)
    if (rules.length === 0) return
    const script = scriptNamed(scriptId)
    const matches = missedMatches(
      rules,
      {
        ...{ run: { script_id: scriptId }, tags: script.tags },
        ...{ triggers: ['schedule'], isMuted: book.isMuted(scriptId) },
      },
      { kind: missed.kind, isFirst: () => !isBad(history.lastDue(scheduleId, missed.dueAt) ?? 'success') },
    )
    if (matches.length === 0) return
    const named = { id: scriptId, name: script.name }
    const about = history.schedule(scheduleId)
    const drafts = matches.map((match) => {
      const { event } = match
      const facts = factsOfMissed(missed, { event, script: named, about, baseUrl: baseUrl(), localText })
      return draftOf(match, usualText(event, facts), facts, { scriptId, runId: null, scheduleId })
    })
    outbox.put(drafts)
  }

  function tellHeartbeat(event: HeartbeatEvent, url: string, run: Run) {
    const script = scriptNamed(run.script_id)
    const named = { id: run.script_id, name: script.name }
    const facts = factsOfRun(run, { event, script: named, about: null, usualMs: null, baseUrl: baseUrl(), localText })
    const target = Buffer.from(vault.seal(url, sealedIn.heartbeat(run.schedule_id)))
    outbox.put([
      {
        ...{ channelId: null, rule: null, kind: 'heartbeat', event, target, facts },
        ...{ scriptId: run.script_id, runId: run.id, scheduleId: run.schedule_id },
        ...{ title: `Heartbeat of ${script.name}: ${heartbeatWords[event]}`, body: '' },
        lane: laneOf.heartbeat(run.schedule_id),
      },
    ])
  }

  return {
    runFinished: (run) => outbox.safely(() => tellRun(withoutResult(run))),
    missed: (missed) => outbox.safely(() => tellMissed(missed)),
    heartbeat: (signal, { url, run }) =>
      outbox.safely(() => tellHeartbeat(`heartbeat_${signal}`, url, withoutResult(run))),
  }
}

/** Nothing of it is told, and it may wait in memory. */
const withoutResult = (run: Run): Run => ({ ...run, result: null, files: [], params: {} })

function draftOf(
  { rule, event }: Match<AnyRule>,
  usual: Text,
  facts: Facts,
  about: Pick<Draft, 'scriptId' | 'runId' | 'scheduleId'>,
): Draft {
  const title = rule.title === null ? '' : renderTemplate(rule.title, facts).trim()
  return {
    ...about,
    ...{ channelId: rule.channel_id, kind: rule.kind, event, facts, target: null },
    title: fit(title || usual.title, titleCharsMax),
    body: fit(rule.body === null ? usual.body : renderTemplate(rule.body, facts), bodyCharsMax),
    rule: rule.id === null ? null : rule,
    lane: rule.channel_id === null ? laneOf.notifyUrl : laneOf.channel(rule.channel_id),
  }
}

const notifyUrlRule: NotifyUrlRule = {
  ...{ id: null, channel_id: null, script_id: null, kind: 'notify_url', title: null, body: null },
  ...{ events: [], triggers: [], tags: [], slow_factor: 2 },
}

const heartbeatWords: Record<HeartbeatEvent, string> = {
  heartbeat_start: 'started',
  heartbeat_success: 'ended well',
  heartbeat_fail: 'failed',
}
