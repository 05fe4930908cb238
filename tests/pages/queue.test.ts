/** Waiting, refused and repeated runs on the pages of a real gateway. */
import { expect, test } from 'bun:test'
import type { Run } from '../../src/runs/model.ts'
import { pythonScript, startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { launch } from './browser.ts'

const endless = pythonScript({}, 'time.sleep(60)')
const gateway = await startApp(
  {
    'python/waits.py': endless,
    'python/.waits.policy.json': JSON.stringify({ queue: { second_start: 'queue' } }),
    'python/skips.py': pythonScript(
      { width: { type: 'int' }, note: { type: 'str' }, token: { type: 'str', secret: true } },
      'time.sleep(60)',
    ),
    'python/.skips.policy.json': JSON.stringify({ queue: { second_start: 'skip' } }),
    'python/quick.py': pythonScript({ n: { type: 'int' } }, 'print(args["n"])'),
  },
  { run_slots: 3, queue_length_max: 2 },
)

const post = (path: string, body: Record<string, string> = {}) =>
  gateway.fetch(path, { method: 'POST', body: new URLSearchParams(body), redirect: 'manual' })
const submit = async (slug: string, body?: Record<string, string>) =>
  Number((await post(`/scripts/${slug}/execute`, body)).headers.get('location')?.split('/').at(-1))
const page = async (path: string) => (await gateway.fetch(path)).text()
const place = async (id: number) => /id="run-place".*?<span>(.*?)<\/span>/s.exec(await page(`/executions/${id}`))?.[1]
const get = async (id: number) => (await gateway.json<Run>(`/api/runs/${id}`)).body

test('a run that waits says where, moves up, and is cancelled from its page', async () => {
  const [first, second, third] = [await submit('waits'), await submit('waits'), await submit('waits')]
  expect([await place(second), await place(third)]).toEqual(['Next in the queue', '2nd in the queue, one ahead of it'])
  expect(await page('/executions')).toContain('2nd in the queue')
  const fragment = await page(`/fragments/runs/${third}/place`)
  expect(fragment).toContain('hx-target="#run-place"')
  expect(fragment).not.toContain('run-result')

  expect((await post(`/executions/${second}/cancel`)).headers.get('location')).toBe(`/executions/${second}`)
  expect(await place(third)).toBe('Next in the queue')
  const cancelled = await page(`/executions/${second}`)
  for (const part of ['Never started', 'Nothing of it was run.']) expect(cancelled).toContain(part)

  await post(`/executions/${first}/cancel`)
  await eventually('the last one begins', async () => (await get(third)).status === 'running')
  const begun = await page(`/fragments/runs/${third}/place`)
  for (const part of ['hx-target="#run-status"', 'hx-target="#run-result"', 'Waited']) expect(begun).toContain(part)
  await post(`/executions/${third}/cancel`)
  await gateway.finished(third)
})

test('whoever looks on sees the place move, and the end of a run that is cancelled before its turn', async () => {
  const ids = [await submit('waits'), await submit('waits'), await submit('waits')]
  const browser = await launch()
  const shown = await browser.newPage()
  shown.setDefaultTimeout(15_000)
  await shown.goto(`${gateway.url}/executions/${ids[2]}`)
  await shown.locator('#run-place', { hasText: '2nd in the queue, one ahead of it' }).waitFor()
  await post(`/executions/${ids[1]}/cancel`)
  await shown.locator('#run-place', { hasText: 'Next in the queue' }).waitFor()
  await shown.getByRole('button', { name: 'Cancel waits' }).click()
  await shown.getByRole('button', { name: 'Cancel run' }).click()
  await shown.locator('#run-status [data-status=cancelled]').waitFor()
  await shown.locator('#run-note', { hasText: 'Nothing of it was run.' }).waitFor()
  await browser.close()
  await post(`/executions/${ids[0]}/cancel`)
  await gateway.finished(ids[0]!)
})

test('a start that is skipped, or finds the queue full, keeps what was typed, and leads to the run that goes on', async () => {
  const first = await submit('skips', { width: '1' })
  const typed = { width: '1600', note: '<b>"kept"', token: 'hunter2' }
  const skipped = await post('/scripts/skips/execute', typed)
  expect([skipped.status, skipped.headers.get('content-location')]).toEqual([409, null])
  const html = await skipped.text()
  for (const part of [`Run ${first} of this script is running already`, `href="/executions/${first}"`, 'value="1600"'])
    expect(html).toContain(part)
  expect(html).toContain('&lt;b&gt;&quot;kept&quot;')
  expect(html).not.toContain('hunter2')
  await post(`/executions/${first}/cancel`)
  await gateway.finished(first)

  const waiting = [await submit('waits'), await submit('waits'), await submit('waits')]
  const full = await post('/scripts/waits/execute')
  expect([full.status, Number(full.headers.get('retry-after')) > 0]).toEqual([429, true])
  expect(await full.text()).not.toContain('See the run that goes on')
  for (const id of waiting.reverse()) await post(`/executions/${id}/cancel`)
  for (const id of waiting) await gateway.finished(id)
})

test('a run and the one that repeats it lead to each other', async () => {
  const first = await submit('quick', { n: '7' })
  await gateway.finished(first)
  const again = await gateway.json<{ run_id: number }>(`/api/runs/${first}/rerun`, { method: 'POST' })
  await gateway.finished(again.body.run_id)
  const list = await gateway.json<{ items: Run[]; total: number }>(`/api/runs?retry_of=${first}`)
  expect([list.body.total, list.body.items[0]!.id]).toEqual([1, again.body.run_id])
  expect(await page(`/executions/${first}`)).toContain(
    `Repeated by</dt><dd>Run <a href="/executions/${again.body.run_id}"`,
  )
  expect(await page(`/executions/${again.body.run_id}`)).toContain(`Repeats</dt><dd>Run <a href="/executions/${first}"`)
})

test.each(['x', '0', '-1', '1.5'])('retry_of=%s is no run', async (value) => {
  expect((await gateway.json(`/api/runs?retry_of=${value}`)).status).toBe(422)
})
