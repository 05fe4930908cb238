/** Scripts that end by a signal: what their reason says, and that it blames nobody without knowing. */
import { expect, test } from 'bun:test'
import type { Run } from '../../src/runs/model.ts'
import { hintFor } from '../../src/runs/signal-words.ts'
import { pythonScript, startApp } from '../harness/app.ts'

const gateway = await startApp({
  'python/dies.py': pythonScript(
    { name: { type: 'str' } },
    'import signal\nos.kill(os.getpid(), getattr(signal, args["name"]))\ntime.sleep(10)',
  ),
})

const ends: [signal: string, words: RegExp][] = [
  ['SIGKILL', /by SIGKILL, sent by something outside the gateway, often the system when memory runs out\.$/],
  ['SIGTERM', /by SIGTERM, sent by something outside the gateway\.$/],
  ['SIGABRT', /by SIGABRT: the program gave up by itself/],
  ['SIGSEGV', /by SIGSEGV: the program itself crashed/],
  ['SIGBUS', /by SIGBUS: the program itself crashed/],
  ['SIGSYS', /by SIGSYS, since it made a system call that no script may make\.$/],
  ['SIGUSR1', /by SIGUSR1\.$/],
]
test.each(ends)('%s', async (signal, words) => {
  const { body } = await gateway.json<{ run_id: number }>(`/api/scripts/dies/run?name=${signal}`)
  const run = await gateway.json<Run>(`/api/runs/${body.run_id}`)
  expect(run.body).toMatchObject({ status: 'failed', signal, exit_code: null, reason: expect.stringMatching(words) })
})

test('a signal that is not in the table has only its name', () => expect(hintFor('SIGWINCH')).toBe(''))
