/** The Python in docs/notifications.md that verifies a webhook: it takes what the gateway signs, and nothing else. */
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { signatureOf } from '../../src/channels/webhook.ts'

const docs = await Bun.file(join(import.meta.dir, '../../docs/notifications.md')).text()
const code = /```python\n(.*?)```/s.exec(docs)![1]!
const harness = `
import json, sys
for secret, headers, body in json.load(sys.stdin):
    try:
        verify(secret, headers, body.encode())
        print("good")
    except ValueError as error:
        print(error)
`

test('it tells what is signed from what is not', async () => {
  const now = Math.floor(Date.now() / 1000)
  const body = '{"title":"zoë failed"}'
  const headers = (secret: string, at = now) => ({
    ...{ 'webhook-id': 'msg_1', 'webhook-timestamp': String(at) },
    'webhook-signature': signatureOf(secret, 'msg_1', at, body),
  })
  const [key, text] = ['whsec_c2VjcmV0', 'any text é']
  const requests = [
    [key, headers(key), body],
    [text, headers(text), body],
    [key, headers(text), body],
    [key, headers(key), `${body} `],
    [key, { ...headers(key), 'webhook-signature': '' }, body],
    [key, headers(key, now - 3600), body],
  ]
  const python = Bun.spawn(['python3', '-c', code + harness], {
    stdin: new Blob([JSON.stringify(requests)]),
    stderr: 'inherit',
  })
  const forged = 'not from the gateway'
  expect((await new Response(python.stdout).text()).trim().split('\n')).toEqual([
    ...['good', 'good', forged, forged, forged, 'too old'],
  ])
})
