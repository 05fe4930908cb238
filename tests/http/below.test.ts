/** What fails after a handler has answered, while its file is sent, is told by Bun itself. */
import { expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { listenAt } from '../../src/server.ts'

test('it tells nobody about paths and sources', async () => {
  const app = new Elysia().get('/', () => new Response(Bun.file('/nowhere/at/all')))
  listenAt(app as never, '127.0.0.1', 0)
  const answer = await fetch(`http://127.0.0.1:${app.server!.port}/`)
  expect(answer.status).toBe(500)
  expect(await answer.text()).not.toContain('nowhere')
  await app.stop(true)
})
