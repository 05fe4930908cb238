/** Every template is a script that registers as it is, and runs. */
import { afterAll, expect, test } from 'bun:test'
import { listTemplates, type Topic, topics } from '../../src/scripts/templates.ts'
import { startApp } from '../harness/app.ts'
import { unconfined } from '../harness/isolation.ts'
import { jsonInit } from './api.ts'

const api = Bun.serve({
  ...{ hostname: '127.0.0.1', port: 0 },
  fetch: (request) => Response.json({ came: request.headers.get('authorization') === 'Bearer canary-of-a-token' }),
})
afterAll(() => api.stop(true))

/** The starters have their test in routes.test.ts. */
const templates = listTemplates().filter(({ topic }) => topic !== 'starter')
const pathOf = ({ runtime, filename }: (typeof templates)[number]) => `${runtime}/${filename}`

const app = await startApp(
  Object.fromEntries(templates.map((template) => [pathOf(template), template.content])),
  {},
  { isolation: unconfined },
)

interface Answer {
  status: string
  result: { type: string; data: unknown }
  files?: { filename: string }[]
}

const form = (fields: Record<string, string | File>) => {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  return { method: 'POST', body }
}

const runs: Record<Exclude<Topic, 'starter'>, { sent: RequestInit; data: unknown; file?: string }> = {
  parameters: {
    sent: form({
      ...{ name: 'Anna', count: '2', shout: 'true', labels: 'a', options: '{"color":"red"}', pin: '1234' },
      ...{ link: 'https://example.com/', attachment: new File(['12345'], 'a.txt') },
    }),
    data: {
      ...{ greetings: ['HELLO ANNA!', 'HELLO ANNA!'], ratio: 0.5, size: 'medium', labels: ['a'] },
      ...{ options: { color: 'red' }, link: 'https://example.com/', attachment_bytes: 5, pin_given: true },
    },
  },
  file: {
    sent: form({ document: new File(['b\na\nb\n'], 'a.txt') }),
    data: { lines: 3, kept: 2 },
    file: 'sorted.txt',
  },
  table: {
    sent: jsonInit('POST', { amount: 1000, rate: 0, months: 2 }),
    data: [
      { month: 1, payment: 500, interest: 0, left: 500 },
      { month: 2, payment: 500, interest: 0, left: 0 },
    ],
  },
  progress: { sent: jsonInit('POST', { steps: 2, pause: 0 }), data: { steps: 2, seconds: 0 } },
  http: { sent: jsonInit('POST', { url: `http://127.0.0.1:${api.port}/items` }), data: { came: true } },
  report: {
    sent: jsonInit('POST', { title: 'Today', numbers: { 'A & B': 2 } }),
    data: expect.stringMatching(/^# Today\n[\s\S]*\| A & B \| 2 \|/),
    file: 'report.html',
  },
}

test('each topic is there for both runtimes, under a name of its own, and the plain ones keep theirs', () => {
  const names = listTemplates().map(({ name }) => name)
  expect(names.slice(0, 2)).toEqual(['python', 'js'])
  expect([new Set(names).size, names.length]).toEqual([2 * topics.length, 2 * topics.length])
})

test.each(templates.map((template) => [template.name, template] as const))('%s', async (_, template) => {
  const script = app.app.scripts().find(({ runtime, filename }) => `${runtime}/${filename}` === pathOf(template))!
  expect(script).toMatchObject({ state: 'active', error: null, warnings: [], schema_source: 'script' })
  if (template.topic === 'http')
    await app.fetch(
      `/api/scripts/${script.id}/variables/API_TOKEN`,
      jsonInit('PUT', { value: 'canary-of-a-token', secret: true }),
    )
  const { sent, data, file } = runs[template.topic as Exclude<Topic, 'starter'>]
  const { body } = await app.json<Answer>(`/api/scripts/${script.id}/run`, sent)
  expect(body).toMatchObject({ data })
  expect((body.files ?? []).map(({ filename }) => filename)).toEqual(file ? [file] : [])
})
