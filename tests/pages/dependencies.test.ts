/** The pages about packages: what they show to whom, and what becomes of their forms. */
import { beforeEach, describe, expect, test } from 'bun:test'
import type { Caller } from '../../src/http/caller.ts'
import { createPages } from '../../src/pages/pages.tsx'
import { cacheEntryOf, dependencyOf, viewOf } from '../dependencies/fake.ts'
import { createFake, type Fake } from './fake.ts'
import { callerWith } from './fake-access.ts'
import { hostile } from './fake-dependencies.ts'
import { run } from './samples.ts'

let fake: Fake
let pages: ReturnType<typeof createPages>

beforeEach(() => {
  fake = createFake()
  pages = createPages(() => fake)
})

const get = (path: string, init?: RequestInit) => pages.handle(new Request(`http://localhost${path}`, init))
const shown = async (path: string) => (await get(path)).text()
/** What one reads of it. */
const words = async (path: string) =>
  (await shown(path))
    .replaceAll('<wbr>', '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
const post = (path: string, body: Record<string, string>, headers: Record<string, string> = {}) =>
  get(path, { method: 'POST', body: new URLSearchParams(body).toString(), headers })
const asked = () => fake.packages.fake.asked
const { id: running, ended } = { id: 1, ended: 2 }
const viewer = callerWith('viewer', { seesAll: true })
const operator = callerWith('operator', { seesAll: true })

test.each(['/scripts/3?tab=dependencies&check=1', '/dependencies'])(
  'no two regions of %s have one name',
  async (path) => {
    const page = await shown(path)
    const textOf = (id: string) => new RegExp(`id="${id}"[^>]*>([^<]*)`).exec(page)?.[1]?.trim()
    const names = [...page.matchAll(/<section[^>]* aria-label(ledby)?="([^"]*)"/g)].map(([, by, name]) =>
      by ? textOf(name!) : name,
    )
    expect(names.length).toBeGreaterThan(2)
    expect(names).toEqual([...new Set(names)])
  },
)

