/** What people write, what it is taken for, and what they are told where it cannot be. On Wednesday, 13 January 2027, 11:00 in Berlin. */
import { expect, test } from 'bun:test'
import type { Timing } from '../../../src/schedules/model.ts'
import { describeTiming } from '../../../src/schedules/times/describe.ts'
import { nextAfter } from '../../../src/schedules/times/next.ts'
import { parseWhen } from '../../../src/schedules/times/parse.ts'
import { localText } from '../../../src/schedules/times/zone.ts'

const timezone = 'Europe/Berlin'
const now = Date.parse('2027-01-13T10:00:00Z')
const read = (text: string, startsAt: number | null = null) => parseWhen(text, { timezone, now, startsAt })

function shortOf(timing: Timing): string {
  if (timing.kind === 'cron') return timing.cron
  if (timing.kind === 'once') return `once ${new Date(timing.at).toISOString()}`
  return `every ${timing.everyMs / 1000} s from ${new Date(timing.anchorAt).toISOString()}`
}

test.each<[text: string, timing: string, words: string]>([
  ['every weekday at 9:30', '30 9 * * 1-5', 'Every weekday at 09:30'],
  ['every 5 minutes', '*/5 * * * *', 'Every 5 minutes'],
  ['on the last day of the month at 23:00', '0 23 L * *', 'On the last day of the month at 23:00'],
  ['tomorrow at 9', 'once 2027-01-14T08:00:00.000Z', 'Once, on Thu 14 Jan 2027 09:00 CET'],
  ['every weekday at 9:30, 14:00', '30 9 * * 1-5 | 0 14 * * 1-5', 'Every weekday at 09:30 and 14:00'],
  ['every monday and friday at 8am', '0 8 * * 1,5', 'Every Monday and Friday at 08:00'],
  ['every weekend at noon', '0 12 * * 0,6', 'Every Saturday and Sunday at 12:00'],
  ['daily at midnight', '0 0 * * *', 'Every day at 00:00'],
  ['on the 1st and 15th at 6:00', '0 6 1,15 * *', 'On the 1st and 15th of the month at 06:00'],
  ['first monday of the month at 9:00', '0 9 * * 1#1', 'On the first Monday of the month at 09:00'],
  ['last friday of every month at 17:00', '0 17 * * 5L', 'On the last Friday of the month at 17:00'],
  ['every first monday at 9', '0 9 * * 1#1', 'On the first Monday of the month at 09:00'],
  ['every second monday of the month at 9', '0 9 * * 1#2', 'On the second Monday of the month at 09:00'],
  ['every 3 months on the 1st', '0 0 1 1,4,7,10 *', 'On the 1st of January, April, July and October at 00:00'],
  ['yearly on 24 December at 18:00', '0 18 24 12 *', 'Every year on 24 December at 18:00'],
  ['every hour between 9 and 17 on weekdays', '0 9-17 * * 1-5', 'Every hour from 09:00 to 17:00 on weekdays'],
  [
    'every 15 minutes from 9:00 to 17:00',
    '*/15 9-16 * * * | 0 17 * * *',
    'Every 15 minutes from 09:00 to 16:45, and at 17:00',
  ],
  ['tonight at 8', 'once 2027-01-13T19:00:00.000Z', 'Once, on Wed 13 Jan 2027 20:00 CET'],
  ['tonight at 21:30', 'once 2027-01-13T20:30:00.000Z', 'Once, on Wed 13 Jan 2027 21:30 CET'],
  ['in 10 minutes', 'once 2027-01-13T10:10:00.000Z', 'Once, on Wed 13 Jan 2027 11:10 CET'],
  ['next monday at 8:00', 'once 2027-01-18T07:00:00.000Z', 'Once, on Mon 18 Jan 2027 08:00 CET'],
  ['2027-03-01 09:00', 'once 2027-03-01T08:00:00.000Z', 'Once, on Mon 1 Mar 2027 09:00 CET'],
  ['2027-10-31T02:30+01:00', 'once 2027-10-31T01:30:00.000Z', 'Once, on Sun 31 Oct 2027 02:30 CET'],
  [
    'every 7 minutes',
    'every 420 s from 2027-01-12T23:00:00.000Z',
    'Every 7 minutes, counted from Wed 13 Jan 2027 00:00 CET',
  ],
  [
    'every 36 hours',
    'every 129600 s from 2027-01-12T23:00:00.000Z',
    'Every 36 hours, counted from Wed 13 Jan 2027 00:00 CET',
  ],
  ['every 2 hours', '0 */2 * * *', 'Every 2 hours'],
  ['every 30 seconds', '*/30 * * * * *', 'Every 30 seconds'],
  ['nightly at 3:00', '0 3 * * *', 'Every day at 03:00'],
  ['hourly', '0 * * * *', 'Every hour'],
  ['weekly on sunday at 4:00', '0 4 * * 0', 'Every Sunday at 04:00'],
  [
    'every other day at 9:00',
    'every 172800 s from 2027-01-14T08:00:00.000Z',
    'Every 2 days, counted from Thu 14 Jan 2027 09:00 CET',
  ],
  [
    'every 2 weeks on monday at 9:00',
    'every 1209600 s from 2027-01-18T08:00:00.000Z',
    'Every 2 weeks, counted from Mon 18 Jan 2027 09:00 CET',
  ],
  ['quarterly', '0 0 1 1,4,7,10 *', 'On the 1st of January, April, July and October at 00:00'],
  ['monthly on the 15th at 12:00', '0 12 15 * *', 'On the 15th of the month at 12:00'],
  ['friday to monday at 10:00', '0 10 * * 0,1,5,6', 'Every Monday, Friday, Saturday and Sunday at 10:00'],
  ['mondays and thursdays at 7:15pm', '15 19 * * 1,4', 'Every Monday and Thursday at 19:15'],
  ['every january on the 1st', '0 0 1 1 *', 'Every year on 1 January at 00:00'],
  ['every day in december at 8:00', '0 8 * 12 *', 'Every day in December at 08:00'],
  ['every hour at minute 15', '15 * * * *', 'Every hour at minute 15'],
  [
    'every 90 minutes from 9:00 to 17:00 on weekdays',
    '0 9,12,15 * * 1-5 | 30 10,13,16 * * 1-5',
    'Every weekday at 09:00, 10:30, 12:00, 13:30, 15:00 and 16:30',
  ],
  [
    'every 10 minutes between 22:00 and 6:00',
    '*/10 0-5,22,23 * * * | 0 6 * * *',
    'Every 10 minutes, at 00:00 through 05:59, 22:00, and 23:00, and at 06:00',
  ],
  [
    'first and third tuesday of the month at 10:00',
    '0 10 * * 2#1,2#3',
    'On the first and third Tuesday of the month at 10:00',
  ],
  ['last weekday of the month at 17:00', '0 17 LW * *', 'On the last weekday of the month at 17:00'],
  ['24 december 2027 at 18:00', 'once 2027-12-24T17:00:00.000Z', 'Once, on Fri 24 Dec 2027 18:00 CET'],
  ['december 24th, 2027 6pm', 'once 2027-12-24T17:00:00.000Z', 'Once, on Fri 24 Dec 2027 18:00 CET'],
  ['in half an hour', 'once 2027-01-13T10:30:00.000Z', 'Once, on Wed 13 Jan 2027 11:30 CET'],
  ['every minute', '* * * * *', 'Every minute'],
  ['every half hour', '*/30 * * * *', 'Every 30 minutes'],
  ['@hourly', '0 * * * *', 'Every hour'],
  ['@daily', '0 0 * * *', 'Every day at 00:00'],
  ['@midnight', '0 0 * * *', 'Every day at 00:00'],
  ['@weekly', '0 0 * * 0', 'Every Sunday at 00:00'],
  ['@monthly', '0 0 1 * *', 'On the 1st of the month at 00:00'],
  ['@yearly', '0 0 1 1 *', 'Every year on 1 January at 00:00'],
  ['@annually', '0 0 1 1 *', 'Every year on 1 January at 00:00'],
  ['@DAILY', '0 0 * * *', 'Every day at 00:00'],
  ['30 9 * * MON-FRI', '30 9 * * MON-FRI', 'Every weekday at 09:30'],
  ['0 30 9 * * *', '0 30 9 * * *', 'Every day at 09:30'],
  ['*/15 9-17 * * 1-5', '*/15 9-17 * * 1-5', 'Every 15 minutes from 09:00 to 17:45 on weekdays'],
  ['0 9 ? * mon-fri', '0 9 * * MON-FRI', 'Every weekday at 09:00'],
  ['0 0 L * *', '0 0 L * *', 'On the last day of the month at 00:00'],
  ['0 0 LW * *', '0 0 LW * *', 'On the last weekday of the month at 00:00'],
  ['0 0 15W * *', '0 0 15W * *', 'On the weekday nearest to the 15th of the month at 00:00'],
  ['0 0 1,L * *', '0 0 1,L * *', 'On the 1st and last day of the month at 00:00'],
  ['0 0 * * 5L', '0 0 * * 5L', 'On the last Friday of the month at 00:00'],
  ['0 9 * * MON#1,WED#3', '0 9 * * MON#1,WED#3', 'On the first Monday and the third Wednesday of the month at 09:00'],
  ['0 9 13 * +FRI', '0 9 13 * +FRI', 'On the 13th of the month, if it is a Friday, at 09:00'],
  ['0 9 13 * 5', '0 9 13 * 5', 'On the 13th or a Friday of the month at 09:00'],
  [
    '0 22-23,0-2 * JAN,JUL 0',
    '0 22-23,0-2 * JAN,JUL 0',
    'Every Sunday in January and July at 00:00, 01:00, 02:00, 22:00 and 23:00',
  ],
  ['0 0 * * SAT-SUN', '0 0 * * SAT-SUN', 'Every Saturday and Sunday at 00:00'],
  ['0 9 * * * | 30 17 * * 1-5', '0 9 * * * | 30 17 * * 1-5', 'Every day at 09:00; every weekday at 17:30'],
  ['0-30/10 8 * * *', '0-30/10 8 * * *', 'Every day at 08:00, 08:10, 08:20 and 08:30'],
  ['0 0 31 2 *', '0 0 31 2 *', 'Every year on 31 February at 00:00'],
  [
    '5-10/2 8 1-7 JAN,MAR SUN',
    '5-10/2 8 1-7 JAN,MAR SUN',
    'On the 1st to 7th or a Sunday of January and March at 08:05, 08:07 and 08:09',
  ],
  ['every weekday at 9 am and 5 pm', '0 9,17 * * 1-5', 'Every weekday at 09:00 and 17:00'],
  ['every day at 6:30, 12:00 and 18:30', '30 6,18 * * * | 0 12 * * *', 'Every day at 06:30, 12:00 and 18:30'],
  ['each day at noon', '0 12 * * *', 'Every day at 12:00'],
  ['every tue, thu at 10:15', '15 10 * * 2,4', 'Every Tuesday and Thursday at 10:15'],
  ['monday to friday at 7:00', '0 7 * * 1-5', 'Every weekday at 07:00'],
  ['every mon-fri at 7:00', '0 7 * * 1-5', 'Every weekday at 07:00'],
  ['every working day at 8:00', '0 8 * * 1-5', 'Every weekday at 08:00'],
  ['weekends at 10', '0 10 * * 0,6', 'Every Saturday and Sunday at 10:00'],
  ['on saturdays and sundays at 11:00', '0 11 * * 0,6', 'Every Saturday and Sunday at 11:00'],
  ['every 1st and 15th at 6:00', '0 6 1,15 * *', 'On the 1st and 15th of the month at 06:00'],
  ['on the first day of the month at 0:30', '30 0 1 * *', 'On the 1st of the month at 00:30'],
  ['on the 15th and last day of the month at 12:00', '0 12 15,L * *', 'On the 15th and last day of the month at 12:00'],
  ['last day of february at 12:00', '0 12 L 2 *', 'On the last day of February at 12:00'],
  [
    'second and fourth friday of every month at 16:00',
    '0 16 * * 5#2,5#4',
    'On the second and fourth Friday of the month at 16:00',
  ],
  ['on the last monday of january and july at 9:00', '0 9 * 1,7 1L', 'On the last Monday of January and July at 09:00'],
  ['first weekday of the month at 8:00', '0 8 1W * *', 'On the first weekday of the month at 08:00'],
  ['every month on the 10th at 10:00', '0 10 10 * *', 'On the 10th of the month at 10:00'],
  ['monthly', '0 0 1 * *', 'On the 1st of the month at 00:00'],
  ['yearly', '0 0 1 1 *', 'Every year on 1 January at 00:00'],
  ['annually on 1 march at 8:00', '0 8 1 3 *', 'Every year on 1 March at 08:00'],
  ['every 24 december at 18:00', '0 18 24 12 *', 'Every year on 24 December at 18:00'],
  ['every december 24 at 18:00', '0 18 24 12 *', 'Every year on 24 December at 18:00'],
  ['yearly on 29 february at 12:00', '0 12 29 2 *', 'Every year on 29 February at 12:00'],
  ['every year on the 4th of july at 12:00', '0 12 4 7 *', 'Every year on 4 July at 12:00'],
  ['quarterly at 6:00', '0 6 1 1,4,7,10 *', 'On the 1st of January, April, July and October at 06:00'],
  ['every 6 months on the 15th at 3:00', '0 3 15 1,7 *', 'On the 15th of January and July at 03:00'],
  [
    'every 2 months on the first monday at 9:00',
    '0 9 * 1,3,5,7,9,11 1#1',
    'On the first Monday of January, March, May, July, September and November at 09:00',
  ],
  ['every january and june on the 1st at 5:00', '0 5 1 1,6 *', 'On the 1st of January and June at 05:00'],
  ['every monday in march at 9:00', '0 9 * 3 1', 'Every Monday in March at 09:00'],
  ['every 10 seconds', '*/10 * * * * *', 'Every 10 seconds'],
  [
    'every 45 seconds',
    'every 45 s from 2027-01-12T23:00:00.000Z',
    'Every 45 seconds, counted from Wed 13 Jan 2027 00:00 CET',
  ],
  [
    'every 90 minutes',
    'every 5400 s from 2027-01-12T23:00:00.000Z',
    'Every 90 minutes, counted from Wed 13 Jan 2027 00:00 CET',
  ],
  ['every 120 minutes', '0 */2 * * *', 'Every 2 hours'],
  [
    'every 5 hours',
    'every 18000 s from 2027-01-12T23:00:00.000Z',
    'Every 5 hours, counted from Wed 13 Jan 2027 00:00 CET',
  ],
  [
    'every 24 hours',
    'every 86400 s from 2027-01-12T23:00:00.000Z',
    'Every 24 hours, counted from Wed 13 Jan 2027 00:00 CET',
  ],
  [
    'every 3 days',
    'every 259200 s from 2027-01-12T23:00:00.000Z',
    'Every 3 days, counted from Wed 13 Jan 2027 00:00 CET',
  ],
  [
    'every 2 weeks',
    'every 1209600 s from 2027-01-12T23:00:00.000Z',
    'Every 2 weeks, counted from Wed 13 Jan 2027 00:00 CET',
  ],
  [
    'fortnightly on friday at 15:00',
    'every 1209600 s from 2027-01-15T14:00:00.000Z',
    'Every 2 weeks, counted from Fri 15 Jan 2027 15:00 CET',
  ],
  ['every 20 minutes on weekdays', '*/20 * * * 1-5', 'Every 20 minutes on weekdays'],
  [
    'every 30 minutes between 8am and 6pm on weekdays',
    '*/30 8-17 * * 1-5 | 0 18 * * 1-5',
    'Every 30 minutes from 08:00 to 17:30, and at 18:00, on weekdays',
  ],
  ['every hour from 0 to 5', '0 0-5 * * *', 'Every hour from 00:00 to 05:00'],
  [
    'every 2 hours from 8:00 to 20:00 on monday',
    '0 8,10,12,14,16,18,20 * * 1',
    'Every Monday at 08:00, 10:00, 12:00, 14:00, 16:00, 18:00 and 20:00',
  ],
  ['every hour at minute 5, 35', '5,35 * * * *', 'Every hour at minutes 5 and 35'],
  ['every 4 hours at minute 30', '30 */4 * * *', 'Every 4 hours at minute 30'],
  ['every minute between 9:00 and 9:59', '* 9 * * *', 'Every minute, between 09:00 and 09:59'],
  ['every 15 minutes on the 1st', '*/15 * 1 * *', 'Every 15 minutes on the 1st of the month'],
  ['every half hour on weekends', '*/30 * * * 0,6', 'Every 30 minutes on Saturday and Sunday'],
  ['every two hours', '0 */2 * * *', 'Every 2 hours'],
  ['daily at 23:59:30', '30 59 23 * * *', 'Every day at 23:59:30'],
  ['at 9:30 every day', '30 9 * * *', 'Every day at 09:30'],
  ['at 9:30 on weekdays', '30 9 * * 1-5', 'Every weekday at 09:30'],
  ['every day at 12am', '0 0 * * *', 'Every day at 00:00'],
  ['every day at 12 pm', '0 12 * * *', 'Every day at 12:00'],
  ["every day at 9 o'clock", '0 9 * * *', 'Every day at 09:00'],
  ['every Monday, Wednesday and Friday at 14:30', '30 14 * * 1,3,5', 'Every Monday, Wednesday and Friday at 14:30'],
  ['in 2 hours', 'once 2027-01-13T12:00:00.000Z', 'Once, on Wed 13 Jan 2027 13:00 CET'],
  ['in an hour', 'once 2027-01-13T11:00:00.000Z', 'Once, on Wed 13 Jan 2027 12:00 CET'],
  ['in 3 days', 'once 2027-01-16T10:00:00.000Z', 'Once, on Sat 16 Jan 2027 11:00 CET'],
  ['today at 23:00', 'once 2027-01-13T22:00:00.000Z', 'Once, on Wed 13 Jan 2027 23:00 CET'],
  ['next friday at noon', 'once 2027-01-15T11:00:00.000Z', 'Once, on Fri 15 Jan 2027 12:00 CET'],
  ['day after tomorrow at 7:00', 'once 2027-01-15T06:00:00.000Z', 'Once, on Fri 15 Jan 2027 07:00 CET'],
  ['2027-03-01T09:00:00Z', 'once 2027-03-01T09:00:00.000Z', 'Once, on Mon 1 Mar 2027 10:00 CET'],
  ['2027-03-01 9am', 'once 2027-03-01T08:00:00.000Z', 'Once, on Mon 1 Mar 2027 09:00 CET'],
  ['2027-03-01 at 9:00', 'once 2027-03-01T08:00:00.000Z', 'Once, on Mon 1 Mar 2027 09:00 CET'],
  ['on 2027-03-01 09:00:30', 'once 2027-03-01T08:00:30.000Z', 'Once, on Mon 1 Mar 2027 09:00:30 CET'],
  ['2027-03-01T09:00:00.250+05:30', 'once 2027-03-01T03:30:00.250Z', 'Once, on Mon 1 Mar 2027 04:30 CET'],
  ['1 march 2027 at 9:00', 'once 2027-03-01T08:00:00.000Z', 'Once, on Mon 1 Mar 2027 09:00 CET'],
  ['March 1, 2027 at 9:00', 'once 2027-03-01T08:00:00.000Z', 'Once, on Mon 1 Mar 2027 09:00 CET'],
  ['once tomorrow at 10:00', 'once 2027-01-14T09:00:00.000Z', 'Once, on Thu 14 Jan 2027 10:00 CET'],
  ['every second', '* * * * * *', 'Every second'],
  ['every day', '0 0 * * *', 'Every day at 00:00'],
  ['every weekday', '0 0 * * 1-5', 'Every weekday at 00:00'],
  ['every 60 minutes', '0 * * * *', 'Every hour'],
  ['mondays', '0 0 * * 1', 'Every Monday at 00:00'],
  ['every day at midnight and noon', '0 0,12 * * *', 'Every day at 00:00 and 12:00'],
  ['Every day at 9:00!', '0 9 * * *', 'Every day at 09:00'],
  [
    'every 15 minutes 9am-5pm, mon-fri',
    '*/15 9-16 * * 1-5 | 0 17 * * 1-5',
    'Every 15 minutes from 09:00 to 16:45, and at 17:00, on weekdays',
  ],
  ['hourly at :15', '15 * * * *', 'Every hour at minute 15'],
  ['every day at ９:00', '0 9 * * *', 'Every day at 09:00'],
  ['29 february at 9:00 every year', '0 9 29 2 *', 'Every year on 29 February at 09:00'],
])('%s', (text, timing, words) => {
  const found = read(text)
  expect(found.ok ? shortOf(found.timing) : found.problem).toBe(timing)
  expect(found.ok && describeTiming(found.timing, timezone)).toBe(words)
})

