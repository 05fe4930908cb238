/** backup and restore on the command line, from folder to folder. */
import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { Decrypter } from 'age-encryption'
import type { Manifest } from '../../src/backup/model.ts'
import { migrations } from '../../src/db/migrations.ts'
import { lockDataDir } from '../../src/system/lock.ts'
import { version } from '../../src/version.ts'
import { type Item, tarGz } from '../files/hostile-tar.ts'
import { failureOf } from '../harness/failure.ts'
import { tempFolder } from '../harness/folder.ts'
import { backup, emptyGateway, fullGateway, passphrase, restore, treeOf, variablesOf, write } from './lab.ts'

const folder = tempFolder()
const passphraseFile = join(folder, 'passphrase')
writeFileSync(passphraseFile, `${passphrase}\n`)
let count = 0
const newFile = (name = 'backup.tar.gz') => join(folder, `${++count}-${name}`)

/** For tests that only read them: each passphrase takes a quarter of a second. */
const plainFile = newFile()
const sealedFile = newFile('sealed.tar.gz.age')
await backup(fullGateway(folder), plainFile, '--outputs')
await backup(fullGateway(folder), sealedFile, '--outputs', '--passphrase-file', passphraseFile)

const scripts = {
  js: 'folder',
  'js/empty.js': '',
  python: 'folder',
  'python/group': 'folder',
  'python/group/.report.policy.json': '{}\n',
  'python/group/report.py': Buffer.from('print("ä")\n').toString('latin1'),
  'python/group/same.py': Buffer.from('print("ä")\n').toString('latin1'),
  'python/group/tool.sh': '#!/bin/sh\n',
}

test('a backup without more: database and scripts, nothing that opens secrets, nobody who is signed in', async () => {
  const from = fullGateway(folder)
  const file = newFile()
  const said = await backup(from, file)
  expect(said).toContain(`${file}: 6 files`)
  expect(said).toContain('Left out: "scripts_repo/python/group/out.py" is a link')
  expect(said).toContain('Left out: "scripts_repo/python/data" is a link')
  expect(said).toContain('Without the key for secrets')
  expect(readdirSync(join(from.dataDir, 'tmp'))).toEqual([])
  expect(statSync(file).mode & 0o777).toBe(0o600)

  const names = Bun.spawnSync(['tar', 'tzf', file]).stdout.toString().trim().split('\n')
  expect(names.slice(0, 2)).toEqual(['manifest.json', 'gateway.db'])
  const manifest = JSON.parse(Bun.spawnSync(['tar', 'xzOf', file, 'manifest.json']).stdout.toString()) as Manifest
  expect(manifest).toMatchObject({
    ...{ kind: 'scriptgateway backup', format: 1, gateway_version: version, schema_version: migrations.length },
    ...{ has_keys: false, has_outputs: false },
  })
  expect(names).toEqual(['manifest.json', ...manifest.files.map(({ path }) => path)])

  const to = emptyGateway(folder)
  expect(await restore(to, file)).toContain('The key for secrets is not in this backup')
  expect(treeOf(to.scriptsDir)).toEqual(scripts)
  expect(statSync(join(to.scriptsDir, 'python/group/tool.sh')).mode & 0o777).toBe(0o755)
  expect(readdirSync(to.dataDir)).toEqual(['gateway.db'])
  expect(statSync(join(to.dataDir, 'gateway.db')).mode & 0o777).toBe(0o600)
  const db = new Database(join(to.dataDir, 'gateway.db'), { readonly: true })
  expect(db.query('SELECT name FROM users').values()).toEqual([['anna']])
  expect(db.query('SELECT * FROM sessions').values()).toEqual([])
  expect(db.query('SELECT action, actor FROM audit').values()).toEqual([['gateway.restore', 'gateway']])
  db.close()
  expect(() => variablesOf(to).given(0, ['TOKEN'])).toThrow('sealed with another key')
})

