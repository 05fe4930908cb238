/** Crontabs as people have them: what each line says, which script it starts with what, and what cannot be taken over. */
import { describe, expect, test } from 'bun:test'
import { type ImportScript, linesMax } from '../../src/schedules/crontab/model.ts'
import { planImport } from '../../src/schedules/crontab/plan.ts'
import { readCrontab } from '../../src/schedules/crontab/read.ts'
import { between } from '../../src/schedules/times/next.ts'
import { parseWhen } from '../../src/schedules/times/parse.ts'
import { toParams } from '../../src/scripts/args-map.ts'
import type { ArgsMap } from '../../src/scripts/model.ts'

const script = (id: number, place: string, slug: string, argsMap: ArgsMap = {}): ImportScript => {
  const [runtime = '', ...rest] = place.split('/')
  return { id, slug, runtime: runtime as ImportScript['runtime'], filename: rest.join('/'), params: toParams(argsMap) }
}

const scripts = [
  script(1, 'python/resize.py', 'resize', {
    width: { type: 'int', flag: '--width', min: 1, max: 8000 },
    height: { type: 'int', flag: '-h' },
    verbose: { type: 'bool', flag: '--verbose', action: 'store_true' },
    tags: { type: 'str', flag: '--tag', multiple: true },
    title: { type: 'str' },
    shift: { type: 'float' },
    input: { type: 'file' },
    options: { type: 'json' },
    token: { type: 'int', secret: true },
  }),
  script(2, 'python/backup.py', 'backup'),
  script(3, 'python/reports/daily.py', 'daily'),
  script(4, 'python/other/daily.py', 'other-daily'),
  script(5, 'js/sync_mail.mjs', 'sync-mail'),
  script(6, 'js/backup.js', 'backup-2'),
  script(7, 'python/needs.py', 'needs', {
    name: { type: 'str', required: true },
    city: { type: 'str', required: true },
  }),
]

const plan = (text: string, isSystem?: boolean, timezone: string | null = null) =>
  planImport(readCrontab(text, { isSystem }), { scripts, timezone })

/** Of the only line that there is an entry for. */
function planOne(text: string, isSystem?: boolean) {
  const entries = plan(text, isSystem)
  expect(entries.length).toBe(1)
  return entries[0]!
}

