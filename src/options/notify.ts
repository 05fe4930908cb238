/** Notifications: the address of the reference system, and where none of them goes. */
import { isUrl, option } from './option.ts'

/** What can be told of a run, or of a schedule. */
export const notifyEventNames = [
  'always',
  'success',
  'failure',
  'first_failure',
  'recovery',
  'timeout',
  'missed',
  'slow',
] as const

export const notifyOptions = {
  notify_url: option(
    'str',
    'NOTIFY_URL',
    '',
    'Address that is told of what notify_on names: a POST of {"title", "body", "group": "ScriptGateway"}. Empty: none.',
    { isUrl, isSecretPath: true },
  ),
  notify_on: option(
    'list',
    'NOTIFY_ON',
    ['always', 'missed'],
    `What NOTIFY_URL is told of: ${notifyEventNames.join(', ')}.`,
    {
      item: {
        pattern: new RegExp(`^(${notifyEventNames.join('|')})$`),
        words: `any of ${notifyEventNames.join(', ')}`,
      },
    },
  ),
  notify_local_addresses: option(
    'bool',
    'NOTIFY_LOCAL_ADDRESSES',
    false,
    'Let notifications and heartbeats go to loopback and link-local addresses too.',
  ),
  notify_timeout_sec: option(
    'float',
    'NOTIFY_TIMEOUT_SEC',
    10,
    'Seconds after which a receiver is given up, until it is tried again.',
    {
      min: 0.1,
      max: 120,
    },
  ),
  notify_attempts_max: option(
    'int',
    'NOTIFY_ATTEMPTS_MAX',
    8,
    'Times that a notification is tried, over about a day.',
    { min: 1, max: 20 },
  ),
  delivery_retention_days: option(
    'float',
    'DELIVERY_RETENTION_DAYS',
    30,
    'Days that deliveries are kept; 0: for ever.',
    {
      min: 0,
      max: 36_500,
    },
  ),
}
