/** Whether the gateway lives, is ready, and how it does: for probes, Prometheus and the pages. */
import { Elysia, type TSchema, t } from 'elysia'
import type { HostReport } from '../host.ts'
import { callerOf, forRole, open, openBeforeSetup } from '../http/caller.ts'
import type { Notifications } from '../notify/view-model.ts'
import type { Runs } from '../runs/runs.ts'
import type { Schedules } from '../schedules/view-model.ts'
import { type finishedCounter, gauge } from './metrics.ts'

interface SystemDeps {
  runs: Runs
  /** Scripts by state. */
  scriptCounts(): Record<string, number>
  version: string
  startedAt: number
  isReady(): boolean
  /** What the host grants, and how its disk is. */
  host(): HostReport & { disk: object }
  finished: ReturnType<typeof finishedCounter>
  schedules: Pick<Schedules, 'status'>
  notifications: Pick<Notifications, 'deliveries'>
}

const health = t.Object({ status: t.Literal('ok') })

const readiness = t.Partial(
  t.Object({
    status: t.Union([t.Literal('ready'), t.Literal('starting'), t.Literal('stopping')]),
    version: t.String(),
    scripts: t.Record(t.String(), t.Integer(), { description: 'How many there are in each state' }),
    running: t.Integer({ description: 'Runs whose process is alive' }),
    queued: t.Integer({ description: 'Runs that wait for a slot' }),
    isolation: t.Object({
      level: t.String({ description: 'bwrap, landlock or plain' }),
      reasons: t.Array(t.String(), { description: 'Why no better level is in force' }),
      enforces: t.Array(t.String()),
      user: t.String({ description: 'Whom scripts run as' }),
      required: t.Boolean({ description: 'REQUIRE_ISOLATION' }),
    }),
    limits: t.Object({
      level: t.Union([t.Literal('cgroup v2'), t.Null()]),
      controllers: t.Array(t.String()),
      reason: t.Union([t.String(), t.Null()], { description: 'Why there are no cgroups' }),
      otherwise: t.String({ description: 'What holds the limits beside them' }),
    }),
    disk: t.Object({}, { additionalProperties: true }),
  }),
  { title: 'Readiness' },
)

const json = (description: string, schema: TSchema) => ({ description, content: { 'application/json': { schema } } })

export function systemRoutes(deps: SystemDeps) {
  const { runs, scriptCounts, version, startedAt, isReady, host, finished, schedules, notifications } = deps
  return new Elysia({ tags: ['System'] })
    .get('/health', () => ({ status: 'ok' }), {
      ...openBeforeSetup,
      detail: { summary: 'Liveness: the process answers', responses: { 200: json('It lives', health) } },
    })
    .get(
      '/ready',
      ({ set, request }) => {
        const ready = isReady()
        set.status = ready ? 200 : 503
        if (!ready) set.headers['retry-after'] = '2'
        const status = ready ? 'ready' : runs.isStopping() ? 'stopping' : 'starting'
        if (!callerOf(request).is('viewer')) return { status } // a probe needs no more
        return {
          status,
          version,
          scripts: scriptCounts(),
          ...runs.counts(),
          ...host(),
        }
      },
      {
        ...open,
        detail: {
          summary: 'Readiness: scripts are scanned and runs are accepted',
          description: 'Who is not known, or is not at least a viewer, is told the status alone.',
          responses: { 200: json('Ready', readiness), 503: json('Not yet; see `Retry-After`', readiness) },
        },
      },
    )
    .get(
      '/metrics',
      () => new Response(metricsText(), { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } }),
      {
        ...forRole('viewer'),
        detail: {
          summary: 'Prometheus metrics',
          responses: { 200: { description: 'Text format', content: { 'text/plain': { schema: { type: 'string' } } } } },
        },
      },
    )

  function metricsText() {
    const { running, queued } = runs.counts()
    const { active, broken, missed, is_scheduling } = schedules.status({})
    const waiting = notifications.deliveries({ state: 'pending' }, { limit: 1, offset: 0 }).total
    return [
      gauge('scriptgateway_runs_running', 'Runs whose process is alive.', [['', running]]),
      gauge('scriptgateway_runs_queued', 'Runs that wait for a slot.', [['', queued]]),
      gauge(
        'scriptgateway_scripts',
        'Scripts by state.',
        Object.entries(scriptCounts()).map(([state, n]) => [`state="${state}"`, n]),
      ),
      gauge('scriptgateway_schedules', 'Schedules that are not paused, by state.', [
        ['state="active"', active],
        ['state="broken"', broken],
      ]),
      gauge('scriptgateway_schedules_missed', 'Times of schedules that were missed, and that nobody has seen.', [
        ['', missed],
      ]),
      gauge('scriptgateway_scheduling', '1 when this gateway starts what is due, 0 when another one does.', [
        ['', Number(is_scheduling)],
      ]),
      gauge('scriptgateway_deliveries_pending', 'Notifications that are to be sent, or to be tried again.', [
        ['', waiting],
      ]),
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
