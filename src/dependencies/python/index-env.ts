/** Where packages come from, as pip and uv are told. By the environment, since addresses may hold credentials: argv is for all to see. */
import type { Sources } from '../model.ts'

/** Wheels that were fetched before, for when nothing can be fetched. Absolute. */
export const keptWheels = (downloadDir: string) => `${downloadDir}/wheels`

export function pipEnv(sources: Sources, downloadDir: string): Record<string, string> {
  const { pipIndexUrl, pipExtraIndexUrls } = sources
  const plain = [pipIndexUrl, ...pipExtraIndexUrls].filter((url) => url.startsWith('http://')).map((url) => hostOf(url))
  return {
    PIP_CONFIG_FILE: '/dev/null',
    PIP_CACHE_DIR: `${downloadDir}/pip`,
    PIP_KEYRING_PROVIDER: 'disabled',
    PIP_RETRIES: '2',
    PIP_TIMEOUT: '20',
    ...(!sources.isOffline && {
      PIP_INDEX_URL: pipIndexUrl,
      PIP_EXTRA_INDEX_URL: pipExtraIndexUrls.join(' '),
      // pip ignores an index without TLS that is not on this machine; whoever set it has said so.
      PIP_TRUSTED_HOST: plain.join(' '),
    }),
  }
}

export function uvEnv(sources: Sources, downloadDir: string): Record<string, string> {
  return {
    UV_NO_CONFIG: '1',
    UV_CACHE_DIR: `${downloadDir}/uv`,
    UV_LINK_MODE: 'copy',
    UV_NO_PROGRESS: '1',
    UV_PYTHON_DOWNLOADS: 'never',
    UV_KEYRING_PROVIDER: 'disabled',
    NO_COLOR: '1',
    ...(!sources.isOffline && {
      UV_INDEX_URL: sources.pipIndexUrl,
      UV_EXTRA_INDEX_URL: sources.pipExtraIndexUrls.join(' '),
    }),
  }
}

/** With its port, as `--trusted-host` takes it. */
const hostOf = (url: string) => new URL(url).host

/** Without user and password: it may be shown. */
export function shownAddress(address: string): string {
  const url = new URL(address)
  url.username = ''
  url.password = ''
  return url.href
}
