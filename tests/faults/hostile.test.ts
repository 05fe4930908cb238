/** Scripts that will not go: whatever they start and however they hide it, their run ends truthfully and with all of it. */
import { expect, test } from 'bun:test'
import { alive, atEach, begin, goneWith, printed, startAtEachLevel } from './hostile-lab.ts'
import { childrenOfTree, tree } from './hostile-tree.ts'

const gateways = await startAtEachLevel({
  ...tree('python/tree.py'),
  ...tree('python/short.py'),
  'python/.short.policy.json': '{"limits": {"timeout_min": 0.02}}',
})

test('a tree that ignores TERM is cancelled: gone with all it started right after the grace', () =>
  atEach(gateways, async (gateway) => {
    const { id, token } = await begin(gateway, 'tree', { how: 'ignore' })
    await printed(gateway, id, 'up')
    expect(alive(token).length).toBeGreaterThan(childrenOfTree)
    const from = performance.now()
    await gateway.json(`/api/runs/${id}/cancel`, { method: 'POST' })
    await goneWith(token)
    expect(performance.now() - from).toBeLessThan(2000) // of which 200 are the grace
    expect(await gateway.finished(id)).toMatchObject({ status: 'cancelled', signal: 'SIGKILL', exit_code: null })
  }))

test.each([
  ['is stopped at its time limit', 'short', 'wait', { status: 'timeout', error: { type: 'timeout' } }],
  ['that ignores TERM is stopped at its time limit', 'short', 'ignore', { status: 'timeout', signal: 'SIGKILL' }],
  ['that stopped itself is stopped at its time limit', 'short', 'stop', { status: 'timeout', signal: 'SIGKILL' }],
  ['is left behind by a script that ends well', 'tree', 'leave', { status: 'success', exit_code: 0 }],
  ['is left behind before anybody looked', 'tree', 'leave at once', { status: 'success', exit_code: 0 }],
  ['kills its own group', 'tree', 'kill the group', { status: 'failed', signal: 'SIGKILL' }],
])('a tree %s', (_, script, how, expected) =>
  atEach(gateways, async (gateway) => {
    const { id, token } = await begin(gateway, script, { how })
    expect(await gateway.finished(id)).toMatchObject(expected)
    await goneWith(token, 3000)
  }),
)
