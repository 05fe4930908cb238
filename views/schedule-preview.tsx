/** What an expression means, while it is typed. Fragments: #when-words, #when-error, #zone-error, #schedule-preview. */
import type { Preview, Upcoming } from '../src/schedules/view-model.ts'
import { exact, Icon, Note, Partial } from './parts.tsx'
import { Until } from './schedule-words.tsx'
import { markup, say, t } from './texts.ts'

export interface PreviewProps {
  /** null: there is nothing to show, or it is not right. */
  preview: Preview | null
  /** What is wrong, by the name of the member: cron_expression, timezone, starts_at, ends_at. */
  errors: Record<string, string>
  /** Why nothing is listed; left out: it is never due. */
  rest?: string
  now: number
}

/** What the browser swaps in while somebody types; the fields themselves are left alone. */
export const PreviewFragments = (props: PreviewProps) => (
  <>
    <Partial id="when-words">
      <WhenWords {...props} />
    </Partial>
    {previewed.map((name) => (
      <Partial id={errorId(name)}>
        <OwnError name={name} error={props.errors[name] ?? null} />
      </Partial>
    ))}
    <Partial id="schedule-preview">
      <PreviewPanel {...props} />
    </Partial>
  </>
)

/** What the meaning of a schedule's time depends on. */
export const previewed = ['cron_expression', 'timezone', 'starts_at', 'ends_at'] as const

export const errorId = (name: string) => `s-${name}-error`

/** Always there, so that it can be swapped; hidden while nothing is wrong. */
export const OwnError = ({ name, error }: { name: string; error: string | null }) => (
  <p class="error" id={errorId(name)} hidden={error === null}>
    <Icon name="warn" />
    <span safe>{error ?? ''}</span>
  </p>
)

export const WhenWords = ({ preview }: Pick<PreviewProps, 'preview'>) => (
  <p class="help" id="when-words" aria-live="polite">
    {preview === null ? (
      markup('Plain words, such as {first} or {second}, or cron, such as {cron}.', {
        first: <code>every weekday at 9:30</code>,
        second: <code>every 15 minutes</code>,
        cron: <code>30 9 * * 1-5</code>,
      })
    ) : (
      <b safe>{preview.words}</b>
    )}
  </p>
)

export const PreviewPanel = ({ preview, rest, now }: PreviewProps) => (
  <section class="panel" id="schedule-preview" aria-labelledby="h-preview" data-live="preview">
    <header>
      <h3 id="h-preview">{t('Next times')}</h3>
      {preview === null ? (
        ''
      ) : (
        <small class="muted push" safe>
          {preview.timezone}
        </small>
      )}
    </header>
    {preview === null ? (
      <p class="body muted">{t('They are shown as soon as it is clear when it should run.')}</p>
    ) : (
      <>
        {preview.warnings.length === 0 ? (
          ''
        ) : (
          <Note kind="warn" icon="warn" title={say('Good to know')}>
            {preview.warnings.map((warning) => <p safe>{warning}</p>).join('') as 'safe'}
          </Note>
        )}
        <UpcomingList upcoming={preview.upcoming} rest={rest} now={now} />
      </>
    )}
  </section>
)

const UpcomingList = ({ upcoming, rest, now }: Pick<PreviewProps, 'rest' | 'now'> & { upcoming: Upcoming[] }) =>
  upcoming.length === 0 ? (
    <p class="body muted" safe>
      {rest ?? say('There is none: it is never due.')}
    </p>
  ) : (
    <ol class="upcoming">
      {upcoming.map(({ at, local, note }) => (
        <li>
          <Icon name="clock" />
          <time datetime={at} title={exact(at)} safe>
            {local}
          </time>
          <Until at={at} now={now} />
          {note === null ? '' : <small safe>{note}</small>}
        </li>
      ))}
    </ol>
  )
