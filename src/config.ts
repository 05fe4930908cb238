/**
 * The options as they are given: this file is the only reader of process.env.
 * Priority: database, then environment, then default; a `startOnly` option cannot come from the database.
 */
import { isAbsolute } from 'node:path'
import { messageOf, type Problem } from './errors.ts'
import { maskLogin, maskUrl } from './options/login.ts'
import type { Option, OptionType, ValueOf } from './options/option.ts'
import { options } from './options/options.ts'
import { normalZone } from './options/zone-names.ts'

export { options }

export type OptionName = keyof typeof options
export type Config = { [K in OptionName]: ValueOf[(typeof options)[K]['type']] }
export type Source = 'database' | 'environment' | 'default'

export const isOptionName = (name: string): name is OptionName => Object.hasOwn(options, name)

/** A value given as JSON or as text becomes the option's type; throws an Error whose message says what is expected. */
export function parseOption<K extends OptionName>(name: K, value: unknown): Config[K] {
  const spec: Option = options[name]
  const parsed = parsers[spec.type](value)
  if (parsed === undefined) throw new Error(`must be ${expected[spec.type]}; got ${JSON.stringify(value)}`)
  if (typeof parsed === 'number') {
    if (spec.min !== undefined && parsed < spec.min) throw new Error(`must be at least ${spec.min}; got ${parsed}`)
    if (spec.max !== undefined && parsed > spec.max) throw new Error(`must be at most ${spec.max}; got ${parsed}`)
  }
  if (spec.choices && !spec.choices.includes(String(parsed)))
    throw new Error(`must be one of ${spec.choices.join(', ')}; got ${JSON.stringify(value)}`)
  if (spec.isUrl && parsed !== '' && !/^https?:$/.test(URL.parse(String(parsed))?.protocol ?? ''))
    throw new Error(`must be an http(s) address; got ${JSON.stringify(maskUrl(String(value), spec))}`)
  if (spec.isPath && parsed !== '' && !isAbsolute(String(parsed)))
    throw new Error(`must be an absolute path; got ${JSON.stringify(value)}`)
  // A name that nobody knows would be UTC in silence.
  if (spec.isZone && parsed !== '' && normalZone(String(parsed)) === null)
    throw new Error(`must be an IANA time zone such as Europe/Berlin or UTC; got ${JSON.stringify(value)}`)
  const wrong = Array.isArray(parsed) ? parsed.find((one) => spec.item && !spec.item.pattern.test(one)) : undefined
  if (wrong !== undefined)
    throw new Error(`must hold only ${spec.item?.words}; got ${JSON.stringify(maskLogin(wrong))}`)
  return parsed as Config[K]
}

const expected: Record<OptionType, string> = {
  str: 'a text',
  int: 'a whole number',
  float: 'a number',
  bool: 'true or false',
  list: 'a list of texts',
}

const toNumber = (value: unknown) => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

const parsers: Record<OptionType, (value: unknown) => string | number | boolean | string[] | undefined> = {
  str: (value) => (typeof value === 'string' ? value : undefined),
  float: toNumber,
  int: (value) => {
    const number = toNumber(value)
    return Number.isSafeInteger(number) ? number : undefined
  },
  bool: (value) => {
    if (typeof value === 'boolean') return value
    const word = String(value).toLowerCase()
    if (['1', 'true', 'yes', 'on'].includes(word)) return true
    return ['0', 'false', 'no', 'off', ''].includes(word) ? false : undefined
  },
  list: (value) => {
    const list =
      typeof value === 'string'
        ? value
            .split(/[,\n]/)
            .map((item) => item.trim())
            .filter(Boolean)
        : value
    // A number is taken as its text: ports look like numbers.
    const items = Array.isArray(list) ? list.map((item) => (typeof item === 'number' ? String(item) : item)) : null
    return items?.every((item) => typeof item === 'string') ? items : undefined
  },
}

/** What the environment says, option by option. Throws an Error that names every variable that is wrong. */
export function readEnvironment(env: Record<string, string | undefined> = process.env): Partial<Config> {
  const values: Record<string, unknown> = {}
  const problems: Problem[] = []
  for (const name of Object.keys(options) as OptionName[]) {
    const text = env[options[name].env]
    if (text === undefined || text === '') continue
    try {
      values[name] = parseOption(name, text)
    } catch (error) {
      problems.push({ path: options[name].env, message: messageOf(error) })
    }
  }
  if (problems.length > 0)
    throw new Error(`Wrong environment: ${problems.map(({ path, message }) => `${path} ${message}`).join('; ')}`)
  return values as Partial<Config>
}

/** The key that secrets are sealed with, as text. No option: nothing lists it. */
export const secretsKeyText = (): string | undefined => process.env.SECRETS_KEY || undefined

/** What else is secret and comes from the environment alone, so that nothing lists it. */
export const accessSecrets = () => ({
  /** A bearer token with all rights. */
  adminToken: process.env.ADMIN_TOKEN || undefined,
  oidcClientSecret: process.env.OIDC_CLIENT_SECRET || undefined,
  /** What a proxy on this machine sends as X-Proxy-Secret with AUTH_HEADER. */
  authHeaderSecret: process.env.AUTH_HEADER_SECRET || undefined,
})

/** Never a script's, even where `script_env_names` lists them. */
const ownSecrets = new Set(['SECRETS_KEY', 'ADMIN_TOKEN', 'OIDC_CLIENT_SECRET', 'AUTH_HEADER_SECRET'])

/** The variables of the gateway's own environment that scripts get: the small clean base, and the names asked for. */
export function inheritedEnvironment(names: string[]): Record<string, string> {
  const inherited: Record<string, string> = {}
  for (const name of ['PATH', 'HOME', 'TZ', ...names]) {
    const value = process.env[name]
    if (value !== undefined && !ownSecrets.has(name)) inherited[name] = value
  }
  return inherited
}
