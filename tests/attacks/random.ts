/** Values from a seed: some that fit a JSON schema, some that nobody would send. */

export type Random = ReturnType<typeof createRandom>

/** mulberry32: small, and the same everywhere. */
export function createRandom(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (count: number) => Math.floor(next() * count)
  return {
    below,
    chance: (share: number) => next() < share,
    pick: <T>(all: readonly T[]): T => all[below(all.length)]!,
    shuffled: <T>(all: readonly T[]): T[] =>
      all
        .map((one) => [next(), one] as const)
        .sort(([a], [b]) => a - b)
        .map(([, one]) => one),
  }
}

export interface Schema {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  minimum?: number
  maximum?: number
  format?: string
}

export const hostileTexts = [
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    '\n',
    '\r\nX-Evil: 1',
    '\ud800',
    '\u202e',
    '😀'.repeat(50),
    'x'.repeat(5000),
    '\u2028',
    '\ufeff',
    'İ',
    'ß',
    '\u001b[31m',
  ],
  ...[
    '../../etc/passwd',
    '/etc/passwd',
    '..\\..\\x',
    '%2e%2e%2f',
    'file:///etc/passwd',
    'http://127.0.0.1:1/',
    'data:,x',
    '-',
    '--help',
    '__proto__',
    'constructor',
  ],
  ...[
    "' OR 1=1 --",
    '%',
    '_',
    '<script>alert(1)</script>',
    '{{7*7}}',
    '=1+1',
    '$(id)',
    '`id`',
    'null',
    'undefined',
    'NaN',
    'true',
    '0',
    '-1',
    '1e309',
  ],
  ...[
    '9'.repeat(40),
    '2026-02-30T25:61:61Z',
    '0000-00-00',
    '*/1 * * * *',
    '[',
    '{',
    '"',
    "'",
    '\\',
    '*',
    '**',
    '/',
    '//',
    ':',
    '#',
    '?',
    '&',
    'é',
    '图片',
  ],
]

const hostileValues: unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    -1e308,
    Number.MAX_SAFE_INTEGER,
    2 ** 53,
    2 ** 31,
    [],
    {},
    [[]],
    [null],
    { a: { b: {} } },
  ],
  ...[
    { $ne: null },
    { length: 5 },
    { toString: 1 },
    JSON.parse('{"__proto__":{"polluted":1}}'),
    Array.from({ length: 300 }, (_, n) => n),
  ],
]

export const hostileValue = (random: Random): unknown =>
  random.chance(0.5) ? random.pick(hostileTexts) : random.pick(hostileValues)

/** Mostly what the schema asks for; now and then something else, at any depth. */
export function valueFor(schema: Schema | undefined, random: Random, depth = 0): unknown {
  if (schema === undefined || depth > 6 || random.chance(0.12)) return hostileValue(random)
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return random.pick(schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return valueFor(random.pick(choices), random, depth + 1)
  const type = Array.isArray(schema.type) ? random.pick(schema.type) : schema.type
  switch (type) {
    case 'object':
      return objectFor(schema, random, depth)
    case 'array':
      return Array.from({ length: random.below(4) }, () => valueFor(schema.items, random, depth + 1))
    case 'integer':
    case 'number': {
      const { minimum = -3, maximum = 1000 } = schema
      return random.pick([minimum, maximum, minimum - 1, maximum + 1, Math.round((minimum + maximum) / 2), 1, 2, 3])
    }
    case 'boolean':
      return random.chance(0.5)
    case 'null':
      return null
    case 'string':
      return random.chance(0.4)
        ? random.pick(hostileTexts)
        : random.pick(['a', 'text', 'tools/new.py', 'x1.js', '2026-11-21T00:00:00Z', '1'])
    default:
      return hostileValue(random)
  }
}

function objectFor({ properties = {}, required = [] }: Schema, random: Random, depth: number) {
  const names = Object.keys(properties).filter((name) =>
    required.includes(name) ? !random.chance(0.06) : random.chance(0.5),
  )
  const members = names.map((name): [string, unknown] => [name, valueFor(properties[name], random, depth + 1)])
  if (random.chance(0.12)) members.push([random.pick(hostileTexts), hostileValue(random)])
  return Object.fromEntries(members)
}
