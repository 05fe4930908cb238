/** Pages are compressed for who takes it, and say the same. */
import { expect, test } from 'bun:test'
import { type Encoding, encodingFor } from '../../src/http/compress.ts'
import { startApp } from '../harness/app.ts'

test.each<[string, Encoding | undefined]>([
  ['br, gzip', 'br'],
  ['gzip, deflate', 'gzip'],
  ['gzip;q=1.0, br;q=0', 'gzip'],
  ['GZIP ; q=0.5', 'gzip'],
  ['br;q=0', undefined],
  ['identity', undefined],
  ['', undefined],
  ['*', undefined],
  ['bro, xgzip', undefined],
])('Accept-Encoding "%s": %p', (accepted, encoding) => {
  expect(encodingFor(accepted)).toBe(encoding)
})

const gateway = await startApp()

test.each([
  ['br, gzip', 'br'],
  ['gzip', 'gzip'],
  ['identity', null],
])('the dashboard for "%s": %p', async (accepted, encoding) => {
  const plain = await (await gateway.fetch('/templates-none', { headers: { accept: 'text/html' } })).text()
  const answer = await gateway.fetch('/templates-none', {
    headers: { accept: 'text/html', 'accept-encoding': accepted },
  })
  expect(answer.headers.get('content-encoding')).toBe(encoding)
  expect(answer.headers.get('vary')).toContain('accept-encoding')
  expect(await answer.text()).toBe(plain)
})

test('what a HEAD asks for has no body', async () => {
  const answer = await gateway.fetch('/', { method: 'HEAD', headers: { 'accept-encoding': 'br' } })
  expect([answer.status, await answer.text()]).toEqual([200, ''])
})
