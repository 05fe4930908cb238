/** What the cache holds, who needs it, and what may go. */
import { type Clock, isoTime } from '../clock.ts'
import type { Log } from '../log.ts'
import { runtimeNames } from '../scripts/model.ts'
import type { Setting } from '../settings/settings.ts'
import type { Builds } from './builds.ts'
import type { Discovery } from './discovery.ts'
import type { Environment, Environments } from './environments.ts'
import { measureTree } from './seal.ts'
import type { InstallationStore } from './store.ts'
import type { CacheEntry, CacheStatus, CleanupReport, CleanupRequest } from './view-model.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000

interface CacheDeps {
  environments: Environments
  builds: Builds
  discovery: Discovery
  store: InstallationStore
  setting: Setting
  clock: Clock
  log: Log
}

export function createCache({ environments, builds, discovery, store, setting, clock, log }: CacheDeps) {
  const usedAt = store.usedAt()

  /** A run begins with it; kept to the hour, since every run would be a write else. */
  function used(name: string) {
    const now = clock.now()
    if (Math.abs(now - (usedAt.get(name) ?? 0)) < hourMs) return
    usedAt.set(name, now)
    try {
      store.used(name, now)
    } catch {
      usedAt.delete(name) // the database cannot be written now: the next run tries again
    }
  }

  const lastUse = ({ name, builtAtMs }: Environment) => Math.max(usedAt.get(name) ?? 0, builtAtMs)

  async function toEntry(environment: Environment): Promise<CacheEntry> {
    const { runtime, name, bytes, files, builtAtMs } = environment
    const facts = await environments.facts(environment).catch(() => null)
    return {
      ...{ runtime, environment: name, state: facts ? 'ready' : 'broken', bytes, files },
      requirements: facts?.requirements ?? [],
      packages: facts?.packages.length ?? 0,
      built_at: isoTime(builtAtMs)!,
      last_used_at: isoTime(usedAt.get(name) ?? null),
      age_days: Math.max(0, Math.floor((clock.now() - lastUse(environment)) / dayMs)),
      used_by: discovery.usersOf(name),
      in_use: environments.runsOf(name),
    }
  }

  async function status(): Promise<CacheStatus> {
    const items = await Promise.all(environments.list().map(toEntry))
    items.sort((a, b) => b.bytes - a.bytes)
    return {
      items,
      bytes: items.reduce((sum, { bytes }) => sum + bytes, 0),
      download_bytes: await downloadBytes(),
      kept_days: setting('deps_cache_days'),
    }
  }

  async function downloadBytes(): Promise<number> {
    const sizes = runtimeNames.map(
      (runtime) => measureTree(environments.downloadDir(runtime)).catch(() => ({ bytes: 0 })), // not made yet, or changing under our eyes
    )
    return (await Promise.all(sizes)).reduce((sum, { bytes }) => sum + bytes, 0)
  }

  async function cleanup(request: CleanupRequest): Promise<CleanupReport> {
    await discovery.lookAnew()
    const report: CleanupReport = { removed: [], bytes: 0, in_use: [] }
    for (const environment of environments.list()) {
      const { name, bytes } = environment
      if (!isMeant(environment, request)) continue
      // Asked and dropped in one turn: no run can take it between.
      if (environments.runsOf(name) > 0) report.in_use.push(name)
      else {
        const removing = environments.remove(environment)
        store.forgetUse(name)
        usedAt.delete(name)
        await removing
        report.removed.push(name)
        report.bytes += bytes
      }
    }
    if (request.downloads) report.bytes += await removeDownloads()
    if (report.removed.length > 0) log.info(report, 'environments were removed')
    return report
  }

  /** Answers how many bytes. None while something is built, which reads them. */
  async function removeDownloads(): Promise<number> {
    const bytes = await downloadBytes()
    if (builds.names().length > 0) return 0
    await Promise.all(runtimeNames.map((runtime) => environments.discard(environments.downloadDir(runtime))))
    return bytes
  }

  function isMeant(environment: Environment, request: CleanupRequest) {
    const { older_than_days = setting('deps_cache_days'), runtime, environments: named } = request
    if (runtime && environment.runtime !== runtime) return false
    if (named) return named.includes(environment.name)
    if (discovery.usersOf(environment.name).length > 0) return false
    return Math.max(0, clock.now() - lastUse(environment)) >= older_than_days * dayMs // the clock may have been set back
  }

  return {
    ...{ status, cleanup, used },
    /** By age, as the setting says. */
    async tidy(): Promise<void> {
      const days = setting('deps_cache_days')
      if (days > 0) await cleanup({ older_than_days: days })
    },
  }
}