test('with the key and what runs left behind, encrypted: everything is there, and age itself opens it', async () => {
  const from = fullGateway(folder)
  const file = newFile('all.tar.gz.age')
  await backup(from, file, '--keys', '--outputs', '--passphrase-file', passphraseFile)
  expect(readFileSync(file, 'utf8')).toStartWith('age-encryption.org/v1\n-> scrypt ')
  const age = new Decrypter()
  age.addPassphrase(passphrase)
  const plain = gunzipSync(await age.decrypt(readFileSync(file))).toString('latin1')
  expect(plain).toContain('secrets.key')
  expect(plain).not.toContain('the-secret')

  const to = emptyGateway(folder)
  expect(await restore(to, file, '--passphrase-file', passphraseFile)).not.toContain('key for secrets')
  const data = treeOf(from.dataDir)
  expect(treeOf(to.dataDir)).toEqual(
    Object.fromEntries(Object.entries(data).filter(([path]) => /^(static|logs|secrets\.key)/.test(path))),
  )
  expect(statSync(join(to.dataDir, 'secrets.key')).mode & 0o777).toBe(0o600)
  expect(variablesOf(to).given(0, ['TOKEN'])).toEqual({ env: { TOKEN: 'the-secret' }, secrets: ['the-secret'] })
})

test.each<[string, string[], string]>([
  ['keys without a passphrase', ['x.tar.gz', '--keys'], 'give a passphrase'],
  ['a passphrase that is soon guessed', ['x', '--passphrase-file', join(import.meta.dir, 'short.txt')], '12 to 1000'],
  ['a passphrase file that is not there', ['x', '--passphrase-file', '/nowhere'], 'Cannot read the passphrase'],
  ['a file that is there', [passphraseFile], 'not overwritten'],
  ['an unknown flag', ['--everything'], 'Say: backup'],
  ['two files', ['a', 'b'], 'Say: backup'],
])('no backup: %s', async (_, args, message) => {
  const from = fullGateway(folder)
  expect(await failureOf(backup(from, ...args))).toContain(message)
  expect(existsSync(join(from.dataDir, 'tmp')) ? readdirSync(join(from.dataDir, 'tmp')) : []).toEqual([])
})

test('no backup where there is no gateway, nor of a key that is not in a file', async () => {
  expect(await failureOf(backup(emptyGateway(folder), newFile()))).toContain('set DATA_DIR')
  const from = fullGateway(folder)
  Bun.spawnSync(['rm', join(from.dataDir, 'secrets.key')])
  expect(await failureOf(backup(from, newFile(), '--keys', '--passphrase-file', passphraseFile))).toContain(
    'SECRETS_KEY',
  )
})

test('a data folder that lies among the scripts is not taken for one of them', async () => {
  const from = fullGateway(folder)
  const file = newFile()
  await backup({ ...from, scriptsDir: join(from.dataDir, '..') }, file)
  const names = Bun.spawnSync(['tar', 'tzf', file]).stdout.toString()
  expect(names).toContain('scripts_repo/scripts_repo/python/group/report.py')
  expect(names).not.toContain('secrets.key')
})

test('a folder that is not empty is refused, and with --force what is there is moved aside', async () => {
  const from = fullGateway(folder)
  const file = newFile()
  await backup(from, file)
  write(join(from.scriptsDir, 'python/group/report.py'), 'changed')
  write(join(from.dataDir, 'static/new'), 'new')
  const before = [treeOf(from.dataDir), treeOf(from.scriptsDir)]
  expect(await failureOf(restore(from, file))).toContain('--force')
  expect([treeOf(from.dataDir), treeOf(from.scriptsDir)]).toEqual(before)

  const said = await restore(from, file, '--force')
  const [aside] = readdirSync(from.dataDir).filter((name) => name.startsWith('.before-restore-'))
  expect(said).toContain(join(from.dataDir, aside ?? 'none'))
  expect(readdirSync(join(from.dataDir, aside!))).toEqual(
    expect.arrayContaining(['gateway.db', 'logs', 'static', 'tmp']),
  )
  expect(readFileSync(join(from.scriptsDir, aside!, 'python/group/report.py'), 'utf8')).toBe('changed')
  expect(readFileSync(join(from.scriptsDir, 'python/group/report.py'), 'utf8')).toBe('print("ä")\n')
  // The key is in no backup without one, and so it stays.
  expect(variablesOf(from).given(0, ['TOKEN']).env).toEqual({ TOKEN: 'the-secret' })
  const again = newFile()
  await backup(from, again)
  expect(Bun.spawnSync(['tar', 'tzf', again]).stdout.toString()).not.toContain('before-restore')
})