describe('the tab of a script', () => {
  test.each<[string, string, string[]]>([
    [
      'where it comes from',
      '/scripts/3',
      ['python/images/requirements.txt , of its folder', 'Not in force requirements.txt'],
    ],
    ['how each package stands', '/scripts/3', ['11.3.0', 'Another version', 'Not on this platform', 'Installing 0:38']],
    [
      'what it imports and does not declare',
      '/scripts/3',
      ['cv2', 'helper.py line 2 , which this machine happens to have'],
    ],
    ['the lock', '/scripts/3', ['of another declaration or platform: the next installation renews it']],
    ['that it failed', '/scripts/4', ['The packages could not be installed', 'the newest is 1.3.0', 'Try again']],
    ['what is refused', '/scripts/9', ['Nothing of it is installed', 'line 3', 'git+ssh', '-r /etc/passwd leads out']],
    ['that nothing is declared', '/scripts/5', ['Declares nothing', 'Nothing is declared anywhere.']],
    ['that it is ready', '/scripts/1', ['Ready', 'in the script itself', 'in force', 'Check for newer', 'Update']],
  ])('says %s', async (_, path, wanted) => {
    const text = await words(`${path}?tab=dependencies`)
    for (const one of wanted) expect(text).toContain(one)
  })

  test('what a script can do without is no warning', async () => {
    expect(await words('/scripts/3?tab=dependencies')).not.toContain('ujson')
  })

  test('a check shows what is newer, and is only made when it is asked for', async () => {
    expect(await words('/scripts/1?tab=dependencies')).not.toContain('Newest')
    expect(asked()).toEqual([])
    const text = await words('/scripts/1?tab=dependencies&check=1')
    for (const one of ['Newest', '9.9', 'There is a newer one', 'a 1.0 needs b']) expect(text).toContain(one)
  })

  test('a check tells what an update would bring from what the declaration does not allow', async () => {
    fake.packages.fake.views.set(1, viewOf({ state: 'ready', dependencies: [dependencyOf('a', '<12', '11.3')] }))
    const { dependencies } = fake.packages.fake
    const item = { ...dependencyOf('a', '<12', '11.3'), latest: '12.0' }
    const said = async (result: 'installed' | 'outdated' | 'missing', latest: string | null = '12.0') => {
      dependencies.check = async () => ({ items: [{ ...item, result, latest }], conflicts: [], problem: null })
      return words('/scripts/1?tab=dependencies&check=1')
    }
    expect(await said('installed')).toContain('Installed 12.0 is out, and not allowed by &lt;12')
    expect(await said('outdated')).toContain('There is a newer one Update brings 12.0')
    for (const text of [await said('installed', null), await said('missing')])
      expect(text).not.toMatch(/Update brings|is out, and/)
  })

  test.each<[string, Caller, string[], string[]]>([
    [
      'a viewer',
      viewer,
      ['psycopg2-binary', '2.9.9'],
      ['value="add"', 'value="update"', 'check=1', 'Variables that a run'],
    ],
    [
      'an operator',
      operator,
      ['psycopg2-binary'],
      ['value="add"', 'value="update"', 'check=1', 'Variables that a run'],
    ],
    ['an editor', callerWith('editor'), ['value="add"', 'value="update"', 'check=1', 'Variables that a run'], []],
  ])('for %s', async (_, who, there, not) => {
    fake.viewer = who
    const page = await shown('/scripts/1?tab=dependencies&check=1')
    for (const one of there) expect(page).toContain(one)
    for (const one of not) expect(page).not.toContain(one)
    if (who.role !== 'editor') expect(asked()).toEqual([])
  })

  test('an operator installs what is declared, a viewer does not', async () => {
    const button = 'action="/scripts/13/dependencies/install"'
    fake.viewer = operator
    expect(await shown('/scripts/13?tab=dependencies')).toContain(button)
    fake.viewer = viewer
    expect(await shown('/scripts/13?tab=dependencies')).not.toContain(button)
  })

  test.each<[string, Record<string, string>, string]>([
    ['add', { act: 'add', name: ' rich ', version: '>=13', scope: 'folder' }, 'add price-watch rich folder by anna'],
    ['remove', { act: 'remove', name: 'x' }, 'remove price-watch x script'],
    ['replace', { act: 'replace', text: 'x ^1\r\n\n# no\n@scope/name@^2\n@scope/plain' }, 'replace price-watch script'],
  ])('%s: it is done, and the page says so', async (_, body, line) => {
    fake.packages.fake.views.set(7, viewOf({ script_id: 7, runtime: 'js', dependencies: [dependencyOf('x')] }))
    const response = await post('/scripts/7/dependencies', body)
    const [location, said] =
      body.act === 'remove'
        ? ['/scripts/7?tab=dependencies&done=removed&gone=x&version=', 'It is not declared any more. Undo']
        : ['/scripts/7?tab=dependencies&done=saved', 'It is written down.']
    expect([response.status, response.headers.get('location')]).toEqual([303, location])
    expect(asked()).toEqual([line])
    expect(await words(location)).toContain(said)
    if (body.act === 'replace')
      expect(fake.packages.fake.views.get(7)!.dependencies).toMatchObject([
        { name: 'x', version: '^1' },
        { name: '@scope/name', version: '^2' },
        { name: '@scope/plain', version: '' },
      ])
  })

  test('lines of Python packages, with what they may have', async () => {
    const text = 'requests>=2.25,<3\nqrcode[pil] ==7.4\nrich\nwheel @ https://example.com/w.whl'
    await post('/scripts/5/dependencies', { act: 'replace', text })
    expect(fake.packages.fake.views.get(5)!.dependencies).toMatchObject([
      { name: 'requests', version: '>=2.25,<3' },
      { name: 'qrcode[pil]', version: '==7.4' },
      { name: 'rich', version: '' },
      { name: 'wheel', version: '@ https://example.com/w.whl' },
    ])
  })

  test.each<[Record<string, string>, number, string[]]>([
    [
      { act: 'add', name: '-r /etc/passwd', version: hostile },
      422,
      ['Is no name of a package.', 'aria-invalid="true"', 'value="-r /etc/passwd"'],
    ],
    [
      { act: 'replace', text: `fine\n${hostile}` },
      422,
      ['Nothing was changed', '<details open>', 'fine\n&lt;/textarea'],
    ],
    [{ act: 'remove', name: 'nope' }, 404, ['is not declared']],
    [{ act: 'explode' }, 422, ['must be add, remove, replace or update']],
  ])('%j is refused with what to do, and comes back as it was typed', async (body, status, wanted) => {
    const response = await post('/scripts/1/dependencies', body)
    const page = await response.text()
    expect(response.status).toBe(status)
    for (const one of wanted) expect(page).toContain(one)
    expect(page.includes('Nothing was changed')).toBe(body.act !== 'add') // what a field says is said once
    expect(page).not.toContain('<img src=x')
    expect(fake.reported).toEqual([])
  })

  test('install and update lead to the log, or back where there is nothing to do', async () => {
    const to = async (path: string, body: Record<string, string> = {}) =>
      (await post(path, body)).headers.get('location')
    expect(await to('/scripts/13/dependencies/install')).toBe('/dependencies/installations/3')
    expect(await to('/scripts/1/dependencies/install')).toBe('/scripts/1?tab=dependencies&done=ready')
    expect(await to('/scripts/1/dependencies', { act: 'update' })).toBe('/dependencies/installations/4')
    const refused = await post('/scripts/9/dependencies/install', {})
    expect(refused.status).toBe(422)
  })

  test.each([
    '/scripts/1/dependencies',
    '/scripts/1/dependencies/install',
    '/dependencies/packages',
    '/dependencies/cache',
  ])('another site cannot post to %s', async (path) => {
    const response = await post(path, { act: 'add', name: 'x' }, { 'sec-fetch-site': 'cross-site' })
    expect([response.status, asked()]).toEqual([403, []])
  })
})

