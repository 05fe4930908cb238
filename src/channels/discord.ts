/** Discord's webhooks: markdown in which nothing of a text is markdown, and nobody is mentioned. */
import { parseFields, shownFields } from './fields.ts'
import type { Channel, ConfigField, Message } from './model.ts'
import { joined, linkOf } from './text.ts'

export interface DiscordConfig {
  url: string
}

const fields = [
  {
    name: 'url',
    label: 'Webhook address',
    help: 'https://discord.com/api/webhooks/…: who has it can post to the channel.',
    type: 'url',
    required: true,
    secret: true,
  },
] as const satisfies readonly ConfigField[]

const contentMax = 2000
const suppressEmbeds = 4

export const discord = {
  kind: 'discord',
  label: 'Discord',
  fields,
  parse: (input) => parseFields<DiscordConfig>(fields, input),
  shown: (config) => shownFields(fields, config),
  send: (config, message, { http }) => {
    const url = new URL(config.url)
    // Without it Discord says yes to a message that it does not keep.
    url.searchParams.set('wait', 'true')
    const body = JSON.stringify({
      content: contentOf(message),
      allowed_mentions: { parse: [] },
      flags: suppressEmbeds,
    })
    return http({ url: url.href, method: 'POST', headers: { 'content-type': 'application/json' }, body })
  },
} satisfies Channel<DiscordConfig>

function contentOf(message: Message): string {
  const link = linkOf(message)
  const texts = { ...message, title: unmentioned(message.title), body: unmentioned(message.body) }
  const title = (text: string) => `**${text}**`
  return joined({ ...texts, url: link }, { title, titleMax: 250, max: contentMax, escaped })
}

/** A backslash takes the meaning from any of Discord's signs: `<@1>` and `<#1>` are texts too. */
const escaped = (text: string) => text.replace(/[\\*_~`|<>#\-[\]()@:+]/g, '\\$&')

const unmentioned = (text: string) => text.replace(/@(?=(everyone|here)\b)/gi, '@\u200b')