describe('when', () => {
  test.each<[string, string, string]>([
    ['stars', '* * * * *', '* * * * *'],
    ['steps', '*/15 * * * *', '*/15 * * * *'],
    ['a step of one is none', '*/1 * * * *', '* * * * *'],
    ['lists and ranges', '5,10-20/5 8-18 * * *', '5,10-20/5 8-18 * * *'],
    ['zeroes before numbers', '05 08 01 01 *', '5 8 1 1 *'],
    ['names of months and days, however they are written', '0 0 * JAN,jul mon-Fri', '0 0 * 1,7 1-5'],
    ['long names', '0 0 * september Sunday', '0 0 * 9 0'],
    ['Sunday as 7', '0 0 * * 7', '0 0 * * 7'],
    ['a week that ends on Sunday', '0 0 * * fri-sun', '0 0 * * 5-7'],
    ['both days: either of them', '0 0 13 * 5', '0 0 13 * 5'],
    ['a day that begins with a star: both of them', '0 0 */2 * 5', '0 0 */2 * +5'],
    ['a weekday that begins with a star: both of them', '0 0 1-7 * */7', '0 0 1-7 * +*/7'],
    ['a star in a list is all of them, and a restriction to cron', '0 0 1,* * 5', '0 0 1-31 * 5'],
    ['a list that begins with a star', '0 0 *,1 * 5', '0 0 * * 5'],
    ['a range of one', '3-3 0 * * *', '3 0 * * *'],
    ['a question mark for any day', '0 0 ? * 1', '0 0 * * 1'],
    ['@daily', '@daily', '@daily'],
    ['@Hourly', '@Hourly', '@hourly'],
    ['@annually', '@annually', '@annually'],
    ['@every_minute, of FreeBSD', '@every_minute', '* * * * *'],
    ['tabs between the fields', '0\t5\t*\t*\t*', '0 5 * * *'],
    ['blanks before it', '   0   5 * * *', '0 5 * * *'],
    ['the minus of SUSE', '-*/5 * * * *', '*/5 * * * *'],
    ['a minus before a number', '-0 5 * * *', '0 5 * * *'],
  ])('%s', (_, when, expected) => {
    expect(planOne(`${when} python3 /srv/backup.py`)).toMatchObject({
      cron_expression: expected,
      script_id: 2,
      problem: null,
    })
  })

  test('a start in the midst of a range is read to its end, and says so', () => {
    const entry = planOne('5/15 * * * * python3 /srv/backup.py')
    expect(entry).toMatchObject({ cron_expression: '5-59/15 * * * *', problem: null })
    expect(entry.warnings).toEqual(['"5/15" is read as 5-59/15: cron itself may refuse it.'])
  })

  test.each<[string, string, string]>([
    ['@reboot', '@reboot python3 backup.py', '@reboot means a start of the machine'],
    ['a word nobody knows', '@fortnightly python3 backup.py', '"@fortnightly" is not known here'],
    ['a minute over 59', '60 * * * * python3 backup.py', 'The minute "60" is outside 0 to 59.'],
    ['an hour over 23', '0 24 * * * python3 backup.py', 'The hour "24" is outside 0 to 23.'],
    ['a day of zero', '0 0 0 * * python3 backup.py', 'The day of the month "0" is outside 1 to 31.'],
    ['a month over 12', '0 0 1 13 * python3 backup.py', 'The month "13" is outside 1 to 12.'],
    ['a weekday over 7', '0 0 * * 8 python3 backup.py', 'The day of the week "8" is outside 0 to 7.'],
    ['a range that runs backwards', '0 22-2 * * * python3 backup.py', 'write 22-23,0-2.'],
    ['a step of zero', '*/0 * * * * python3 backup.py', 'has a step outside 1 to 59.'],
    ['a step longer than the hour', '*/90 * * * * python3 backup.py', 'has a step outside 1 to 59.'],
    ['a step that is a word', '*/x * * * * python3 backup.py', 'has a step that is no number'],
    ['two steps', '*/2/3 * * * * python3 backup.py', 'has more than one step.'],
    ['a comma too many', '1,,2 * * * * python3 backup.py', 'there is a comma too many.'],
    ['a random minute', '0~30 * * * * python3 backup.py', 'is a random one'],
    ['a question mark for a minute', '? * * * * python3 backup.py', 'The minute "?" is not understood'],
    [
      'the last day, which cron does not know',
      '0 0 L * * python3 backup.py',
      'The day of the month "L" is not understood',
    ],
    ['too few fields', '0 5 * *', 'There are five fields before the command'],
    ['no command', '0 5 * * *', 'There is no command after the times'],
    ['no command after a word', '@daily', 'There is no command after the times'],
    ['a word alone', 'hello', '"hello" is no line of a crontab'],
    ['a zone that is none', 'CRON_TZ=Mars/Phobos\n0 5 * * * python3 backup.py', 'CRON_TZ above it is "Mars/Phobos"'],
    ['a line too long', `0 5 * * * python3 backup.py ${'x'.repeat(1000)}`, 'The line has more than 1000 characters.'],
    ['a NUL', '0 5 * * * python3 backup.py \0', 'The line holds a NUL character.'],
  ])('refused: %s', (_, text, problem) => {
    const entry = planOne(text)
    expect(entry.problem).toContain(problem)
    expect(entry).toMatchObject({ script_id: null, params: {} })
  })
})

describe('the file', () => {
  const hello = '0 5 * * * python3 /srv/backup.py'

  test.each<[string, string, number[]]>([
    ['nothing', '', []],
    ['blank lines and comments', '\n  \n# 0 5 * * * python3 backup.py\n\t# x\n', []],
    ['variables', 'A=1\nB = "two words"\nC=\n', []],
    ['ends of lines of Windows, and a mark at the beginning', `\uFEFF# x\r\n${hello}\r\n`, [2]],
    ['no end of the last line', `${hello}\n\n${hello}`, [1, 3]],
  ])('%s', (_, text, lines) => {
    const entries = plan(text)
    expect(entries.map(({ line }) => line)).toEqual(lines)
    expect(entries.every(({ problem }) => problem === null)).toBe(true)
  })

  test.each<[string, string, string, string]>([
    ['plain', 'A=1', 'A', '1'],
    ['blanks around', 'A =  1  ', 'A', '1'],
    ['quoted', 'A="two words "', 'A', 'two words '],
    ['quoted with the other mark', "'A'='x'", 'A', 'x'],
    ['a quotation mark that is not closed belongs to it', 'A="x', 'A', '"x'],
    ['no comment after it', 'A=1 # one', 'A', '1 # one'],
    ['empty', 'A=', 'A', ''],
    ['an equals sign in it', 'A=b=c', 'A', 'b=c'],
  ])('a variable: %s', (_, text, name, value) => {
    expect(readCrontab(text)).toEqual([{ line: 1, text, kind: 'variable', name, value }])
  })

  test('CRON_TZ counts from its line on, and the zone asked for stands where there is none', () => {
    const text = [hello, 'CRON_TZ=europe/berlin', hello, 'CRON_TZ="America/New_York"', hello, 'CRON_TZ=', hello].join(
      '\n',
    )
    const zones = plan(text, undefined, 'Asia/Tokyo').map(({ timezone }) => timezone)
    expect(zones).toEqual(['Asia/Tokyo', 'Europe/Berlin', 'America/New_York', 'Asia/Tokyo'])
  })

  test('over 256 KiB it is one problem, and not half of it', () => {
    const entries = plan(`${hello}\n`.repeat(9000))
    expect(entries.map(({ problem }) => problem)).toEqual(['The crontab has more than 256 KiB: import it in parts.'])
    expect(entries[0]!.text.length).toBeLessThanOrEqual(1000)
  })

  test('bytes count, not characters', () => {
    expect(plan(`# ${'日'.repeat(100_000)}`)).toHaveLength(1)
  })

  test('over 2000 lines it says where it stopped', () => {
    const entries = plan(`${'\n'.repeat(linesMax - 1)}${hello}\n${hello}\n`)
    expect(entries.map(({ line, problem }) => [line, problem])).toEqual([
      [linesMax, null],
      [linesMax + 1, 'Only 2000 lines are read: import the rest by itself.'],
    ])
  })
})

