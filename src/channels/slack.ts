/** Slack's incoming webhooks, and those of what understands them (Mattermost, Rocket.Chat). */
import { parseFields, shownFields } from './fields.ts'
import type { Channel, ConfigField, Message } from './model.ts'
import { joined } from './text.ts'

export interface SlackConfig {
  url: string
}

const fields = [
  {
    name: 'url',
    label: 'Webhook address',
    help: 'https://hooks.slack.com/services/…: who has it can post to the channel.',
    type: 'url',
    required: true,
    secret: true,
  },
] as const satisfies readonly ConfigField[]

/** Slack takes 40,000 characters and advises 4,000. */
const textMax = 4000

export const slack = {
  kind: 'slack',
  label: 'Slack',
  fields,
  parse: (input) => parseFields<SlackConfig>(fields, input),
  shown: (config) => shownFields(fields, config),
  send: ({ url }, message, { http }) => {
    // Without mrkdwn a text stands as it is: there is no escaping for its *, _ and `.
    const body = JSON.stringify({ text: slackText(message), mrkdwn: false, unfurl_links: false, unfurl_media: false })
    return http({ url, method: 'POST', headers: { 'content-type': 'application/json' }, body })
  },
} satisfies Channel<SlackConfig>

const slackText = (message: Message) =>
  joined(
    { ...message, title: unmentioned(message.title), body: unmentioned(message.body), url: escaped(message.url) },
    { title: (text) => text, titleMax: 250, max: textMax, escaped },
  )

/** Slack's three: with them `<!channel>` and `<@U1>` mention nobody. */
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Slack's own kin call everybody by a plain @channel. */
const unmentioned = (text: string) => text.replace(/@(?=(channel|here|everyone|all)\b)/gi, '@\u200b')
