/** The pages behind a real gateway: where they meet its routes, its errors and its scanner. */
import { expect, test } from 'bun:test'
import { javascriptScript, startApp } from '../harness/app.ts'

const gateway = await startApp({
  'js/x._map.json': JSON.stringify({ height: { type: 'int' } }),
  'js/x.js': javascriptScript({ width: { type: 'int' } }, ''),
})
const browser = 'text/html,application/xhtml+xml,*/*;q=0.8'

test.each([
  ['/nowhere', browser, 404, 'text/html'],
  ['/scripts/404', browser, 404, 'text/html'],
  ['/nowhere', '*/*', 404, 'application/json'],
  ['/api/nowhere', browser, 404, 'application/json'],
  ['/static/nowhere.png', browser, 404, 'application/json'],
  ['/api/runs/1/cancel', browser, 405, 'application/json'],
])('GET %s, accepting %s, is answered %d as %s', async (path, accept, status, type) => {
  const response = await gateway.fetch(path, { headers: { accept } })
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toStartWith(type)
  if (type === 'text/html') expect(await response.text()).toContain('All scripts')
})

test('the button that takes the script’s own schema changes the form', async () => {
  const page = async () => (await gateway.fetch('/scripts/x')).text()
  expect(await page()).toContain('name="height"')
  const response = await gateway.fetch('/scripts/x/schema', {
    method: 'POST',
    body: new URLSearchParams({ use: 'script' }),
    redirect: 'manual',
  })
  expect(response.status).toBe(303)
  expect(await page()).toContain('name="width"')
  expect(await page()).not.toContain('The sidecar differs')
})