describe('the column of the user', () => {
  const userOf = (text: string, isSystem?: boolean) =>
    readCrontab(text, { isSystem }).flatMap((line) => (line.kind === 'command' ? [[line.user, line.command]] : []))

  test.each<[string, string, [string | null, string][]]>([
    ['an account that systems have', '0 5 * * * root /srv/x.py', [['root', '/srv/x.py']]],
    [
      'one known account vouches for the others',
      '0 5 * * * root a\n0 6 * * * shop b',
      [
        ['root', 'a'],
        ['shop', 'b'],
      ],
    ],
    ['a heading', '# m h dom mon dow user\tcommand\n0 5 * * * shop b', [['shop', 'b']]],
    ['the heading of Fedora', '# *  *  *  *  * user-name  command to be executed\n0 5 * * * shop b', [['shop', 'b']]],
    ['the heading of a user’s crontab', '# m h  dom mon dow   command\n0 5 * * * shop b', [[null, 'shop b']]],
    ['a name nobody knows is a program', '0 5 * * * shop b', [[null, 'shop b']]],
    [
      'a path is none',
      '0 5 * * * root a\n0 6 * * * /srv/x.py y',
      [
        [null, 'root a'],
        [null, '/srv/x.py y'],
      ],
    ],
    [
      'a program is none',
      '0 5 * * * root a\n0 6 * * * python3 y',
      [
        [null, 'root a'],
        [null, 'python3 y'],
      ],
    ],
    ['after a word', '@daily www-data a', [['www-data', 'a']]],
  ])('%s', (_, text, expected) => {
    expect(userOf(text)).toEqual(expected)
  })

  test('it is as somebody says', () => {
    expect(userOf('0 5 * * * shop python3 x.py', true)).toEqual([['shop', 'python3 x.py']])
    expect(userOf('0 5 * * * root python3 x.py', false)).toEqual([[null, 'root python3 x.py']])
    expect(planOne('0 5 * * * shop', true).problem).toBe('There is no command after the times and the user.')
  })

  test('who it ran as is told', () => {
    const { warnings } = planOne('0 5 * * * root python3 /srv/backup.py')
    expect(warnings).toEqual(["It ran as root: here it runs as the gateway's user, whom its files have to let in."])
  })
})

