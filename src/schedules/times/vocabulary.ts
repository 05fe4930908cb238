/** Words of the grammar of times, and what is said about words that it leaves out. */

const series = (groups: readonly (readonly string[])[], first: number) =>
  new Map(groups.flatMap((names, index) => names.map((name) => [name, index + first] as const)))

/** Sunday is 0. */
export const weekdayWords: ReadonlyMap<string, number> = series(
  [
    ['sunday', 'sun', 'sundays'],
    ['monday', 'mon', 'mondays'],
    ['tuesday', 'tue', 'tues', 'tuesdays'],
    ['wednesday', 'wed', 'weds', 'wednesdays'],
    ['thursday', 'thu', 'thur', 'thurs', 'thursdays'],
    ['friday', 'fri', 'fridays'],
    ['saturday', 'sat', 'saturdays'],
  ],
  0,
)

export const weekdayGroups: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  ...['weekday', 'weekdays', 'workday', 'workdays'].map((word) => [word, [1, 2, 3, 4, 5]] as const),
  ...['weekend', 'weekends'].map((word) => [word, [0, 6]] as const),
])

export const monthWords: ReadonlyMap<string, number> = series(
  [
    ['january', 'jan'],
    ['february', 'feb'],
    ['march', 'mar'],
    ['april', 'apr'],
    ['may'],
    ['june', 'jun'],
    ['july', 'jul'],
    ['august', 'aug'],
    ['september', 'sep', 'sept'],
    ['october', 'oct'],
    ['november', 'nov'],
    ['december', 'dec'],
  ],
  1,
)

export type Unit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'

export const unitWords: ReadonlyMap<string, Unit> = new Map<string, Unit>([
  ...['second', 'seconds', 'sec', 'secs', 's'].map((word) => [word, 'second'] as const),
  ...['minute', 'minutes', 'min', 'mins', 'm'].map((word) => [word, 'minute'] as const),
  ...['hour', 'hours', 'hr', 'hrs', 'h'].map((word) => [word, 'hour'] as const),
  ...['day', 'days', 'd'].map((word) => [word, 'day'] as const),
  ...['week', 'weeks', 'w'].map((word) => [word, 'week'] as const),
  ...['month', 'months'].map((word) => [word, 'month'] as const),
  ...['year', 'years'].map((word) => [word, 'year'] as const),
])

/** "daily" is "every 1 day". */
export const rhythmWords: ReadonlyMap<string, readonly [number, Unit]> = new Map<string, readonly [number, Unit]>([
  ['hourly', [1, 'hour']],
  ['daily', [1, 'day']],
  ['nightly', [1, 'day']],
  ['weekly', [1, 'week']],
  ['fortnightly', [2, 'week']],
  ['monthly', [1, 'month']],
  ['quarterly', [3, 'month']],
  ['yearly', [1, 'year']],
  ['annually', [1, 'year']],
])

export const numberWords: ReadonlyMap<string, number> = new Map<string, number>([
  ...series(
    [
      ['one'],
      ['two'],
      ['three'],
      ['four'],
      ['five'],
      ['six'],
      ['seven'],
      ['eight'],
      ['nine'],
      ['ten'],
      ['eleven'],
      ['twelve'],
    ],
    1,
  ),
  ['fifteen', 15],
  ['twenty', 20],
  ['thirty', 30],
  ['other', 2],
])

export const ordinalWords: ReadonlyMap<string, number> = series(
  [['first'], ['second'], ['third'], ['fourth'], ['fifth'], ['sixth'], ['seventh'], ['eighth'], ['ninth'], ['tenth']],
  1,
)

/** Seconds since midnight. */
export const clockWords: ReadonlyMap<string, number> = new Map([
  ['noon', 43_200],
  ['midday', 43_200],
  ['midnight', 0],
])

const partOfDay = 'On which days, and at what time? Write both, as in "every day at 8:00" or "every monday at 20:00".'
const bounds = 'When it begins and ends is set with its start and end dates; leave that out here.'
const zone = 'The time zone is a field of its own, "timezone"; leave it out here.'
const none = 'Exceptions are not understood: write the days on which it is due, as in "every monday to thursday".'

/** What is asked where a word may mean several things, or is no time at all. */
export const questions: ReadonlyMap<string, string> = new Map([
  ...[
    'morning',
    'mornings',
    'afternoon',
    'evening',
    'evenings',
    'night',
    'tonight',
    'lunchtime',
    'dawn',
    'dusk',
    'sunrise',
    'sunset',
  ].map((word) => [word, partOfDay] as const),
  ...['starting', 'start', 'beginning', 'since', 'ending', 'until', 'till', 'after', 'before'].map(
    (word) => [word, bounds] as const,
  ),
  ...['except', 'but', 'not', 'excluding', 'without', 'unless'].map((word) => [word, none] as const),
  ...['utc', 'gmt', 'est', 'edt', 'cst', 'cdt', 'mst', 'pst', 'pdt', 'cet', 'cest', 'bst', 'ist', 'z'].map(
    (word) => [word, zone] as const,
  ),
  ...['biweekly', 'bimonthly', 'biannually', 'semiweekly', 'bi'].map(
    (word) =>
      [
        word,
        'Twice as often, or half as often? Write "every 2 weeks", or the days: "every monday and thursday".',
      ] as const,
  ),
  ...['once', 'twice', 'thrice', 'times', 'time'].map(
    (word) => [word, 'At which times? Write them, as in "every day at 8:00 and 20:00".'] as const,
  ),
  ...['holiday', 'holidays'].map(
    (word) => [word, 'Holidays are not known here: write days of the week or of the month.'] as const,
  ),
  ...['about', 'around', 'approximately', 'roughly', 'random', 'randomly'].map(
    (word) => [word, 'A random delay is a field of its own, "jitter_sec"; write the time alone.'] as const,
  ),
  ['now', 'To start it now, run it: a schedule says when it is due later, as in "in 10 minutes".'],
  ['reboot', 'The start of a machine is no time: write when it is due, such as "daily".'],
  ['fortnight', 'Write "every 2 weeks".'],
  ['quarter', 'Write "quarterly", or of an hour "every 15 minutes".'],
  ['half', 'Write it in minutes: "every 30 minutes".'],
  ['past', 'Write "every hour at minute 15", or the time: "at 9:15".'],
  ['yesterday', 'Yesterday is over: write a time to come.'],
])

/** Small words that only join others. */
export const fillers: ReadonlySet<string> = new Set([
  'and',
  'the',
  ',',
  '&',
  'of',
  'run',
  'runs',
  'then',
  'or',
  'also',
  'only',
])

const others = [
  ...[
    'every',
    'each',
    'on',
    'at',
    'in',
    'last',
    'from',
    'to',
    'through',
    'between',
    'today',
    'tomorrow',
    'next',
    'month',
  ],
  ...['clock', 'working', 'business'],
]

/** Every word that is understood, for "did you mean". */
export const vocabulary: readonly string[] = [
  ...others,
  ...[weekdayWords, weekdayGroups, monthWords, unitWords, rhythmWords, numberWords, ordinalWords, clockWords].flatMap(
    (words) => [...words.keys()].filter((word) => word.length > 2),
  ),
]
