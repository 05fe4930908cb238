/** When something is due, in Chinese. */
import cronstrue from 'cronstrue'
import 'cronstrue/locales/zh_CN.js'
import type { DayRule, Pattern } from './pattern.ts'
import { english, type Tongue } from './tongue.ts'
import { spanParts } from './zone.ts'

export const chinese: Tongue = {
  once: (at) => `仅一次：${chineseLocal(at)}`,
  counted(everyMs, from) {
    const { count, unit } = spanParts(everyMs)
    return `每 ${count} ${unitWords[unit]}，自 ${chineseLocal(from)} 起计`
  },
  every: (count, unit) => (count === 1 ? `每${unitWords[unit]}` : `每 ${count} ${unitWords[unit]}`),
  within: (series, from, to) => `${from} 至 ${to} ${series}`,
  atMinutes: (minutes) => `的第 ${minutes.join('、')} 分`,
  others: (cron) => cronstrue.toString(cron, { use24HourTimeFormat: true, locale: 'zh_CN' }).replaceAll(', ', '，'),
  daysPhrase: daysOf,
  sentence({ times, series, days }) {
    const parts = [...series, ...(times.length > 0 ? [times.join('、')] : [])].join('，以及 ')
    const isEachDay = days.days.isAnyDay && days.days.isAnyWeekday && days.months.size === 12
    return series.length > 0 && isEachDay ? parts : `${daysOf(days)} ${parts}`
  },
  between: '；',
  capital: (text) => text,
}

/** By what `<html lang>` says. */
export const tongueOf = (language: string): Tongue => (language.startsWith('zh') ? chinese : english)

const unitWords = { second: '秒', minute: '分钟', hour: '小时', day: '天', week: '周' }
const weekdayWords = ['日', '一', '二', '三', '四', '五', '六']
const shortDays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const shortMonths = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Sun 14 Mar 2027 03:00 EDT` → `2027-03-14 周日 03:00 EDT`; what is written in another way stays. */
export function chineseLocal(local: string): string {
  const [, day = '', date = '', month = '', year = '', rest = ''] =
    /^(\w{3}) (\d{1,2}) (\w{3}) (\d{4}) (.*)$/.exec(local) ?? []
  const [weekday, number] = [shortDays.indexOf(day), shortMonths.indexOf(month)]
  if (weekday < 0 || number < 0) return local
  return `${year}-${String(number + 1).padStart(2, '0')}-${date.padStart(2, '0')} 周${weekdayWords[weekday]} ${rest}`
}

/** 每天, 每个工作日, 每周一、三, 每月1日、15日, 每年12月24日. */
function daysOf({ days, months }: Pattern): string {
  const isAnyMonth = months.size === 12
  const ofMonths = isAnyMonth ? '' : `${[...months].sort((a, b) => a - b).join('、')}月`
  if (days.isAnyDay && days.isAnyWeekday) return `${ofMonths}每天`
  if (days.isAnyDay && days.weekdays.every((mask) => mask === 0 || mask === 63)) return ofMonths + weekdaysOf(days)
  const dates = datesOf(days)
  const nth = nthOf(days)
  if (days.isAnyWeekday) return `${isAnyMonth ? '每月' : `每年${ofMonths}`}${dates.join('、')}`
  const before = isAnyMonth ? '每月' : `每年${ofMonths}`
  if (days.isAnyDay) return `${before}${nth.join('、')}`
  return days.areBothNeeded
    ? `${before}${dates.join('、')}且为${nth.join('、').replaceAll('每个', '')}时`
    : `${before}${[...dates, ...nth].join('、')}`
}

function weekdaysOf({ weekdays }: DayRule): string {
  const due = [1, 2, 3, 4, 5, 6, 0].filter((day) => weekdays[day])
  if (due.join() === '1,2,3,4,5') return '每个工作日'
  return `每周${due.map((day) => weekdayWords[day]).join('、')}`
}

function datesOf(rule: DayRule): string[] {
  return [
    ...runsOf([...rule.days].sort((a, b) => a - b)),
    ...rule.nearestTo.map((day) => (day === 1 ? '第一个工作日' : `离${day}日最近的工作日`)),
    ...(rule.isLast ? ['最后一天'] : []),
    ...(rule.isLastWorkday ? ['最后一个工作日'] : []),
  ]
}

/** 1日至7日, 15日. */
function runsOf(days: number[]): string[] {
  const runs: number[][] = []
  for (const day of days) {
    const run = runs.at(-1)
    if (run && run.at(-1) === day - 1) run.push(day)
    else runs.push([day])
  }
  return runs.flatMap((run) => (run.length > 2 ? [`${run[0]}日至${run.at(-1)}日`] : run.map((day) => `${day}日`)))
}

const nthWords = ['第一', '第二', '第三', '第四', '第五', '最后一']

function nthOf({ weekdays }: DayRule): string[] {
  return weekdays.flatMap((mask, day) => {
    if (mask === 0) return []
    if (mask === 63) return [`每个周${weekdayWords[day]}`]
    return nthWords.filter((_, index) => mask & (1 << index)).map((word) => `${word}个周${weekdayWords[day]}`)
  })
}
