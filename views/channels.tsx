/** Where notifications go: every channel with how it does, and NOTIFY_URL beside them. Fragment: #channels. */
import { count } from '../public/js/format.js'
import type { ChannelView, KindView } from '../src/notify/view-model.ts'
import { ActForm } from './actions.tsx'
import { attr } from './attr.ts'
import { hostOf, iconOf } from './channel-form.tsx'
import { channelWord } from './channel-words.ts'
import { DeliveryStateOf } from './deliveries.tsx'
import { whenWords } from './notification-words.ts'
import { Ago, Icon } from './parts.tsx'
import { markup, say, t } from './texts.ts'

export interface NotifyUrlView extends Pick<ChannelView, 'last' | 'waiting' | 'warnings'> {
  /** The rest of the address is nobody's business. */
  host: string
  events: string[]
}

export interface ChannelsProps {
  channels: ChannelView[]
  kinds: KindView[]
  notifyUrl: NotifyUrlView | null
  now: number
}

export const kindWord = (kinds: KindView[], kind: string) =>
  channelWord(kinds.find((one) => one.kind === kind)?.label ?? kind)

export const ChannelsPanel = (props: ChannelsProps) => (
  <section class="stack-2" id="channels" aria-labelledby="h-channels">
    <div class="row">
      <h2 id="h-channels">{t('Channels')}</h2>
      <span class="count">{props.channels.length}</span>
      <a class="button push" href="/notifications?add=channel#channel-form">
        <Icon name="plus" />
        {t('Add a channel')}
      </a>
    </div>
    {props.channels.length === 0 && props.notifyUrl === null ? <NoChannels /> : <Table {...props} />}
  </section>
)

const NoChannels = () => (
  <div class="panel">
    <div class="empty">
      <Icon name="bell" />
      <h2>{t('Nothing is told to anybody')}</h2>
      <p>
        {markup(
          'A channel is a receiver: a webhook, a mailbox, a chat. Rules say what each is told. The setting {setting} is the short way to one address.',
          { setting: <code>notify_url</code> },
        )}
      </p>
      <div class="row">
        <a class="button primary" href="/notifications?add=channel#channel-form">
          <Icon name="plus" />
          {t('Add a channel')}
        </a>
        <a class="button" href="/settings#notify_url">
          {t('Set notify_url')}
        </a>
      </div>
    </div>
  </div>
)

const Table = ({ channels, kinds, notifyUrl, now }: ChannelsProps) => (
  <div class="table-wrap">
    <table class="stack channels">
      <caption class="sr">{t('Channels')}</caption>
      <thead>
        <tr>
          <th>{t('Channel')}</th>
          <th class="p1">{t('Goes to')}</th>
          <th>{t('Last delivery')}</th>
          <th class="p1 n">{t('Waiting')}</th>
          <th>
            <span class="sr">{t('Actions')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {channels.map((channel) => (
          <Row channel={channel} kind={kindWord(kinds, channel.kind)} now={now} />
        ))}
        {notifyUrl === null ? '' : <NotifyUrlRow {...notifyUrl} now={now} />}
      </tbody>
    </table>
  </div>
)

/** Why nothing arrives there, in the row itself. */
const Warnings = ({ warnings }: Pick<ChannelView, 'warnings'>) => (
  <>
    {warnings.map((warning) => (
      <small class="reason" safe>
        {warning}
      </small>
    ))}
  </>
)

const Row = ({ channel, kind, now }: { channel: ChannelView; kind: string; now: number }) => {
  const { id, name, enabled, last, waiting } = channel
  return (
    <tr id={`channel-${id}`} data-live="deliveries">
      <td class="c-name any-wrap">
        <a href={`/notifications/channels/${id}`} data-open-row safe>
          {name}
        </a>{' '}
        {enabled ? '' : <span class="chip deny">{t('Disabled')}</span>}
        <small class="row">
          <Icon name={iconOf(channel.kind)} />
          <span safe>{kind}</span>
        </small>
      </td>
      <td class="p1 any-wrap" safe>
        {hostOf(channel)}
      </td>
      <td class="line">
        <Last last={last} now={now} />
        <Warnings warnings={channel.warnings} />
      </td>
      <td class="p1 n">{count(waiting) as 'safe'}</td>
      <td class="acts">
        <TestForm action={`/notifications/channels/${id}/test`} name={name} />
        <ToggleForm channel={channel} />
        <a
          class="button quiet only small"
          href={`/notifications/channels/${id}`}
          aria-label={t('Edit {name}', { name })}
          title={t('Edit')}
        >
          <Icon name="pencil" />
        </a>
      </td>
    </tr>
  )
}

const Last = ({ last, now }: Pick<ChannelView, 'last'> & { now: number }) =>
  last === null ? (
    <span class="muted">{t('None yet')}</span>
  ) : (
    <>
      <DeliveryStateOf state={last.state} />
      <small>
        <Ago at={last.at} now={now} />
      </small>
      {last.problem === null ? (
        ''
      ) : (
        <small class="two-lines reason" title={attr(last.problem)} safe>
          {last.problem}
        </small>
      )}
    </>
  )

/** Set by a setting, so it is changed there. */
const NotifyUrlRow = ({ host, events, last, waiting, warnings, now }: NotifyUrlView & { now: number }) => (
  <tr id="notify-url" data-live="deliveries">
    <td class="c-name any-wrap">
      <a href="/settings#notify_url">
        <code>NOTIFY_URL</code>
      </a>{' '}
      <span class="chip">{t('Setting')}</span>
      <small safe>{whenWords(events)}</small>
      <small>{t('Of all scripts that are not muted')}</small>
    </td>
    <td class="p1 any-wrap" safe>
      {host}
    </td>
    <td class="line">
      <Last last={last} now={now} />
      <Warnings warnings={warnings} />
    </td>
    <td class="p1 n">{count(waiting) as 'safe'}</td>
    <td class="acts">
      <TestForm action="/notifications/notify-url/test" name="NOTIFY_URL" />
      <a
        class="button quiet only small"
        href="/settings#notify_url"
        aria-label={t('Edit NOTIFY_URL in the settings')}
        title={t('Edit in the settings')}
      >
        <Icon name="sliders" />
      </a>
    </td>
  </tr>
)

const TestForm = ({ action, name }: { action: string; name: string }) => (
  <ActForm
    {...{ action, kind: 'plain', word: say('Test') }}
    label={say('Test {name}', { name })}
    title={say('Send a test message now')}
  />
)

const ToggleForm = ({ channel: { id, name, enabled } }: { channel: ChannelView }) => (
  <ActForm
    action={`/notifications/channels/${id}/enabled`}
    icon={enabled ? 'pause' : 'play'}
    label={enabled ? say('Disable {name}', { name }) : say('Enable {name}', { name })}
    title={say(enabled ? 'Disable' : 'Enable')}
    fields={{ from: 'list', enabled: enabled ? 'no' : 'yes' }}
  />
)
