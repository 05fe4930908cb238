/** The gateway's own log: newest last, each entry to be opened. */
import { attr, query } from './attr.ts'
import { Page } from './layout.tsx'
import { exact, Icon } from './parts.tsx'
import { markup, plural, say, type Text, t } from './texts.ts'
import type { Viewed } from './viewer.ts'

type Entry = Record<string, unknown>

export interface GatewayLogProps extends Viewed {
  /** Oldest first. */
  items: Entry[]
  /** Where older ones are. */
  before: string | null
  /** Where what is written from now on begins. */
  position: string
  level: string | null
  q: string
  /** The end of the log, and not a page of what was before. */
  isLive: boolean
  /** How much is written: the setting. */
  written: string
  now: number
}

export const GatewayLogPage = (props: GatewayLogProps) => (
  <Page title={say('Gateway log')} current="settings" kind="gateway-log" now={props.now} viewer={props.viewer}>
    <div class="head">
      <ol class="crumbs" aria-label={t('Breadcrumb')}>
        <li>
          <a href="/settings">{t('Settings')}</a>
        </li>
      </ol>
      <h1>{t('Gateway log')}</h1>
      <p>
        {markup('It says what is at least {level}.', {
          level: (
            <a href="/settings#log_level" safe>
              {props.written}
            </a>
          ),
        })}
      </p>
      <div class="row push">
        <a class="button quiet" href="/api/logs/gateway/download" download="">
          <Icon name="download" />
          {t('Download')}
        </a>
      </div>
    </div>
    <section
      class="panel entries-panel"
      aria-label={t('Gateway log')}
      data-gateway-log={props.isLive ? eventsHref(props) : undefined}
    >
      <Bar {...props} />
      <section class="entries" tabindex="0" aria-label={t('Entries')} data-log-view>
        <Older {...props} />
        {props.items.length === 0 ? <Nothing {...props} /> : ''}
        <ol data-entries>
          <LogEntries items={props.items} />
        </ol>
      </section>
      <Foot {...props} />
    </section>
  </Page>
)

const eventsHref = ({ position, level, q }: GatewayLogProps) =>
  `/settings/log/events${query({ after: position, level, q })}`

const choices: [level: string, word: Text][] = [
  ['', 'All'],
  ['info', 'Info'],
  ['warn', 'Warning'],
  ['error', 'Error'],
]

const Bar = ({ level, q, isLive }: GatewayLogProps) => (
  <div class="bar">
    <search>
      <form class="filters" action="/settings/log" aria-label={t('Filter the entries')} data-autosubmit>
        <div class="inlay">
          <Icon name="search" />
          <input
            type="search"
            name="q"
            value={attr(q)}
            aria-label={t('Search the entries')}
            placeholder={t('Search the entries')}
            autocomplete="off"
            data-search
          />
          <kbd class="needs-js">/</kbd>
        </div>
        <fieldset class="chips" aria-label={t('Level, and worse')}>
          {choices.map(([name, word]) => (
            <label class="chip filter">
              <input type="radio" name="level" value={name} checked={name === (level ?? '')} />
              {t(word)}
            </label>
          ))}
        </fieldset>
        <noscript>
          <button type="submit">{t('Search')}</button>
        </noscript>
      </form>
    </search>
    <span class="push" />
    {isLive ? (
      <button class="quiet small needs-js" type="button" aria-pressed="true" data-follow>
        <Icon name="to-end" />
        {t('Follow')}
      </button>
    ) : (
      <a class="button small" href={`/settings/log${query({ level, q })}`}>
        <Icon name="to-end" />
        {t('To the newest')}
      </a>
    )}
  </div>
)

const Older = ({ before, level, q }: GatewayLogProps) =>
  before === null ? (
    ''
  ) : (
    <p class="older">
      <a class="button quiet small" href={`/settings/log${query({ level, q, before })}`}>
        <Icon name="up" />
        {t('Older entries')}
      </a>
    </p>
  )

