/** The address of the reference system, `NOTIFY_URL`: a JSON of title, body and group. */
import { parseFields, shownFields } from './fields.ts'
import type { Channel, ConfigField } from './model.ts'
import { linkOf } from './text.ts'

export interface NotifyUrlConfig {
  url: string
}

const fields = [
  {
    name: 'url',
    label: 'Address',
    help: 'Gets a POST of {"title", "body", "group": "ScriptGateway"}.',
    type: 'url',
    required: true,
    secret: true,
  },
] as const satisfies readonly ConfigField[]

export const notifyUrl = {
  kind: 'notify_url',
  label: 'Notify address',
  fields,
  parse: (input) => parseFields<NotifyUrlConfig>(fields, input),
  shown: (config) => shownFields(fields, config),
  send: ({ url }, message, { http }) => {
    const text = [message.body, linkOf(message)].filter((part) => part !== '').join('\n')
    const body = JSON.stringify({ title: message.title, body: text, group: 'ScriptGateway' })
    return http({ url, method: 'POST', headers: { 'content-type': 'application/json' }, body })
  },
} satisfies Channel<NotifyUrlConfig>
