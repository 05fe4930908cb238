/** A dead man's switch, such as a check of Healthchecks: it wants to hear from us, and tells others when it does not. */
import { parseFields, shownFields } from './fields.ts'
import type { Channel, ConfigField } from './model.ts'

const methods = ['GET', 'POST'] as const

export interface HeartbeatConfig {
  /** With `/start` or `/fail` where that is what is told. */
  url: string
  method: (typeof methods)[number]
}

const fields = [
  { name: 'url', label: 'Address', help: 'Is called after each good run.', type: 'url', required: true, secret: true },
  {
    name: 'method',
    label: 'Method',
    help: 'POST sends the text of the message along.',
    type: 'choice',
    required: false,
    secret: false,
    choices: methods,
    default: 'GET',
  },
] as const satisfies readonly ConfigField[]

export const heartbeat = {
  kind: 'heartbeat',
  label: 'Heartbeat',
  fields,
  parse: (input) => parseFields<HeartbeatConfig>(fields, input),
  shown: (config) => shownFields(fields, config),
  send: ({ url, method }, { title, body }, { http }) =>
    method === 'GET'
      ? http({ url, method, headers: {}, body: '' })
      : http({
          url,
          method,
          headers: { 'content-type': 'text/plain; charset=utf-8' },
          body: `${title}\n${body}`.trim(),
        }),
} satisfies Channel<HeartbeatConfig>
