/** Addresses to which nothing is sent are told when they are saved. */
import { expect, test } from 'bun:test'
import { localWarnings } from '../../src/notify/local-address.ts'
import { createLab } from './lab.ts'

test.each<[Record<string, unknown>, string | null]>([
  [{ url: 'localhost:8080' }, 'localhost'],
  [{ url: 'LOCALHOST' }, 'localhost'],
  [{ url: 'api.localhost' }, 'api.localhost'],
  [{ url: '127.1' }, '127.0.0.1'],
  [{ url: '[::1]:80' }, '::1'],
  [{ url: '169.254.169.254' }, '169.254.169.254'],
  [{ url: 'http://0.0.0.0/x' }, '0.0.0.0'],
  [{ host: '::1' }, '::1'],
  [{ host: 'localhost' }, 'localhost'],
  [{ api_url: 'http://127.0.0.1:8081', url: '' }, '127.0.0.1'],
  [{ url: 'example.com' }, null],
  [{ url: '192.168.1.5:80' }, null],
  [{ url: 'localhost.example.com' }, null],
  [{ url: 5, host: 'http://[', from: 'a@localhost' }, null],
  [{}, null],
])('%j: of %p it is said', (shown, host) => {
  expect(localWarnings(shown, false).map((text) => /: (\S+) is this machine/.exec(text)?.[1])).toEqual(
    host === null ? [] : [host],
  )
  expect(localWarnings(shown, true)).toEqual([])
})

test('channels say it, and NOTIFY_URL, as the setting is now', async () => {
  const lab = await createLab({ settings: { notify_local_addresses: false } })
  const id = lab.channel()
  lab.settings.notify_url = lab.receiver.url('ok')
  const said = () => [lab.notifications.channel(id), lab.notifications.ofNotifyUrl()].map((one) => one.warnings)
  const warning = expect.stringContaining('127.0.0.1 is this machine or link-local')
  expect(said()).toEqual([[warning], [warning]])
  lab.settings.notify_local_addresses = true
  expect(said()).toEqual([[], []])
})
