/** Scripts that will not go: whatever they start and however they hide it, their run ends truthfully and with all of it. */
import { describe, expect, test } from 'bun:test'
import { pythonScript } from '../harness/app.ts'
import { alive, begin, goneWith, printed, startAtEachLevel } from './hostile-lab.ts'

const params = { token: { type: 'str' }, how: { type: 'str', default: 'wait' } }

/** Starts a child in each way there is to get away, and then ends as it is told. */
const tree = pythonScript(
  params,
  `import signal, subprocess
token, quiet = args["token"], {"stdin": -3, "stdout": -3, "stderr": -3}
def daemon(environment):
    if os.fork(): return
    os.setsid()
    if os.fork(): os._exit(0)
    for fd in (0, 1, 2): os.dup2(os.open("/dev/null", os.O_RDWR), fd)
    os.execve("/bin/sleep", ["sleep", token], environment)
subprocess.Popen(["sleep", token])
subprocess.Popen(["sleep", token], **quiet, start_new_session=True)
subprocess.Popen(["sleep", token], **quiet, start_new_session=True, env={})
daemon(os.environ)
daemon({})
ignoring = lambda: [signal.signal(one, signal.SIG_IGN) for one in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)]
subprocess.Popen(["sleep", token], preexec_fn=ignoring)
how = args["how"]
if how == "ignore": ignoring()
if how != "leave at once": time.sleep(0.4)
print("up", flush=True)
if how.startswith("leave"): os._exit(0)
if how == "kill the group": os.killpg(0, signal.SIGKILL)
if how == "stop": os.kill(os.getpid(), signal.SIGSTOP)
time.sleep(60)`,
)

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
    expect(alive(token).length).toBeGreaterThanOrEqual(7)
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