const Nothing = ({ level, q }: GatewayLogProps) => (
  <p class="log-empty muted" data-nothing>
    {level === null && q === '' ? (
      t('Nothing is written yet.')
    ) : (
      <>
        {t('Nothing matches')}. <a href="/settings/log">{t('Clear the filters')}</a>
      </>
    )}
  </p>
)

const Foot = ({ items, isLive }: GatewayLogProps) => (
  <div class="log-foot">
    <span data-count>{plural(items.length, '1 entry', '{n} entries')}</span>
    <button class="quiet small needs-js" type="button" data-more hidden>
      <Icon name="down" />
      <span />
    </button>
    <span class="push" role="status" data-live-word>
      {isLive ? '' : t('Older entries')}
    </span>
  </div>
)

export const LogEntries = ({ items }: { items: Entry[] }) => <>{items.map(LogEntry).join('') as 'safe'}</>

interface Level {
  name: string
  word: Text
  icon: string
}

/** By pino's numbers, from the worst. */
const levels: [number, Level][] = [
  [60, { name: 'fatal', word: 'Fatal', icon: 'killed' }],
  [50, { name: 'error', word: 'Error', icon: 'failed' }],
  [40, { name: 'warn', word: 'Warning', icon: 'warn' }],
  [30, { name: 'info', word: 'Info', icon: 'info' }],
  [20, { name: 'debug', word: 'Debug', icon: 'terminal' }],
]
const finest: Level = { name: 'trace', word: 'Trace', icon: 'more' }
/** A line that is no entry: a kill cut it off. */
const unknown: Level = { name: 'warn', word: 'Cut off', icon: 'interrupted' }

function LogEntry(entry: Entry) {
  const { level, time, msg, ...rest } = entry
  const { name, word, icon } =
    typeof level === 'number' ? (levels.find(([number]) => level >= number)?.[1] ?? finest) : unknown
  const at = typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? time : null
  return (
    <li data-level={name}>
      <details>
        <summary>
          {at === null ? (
            <span class="at" />
          ) : (
            <time class="at" datetime={attr(at)} title={attr(exact(at))} safe>
              {`${at.slice(5, 10)} ${at.slice(11, 19)}`}
            </time>
          )}
          <span class="level">
            <Icon name={icon} />
            {t(word)}
          </span>
          <span class="said">
            <b safe>{String(msg ?? '')}</b>
            <Fields entry={rest} />
          </span>
        </summary>
        <pre tabindex="0" safe>
          {textOf(entry)}
        </pre>
      </details>
    </li>
  )
}

const fieldsShown = 12
const charsShown = 120
const hidden = new Set(['pid', 'hostname'])

/** What stands beside the message, folded: `status=200 script="a b"`. */
const Fields = ({ entry }: { entry: Entry }) => (
  <>
    {
      Object.entries(entry)
        .filter(([name]) => !hidden.has(name))
        .slice(0, fieldsShown)
        .map(([name, value]) => (
          <>
            {' '}
            <span class="key" safe>{`${name}=`}</span>
            <span safe>{short(value)}</span>
          </>
        ))
        .join('') as 'safe'
    }
  </>
)

/** An error by its message: its stack is in the entry when it is opened. */
function short(value: unknown): string {
  const isError = typeof value === 'object' && value !== null && 'message' in value
  const plain = isError ? (value as { message: unknown }).message : value
  const text = typeof plain === 'string' && /^[^\s"=]+$/.test(plain) ? plain : (JSON.stringify(plain) ?? '')
  return text.length > charsShown ? `${text.slice(0, charsShown)} …` : text
}

/** The whole entry, its stacks as lines that one can read. */
function textOf(entry: Entry): string {
  const stacks = Object.values(entry).flatMap((value) =>
    typeof value === 'object' && value !== null && typeof (value as Entry).stack === 'string'
      ? [String((value as Entry).stack)]
      : [],
  )
  return [JSON.stringify(entry, null, 2), ...stacks].join('\n\n')
}
