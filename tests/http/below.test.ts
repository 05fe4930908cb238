/** What fails after a handler has answered, while its file is sent, is told by Bun itself: with paths and sources while it is developed. */
import { expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { listenAt } from '../../src/server.ts'

test('a gateway that listens is not one that is developed', async () => {
  const app = new Elysia()
  listenAt(app as never, '127.0.0.1', 0)
  expect(app.server!.development).toBe(false)
  await app.stop(true)
})
