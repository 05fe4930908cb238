/** What the guard does about routes that it does not understand. */
import { expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { createGuard, type GuardDeps } from '../../src/access/guard.ts'
import { forRole, open, signedIn } from '../../src/http/caller.ts'

const guardOf = (app: { routes: ReturnType<GuardDeps['routes']> }) =>
  createGuard({
    routes: () => app.routes,
    identify: () => null,
    objects: { script: () => null, run: () => null, output: () => null, installation: () => [] },
    isSetUp: () => true,
    takeToken: () => null,
  })

test('a route that does not say who may call it is named, and nothing is served', () => {
  const feature = new Elysia().get('/said', () => '', { ...signedIn, detail: {} }).post('/forgotten', () => '')
  const app = new Elysia().use(feature).all('/also/*', () => '', { detail: { hide: true } })
  expect(() => guardOf(app).prepare()).toThrow('Routes that do not say who may call them: POST /forgotten, ALL /also/*')
})

test('a route that answers another request than the one that was let through fails', () => {
  const app = new Elysia()
    .get('/open', () => '', { ...open, detail: {} })
    .get('/closed', () => '', { ...forRole('admin'), detail: {} })
  const guard = guardOf(app)
  const request = new Request('http://localhost/open')
  guard.check(request, '/open', null)
  expect(() => guard.confirm(request, '/open')).not.toThrow()
  expect(() => guard.confirm(request, '/closed')).toThrow('the guard let /open pass, and /closed would answer')
  expect(() => guard.confirm(new Request('http://localhost/closed'), '/closed')).toThrow('the guard let nothing pass')
})
