/** What `npm start -- COMMAND` does in a checkout: what `scriptgateway COMMAND` does elsewhere. */
import { expect, test } from 'bun:test'
import { join, resolve } from 'node:path'
import { version } from '../../src/version.ts'
import { tempFolder } from '../harness/folder.ts'

const root = resolve(import.meta.dir, '../..')
const folder = tempFolder()

test.each<[string, string[], number, string]>([
  ['a command', ['version'], 0, `${version}\n`],
  ['a command that fails, with its exit code', ['users'], 1, `There is no ${join(folder, 'data', 'gateway.db')}`],
  ['the arguments of a command', ['restore', 'a', 'b', '--force'], 1, 'there is more than one file'],
  ['a word that is no command', ['bakcup'], 1, 'There is no command "bakcup"; there are: serve, scan,'],
])('%s is passed on', async (_, args, code, said) => {
  const child = Bun.spawn(['node', 'bootstrap.mjs', 'start', ...args], {
    ...{ cwd: root, stdout: 'pipe', stderr: 'pipe' },
    env: { PATH: process.env.PATH ?? '', HOME: folder, DATA_DIR: join(folder, 'data'), PORT: '0' },
  })
  const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  expect(out + error).toContain(said)
  expect(await child.exited).toBe(code)
})