describe('the page of a script says what is in the way', () => {
  test.each([
    ['installing', '/scripts/3', 'Its packages are being installed'],
    ['failed', '/scripts/4', 'Its packages could not be installed'],
    ['refused', '/scripts/9', 'What it declares is refused'],
    ['missing', '/scripts/13', 'Its packages are not installed yet'],
  ])('%s', async (_, path, wanted) => {
    expect(await words(path)).toContain(wanted)
    expect(await words(`${path}?tab=dependencies`)).not.toContain(wanted)
  })

  test('what nothing declares, unless it does without or it is there', async () => {
    const hint = { module: 'cv2', package: 'opencv-python', file: 'a.py', line: 1, is_found: false, is_optional: false }
    const note = async (change: object) => {
      fake.packages.fake.views.set(5, viewOf({ script_id: 5, hints: [{ ...hint, ...change }] }))
      return (await words('/scripts/5')).includes('It imports what nothing declares')
    }
    expect([await note({}), await note({ is_optional: true }), await note({ is_found: true })]).toEqual([
      true,
      false,
      false,
    ])
  })

  test('nothing, where it is ready', async () => {
    expect(await shown('/scripts/1')).toContain('<div id="packages-note" aria-live="polite"></div>')
  })
})

describe('a failed run names the module that it did not find', () => {
  const failed = (stderr: string) => fake.allRuns.push(run(70_000, 1, 'failed', { reason: 'It failed', stderr }))

  test('with one click to declare its package', async () => {
    failed("Traceback\nModuleNotFoundError: No module named 'cv2'\n")
    const page = await shown('/executions/70000')
    for (const one of ['action="/scripts/1/dependencies"', 'value="opencv-python"', '<code>cv2</code>'])
      expect(page).toContain(one)
    fake.viewer = operator
    expect(await shown('/executions/70000')).not.toContain('value="opencv-python"')
  })

  test('and nothing where it failed otherwise', async () => {
    failed('ValueError: no module named cv2 here\n')
    expect(await shown('/executions/70000')).not.toContain('It did not find')
  })
})

