/** Where packages come from, as the settings and the secrets they name say now. */
import { GatewayError } from '../errors.ts'
import type { Setting } from '../settings/settings.ts'
import type { Requirement, Sources } from './model.ts'

export const defaultIndexUrl = 'https://pypi.org/simple'
export const defaultRegistry = 'https://registry.npmjs.org'

interface SourcesDeps {
  setting: Setting
  /** Value of everybody's secret of that name; null when there is none. Throws `conflict` when it cannot be read. */
  secret(name: string): string | null
}

/** Throws `conflict` when a secret that a setting names is not there. */
export function readSources({ setting, secret }: SourcesDeps): Sources {
  const login = secretNamed('pip_index_secret')
  const token = secretNamed('npm_registry_secret')
  const index = setting('pip_index_url') || defaultIndexUrl
  const registry = setting('npm_config_registry') || defaultRegistry
  const pipIndexUrl = login === null ? index : withLogin(index, login)
  const sameHost = (url: string) => login !== null && URL.parse(url)?.host === URL.parse(index)?.host
  const pipExtraIndexUrls = setting('pip_extra_index_urls').map((url) => (sameHost(url) ? withLogin(url, login!) : url))
  return {
    ...{ pipIndexUrl, pipExtraIndexUrls, npmRegistry: registry, npmToken: token },
    isOffline: setting('deps_offline'),
    wheelDir: setting('wheel_dir') || null,
    npmScriptsAllowed: setting('npm_scripts_allowed'),
    pipBuildsAllowed: setting('pip_builds_allowed'),
    secrets: [token, login, ...loginsIn([index, registry]), ...loginsIn([pipIndexUrl])].filter(
      (one) => one !== null && one !== '',
    ) as string[],
  }

  function secretNamed(name: 'pip_index_secret' | 'npm_registry_secret'): string | null {
    const wanted = setting(name)
    if (wanted === '') return null
    const value = secret(wanted)
    if (value === null)
      throw new GatewayError(
        'conflict',
        `The setting ${name} names the secret "${wanted}", which is not there: set it under Settings, for everybody.`,
      )
    return value
  }
}

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
    const { username = '', password = '' } = URL.parse(address) ?? {}
    return [password || username, decodeURIComponent(password || username)]
  })

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