test.each<[text: string, problem: string]>([
  [
    '2027-03-28 02:30',
    '02:30 does not exist on 28 Mar 2027 in Europe/Berlin: clocks go forward to 03:00. Write another time.',
  ],
  [
    '2027-10-31 02:30',
    'The clock shows 02:30 twice on 31 Oct 2027 in Europe/Berlin. Which one? Write "2027-10-31T02:30+02:00" or "2027-10-31T02:30+01:00".',
  ],
  ['nightly', 'At what time of the night? Write, for example, "daily at 1:00".'],
  ['weekly', 'On which day of the week? Write, for example, "every monday at 9:00".'],
  ['every mondy at 9', '"mondy" is not understood; did you mean "monday"?'],
  ['on monday at 9', 'Every monday, or once? Write "every monday at 09:00" or "next monday at 09:00".'],
  ['at 9:00', 'Every day, or once? Write "every day at 09:00", "today at 09:00" or "tomorrow at 09:00".'],
  ['every day at 25:00', '"25:00" is no time of day: hour 25 is over 23.'],
  [
    'every day at 9:30 except sunday',
    'Exceptions are not understood: write the days on which it is due, as in "every monday to thursday".',
  ],
  [
    'every morning',
    'On which days, and at what time? Write both, as in "every day at 8:00" or "every monday at 20:00".',
  ],
  ['3/4/2027 9:00', 'Which of the numbers is the month? Write dates as 2027-03-01.'],
  [
    'on the 1st of january and july at 6:00',
    'Every year, or once? Write "yearly on 24 december at 18:00", or the date with its year: "2027-12-24 18:00".',
  ],
  [
    'every day at 9.30',
    'Write times with a colon (9:30), dates as 2027-03-01, and numbers without a fraction ("every 90 minutes").',
  ],
  [
    'every 1.5 hours',
    'Write times with a colon (9:30), dates as 2027-03-01, and numbers without a fraction ("every 90 minutes").',
  ],
  ['every day at 9:30 UTC', 'The time zone is a field of its own, "timezone"; leave it out here.'],
  ['every 5 minuts', '"minuts" is not understood; did you mean "minute"?'],
  ['evry day at 9', '"evry" is not understood; did you mean "every"?'],
  ['@reboot', '@reboot is no time: the gateway may start again at any moment. Write when it is due, such as @daily.'],
  ['@dayly', '"@dayly" is not known; did you mean "@daily"?'],
  ['@every 5m', 'Write "every 5 minutes".'],
  [
    '* * * *',
    'There are 4 fields; write five (minute hour day month weekday, as in "30 9 * * MON-FRI"), or six with the seconds first.',
  ],
  ['* * * * * * *', 'There are seven fields: leave the last one, the year, out, and set a start or an end date.'],
  ['0 25 * * *', 'Hour 25 is over 23.'],
  ['0 24 * * *', 'Hour 24 is over 23; midnight is 0.'],
  ['60 * * * *', 'Minute 60 is over 59.'],
  ['0 0 0 * *', 'Day 0 is under 1.'],
  ['0 0 32 * *', 'Day 32 is over 31.'],
  ['0 0 * 13 *', 'Month 13 is over 12.'],
  ['0 0 * * 8', 'Weekday 8 is over 7.'],
  ['0 22-2 * * *', '"22-2" runs backwards: write "22-23,0-2".'],
  ['0 0 * * FRI-MON', '"FRI-MON" runs backwards: write "FRI-SAT,SUN-MON".'],
  [
    '*/90 * * * *',
    'The step of "*/90" is over 59, so it would not step at all; "every 90 minutes" counts on over the hour.',
  ],
  ['*/0 * * * *', 'The step of "*/0" must be a number from 1 to 59.'],
  ['5/15 * * * *', '"5/15" may mean from 5 on, or 5 alone: write "5-59/15" or "5".'],
  ['0 9 * * FUN', '"FUN" is no weekday; did you mean "SUN"?'],
  ['0 9 * JANUARY *', '"JANUARY" is no month; did you mean "JAN"?'],
  ['H 2 * * *', '"H" is known to Jenkins only: choose a minute, such as "17".'],
  ['? 9 * * *', '"?" belongs in the day or the weekday; for any minute write "*".'],
  ['*,5 * * * *', 'The minute "*,5" is a list with "*" in it, which is every minute already: write one or the other.'],
  ['1,,2 * * * *', 'The minute "1,,2" has a comma without a number beside it.'],
  ['1-2-3 * * * *', '"1-2-3" has more than one "-".'],
  ['*/5/5 * * * *', '"*/5/5" has more than one "/".'],
  ['0 0 * * 1#6', '"#6" in "1#6": a month has a first to a fifth weekday, #1 to #5.'],
  ['0 0 * * L', 'Which weekday is the last one? "5L" is the last Friday of the month; "L" alone belongs in the day.'],
  ['0 0 L-3 * *', 'Days before the last one ("L-3") cannot be counted; "L" is the last day of the month.'],
  ['0 0 -1 * *', 'A number is missing in the day.'],
  ['x * * * *', '"X" is no minute: write 0 to 59.'],
  ['CRON_TZ=UTC 0 9 * * *', 'The time zone is a field of its own, "timezone"; leave it out of the expression.'],
  ['every second monday', 'The 2nd monday of the month, or every 2 weeks? Write one of them.'],
  ['every 2nd day', 'The 2nd day of the month, or every 2 days? Write one of them.'],
  ['every 3rd friday', 'The 3rd friday of the month, or every 3 weeks? Write one of them.'],
  ['every other monday', 'Write "every 2 weeks on monday", or "the second monday of the month".'],
  ['every 2 mondays', 'Write "every 2 weeks on mondays", or "the second mondays of the month".'],
  ['every 0 minutes', '"every 0 minutes" is no interval; begin at 1.'],
  [
    'every 11 months',
    '11 months do not come out even over a year: write the months, as in "on the 1st of january and june".',
  ],
  [
    'every 2 years on 1 january',
    'Years are not counted: write "yearly", with a start and an end date, or the dates themselves.',
  ],
  [
    'every 7 minutes on weekdays',
    '"every 7 minutes" does not come out even over an hour, so it cannot be kept to some days only; take a number that divides 60.',
  ],
  [
    'every 7 minutes from 9:00 to 17:00',
    'Every 7 minutes from one time of day to another is different in each hour; take a number that divides 60.',
  ],
  [
    'every hour at 9:30',
    'Both an interval and a time of day: write "every 2 hours from 9:00 to 17:00", or the times alone.',
  ],
  [
    'every 15 minutes at 9:00',
    'Both an interval and a time of day: write "every 2 hours from 9:00 to 17:00", or the times alone.',
  ],
  [
    'between 9 and 17',
    'How often? Write, for example, "every hour between 9 and 17", "every weekday at 9:30" or "tomorrow at 9:00".',
  ],
  ['from 9:00 to 9:00 every hour', 'The two times are the same: write the second one later.'],
  [
    'every hour from 22:00 to 6:00 on monday',
    'Does the time after midnight belong to the day before? Make two schedules, one until midnight and one from 0:00 on.',
  ],
  [
    'every monday on the 1st at 9:00',
    'Days of the week and days of the month in one sentence: either of them, or both at once? Make two schedules of it.',
  ],
  ['friday the 13th at 9:00', 'A weekday that is also a day of the month is written in cron: "0 9 13 * +FRI".'],
  [
    'every weekday on the 15th',
    'Days of the week and days of the month in one sentence: either of them, or both at once? Make two schedules of it.',
  ],
  [
    'every 2 days on monday',
    '"every 2 days" is counted and knows no other days: make several schedules, or leave the number out.',
  ],
  [
    'every 2 weeks on monday and friday',
    '"every 2 weeks" is counted and knows one weekday at most: make several schedules, or leave the number out.',
  ],
  ['every 2 weeks at 9:00 and 17:00', '"every 2 weeks" has one time of day: make two schedules.'],
  ['yearly on 30 february', 'February has no day 30: its last one is 29.'],
  ['on the 32nd', 'Day 32 is over 31.'],
  [
    'on 24 december at 18:00',
    'Every year, or once? Write "yearly on 24 december at 18:00", or the date with its year: "2027-12-24 18:00".',
  ],
  ['in march', 'On which days of the month? Write, for example, "on the 1st of january at 9:00".'],
  ['today at 9:00', 'Wed 13 Jan 2027 09:00 CET is over: write a time to come.'],
  ['tomorrow', 'At what time on that day? Write, for example, "tomorrow at 9:00".'],
  ['next monday', 'At what time on that day? Write, for example, "tomorrow at 9:00".'],
  ['2027-02-29 09:00', '2027-02 has no day 29: its last one is 28.'],
  ['2027-13-01 09:00', 'Month 13 is not there: write the date as year-month-day, as in 2027-12-24.'],
  ['2027-03-01', 'At what time on that day? Write "2027-03-01 09:00".'],
  ['2027-03-01 25:00', '"25:00" is no time of day: it ends at 23:59:59.'],
  ['2027-03-01T09:00+25:00', '"+25:00" is no offset: they go from -12:00 to +14:00.'],
  [
    'in 10',
    'In how many minutes, hours, days or weeks? Write, for example, "in 10 minutes", or a date: "2027-03-01 09:00".',
  ],
  ['in 0 minutes', 'Write a time to come within ten years, as in "in 10 minutes".'],
  [
    'in 100 years',
    'In how many minutes, hours, days or weeks? Write, for example, "in 10 minutes", or a date: "2027-03-01 09:00".',
  ],
  [
    'in 2 months',
    'In how many minutes, hours, days or weeks? Write, for example, "in 10 minutes", or a date: "2027-03-01 09:00".',
  ],
  ['every', 'Something is missing at the end; write, for example, "every weekday at 9:30".'],
  ['at', 'Something is missing at the end; write, for example, "every weekday at 9:30".'],
  ['every foo', '"foo" is not understood. Write, for example, "every weekday at 9:30", "every 5 minutes", or cron.'],
  [
    'the',
    'How often? Write, for example, "every hour between 9 and 17", "every weekday at 9:30" or "tomorrow at 9:00".',
  ],
  ['every day at', 'Something is missing at the end; write, for example, "every weekday at 9:30".'],
  ['every day at 13pm', '13 pm is no time: with am or pm hours go from 1 to 12.'],
  ['every day at 9:61', '"9:61" is no time of day: minute 61 is over 59.'],
  [
    "every day at 8 o'clock sharp",
    '"sharp" is not understood. Write, for example, "every weekday at 9:30", "every 5 minutes", or cron.',
  ],
  [
    'every day and night',
    'On which days, and at what time? Write both, as in "every day at 8:00" or "every monday at 20:00".',
  ],
  ['twice a day', 'At which times? Write them, as in "every day at 8:00 and 20:00".'],
  ['biweekly', 'Twice as often, or half as often? Write "every 2 weeks", or the days: "every monday and thursday".'],
  [
    'every weekday starting monday at 9',
    'When it begins and ends is set with its start and end dates; leave that out here.',
  ],
  ['every day until 2027', 'When it begins and ends is set with its start and end dates; leave that out here.'],
  ['every quarter', 'Write "quarterly", or of an hour "every 15 minutes".'],
  [
    'every day at sunrise',
    'On which days, and at what time? Write both, as in "every day at 8:00" or "every monday at 20:00".',
  ],
  ['now', 'To start it now, run it: a schedule says when it is due later, as in "in 10 minutes".'],
  ['monday', 'Every monday, or once? Write "every monday at 9:00" or "next monday at 9:00".'],
  ['noon', 'Every day, or once? Write "every day at 12:00", "today at 12:00" or "tomorrow at 12:00".'],
  ['every 5 minutes every 2 hours', 'There are two intervals in this; make two schedules of it.'],
  ['every 100000 weeks', 'This is more than ten years; write the date on which it is due.'],
  ['every third day', 'The 3rd day of the month, or every 3 days? Write one of them.'],
  ['every month on monday', 'Which one of the month? Write "on the first monday of the month".'],
  ['every week', 'On which day of the week? Write, for example, "every monday at 9:00".'],
  ['🕐 every day', '"🕐" is not understood. Write, for example, "every weekday at 9:30", "every 5 minutes", or cron.'],
  [
    'every day at 9:00 🕐',
    '"🕐" is not understood. Write, for example, "every weekday at 9:30", "every 5 minutes", or cron.',
  ],
  [
    'jeden tag um 9',
    '"jeden" is not understood. Write, for example, "every weekday at 9:30", "every 5 minutes", or cron.',
  ],
  ['12', '"12" is not understood. Write, for example, "every weekday at 9:30", "every 5 minutes", or cron.'],
  ['every day at 9, monday at 10', 'There are two times in different places of this; make two schedules of it.'],
  ['15 minutes', 'Again and again, or once? Write "every 15 minutes" or "in 15 minutes".'],
  ['0 9 * * mon-fri # reports', 'Leave the comment out, from "#" on: a schedule has a description of its own.'],
  ['', 'Say when: "every weekday at 9:30", "@daily", or cron such as "30 9 * * MON-FRI".'],
  ['x'.repeat(201), 'This has 201 characters; up to 200 are read.'],
])('refused: %s', (text, problem) => {
  const found = read(text)
  expect(found.ok ? shortOf(found.timing) : found.problem).toBe(problem)
})

