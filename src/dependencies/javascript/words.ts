/** What Bun says when an installation fails, in words for whoever declared it. */
import { InstallError } from '../model.ts'

const linesMax = 20

interface Asked {
  /** Without user and password. */
  host: string
}

/** First match wins: the particular before the general. `null` where the line is no reason. */
const causes: [RegExp, (match: RegExpMatchArray, asked: Asked) => string][] = [
  [
    /NoSpaceLeft|ENOSPC|No space left on device/,
    () => 'There is no space left on the disk: make room, under Dependencies for one, and install again.',
  ],
  [/EDQUOT|DiskQuota/, () => 'The disk quota is used up: make room and install again.'],
  [
    /--offline: .*?"([^"]+)"/,
    ([, name]) => `${name} is not in the cache, and nothing is fetched while the setting DEPS_OFFLINE is on.`,
  ],
  [
    /--offline: (.+)/,
    ([, what]) => `Something is not in the cache, and nothing is fetched while the setting DEPS_OFFLINE is on: ${what}`,
  ],
  [
    /No version matching "(.*?)" found for specifier "(.*?)"/,
    ([, version, name]) => `There is no version of ${name} that fits "${version}".`,
  ],
  [
    /Integrity check failed for tarball: (\S+)|IntegrityCheckFailed \w+ \w* ?(?:from )?(\S+)/,
    ([, name, other]) =>
      `What came for ${name ?? other} is not what its hash says, and nothing was installed. If it was published anew, renew the lock with "update".`,
  ],
  [
    /GET (\S+) - 40[13]\b/,
    ([line, url], { host }) =>
      `The registry ${host} does not give ${nameIn(url)} out (${line.slice(-3)}): its token is set by NPM_REGISTRY_SECRET.`,
  ],
  [
    /GET (\S+) - 404\b/,
    ([, url], { host }) =>
      url?.includes('/-/')
        ? `The registry ${host} has no file for this version of ${nameIn(url)}.`
        : `The registry ${host} has no package ${nameIn(url)}.`,
  ],
  [/404 Not Found: (\S+)/, ([, url], { host }) => `The registry ${host} has no package ${nameIn(url)}.`],
  [
    /GET (\S+) - (\d{3})\b/,
    ([, url, status], { host }) =>
      `The registry ${host} answered ${status} when it was asked for ${nameIn(url)}: try later.`,
  ],
  [
    /"git" is not installed \(needed for "(.*?)"\)/,
    ([, name]) => `${name} is asked for from a git repository; packages come from the registry alone.`,
  ],
  [
    /for "((?:file|link|workspace):[^"]*)" dependency "(.*?)"|(?:file|link|workspace):\S* .*?"(.*?)"/,
    ([, , name, other]) => `${name ?? other} is asked for from a folder; packages come from the registry alone.`,
  ],
  [
    /(ConnectionClosed|ConnectionReset|UnexpectedEOF|\w*Zlib\w*|\w*Decompress\w*) (?:downloading|extracting) .*?(\S+)$/m,
    ([, , name], { host }) => `The connection to the registry ${host} ended in the middle of ${name}: try again.`,
  ],
  [
    /(\w+) downloading (?:package manifest|tarball) (\S+)/,
    ([, how, name], { host }) =>
      `The registry ${host} cannot be reached (${how}), which was asked for ${name}: check NPM_CONFIG_REGISTRY and the network.`,
  ],
  [
    /lockfile had changes, but lockfile is frozen/,
    () => 'The lock does not say all that is asked for: renew it with "update".',
  ],
  [/(\w+) script from "(.*?)" (.*)/, ([, script, name, how]) => `The ${script} script of ${name} ${how}.`],
  [/error: (.+) failed to resolve/, ([, what]) => `${what} could not be resolved.`],
  [/error: (.+)/, ([, what]) => `${what}.`],
]

/** The same failure with a message that names the cause. One by time, size or somebody's wish is what it is. */
export function inWords(error: unknown, registry: string): unknown {
  if (!(error instanceof InstallError) || error.kind !== 'failed') return error
  return new InstallError(causeOf(error, registry), error.lines.slice(-linesMax), error.kind)
}

function causeOf({ message, lines }: InstallError, registry: string): string {
  const text = lines.filter((line) => !line.startsWith('warn:')).join('\n')
  for (const [pattern, words] of causes) {
    const match = text.match(pattern)
    if (match) return words(match, { host: hostOf(registry) })
  }
  return message
}

export const hostOf = (registry: string) => URL.parse(registry)?.host ?? registry

/** `@scope/name` of an address below the registry's. */
function nameIn(address = ''): string {
  const path = decodeURIComponent(URL.parse(address)?.pathname ?? address).split('/-/')[0]!
  return /(@[^/]+\/)?[^/]+$/.exec(path)?.[0] ?? address
}
