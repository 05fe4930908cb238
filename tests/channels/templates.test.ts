import { describe, expect, test } from 'bun:test'
import { factHelp, problemsOf, renderTemplate } from '../../src/channels/templates.ts'
import { fit, oneLine } from '../../src/channels/text.ts'
import { usualText } from '../../src/channels/usual.ts'
import { type Facts, factNames, type NotifyEvent } from '../../src/notify/model.ts'

const facts = (more: Partial<Facts> = {}): Facts => ({
  ...(Object.fromEntries(factNames.map((name) => [name, ''])) as Facts),
  script: 'backup.py',
  ...more,
})

test('every fact is explained', () => {
  expect(Object.keys(factHelp)).toEqual([...factNames])
})

test.each([
  ['names are replaced', '{{script}} ended with {{ exit_code }}', 'backup.py ended with 3'],
  ['a fact that there is not is empty', '[{{reason}}]', '[]'],
  ['what is no fact stays', '{{nothing}} {{constructor}} {{__proto__}}', '{{nothing}} {{constructor}} {{__proto__}}'],
  [
    'nothing else has a meaning',
    '$script {script} {{{script}} {% if %} <%= %>',
    '$script {script} {backup.py {% if %} <%= %>',
  ],
  ['a value is not rendered again', '{{stderr}}', '{{script}} $& $1'],
  ['nor do two values make a name', '{{started_by}}{{host}}', '{{script}}'],
])('%s', (_name, text, rendered) => {
  const values = facts({ exit_code: '3', stderr: '{{script}} $& $1', started_by: '{{scr', host: 'ipt}}' })
  expect(renderTemplate(text, values)).toBe(rendered)
})

test.each<[string, string[]]>([
  ['{{script}} {{ url }} and { this } or }}', []],
  ['', []],
  ['{{scrpt}}', ['has {{scrpt}}, which is nothing that is known: did you mean {{script}}?']],
  ['{{exitcode}} {{exitcode}}', ['has {{exitcode}}, which is nothing that is known: did you mean {{exit_code}}?']],
  ['{{script', ['has a {{ that is not closed by }}']],
  ['{{script|upper}}', [expect.stringMatching(/^has \{\{script\|upper\}\}, which is nothing that is known: /)]],
  ['{{}}', [expect.stringMatching(/^has \{\{\}\} without a name in it: there are event, script, /)]],
  ['{{constructor}}', [expect.stringMatching(/nothing that is known/)]],
])('%j has these problems: %j', (text, problems) => {
  expect(problemsOf(text)).toEqual(problems)
})

test('a template of many thousand braces is read in no time', () => {
  for (const text of ['{{'.repeat(50_000), '{{{a}'.repeat(20_000), '}}'.repeat(50_000)])
    expect(problemsOf(text).length).toBeLessThan(3)
})

describe('what is said where a rule says nothing', () => {
  const rows: [NotifyEvent, Partial<Facts>, string, string][] = [
    [
      'failure',
      {
        status: 'failed',
        exit_code: '3',
        duration: '1.4 s',
        reason: 'The script ended with exit code 3.',
        stderr: 'no disk\n',
      },
      'backup.py failed',
      'Exit code 3 after 1.4 s.\nno disk',
    ],
    [
      'first_failure',
      { status: 'failed', exit_code: '1', attempt: '3', schedule: 'Every day at 02:00' },
      'backup.py failed, for the first time since it worked',
      'Exit code 1. This was attempt 3. Schedule: Every day at 02:00.',
    ],
    [
      'timeout',
      { status: 'timeout', duration: '10 min', reason: 'Stopped at its time limit of 10 min (timeout_min).' },
      'backup.py was stopped at its time limit',
      'Ended after 10 min. Stopped at its time limit of 10 min (timeout_min).',
    ],
    ['failure', { status: 'killed', reason: 'Out of memory' }, 'backup.py was killed', 'Killed. Out of memory.'],
    ['failure', { status: 'interrupted' }, 'backup.py was interrupted', 'Interrupted.'],
    ['always', { status: 'cancelled' }, 'backup.py was cancelled', 'Cancelled.'],
    [
      'success',
      { status: 'success', exit_code: '0', duration: '2 s', stderr: 'noise' },
      'backup.py succeeded',
      'Succeeded after 2 s.',
    ],
    [
      'recovery',
      { status: 'success', exit_code: '0', duration: '2 s' },
      'backup.py works again',
      'Succeeded after 2 s.',
    ],
    [
      'slow',
      { status: 'success', exit_code: '0', duration: '12 s', usual_duration: '4 s' },
      'backup.py was slow: 12 s',
      'Succeeded after 12 s. It usually takes 4 s.',
    ],
    [
      'missed',
      { status: 'missed', due: 'Fri 1 Jan 2027 03:00 CET', missed_count: '1', reason: 'The gateway was not running' },
      'backup.py was missed',
      'It was due Fri 1 Jan 2027 03:00 CET. The gateway was not running.',
    ],
    [
      'missed',
      { status: 'missed', due: 'Fri 1 Jan 2027 03:00 CET', last_due: 'Mon 4 Jan 2027 03:00 CET', missed_count: '4' },
      'backup.py was missed 4 times',
      'It was first due Fri 1 Jan 2027 03:00 CET, and last Mon 4 Jan 2027 03:00 CET.',
    ],
    [
      'missed',
      { status: 'missed', due: 'Fri 1 Jan 2027 03:00 CET', missed_count: '1000' },
      'backup.py was missed 1000 times',
      'It was first due Fri 1 Jan 2027 03:00 CET.',
    ],
    [
      'missed',
      {
        status: 'broken',
        schedule_id: '3',
        due: 'Fri 1 Jan 2027 03:00 CET',
        reason: 'x is needed.',
        schedule: 'Daily',
      },
      'backup.py: schedule 3 is broken',
      'x is needed. It does not run until that is put right. It was to run Fri 1 Jan 2027 03:00 CET. Schedule: Daily.',
    ],
    ...(['missed', 'failure', 'first_failure'] as const).map((event): (typeof rows)[number] => [
      event,
      { status: 'not_started', schedule_id: '3', due: 'Fri 1 Jan 2027 03:00 CET', reason: 'No room' },
      'backup.py: schedule 3 could not be started',
      'No room. It was to run Fri 1 Jan 2027 03:00 CET.',
    ]),
    ['failure', { script: '' }, 'A script ended', 'Ended.'],
  ]
  test.each(rows)('%s of %j', (event, more, title, body) => {
    expect(usualText(event, facts(more))).toEqual({ title, body })
  })

  test.each([
    ['', 'backup.py failed, the first time it ran'],
    ['7', 'backup.py failed, the first time this schedule ran it'],
  ])('a first failure that nothing ran before never worked either: of schedule %j', (schedule_id, title) => {
    const told = usualText('first_failure', facts({ status: 'failed', schedule_id }), { isFirst: true })
    expect(told.title).toBe(title)
  })
})

test.each([
  ['what fits', 'abc', 3, 'abc'],
  ['what does not', 'abcd', 3, 'ab…'],
  ['not within a character', '😀😀😀', 5, '😀😀…'],
  ['half a character', 'a\ud83d', 5, 'a\ufffd'],
  ['no room at all', 'abc', 0, ''],
])('a text is cut: %s', (_name, text, max, cut) => {
  expect(fit(text, max)).toBe(cut)
})

test('one line is one line', () => {
  expect(oneLine(' a\r\nb\tc\u2028d\0e\u0085f ')).toBe('a b c d e f')
})
