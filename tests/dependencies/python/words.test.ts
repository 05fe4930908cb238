/** What pip said, as it was seen, in words; and what the index is asked when pip does not say why. */
import { afterAll, expect, test } from 'bun:test'
import { InstallError } from '../../../src/dependencies/model.ts'
import { type About, inWords } from '../../../src/dependencies/python/explain.ts'
import { pipEnv } from '../../../src/dependencies/python/index-env.ts'
import { lookFor } from '../../../src/dependencies/python/look.ts'
import { tempFolder } from '../../harness/folder.ts'
import { makeSdist, makeWheel, startIndex } from '../../harness/wheels.ts'
import { createTool, python, sourcesAt } from './place.ts'

const root = tempFolder()
const { runTool } = createTool(root)
const index = startIndex({
  wheels: [
    ...[makeWheel({ name: 'plum', version: '1.0' }), makeSdist({ name: 'plum', version: '3.0', canary: root })],
    makeWheel({ name: 'future', version: '1.0', requiresPython: '>=3.99,<4' }),
    makeWheel({ name: 'foreign', version: '1.0', tag: 'cp39-cp39-win_amd64' }),
  ],
})
afterAll(index.stop)

const about = (more: Partial<About> = {}): About => ({
  ...{ python: 'Python 3.11.7', isOffline: false, isLocked: false, wheelDir: null },
  look: (name) => lookFor(name, python, { sources: sourcesAt(index.url), runTool }),
  ...more,
})

async function told(text: string, more: Partial<About> = {}): Promise<InstallError> {
  const error = await inWords(new InstallError('python ended with exit code 1.', text.split('\n')), about(more))
  if (!(error instanceof InstallError)) throw error
  return error
}

const nothingFor = (what: string, versions = 'none') =>
  `ERROR: Could not find a version that satisfies the requirement ${what} (from versions: ${versions})\nERROR: No matching distribution found for ${what}`

test.each<[string, string, Partial<About>, RegExp]>([
  [
    'a version that is source only',
    nothingFor('plum==3.0', '1.0'),
    {},
    /^plum==3\.0 is there as source only.*PIP_BUILDS_ALLOWED/,
  ],
  [
    'a version that a lock names and nobody has',
    nothingFor('plum==0.9', '1.0'),
    { isLocked: true },
    /there are 1\.0\. The lock names it: update the lock\.$/,
  ],
  [
    'a version that is not there',
    nothingFor('plum>5', '1.0, 2.0'),
    {},
    /^There is no version of plum that fits plum>5: there are 1\.0, 2\.0/,
  ],
  [
    'a package for another Python',
    `ERROR: Ignored the following versions that require a different python version: 1.0 Requires-Python >=3.99,<4\n${nothingFor('future')}`,
    {},
    /^future needs another Python \(>=3\.99,<4\) than the Python 3/,
  ],
  [
    'a package for another system',
    nothingFor('foreign'),
    {},
    /^foreign has no wheel for Python 3\S+ on this machine: there are foreign-1\.0-cp39-cp39-win_amd64\.whl/,
  ],
  ['a package that another one needs', nothingFor('nix>=2 (from kiwi)'), {}, /^There is no package nix at /],
  [
    'a full disk',
    'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device',
    {},
    /^The disk is full/,
  ],
  [
    'a hash for some packages only',
    'ERROR: In --require-hashes mode, all requirements must have their versions pinned with ==. These do not:\n    plum from http://x/plum.whl (from kiwi==1.0)',
    {},
    /each needs ==VERSION and --hash.*: plum has none\.$/,
  ],
  [
    'a connection that broke',
    "ERROR: Could not install packages due to an OSError: HTTPConnectionPool(host='h', port=1): Max retries exceeded with url: /x.whl (Caused by ProtocolError('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer')))",
    {},
    /^The index cannot be reached, or broke off \(Connection/,
  ],
  [
    'a file that is gone',
    'ERROR: HTTP error 404 while getting http://h/files/x-1.0-py3-none-any.whl',
    {},
    /^http:\/\/h\/files\/x-1\.0-py3-none-any\.whl answers HTTP 404/,
  ],
  ['a build that failed', 'ERROR: Failed building wheel for sour', {}, /^sour could not be built from source/],
  [
    'nothing that is known',
    'Traceback\nERROR: something new',
    {},
    /^python ended with exit code 1\. It said: ERROR: something new$/,
  ],
  [
    'no wheels, offline without a folder',
    nothingFor('plum'),
    { isOffline: true },
    /^No wheel for plum is in the cache, and WHEEL_DIR is not set/,
  ],
])('pip says %s', async (_, text, more, words) => {
  expect((await told(text, more)).message).toMatch(words)
})

test('a full disk is no fault of the declaration', async () => {
  expect((await told('OSError: [Errno 28] No space left on device')).kind).toBe('resource')
})

test('only the last twenty lines are kept', async () => {
  const lines = Array.from({ length: 50 }, (_, at) => `line ${at}`)
  expect((await told(lines.join('\n'))).lines).toEqual(lines.slice(-20))
})

test('what no installer said stays as it is', async () => {
  const late = new InstallError('It was still going on.', ['No space left on device'], 'timeout')
  const bug = new TypeError('ours')
  expect(await inWords(late, about())).toBe(late)
  expect(await inWords(bug, about())).toBe(bug)
})

test('each index is asked on its own: what it has, whether it refuses, whether it is there', async () => {
  const forbidding = startIndex({ wheels: [] })
  forbidding.answer(403)
  const sources = sourcesAt(index.url, {
    pipExtraIndexUrls: [forbidding.url.replace('//', '//me:secret@'), 'http://127.0.0.1:1/simple'],
  })
  const seen = await lookFor('future', python, { sources, runTool })
  forbidding.stop()
  expect(seen.slice(0, 2)).toEqual([
    { index: index.url, files: [{ name: 'future-1.0-py3-none-any.whl', python: '>=3.99,<4' }] },
    { index: forbidding.url, status: 403 },
  ])
  expect(seen[2]).toMatchObject({ index: 'http://127.0.0.1:1/simple', isTls: false })
  expect((await told(nothingFor('future'), { look: async () => seen })).message).toMatch(/refuses \(HTTP 403\)/)
})

test('an index without TLS is trusted as it was set, with its port; offline none is named', () => {
  const sources = sourcesAt('http://mirror.lan:8080/simple', { pipExtraIndexUrls: ['https://other.lan/simple'] })
  expect(pipEnv(sources, '/d')).toMatchObject({
    ...{ PIP_INDEX_URL: 'http://mirror.lan:8080/simple', PIP_EXTRA_INDEX_URL: 'https://other.lan/simple' },
    PIP_TRUSTED_HOST: 'mirror.lan:8080',
  })
  expect(Object.keys(pipEnv({ ...sources, isOffline: true }, '/d')).filter((name) => /INDEX|HOST/.test(name))).toEqual(
    [],
  )
})