test.each<[what: string, text: string, startsAt: string, timing: string]>([
  [
    'minutes are counted from the start date',
    'every 15 minutes',
    '2027-02-01T08:07:00Z',
    'every 900 s from 2027-02-01T08:07:00.000Z',
  ],
  ['days, too', 'every 2 days', '2027-02-01T08:07:00Z', 'every 172800 s from 2027-02-01T08:07:00.000Z'],
  [
    'a time of day is the first from the start date on',
    'every 2 days at 9:00',
    '2027-02-01T08:00:00Z',
    'every 172800 s from 2027-02-01T08:00:00.000Z',
  ],
  [
    'or on the next day',
    'every 2 days at 9:00',
    '2027-02-01T08:07:00Z',
    'every 172800 s from 2027-02-02T08:00:00.000Z',
  ],
  ['months begin with that of the start date', 'every 3 months on the 1st', '2027-02-01T08:00:00Z', '0 0 1 2,5,8,11 *'],
  ['days of the week need no start', 'every 20 minutes on weekdays', '2027-02-01T08:07:00Z', '*/20 * * * 1-5'],
])('with a start date: %s', (_what, text, startsAt, timing) => {
  const found = read(text, Date.parse(startsAt))
  expect(found.ok ? shortOf(found.timing) : found.problem).toBe(timing)
})

