/** The events of a run, against a run that does only what the test says. */
import { expect, test } from 'bun:test'
import { type Follow, type FollowEvent, followLog, isDelivered } from '../../src/logs/follow.ts'
import type { LogLine, Run } from '../../src/runs/model.ts'

function scripted() {
  const lines: LogLine[] = []
  const listeners = new Set<() => void>()
  const finished = Promise.withResolvers<Run>()
  const run = { id: 1, status: 'running', started_at: 'then', result: null } as unknown as Run
  let isClosed = false
  const tell = () => {
    for (const listener of listeners) listener()
  }
  const follow: Follow<Run> = {
    run: () => run,
    cursor: (seq) => {
      let at = seq
      return {
        next(linesMax) {
          const found = lines.filter((line) => line.seq > at).slice(0, linesMax)
          at = found.at(-1)?.seq ?? at
          return found
        },
      }
    },
    segments: async () => [],
    isLogClosed: () => isClosed,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    finished: finished.promise,
  }
  return {
    follow,
    listeners,
    print(text: string) {
      lines.push({ seq: lines.length + 1, stream: 'stdout', ts: 'now', line: text })
      tell()
    },
    end(status: Run['status']) {
      isClosed = true
      run.status = status
      tell()
      finished.resolve(run)
    },
  }
}

const names = (events: (FollowEvent | null)[]) =>
  events.map((event) => (event ? `${event.id} ${event.event}` : 'heartbeat'))

async function collect(events: AsyncGenerator<FollowEvent | null>): Promise<(FollowEvent | null)[]> {
  const all: (FollowEvent | null)[] = []
  for await (const event of events) all.push(event)
  return all
}

const calm = { heartbeatMs: 10_000, signal: new AbortController().signal }

test('silence is filled with heartbeats', async () => {
  const { follow } = scripted()
  const events = followLog(follow, null, { heartbeatMs: 1, signal: calm.signal })
  const first = [await events.next(), await events.next(), await events.next()].map(({ value }) => value ?? null)
  expect(names(first)).toEqual(['0 execution_started', 'heartbeat', 'heartbeat'])
  await events.return(undefined)
})

test.each<[string | null, Run['status'], string[]]>([
  [null, 'success', ['0 execution_started', '2 log_output', '2.end execution_finished']],
  [null, 'failed', ['0 execution_started', '2 log_output', '2.error execution_error', '2.end execution_finished']],
  ['0', 'success', ['2 log_output', '2.end execution_finished']],
  ['1', 'failed', ['2 log_output', '2.error execution_error', '2.end execution_finished']],
  ['2', 'success', ['2.end execution_finished']],
  ['2.error', 'failed', ['2.end execution_finished']],
])('after %p, a run that ended as %s: %p', async (after, status, expected) => {
  const { follow, print, end } = scripted()
  print('one')
  print('two')
  end(status)
  expect(names(await collect(followLog(follow, after, calm)))).toEqual(expected)
})

test('who leaves is gone at once, and nothing listens for him any more', async () => {
  const { follow, listeners } = scripted()
  const gone = new AbortController()
  const events = followLog(follow, null, { heartbeatMs: 10_000, signal: gone.signal })
  await events.next()
  const waiting = events.next()
  gone.abort()
  expect((await waiting).done).toBe(true)
  expect(listeners.size).toBe(0)
})

test('only the very last id means that there is no more', () => {
  expect(['7', '7.error', '0', ''].map(isDelivered)).toEqual([false, false, false, false])
  expect(isDelivered('7.end')).toBe(true)
})
