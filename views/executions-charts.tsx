/** How runs ended over time, and how long they took. Drawn here, and told again as tables for whoever does not see them. */
import { count } from '../public/js/format.js'
import { Axis, countSteps, Grid, height, momentOf, niceTop, num, Scale, ticks, width } from './executions-axes.tsx'
import { DurationBars, DurationLines } from './executions-durations.tsx'
import { statusWord } from './parts.tsx'
import { listed, plural, say, t } from './texts.ts'

export const outcomeNames = ['success', 'failed', 'timeout', 'killed', 'cancelled', 'interrupted'] as const
type Counts = Record<(typeof outcomeNames)[number], number>

export interface Percentiles {
  runs: number
  p50: number | null
  p95: number | null
}

export interface ChartsProps {
  from: number
  to: number
  stepMs: number
  total: Counts
  steps: ({ at: number } & Counts)[]
  /** Of one script, step by step; empty for all scripts. */
  durations: ({ at: number } & Percentiles)[]
  scripts: ({ id: number; name: string; href: string } & Percentiles)[]
  /** What the numbers are of, in words. */
  range: string
  /** The list shows fewer of them: runs are counted by script and time alone. */
  isWider: boolean
}

export const Charts = (props: ChartsProps) => (
  <div class="split charts" id="charts">
    <Outcomes {...props} />
    {props.durations.length > 0 ? <DurationLines {...props} /> : <DurationBars {...props} />}
  </div>
)

const sum = (counts: Counts) => outcomeNames.reduce((total, name) => total + counts[name], 0)

const Outcomes = ({ steps, stepMs, total, range, isWider }: ChartsProps) => {
  const top = niceTop(Math.max(...steps.map(sum)), countSteps)
  const wide = width / steps.length
  const shown = outcomeNames.filter((name) => total[name] > 0 || name === 'success' || name === 'failed')
  return (
    <section class="panel" aria-labelledby="h-outcomes">
      <header>
        <h2 id="h-outcomes">{t('Outcomes')}</h2>
        <small class="muted">
          {plural(sum(total), '1 run ended', '{n} runs ended')} · {range as 'safe'}
          {(isWider ? ` · ${t('other filters aside')}` : '') as 'safe'}
        </small>
        <ul class="legend push">
          {shown.map((name) => (
            <li data-status={name}>
              {statusWord(name) as 'safe'} {count(total[name]) as 'safe'}
            </li>
          ))}
        </ul>
      </header>
      <div class="chart">
        <Scale words={ticks(top).map(count)} />
        <svg
          class="bars"
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={t('Runs by outcome: {counts}', {
            counts: listed(shown.map((name) => `${count(total[name])} ${statusWord(name)}`)),
          })}
        >
          <Grid />
          {steps.map((step, i) => (
            <Bar
              step={step}
              at={i * wide}
              wide={wide}
              top={top}
              title={`${momentOf(step.at, stepMs)} · ${inWords(step)}`}
            />
          ))}
        </svg>
        <Axis times={steps.map(({ at }) => at)} stepMs={stepMs} most={6} />
      </div>
      <details class="chart-table">
        <summary>{t('As a table')}</summary>
        <div class="scroll">
          <table class="plain-table">
            <thead>
              <tr>
                <th>{t('Time (UTC)')}</th>
                {shown.map((name) => (
                  <th class="n">{statusWord(name) as 'safe'}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {steps
                .filter((step) => sum(step) > 0)
                .reverse()
                .map((step) => (
                  <tr>
                    <td>{momentOf(step.at, stepMs) as 'safe'}</td>
                    {shown.map((name) => (
                      <td class="n">{count(step[name]) as 'safe'}</td>
                    ))}
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  )
}

const inWords = (step: Counts) =>
  listed(outcomeNames.map((name) => step[name] > 0 && `${count(step[name])} ${statusWord(name)}`)) || say('no run')

const Bar = ({
  step,
  at,
  wide,
  top,
  title,
}: {
  step: Counts
  at: number
  wide: number
  top: number
  title: string
}) => {
  let y = height
  const gap = Math.min(2, wide / 5)
  return (
    <g>
      <title safe>{title}</title>
      <rect class="hit" x={num(at)} y="0" width={num(wide)} height={num(height)} />
      {outcomeNames
        .filter((name) => step[name] > 0)
        .map((name) => {
          const high = Math.max(1, (step[name] / top) * height) // one of thousands is seen, too
          y -= high
          return <rect x={num(at + gap / 2)} y={num(y)} width={num(wide - gap)} height={num(high)} data-status={name} />
        })}
    </g>
  )
}
