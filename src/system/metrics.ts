/** Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/). */
import { isFinished, type RunStatus } from '../runs/model.ts'

type Sample = [labels: string, value: number]

const metric = (type: string, name: string, help: string, samples: Sample[]) =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map(([labels, value]) => `${name}${labels && `{${labels}}`} ${value}\n`).join('')}`

export const gauge = (name: string, help: string, samples: Sample[]) => metric('gauge', name, help, samples)

/** Counts the ends of runs since the gateway started. */
export function finishedCounter() {
  const counts = new Map<RunStatus, number>()
  return {
    count(status: RunStatus) {
      if (isFinished(status)) counts.set(status, (counts.get(status) ?? 0) + 1)
    },
    text: () =>
      metric(
        'counter',
        'scriptgateway_runs_finished_total',
        'Runs that ended since the gateway started, by how.',
        [...counts].map(([status, n]) => [`status="${status}"`, n]),
      ),
  }
}
