/** What is told of one script: its own rules, those for all scripts, and what became of its deliveries. */
import type { NotifyRule } from '../src/notify/model.ts'
import { ActForm } from './actions.tsx'
import { DeliveriesPanel, type DeliveriesProps } from './deliveries.tsx'
import { RuleForm, type RuleFormProps } from './notification-rule-form.tsx'
import { type NamedChannel, RulesPanel, RuleWords } from './notification-rules.tsx'
import { whenWords } from './notification-words.ts'
import { Icon, Note } from './parts.tsx'
import { say, t } from './texts.ts'
import { Done, type DoneProps } from './toast.tsx'

export interface ScriptNotificationsProps {
  scriptId: number
  rules: NotifyRule[]
  /** Those for all scripts that speak of this one, were it not muted. */
  globalRules: NotifyRule[]
  /** What NOTIFY_URL is told of; null when none is set. */
  notifyUrlEvents: string[] | null
  isMuted: boolean
  channels: NamedChannel[]
  ruleForm: RuleFormProps | null
  deliveries: DeliveriesProps
  /** Administrators change the rules for all scripts. */
  isAdmin: boolean
  done: DoneProps | null
  refused: string | null
}

export const scriptNotificationsPath = (scriptId: number) => `/scripts/${scriptId}/notifications`

export const ScriptNotifications = (props: ScriptNotificationsProps) => {
  const { scriptId, rules, channels, ruleForm, done, refused } = props
  return (
    <div class="stack-4">
      {refused === null ? (
        ''
      ) : (
        <Note kind="bad" icon="failed" id="form-message" alert title={say('That did not work')}>
          <p safe>{refused}</p>
        </Note>
      )}
      <Done done={done} />
      <div class="split even">
        <div class="stack-4">
          <RulesPanel
            {...{ rules, channels, path: scriptNotificationsPath(scriptId), title: say('Rules of this script') }}
            none={say('This script has no rules of its own.')}
          />
          {channels.length === 0 && props.isAdmin ? (
            <p>
              <a href="/notifications?add=channel#channel-form">{t('Add a channel')}</a>
            </p>
          ) : (
            ''
          )}
          {ruleForm === null ? '' : <GlobalRules {...props} />}
        </div>
        {ruleForm === null ? <GlobalRules {...props} /> : <RuleForm {...ruleForm} />}
      </div>
      <DeliveriesPanel {...props.deliveries} />
    </div>
  )
}

const GlobalRules = (props: ScriptNotificationsProps) => {
  const { globalRules, notifyUrlEvents, isMuted, channels, isAdmin } = props
  const isTold = globalRules.length > 0 || notifyUrlEvents !== null
  return (
    <section class="panel" id="global-rules" aria-labelledby="h-global-rules">
      <header>
        <h2 id="h-global-rules">{t('What the rules for all scripts tell of it')}</h2>
        {isAdmin ? (
          <a class="push muted" href="/notifications#rules">
            <small>{t('Change them')}</small>
          </a>
        ) : (
          ''
        )}
      </header>
      {isMuted ? (
        <p class="body">
          <span class="warned">
            <Icon name="pause" />
            {t('Muted')}
          </span>{' '}
          {t(isTold ? 'Nothing of what stands below is told.' : 'There is nothing to tell, either.')}
        </p>
      ) : isTold ? (
        ''
      ) : (
        <p class="body muted">{t('Nothing: no rule for all scripts speaks of it.')}</p>
      )}
      {isTold ? (
        <ul class="rules">
          {globalRules.map((rule) => (
            <li>
              <RuleWords rule={rule} channels={channels} />
            </li>
          ))}
          {notifyUrlEvents === null ? (
            ''
          ) : (
            <li>
              <span class="rule-words">
                <b safe>{whenWords(notifyUrlEvents)}</b>
                <Icon name="right" />
                <span class="sr">{t('to|receiver')}</span>
                <code>NOTIFY_URL</code>
              </span>
            </li>
          )}
        </ul>
      ) : (
        ''
      )}
      <Mute {...props} />
    </section>
  )
}

const Mute = ({ scriptId, isMuted }: ScriptNotificationsProps) => (
  <footer>
    <div class="row">
      <ActForm
        action={`${scriptNotificationsPath(scriptId)}/mute`}
        icon={isMuted ? 'bell' : 'pause'}
        word={say(isMuted ? 'Let them tell of it again' : 'Mute them for this script')}
        {...{ kind: 'plain', isSmall: false, wraps: true }}
        fields={{ muted: isMuted ? 'no' : 'yes' }}
      />
      <p class="help">{t('Its own rules tell what they tell either way.')}</p>
    </div>
  </footer>
)
