/** Dependencies that only pretend, on scripts that only pretend: each state there is, and hostile names. */
import { dependenciesFor } from '../../src/dependencies/for-caller.ts'
import { type Caller, setCaller } from '../../src/http/caller.ts'
import type { Catalog, Entry } from '../../src/scripts/catalog.ts'
import type { Script } from '../../src/scripts/model.ts'
import { cacheEntryOf, createFakeDependencies, dependencyOf, viewOf } from '../dependencies/fake.ts'
import { iso } from './samples.ts'

export function fakeDependencies(scripts: Script[]) {
  const fake = createFakeDependencies({ globalUsers: scripts.slice(4).map(({ id }) => id) })
  const entryOf = (row: Script): Entry =>
    ({
      ...{ row, slug: row.slug, state: row.state, params: [] },
      runnable: { id: row.id, slug: row.slug, runtime: { name: row.runtime }, file: `/scripts/${row.filename}` },
    }) as unknown as Entry
  const catalog: Catalog = {
    get: (id) => catalog.list().find(({ row }) => row.id === id),
    find: (name) => catalog.list().find(({ row, slug }) => slug === name || String(row.id) === name),
    list: () => scripts.map(entryOf),
    refresh: () => {},
  }
  const installed = [
    { name: 'pillow', version: '11.3.0' },
    { name: 'pillow-avif-plugin', version: '1.5.2' },
    { name: 'piexif', version: '1.1.3' },
  ]
  const at = { queued_at: iso(40), started_at: iso(38) }
  const going = fake.begin({ ...at, script_id: 3, file: 'python/images/requirements.txt', requirements }, [3])
  for (const line of sayings) fake.say(going.id, line)
  const failed = fake.begin(
    { ...at, script_id: 4, runtime: 'js', environment: 'cccc3333', file: 'js/sync/package.json', update: true },
    [4],
  )
  fake.say(failed.id, 'error: No version matching "^99" found for specifier "left-pad"')
  const ended = fake.end(failed.id, 'failed', noVersion)
  const set = (id: number, view: Parameters<typeof viewOf>[0]) => fake.views.set(id, viewOf({ script_id: id, ...view }))
  set(1, {
    ...{ state: 'ready', source: { scope: 'inline', file: 'python/ops/nightly_backup.py' }, environment: 'aaaa1111' },
    dependencies: [dependencyOf('psycopg2-binary', '>=2.9', '2.9.9')],
    installed: [{ name: 'psycopg2-binary', version: '2.9.9' }],
    lock: { file: 'python/ops/nightly_backup_requirements.lock', state: 'current' },
  })
  set(3, {
    ...{ state: 'installing', source: { scope: 'folder', file: 'python/images/requirements.txt' } },
    shadowed: [{ scope: 'global', file: 'requirements.txt' }],
    dependencies: [
      { ...dependencyOf('pillow', '>=11,<12', '11.3.0'), marker: 'python_version >= "3.9"' },
      dependencyOf('pillow-avif-plugin', '==1.5.2'),
      { ...dependencyOf('piexif', '', '1.0.0'), state: 'conflict' },
      { ...dependencyOf('pywin32'), state: 'skipped', marker: 'sys_platform == "win32"' },
    ],
    ...{ installed, environment: '3f9c72d0a1b2c3d4e5f6', installation: going },
    lock: { file: 'python/images/requirements.lock', state: 'stale' },
    hints: [
      { module: 'cv2', package: 'opencv-python', file: 'python/images/resize_images.py', line: 7, ...isNeeded },
      { module: 'yaml', package: 'pyyaml', file: 'python/images/helper.py', line: 2, ...isNeeded, is_found: true },
      { module: 'ujson', package: 'ujson', file: 'python/images/helper.py', line: 9, ...isNeeded, is_optional: true },
    ],
  })
  set(4, {
    ...{
      runtime: 'js',
      state: 'failed',
      reason: ended.reason,
      source: { scope: 'script', file: 'js/sync/package.json' },
    },
    dependencies: [dependencyOf('left-pad', '^99')],
    ...{ lock: { file: 'js/sync/bun.lock', state: 'none' }, installation: ended },
  })
  set(9, {
    ...{ state: 'refused', source: { scope: 'folder', file: 'python/ml/requirements.txt' } },
    problems: [
      { path: '/line/3', message: 'asks for git+ssh, which nothing here allows: name a version instead.' },
      { path: '/line/7', message: '-r /etc/passwd leads out of the scripts folder.' },
    ],
  })
  set(13, {
    state: 'missing',
    dependencies: [dependencyOf('duckdb', '>=1')],
    source: { scope: 'group', file: 'r.txt' },
  })
  set(16, {
    ...{ state: 'failed', reason: hostile, source: { scope: 'script', file: hostile } },
    dependencies: [dependencyOf(hostile, hostile, hostile)],
    installed: [{ name: hostile, version: hostile }],
    shadowed: [{ scope: 'folder', file: hostile }],
    lock: { file: hostile, state: 'current' },
    problems: [{ path: hostile, message: hostile }],
    hints: [{ module: hostile, package: hostile, file: hostile, line: 1, ...isNeeded }],
    environment: hostile,
  })
  fake.globals.python = viewOf({
    ...{ script_id: null, state: 'ready', source: { scope: 'global', file: 'requirements.txt' } },
    dependencies: [dependencyOf('requests', '>=2.25', '2.32.3'), dependencyOf('rich', '', '14.0.0')],
    installed: [{ name: 'requests', version: '2.32.3' }],
  })
  fake.cache.entries = [
    cacheEntryOf({ used_by: [1], last_used_at: iso(3600), in_use: 1, environment: 'aaaa1111aaaa1111' }),
    cacheEntryOf({ used_by: [3, 5, 6, 7, 8], environment: '3f9c72d0a1b2c3d4e5f6', requirements }),
    cacheEntryOf({
      used_by: [],
      environment: 'dddd4444dddd4444',
      runtime: 'js',
      state: 'broken',
      requirements: [hostile],
    }),
  ]
  return {
    fake,
    going: going.id,
    failed: failed.id,
    /** As whoever looks may see and change them. */
    as(caller: Caller) {
      const request = new Request('http://localhost/')
      setCaller(request, caller)
      return dependenciesFor({ catalog, dependencies: fake.dependencies }, request)
    },
  }
}

export const hostile = '</textarea><img src=x onerror=alert(1)>"\''
const isNeeded = { is_found: false, is_optional: false }
const requirements = ['piexif', 'pillow-avif-plugin==1.5.2', 'pillow>=11,<12; python_version >= "3.9"']
const noVersion = 'No version of left-pad fits "^99": the newest is 1.3.0.\nerror: left-pad@^99 failed to resolve'
const sayings = [
  'Collecting pillow<12,>=11',
  '  Using cached pillow-11.3.0-cp311-cp311-manylinux_2_28_x86_64.whl (6.6 MB)',
  'Collecting piexif <b>',
]
