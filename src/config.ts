/**
 * Every option of the gateway, in one table. This file is the only reader of process.env.
 * Priority: database, then environment, then default; a `startOnly` option cannot come from the database.
 */
import { availableParallelism } from 'node:os'
import { messageOf, type Problem } from './errors.ts'

type OptionType = 'str' | 'int' | 'float' | 'bool' | 'list'
type ValueOf = { str: string; int: number; float: number; bool: boolean; list: string[] }

interface Option<T extends OptionType = OptionType> {
  env: string
  type: T
  default: ValueOf[T]
  help: string
  min?: number
  max?: number
  choices?: readonly string[]
  /** An http(s) address, or empty. */
  isUrl?: boolean
  /** What each item of a list must look like, and in words. */
  item?: { pattern: RegExp; words: string }
  /** Read once at start, from the environment only. */
  startOnly?: boolean
}

const option = <T extends OptionType>(
  type: T,
  env: string,
  value: ValueOf[T],
  help: string,
  rest: Partial<Option> = {},
) => ({ env, type, default: value, help, ...rest }) as Option<T>

const MiB = 1024 * 1024
const startOnly = true
const isUrl = true

export const options = {
  host: option('str', 'HOST', '127.0.0.1', 'Address to listen on; loopback only until access control exists.', {
    startOnly,
  }),
  port: option('int', 'PORT', 8001, 'TCP port; 0 lets the system choose.', { startOnly, min: 0, max: 65535 }),
  base_url: option(
    'str',
    'BASE_URL',
    '',
    'Address under which users reach the gateway; empty: http://localhost:PORT.',
    { isUrl },
  ),
  data_dir: option('str', 'DATA_DIR', './data', 'Folder for the database, logs, results and caches.', { startOnly }),
  scripts_dir: option('str', 'SCRIPTS_DIR', './scripts_repo', 'Folder with the scripts: python/ and js/.', {
    startOnly,
  }),
  python: option('str', 'PYTHON', 'python3', 'Python interpreter, a name on PATH or an absolute path.', { startOnly }),
  log_level: option('str', 'LOG_LEVEL', 'info', "How much the gateway's own log says.", {
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
  }),

  scan_interval_sec: option(
    'float',
    'SCAN_INTERVAL_SEC',
    5,
    'Seconds between two scans of the scripts folder; file events come in between.',
    { min: 0.2, max: 86_400 },
  ),
  scan_ignore_patterns: option(
    'list',
    'SCAN_IGNORE_PATTERNS',
    ['node_modules', 'venv', 'env', 'site-packages', '*.test.*', 'test_*.py', '*.d.ts', '*.config.*'],
    'File and folder names that are not scripts (glob patterns).',
  ),
  schema_timeout_sec: option(
    'float',
    'SCHEMA_TIMEOUT_SEC',
    10,
    'Seconds that a script has to answer --_sys_get_schema.',
    { min: 0.1, max: 120 },
  ),

  timeout_min: option('float', 'TIMEOUT_MIN', 10, 'Minutes after which a run is stopped.', { min: 0.001, max: 10_080 }),
  kill_grace_sec: option(
    'float',
    'KILL_GRACE_SEC',
    3,
    'Seconds between asking a run to end (TERM) and ending it (KILL).',
    { min: 0, max: 300 },
  ),
  drain_sec: option(
    'float',
    'DRAIN_SEC',
    10,
    'Seconds that running scripts get to finish when the gateway is stopped.',
    { min: 0, max: 3600 },
  ),
  run_slots: option(
    'int',
    'RUN_SLOTS',
    Math.max(16, availableParallelism() * 4),
    'Runs at the same time; more wait in the queue.',
    { min: 1, max: 1000 },
  ),
  run_slots_per_script: option(
    'int',
    'RUN_SLOTS_PER_SCRIPT',
    0,
    'Runs of one script at the same time; 0: no limit of its own.',
    { min: 0, max: 1000 },
  ),
  queue_length_max: option('int', 'QUEUE_LENGTH_MAX', 10_000, 'Runs that may wait; more are refused with 429.', {
    min: 0,
    max: 1_000_000,
  }),
  output_bytes_max: option(
    'int',
    'OUTPUT_BYTES_MAX',
    1024 * MiB,
    'Bytes that a run may print, or leave in OUTPUT_DIR; more stop it.',
    { min: 1024, max: 1024 ** 4 },
  ),
  result_bytes_max: option(
    'int',
    'RESULT_BYTES_MAX',
    16 * MiB,
    'Bytes of a text or JSON result in an answer; a larger one is given as a file.',
    { min: 1024, max: 256 * MiB },
  ),
  log_bytes_max: option(
    'int',
    'LOG_BYTES_MAX',
    32 * MiB,
    "Bytes kept of a run's log: its first half and its last half.",
    { min: 64 * 1024, max: 1024 ** 4 },
  ),
  script_env_names: option(
    'list',
    'SCRIPT_ENV_NAMES',
    [],
    "Names of variables of the gateway's environment that scripts are given too.",
    { item: { pattern: /^[A-Za-z_][A-Za-z0-9_]*$/, words: 'names of variables' } },
  ),

  body_bytes_max: option('int', 'BODY_BYTES_MAX', 16 * MiB, 'Bytes of a request body, uploaded files aside.', {
    min: 1024,
    max: 1024 * MiB,
  }),
  upload_bytes_max: option('int', 'UPLOAD_BYTES_MAX', 1024 * MiB, 'Bytes of one uploaded or fetched file.', {
    min: 1024,
    max: 1024 ** 4,
  }),
  local_file_access_patterns: option(
    'list',
    'LOCAL_FILE_ACCESS_PATTERNS',
    [],
    'Absolute glob patterns of local files that callers may name as a file parameter.',
    { item: { pattern: /^\//, words: 'absolute patterns' } },
  ),
  fetch_private_addresses: option(
    'bool',
    'FETCH_PRIVATE_ADDRESSES',
    false,
    'Whether a file parameter may be fetched from loopback and private networks.',
  ),
  fetch_timeout_sec: option('float', 'FETCH_TIMEOUT_SEC', 60, 'Seconds to fetch a file parameter from its address.', {
    min: 0.1,
    max: 3600,
  }),

  notify_url: option('str', 'NOTIFY_URL', '', 'Address told about finished runs. Kept, but nothing is sent yet.', {
    isUrl,
  }),
  pip_index_url: option('str', 'PIP_INDEX_URL', '', 'Python package index. Kept, but nothing is installed yet.', {
    isUrl,
  }),
  npm_config_registry: option('str', 'NPM_CONFIG_REGISTRY', '', 'npm registry. Kept, but nothing is installed yet.', {
    isUrl,
  }),
} satisfies Record<string, Option>

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
    throw new Error(`must be an http(s) address; got ${JSON.stringify(value)}`)
  const wrong = Array.isArray(parsed) ? parsed.find((one) => spec.item && !spec.item.pattern.test(one)) : undefined
  if (wrong !== undefined) throw new Error(`must hold only ${spec.item?.words}; got ${JSON.stringify(wrong)}`)
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
    return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : undefined
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

/** The variables of the gateway's own environment that scripts get: the small clean base, and the names asked for. */
export function inheritedEnvironment(names: string[]): Record<string, string> {
  const inherited: Record<string, string> = {}
  for (const name of ['PATH', 'HOME', 'TZ', ...names]) {
    const value = process.env[name]
    if (value !== undefined) inherited[name] = value
  }
  return inherited
}
