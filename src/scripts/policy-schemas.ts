/** Policies in the OpenAPI document. What is sent is checked by `parsePolicy`, whose messages say more. */
import { type TSchema, t } from 'elysia'
import { options } from '../config.ts'
import { levels } from '../isolation/model.ts'
import type { Option } from '../options/option.ts'
import { policyItemsMax } from './policy.ts'
import { onInterrupts, policyLimitNames, secondStarts } from './policy-model.ts'
import { oneOf } from './schemas.ts'

const strict = { additionalProperties: false }
const nullable = <T extends TSchema>(schema: T) => t.Union([schema, t.Null()])
const port = t.Integer({ minimum: 1, maximum: 65_535 })

const listOf = (items: TSchema) => t.Array(items, { maxItems: policyItemsMax })
const allowed = (items: TSchema, description: string) =>
  t.Optional(t.Union([t.Boolean(), listOf(items)], { description: `${description}; true: all, false: none` }))

const limit = ({ type, min, max, help }: Option) =>
  (type === 'int' ? t.Integer : t.Number)({ minimum: min, maximum: max, description: help })

const limitsOf = (wrap: (schema: TSchema) => TSchema, title: string) =>
  t.Object(Object.fromEntries(policyLimitNames.map((name) => [name, wrap(limit(options[name]))])), { ...strict, title })

const retentionOf = (wrap: (schema: TSchema) => TSchema) =>
  t.Object(
    {
      days: wrap(t.Number({ minimum: 1, description: 'Days after its end that a run is kept' })),
      runs: wrap(t.Integer({ minimum: 1, description: 'Newest runs that are kept' })),
      bytes: wrap(t.Integer({ minimum: 1, description: 'Of logs and outputs of all its runs together' })),
    },
    strict,
  )

export const policy: TSchema = t.Object(
  {
    permissions: t.Optional(
      t.Object(
        {
          net: allowed(port, 'TCP ports that may be connected to'),
          read: allowed(t.String(), "Paths, absolute or from the script's folder"),
          write: allowed(t.String(), "Paths, absolute or from the script's folder"),
          env: allowed(t.String(), 'Names of global variables'),
          run: allowed(t.String(), 'Programs: absolute paths, or names on PATH'),
        },
        { ...strict, description: 'What is left out is as the settings allow_… say' },
      ),
    ),
    limits: t.Optional(limitsOf(t.Optional, 'PolicyLimits')),
    queue: t.Optional(
      t.Object(
        {
          slots: t.Optional(t.Integer({ minimum: 1, maximum: 1000, description: 'Runs at the same time' })),
          priority: t.Optional(t.Integer({ minimum: -100, maximum: 100, description: 'A higher one goes first' })),
          second_start: t.Optional(oneOf(secondStarts)),
          rate_per_min: t.Optional(t.Integer({ minimum: 1, maximum: 1_000_000, description: 'Starts a minute' })),
        },
        strict,
      ),
    ),
    on_interrupt: t.Optional(oneOf(onInterrupts)),
    retention: t.Optional(retentionOf(t.Optional)),
  },
  { title: 'Policy', ...strict, description: 'Every part may be left out: then the settings count' },
)

const inForce = (items: TSchema) => t.Union([t.Literal(true), t.Array(items)])

const effective = t.Object(
  {
    permissions: t.Object({
      net: inForce(port),
      read: inForce(t.String()),
      write: inForce(t.String()),
      env: inForce(t.String()),
      run: inForce(t.String()),
    }),
    isolation: oneOf(levels),
    unenforced: t.Array(oneOf(['net', 'read', 'write', 'run']), {
      description: 'Permissions that nothing holds the script to on this host',
    }),
    limits: limitsOf((schema) => schema, 'Limits'),
    queue: t.Object({
      slots: t.Integer({ description: '0: no limit of its own' }),
      priority: t.Integer(),
      second_start: oneOf(secondStarts),
      rate_per_min: t.Integer({ description: 'Starts a minute; 0: no limit' }),
    }),
    on_interrupt: oneOf(onInterrupts),
    retention: retentionOf(nullable),
  },
  { title: 'EffectivePolicy', description: 'What a run is given: the policy under the settings of this moment' },
)

export const policyView = t.Object(
  {
    policy: nullable(policy),
    effective: nullable(effective),
    file: t.String({ description: 'Name of the file beside the script, whether it is there or not' }),
    etag: nullable(t.String({ description: 'null where there is no file' })),
    error: nullable(t.String({ description: 'Why the file is no valid policy: until it is, no run is accepted' })),
    warnings: t.Array(t.String(), {
      description: 'What it, or a setting in its place, names in vain as things are now',
    }),
  },
  { title: 'ScriptPolicy' },
)
