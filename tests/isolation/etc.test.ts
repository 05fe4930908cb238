/** The copy of /etc's small files that bubblewrap shows: what is in it, that it is never old, and when it is not used. */
import { expect, test } from 'bun:test'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createEtcCopy } from '../../src/isolation/etc.ts'
import { findSystem } from '../../src/isolation/system.ts'
import { confinementOf, levels, places, python, root, runPython } from './harness.ts'

const etc = join(root, 'etc')
const folder = join(root, 'etc-copy')
mkdirSync(join(etc, 'ssl/certs'), { recursive: true })
const [hosts, config] = [join(etc, 'hosts'), join(etc, 'ssl/openssl.cnf')]
writeFileSync(hosts, 'one')
writeFileSync(config, 'two')
writeFileSync(join(etc, 'shadow'), 'secret')
writeFileSync(join(etc, 'large'), Buffer.alloc(1024 * 1024 + 1))
const readable = [hosts, config, join(etc, 'ssl/certs'), join(etc, 'large'), '/usr']
const links: [string, string][] = [
  ['/usr/share/zoneinfo/UTC', join(etc, 'localtime')],
  ['../pki/cert.pem', join(etc, 'tls/cert.pem')],
  ['usr/bin', '/bin'],
]
const refresh = createEtcCopy(folder, { readable, links }, etc)
const textOf = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : null)

test('it has the files that are named, empty folders for folders, links as they are, and nothing else', () => {
  const umask = process.umask(0o077)
  try {
    expect(refresh()?.files).toEqual(new Set([hosts, config]))
  } finally {
    process.umask(umask)
  }
  expect(readdirSync(folder).sort()).toEqual(['hosts', 'localtime', 'ssl', 'tls'])
  expect(readdirSync(join(folder, 'ssl')).sort()).toEqual(['certs', 'openssl.cnf'])
  expect(readlinkSync(join(folder, 'localtime'))).toBe('/usr/share/zoneinfo/UTC')
  expect(readlinkSync(join(folder, 'tls/cert.pem'))).toBe('../pki/cert.pem')
  expect(textOf('ssl/openssl.cnf')).toBe('two')
  // Whatever the umask of the gateway is, scripts have users of their own.
  for (const name of ['', 'ssl', 'ssl/certs']) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o755)
  expect(statSync(join(folder, 'hosts')).mode & 0o777).toBe(0o644)
})

const changes: [sentence: string, change: () => void, text: string | null][] = [
  ['is written', () => writeFileSync(hosts, 'changed'), 'changed'],
  [
    'is replaced',
    () => {
      writeFileSync(join(etc, 'next'), 'another')
      renameSync(join(etc, 'next'), hosts)
    },
    'another',
  ],
  ['is closed to others', () => chmodSync(hosts, 0o600), null],
  ['is opened again', () => chmodSync(hosts, 0o644), 'another'],
  ['is removed', () => rmSync(hosts), null],
  ['becomes a folder', () => mkdirSync(hosts), null],
]
test.each(changes)('the next run finds it so when a file %s', (_, change, text) => {
  change()
  expect(refresh()).not.toBeNull()
  expect(textOf('hosts')).toBe(text)
})

test('where it cannot be made, there is none', () => {
  writeFileSync(join(root, 'a-file'), '')
  expect(createEtcCopy(join(root, 'a-file/etc'), { readable, links }, etc)()).toBeNull()
})

const [, bwrap] = levels.find(([name]) => name === 'bwrap') ?? []
const alsoListed = ['/etc/hostname', '/etc/fstab', '/etc/shells'].find((path) => existsSync(path))

test.skipIf(!bwrap || !python)('what bubblewrap shows is what /etc has, and only that', async () => {
  const system = findSystem()
  const files = system.readable.filter((path) => path.startsWith('/etc/') && statSync(path).isFile())
  const text = `import os, json
print(json.dumps([[open(path, 'rb').read().hex() for path in ${JSON.stringify(files)}], sorted(os.listdir('/etc'))]))
try: open('/etc/hosts', 'a')
except OSError as error: print(error.strerror)`
  const { stdout, stderr } = await runPython(bwrap!, text, { read: [] })
  const [found, refused] = stdout.split('\n')
  const [texts, names] = JSON.parse(found || `[${JSON.stringify(stderr)}]`)
  expect(texts).toEqual(files.map((path) => readFileSync(path).toString('hex')))
  const linked = system.links.flatMap(([, link]) => (link.startsWith('/etc/') ? link : []))
  const expected = [...system.readable.filter((path) => path.startsWith('/etc/')), ...linked]
  expect(names).toEqual([...new Set(expected.map((path) => path.split('/')[2]))].sort())
  expect(refused).toMatch(/Read-only file system|Permission denied/)
})

test.skipIf(!bwrap)('it is not used where a policy lists more of /etc, or lets it be written', () => {
  const command = { argv: ['/bin/true'], cwd: places.scripts, env: { RUN_ID: 'x' } }
  const words = (asked: object) => bwrap!.confine(command, confinementOf(asked)).argv.join(' ')
  const whole = /--ro-bind \S+\/etc \/etc( |$)/
  expect(words({ read: [] })).toMatch(whole)
  expect(words({ read: [], write: ['/etc/hosts'] })).toMatch(/--bind \/etc\/hosts \/etc\/hosts/)
  expect(words({ read: [], write: ['/etc/hosts'] })).not.toMatch(whole)
  if (alsoListed) expect(words({ read: [alsoListed] })).not.toMatch(whole)
})
