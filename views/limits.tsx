/** The limits that end a run: what each one says, and where it is raised. */
import { bytes, count, durationWords } from '../public/js/format.js'
import type { LimitHit, Run } from '../src/runs/model.ts'
import type { Script } from '../src/scripts/model.ts'
import type { PolicyLimitName } from '../src/scripts/policy-model.ts'
import { markup, say, type Text, t } from './texts.ts'

interface LimitWords {
  word: Text
  setting: PolicyLimitName
  show(value: number): string
  /** What a person may do about it beside raising it. */
  advice: Text
  /** Why the run was stopped, from what it used and what it might. */
  title: Text
}

const seconds = (value: number) => durationWords(value * 1000)

const limitWords: Record<LimitHit['limit'], LimitWords> = {
  time: {
    word: 'time|limit',
    setting: 'timeout_min',
    show: seconds,
    advice: 'See in the log where it waited',
    title: 'Stopped at its time limit of {max}',
  },
  memory: {
    word: 'memory|limit',
    setting: 'memory_bytes_max',
    show: bytes,
    advice: 'Let it hold less at once',
    title: 'Stopped at its memory limit: it used {used} and may use {max}',
  },
  cpu: {
    word: 'processor time|limit',
    setting: 'cpu_sec_max',
    show: seconds,
    advice: 'Let it compute less',
    title: 'Stopped at its limit of processor time: it used {used} and may use {max}',
  },
  processes: {
    word: 'processes|limit',
    setting: 'processes_max',
    show: count,
    advice: 'Let it start fewer at once, threads included',
    title: 'Stopped at its limit of processes: it had {used} and may have {max}, threads included',
  },
  output: {
    word: 'output|limit',
    setting: 'output_bytes_max',
    show: bytes,
    advice: 'Let it print less',
    title: 'Stopped at its output limit: it printed {used} and may print {max}',
  },
  disk: {
    word: 'files|limit',
    setting: 'output_bytes_max',
    show: bytes,
    advice: 'Let it write less, or fewer files',
    title: 'Stopped at its limit for files: it left {used} and may leave {max}',
  },
}

/** "Stopped at its memory limit: it used 2.1 GiB and may use 2 GiB"; null where no limit ended it. */
export function limitTitle({ limit: hit, reason }: Pick<Run, 'limit' | 'reason'>): string | null {
  if (!hit) return null
  const { title, show } = limitWords[hit.limit]
  // Too many files, or too much in TMPDIR: the reason alone knows which.
  if (hit.limit === 'disk' && hit.used <= hit.max && reason) return reason
  const [used, max] = [show(hit.used), show(hit.max)]
  return say(title, { used: used === max ? say('more than {used}', { used }) : used, max })
}

/** "memory, 2.1 GiB of 2 GiB": in a list. */
export function limitShort(hit: LimitHit): string {
  const { word, show } = limitWords[hit.limit]
  if (hit.limit === 'time' || hit.used <= hit.max)
    return say('{limit}, {max}', { limit: say(word), max: show(hit.max) })
  return say('{limit}, {used} of {max}', { limit: say(word), used: show(hit.used), max: show(hit.max) })
}

export const LimitAdvice = ({ hit, script }: { hit: LimitHit; script: Script }) => (
  <p>
    {markup('{advice}, or raise {limit}', {
      advice: t(limitWords[hit.limit].advice),
      limit: <Raise setting={limitWords[hit.limit].setting} script={script} />,
    })}
  </p>
)

/** Where a limit is raised: in the policy that lowers it, else in the settings. Ends the sentence. */
export const Raise = ({ setting, script }: { setting: PolicyLimitName; script: Script }) =>
  script.policy.limits?.[setting] === undefined
    ? markup('the setting {setting}. What counts for this script is on its {tab} tab.', {
        setting: <SettingLink name={setting} />,
        tab: <PolicyLink script={script} to="Limits and permissions" />,
      })
    : markup('{limit} in {policy}, up to the setting {setting}.', {
        limit: <code>{setting}</code>,
        policy: <PolicyLink script={script} to="its policy" />,
        setting: <SettingLink name={setting} />,
      })

/** `name` is ours. */
export const SettingLink = ({ name }: { name: string }) => (
  <a href={`/settings#${name}`}>
    <code safe>{name}</code>
  </a>
)

export const PolicyLink = ({ script, to }: { script: Pick<Script, 'id'>; to: Text }) => (
  <a href={`/scripts/${script.id}?tab=policy`}>{t(to)}</a>
)
