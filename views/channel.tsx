/** One channel: where it goes, a test, who uses it, and what it was sent. */
import type { Delivery, NotifyRule } from '../src/notify/model.ts'
import type { ChannelView, KindView } from '../src/notify/view-model.ts'
import { attr } from './attr.ts'
import { ChannelForm } from './channel-form.tsx'
import type { RefusedChannel } from './channel-inputs.tsx'
import { DeliveriesPanel, type DeliveriesProps } from './deliveries.tsx'
import { OutcomeNote } from './delivery.tsx'
import { Page } from './layout.tsx'
import { whenWords } from './notification-words.ts'
import { Icon, Note } from './parts.tsx'
import type { Viewed } from './viewer.ts'

export interface ChannelProps extends Viewed {
  channel: ChannelView
  kind: KindView
  refused: RefusedChannel | null
  /** What came of the test that was asked for just now. */
  tested: Delivery | null
  done: string | null
  /** Its rules, those for all scripts and those of one. */
  rules: { rule: NotifyRule; script: string | null }[]
  deliveries: DeliveriesProps
  now: number
}

export const ChannelPage = (props: ChannelProps) => {
  const { channel, kind, viewer, now, tested, done } = props
  return (
    <Page title={channel.name} current="notifications" kind="channel" now={now} viewer={viewer}>
      <div class="head">
        <ol class="crumbs" aria-label="Breadcrumb">
          <li>
            <a href="/notifications">Notifications</a>
          </li>
        </ol>
        <h1 class="any-wrap" safe>
          {channel.name}
        </h1>
        {channel.enabled ? '' : <span class="chip deny">Disabled</span>}
        <p safe>{kind.label}</p>
        <div class="row push">
          <form class="inline" method="post" action={`/notifications/channels/${channel.id}/test`}>
            <button class="primary" type="submit">
              <Icon name="bell" />
              Send a test
            </button>
          </form>
        </div>
      </div>
      {tested ? <OutcomeNote delivery={tested} /> : ''}
      {done === null ? '' : <Note kind="info" icon="success" title={done} />}
      {channel.warnings.length === 0 ? (
        ''
      ) : (
        <Note kind="warn" icon="warn" title="It cannot be reached as it is">
          {channel.warnings.map((warning) => (
            <p safe>{warning}</p>
          ))}
        </Note>
      )}
      <div class="split even">
        <ChannelForm channel={channel} kind={kind} refused={props.refused} />
        <div class="stack-4">
          <Rules {...props} />
          <Danger {...props} />
        </div>
      </div>
      <DeliveriesPanel {...props.deliveries} />
    </Page>
  )
}

const Rules = ({ rules }: ChannelProps) => (
  <section class="panel" aria-labelledby="h-told">
    <header>
      <h2 id="h-told">What it is told</h2>
    </header>
    {rules.length === 0 ? (
      <p class="body muted">
        Nothing yet. <a href="/notifications?rule=new#rule-form">A rule</a> for all scripts, or one on the page of a
        script, says what comes here.
      </p>
    ) : (
      <ul class="body stack-2">
        {rules.map(({ rule, script }) => (
          <li>
            <a
              href={
                rule.script_id === null
                  ? `/notifications?rule=${rule.id}#rule-form`
                  : `/scripts/${rule.script_id}/notifications?rule=${rule.id}#rule-form`
              }
              safe
            >
              {whenWords(rule.events)}
            </a>
            <small class="block muted" safe>
              {`${rule.script_id === null ? 'All scripts' : (script ?? `Script ${rule.script_id}`)}${rule.enabled ? '' : ', off'}`}
            </small>
          </li>
        ))}
      </ul>
    )}
  </section>
)

const Danger = ({ channel: { id, name, enabled, waiting }, rules }: ChannelProps) => (
  <section class="panel danger-zone" aria-labelledby="h-danger">
    <header>
      <h2 id="h-danger">{enabled ? 'Stop telling it' : 'Tell it again, or delete it'}</h2>
    </header>
    <div class="body fields">
      <p class="muted">
        {enabled
          ? 'Disabled, what would go to it is noted as given up. Deleted, its rules and deliveries go with it.'
          : 'Enabled, it is told from the next event on. Deleted, its rules and deliveries go with it.'}
      </p>
      <div class="row">
        <form class="inline" method="post" action={`/notifications/channels/${id}/enabled`}>
          <button type="submit" name="enabled" value={enabled ? 'no' : 'yes'}>
            {enabled ? 'Disable' : 'Enable again'}
          </button>
        </form>
        <form
          class="inline"
          method="post"
          action={`/notifications/channels/${id}/delete`}
          data-confirm={attr(`Delete ${name}?`)}
          data-confirm-text={`Gone with it: ${counted(rules.length, 'rule')}, its deliveries, ${waiting} of which wait. It cannot be undone.`}
          data-confirm-yes="Delete"
          data-confirm-no="Keep it"
        >
          <button class="danger" type="submit">
            <Icon name="trash" />
            Delete
          </button>
        </form>
      </div>
    </div>
  </section>
)

const counted = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`