const otherDisk = '/dev/shm'
test.skipIf(!existsSync(otherDisk) || statSync(otherDisk).dev === statSync(folder).dev)(
  'scripts and data may be on two disks',
  async () => {
    const scriptsDir = mkdtempSync(join(otherDisk, 'scriptgateway-'))
    try {
      const to = { ...emptyGateway(folder), scriptsDir }
      await restore(to, plainFile)
      expect(treeOf(scriptsDir)).toEqual(scripts)
      expect(statSync(join(scriptsDir, 'python/group/tool.sh')).mode & 0o777).toBe(0o755)
    } finally {
      rmSync(scriptsDir, { recursive: true })
    }
  },
)

test('refused while a gateway has the folder', async () => {
  const file = newFile()
  await backup(fullGateway(folder), file)
  const to = emptyGateway(folder)
  mkdirSync(to.dataDir, { recursive: true })
  const holder = Bun.spawn(['sleep', '60'])
  try {
    const stat = readFileSync(`/proc/${holder.pid}/stat`, 'utf8')
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    writeFileSync(join(to.dataDir, 'gateway.lock'), `${holder.pid} ${start}`)
    expect(await failureOf(restore(to, file))).toContain(`process ${holder.pid}`)
  } finally {
    holder.kill()
    await holder.exited
  }
  await restore(to, file) // the lock of a dead one is nobody's
  lockDataDir(to.dataDir)()
})

test.each([
  ['without a passphrase', [], 'it needs its passphrase'],
  [
    'with another one',
    ['--passphrase-file', join(import.meta.dir, 'short.txt')],
    'The passphrase is not right, or the file is damaged.',
  ],
])('an encrypted backup %s', async (_, args, message) => {
  const to = emptyGateway(folder)
  expect(await failureOf(restore(to, sealedFile, ...args))).toContain(message)
  expect([treeOf(to.dataDir), treeOf(to.scriptsDir)]).toEqual([{}, {}])
})

/** What is in a backup, as items that can be changed. */
async function itemsOf(file: string): Promise<Item[]> {
  const dir = tempFolder()
  Bun.spawnSync(['tar', 'xzf', file, '-C', dir])
  const names = Bun.spawnSync(['tar', 'tzf', file]).stdout.toString().trim().split('\n')
  return names.map((name) => ({ name, body: readFileSync(join(dir, name)) }))
}

const changeManifest = (change: (manifest: Manifest) => void) => (items: Item[]) => {
  const manifest = JSON.parse(String(items[0]?.body)) as Manifest
  change(manifest)
  items[0] = { name: 'manifest.json', body: JSON.stringify(manifest) }
}
const sha256 = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest('hex')

