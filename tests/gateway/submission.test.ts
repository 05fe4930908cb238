/** What a form's user meant, and what the author of a script may say that a caller may not. */
import { expect, test } from 'bun:test'
import type { Run } from '../../src/runs/model.ts'
import { pythonScript, startApp } from '../harness/app.ts'

const gateway = await startApp({
  'python/note.py': pythonScript(
    { text: { type: 'str' }, loud: { type: 'bool', default: true }, tags: { type: 'str', multiple: true } },
    'print(json.dumps(args))',
  ),
  'python/read.py': pythonScript(
    { data: { type: 'file', default: '/etc/hostname' } },
    'print(json.dumps({"path": args["data"]}))',
  ),
})

async function post(slug: string, form: [string, string][]): Promise<Run> {
  const response = await gateway.fetch(`/scripts/${slug}/execute`, {
    method: 'POST',
    body: new URLSearchParams(form),
    redirect: 'manual',
  })
  expect(response.status).toBe(303)
  return gateway.finished(Number(response.headers.get('location')?.split('/').at(-1)))
}

test.each<[string, [string, string][], unknown]>([
  ['a line break is one character', [['text', 'a\r\nb']], { text: 'a\nb', loud: '1', tags: null }],
  ['a switch that is off', [['loud', 'false']], { text: null, loud: '0', tags: null }],
  [
    'a switch that is on sends both',
    [
      ['loud', 'false'],
      ['loud', 'true'],
    ],
    { text: null, loud: '1', tags: null },
  ],
  [
    'empty fields are left out',
    [
      ['text', ''],
      ['tags', ''],
      ['tags', 'x'],
      ['tags', ''],
    ],
    { text: null, loud: '1', tags: ['x'] },
  ],
])('a form: %s', async (_, form, expected) => {
  const run = await post('note', form)
  expect(run).toMatchObject({ status: 'success', trigger: 'form', result: { type: 'json', data: expected } })
})

test("a file parameter's own default is passed as its author wrote it; a caller may not name another path", async () => {
  expect((await gateway.json('/api/scripts/read/run')).body).toMatchObject({ data: { path: '/etc/hostname' } })
  expect((await gateway.json('/api/scripts/read/run?data=/etc/passwd')).status).toBe(403)
})