describe('the script', () => {
  test.each<[string, string, number]>([
    ['by its path', 'python3 /srv/scripts/backup.py', 2],
    ['without an interpreter', '/srv/scripts/backup.py', 2],
    ['of the interpreter’s language', 'node /srv/backup.js', 6],
    ['by its folder', 'python3 /old/place/reports/daily.py', 3],
    ['from the folder it runs in', 'cd /srv/reports && python3 daily.py', 3],
    ['from the folder, with a semicolon', 'cd /srv/reports; python3 ./daily.py', 3],
    ['up and down', 'cd /srv/other/x && ../../reports/daily.py', 3],
    ['as a module', 'cd /srv && python3 -m reports.daily', 3],
    ['as a module, joined', 'python3 -umother.daily', 4],
    ['below a home nobody knows', 'python3 ~/bin/backup.py', 2],
    ['below a variable nobody knows', 'python3 "$HOME/bin/backup.py"', 2],
    ['with a name that is quoted', "python3 '/srv/my scripts/backup.py'", 2],
    ['with blanks that are escaped', 'python3 /srv/my\\ scripts/backup.py', 2],
    ['by its name in addresses', 'sync-mail', 5],
    ['options of Python', '/usr/bin/python3.11 -u -W ignore -Xdev /srv/backup.py', 2],
    ['options of Node.js', 'node --max-old-space-size=512 -r dotenv/config sync_mail.mjs', 5],
    ['bun', '/root/.bun/bin/bun run sync_mail.mjs', 5],
    ['npx tsx', 'npx tsx sync_mail.mjs', 5],
    ['env', '/usr/bin/env -i FOO=1 python3 backup.py', 2],
    ['nice and ionice', 'nice -n 19 ionice -c2 -n7 python3 backup.py', 2],
    ['nice, joined', 'nice -10 python3 backup.py', 2],
    ['timeout', 'timeout -k 10 5m python3 backup.py', 2],
    ['flock', '/usr/bin/flock -n /tmp/backup.lock python3 backup.py', 2],
    ['flock with a command line', "flock -n /tmp/backup.lock -c 'python3 backup.py'", 2],
    ['a shell', "/bin/bash -lc 'cd /srv/other && python3 daily.py'", 4],
    ['nohup, in the background', 'nohup python3 backup.py &', 2],
    ['poetry', 'cd /srv/reports && poetry run python daily.py', 3],
    ['an environment of Python', '. /srv/venv/bin/activate && python backup.py', 2],
    ['variables before it', 'TZ=UTC A=1 python3 backup.py', 2],
    ['an end that does not matter', 'python3 backup.py || true', 2],
    ['a comment after it', 'python3 backup.py # each night', 2],
    ['what it prints', 'python3 backup.py >/dev/null 2>&1 </dev/null', 2],
  ])('%s', (_, command, id) => {
    expect(planOne(`0 5 * * * ${command}`)).toMatchObject({ script_id: id, problem: null, command })
  })

  test('variables of the crontab are put in, the last ones that were set', () => {
    const text =
      'D=/srv/other\nD=/srv/reports\n0 5 * * * python3 $D/daily.py\nD=/srv/other\n0 5 * * * python3 "$' +
      '{D}/daily.py"'
    expect(plan(text).map(({ script_id }) => script_id)).toEqual([3, 4])
  })

  test('a variable that the command sets is not the one of the crontab', () => {
    expect(planOne('T=a\n0 5 * * * export T=b && python3 resize.py --title $T').problem).toContain(
      'worked out by a shell from $T',
    )
  })

  test.each<[string, string, string]>([
    [
      'two of the name',
      'python3 daily.py',
      'may be python/reports/daily.py or python/other/daily.py: write more of its path.',
    ],
    ['none of the name', 'python3 /srv/gone.py', 'There is no script "gone.py" here that you may schedule'],
    ['another language’s', 'node /srv/backup.py', 'There is no script "backup.py" here'],
    ['both languages by one name in addresses', 'python3 sync-mail', 'There is no script "sync-mail" here'],
    ['another program', 'tar -zcf /var/backups/home.tgz /home/', '"tar" is none of the scripts here'],
    ['Python that is no file', 'python3 -c "print(1)"', 'Its Python is not in a file'],
    ['JavaScript that is no file', 'node -e "1"', 'Its JavaScript is not in a file'],
    ['an interpreter alone', 'python3 -u', 'There is no script after python.'],
    ['a script of the shell', 'bash /srv/backup.sh', 'bash runs a script of its own'],
    ['a path that a shell works out', 'python3 /srv/$NAME', 'write its path out.'],
    ['a folder that is known in part', 'python3 $A-reports/daily.py', 'write more of its path.'],
    ['a path with a star', 'python3 /srv/*.py', 'write its path out.'],
    ['a pipe', 'python3 backup.py | mail -s x me@example.com', '"|" hands what it prints to "mail"'],
    ['a second command', 'python3 backup.py; python3 resize.py', '"python3" after ";" is a second command'],
    ['a second command after a good end', 'python3 backup.py && rm -rf /tmp/x', '"rm" after "&&" is a second command'],
    ['another one after a bad end', 'python3 backup.py || echo failed', '"echo" after "||" is for failures'],
    ['a condition', 'test -x /srv/backup.py && /srv/backup.py', '"test" is worked out by a shell'],
    ['a condition in brackets', '[ -x /srv/backup.py ] && /srv/backup.py', '"[" is worked out by a shell'],
    [
      'what another program prints',
      'python3 backup.py --day $(date +\\%F)',
      '$(…) puts in what another program prints',
    ],
    ['the same, in old marks', 'python3 backup.py `date`', '`…` puts in what another program prints'],
    ['a part of a variable', `python3 backup.py \${A:-1}`, '{…} is worked out by a shell'],
    ['a shell of its own', '(cd /srv; python3 backup.py)', '( ) starts a shell of its own'],
    ['a mark that is not closed', "python3 'backup.py", "A quotation mark (') is not closed."],
    ['another mark that is not closed', 'python3 "backup.py', 'A quotation mark (") is not closed.'],
    ['a line that goes on', 'python3 backup.py \\', 'a crontab does not join lines.'],
    ['an input', 'python3 backup.py < /srv/in.txt', 'It reads its input from < /srv/in.txt'],
    ['a per cent sign', 'python3 backup.py%one%two', 'What stands after % is its input'],
    ['a per cent sign of a date', 'python3 backup.py --day `date +%F`', 'where a per cent sign is meant, write \\%'],
    ['a column of users, perhaps', 'shop python3 /srv/backup.py', 'send "is_system": true'],
    ['another user', 'sudo -u www-data python3 backup.py', 'sudo runs it as another user'],
    ['shells without end', `${'sh -c '.repeat(3)}'sh -c "sh -c x"'`, 'sh'],
    ['nothing but variables', 'A=1', 'There is no command in it.'],
    ['nothing but a comment', '# python3 backup.py', 'There is no command in it.'],
    ['a program of a package', 'npx prettier .', '"prettier" starts a program of a package'],
  ])('refused: %s', (_, command, problem) => {
    const entry = planOne(`0 5 * * * ${command}`)
    expect(entry.problem).toContain(problem)
    expect(entry).toMatchObject({ script_id: null, cron_expression: '0 5 * * *' })
  })

  test.each<[string, string, string]>([
    ['its output', 'python3 backup.py >> /var/log/b.log 2>&1', 'and not written to "/var/log/b.log".'],
    ['its limit of time', 'timeout 5m python3 backup.py', 'Its time limit of "5m" is not taken over'],
    ['a lock that does not wait', 'flock -n /tmp/l python3 backup.py', 'overlap "skip"'],
    ['a lock that waits', 'flock /tmp/l python3 backup.py', 'overlap "queue"'],
    ['a variable', 'A=1 python3 backup.py', 'A is not passed on'],
    ['packages of its own', '/srv/venv/bin/python backup.py', 'The packages of "/srv/venv/bin/python" are not used'],
    [
      'an environment',
      '. /srv/venv/bin/activate && python backup.py',
      'The packages of /srv/venv/bin/activate are not used',
    ],
    [
      'a sign of life that nobody knows here',
      'python3 backup.py && curl -fsS https://hc-ping.com/$ID >/dev/null',
      'give it to the schedule as its heartbeat.',
    ],
    ['a name alone', 'python3 /srv/elsewhere/other_daily/../daily-x/../other-daily.py', 'by its name in addresses.'],
    [
      'options of its interpreter',
      'node --inspect sync_mail.mjs',
      'The options of node are not taken over: --inspect.',
    ],
  ])('told: %s', (_, command, warning) => {
    const entry = planOne(`0 5 * * * ${command}`)
    expect(entry.problem).toBeNull()
    expect(entry.warnings.join('\n')).toContain(warning)
  })

  const ping = 'https://hc-ping.com/0b5b-77'
  test.each<[string, string, string | null]>([
    ['curl', `python3 backup.py && curl -fsS -m 10 --retry 5 -o /dev/null ${ping}`, ping],
    ['wget, quoted', `python3 backup.py && wget -q -O - "${ping}?rid=1" > /dev/null`, `${ping}?rid=1`],
    ['in a shell of its own', `sh -c 'python3 backup.py && curl ${ping}'`, ping],
    ['after a shell of its own', `flock -n /tmp/l -c 'python3 backup.py' && /usr/bin/curl ${ping} 2>&1`, ping],
    ['of a variable', 'python3 backup.py && curl $PING', ping],
    ['a part is worked out by a shell', `python3 backup.py && curl ${ping}-$ID`, null],
    ['none', 'python3 backup.py', null],
  ])('what it calls after a good end is its heartbeat: %s', (_, command, url) => {
    const entry = planOne(`PING=${ping}\n0 5 * * * ${command}`)
    expect([entry.problem, entry.heartbeat_url]).toEqual([null, url])
    expect(`${entry.text} ${entry.command}`).not.toContain('0b5b')
  })

  test.each<[string, string]>([
    ['after all that', `python3 backup.py; curl ${ping}`],
    ['after a failure', `python3 backup.py || curl ${ping}/fail`],
    ['before', `curl ${ping}/start && python3 backup.py`],
    ['two of them', `python3 backup.py && curl ${ping} ${ping}`],
    ['to another service', 'python3 backup.py && curl https://example.test/0b5b-77'],
  ])('what is called %s is no heartbeat', (_, command) => {
    const entry = planOne(`0 5 * * * ${command}`)
    expect([entry.problem === null, entry.heartbeat_url]).toEqual([false, null])
    expect(command.includes(ping) && `${entry.text} ${entry.command}`.includes('0b5b')).toBe(false)
  })

  test('where only the end of its path fits, that is told', () => {
    const text = 'python3 /srv/x/only.py'
    const only = [script(9, 'python/group/only.py', 'only')]
    const [entry] = planImport(readCrontab(`0 5 * * * ${text}`), { scripts: only, timezone: null })
    expect(entry).toMatchObject({ script_id: 9, warnings: ['Taken for group/only.py by the end of its path alone.'] })
  })

  test('what variables of cron would do is told', () => {
    const text = 'PATH=/bin\nMAILTO=me@example.com\nRANDOM_DELAY=45\nTZ=Asia/Tokyo\nDB=x\n0 5 * * * python3 backup.py'
    expect(planOne(text).warnings).toEqual([
      'RANDOM_DELAY of "45" minutes is not taken over: give the schedule a jitter.',
      'TZ=Asia/Tokyo is not what cron reads times in, so it is not here; CRON_TZ is.',
      'DB: set as variables of the script, for these are not passed on.',
      'Nothing is mailed to "me@example.com": make a rule for notifications.',
    ])
    const twice = plan('MAILTO=me@example.com\n0 5 * * * python3 backup.py\n0 6 * * * python3 backup.py')
    expect(twice.map(({ warnings }) => warnings.length)).toEqual([1, 0])
    expect(planOne('MAILTO=""\nSHELL=/bin/sh\n0 5 * * * python3 backup.py').warnings).toEqual([])
  })
})

