/** All files of a run as one: what is in it, what is refused, and what a download that breaks off leaves. */
import { describe, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, readlinkSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Elysia } from 'elysia'
import { extract } from 'tar-stream'
import { GatewayError } from '../../src/errors.ts'
import { encodePath } from '../../src/files/outputs.ts'
import { runArchiveRoutes } from '../../src/runs/archive-routes.ts'
import type { ResultFile, Run } from '../../src/runs/model.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { run as sample } from '../pages/samples.ts'

const staticDir = realpathSync(tempFolder())
const dir = join(staticDir, 'mine/resources/20260101T000000000Z-7')
mkdirSync(join(dir, 'deep'), { recursive: true })
const long = `${'long'.repeat(40)}.txt`
const contents: Record<string, string> = {
  'a 100%.txt': 'one',
  'deep/b.txt': 'two',
  [long]: 'three',
  empty: '',
  'żółw.csv': '1',
}
for (const [name, text] of Object.entries(contents)) writeFileSync(join(dir, name), text)
const size = 64 * 1024 * 1024
writeFileSync(join(dir, 'big.bin'), crypto.getRandomValues(new Uint8Array(65_536)))
Bun.spawnSync(['truncate', '-s', String(size), join(dir, 'big.bin')])
symlinkSync('/etc/passwd', join(dir, 'link.txt'))

const place = 'https://gateway.example/gw/static/mine/resources/20260101T000000000Z-7'
const file = (filename: string): ResultFile => ({
  ...{ url: `${place}/${encodePath(filename)}`, filename, size: 1, content_type: 'text/plain' },
})
const files = Object.keys(contents).map(file)
const ended = '2026-01-02T00:00:00.000Z'

const ask = async (of: Partial<Run>) => {
  const run: Run = {
    ...sample(7, 1, 'success'),
    finished_at: ended,
    files_expired_at: null,
    result: null,
    files: [],
    ...of,
  }
  const app = new Elysia()
    .onError(({ error }) =>
      error instanceof GatewayError ? new Response(error.message, { status: error.status }) : undefined,
    )
    .use(runArchiveRoutes({ runs: { get: () => run }, staticDir }))
  return app.handle(new Request('http://localhost/api/runs/7/files'))
}

async function unpacked(response: Response): Promise<Record<string, string>> {
  const tar = extract()
  const found: Record<string, string> = {}
  tar.end(gunzipSync(await response.arrayBuffer()))
  for await (const entry of tar)
    found[entry.header.name] = Buffer.concat((await Array.fromAsync(entry)) as Buffer[]).toString()
  return found
}

describe('the archive of a run', () => {
  test('has every file under its name', async () => {
    const response = await ask({ files })
    expect(response.headers.get('content-disposition')).toContain('run-7-files.tar.gz')
    expect(await unpacked(response)).toEqual(contents)
  })

  test('has the result, where that is a file', async () => {
    const result = { type: 'file' as const, ...file('deep/b.txt') }
    expect(await unpacked(await ask({ files: [file('empty')], result }))).toEqual({ empty: '', 'deep/b.txt': 'two' })
  })

  test.each<[string, Partial<Run>, number, string]>([
    ['a run that goes on', { finished_at: null }, 409, 'Run 7 has not ended'],
    ['a run that left nothing', {}, 404, 'Run 7 left no files.'],
    ['what retention removed', { files_expired_at: ended }, 404, 'removed by retention on 2026-01-02'],
    ['a file that is gone', { files: [...files, file('gone.txt')] }, 404, '"gone.txt" of run 7 is missing'],
    ['a link that leads out of the folder', { files: [file('link.txt')] }, 404, '"link.txt" of run 7 is missing'],
    ['another folder', { files: [{ ...file('x'), url: `${place}/../../../../x` }] }, 404, 'is missing'],
    ['an address that is none', { files: [{ ...file('x'), url: 'https://evil.example/x' }] }, 404, 'is missing'],
  ])('refuses %s', async (_, of, status, said) => {
    const response = await ask(of)
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(said)])
  })

  test('breaks off where a file goes away while it is sent', async () => {
    writeFileSync(join(dir, 'late.txt'), 'late')
    const response = await ask({ files: [file('big.bin'), file('late.txt')] })
    rmSync(join(dir, 'late.txt'))
    const failed = await response.arrayBuffer().then(
      () => null,
      (error) => String(error),
    )
    expect(failed).toContain('late.txt')
  })

  test('leaves nothing open when nobody wants it any more', async () => {
    const response = await ask({ files: [file('big.bin'), file('deep/b.txt')] })
    const reader = response.body!.getReader()
    await reader.read()
    const isOpen = () =>
      readdirSync('/proc/self/fd').some((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(dir)
        } catch {
          return false
        }
      })
    expect(isOpen()).toBe(true)
    await reader.cancel()
    await eventually('the file is closed', () => !isOpen())
  })
})
