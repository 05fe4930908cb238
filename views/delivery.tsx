/** One notification: what it said, to whom, and what became of it. */
import { count, duration, until } from '../public/js/format.js'
import type { Delivery } from '../src/notify/model.ts'
import { DeliveryStateOf, RunLink, ScriptLink, SendAgain, titleOf } from './deliveries.tsx'
import { Page } from './layout.tsx'
import { whatWords } from './notification-words.ts'
import { Ago, exact, Note } from './parts.tsx'
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
      <div class="head">
        <ol class="crumbs" aria-label="Breadcrumb">
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
            <h2 id="h-said">What it says</h2>
          </header>
          <div class="body">
            {body === '' ? (
              <p class="muted">{delivery.kind === 'heartbeat' ? 'A heartbeat says nothing: it calls.' : 'No text.'}</p>
            ) : (
              <p class="lines" safe>
                {body}
              </p>
            )}
          </div>
        </section>
        <section class="panel" aria-labelledby="h-became">
          <header>
            <h2 id="h-became">What became of it</h2>
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
    <Note kind="info" icon="success" id="outcome" title="It arrived">
      <p safe>{`The receiver took it${answered(delivery)}.`}</p>
    </Note>
  ) : delivery.state === 'failed' || delivery.problem !== null ? (
    <Note kind="bad" icon="failed" id="outcome" alert title="It did not arrive">
      <p safe>{delivery.problem ?? 'No reason is known.'}</p>
      {delivery.answer ? (
        <p>
          It answered{' '}
          <code class="any-wrap" safe>
            {delivery.answer.slice(0, answerCharsShown)}
          </code>
        </p>
      ) : (
        ''
      )}
    </Note>
  ) : (
    <Note kind="info" icon="queued" id="outcome" title="It is on its way">
      <p>This page tells what came of it when it is loaded again.</p>
    </Note>
  )

const answerCharsShown = 300

const answered = ({ status, duration_ms: ms }: Delivery) =>
  `${status === null ? '' : ` with status ${status}`}${ms === null ? '' : `, in ${duration(ms)}`}`

const Facts = ({ delivery, script, channel, list, now }: DeliveryProps) => {
  const { script_id, run_id, state, attempts, status, problem, answer, next_at, finished_at } = delivery
  return (
    <>
      <dl class="body facts-list">
        <dt>To</dt>
        <dd>{channel === null ? 'A channel that is gone' : <ChannelName channel={channel} />}</dd>
        <dt>Event</dt>
        <dd safe>{whatWords(delivery)}</dd>
        {script_id === null ? (
          ''
        ) : (
          <>
            <dt>Script</dt>
            <dd>
              <ScriptLink id={script_id} name={script} />
            </dd>
          </>
        )}
        {run_id === null ? (
          ''
        ) : (
          <>
            <dt>Run</dt>
            <dd>
              <RunLink id={run_id} />
            </dd>
          </>
        )}
        <dt>Made</dt>
        <dd>
          <Ago at={delivery.created_at} now={now} />
        </dd>
        <dt>Tries</dt>
        <dd>{count(attempts) as 'safe'}</dd>
        {status === null ? (
          ''
        ) : (
          <>
            <dt>Last answer</dt>
            <dd
              safe
            >{`Status ${status}${delivery.duration_ms === null ? '' : ` after ${duration(delivery.duration_ms)}`}`}</dd>
          </>
        )}
        {next_at === null ? (
          ''
        ) : (
          <>
            <dt>{state === 'held' ? 'Held until' : 'Next try'}</dt>
            <dd>
              <Ahead at={next_at} now={now} />
            </dd>
          </>
        )}
        {finished_at === null ? (
          ''
        ) : (
          <>
            <dt>{state === 'sent' ? 'Arrived' : 'Ended'}</dt>
            <dd>
              <Ago at={finished_at} now={now} />
            </dd>
          </>
        )}
        {delivery.redelivery_of === null ? (
          ''
        ) : (
          <>
            <dt>Sent again</dt>
            <dd>
              after <a href={`${list.href}/deliveries/${delivery.redelivery_of}`}>an earlier one</a>
            </dd>
          </>
        )}
      </dl>
      {problem ? (
        <Note kind={state === 'failed' ? 'bad' : 'warn'} icon="warn" title="The last try failed">
          <p class="any-wrap" safe>
            {problem}
          </p>
        </Note>
      ) : (
        ''
      )}
      {answer ? (
        <div class="body">
          <p class="label">It answered</p>
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
