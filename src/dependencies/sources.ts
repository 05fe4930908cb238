/** Where packages come from, as the settings and the secrets they name say now. */
import { realpathSync, statSync } from 'node:fs'
import { isAbsolute, sep } from 'node:path'
import { GatewayError, messageOf } from '../errors.ts'
import type { Setting } from '../settings/settings.ts'
import type { Requirement, Sources } from './model.ts'

export const defaultIndexUrl = 'https://pypi.org/simple'
export const defaultRegistry = 'https://registry.npmjs.org'

interface SourcesDeps {
  setting: Setting
  /** Value of everybody's secret of that name; null when there is none. Throws `conflict` when it cannot be read. */
  secret(name: string): string | null
  /** Addresses of proxies, which may have a login in them. */
  proxies(): string[]
  /** Absolute; real. No wheels come from there, since what holds wheels is shown to installers. */
  dataDir: string
}

/** Throws `conflict` when a secret that a setting names is not there, or the folder of wheels cannot be used. */
export function readSources({ setting, secret, proxies, dataDir }: SourcesDeps): Sources {
  const index = setting('pip_index_url') || defaultIndexUrl
  const logins = readLogins(secretNamed('pip_index_secret'), index, setting('pip_index_secret'))
  const token = oneLine(secretNamed('npm_registry_secret'), 'npm_registry_secret')
  const registry = setting('npm_config_registry') || defaultRegistry
  const known = (url: string) => {
    const login = logins.get(originOf(url))
    return login === undefined ? url : withLogin(url, login)
  }
  const pipIndexUrl = known(index)
  const pipExtraIndexUrls = setting('pip_extra_index_urls').map(known)
  return {
    ...{ pipIndexUrl, pipExtraIndexUrls, npmRegistry: registry, npmToken: token },
    isOffline: setting('deps_offline'),
    wheelDir: setting('wheel_dir') === '' ? null : wheelFolder(setting('wheel_dir'), dataDir),
    npmScriptsAllowed: setting('npm_scripts_allowed'),
    pipBuildsAllowed: setting('pip_builds_allowed'),
    secrets: [
      token,
      ...logins.values(),
      ...loginsIn([pipIndexUrl, ...pipExtraIndexUrls, index, registry, ...proxies()]),
    ].filter((one) => one !== null && one !== '') as string[],
  }

  function secretNamed(name: 'pip_index_secret' | 'npm_registry_secret'): string | null {
    const wanted = setting(name)
    if (wanted === '') return null
    const value = secret(wanted)?.trim() ?? null // of a file that was pasted, the end of its line
    if (value === null)
      throw new GatewayError(
        'conflict',
        `The setting ${name.toUpperCase()} names the secret "${wanted}", which is not there: set it under Settings, for everybody.`,
      )
    return value
  }

  function oneLine(value: string | null, name: 'npm_registry_secret'): string | null {
    if (value === null || !/[\u0000-\u001f\u007f]/.test(value)) return value
    throw new GatewayError(
      'conflict',
      `The secret "${setting(name)}", which ${name.toUpperCase()} names, has more than one line: set it anew.`,
    )
  }
}

/** Not by host alone: a login that is for https must not go over http. */
const originOf = (address: string) => URL.parse(address)?.origin ?? ''

/** Origin → `USER:PASSWORD`. One line is of the index; more, or with an address, are `ADDRESS USER:PASSWORD` each. */
function readLogins(value: string | null, index: string, secretName: string): Map<string, string> {
  const lines = value?.split(/\r?\n/).filter((line) => line.trim() !== '') ?? []
  if (lines.length === 1 && !/^https?:\/\//.test(lines[0]!)) {
    if (/[\u0000-\u001f\u007f]/.test(lines[0]!)) throw notLogins(secretName)
    return new Map([[originOf(index), lines[0]!]])
  }
  return new Map(
    lines.map((line) => {
      const [, address = '', login = ''] =
        /^\s*(https?:\/\/[^\s@]+)[ \t]+([^\s:]+:[^\u0000-\u001f\u007f]+?)\s*$/.exec(line) ?? []
      if (originOf(address) === '') throw notLogins(secretName)
      return [originOf(address), login]
    }),
  )
}

const notLogins = (secretName: string) =>
  new GatewayError(
    'conflict',
    `The secret "${secretName}", which PIP_INDEX_SECRET names, cannot be read: it holds USER:PASSWORD for PIP_INDEX_URL, or lines of ADDRESS USER:PASSWORD, one for each index.`,
  )

/** `login`: USER:PASSWORD, as they are. */
function withLogin(address: string, login: string): string {
  const url = new URL(address)
  const colon = login.indexOf(':')
  url.username = encodeURIComponent(colon === -1 ? login : login.slice(0, colon))
  url.password = colon === -1 ? '' : encodeURIComponent(login.slice(colon + 1))
  return url.href
}

/** Passwords in addresses, as they are written there and as they are. */
const loginsIn = (addresses: string[]): string[] =>
  addresses.flatMap((address) => {
    const { username = '', password = '' } = URL.parse(address.includes('://') ? address : `http://${address}`) ?? {}
    return [password || username, decoded(password || username)]
  })

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a percent sign that is one
  }
}

/** It is there, and nothing of the gateway's own is in it. Throws `conflict`. */
function wheelFolder(path: string, dataDir: string): string {
  const refuse = (why: string) => new GatewayError('conflict', `The setting WHEEL_DIR is "${path}", ${why}.`)
  if (!isAbsolute(path)) throw refuse('which is no absolute path: write it from / on')
  const real = realFolder(path, refuse)
  if (`${real}${sep}`.startsWith(`${dataDir}${sep}`))
    throw refuse('which is in DATA_DIR, where no installer may look: keep wheels elsewhere')
  if (`${dataDir}${sep}`.startsWith(real === sep ? sep : `${real}${sep}`))
    throw refuse('which has DATA_DIR in it: keep wheels in a folder of their own')
  return path
}

function realFolder(path: string, refuse: (why: string) => GatewayError): string {
  try {
    if (!statSync(path).isDirectory()) throw refuse('which is no folder')
    return realpathSync(path)
  } catch (error) {
    if (error instanceof GatewayError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw refuse(
      code === 'ENOENT'
        ? 'which is not there: make it, or empty the setting'
        : `which cannot be read (${messageOf(error)})`,
    )
  }
}

/** TCP ports that an installer has to reach: 53 for names, and those of the sources, of a proxy, and of direct addresses. */
export function portsOf(
  { isOffline, pipIndexUrl, pipExtraIndexUrls, npmRegistry }: Sources,
  requirements: Requirement[],
  proxies: string[],
): number[] {
  if (isOffline) return []
  const direct = requirements.flatMap(({ url }) => url ?? [])
  const addresses = [pipIndexUrl, ...pipExtraIndexUrls, npmRegistry, ...direct, ...proxies]
  return [...new Set([53, 443, ...addresses.flatMap((address) => portOf(address) ?? [])])]
}

function portOf(address: string): number | null {
  const url = URL.parse(address) ?? URL.parse(`http://${address}`)
  if (!url) return null
  return Number(url.port) || (url.protocol === 'http:' ? 80 : 443)
}