describe('the arguments', () => {
  test.each<[string, string, Record<string, unknown>]>([
    ['none', '', {}],
    ['a value after its flag', '--width 3', { width: 3 }],
    ['a value joined to it', '--width=3', { width: 3 }],
    ['a short flag', '-h 3', { height: 3 }],
    ['a short flag with its value', '-h3', { height: 3 }],
    ['a flag alone', '--verbose --width 3', { verbose: true, width: 3 }],
    ['several values', '--tag a --tag "b c" --tag=d', { tags: ['a', 'b c', 'd'] }],
    ['a flag by the name', '--title "It\'s late"', { title: "It's late" }],
    ['a negative number', '--shift -2.5', { shift: -2.5 }],
    ['nothing in marks', "--title ''", { title: '' }],
    ['an equals sign in a value', '--title a=b', { title: 'a=b' }],
    ['JSON', `--options '{"a": [1, 2]}'`, { options: { a: [1, 2] } }],
    ['a text in JSON', `--options '"a"'`, { options: '"a"' }],
    ['a per cent sign that is escaped', '--title 100\\%', { title: '100%' }],
    ['a dollar that is not a variable', "--title '$HOME'", { title: '$HOME' }],
    ['a dollar that is escaped', '--title "\\$HOME"', { title: '$HOME' }],
    ['the last of two', '--width 3 --width 4', { width: 4 }],
    ['a star in marks', '--title "*"', { title: '*' }],
  ])('%s', (_, args, params) => {
    expect(planOne(`0 5 * * * python3 resize.py ${args}`)).toMatchObject({ script_id: 1, problem: null })
    expect(planOne(`0 5 * * * python3 resize.py ${args}`).params).toEqual(params)
  })

  test.each<[string, string, string]>([
    ['a flag that there is not', '--size 3', 'The script has no parameter for "--size"'],
    ['a slip', '--widht 3', 'did you mean --width?'],
    ['a word without a flag', 'picture.png', 'The script has no parameter for "picture.png": it has --width, -h'],
    ['a word after the flags', '--width 3 picture.png', 'no parameter for "picture.png"'],
    ['no value', '--width', '--width needs a value after it.'],
    ['a flag in the place of a value', '--width --verbose', '--width needs a value after it.'],
    ['a value for a flag alone', '--verbose=1', '--verbose takes no value'],
    ['a word for a number', '--width wide', '--width must be a whole number; got "wide".'],
    ['a number too large', '--width 9000', '--width must be at most 8000; got "9000".'],
    ['a variable', '--title $TITLE', 'is worked out by a shell from $TITLE: write its value out.'],
    ['a star', '--title *', 'is worked out by a shell from *'],
    ['a home', '--title ~/x', 'is worked out by a shell from ~'],
    ['braces', '--title {a,b}', 'is worked out by a shell'],
    ['JSON that is none', "--options '{a'", '--options must be JSON; got "{a".'],
    ['a secret is not repeated', '--token abc', '--token must be a whole number.'],
  ])('refused: %s', (_, args, problem) => {
    expect(planOne(`0 5 * * * python3 resize.py ${args}`).problem).toContain(problem)
  })

  test('among lines without a user, one with a user is told so', () => {
    const [, entry] = plan('0 4 * * * python3 backup.py\n0 5 * * * root /srv/backup.py')
    expect(entry!.problem).toContain('"root" is none of the scripts here; if it is the user, as in /etc/crontab')
  })

  test('what the script needs has to be there', () => {
    expect(planOne('0 5 * * * python3 needs.py --name x').problem).toBe('The script needs --city as well.')
  })

  test('a file has to be allowed, and says so', () => {
    const entry = planOne('0 5 * * * python3 resize.py --input /srv/a.csv')
    expect(entry).toMatchObject({ params: { input: '/srv/a.csv' }, problem: null })
    expect(entry.warnings).toEqual(['--input names a file: local_file_access_patterns has to allow it.'])
    expect(planOne('0 5 * * * python3 resize.py --input https://x.example/a.csv')).toMatchObject({
      ...{ params: { input: 'https://x.example/a.csv' }, problem: null, warnings: [] },
    })
  })
})

