/** What became of a script's parameters by the last save: what callers have to send now, and what does not fit any more. */
import type { CodeOutcome, MemberChange } from '../src/pages/code-model.ts'
import type { Script } from '../src/scripts/model.ts'
import { Ago, Icon } from './parts.tsx'
import { plural, say, t } from './texts.ts'

interface OutcomeProps {
  script: Script
  outcome: CodeOutcome | null
  now: number
}

export const Outcome = ({ script, outcome, now }: OutcomeProps) => (
  <section class="panel" id="code-outcome" aria-labelledby="h-outcome" data-line={outcome?.line?.toString()}>
    <header>
      <h2 id="h-outcome">{outcome ? t('Parameters after the last save') : t('Parameters')}</h2>
    </header>
    <div class="body stack-3">
      <Verdict script={script} outcome={outcome} />
      {outcome ? <Changes script={script} outcome={outcome} /> : ''}
      {script.warnings.length > 0 && script.state !== 'error'
        ? script.warnings
            .map((warning) => (
              <p class="a3 code-warned">
                <Icon name="warn" />
                <span class="code-warning" safe>
                  {warning}
                </span>
              </p>
            ))
            .join('')
        : ('' as 'safe')}
      {outcome?.line ? (
        <button type="button" class="small needs-js" data-code-act="line" data-line={String(outcome.line)}>
          {t('Go to line {n}', { n: outcome.line })}
        </button>
      ) : (
        ''
      )}
      {outcome ? (
        <p class="help">
          <span safe>{outcome.by}</span> · <Ago at={outcome.at} now={now} />
        </p>
      ) : (
        <p class="help">{t('Each save reads the script again, and shows here what became of its parameters.')}</p>
      )}
    </div>
  </section>
)

const Verdict = ({ script, outcome }: Pick<OutcomeProps, 'script' | 'outcome'>) => {
  if (script.state === 'error')
    return (
      <>
        <p class="status" data-status="failed">
          <Icon name="failed" />
          {t('It cannot run like this')}
        </p>
        <pre class="code-error" tabindex="0" safe>
          {script.error ?? say('Its schema could not be read.')}
        </pre>
      </>
    )
  if (outcome?.isSilent)
    return (
      <p class="status" data-status="timeout">
        <Icon name="warn" />
        {t('No answer: they are as they were')}
      </p>
    )
  const count = Object.keys(script.params).length
  return (
    <p class="status" data-status="success">
      <Icon name="success" />
      {outcome
        ? t('{n} read in {ms} ms', { n: count, ms: Math.round(outcome.tookMs) })
        : plural(count, '1 parameter', '{n} parameters')}
    </p>
  )
}

const Changes = ({ script, outcome }: { script: Script; outcome: CodeOutcome }) => {
  const { added, removed, changed, broken } = outcome
  if (script.state === 'error' || outcome.isSilent) return ''
  if (added.length + removed.length + changed.length + broken.length === 0)
    return <p class="muted">{t('Nothing changed for those who call it.')}</p>
  return (
    <dl class="facts-list">
      <Names word={t('Added|parameters')} kind="a2" names={added} />
      <Names word={t('Removed|parameters')} kind="a1" names={removed} />
      {changed.length === 0 ? (
        ''
      ) : (
        <>
          <dt class="a3">{t('Changed|parameters')}</dt>
          {changed.map(({ name, what }) => (
            <dd>
              <code safe>{name}</code> <span safe>{what.map(sayChange).join(say('; '))}</span>
            </dd>
          ))}
        </>
      )}
      {broken.length === 0 ? (
        ''
      ) : (
        <>
          <dt class="a1">{t('Affected')}</dt>
          {broken.map(({ id, name, message }) => (
            <dd>
              <a href={`/scripts/${script.id}/schedules/${id}`} safe>
                {name}
              </a>{' '}
              <span safe>{message}</span>
            </dd>
          ))}
        </>
      )}
    </dl>
  )
}

const Names = ({ word, kind, names }: { word: JSX.Element; kind: string; names: string[] }) =>
  names.length === 0 ? (
    ''
  ) : (
    <>
      <dt class={kind}>{word as 'safe'}</dt>
      <dd class="chips">
        {names.map((name) => (
          <code safe>{name}</code>
        ))}
      </dd>
    </>
  )

/** `max now 1, was 100` */
const sayChange = ({ member, was, is }: MemberChange): string =>
  was === null
    ? say('{member} now {is}', { member, is: is ?? '' })
    : is === null
      ? say('{member} gone, was {was}', { member, was })
      : say('{member} now {is}, was {was}', { member, is, was })