test('any words, numbers and signs are read or refused in a sentence, and what is read can be asked and described', () => {
  const words =
    'every each 1 2 15 second minutes hour day weeks month year monday fri weekday first last 1st 31st january may at 9 9:30 25:00 8 am pm noon in on the of from to between and , - next tomorrow 2027 * / */5 @daily | L # . 🕐 every every at'.split(
      ' ',
    )
  let state = 42
  const random = (max: number) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return (state >>> 8) % max
  }
  const odd: string[] = []
  let readCount = 0
  for (let round = 0; round < 3000; round++) {
    const rest = Array.from({ length: 1 + random(8) }, () => words[random(words.length)]).join(' ')
    const text = round % 2 === 0 ? `every ${rest}` : rest
    const found = read(text)
    if (!found.ok) {
      if (!/^["A-Z0-9@].{10,}[.?]$/u.test(found.problem)) odd.push(`${text}: ${found.problem}`)
      continue
    }
    readCount++
    const next = nextAfter({ timing: found.timing, timezone, startsAt: null, endsAt: null }, now)
    if (next !== null && next <= now) odd.push(`${text}: ${localText(next, timezone)}`)
    if (!/^[A-Z].{6,}/.test(describeTiming(found.timing, timezone))) odd.push(`${text}: described badly`)
  }
  expect(odd).toEqual([])
  expect(readCount).toBeGreaterThan(50)
})
