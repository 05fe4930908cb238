/** What is in force for a script, and where each value comes from. */
import { bytes, count, durationWords } from '../public/js/format.js'
import type { EffectivePolicy } from '../src/scripts/policy-editor.ts'
import type { Policy, PolicyLimitName } from '../src/scripts/policy-model.ts'
import { attr } from './attr.ts'
import { Icon } from './parts.tsx'
import { say, type Text, t } from './texts.ts'

interface FactsProps {
  policy: Policy
  effective: EffectivePolicy
}

export const Permissions = ({ policy, effective }: FactsProps) => (
  <section class="panel" aria-labelledby="h-permissions">
    <header>
      <h2 id="h-permissions">{t('What it may touch')}</h2>
    </header>
    <div class="body">
      <dl class="facts-list perms">
        {permissionRows.map(({ key, word, all, none, always, item }) => {
          const value = effective.permissions[key]
          const missing = key === 'run' ? missingPrograms(policy, effective) : []
          return (
            <>
              <dt>{t(word)}</dt>
              <dd class="chips">
                {always.map((name) => (
                  <Chip name={name === 'its folder' ? say(name) : name} />
                ))}
                {value === true ? <Chip name={say(all)} /> : value.map((one) => <Chip name={item(one)} />)}
                {value !== true && value.length + always.length + missing.length === 0 ? (
                  <Chip name={none === '' ? '' : say(none)} denied />
                ) : (
                  ''
                )}
                {missing.map((name) => (
                  <Chip name={name} denied />
                ))}
                <From isOwn={policy.permissions?.[key] !== undefined} setting={`allow_${key}`} />
              </dd>
            </>
          )
        })}
      </dl>
    </div>
  </section>
)

const asItIs = (value: string | number) => String(value)

const permissionRows = [
  {
    key: 'net',
    word: 'Network',
    all: 'everything',
    none: 'nothing',
    always: [],
    item: (port: string | number) => say('port {port}', { port }),
  },
  { key: 'read', word: 'Read', all: 'everything but the data folder', none: '', always: ['its folder'], item: asItIs },
  {
    key: 'write',
    word: 'Write',
    all: 'everything but the data folder',
    none: '',
    always: ['OUTPUT_DIR', '/tmp'],
    item: asItIs,
  },
  { key: 'run', word: 'Programs', all: 'all', none: 'none', always: [], item: asItIs },
  { key: 'env', word: 'Variables', all: 'all but secrets', none: 'none', always: [], item: asItIs },
] as const satisfies { word: Text; all: Text; none: Text | ''; [other: string]: unknown }[]

const Chip = ({ name, denied = false }: { name: string; denied?: boolean }) => (
  <span class={denied ? 'chip deny' : 'chip allow'}>
    <Icon name={denied ? 'close' : 'check'} />
    <span class="cut" title={attr(name)} safe>
      {name}
    </span>
  </span>
)

/** Programs that the policy names and PATH does not have. */
function missingPrograms({ permissions }: Policy, { permissions: { run } }: EffectivePolicy): string[] {
  const named = Array.isArray(permissions?.run) ? permissions.run.filter((name) => !name.includes('/')) : []
  const found = run === true ? [] : run
  return named
    .filter((name) => !found.some((path) => path.endsWith(`/${name}`)))
    .map((name) => say('{name}, not on PATH', { name }))
}

const From = ({ isOwn, setting, note = '' }: { isOwn: boolean; setting: string | null; note?: string }) => (
  <small class="muted">
    {isOwn ? (
      t('policy file')
    ) : setting === null ? (
      t('the usual')
    ) : (
      <a href={`/settings#${setting}`}>
        <span class="mono" safe>
          {setting}
        </span>
      </a>
    )}
    <span safe>{note}</span>
  </small>
)

const Row = ({ word, value, children }: { word: string; value: string; children: JSX.Element }) => (
  <>
    <dt safe>{word}</dt>
    <dd class="row">
      <span safe>{value}</span>
      {children as 'safe'}
    </dd>
  </>
)

const perProcess = (value: number) => say('{n} in one process', { n: count(value) })
const seconds = (value: number) => durationWords(value * 1000)