test.each<[string, (items: Item[]) => void, string]>([
  ['no manifest', (items) => items.shift(), 'no manifest.json'],
  [
    "somebody else's manifest",
    changeManifest((manifest) => Object.assign(manifest, { kind: 'other' })),
    "another one's",
  ],
  ['a newer format', changeManifest((manifest) => Object.assign(manifest, { format: 2 })), 'newer ScriptGateway'],
  ['a newer schema', changeManifest((manifest) => Object.assign(manifest, { schema_version: 999 })), 'is newer'],
  ['another schema', changeManifest((manifest) => Object.assign(manifest, { schema_version: 1 })), 'another version'],
  ['a changed file', (items) => Object.assign(items.at(-1)!, { body: 'evil' }), 'not as it was saved'],
  ['a missing file', (items) => items.pop(), 'is missing'],
  ['an added file', (items) => items.push({ name: 'scripts_repo/python/evil.py', body: 'x' }), 'was added'],
  ['a link', (items) => items.push({ name: 'scripts_repo/l', type: '2', link: '/etc' }), 'only files and folders'],
  ['the way up', (items) => items.push({ name: 'scripts_repo/../../x', body: 'x' }), '".."'],
  [
    'a file that no backup has, with its hash',
    (items) => {
      items.push({ name: 'gateway.lock', body: 'x' })
      changeManifest((manifest) => manifest.files.push({ path: 'gateway.lock', size: 1, sha256: sha256('x') }))(items)
    },
    'no part of one',
  ],
  [
    'a damaged database, with its hash',
    (items) => {
      items[1] = { name: 'gateway.db', body: 'x'.repeat(5000) }
      const hash = { size: 5000, sha256: sha256('x'.repeat(5000)) }
      changeManifest((manifest) => Object.assign(manifest.files[0]!, hash))(items)
    },
    'database',
  ],
])('nothing is restored from a backup with %s', async (_, change, message) => {
  const items = await itemsOf(plainFile)
  change(items)
  const changed = newFile()
  writeFileSync(changed, tarGz(items))
  const to = fullGateway(folder)
  const before = [treeOf(to.dataDir), treeOf(to.scriptsDir)]
  expect(await failureOf(restore(to, changed, '--force'))).toContain(message)
  expect([treeOf(to.dataDir), treeOf(to.scriptsDir)]).toEqual(before)
})

test.each<[string, (bytes: Buffer) => Uint8Array, string[]]>([
  ['that was cut off', (bytes) => bytes.subarray(0, bytes.length - 500), []],
  ['with a wrong byte', (bytes) => bytes.fill(bytes[3000]! ^ 1, 3000, 3001), []],
  ['that is something else', () => gzipSync('something else'), []],
  ['that is empty', () => new Uint8Array(), []],
  ['that is encrypted and was cut off', (bytes) => bytes.subarray(0, bytes.length - 500), ['--passphrase-file']],
  ['that is encrypted, with a wrong byte', (bytes) => bytes.fill(bytes[3000]! ^ 1, 3000, 3001), ['--passphrase-file']],
])('nothing is restored from a file %s', async (_, change, flags) => {
  const file = newFile()
  writeFileSync(file, change(readFileSync(flags.length > 0 ? sealedFile : plainFile)))
  const to = emptyGateway(folder)
  await failureOf(restore(to, file, ...flags.flatMap((flag) => [flag, passphraseFile])))
  expect([treeOf(to.dataDir), treeOf(to.scriptsDir)]).toEqual([{}, {}])
})

test('when something cannot be put in place, what was moved by then goes back', async () => {
  const file = newFile()
  await backup(fullGateway(folder), file, '--outputs')
  const to = fullGateway(folder)
  const stamp = new Date().toISOString().slice(0, 10).replaceAll('-', '')
  // A file where the folder for what is moved aside has to be, whatever second it is.
  for (let second = -2; second < 60; second++) {
    const at = new Date(Date.now() + second * 1000).toISOString().slice(11, 19).replaceAll(':', '')
    writeFileSync(join(to.dataDir, `.before-restore-${stamp}-${at}`), '')
  }
  const before = [treeOf(to.dataDir), treeOf(to.scriptsDir)]
  expect(await failureOf(restore(to, file, '--force'))).toContain('Nothing was restored')
  expect([treeOf(to.dataDir), treeOf(to.scriptsDir)]).toEqual(before)
})
