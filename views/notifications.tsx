/** Who is told what, for administrators: channels, the rules for all scripts, and what became of each delivery. */
import type { Delivery, NotifyRule } from '../src/notify/model.ts'
import type { KindView } from '../src/notify/view-model.ts'
import { ChannelForm, KindChoice } from './channel-form.tsx'
import type { RefusedChannel } from './channel-inputs.tsx'
import { ChannelsPanel, type ChannelsProps } from './channels.tsx'
import { DeliveriesPanel, type DeliveriesProps } from './deliveries.tsx'
import { OutcomeNote } from './delivery.tsx'
import { Page } from './layout.tsx'
import { RuleForm, type RuleFormProps } from './notification-rule-form.tsx'
import { RulesPanel } from './notification-rules.tsx'
import { Note } from './parts.tsx'
import { say, t } from './texts.ts'
import { Done, type DoneProps } from './toast.tsx'
import type { Viewed } from './viewer.ts'

export interface NotificationsProps extends Viewed, ChannelsProps {
  /** For all scripts. */
  rules: NotifyRule[]
  /** Whether a channel is being added, and of which kind. */
  adding: { kind: KindView | null; refused: RefusedChannel | null } | null
  ruleForm: RuleFormProps | null
  deliveries: DeliveriesProps
  /** What came of a test of NOTIFY_URL just now. */
  tested: Delivery | null
  done: DoneProps | null
  /** Where there is no form to say it in. */
  refused: string | null
}

export const notificationsPath = '/notifications'

export const NotificationsPage = (props: NotificationsProps) => {
  const { viewer, now, adding, ruleForm, tested, done, refused } = props
  return (
    <Page title={say('Notifications')} current="notifications" kind="notifications" now={now} viewer={viewer}>
      <div class="head">
        <h1>{t('Notifications')}</h1>
        <p>{t('Who is told when a run fails, works again, or did not begin.')}</p>
      </div>
      {tested ? <OutcomeNote delivery={tested} /> : ''}
      {refused === null ? (
        ''
      ) : (
        <Note kind="bad" icon="failed" id="form-message" alert title={say('That did not work')}>
          <p safe>{refused}</p>
        </Note>
      )}
      <Done done={done} />
      {adding === null ? (
        ''
      ) : adding.kind === null ? (
        <KindChoice kinds={props.kinds} />
      ) : (
        <ChannelForm kind={adding.kind} channel={null} refused={adding.refused} />
      )}
      <ChannelsPanel {...props} />
      <div class={ruleForm === null ? 'stack-4' : 'split even'}>
        <RulesPanel
          rules={props.rules}
          channels={props.channels}
          path={notificationsPath}
          title={say('Rules for all scripts')}
          none={say(
            props.notifyUrl === null
              ? 'No rule yet: only scripts with rules of their own tell anything.'
              : 'No rule yet: only NOTIFY_URL and scripts with rules of their own tell anything.',
          )}
        />
        {ruleForm === null ? '' : <RuleForm {...ruleForm} />}
      </div>
      <DeliveriesPanel {...props.deliveries} />
    </Page>
  )
}
