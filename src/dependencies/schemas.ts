/** Dependencies and installations in requests and in the OpenAPI document. Answers are made by our own types, and not checked. */
import { type TSchema, t } from 'elysia'
import { answersWith, pageOf } from '../http/answers.ts'
import { runtime } from '../scripts/schemas.ts'
import { installationStatuses, installationTriggers, readiness, scopes } from './model.ts'

const strict = { additionalProperties: false }
const nullable = <T extends TSchema>(schema: T) => t.Union([schema, t.Null()])
/** Not UnionEnum: that one fills in its first value where nothing was asked for. */
export const oneOf = <T extends string>(names: readonly T[], options = {}) =>
  t.Union(
    names.map((name) => t.Literal(name)),
    options,
  )
const time = () => t.String({ format: 'date-time' })

/** What one request may name. */
const dependenciesMax = 500
const batchMax = 2000

const name = t.String({ minLength: 1, maxLength: 214, description: 'requests, qrcode[pil], @scope/name' })
const version = t.String({ maxLength: 500, description: 'A specifier such as >=2.25.1 or ^1.0.0; empty for any' })

export const dependencyBody = t.Object({ name, version: t.Optional(version) }, { ...strict, title: 'NewDependency' })
const dependencyList = t.Array(dependencyBody, { maxItems: dependenciesMax })
/** A bare list becomes one of these before it is checked: see `listIn`. */
export const replaceBody = t.Object({ dependencies: dependencyList }, { ...strict, title: 'DependenciesChange' })
export const globalBody = t.Object({ runtime, deps: dependencyList }, { ...strict, title: 'NewGlobalDependencies' })
export const batchBody = t.Object(
  {
    script_ids: t.Optional(t.Array(t.Integer({ minimum: 1 }), { minItems: 1, maxItems: batchMax })),
    all: t.Optional(t.Boolean({ description: 'Every script that declares something and that you may run' })),
    update: t.Optional(t.Boolean({ description: 'Renew the locks' })),
  },
  { ...strict, title: 'InstallBatch' },
)
export const cleanupBody = t.Object(
  {
    older_than_days: t.Optional(
      t.Number({
        ...{ minimum: 0, maximum: 36_500 },
        description: 'What no script needs and was not used for so long; 0: all that none needs',
      }),
    ),
    runtime: t.Optional(runtime),
    environments: t.Optional(
      t.Array(t.String({ minLength: 1, maxLength: 200 }), {
        ...{ maxItems: 1000, description: 'Only these, also where scripts need them; never one that a run has now' },
      }),
    ),
    downloads: t.Optional(t.Boolean({ description: 'What was downloaded, too' })),
  },
  { ...strict, title: 'CacheCleanup' },
)

/** As it is asked for: any version where none is said. */
export const withVersion = ({ name, version = '' }: typeof dependencyBody.static) => ({ name, version })

const installedPackage = t.Object({ name: t.String(), version: t.String() }, { title: 'Package' })
const source = t.Object(
  { scope: oneOf(scopes), file: t.String({ description: 'Below SCRIPTS_DIR' }) },
  { title: 'DependencySource' },
)
const state = oneOf(readiness, { title: 'DependenciesState' })

export const installation = t.Object(
  {
    id: t.Integer(),
    runtime,
    environment: t.String({ description: 'Name of the folder below .deps_cache' }),
    status: oneOf(installationStatuses, { title: 'InstallationStatus' }),
    trigger: oneOf(installationTriggers),
    update: t.Boolean(),
    script_id: nullable(t.Integer({ description: 'null: the global set, or a script that you may not see' })),
    file: t.String({ description: 'Where it is declared, below SCRIPTS_DIR' }),
    requirements: t.Array(t.String()),
    reason: nullable(t.String({ description: 'For every end but success, with what the installer said last' })),
    packages: t.Array(installedPackage),
    bytes: nullable(t.Integer()),
    queued_at: time(),
    started_at: nullable(time()),
    finished_at: nullable(time()),
    duration_ms: nullable(t.Integer()),
    log_lines: t.Integer(),
    started_by: nullable(t.String()),
  },
  { title: 'Installation' },
)

