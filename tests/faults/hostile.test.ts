/** Scripts that will not go: whatever they start and however they hide it, their run ends truthfully and with all of it. */
import { describe, expect, test } from 'bun:test'
import { alive, begin, goneWith, printed, startAtEachLevel } from './hostile-lab.ts'
import { childrenOfTree, tree } from './hostile-tree.ts'

const gateways = await startAtEachLevel({
  'python/tree.py': tree,
  'python/short.py': tree,
  'python/.short.policy.json': '{"limits": {"timeout_min": 0.02}}',
})

describe.each(gateways)('%s: a tree', (_, gateway) => {
  const endOf = async (script: string, how: string) => {
    const { id, token } = await begin(gateway, script, { how })
    return { run: await gateway.finished(id), token }
  }

  test('that ignores TERM is cancelled: gone with all it started right after the grace', async () => {
    const { id, token } = await begin(gateway, 'tree', { how: 'ignore' })
    await printed(gateway, id, 'up')
    expect(alive(token).length).toBeGreaterThan(childrenOfTree)
    const from = performance.now()
    await gateway.json(`/api/runs/${id}/cancel`, { method: 'POST' })
    await goneWith(token)
    expect(performance.now() - from).toBeLessThan(1500) // of which 200 are the grace
    expect(await gateway.finished(id)).toMatchObject({ status: 'cancelled', signal: 'SIGKILL', exit_code: null })
  })

  test.each([
    ['is stopped at its time limit', 'short', 'wait', { status: 'timeout', error: { type: 'timeout' } }],
    ['that ignores TERM is stopped at its time limit', 'short', 'ignore', { status: 'timeout', signal: 'SIGKILL' }],
    ['that stopped itself is stopped at its time limit', 'short', 'stop', { status: 'timeout', signal: 'SIGKILL' }],
    ['is left behind by a script that ends well', 'tree', 'leave', { status: 'success', exit_code: 0 }],
    ['is left behind before anybody looked', 'tree', 'leave at once', { status: 'success', exit_code: 0 }],
    ['kills its own group', 'tree', 'kill the group', { status: 'failed', signal: 'SIGKILL' }],
  ])('%s', async (_, script, how, expected) => {
    const { run, token } = await endOf(script, how)
    expect(run).toMatchObject(expected)
    await goneWith(token, 3000)
  })
})