describe('all of them', () => {
  test('each script with its state, the global sets, the disk, the last installations', async () => {
    const text = await words('/dependencies')
    for (const one of [
      '6 scripts declare packages, 1 ready.',
      'resize_images 4 packages Installing',
      'Global, Python Ready',
      'For the 12 scripts that declare nothing themselves.',
      'requests &gt;=2.25 2.32.3',
      'Environments on disk 3',
      'resize_images , geocode_addresses , invoice_report and 2 more',
      'JavaScript, broken',
      'No version of left-pad',
    ])
      expect(text).toContain(one)
  })

  test('those that need somebody come first, and one state alone can be asked for', async () => {
    const names = async (path: string) =>
      [...(await shown(path)).matchAll(/<a href="\/scripts\/(\d+)\?tab=dependencies">/g)].map(([, id]) => Number(id))
    const rows = async (path: string) => (await names(path)).slice(0, 6)
    expect(await rows('/dependencies')).toEqual([16, 4, 9, 13, 3, 1])
    expect((await rows('/dependencies?state=failed')).slice(0, 2)).toEqual([16, 4])
    expect(await words('/dependencies?state=failed')).not.toContain('warehouse_vacuum')
    expect(await words('/dependencies?state=nonsense')).toContain('warehouse_vacuum')
    fake.packages.fake.views.delete(13)
    expect(await words('/dependencies?state=missing')).toContain('No script is in this state.')
  })

  test('a thousand are a hundred at a time', async () => {
    fake = createFake({ scripts: 1000 })
    for (const { id } of fake.scripts.list())
      fake.packages.fake.views.set(id, viewOf({ script_id: id, state: 'ready', dependencies: [dependencyOf('x')] }))
    const pageOf = async (query: string) => {
      const page = await shown(`/dependencies${query}`)
      const rows = page.slice(page.indexOf('id="declaring"'), page.indexOf('id="global-python"'))
      return { rows: rows.match(/<tr>/g)!.length - 1, said: /Page \d+ of \d+/.exec(rows)?.[0] }
    }
    const first = await pageOf('')
    const pages = Number(first.said?.split(' ').at(-1))
    expect(first).toEqual({ rows: 100, said: `Page 1 of ${pages}` })
    expect(pages).toBeGreaterThan(9)
    expect((await pageOf(`?page=${pages + 5}`)).said).toBe(`Page ${pages} of ${pages}`)
    expect((await pageOf('?page=-1')).said).toBe(first.said)
    expect(await shown('/dependencies?state=ready&page=2')).toContain('href="/dependencies?state=ready&amp;page=3"')
  })

  test.each([
    ['missing', 'Install', 'The index broke off.', false],
    ['failed', 'Try again', 'The index broke off.', true],
    ['ready', null, 'The index broke off.', false],
  ] as const)(
    'a global set that is %s has its state, its reason, its last installation and a button',
    async (state, word, reason, isTold) => {
      const { begin, end, globals } = fake.packages.fake
      const { id } = begin({ script_id: null, file: 'requirements.txt' }, [])
      const installation = end(id, 'failed', reason)
      globals.python = { ...globals.python, state, reason, installation }
      const page = await shown('/dependencies')
      const panel = page.slice(page.indexOf('id="global-python"'), page.indexOf('id="global-js"'))
      expect(panel).toContain(`href="/dependencies/installations/${id}"`)
      expect(panel.includes(reason)).toBe(isTold)
      expect(/value="install".*?<\/svg>\s*<span>(.*?)<\/span>/s.exec(panel)?.[1]?.trim() ?? null).toBe(word)
      fake.viewer = viewer
      expect(await shown('/dependencies')).not.toContain('value="install"')
    },
  )

  test('nothing at all is said in words', async () => {
    fake.packages.fake.views.clear()
    fake.packages.fake.cache.entries = []
    const text = await words('/dependencies')
    for (const one of ['No script declares packages.', 'Nothing is declared yet', 'There are none yet.'])
      expect(text).toContain(one)
    expect(text).not.toContain('Install what is missing')
  })

  test.each<[string, Caller, string[], string[]]>([
    ['a viewer', viewer, ['resize_images'], ['Environments on disk', 'Install what is missing', 'value="remove"']],
    ['an operator', operator, ['Environments on disk', 'Install what is missing'], ['Clean up', 'Update all']],
    ['an editor', callerWith('editor', { seesAll: true }), ['Update all', 'value="remove"'], ['Clean up']],
    ['an administrator', callerWith('admin'), ['Clean up', 'value="remove"'], []],
  ])('for %s', async (_, who, there, not) => {
    fake.viewer = who
    const page = await shown('/dependencies')
    for (const one of there) expect(page).toContain(one)
    for (const one of not) expect(page).not.toContain(one)
  })

  test('what one may not see is not in it', async () => {
    fake.viewer = callerWith(null, { may: (_, { id }) => id === 1 })
    const page = await shown('/dependencies')
    expect(page).toContain('nightly_backup')
    expect(page).not.toMatch(/resize_images|sync_crm|left-pad/)
  })

  test('what is missing is installed, and the page says how many', async () => {
    const response = await post('/dependencies/install', { act: 'install' })
    expect(response.headers.get('location')).toBe('/dependencies?begun=4&refused=1')
    expect(await words('/dependencies?begun=4&refused=1')).toContain('4 scripts are being seen to. 1 could not be')
    expect(asked().every((line) => line.startsWith('install') && !line.includes('update'))).toBeTrue()
  })

  test.each<[Record<string, string>, string, string]>([
    [
      { act: 'add', runtime: 'python', name: 'rich' },
      '/dependencies?done=saved#global-python',
      'addGlobal python rich',
    ],
    [
      { act: 'remove', runtime: 'python', name: 'requests' },
      '/dependencies?done=removed&runtime=python&gone=requests&version=%3E%3D2.25',
      'removeGlobal python requests',
    ],
    [{ act: 'install', runtime: 'js' }, '/dependencies/installations/3', 'addGlobal js '],
  ])('global packages: %j', async (body, location, line) => {
    const response = await post('/dependencies/packages', body)
    expect([response.headers.get('location'), asked()]).toEqual([location, [line]])
  })

  test.each([
    ['/dependencies?done=removed&runtime=python&gone=%3Cb%3E&version=%3E1', 'name="runtime" value="python"'],
    ['/scripts/13?tab=dependencies&done=removed&gone=%3Cb%3E&version=%3E1', 'action="/scripts/13/dependencies"'],
  ])('what was removed is declared again from %s', async (path, where) => {
    const note = /not declared any more.*?<\/form>/s.exec(await shown(path))![0]
    for (const part of [
      where,
      'name="act" value="add"',
      'name="name" value="&lt;b&gt;"',
      'name="version" value="&gt;1"',
    ])
      expect(note).toContain(part)
  })

  test.each<[Record<string, string>, number, string]>([
    [{ act: 'add', runtime: 'js', name: 'no such name' }, 422, 'value="no such name"'],
    [{ act: 'remove', runtime: 'python', name: 'nope' }, 404, 'is not declared'],
    [{ act: 'add', runtime: 'ruby', name: 'rails' }, 422, 'must be python or js'],
    [{ runtime: 'js' }, 422, 'must be add, remove or install'],
  ])('global packages: %j is refused', async (body, status, wanted) => {
    const response = await post('/dependencies/packages', body)
    expect([response.status, (await response.text()).includes(wanted)]).toEqual([status, true])
  })

  test.each<[Record<string, string>, string]>([
    [{ older_than_days: '' }, 'cleanup {"downloads":false}'],
    [{ older_than_days: '0', downloads: '1' }, 'cleanup {"older_than_days":0,"downloads":true}'],
    [{ environment: 'dddd4444' }, 'cleanup {"environments":["dddd4444"]}'],
  ])('a clean-up of %j', async (body, line) => {
    const response = await post('/dependencies/cache', body)
    expect(response.headers.get('location')).toBe('/dependencies?removed=1&bytes=4096&in_use=0#cache')
    expect(asked()).toEqual([line])
    expect(await words('/dependencies?removed=1&bytes=4096&in_use=2')).toContain(
      'One environment is gone, 4 KiB are free. 2 stayed',
    )
  })

  test('days that are none are refused', async () => {
    expect((await post('/dependencies/cache', { older_than_days: '-1' })).status).toBe(422)
    expect(asked()).toEqual([])
  })
})

