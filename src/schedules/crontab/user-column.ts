/** Whether a crontab is one of the system's, which have the user before the command. */

/** Accounts that systems come with; their names are no programs (`backup`, `man`, `mail`, `sync` and `news` may be, so they prove nothing). */
const accounts = new Set([
  ...['root', 'daemon', 'nobody', 'www-data', 'apache', 'nginx', 'httpd', 'caddy', 'postgres', 'mysql', 'mongodb'],
  ...['redis', 'rabbitmq', 'elasticsearch', 'grafana', 'prometheus', 'jenkins', 'gitlab-runner', 'nextcloud', 'ubuntu'],
  ...[
    'debian',
    'ec2-user',
    'centos',

    'vagrant',

    'logcheck',

    'munin',
    'smmsp',
    'amavis',
  ],
])

/** Words that begin a command, and name no user. */
const programs =
  /^(cd|test|env|nice|ionice|timeout|flock|nohup|exec|command|bash|sh|zsh|dash|echo|export|source|sudo|curl|wget|rsync|find|tar|(python|pypy|node|php|perl|ruby)[\d.]*|nodejs|bun|deno|npm|npx|docker|uv|poetry)$/

/** `# m h dom mon dow user command`, `# * * * * * user-name command to be executed`. */
const header = /^\s*#.*(\bdow|\*)\s+user(-?name)?\s+command\b/i

/**
 * A heading says so; or the sixth word of a line is an account that systems come with, and that of none is a program, a
 * path or a setting. A crontab of a user may well begin its commands with a word nobody knows, so nothing else counts.
 */
export function hasUserColumn(lines: string[]): boolean {
  if (lines.some((line) => header.test(line.slice(0, 200)))) return true
  const commands = lines.flatMap((line) => {
    const match = /^\s*-?(?:@\w+|[\d*]\S*\s+\S+\s+\S+\s+\S+\s+\S+)\s+(\S+)\s+\S/.exec(line.slice(0, 1000))
    return match?.[1] === undefined ? [] : [match[1]]
  })
  return commands.some((word) => accounts.has(word)) && commands.every((word) => isName(word))
}

/** Whether a command that is none of the scripts may begin with the user of a system's crontab. */
export const mayBeUser = (word: string, next: string | undefined) =>
  next !== undefined && isName(word) && (accounts.has(word) || next.includes('/') || programs.test(next))

const isName = (word: string) => accounts.has(word) || (/^[A-Za-z_][\w-]*\$?$/.test(word) && !programs.test(word))
