/** One channel: where it goes, a test, who uses it, and what it was sent. */
import type { Delivery, NotifyRule } from '../src/notify/model.ts'
import type { ChannelView, KindView } from '../src/notify/view-model.ts'
import { ActForm } from './actions.tsx'
import { ChannelForm } from './channel-form.tsx'
import type { RefusedChannel } from './channel-inputs.tsx'
import { channelWord } from './channel-words.ts'
import { DeliveriesPanel, type DeliveriesProps } from './deliveries.tsx'
import { OutcomeNote } from './delivery.tsx'
import { Page } from './layout.tsx'
import { whenWords } from './notification-words.ts'
import { Note } from './parts.tsx'
import { markup, plural, say, t } from './texts.ts'
import { Done, type DoneProps } from './toast.tsx'
import type { Viewed } from './viewer.ts'

export interface ChannelProps extends Viewed {
  channel: ChannelView
  kind: KindView
  refused: RefusedChannel | null
  /** What came of the test that was asked for just now. */
  tested: Delivery | null
  done: DoneProps | null
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
        <ol class="crumbs" aria-label={t('Breadcrumb')}>
          <li>
            <a href="/notifications">{t('Notifications')}</a>
          </li>
        </ol>
        <h1 class="any-wrap" safe>
          {channel.name}
        </h1>
        {channel.enabled ? '' : <span class="chip deny">{t('Disabled')}</span>}
        <p safe>{channelWord(kind.label)}</p>
        <div class="row push">
          <ActForm
            action={`/notifications/channels/${channel.id}/test`}
            {...{ icon: 'bell', word: say('Send a test'), kind: 'primary', isSmall: false }}
          />
        </div>
      </div>
      {tested ? <OutcomeNote delivery={tested} /> : ''}
      <Done done={done} />
      {channel.warnings.length === 0 ? (
        ''
      ) : (
        <Note kind="warn" icon="warn" title={say('It cannot be reached as it is')}>
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
      <h2 id="h-told">{t('What it is told')}</h2>
    </header>
    {rules.length === 0 ? (
      <p class="body muted">
        {markup('Nothing yet. {rule} for all scripts, or one on the page of a script, says what comes here.', {
          rule: <a href="/notifications?rule=new#rule-form">{t('A rule')}</a>,
        })}
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
              {rule.script_id === null ? say('All scripts') : (script ?? say('Script {id}', { id: rule.script_id }))}
              {rule.enabled ? '' : say(', off')}
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
      <h2 id="h-danger">{t(enabled ? 'Stop telling it' : 'Tell it again, or delete it')}</h2>
    </header>
    <div class="body fields">
      <p class="muted">
        {t(
          enabled
            ? 'Disabled, what would go to it is noted as given up. Deleted, its rules and deliveries go with it.'
            : 'Enabled, it is told from the next event on. Deleted, its rules and deliveries go with it.',
        )}
      </p>
      <div class="row">
        <ActForm
          action={`/notifications/channels/${id}/enabled`}
          {...{ word: say(enabled ? 'Disable' : 'Enable again'), kind: 'plain', isSmall: false }}
          fields={{ enabled: enabled ? 'no' : 'yes' }}
        />
        <ActForm
          action={`/notifications/channels/${id}/delete`}
          {...{ icon: 'trash', word: say('Delete'), kind: 'danger', isSmall: false }}
          confirm={{
            question: say('Delete {name}?', { name }),
            text: say(
              'Gone with it: {rules}, and its deliveries, {waiting} of which wait. Undo, right after, brings back the channel and its rules, not its deliveries.',
              { rules: plural(rules.length, '1 rule', '{n} rules'), waiting },
            ),
            yes: say('Delete'),
            no: say('Keep it'),
          }}
        />
      </div>
    </div>
  </section>
)
