/** How long runs took: of the scripts that took most time, or of one over time. */
import { count } from '../public/js/format.js'
import {
  Axis,
  Grid,
  height,
  length,
  momentOf,
  niceTop,
  num,
  Scale,
  shortLength,
  ticks,
  timeSteps,
  width,
} from './executions-axes.tsx'
import type { ChartsProps } from './executions-charts.tsx'
import { plural, t } from './texts.ts'

/** Of all scripts: those that took most time. */
export const DurationBars = ({ scripts, range }: ChartsProps) => {
  const longest = Math.max(1, ...scripts.map(({ p95 }) => p95 ?? 0))
  return (
    <section class="panel only-wide" aria-labelledby="h-durations">
      <header>
        <h2 id="h-durations">{t('Duration')}</h2>
        <ul class="legend push">
          <li class="is-p50" title={t('Half of the runs took no longer')}>
            p50
          </li>
          <li title={t('95 of 100 runs took no longer')}>p95</li>
        </ul>
      </header>
      {scripts.length === 0 ? (
        <p class="chart-none">{t('Nothing has a duration in this time.')}</p>
      ) : (
        <table class="lengths">
          <caption class="sr">{t('The scripts that took most time: {range}', { range })}</caption>
          <thead class="sr">
            <tr>
              <th>{t('Script')}</th>
              <th>p50</th>
              <th>p95</th>
            </tr>
          </thead>
          <tbody>
            {scripts.map(({ name, href, runs, p50, p95 }) => (
              <tr title={plural(runs, '1 run', '{n} runs')}>
                <td>
                  <a href={href} safe>
                    {name}
                  </a>
                  <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="p95" width={num((100 * (p95 ?? 0)) / longest)} height="4" />
                    <rect class="p50" width={num((100 * (p50 ?? 0)) / longest)} height="4" />
                  </svg>
                </td>
                <td class="n">{length(p50) as 'safe'}</td>
                <td class="n muted">{length(p95) as 'safe'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

/** Of one script, over time. */
export const DurationLines = ({ durations, scripts, stepMs }: ChartsProps) => {
  const top = niceTop(Math.max(1, ...durations.map(({ p95 }) => p95 ?? 0)), timeSteps)
  const all = scripts[0]
  return (
    <section class="panel only-wide" aria-labelledby="h-durations">
      <header>
        <h2 id="h-durations">{t('Duration')}</h2>
        <ul class="legend push">
          <li class="is-p50" title={t('Half of the runs took no longer')}>
            p50 {length(all?.p50 ?? null) as 'safe'}
          </li>
          <li title={t('95 of 100 runs took no longer')}>p95 {length(all?.p95 ?? null) as 'safe'}</li>
        </ul>
      </header>
      <div class="chart">
        <Scale words={ticks(top).map((ms) => (ms === 0 ? '0' : shortLength(ms)))} />
        <svg
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={t('Duration over time: half of the runs took up to {p50}, 95 of 100 up to {p95}', {
            p50: length(all?.p50 ?? null),
            p95: length(all?.p95 ?? null),
          })}
        >
          <Grid />
          {(['p95', 'p50'] as const).map((which) => (
            <path
              class={which}
              d={linePath(
                durations.map((one) => one[which]),
                top,
              )}
            />
          ))}
        </svg>
        <Axis times={durations.map(({ at }) => at)} stepMs={stepMs} most={2} />
      </div>
      <details class="chart-table">
        <summary>{t('As a table')}</summary>
        <div class="scroll">
          <table class="plain-table">
            <thead>
              <tr>
                <th>{t('Time (UTC)')}</th>
                <th class="n">{t('Runs|how many')}</th>
                <th class="n">p50</th>
                <th class="n">p95</th>
              </tr>
            </thead>
            <tbody>
              {durations
                .filter(({ runs }) => runs > 0)
                .reverse()
                .map(({ at, runs, p50, p95 }) => (
                  <tr>
                    <td>{momentOf(at, stepMs) as 'safe'}</td>
                    <td class="n">{count(runs) as 'safe'}</td>
                    <td class="n">{length(p50) as 'safe'}</td>
                    <td class="n">{length(p95) as 'safe'}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  )
}

/** A step in which nothing ran is a gap; one between two gaps is a short stroke, for a point would not be seen. */
function linePath(values: (number | null)[], top: number): string {
  const wide = width / values.length
  const y = (ms: number) => num(height - (Math.min(ms, top) / top) * height)
  return values
    .map((ms, i) => {
      if (ms === null) return ''
      const x = (i + 0.5) * wide
      if ((values[i - 1] ?? null) !== null) return `L${num(x)} ${y(ms)}`
      return (values[i + 1] ?? null) === null
        ? `M${num(x - wide / 3)} ${y(ms)}h${num((wide * 2) / 3)}`
        : `M${num(x)} ${y(ms)}`
    })
    .join('')
}