describe('an installation', () => {
  test.each<[number, string[]]>([
    [
      running,
      [
        'Packages of resize_images',
        'Running',
        'Stop',
        'Asked for by anna',
        'Collecting pillow',
        'python/images/requirements.txt',
      ],
    ],
    [ended, ['Packages of sync_crm', 'Failed', 'Install again', 'Renews the lock', 'No version of left-pad fits']],
  ])('%d', async (id, wanted) => {
    const text = await words(`/dependencies/installations/${id}`)
    for (const one of wanted) expect(text).toContain(one)
  })

  test('one that is of no script that one sees', async () => {
    const { id } = fake.packages.fake.begin({ script_id: null, file: 'package.json', runtime: 'js' }, [5])
    fake.packages.fake.end(id, 'success')
    const page = await shown(`/dependencies/installations/${id}`)
    for (const one of ['JavaScript packages', 'action="/dependencies/packages"', 'value="js"'])
      expect(page).toContain(one)
    fake.viewer = viewer
    expect(await shown(`/dependencies/installations/${id}`)).not.toContain('Install again')
  })

  test('its pieces come together', async () => {
    const text = await shown(`/fragments/installations/${running}`)
    for (const id of ['run-status', 'run-actions', 'run-facts', 'run-note', 'run-details'])
      expect(text).toContain(`hx-target="#${id}"`)
  })

  test('it is stopped; one that has ended stays as it is', async () => {
    const { installations } = fake.packages.fake.dependencies
    for (const id of [running, ended])
      expect((await post(`/dependencies/installations/${id}/cancel`, {})).headers.get('location')).toBe(
        `/dependencies/installations/${id}`,
      )
    expect([installations.get(running).status, installations.get(ended).status]).toEqual(['cancelled', 'failed'])
    fake.viewer = viewer
    const { id } = fake.packages.fake.begin({}, [1])
    expect(await words(`/dependencies/installations/${id}`)).not.toContain('Stop')
  })

  test.each(['4711', '0', 'x', '1e3'])('%s is not there', async (id) => {
    expect((await get(`/dependencies/installations/${id}`)).status).toBe(404)
  })
})

test('whatever a name, a reason or a file is, it stays text', async () => {
  const { begin, end, say, cache } = fake.packages.fake
  const { id } = begin(
    {
      script_id: 16,
      file: hostile,
      requirements: [hostile],
      started_by: hostile,
      packages: [{ name: hostile, version: hostile }],
      environment: hostile,
    },
    [16],
  )
  say(id, hostile)
  end(id, 'failed', hostile)
  cache.entries = [cacheEntryOf({ environment: hostile, requirements: [hostile], used_by: [16] })]
  for (const path of [
    '/dependencies',
    '/scripts/16',
    '/scripts/16?tab=dependencies&check=1',
    `/scripts/16?tab=dependencies&package=${encodeURIComponent(hostile)}&version=${encodeURIComponent(hostile)}`,
    `/dependencies/installations/${id}`,
    `/fragments/installations/${id}`,
  ]) {
    const page = await shown(path)
    expect(page).toContain('&lt;img src=x')
    expect(page).not.toContain('<img src=x')
    expect(page).not.toMatch(/value="[^"]*<\/textarea/)
  }
})