/** As they are found on servers; what has nothing to do with our scripts is a problem, and says so. */
describe('crontabs from life', () => {
  const withoutScripts: [string, string, string[]][] = [
    [
      "Debian's /etc/crontab",
      `# /etc/crontab: system-wide crontab
# Unlike any other crontab you don't have to run the \`crontab'
SHELL=/bin/sh
# You can also override PATH, but by default, newer versions inherit it from the environment
#PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin

# Example of job definition:
# .---------------- minute (0 - 59)
# |  .------------- hour (0 - 23)
# |  |  .---------- day of month (1 - 31)
# *  *  *  *  * user-name command to be executed
17 *	* * *	root    cd / && run-parts --report /etc/cron.hourly
25 6	* * *	root	test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )
47 6	* * 7	root	test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.weekly )
52 6	1 * *	root	test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.monthly )
#
`,
      ['"run-parts" is none', '( ) starts a shell', '( ) starts a shell', '( ) starts a shell'],
    ],
    [
      "certbot's",
      `SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin

0 */12 * * * root test -x /usr/bin/certbot -a \\! -d /run/systemd/system && perl -e 'sleep int(rand(43200))' && certbot -q renew --no-random-sleep-on-renew
`,
      ['"test" is worked out by a shell'],
    ],
    [
      'of backups',
      `# For example, you can run a backup of all your user accounts
# m h  dom mon dow   command
0 5 * * 1 tar -zcf /var/backups/home.tgz /home/
30 1 * * * rsync -az --delete /srv/ backup@nas.local:/volume1/srv/ >/dev/null
15 2 * * * mysqldump --all-databases | gzip > /srv/dump-$(date +\\%F).sql.gz
0 3 * * * find /srv/dumps -name '*.gz' -mtime +14 -delete
@reboot /usr/local/bin/mount-nas.sh
`,
      ['"tar" is none', '"rsync" is none', '$(…) puts in', '"find" is none', '@reboot means a start'],
    ],
    [
      'of PHP and of sessions',
      `09,39 *     * * *     root   [ -x /usr/lib/php/sessionclean ] && if [ ! -d /run/systemd/system ]; then /usr/lib/php/sessionclean; fi
*/5 * * * * www-data php -f /var/www/nextcloud/cron.php
`,
      ['"[" is worked out by a shell', '"php" is none'],
    ],
  ]
  test.each(withoutScripts)('%s', (_, text, problems) => {
    const entries = plan(text)
    expect(entries.length).toBe(problems.length)
    for (const [index, problem] of problems.entries()) expect(entries[index]!.problem).toContain(problem)
  })

  test('of scripts', () => {
    const text = `# Edit this file to introduce tasks to be run by cron.
MAILTO=""
SCRIPTS=/home/ann/scripts
CRON_TZ=Europe/Berlin

# thumbnails
*/10 8-18 * * mon-fri  cd $SCRIPTS && ./venv/bin/python resize.py --width=640 --tag web --tag small >> logs/resize.log 2>&1
15 2 * * *             flock -n /tmp/backup.lock nice -n 19 python3 $SCRIPTS/backup.py && curl -fsS -m 10 --retry 5 -o /dev/null https://hc-ping.com/0b5b-77
0 7 1,15 * *           /usr/bin/env python3 "$SCRIPTS/reports/daily.py" # to the boss
#0 7 * * *             python3 $SCRIPTS/old.py
@hourly                timeout 10m node $HOME/scripts/sync_mail.mjs > /dev/null
0 4 * * sun            python3 $SCRIPTS/resize.py --width $WIDTH
`
    const made = plan(text).map((entry) => [
      entry.line,
      entry.cron_expression,
      entry.timezone,
      entry.script_id,
      entry.params,
    ])
    expect(made).toEqual([
      [7, '*/10 8-18 * * 1-5', 'Europe/Berlin', 1, { width: 640, tags: ['web', 'small'] }],
      [8, '15 2 * * *', 'Europe/Berlin', 2, {}],
      [9, '0 7 1,15 * *', 'Europe/Berlin', 3, {}],
      [11, '@hourly', 'Europe/Berlin', 5, {}],
      [12, '0 4 * * 0', 'Europe/Berlin', null, {}],
    ])
  })
})

