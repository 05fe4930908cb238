/** What is read and written of an environment after code of packages may have run in it: links lead nowhere. */
import { beforeEach, expect, test } from 'bun:test'
import { chmodSync, linkSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { relocate } from '../../../src/dependencies/python/relocate.ts'
import { readSite } from '../../../src/dependencies/python/site.ts'
import { tempFolder } from '../../harness/folder.ts'

const root = tempFolder()
const site = 'lib/python3.11/site-packages'
let dir = ''
let count = 0

beforeEach(() => {
  dir = join(root, `building-${++count}`)
})

function put(path: string, text: string, mode = 0o644) {
  const place = join(dir, path)
  mkdirSync(dirname(place), { recursive: true })
  writeFileSync(place, text)
  chmodSync(place, mode)
}

const get = (path: string) => readFileSync(join(dir, path), 'utf8')

test('commands, scripts of activation and pyvenv.cfg name the final folder, and stay what they were', () => {
  put('bin/kiwi', `#!${dir}/bin/python\nprint("${dir}")\n`, 0o755)
  put('bin/activate', `VIRTUAL_ENV='${dir}'\n`)
  put('bin/other', '#!/bin/sh\necho\n', 0o700)
  put('bin/program', `\x7fELF\0${dir}`, 0o755)
  put('pyvenv.cfg', `home = /usr/bin\ncommand = /usr/bin/python -m venv ${dir}\n`)
  relocate(dir, '/final/env')
  expect(get('bin/kiwi')).toBe('#!/final/env/bin/python\nprint("/final/env")\n')
  expect(statSync(join(dir, 'bin/kiwi')).mode & 0o777).toBe(0o755)
  expect(get('bin/activate')).toBe("VIRTUAL_ENV='/final/env'\n")
  expect(get('bin/other')).toBe('#!/bin/sh\necho\n')
  expect(get('bin/program')).toBe(`\x7fELF\0${dir}`)
  expect(get('pyvenv.cfg')).toContain('-m venv /final/env')
})

test.each<[string, string]>([
  ['that is longer than Linux reads', `/${'long/'.repeat(30)}env`],
  ['with a space', '/my data/env'],
])('a first line %s goes through the shell', (_, finalDir) => {
  put('bin/kiwi', `#!${dir}/bin/python\nimport sys\n`, 0o755)
  relocate(dir, finalDir)
  expect(get('bin/kiwi')).toBe(`#!/bin/sh\n'''exec' "${finalDir}/bin/python" "$0" "$@"\n' '''\nimport sys\n`)
})

test('nothing is written through a link', () => {
  const outside = join(root, 'outside')
  mkdirSync(outside)
  put('../outside/victim', `victim ${dir}`)
  mkdirSync(join(dir, 'bin'), { recursive: true })
  symlinkSync(join(outside, 'victim'), join(dir, 'bin/soft'))
  linkSync(join(outside, 'victim'), join(dir, 'bin/hard'))
  symlinkSync(join(outside, 'victim'), join(dir, 'pyvenv.cfg'))
  relocate(dir, '/final/env')
  expect(readFileSync(join(outside, 'victim'), 'utf8')).toBe(`victim ${dir}`)
  const linked = join(root, 'linked')
  mkdirSync(linked)
  symlinkSync(outside, join(linked, 'bin'))
  writeFileSync(join(outside, 'script'), `#!${linked}/bin/python`)
  relocate(linked, '/final/env')
  expect(readFileSync(join(outside, 'script'), 'utf8')).toBe(`#!${linked}/bin/python`)
})

test('packages and their modules are read from what is beside them', () => {
  put(
    `${site}/Kiwi_Fruit-1.0.dist-info/METADATA`,
    'Metadata-Version: 2.1\nName: Kiwi-Fruit\nVersion: 1.0+local\n\nName: other\n',
  )
  const files = [
    ...[
      'kiwi.py',
      '_kiwi.cpython-311-x86_64-linux-gnu.so',
      'fast.abi3.so',
      '"with,comma.py"',
      'pkg/sub/deep.py',
      'größe.py',
    ],
    ...[
      'data/readme.txt',
      'kiwi.libs/libc.so.6',
      '../../../bin/kiwi',
      'no-module.py',
      '__pycache__/kiwi.cpython-311.pyc',
    ],
    'Kiwi_Fruit-1.0.dist-info/RECORD',
  ]
  put(`${site}/Kiwi_Fruit-1.0.dist-info/RECORD`, files.map((file) => `${file},,`).join('\n'))
  put(`${site}/zoo-2.dist-info/METADATA`, 'Name: zoo\r\nVersion: 2\r\n\r\n')
  put(`${site}/zoo-2.dist-info/RECORD`, 'pkg/zoo.py,,\r\n__proto__.py,,\r\n')
  const { packages, modules } = readSite(dir)
  expect(packages).toEqual([
    { name: 'Kiwi-Fruit', version: '1.0+local' },
    { name: 'zoo', version: '2' },
  ])
  expect(Object.entries(modules)).toEqual([
    ['__proto__', ['zoo']],
    ['_kiwi', ['Kiwi-Fruit']],
    ['fast', ['Kiwi-Fruit']],
    ['größe', ['Kiwi-Fruit']],
    ['kiwi', ['Kiwi-Fruit']],
    ['pkg', ['Kiwi-Fruit', 'zoo']],
  ])
})

test('nothing is read through a link, and what has no name is no package', () => {
  put('../outside-info', 'Name: stolen\nVersion: 1\n')
  mkdirSync(join(dir, site, 'stolen-1.dist-info'), { recursive: true })
  symlinkSync(join(root, 'outside-info'), join(dir, site, 'stolen-1.dist-info/METADATA'))
  mkdirSync(join(dir, site, 'shared-1.dist-info'))
  linkSync(join(root, 'outside-info'), join(dir, site, 'shared-1.dist-info/METADATA'))
  put(`${site}/odd-1.dist-info/METADATA`, 'Name: ../odd\nVersion: 1\n')
  put(`${site}/bare-1.dist-info/METADATA`, 'Version: 1\n')
  put(`${site}/empty-1.dist-info/RECORD`, 'x.py,,')
  expect(readSite(dir)).toEqual({ packages: [], modules: {} })
  expect(readSite(join(root, 'nowhere'))).toEqual({ packages: [], modules: {} })
})
