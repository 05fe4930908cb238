/** The options in force: database, then environment, then default. Read live by whoever was given them. */
import { eq } from 'drizzle-orm'
import type { Clock } from '../clock.ts'
import { type Config, isOptionName, type OptionName, options, parseOption, type Source } from '../config.ts'
import type { Db } from '../db/open.ts'
import { GatewayError, messageOf, type Problem } from '../errors.ts'
import { hasLogin, maskedLogin, maskUrl } from '../options/login.ts'
import type { Option } from '../options/option.ts'
import { type OptionGroup, optionGroups } from '../options/options.ts'
import { settings as table } from './table.ts'

/** Reads one option as it is now. */
export type Setting = <K extends OptionName>(name: K) => Config[K]

export interface SettingInfo {
  name: OptionName
  /** What it is about: the file of `src/options` that it stands in. */
  group: OptionGroup
  env: string
  type: string
  /** An address without the secrets in it: what is shown may be shown to whoever reads settings. */
  value: unknown
  default: unknown
  source: Source
  /** What is in force when nothing is stored: from the environment, else the default. */
  fallback: unknown
  fallback_source: Exclude<Source, 'database'>
  help: string
  start_only: boolean
  min: number | null
  max: number | null
  choices: readonly string[] | null
}

export interface Settings {
  get: Setting
  list(): SettingInfo[]
  /**
   * Stores the values, all or none; `null` goes back to the environment or the default. What is as `list` shows it stays as it
   * is. Throws `validation`.
   */
  update(changes: Record<string, unknown>): SettingInfo[]
}

export function createSettings({
  db,
  environment,
  clock,
  onChange = () => {},
}: {
  db: Db
  environment: Partial<Config>
  clock: Clock
  /** Called when changes are in force. */
  onChange?(): void
}): Settings {
  const stored = new Map<OptionName, unknown>()
  for (const { name, value } of db.select().from(table).all()) if (isOptionName(name)) stored.set(name, value)

  const sourceOf = (name: OptionName): Source =>
    stored.has(name) ? 'database' : environment[name] !== undefined ? 'environment' : 'default'

  const get: Setting = (name) =>
    (stored.has(name) ? stored.get(name) : (environment[name] ?? options[name].default)) as Config[typeof name]

  const list = () =>
    (Object.keys(options) as OptionName[]).map((name) => {
      const inEnvironment = environment[name] !== undefined
      const below = inEnvironment ? environment[name] : options[name].default
      return {
        ...describe(name, get(name), sourceOf(name)),
        fallback: shown(name, below),
        fallback_source: inEnvironment ? ('environment' as const) : ('default' as const),
      }
    })

  function update(changes: Record<string, unknown>) {
    const accepted = accept(changes, get)
    db.transaction((tx) => {
      for (const [name, value] of accepted) {
        if (value === null) tx.delete(table).where(eq(table.name, name)).run()
        else
          tx.insert(table)
            .values({ name, value, updatedAt: clock.now() })
            .onConflictDoUpdate({ target: table.name, set: { value, updatedAt: clock.now() } })
            .run()
      }
    })
    for (const [name, value] of accepted) value === null ? stored.delete(name) : stored.set(name, value)
    onChange()
    return list()
  }

  return { get, list, update }
}

function describe(name: OptionName, value: unknown, source: Source) {
  const { env, type, help, startOnly = false, min = null, max = null, choices = null, ...rest } = options[name]
  return {
    name,
    group: groupOf.get(name)!,
    env,
    type,
    value: shown(name, value),
    default: rest.default,
    source,
    help,
    start_only: startOnly,
    min,
    max,
    choices,
  }
}

const groupOf = new Map(
  (Object.keys(optionGroups) as OptionGroup[]).flatMap((group) =>
    Object.keys(optionGroups[group]).map((name) => [name as OptionName, group] as const),
  ),
)

const shown = (name: OptionName, value: unknown) =>
  (options[name] as Option).isUrl && typeof value === 'string' ? maskUrl(value, options[name] as Option) : value

/** Checks every change before the first one is stored. */
function accept(changes: Record<string, unknown>, get: Setting): Map<OptionName, unknown> {
  const accepted = new Map<OptionName, unknown>()
  const problems: Problem[] = []
  for (const [name, value] of Object.entries(changes)) {
    const refuse = (message: string) => problems.push({ path: `/${name}`, message })
    if (!isOptionName(name)) refuse('is not a setting; GET /api/settings lists them all')
    else if (options[name].startOnly)
      refuse(`is read at start only: set ${options[name].env} in the environment and start again`)
    else if (value === null) accepted.set(name, null)
    else if (isAsShown(name, value, get(name))) continue
    else
      try {
        refuseLogin(options[name], value)
        accepted.set(name, parseOption(name, value))
      } catch (error) {
        refuse(messageOf(error))
      }
  }
  if (problems.length > 0) {
    const sentences = problems.map(({ path, message }) => `"${path.slice(1)}" ${message}`)
    throw new GatewayError('validation', `Nothing was changed: ${sentences.join('; ')}.`, { details: problems })
  }
  return accepted
}

/** A login that is not shown must not become what stands for it. */
const isAsShown = (name: OptionName, value: unknown, current: unknown) =>
  value !== current && value === shown(name, current)

/** Throws an Error: what is stored here is in the database, its backups, and on the pages of whoever may read settings. */
function refuseLogin({ isUrl, loginIn }: Option, value: unknown) {
  if (!isUrl || typeof value !== 'string') return
  if (loginIn && hasLogin(value))
    throw new Error(
      `must have no user and password in it: keep them in a secret, under Variables for everybody, and put its name into ${loginIn.toUpperCase()}`,
    )
  if (value.includes(maskedLogin) || value.includes(encodeURIComponent(maskedLogin)))
    throw new Error(`has ${maskedLogin} in it, which stands for what is not shown: write it anew`)
}