const dependency = t.Object(
  {
    ...{ name: t.String(), version: t.String(), marker: nullable(t.String()), url: nullable(t.String()) },
    installed: nullable(t.String()),
    state: oneOf(['installed', 'missing', 'conflict', 'skipped'], { title: 'DependencyState' }),
  },
  { title: 'Dependency' },
)

export const view = t.Object(
  {
    script_id: nullable(t.Integer()),
    runtime,
    state,
    reason: nullable(t.String()),
    source: nullable(source),
    shadowed: t.Array(source, { description: 'Also there, and not in force: the source is more specific' }),
    dependencies: t.Array(dependency),
    installed: t.Array(installedPackage, { description: 'Everything in the environment' }),
    lock: nullable(t.Object({ file: t.String(), state: oneOf(['none', 'current', 'stale']) })),
    problems: t.Array(t.Object({ path: t.String(), message: t.String() }, { title: 'Problem' })),
    hints: t.Array(
      t.Object(
        {
          ...{ module: t.String(), package: t.String(), file: t.String(), line: t.Integer() },
          is_found: t.Boolean({ description: "It works all the same: the interpreter's own installation has it" }),
          is_optional: t.Boolean({ description: 'It goes on without it' }),
        },
        { title: 'ImportHint' },
      ),
    ),
    environment: nullable(t.String()),
    installation: nullable(installation),
  },
  { title: 'ScriptDependencies' },
)

const globalView = t.Object({ ...view.properties, used_by: t.Array(t.Integer()) }, { title: 'RuntimeDependencies' })
export const globals = t.Object({ python: globalView, js: globalView }, { title: 'GlobalDependencies' })

export const check = t.Object(
  {
    items: t.Array(
      t.Object(
        {
          ...dependency.properties,
          latest: nullable(t.String({ description: 'null: nothing is newer, or nobody could be asked' })),
          result: oneOf(['installed', 'missing', 'conflict', 'skipped', 'outdated']),
        },
        { title: 'CheckedDependency' },
      ),
    ),
    conflicts: t.Array(t.String()),
    problem: nullable(t.String({ description: 'Why nobody could be asked for newer versions' })),
  },
  { title: 'DependencyCheck' },
)

export const environment = t.Object(
  {
    runtime,
    ...{ interpreter: t.String(), executable: t.String(), state, environment: nullable(t.String()) },
    packages: t.Array(installedPackage),
    ...{ bytes: nullable(t.Integer()), built_at: nullable(time()), installer: nullable(t.String()) },
    variables: t.Record(t.String(), t.String(), { description: 'What a run is given; secrets masked' }),
  },
  { title: 'Environment' },
)

export const batch = t.Object(
  {
    items: t.Array(
      t.Object({
        script_id: t.Integer(),
        installation_id: nullable(t.Integer()),
        state: nullable(state),
        error: nullable(t.String()),
      }),
    ),
  },
  { title: 'InstallBatchAnswer' },
)

export const cacheStatus = t.Object(
  {
    items: t.Array(
      t.Object({
        ...{ runtime, environment: t.String(), state: oneOf(['ready', 'building', 'broken']) },
        ...{ requirements: t.Array(t.String()), packages: t.Integer(), bytes: t.Integer(), files: t.Integer() },
        ...{ built_at: time(), last_used_at: nullable(time()), age_days: t.Number() },
        used_by: t.Array(t.Integer(), { description: 'Scripts that need it now' }),
        in_use: t.Integer({ description: 'Runs that have it now' }),
      }),
    ),
    ...{ bytes: t.Integer(), download_bytes: t.Integer(), kept_days: t.Number() },
  },
  { title: 'CacheStatus' },
)
export const cleanupReport = t.Object(
  {
    ...{ removed: t.Array(t.String()), bytes: t.Integer() },
    in_use: t.Array(t.String(), { description: 'Asked for, and left: a run has them now' }),
  },
  { title: 'CacheCleanupReport' },
)

export const installationPage = pageOf(installation)

const errorTexts = {
  400: 'The body is not what it claims to be',
  403: 'The right is missing, also to what other scripts share',
  404: 'There is no such thing',
  409: 'It cannot be done as things are',
  413: 'The body is over its limit',
  422: 'A name or a specifier does not fit; nothing was changed',
  502: 'It could not be installed: the message says why, `Content-Location` names the installation',
} as const

/** The answers of a route: those that succeed, and the errors it has. */
export const answers = answersWith(errorTexts)
