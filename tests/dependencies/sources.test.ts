/** Where packages come from: what the settings, the secrets they name, and the environment come to. */
import { expect, test } from 'bun:test'
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { options } from '../../src/config.ts'
import { portsOf, readSources } from '../../src/dependencies/sources.ts'
import { hasLogin, maskLogin } from '../../src/options/login.ts'
import { tempFolder } from '../harness/folder.ts'

const folder = realpathSync(tempFolder())
const [dataDir, wheels, link, file] = ['data', 'wheels', 'link', 'file'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
  string,
]
mkdirSync(join(dataDir, 'inside'), { recursive: true })
mkdirSync(wheels)
symlinkSync(join(dataDir, 'inside'), link)
writeFileSync(file, '')

const read = (
  settings: Record<string, unknown>,
  { secrets = {}, proxies = [] }: { secrets?: Record<string, string>; proxies?: string[] } = {},
) =>
  readSources({
    setting: ((name: keyof typeof options) => settings[name] ?? options[name].default) as never,
    secret: (name) => secrets[name] ?? null,
    proxies: () => proxies,
    dataDir,
  })

test.each([
  ['as it is', 'anna:secret', 'https://anna:secret@i.example/simple'],
  ['with what means something in addresses', 'a@b:p:/#?%', 'https://a%40b:p%3A%2F%23%3F%25@i.example/simple'],
  ['with the end of the line of the file it was pasted from', 'anna:secret\n', 'https://anna:secret@i.example/simple'],
  ['a token alone', 'only-a-token', 'https://only-a-token@i.example/simple'],
])('a login goes into the address %s, and is a secret', (_, login, address) => {
  const sources = read({ pip_index_url: 'https://i.example/simple', pip_index_secret: 'L' }, { secrets: { L: login } })
  expect(sources.pipIndexUrl).toBe(address)
  expect(sources.secrets).toContain(login.trim())
})

test('further indexes get the login where host, port and protocol are the same', () => {
  const { pipExtraIndexUrls } = read(
    {
      pip_index_url: 'https://i.example/simple',
      pip_index_secret: 'L',
      pip_extra_index_urls: [
        'https://i.example/more',
        'http://i.example/more',
        'https://i.example:8/more',
        'https://e.example',
      ],
    },
    { secrets: { L: 'anna:secret' } },
  )
  expect(pipExtraIndexUrls).toEqual([
    ...['https://anna:secret@i.example/more', 'http://i.example/more'],
    ...['https://i.example:8/more', 'https://e.example'],
  ])
})

test('a login for each index, in lines with their addresses', () => {
  const settings = {
    pip_index_url: 'https://public.example/simple',
    pip_extra_index_urls: ['https://private.example:8443/simple', 'http://other.example/simple'],
    pip_index_secret: 'L',
  }
  const lines = 'https://private.example:8443 anna:a secret:with colons\n\nhttp://other.example/any/path  bob:pw\n'
  const sources = read(settings, { secrets: { L: lines } })
  expect([sources.pipIndexUrl, ...sources.pipExtraIndexUrls]).toEqual([
    'https://public.example/simple',
    'https://anna:a%20secret%3Awith%20colons@private.example:8443/simple',
    'http://bob:pw@other.example/simple',
  ])
  expect(sources.secrets).toEqual(
    expect.arrayContaining(['anna:a secret:with colons', 'a secret:with colons', 'bob:pw']),
  )
})

test.each([
  ['two logins without addresses', 'anna:one\nbob:two'],
  ['an address without a login', 'https://i.example/simple'],
  ['an address with a login in it', 'https://anna:pw@i.example anna:pw'],
])('%s is no secret of that kind, and is not repeated', (_, value) => {
  const settings = { pip_index_url: 'https://i.example/simple', pip_index_secret: 'L' }
  const refused = () => read(settings, { secrets: { L: value } })
  expect(refused).toThrow('ADDRESS USER:PASSWORD')
  expect(refused).not.toThrow(value)
})

test('passwords in addresses that the environment gave are secrets, as written and as meant, also those of proxies', () => {
  const { secrets } = read(
    { pip_index_url: 'https://u:p%40ss-one@i.example/', npm_config_registry: 'https://only-token@r.example' },
    { proxies: ['http://me:proxy%zz@p.example:3128', 'you:of-a-proxy@p.example:1'] },
  )
  expect(secrets).toEqual(expect.arrayContaining(['p%40ss-one', 'p@ss-one', 'only-token', 'proxy%zz', 'of-a-proxy']))
})

test.each([
  ['is not there', { npm_registry_secret: 'T' }, {}, /NPM_REGISTRY_SECRET names the secret "T", which is not there/],
  ['has two lines', { pip_index_secret: 'L' }, { L: 'a:b\nc' }, /"L", which PIP_INDEX_SECRET names, cannot be read/],
])('a secret that a setting names and that %s is told', (_, settings, secrets, words) => {
  expect(() => read(settings, { secrets })).toThrow(words)
})

test.each([
  ['is not there', join(folder, 'nowhere'), /which is not there: make it, or empty the setting/],
  ['is a file', file, /which is no folder/],
  ['is the data folder', dataDir, /which is in DATA_DIR/],
  ['is inside of it', join(dataDir, 'inside'), /which is in DATA_DIR/],
  ['leads into it', link, /which is in DATA_DIR/],
  ['has it inside', dirname(dataDir), /which has DATA_DIR in it/],
  ['is everything', '/', /which has DATA_DIR in it/],
  ['is not absolute', 'wheels', /which is no absolute path/],
])('a folder of wheels is refused that %s', (_, path, words) => {
  expect(() => read({ wheel_dir: path })).toThrow(words)
})

test('a folder of wheels beside the data folder is taken', () => {
  expect(read({ wheel_dir: wheels }).wheelDir).toBe(wheels)
})

test.each([
  ['offline: none', { deps_offline: true }, []],
  ['as they are by default', {}, [53, 443]],
  [
    'of indexes and registry',
    {
      pip_index_url: 'http://i.example/',
      pip_extra_index_urls: ['http://e.example:3141/'],
      npm_config_registry: 'http://r.example:4873',
    },
    [53, 443, 80, 3141, 4873],
  ],
])('ports that an installer may reach: %s', (_, settings, ports) => {
  expect(portsOf(read(settings), [], [])).toEqual(ports)
})

test.each([
  ['https://u:p@i.example/simple', 'https://••••••@i.example/simple'],
  ['https://token@i.example/', 'https://••••••@i.example/'],
  ['https:u:p@i.example/', 'https://••••••@i.example/'],
  ['https://u:p/w@i.example/', 'https://••••••@i.example/'],
  ['https://i.example/@scope/name', 'https://i.example/@scope/name'],
  ['no address', 'no address'],
])('%s is shown as %s', (text, shown) => {
  expect(maskLogin(text)).toBe(shown)
  expect(hasLogin(shown.replace('••••••@', ''))).toBe(false)
})
