/** Scans soon after a file event, and every `scan_interval_sec`, because events can be lost. */
import { type FSWatcher, watch } from 'node:fs'
import { extname, join } from 'node:path'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Runtimes } from '../runtimes/model.ts'
import type { Setting } from '../settings/settings.ts'
import { mayListPackages } from './packages-files.ts'
import { policyEnding } from './policy-file.ts'
import type { Scanner } from './scanner.ts'
import { sidecarEnding } from './sidecar.ts'
import { ignoring } from './walk.ts'

/** A burst of events is one scan: after this long without an event, ... */
const quietMs = 80
/** ... and while they go on, this often. */
const burstMs = 400
const tickMs = 1000

interface Options {
  scanner: Pick<Scanner, 'scan' | 'isOwnWrite'>
  setting: Setting
  runtimes: Runtimes
  /** Absolute. */
  scriptsDir: string
  log: Log
}

export interface Watcher {
  /** Whether file events are in use; without them only the interval finds changes. */
  hasEvents: boolean
  /** Resolves when the scan that goes on has ended. */
  close(): Promise<void>
}

export function createWatcher(options: Options): Watcher {
  const { scanner, setting, runtimes, scriptsDir, log } = options
  const extensions = Object.values(runtimes).flatMap((runtime) => runtime.extensions)
  const pending = new Set<string>()
  let quietTimer: ReturnType<typeof setTimeout> | undefined
  let burstTimer: ReturnType<typeof setTimeout> | undefined
  let intervalTimer: ReturnType<typeof setTimeout> | undefined
  let scanning: Promise<unknown> = Promise.resolve()
  let isClosed = false

  function onEvent(path: string | null | undefined) {
    if (isClosed || !isNews(path, extensions, setting('scan_ignore_patterns'))) return
    pending.add(path ?? '')
    clearTimeout(quietTimer)
    quietTimer = setTimeout(onBurst, quietMs)
    burstTimer ??= setTimeout(onBurst, burstMs)
  }

  function onBurst() {
    clearTimeout(quietTimer)
    clearTimeout(burstTimer)
    burstTimer = undefined
    // Asked now and not at the event, which may come before the scanner knows what it wrote.
    const isNew = [...pending].some((path) => !scanner.isOwnWrite(join(scriptsDir, path)))
    pending.clear()
    if (isNew) scan()
  }

  function scan() {
    scanning = scanner.scan().catch((error) => log.error({ scriptsDir, error: messageOf(error) }, 'A scan failed'))
  }

  /** Looks at the interval again every second, so that a change of the setting counts at once. */
  function schedule(lastMs: number) {
    const intervalMs = setting('scan_interval_sec') * 1000
    intervalTimer = setTimeout(
      () => {
        if (performance.now() - lastMs < setting('scan_interval_sec') * 1000 - 1) return schedule(lastMs)
        scan()
        // Not before the scan is over: an interval shorter than a scan must not pile them up.
        void scanning.then(() => isClosed || schedule(performance.now()))
      },
      Math.min(intervalMs, tickMs),
    )
  }

  const watching = startWatching(scriptsDir, onEvent, log)
  schedule(performance.now())

  return {
    hasEvents: watching !== null,
    async close() {
      isClosed = true
      watching?.close()
      for (const timer of [quietTimer, burstTimer, intervalTimer]) clearTimeout(timer)
      await scanning
    },
  }
}

function startWatching(dir: string, onEvent: (path: string | null) => void, log: Log): FSWatcher | null {
  const onlyInterval = (error: unknown) =>
    log.warn(
      { dir, error: messageOf(error) },
      'The scripts folder cannot be watched: changes are found every SCAN_INTERVAL_SEC only. Raise fs.inotify.max_user_watches',
    )
  try {
    const watcher = watch(dir, { recursive: true }, (_, path) => onEvent(path))
    return watcher.on('error', onlyInterval)
  } catch (error) {
    onlyInterval(error)
    return null
  }
}

/** A script, a sidecar, a policy, a module, what says its packages, or what may be a folder; not what scripts leave beside themselves. */
function isNews(path: string | null | undefined, extensions: readonly string[], ignorePatterns: string[]): boolean {
  if (!path) return true // something happened, and the system does not say where
  const names = path.split('/')
  const name = names.at(-1) ?? ''
  const isIgnored = ignoring(ignorePatterns)
  const isList = mayListPackages(name)
  const isSkipped = (part: string, index: number) =>
    part === '__pycache__' ||
    // Patterns are about scripts: of a list of packages, its folders alone.
    (!(isList && index === names.length - 1) && isIgnored(part, names.slice(1, index + 1).join('/'))) ||
    (part.startsWith('.') && index < names.length - 1)
  if (names.some(isSkipped)) return false
  if (name.endsWith(sidecarEnding) || name.endsWith(policyEnding)) return true
  if (isList) return true
  if (name.startsWith('.')) return false
  const extension = extname(name)
  return extension === '' || extensions.includes(extension) || !/^\.\w{1,6}$/.test(extension)
}
