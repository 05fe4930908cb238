/** ntfy, on ntfy.sh or a server of one's own: published as JSON, where titles need no encoding. */
import { maskedLogin } from '../options/login.ts'
import { type FieldProblem, parseFields, shownFields } from './fields.ts'
import type { Channel, ConfigField, Message } from './model.ts'
import { bytesOf, fit, oneLine, plainText } from './text.ts'

const priorities = ['min', 'low', 'default', 'high', 'max'] as const

export interface NtfyConfig {
  url: string
  topic: string
  token: string
  priority: (typeof priorities)[number]
  tags: string[]
}

const fields = [
  {
    name: 'url',
    label: 'Server',
    help: 'Without the topic.',
    type: 'url',
    required: false,
    secret: false,
    default: 'https://ntfy.sh',
  },
  {
    name: 'topic',
    label: 'Topic',
    help: 'On a server without accounts who knows it can read along: choose one that cannot be guessed.',
    type: 'text',
    required: true,
    secret: true,
  },
  {
    name: 'token',
    label: 'Access token',
    help: 'tk_…, or user:password, where the server asks for one.',
    type: 'text',
    required: false,
    secret: true,
  },
  {
    name: 'priority',
    label: 'Priority',
    help: 'How urgently telephones tell of it.',
    type: 'choice',
    required: false,
    secret: false,
    choices: priorities,
    default: 'default',
  },
  {
    name: 'tags',
    label: 'Tags',
    help: 'Words, or names of emoji such as warning. None: one that fits what happened.',
    type: 'list',
    required: false,
    secret: false,
  },
] as const satisfies readonly ConfigField[]

/** A message over 4,096 bytes becomes an attachment, a JSON over twice that is refused: escapes may double what is here. */
const messageBytesMax = 3000
const titleBytesMax = 400

export const ntfy = {
  kind: 'ntfy',
  label: 'ntfy',
  fields,
  parse: (input) => parseFields<NtfyConfig>(fields, input, check),
  shown: (config) => shownFields(fields, config),
  send: async (config, message, { http }) => {
    const headers = {
      'content-type': 'application/json',
      ...(config.token === '' ? {} : { authorization: authorizationOf(config.token) }),
    }
    const sent = await http({
      url: config.url,
      method: 'POST',
      headers,
      body: JSON.stringify(payloadOf(config, message)),
    })
    // Its answer repeats what was published.
    return { ...sent, answer: sent.answer.replaceAll(`"${config.topic}"`, `"${maskedLogin}"`) }
  },
} satisfies Channel<NtfyConfig>

const authorizationOf = (token: string) =>
  token.includes(':') ? `Basic ${Buffer.from(token).toString('base64')}` : `Bearer ${token}`

function payloadOf({ topic, priority, tags }: NtfyConfig, { title, body, url, event }: Message) {
  const own = tagOf[event]
  return {
    topic,
    title: fit(oneLine(title), titleBytesMax, { size: bytesOf }),
    message: fit(plainText(body).trim(), messageBytesMax, { size: bytesOf }) || oneLine(title).slice(0, 100),
    priority: priorities.indexOf(priority) + 1,
    tags: tags.length > 0 ? tags : own ? [own] : [],
    ...(url === '' || bytesOf(url) > 1000 ? {} : { click: url }),
  }
}

/** Names of emoji that ntfy knows. */
const tagOf: Record<string, string> = {
  success: 'white_check_mark',
  recovery: 'white_check_mark',
  failure: 'x',
  first_failure: 'x',
  timeout: 'hourglass',
  missed: 'warning',
  slow: 'snail',
}

function check({ url, topic, token, tags }: NtfyConfig): FieldProblem[] {
  const problems: FieldProblem[] = []
  if (/[?#]/.test(url)) problems.push({ path: 'url', message: 'must have no ? and no #' })
  if (!/^[-\w]{1,64}$/.test(topic))
    problems.push({ path: 'topic', message: 'must be 1 to 64 letters, digits, - and _' })
  if (!/^[\x21-\x7e]*$/.test(token))
    problems.push({ path: 'token', message: 'must have no spaces and no special letters' })
  if (tags.length > 10 || tags.some((tag) => /[,\s]/.test(tag) || tag.length > 50))
    problems.push({ path: 'tags', message: 'must be at most 10 words' })
  return problems
}
