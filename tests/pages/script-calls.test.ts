/** Every call that the pages show and that can be made here is made, against a real gateway. */
import { expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Param } from '../../src/scripts/model.ts'
import { type Call, curlCall, javascriptCall, pythonCall } from '../../views/calls.ts'
import { curlAsync, javascriptAsync, pythonAsync, urllibCall } from '../../views/calls-more.ts'
import { javascriptScript, startApp } from '../harness/app.ts'
import { tempFolder } from '../harness/folder.ts'
import { adminToken } from '../harness/people.ts'
import { param } from './samples.ts'

const declared = { name: { type: 'str', required: true }, list: { type: 'int', required: true, multiple: true } }
const withFile = { ...declared, photo: { type: 'file', required: true } }
const gateway = await startApp(
  {
    'js/plain.js': javascriptScript(declared, 'console.log(args.join(" "))'),
    'js/filed.js': javascriptScript(
      withFile,
      "console.log(args.slice(0, -1).join(' ') + ' ' + require('node:fs').readFileSync(args.at(-1), 'utf8'))",
    ),
  },
  { auth: 'on' },
  { secrets: { adminToken } },
)
const params: Record<string, Param[]> = {
  plain: [param('name', { required: true }), param('list', { type: 'int', required: true, multiple: true, min: 4 })],
}
params.filed = [...params.plain!, param('photo', { type: 'file', declaredType: 'image', required: true })]

const folder = tempFolder()
writeFileSync(join(folder, 'photo.jpg'), 'it is me')

const run = async (argv: string[]) => {
  const env = { PATH: process.env.PATH, HOME: folder, TOKEN: adminToken, NO_PROXY: '*' }
  const child = Bun.spawn(argv, { cwd: folder, env, stdout: 'pipe', stderr: 'pipe' })
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return `${out}${(await child.exited) ? err : ''}`
}
const runners = {
  curl: (text: string) => run(['sh', '-c', text]),
  python: (text: string) => run(['python3', '-c', text]),
  javascript: (text: string) => {
    writeFileSync(join(folder, 'call.mjs'), text)
    return run(['node', 'call.mjs'])
  },
}

/** It belongs to no machine; where it is not there, its calls are left out. */
const hasRequests = Bun.spawnSync(['python3', '-c', 'import requests']).exitCode === 0

const call = (slug: string): Call => ({ url: `${gateway.url}/api/scripts/${slug}/run`, params: params[slug]! })

test.each<[string, keyof typeof runners, string, string]>([
  ['curl', 'curl', curlCall(call('plain')), '--name name --list 4'],
  ['curl with a file', 'curl', curlCall(call('filed')), '--name name --list 4 --photo it is me'],
  ['Python with requests', 'python', pythonCall(call('plain')), '--name name --list 4'],
  ['Python with requests and a file', 'python', pythonCall(call('filed')), '--name name --list 4 --photo it is me'],
  ['Python without packages', 'python', urllibCall(call('plain')), '--name name --list 4'],
  ['Python without packages and a file', 'python', urllibCall(call('filed')), '--name name --list 4 --photo it is me'],
  ['JavaScript', 'javascript', javascriptCall(call('plain')), '--name name --list 4'],
  ['JavaScript with a file', 'javascript', javascriptCall(call('filed')), '--name name --list 4 --photo it is me'],
  ['curl that asks later', 'curl', curlAsync(call('plain')), '"status":"success"'],
  ['Python that asks later', 'python', pythonAsync(call('plain')), 'success'],
  ['JavaScript that asks later', 'javascript', javascriptAsync(call('plain')), 'success'],
])('%s', async (_, language, text, printed) => {
  if (!hasRequests && text.includes('import requests')) return
  expect(await runners[language](text)).toContain(printed)
})

test('the calls that ask later have one run between them, by their key', async () => {
  const answer = await gateway.json<{ items: { params: unknown }[] }>('/api/runs?page_size=200', {
    headers: { authorization: `Bearer ${adminToken}` },
  })
  expect(answer.body.items.length).toBe((hasRequests ? 8 : 6) + 1)
})

test('the document of one script has it alone, and none while it cannot be called', async () => {
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
  const document = () =>
    gateway.json<{ paths: object; info: { title: string } }>('/api/scripts/plain/openapi.json', { headers })
  const { status, body } = await document()
  expect([status, body.info.title, Object.keys(body.paths)]).toEqual([200, 'plain', ['/api/scripts/plain/run']])
  await gateway.fetch('/api/scripts/plain', { method: 'PATCH', headers, body: '{"state":"inactive"}' })
  expect((await document()).status).toBe(409)
})
