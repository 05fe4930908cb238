/** The limits that end a run: what each one says, and where it is raised. */
import { bytes, count, durationWords } from '../public/js/format.js'
import type { LimitHit, Run } from '../src/runs/model.ts'
import type { Script } from '../src/scripts/model.ts'
import type { PolicyLimitName } from '../src/scripts/policy-model.ts'

interface LimitWords {
  word: string
  setting: PolicyLimitName
  show(value: number): string
  /** What a person may do about it beside raising it. */
  advice: string
  /** Why the run was stopped, from what it used and what it might. */
  title(used: string, max: string): string
}

const seconds = (value: number) => durationWords(value * 1000)

const limitWords: Record<LimitHit['limit'], LimitWords> = {
  time: {
    word: 'time',
    setting: 'timeout_min',
    show: seconds,
    advice: 'See in the log where it waited',
    title: (_, max) => `Stopped at its time limit of ${max}`,
  },
  memory: {
    word: 'memory',
    setting: 'memory_bytes_max',
    show: bytes,
    advice: 'Let it hold less at once',
    title: (used, max) => `Stopped at its memory limit: it used ${used} and may use ${max}`,
  },
  cpu: {
    word: 'processor time',
    setting: 'cpu_sec_max',
    show: seconds,
    advice: 'Let it compute less',
    title: (used, max) => `Stopped at its limit of processor time: it used ${used} and may use ${max}`,
  },
  processes: {
    word: 'processes',
    setting: 'processes_max',
    show: count,
    advice: 'Let it start fewer at once, threads included',
    title: (used, max) => `Stopped at its limit of processes: it had ${used} and may have ${max}, threads included`,
  },
  output: {
    word: 'output',
    setting: 'output_bytes_max',
    show: bytes,
    advice: 'Let it print less',
    title: (used, max) => `Stopped at its output limit: it printed ${used} and may print ${max}`,
  },
  disk: {
    word: 'files',
    setting: 'output_bytes_max',
    show: bytes,
    advice: 'Let it write less, or fewer files',
    title: (used, max) => `Stopped at its limit for files: it left ${used} and may leave ${max}`,
  },
}

/** "Stopped at its memory limit: it used 2.1 GiB and may use 2 GiB"; null where no limit ended it. */
export function limitTitle({ limit: hit, reason }: Pick<Run, 'limit' | 'reason'>): string | null {
  if (!hit) return null
  const { title, show } = limitWords[hit.limit]
  // Too many files, or too much in TMPDIR: the reason alone knows which.
  if (hit.limit === 'disk' && hit.used <= hit.max && reason) return reason
  const [used, max] = [show(hit.used), show(hit.max)]
  return title(used === max ? `more than ${used}` : used, max)
}

/** "memory, 2.1 GiB of 2 GiB": in a list. */
export function limitShort(hit: LimitHit): string {
  const { word, show } = limitWords[hit.limit]
  if (hit.limit === 'time' || hit.used <= hit.max) return `${word}, ${show(hit.max)}`
  return `${word}, ${show(hit.used)} of ${show(hit.max)}`
}

export const LimitAdvice = ({ hit, script }: { hit: LimitHit; script: Script }) => (
  <p>
    {limitWords[hit.limit].advice as 'safe'}, or raise <Raise setting={limitWords[hit.limit].setting} script={script} />
  </p>
)

/** Where a limit is raised: in the policy that lowers it, else in the settings. Ends the sentence. */
export const Raise = ({ setting, script }: { setting: PolicyLimitName; script: Script }) =>
  script.policy.limits?.[setting] === undefined ? (
    <>
      the setting <SettingLink name={setting} />. What counts for this script is on its{' '}
      <PolicyLink script={script} word="Permissions" /> tab.
    </>
  ) : (
    <>
      <code>{setting}</code> in <PolicyLink script={script} word="its policy" />, up to the setting{' '}
      <SettingLink name={setting} />.
    </>
  )

/** `name` and `word` are ours. */
export const SettingLink = ({ name }: { name: string }) => (
  <a href={`/settings#${name}`}>
    <code safe>{name}</code>
  </a>
)

export const PolicyLink = ({ script, word }: { script: Pick<Script, 'id'>; word: string }) => (
  <a href={`/scripts/${script.id}?tab=policy`} safe>
    {word}
  </a>
)
