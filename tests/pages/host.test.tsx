/** The panel that says what this host grants. */
import { expect, test } from 'bun:test'
import type { HostReport } from '../../src/host.ts'
import { HostPanel } from '../../views/host.tsx'
import { fakeHost } from './fake.ts'

type Isolation = HostReport['isolation']
const shown = (isolation: Partial<Isolation>, limits: Partial<HostReport['limits']> = {}) =>
  String(<HostPanel isolation={{ ...fakeHost.isolation, ...isolation }} limits={{ ...fakeHost.limits, ...limits }} />)

test.each<[what: string, html: string, says: string[], silent: string[]]>([
  [
    'Landlock',
    shown({}),
    ['Landlock', 'a user for each script', 'users 50000', 'apt install bubblewrap'],
    ['not confined'],
  ],
  [
    'none',
    shown({ level: 'plain', enforces: [] }),
    ['Scripts are not confined on this host', 'permissions of policies are not'],
    [],
  ],
  [
    'cgroups',
    shown({ reasons: [] }, { level: 'cgroup v2', controllers: ['memory', 'pids'], reason: null }),
    ['cgroup v2 (memory, pids)'],
    ['Why not better'],
  ],
  ['words of the host, escaped', shown({ reasons: ['<b>no</b>'] }), ['&lt;b&gt;no&lt;/b&gt;'], ['<b>no']],
])('%s', (_, html, says, silent) => {
  for (const text of says) expect(html).toContain(text)
  for (const text of silent) expect(html).not.toContain(text)
})
