import { expect, test } from 'bun:test'
import { mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findConflicts, findPackages, listed, settleLinks } from '../../../src/dependencies/javascript/node-modules.ts'
import { tempFolder } from '../../harness/folder.ts'
import { installer } from './jobs.ts'

function environment(packages: Record<string, object | string>, root: object = {}): string {
  const dir = tempFolder()
  const write = (path: string, content: object | string) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), typeof content === 'string' ? content : JSON.stringify(content))
  }
  write('package.json', root)
  for (const [path, content] of Object.entries(packages)) write(`node_modules/${path}/package.json`, content)
  return dir
}

test.each<[string, Record<string, object>, object, string[]]>([
  [
    'agree',
    { a: { version: '1.0.0', dependencies: { b: '^1.0.0' } }, b: { version: '1.5.0', peerDependencies: { a: '>=1' } } },
    {},
    [],
  ],
  [
    'have another version beside them',
    { a: { version: '1.0.0', peerDependencies: { b: '^1.0.0' } }, b: { version: '2.0.0' } },
    {},
    ['a 1.0.0 needs b ^1.0.0, but 2.0.0 is installed.'],
  ],
  [
    'miss one',
    { a: { version: '1.0.0', dependencies: { b: '1' } } },
    {},
    ['a 1.0.0 needs b 1, which is not installed.'],
  ],
  ['do not need it', { a: { version: '1.0.0', optionalDependencies: { b: '1' }, dependencies: { b: '1' } } }, {}, []],
  [
    'do not need their peer',
    { a: { version: '1.0.0', peerDependencies: { b: '1' }, peerDependenciesMeta: { b: { optional: true } } } },
    {},
    [],
  ],
  [
    'have one of their own',
    {
      a: { version: '1.0.0', dependencies: { b: '1' } },
      'a/node_modules/b': { version: '1.0.0' },
      b: { version: '2.0.0' },
    },
    {},
    [],
  ],
  [
    'in scopes find what is above',
    { '@s/a': { version: '1.0.0', dependencies: { '@s/b': '1' } }, '@s/b': { version: '2.0.0' } },
    {},
    ['@s/a 1.0.0 needs @s/b 1, but 2.0.0 is installed.'],
  ],
  [
    'are overridden on purpose',
    { a: { version: '1.0.0', dependencies: { b: '1' } }, b: { version: '2.0.0' } },
    { overrides: { b: '2.0.0' } },
    [],
  ],
])('packages that %s', async (_, packages, root, sentences) => {
  expect(await findConflicts(environment(packages, root))).toEqual(sentences)
})

test('packages are found without following links, and broken ones are no reason to fail', async () => {
  const elsewhere = environment({ secret: { version: '9.9.9' } })
  const dir = environment({
    a: { version: '1.0.0' },
    broken: 'no json',
    odd: 'null',
    '.bin-like': { version: '1.0.0' },
  })
  symlinkSync(join(elsewhere, 'node_modules/secret'), join(dir, 'node_modules/secret'))
  mkdirSync(join(dir, 'node_modules/linked'))
  symlinkSync(join(elsewhere, 'node_modules/secret/package.json'), join(dir, 'node_modules/linked/package.json'))
  expect(listed(await findPackages(dir))).toEqual([{ name: 'a', version: '1.0.0' }])
})

test('links to programs stay inside and survive a move', async () => {
  const dir = environment({ a: { version: '1.0.0' }, 'a/node_modules/b': { version: '1.0.0' } })
  const bins = [join(dir, 'node_modules/.bin'), join(dir, 'node_modules/a/node_modules/.bin')]
  for (const bin of bins) {
    mkdirSync(bin)
    symlinkSync(join(dir, 'node_modules/a/package.json'), join(bin, 'absolute'))
    symlinkSync('/etc/passwd', join(bin, 'outside'))
    symlinkSync('../../../../../../etc/passwd', join(bin, 'climbing'))
  }
  symlinkSync('../a/package.json', join(bins[0]!, 'relative'))
  await settleLinks(dir, await findPackages(dir))
  expect(readdirSync(bins[0]!).sort()).toEqual(['absolute', 'relative'])
  expect(readlinkSync(join(bins[0]!, 'absolute'))).toBe('../a/package.json')
  expect(readdirSync(bins[1]!)).toEqual(['absolute'])
  expect(readlinkSync(join(bins[1]!, 'absolute'))).toBe('../../package.json')
})

test('the facts name this Bun, and what needs no package', async () => {
  const facts = await installer.facts()
  expect(facts.id).toMatch(/^bun-\d+\.\d+\.\d+-linux-(x64|arm64)-(glibc|musl)$/)
  expect(facts.label).toBe(`Bun ${Bun.version}`)
  expect(installer.knownFacts()).toEqual(facts)
  for (const name of [
    'fs',
    'node:fs',
    'fs/promises',
    'node:fs/promises',
    'node:test',
    'node:sqlite',
    'bun',
    'bun:sqlite',
  ])
    expect(facts.builtins.has(name)).toBe(true)
  expect(facts.builtins.has('left')).toBe(false)
})