/** The same numbers each time: mulberry32. */
function random(seed: number) {
  let state = seed
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

describe('whatever is sent', () => {
  const pieces = [
    ...[
      '* ',
      '*/5 ',
      '0 ',
      '@daily ',
      '@',
      '-',
      ',',
      '/',
      '~',
      '%',
      '\\',
      '\\%',
      '\n',
      '\r\n',
      '\t',
      '\0',
      '#',
      '=',
      ' ',
      '\u00a0',
    ],
    ...[
      "'",
      '"',
      '`',
      '$',
      '$(',
      '${',
      '}',
      '{',
      '|',
      '||',
      '&&',
      '&',
      ';',
      '<',
      '>',
      '>>',
      '2>&1',
      '(',
      ')',
      '[',
      '?',
      '!',
    ],
    ...[
      'python3 ',
      'backup.py ',
      'node ',
      'sh -c ',
      'flock -n ',
      'timeout ',
      'env ',
      'cd ',
      'nice ',
      '--width ',
      '-h',
      '日本',
      '\ud800',
    ],
    ...[
      'A=1',
      'CRON_TZ=UTC\n',
      'root ',
      'mon',
      '13',
      '* * * * * ',
      '0 5 * * * python3 resize.py ',
      '__proto__',
      '../',
      '/',
    ],
  ]

  test('any text gives entries: with a problem, or with a script and an expression', () => {
    const next = random(20270314)
    const wrong: string[] = []
    for (let round = 0; round < 3000; round++) {
      const text = Array.from({ length: next(40) }, () => pieces[next(pieces.length)]).join('')
      for (const entry of plan(text)) {
        const isPlanned = entry.script_id !== null && entry.cron_expression !== null
        if ((entry.problem === null) !== isPlanned || entry.problem === '') wrong.push(text)
      }
    }
    expect(wrong).toEqual([])
  })

  test('long lines of one piece over and over are read to their end', () => {
    const entries = pieces.flatMap((piece) => {
      const line = `0 5 * * * python3 resize.py ${piece.repeat(1000 / piece.length)}`
        .slice(0, 1000)
        .replaceAll('\n', ' ')
      return plan(`${line}\n`.repeat(40))
    })
    expect(entries.length).toBeGreaterThan(1000)
  })
})

test('times are those of cron: each minute of a year is due when its fields say so', () => {
  const next = random(7)
  const wrong: string[] = []
  for (let round = 0; round < 150; round++) {
    const words = fieldsOfCron.map((field) => randomField(field, next))
    const [entry] = plan(`${words.join(' ')} python3 backup.py`)
    if (entry?.cron_expression == null) {
      wrong.push(`${words.join(' ')}: ${entry?.problem}`)
      continue
    }
    const parsed = parseWhen(entry.cron_expression, { timezone: 'UTC', now: 0 })
    if (!parsed.ok) {
      wrong.push(`${words.join(' ')}: ${parsed.problem}`)
      continue
    }
    const from = Date.UTC(2027, next(12), 1 + next(28))
    const due = between(
      { timing: parsed.timing, timezone: 'UTC', startsAt: null, endsAt: null },
      from,
      from + 4 * DAY_MS,
      10_000,
    )
    const expected = minutesOfCron(words, from, from + 4 * DAY_MS)
    if (due.join() !== expected.join()) wrong.push(`${words.join(' ')} → ${entry.cron_expression}`)
  }
  expect(wrong).toEqual([])
})

const DAY_MS = 86_400_000
const fieldsOfCron = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const

function randomField([low, high]: readonly [number, number], next: (below: number) => number): string {
  const one = () => low + next(high - low + 1)
  const kinds = [
    () => '*',
    () => '*',
    () => `*/${1 + next(high - low)}`,
    () => String(one()),
    () => `${low}-${one()}`,
    () => `${one()},${one()},${one()}`,
    () => `${one()}-${high}/${1 + next(high - low)}`,
    () => `*/${1 + next(high - low)},${one()}`,
  ]
  return kinds[next(kinds.length)]!()
}

/** crontab(5), written again as plainly as can be: what is due after `from` and up to `upTo`. */
function minutesOfCron(words: string[], from: number, upTo: number): number[] {
  const [minute, hour, date, month, day] = words.map((word, index) => numbersOf(word, fieldsOfCron[index]!))
  const isEither = !words[2]!.startsWith('*') && !words[4]!.startsWith('*')
  const due: number[] = []
  for (let at = from + 60_000; at <= upTo; at += 60_000) {
    const time = new Date(at)
    const isDate = date!.has(time.getUTCDate())
    const isDay = day!.has(time.getUTCDay()) || (time.getUTCDay() === 0 && day!.has(7))
    const isToday = isEither ? isDate || isDay : isDate && isDay
    if (
      isToday &&
      minute!.has(time.getUTCMinutes()) &&
      hour!.has(time.getUTCHours()) &&
      month!.has(time.getUTCMonth() + 1)
    )
      due.push(at)
  }
  return due
}

function numbersOf(word: string, [low, high]: readonly [number, number]): Set<number> {
  const numbers = new Set<number>()
  for (const item of word.split(',')) {
    const [range = '', step = '1'] = item.split('/')
    const [first, last = first] = range === '*' ? [low, high] : range.split('-').map(Number)
    for (let value = first!; value <= last!; value += Number(step)) numbers.add(value)
  }
  return numbers
}
