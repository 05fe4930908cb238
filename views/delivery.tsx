/** One notification: what it said, to whom, and what became of it. */
import { count, duration, until } from '../public/js/format.js'
import type { Delivery } from '../src/notify/model.ts'
import { DeliveryStateOf, RunLink, ScriptLink, SendAgain, titleOf } from './deliveries.tsx'
import { Page } from './layout.tsx'
import { whatWords } from './notification-words.ts'
import { Ago, exact, Note } from './parts.tsx'
import { markup, say, t } from './texts.ts'
import type { Viewed } from './viewer.ts'

export interface DeliveryProps extends Viewed {
  delivery: Delivery
  script: string | null
  channel: { name: string; href: string | null } | null
  /** Where it is listed, and what that is called. */
  list: { href: string; word: string }
  /** A test, or one that was sent again just now: its outcome is told first. */
  isFresh: boolean
  now: number
}

export const DeliveryPage = (props: DeliveryProps) => {
  const { delivery, list, now, viewer } = props
  const { body, state } = delivery
  return (
    <Page title={titleOf(delivery)} current="notifications" kind="delivery" now={now} viewer={viewer}>
      <div class="head" id="delivery-head" data-live="deliveries">
        <ol class="crumbs" aria-label={t('Breadcrumb')}>
          <li>
            <a href={list.href} safe>
              {list.word}
            </a>
          </li>
        </ol>
        <h1 class="any-wrap" safe>
          {titleOf(delivery)}
        </h1>
        <DeliveryStateOf state={state} pill />
        <div class="row push">
          <SendAgain delivery={delivery} path={list.href} />
        </div>
      </div>
      {props.isFresh ? <OutcomeNote delivery={delivery} /> : ''}
      <div class="split even">
        <section class="panel" aria-labelledby="h-said">
          <header>
            <h2 id="h-said">{t('What it says')}</h2>
          </header>
          <div class="body">
            {body === '' ? (
              <p class="muted">
                {t(delivery.kind === 'heartbeat' ? 'A heartbeat says nothing: it calls.' : 'No text.')}
              </p>
            ) : (
              <p class="lines" safe>
                {body}
              </p>
            )}
          </div>
        </section>
        <section class="panel" id="became" aria-labelledby="h-became" data-live="deliveries">
          <header>
            <h2 id="h-became">{t('What became of it')}</h2>
          </header>
          <Facts {...props} />
        </section>
      </div>
    </Page>
  )
}

/** What came of a test, plainly. */
export const OutcomeNote = ({ delivery }: { delivery: Delivery }) =>
  delivery.state === 'sent' ? (
    <Note kind="info" icon="success" id="outcome" title={say('It arrived')}>
      <p safe>{tookIt(delivery)}</p>
    </Note>
  ) : delivery.state === 'failed' || delivery.problem !== null ? (
    <Note kind="bad" icon="failed" id="outcome" alert title={say('It did not arrive')}>
      <p safe>{delivery.problem ?? say('No reason is known.')}</p>
      {delivery.answer ? (
        <p>
          {markup('It answered {answer}', {
            answer: (
              <code class="any-wrap" safe>
                {delivery.answer.slice(0, answerCharsShown)}
              </code>
            ),
          })}
        </p>
      ) : (
        ''
      )}
    </Note>
  ) : (
    <Note kind="info" icon="queued" id="outcome" title={say('It is on its way')}>
      <p>{t('This page tells what came of it as soon as that is known.')}</p>
    </Note>
  )

const answerCharsShown = 300

function tookIt({ status, duration_ms: ms }: Delivery): string {
  if (status === null)
    return ms === null ? say('The receiver took it.') : say('The receiver took it, in {time}.', { time: duration(ms) })
  return ms === null
    ? say('The receiver took it with status {status}.', { status })
    : say('The receiver took it with status {status}, in {time}.', { status, time: duration(ms) })
}

const Facts = ({ delivery, script, channel, list, now }: DeliveryProps) => {
  const { script_id, run_id, state, attempts, status, problem, answer, next_at, finished_at } = delivery
  return (
    <>
      <dl class="body facts-list">
        <dt>{t('To|receiver')}</dt>
        <dd>{channel === null ? t('A channel that is gone') : <ChannelName channel={channel} />}</dd>
        <dt>{t('Event')}</dt>
        <dd safe>{whatWords(delivery)}</dd>
        {script_id === null ? (
          ''
        ) : (
          <>
            <dt>{t('Script')}</dt>
            <dd>
              <ScriptLink id={script_id} name={script} />
            </dd>
          </>
        )}
        {run_id === null ? (
          ''
        ) : (
          <>
            <dt>{t('Run')}</dt>
            <dd>
              <RunLink id={run_id} />
            </dd>
          </>
        )}
        <dt>{t('Made|delivery')}</dt>
        <dd>
          <Ago at={delivery.created_at} now={now} />
        </dd>
        <dt>{t('Tries')}</dt>
        <dd>{count(attempts) as 'safe'}</dd>
        {status === null ? (
          ''
        ) : (
          <>
            <dt>{t('Last answer')}</dt>
            <dd>
              {delivery.duration_ms === null
                ? t('Status {status}', { status })
                : t('Status {status} after {time}', { status, time: duration(delivery.duration_ms) })}
            </dd>
          </>
        )}
        {next_at === null ? (
          ''
        ) : (
          <>
            <dt>{t(state === 'held' ? 'Held until' : 'Next try')}</dt>
            <dd>
              <Ahead at={next_at} now={now} />
            </dd>
          </>
        )}
        {finished_at === null ? (
          ''
        ) : (
          <>
            <dt>{t(state === 'sent' ? 'Arrived' : 'Ended|delivery')}</dt>
            <dd>
              <Ago at={finished_at} now={now} />
            </dd>
          </>
        )}
        {delivery.redelivery_of === null ? (
          ''
        ) : (
          <>
            <dt>{t('Sent again')}</dt>
            <dd>
              <a href={`${list.href}/deliveries/${delivery.redelivery_of}`}>{t('after an earlier one')}</a>
            </dd>
          </>
        )}
      </dl>
      {problem ? (
        <Note kind={state === 'failed' ? 'bad' : 'warn'} icon="warn" title={say('The last try failed')}>
          <p class="any-wrap" safe>
            {problem}
          </p>
        </Note>
      ) : (
        ''
      )}
      {answer ? (
        <div class="body">
          <p class="label">{t('It answered')}</p>
          <div class="code wrap short">
            <pre tabindex="0" safe>
              {answer}
            </pre>
          </div>
        </div>
      ) : (
        ''
      )}
    </>
  )
}

const ChannelName = ({ channel: { name, href } }: { channel: NonNullable<DeliveryProps['channel']> }) =>
  href === null ? (
    <span safe>{name}</span>
  ) : (
    <a href={href} safe>
      {name}
    </a>
  )

const Ahead = ({ at, now }: { at: string; now: number }) => (
  <time datetime={at} title={exact(at)}>
    {until(Date.parse(at) - now) as 'safe'}
  </time>
)
