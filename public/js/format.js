// How numbers and times are written, on the server and in the browser alike.
import { t } from './texts.js'

/** 41 ms · 1.4 s · 3:12 · 1:02:33. */
export function duration(ms) {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  return clock(ms)
}

/** 0:06 · 3:12 · 1:02:33: for a time that is still going on. */
export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const pad = (n) => String(n).padStart(2, '0')
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`
}

/** 41 ms · 1.4 s · 1 min 24 s · 2 h 3 min: inside a sentence. */
export function durationWords(ms) {
  if (ms < 59_500) return duration(ms)
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return pair(Math.floor(seconds / 60), seconds % 60, '{n} min', '{n} min {m} s')
  return pair(Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, '{n} h', '{n} h {m} min')
}

const pair = (n, m, whole, both) => (m === 0 ? t(whole, { n }) : t(both, { n, m }))

/** now · 6 s ago · 2 min ago · 3 h ago · yesterday · 16 d ago. */
export function ago(ms) {
  const seconds = Math.round(ms / 1000)
  if (seconds < 2) return t('now')
  if (seconds < 60) return t('{n} s ago', { n: seconds })
  if (seconds < 3600) return t('{n} min ago', { n: Math.floor(seconds / 60) })
  if (seconds < 86_400) return t('{n} h ago', { n: Math.floor(seconds / 3600) })
  if (seconds < 172_800) return t('yesterday')
  return t('{n} d ago', { n: Math.floor(seconds / 86_400) })
}

/** now · in 6 s · in 2 min · in 3 h · in 16 d. */
export function until(ms) {
  const seconds = Math.round(ms / 1000)
  if (seconds < 1) return t('now')
  if (seconds < 60) return t('in {n} s', { n: seconds })
  if (seconds < 3600) return t('in {n} min', { n: Math.floor(seconds / 60) })
  if (seconds < 172_800) return t('in {n} h', { n: Math.floor(seconds / 3600) })
  return t('in {n} d', { n: count(Math.floor(seconds / 86_400)) })
}

/** 312 B · 96 KiB · 84.2 MiB. */
export function bytes(size) {
  if (size < 1024) return `${size} B`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let value = size / 1024
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value >= 10 && unit === 0 ? Math.round(value) : trimZero(value)} ${units[unit]}`
}

const trimZero = (value) => value.toFixed(1).replace(/\.0$/, '')

/** 48,112 */
export const count = (value) => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
