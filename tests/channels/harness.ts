/** What the tests of channels share: a message, and means that reach loopback. */

import type { Means, Message } from '../../src/channels/model.ts'
import { createSender, type SenderOptions } from '../../src/channels/sender.ts'

export const now = Date.parse('2027-01-01T00:00:00Z')

/** Short limits where a row waits for one; `at` resolves every name there is to loopback. */
export const meansFor = (more: Partial<SenderOptions> = {}): Means =>
  createSender({ timeoutMs: 5000, allowLocal: true, now: () => now, resolve: toLoopback, ...more })

export const toLoopback = async () => [{ address: '127.0.0.1', family: 4 }]

export const message = (more: Partial<Message> = {}): Message => ({
  id: 'msg_17',
  event: 'failure',
  title: 'backup.py failed',
  body: 'Exit code 3 after 1.4 s.',
  url: 'http://gateway.test/executions/9',
  at: '2027-01-01T00:00:00.000Z',
  facts: { script: 'backup.py', status: 'failed', exit_code: '3' },
  ...more,
})
