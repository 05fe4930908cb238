/** Whether the gateway lives, is ready, and how it does: for probes, Prometheus and the pages. */
import { Elysia } from 'elysia'
import type { Runs } from '../runs/runs.ts'
import { type finishedCounter, gauge } from './metrics.ts'

interface SystemDeps {
  runs: Runs
  /** Scripts by state. */
  scriptCounts(): Record<string, number>
  version: string
  startedAt: number
  isReady(): boolean
  finished: ReturnType<typeof finishedCounter>
}

export function systemRoutes({ runs, scriptCounts, version, startedAt, isReady, finished }: SystemDeps) {
  return new Elysia({ tags: ['System'] })
    .get('/health', () => ({ status: 'ok' }), { detail: { summary: 'Liveness: the process answers' } })
    .get(
      '/ready',
      ({ set }) => {
        const ready = isReady()
        set.status = ready ? 200 : 503
        if (!ready) set.headers['retry-after'] = '2'
        return { status: ready ? 'ready' : 'starting', version, scripts: scriptCounts(), ...runs.counts() }
      },
      { detail: { summary: 'Readiness: scripts are scanned and runs are accepted' } },
    )
    .get(
      '/metrics',
      () => new Response(metricsText(), { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } }),
      {
        detail: {
          summary: 'Prometheus metrics',
          responses: { 200: { description: 'Text format', content: { 'text/plain': { schema: { type: 'string' } } } } },
        },
      },
    )

  function metricsText() {
    const { running, queued } = runs.counts()
    return [
      gauge('scriptgateway_runs_running', 'Runs whose process is alive.', [['', running]]),
      gauge('scriptgateway_runs_queued', 'Runs that wait for a slot.', [['', queued]]),
      gauge(
        'scriptgateway_scripts',
        'Scripts by state.',
        Object.entries(scriptCounts()).map(([state, n]) => [`state="${state}"`, n]),
      ),
      gauge('scriptgateway_resident_memory_bytes', 'Resident memory of the gateway itself.', [
        ['', process.memoryUsage.rss()],
      ]),
      gauge('scriptgateway_start_time_seconds', 'When the gateway started, seconds since 1970.', [
        ['', startedAt / 1000],
      ]),
      finished.text(),
    ].join('')
  }
}
