/** What charts are drawn on: lines, scales, and times in words. */
import { duration } from '../public/js/format.js'
import { attr } from './attr.ts'
import { currentLanguage } from './texts.ts'

/** Of every chart, in its own units. */
export const width = 480
export const height = 120
const lines = 3

export const Grid = () => (
  <path
    class="grid"
    d={Array.from({ length: lines + 1 }, (_, i) => `M0 ${num(0.5 + ((height - 1) * i) / lines)}H${width}`).join('')}
  />
)

export const Scale = ({ words }: { words: string[] }) => (
  <div class="y" aria-hidden="true">
    {words.map((word) => (
      <span>{word as 'safe'}</span>
    ))}
  </div>
)

export const Axis = ({ times, stepMs, most }: { times: number[]; stepMs: number; most: number }) => {
  const last = times.length - 1
  const parts = Math.max(1, Math.min(most, last))
  const shown = last === 0 ? [0] : Array.from({ length: parts + 1 }, (_, i) => Math.round((i * last) / parts))
  return (
    <div class="x" aria-hidden="true">
      {shown.map((i) => (
        <span>{tickOf(times[i]!, stepMs) as 'safe'}</span>
      ))}
    </div>
  )
}

export const ticks = (top: number) => Array.from({ length: lines + 1 }, (_, i) => (top / lines) * (lines - i))

/** Close to each other, that bars fill their chart; whole, as nothing is counted in halves. */
export const countSteps = [1, 1.5, 2, 3, 4, 5, 6, 8]
  .flatMap((step) => Array.from({ length: 9 }, (_, i) => step * 10 ** i))
  .filter(Number.isInteger)
  .sort((a, b) => a - b)
export const timeSteps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400].map((s) => s * 1000),
]

export const niceTop = (most: number, steps: number[]) =>
  lines * (steps.find((step) => step * lines >= most) ?? Math.ceil(most / lines))

export const num = (value: number) => String(Math.round(value * 10) / 10)
export const length = (ms: number | null) => (ms === null ? '–' : duration(ms))
/** On a scale: 15 s, and not 15.0 s. */
export const shortLength = (ms: number) => attr(duration(ms).replace('.0 s', ' s'))

const dayMs = 86_400_000
const dates = new Map<string, Intl.DateTimeFormat>()

function dateOf(at: number): string {
  const language = currentLanguage() === 'en' ? 'en-GB' : currentLanguage()
  const month = language === 'en-GB' ? 'short' : 'numeric'
  const format = dates.get(language) ?? new Intl.DateTimeFormat(language, { timeZone: 'UTC', day: 'numeric', month })
  dates.set(language, format)
  return format.format(at)
}

const timeOf = (at: number) => new Date(at).toISOString().slice(11, 16)
/** 21 Nov 03:00, or the day alone. */
export const momentOf = (at: number, stepMs: number) => (stepMs < dayMs ? `${dateOf(at)} ${timeOf(at)}` : dateOf(at))
const tickOf = (at: number, stepMs: number) => (stepMs <= dayMs / 24 ? timeOf(at) : dateOf(at))
