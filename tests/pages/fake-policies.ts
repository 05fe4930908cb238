/** Policies that are kept in memory, under the rules of the real ones. */
import type { PageDeps } from '../../src/pages/deps.ts'
import { hashOf, refuseStale } from '../../src/scripts/etag.ts'
import {
  narrowLimits,
  queuePolicy,
  resolvePermissions,
  retentionPolicy,
  startsPerMin,
} from '../../src/scripts/policy-effect.ts'
import { parsePolicyBytes } from '../../src/scripts/policy-file.ts'
import type { Setting } from '../../src/settings/settings.ts'

/** `texts`: script id → what its policy file holds. */
export function fakePolicies(setting: Setting, texts = new Map<string, string>()): PageDeps['policies'] {
  const hashAt = (id: string) => (texts.has(id) ? hashOf(new TextEncoder().encode(texts.get(id))) : null)
  const read: PageDeps['policies']['read'] = async (id) => {
    const text = texts.get(id) ?? ''
    const parsed = text === '' ? { ok: true as const, policy: {} } : parsePolicyBytes(new TextEncoder().encode(text))
    const base = { file: '.sample.policy.json', text, hash: hashAt(id) }
    if (!parsed.ok) return { ...base, policy: null, effective: null, problems: parsed.problems, warnings: [] }
    const { policy } = parsed
    const { slots, priority, secondStart, onInterrupt } = queuePolicy(policy, setting)
    const effective = {
      permissions: resolvePermissions(policy, setting, { dir: '/srv/scripts/python', which: () => null }),
      ...{ isolation: 'landlock' as const, unenforced: [] },
      limits: narrowLimits(policy, setting),
      queue: { slots, priority, second_start: secondStart, rate_per_min: startsPerMin(policy, setting) },
      on_interrupt: onInterrupt,
      retention: retentionPolicy(policy, setting),
    }
    return { ...base, policy, effective, problems: [], warnings: [] }
  }
  return {
    read,
    replace: async (id, value, expected) => {
      if (expected && 'ifMatch' in expected) refuseStale(expected.ifMatch, hashAt(id))
      texts.set(id, `${JSON.stringify(value, null, 2)}\n`)
      return read(id)
    },
    remove: async (id) => {
      texts.delete(id)
      return read(id)
    },
  }
}
