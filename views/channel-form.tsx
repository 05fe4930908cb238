/** The form of a channel, made from the fields of its kind. A secret is never shown again. */
import type { ChannelKind } from '../src/channels/model.ts'
import type { ChannelView, KindView } from '../src/notify/view-model.ts'
import { attr } from './attr.ts'
import { ConfigInput, Frame, type RefusedChannel, stateOf, textOf } from './channel-inputs.tsx'
import { channelWord } from './channel-words.ts'
import { Icon, Note } from './parts.tsx'
import { say, t } from './texts.ts'

export interface ChannelFormProps {
  kind: KindView
  /** Null: a new one. */
  channel: ChannelView | null
  refused: RefusedChannel | null
}

export const ChannelForm = ({ kind, channel, refused }: ChannelFormProps) => (
  <form
    class={channel ? 'panel' : 'panel channel-new'}
    id="channel-form"
    method="post"
    action={channel ? `/notifications/channels/${channel.id}` : '/notifications/channels'}
    aria-labelledby="h-channel-form"
  >
    <header>
      <h2 id="h-channel-form">
        {channel ? t('Where it goes') : t('New channel, {kind}', { kind: channelWord(kind.label) })}
      </h2>
      {channel ? '' : <KindsLink />}
    </header>
    <div class="body fields">
      {refused ? (
        <Note kind="bad" icon="failed" id="form-message" alert title={say('Nothing was changed')}>
          <p safe>{refused.message}</p>
          {kind.fields.some(({ secret }) => secret) ? (
            <p>{t('Secrets are not kept in the page: type those that you had typed again.')}</p>
          ) : (
            ''
          )}
        </Note>
      ) : (
        ''
      )}
      <input type="hidden" name="kind" value={kind.kind} />
      <Frame id="channel-name" label={say('Name')} required error={refused?.errors.name}>
        <input
          id="channel-name"
          name="name"
          required
          maxlength="100"
          autocomplete="off"
          placeholder={channel ? undefined : t('As rules name it, such as Ops on call')}
          value={attr(refused?.values.name ?? channel?.name ?? '')}
          {...stateOf('channel-name', refused?.errors.name)}
        />
      </Frame>
      {kind.fields.map((field) => (
        <ConfigInput field={field} channel={channel} refused={refused} />
      ))}
    </div>
    <footer>
      <button class="primary" type="submit">
        {t(channel ? 'Save' : 'Add the channel')}
      </button>
      {channel ? (
        ''
      ) : (
        <a class="button quiet" href="/notifications#channels">
          {t('Cancel')}
        </a>
      )}
    </footer>
  </form>
)

const KindsLink = () => (
  <a class="push muted" href="/notifications?add=channel#channel-form">
    <small>{t('Another kind')}</small>
  </a>
)

/** Without JavaScript too, a form is made of what the kind asks for: so the kind comes first. */
export const KindChoice = ({ kinds }: { kinds: KindView[] }) => (
  <section class="panel" id="channel-form" aria-labelledby="h-kinds">
    <header>
      <h2 id="h-kinds">{t('New channel')}</h2>
    </header>
    <div class="body fields">
      <p class="muted">{t('What kind of receiver is it?')}</p>
      <div class="row">
        {kinds.map(({ kind, label }) => (
          <a class="button" href={`/notifications?add=${kind}#channel-form`}>
            <Icon name={iconOf(kind)} />
            <span safe>{channelWord(label)}</span>
          </a>
        ))}
      </div>
    </div>
  </section>
)

const icons: Partial<Record<ChannelKind, string>> = { webhook: 'webhook', notify_url: 'globe' }

export const iconOf = (kind: ChannelKind) => icons[kind] ?? 'bell'

/** Where it goes, as far as that may be shown. */
export function hostOf({ config }: Pick<ChannelView, 'config'>): string {
  for (const name of ['to', 'chat_id', 'url', 'host']) {
    const text = textOf(config[name]).replaceAll('\n', ', ')
    if (text !== '') return URL.parse(text)?.host || text
  }
  return '–'
}
