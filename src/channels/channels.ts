/** Every kind of channel there is: a new one is a file and a line here. */
import { discord } from './discord.ts'
import { email } from './email.ts'
import { heartbeat } from './heartbeat.ts'
import type { Channel, ChannelKind } from './model.ts'
import { notifyUrl } from './notify-url.ts'
import { ntfy } from './ntfy.ts'
import { slack } from './slack.ts'
import { telegram } from './telegram.ts'
import { webhook } from './webhook.ts'

/** A kind with its configuration as it is kept: what `parse` gave is what `shown` and `send` get. */
export type AnyChannel = Channel<unknown>

const list: Record<ChannelKind, unknown> = {
  webhook,
  notify_url: notifyUrl,
  email,
  slack,
  discord,
  telegram,
  ntfy,
  heartbeat,
} satisfies { [K in ChannelKind]: { kind: K } }

export const channels = list as Record<ChannelKind, AnyChannel>
