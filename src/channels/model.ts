/** How a notification leaves: each kind of channel is one file that makes of a message what its receiver wants. */
import type { IpAddress } from '../http/checked-request.ts'

export const channelKinds = [
  'webhook',
  'notify_url',
  'email',
  'slack',
  'discord',
  'telegram',
  'ntfy',
  'heartbeat',
] as const
export type ChannelKind = (typeof channelKinds)[number]

/** Plain texts: each channel escapes them as its format asks. */
export interface Message {
  /** Of the delivery: the same at every try, for receivers that want to see each once. */
  id: string
  event: string
  title: string
  body: string
  /** Of the run's page; empty when there is none. */
  url: string
  /** ISO 8601. */
  at: string
  /** What a webhook gets beside the texts. */
  facts: Record<string, string>
}

/** One member of a channel's configuration, as forms and the API ask for it. */
export interface ConfigField {
  name: string
  label: string
  help: string
  type: 'url' | 'text' | 'int' | 'bool' | 'list' | 'choice'
  required: boolean
  /** Never shown again. */
  secret: boolean
  choices?: readonly string[]
  default?: string | number | boolean
}

/** What is sent over HTTP. */
export interface Outgoing {
  url: string
  method: 'POST' | 'GET'
  headers: Record<string, string>
  body: string
}

/** How a try ended: never an exception. `retryAfterMs`: what the receiver asked for. */
export type Sent =
  | { ok: true; status: number | null; answer: string; durationMs: number }
  | {
      ok: false
      status: number | null
      answer: string
      durationMs: number
      problem: string
      isFinal: boolean
      retryAfterMs: number | null
    }

/** A kind of channel: pure but for `send`. `satisfies Channel<…>`. */
export interface Channel<C> {
  kind: ChannelKind
  /** For people: `Slack`. */
  label: string
  fields: readonly ConfigField[]
  /**
   * The configuration, or what is wrong with it: `path` is the name of the field. A configuration is input that parses to
   * itself: changes are merged into it and parsed again.
   */
  parse(
    input: Record<string, unknown>,
  ): { ok: true; config: C } | { ok: false; problems: { path: string; message: string }[] }
  /**
   * What of it may be shown, by the names of the fields: of a secret address its host, of another secret only whether there is
   * one, as `secret_set`.
   */
  shown(config: C): Record<string, unknown>
  send(config: C, message: Message, means: Means): Promise<Sent>
}

/** What channels send with. */
export interface Means {
  /** Sends one request under the limits of time, size and addresses; follows redirects that keep the method, each address checked. Never throws. */
  http(request: Outgoing): Promise<Sent>
  /** The addresses of a host that may be connected to, for what is not HTTP. Throws `RequestProblem`. */
  addressesOf(hostname: string): Promise<IpAddress[]>
  /** For all of a try. */
  timeoutMs: number
  now(): number
  /** Certificates to trust instead of the usual ones (PEM), for tests. */
  ca?: string
}
