/** The history that pages look through, out of runs that are only made up. */
import type { PageDeps } from '../../src/pages/deps.ts'
import type { Run } from '../../src/runs/model.ts'
import { outcomes } from '../../src/runs/stats.ts'

type Members = Pick<PageDeps['runs'], 'search' | 'askers' | 'newestId' | 'stats' | 'batch' | 'comesBack' | 'bringBack'>

export interface FakeHistory extends Members {
  /** What one act on many was asked. */
  batches: [string, number[]][]
}

export function fakeHistory(allRuns: Run[], now: number): FakeHistory {
  const batches: [string, number[]][] = []
  const deleted: Run[] = []
  return {
    batches,
    search(
      { order, scriptId, statuses, trigger, askedBy, from: since, to, text, isLastAttempt },
      { from, isBack, count },
    ) {
      const isDown = (order !== 'oldest') !== isBack
      const rank = (run: Run) => (order === 'longest' ? (run.duration_ms ?? 0) : 0)
      const compare = (a: Run, b: Run) => (isDown ? -1 : 1) * (rank(a) - rank(b) || a.id - b.id)
      const place = from && ({ id: from.id, duration_ms: from.ms ?? 0 } as Run)
      const found = allRuns
        .filter(
          (run) =>
            (order !== 'longest' || run.duration_ms !== null) &&
            (scriptId === undefined || run.script_id === scriptId) &&
            (!statuses?.length || statuses.includes(run.status)) &&
            (trigger === undefined || run.trigger === trigger) &&
            (askedBy === undefined || run.asked_by === askedBy) &&
            (since === undefined || Date.parse(run.queued_at) >= since) &&
            (to === undefined || Date.parse(run.queued_at) <= to) &&
            (!text || run.stderr.includes(text.q) || text.scriptIds.includes(run.script_id)) &&
            (!isLastAttempt || run.next_attempt_id === null),
        )
        .sort(compare)
        .filter((run) => !place || compare(run, place) > 0)
      const page = found.slice(0, count)
      const last = page.at(-1)
      const next = found.length > count && last ? { id: last.id, ...(order === 'longest' && { ms: rank(last) }) } : null
      return { items: isBack ? page.reverse() : page, next, isPartial: false }
    },
    askers: () => [...new Set(allRuns.flatMap(({ asked_by }) => asked_by ?? []))].sort(),
    newestId: () => Math.max(0, ...allRuns.map(({ id }) => id)),
    stats({ from, to, scriptId }) {
      const stepMs = to - from <= 2 * 86_400_000 ? 3_600_000 : 86_400_000
      const first = Math.floor(from / stepMs) * stepMs
      const steps = Array.from({ length: Math.max(1, Math.ceil((to - first) / stepMs)) }, (_, i) => ({
        ...{ at: first + i * stepMs, success: 40 + ((i * 37) % 60), failed: i % 5 === 3 ? 4 + (i % 9) : 0 },
        ...{ timeout: i % 11 === 5 ? 2 : 0, cancelled: i % 7 === 2 ? 1 : 0, killed: i % 13 === 9 ? 3 : 0 },
        interrupted: i === 10 ? 6 : 0,
      }))
      const total = Object.fromEntries(
        outcomes.map((name) => [name, steps.reduce((sum, step) => sum + step[name], 0)]),
      ) as Record<(typeof outcomes)[number], number>
      const ids = scriptId === undefined ? [9, 2, 5, 16, 1, 7] : [scriptId]
      return {
        ...{ from: first, to: first + steps.length * stepMs, stepMs, total, steps },
        durations:
          scriptId === undefined
            ? []
            : steps.map(({ at }, i) => ({
                ...{ at, runs: i % 6 === 4 ? 0 : 12 },
                ...(i % 6 === 4
                  ? { p50: null, p95: null }
                  : { p50: 4000 + (i % 3) * 300, p95: 15_000 + ((i * 7) % 20) * 1000 }),
              })),
        scripts: ids.map((id, i) => ({
          ...{
            scriptId: id,
            totalMs: 9_000_000 / (i + 1),
            runs: 300 - 40 * i,
            p50: 61_000 / (i + 1) ** 2,
            p95: 190_000 / (i + 1),
          },
        })),
      }
    },
    async batch(action, ids) {
      batches.push([action, ids])
      return ids.map((id) => {
        const run = allRuns.find((one) => one.id === id)
        const isOver = run?.finished_at !== null
        const refuse = (message: string) => ({ id, ok: false as const, error: { type: 'conflict', message } })
        if (!run) return refuse(`There is no run ${id}.`)
        if (action === 'rerun') return { id, ok: true as const, run_id: id + 1000 }
        if ((action === 'delete') !== isOver)
          return refuse(isOver ? `Run ${id} has ended already.` : `Run ${id} has not ended: cancel it first.`)
        if (action === 'delete') deleted.push(...allRuns.splice(allRuns.indexOf(run), 1))
        else Object.assign(run, { status: 'cancelled', finished_at: new Date(now).toISOString() })
        return { id, ok: true as const }
      })
    },
    comesBack: (id) => deleted.some((one) => one.id === id),
    bringBack: async (ids) =>
      ids.map((id) => {
        const [run] = deleted.splice(deleted.findIndex((one) => one.id === id) >>> 0, 1)
        if (run) allRuns.push(run)
        const error = { type: 'conflict', message: `Run ${id} cannot be brought back: it was deleted too long ago.` }
        return run ? { id, ok: true } : { id, ok: false, error }
      }),
  }
}