const limitRows: [name: PolicyLimitName, word: Text, show: (value: number) => string][] = [
  ['timeout_min', 'Time', (value) => durationWords(value * 60_000)],
  ['cpu_sec_max', 'Processor time', seconds],
  ['memory_bytes_max', 'Memory', bytes],
  ['processes_max', 'Processes', count],
  ['open_files_max', 'Open files', perProcess],
  ['file_bytes_max', 'One file', bytes],
  ['output_bytes_max', 'Output', bytes],
  ['log_bytes_max', 'Log', bytes],
  ['upload_bytes_max', 'One upload', bytes],
]

export const Limits = ({ policy, effective, settings }: FactsProps & { settings: Record<string, unknown> }) => (
  <section class="panel" aria-labelledby="h-limits">
    <header>
      <h2 id="h-limits">{t('Limits of a run')}</h2>
    </header>
    <div class="body">
      <dl class="facts-list perms">
        {limitRows.map(([name, word, show]) => {
          const declared = policy.limits?.[name]
          const isNarrower = declared !== undefined && declared <= Number(settings[name])
          return (
            <Row word={say(word)} value={show(effective.limits[name])}>
              <From
                isOwn={isNarrower}
                setting={name}
                note={
                  declared !== undefined && !isNarrower
                    ? say(', less than the policy’s {value}', { value: show(declared) })
                    : ''
                }
              />
            </Row>
          )
        })}
      </dl>
    </div>
  </section>
)

const secondStartWords = {
  parallel: 'runs beside the first',
  queue: 'waits for the first',
  skip: 'is skipped',
  replace: 'ends the first and takes its place',
} satisfies Record<string, Text>
const onInterruptWords = { leave: 'left as it is', retry: 'run again at the next start' } satisfies Record<string, Text>

/** In the queue, after an interruption, and in the history. */
export const Treatment = ({ policy, effective, settings }: FactsProps & { settings: Record<string, unknown> }) => {
  const { queue = {}, on_interrupt, retention = {} } = policy
  const { slots, priority, second_start, rate_per_min } = effective.queue
  const kept = effective.retention
  return (
    <section class="panel" aria-labelledby="h-treatment">
      <header>
        <h2 id="h-treatment">{t('Its runs')}</h2>
      </header>
      <div class="body">
        <dl class="facts-list perms">
          <Row word={say('At the same time')} value={slots === 0 ? say('no limit of its own') : count(slots)}>
            <From
              isOwn={queue.slots !== undefined && queue.slots === slots}
              setting="run_slots_per_script"
              note={
                queue.slots !== undefined && queue.slots > slots
                  ? say(', less than the policy’s {value}', { value: queue.slots })
                  : ''
              }
            />
          </Row>
          <Row word={say('Priority')} value={String(priority)}>
            <From isOwn={queue.priority !== undefined} setting={null} />
          </Row>
          <Row word={say('A second start')} value={say(secondStartWords[second_start])}>
            <From isOwn={queue.second_start !== undefined} setting="second_start" />
          </Row>
          <Row
            word={say('Starts')}
            value={rate_per_min === 0 ? say('no limit') : say('{n} a minute', { n: count(rate_per_min) })}
          >
            <From
              isOwn={queue.rate_per_min !== undefined && queue.rate_per_min === rate_per_min}
              setting="rate_limit_per_script"
            />
          </Row>
          <Row word={say('Interrupted')} value={say(onInterruptWords[effective.on_interrupt])}>
            <From isOwn={on_interrupt !== undefined} setting="on_interrupt" />
          </Row>
          <Row
            word={say('Kept')}
            value={kept.days === null ? say('for ever') : say('{n} days', { n: count(kept.days) })}
          >
            <From isOwn={retention.days !== undefined} setting="retention_days" />
          </Row>
          <Row word={say('Newest runs')} value={kept.runs === null ? say('all') : count(kept.runs)}>
            <From isOwn={retention.runs !== undefined} setting="retention_runs_per_script" />
          </Row>
          <Row
            word={say('Logs and files')}
            value={kept.bytes === null ? say('no limit of its own') : bytes(kept.bytes)}
          >
            <From
              isOwn={retention.bytes !== undefined}
              setting={settings.retention_bytes === undefined ? null : 'retention_bytes'}
            />
          </Row>
        </dl>
      </div>
    </section>
  )
}
