/** Files of scripts that are kept in memory. */

import type { CodeOutcome } from '../../src/pages/code-model.ts'
import type { PageDeps } from '../../src/pages/deps.ts'
import { etagOf, hashOf, refuseStale } from '../../src/scripts/etag.ts'
import { epoch } from './samples.ts'

const sample =
  '"""Resize images."""\nimport json\n\n\ndef main() -> None:\n    print(json.dumps({"ok": True, "n": 3}))  # done\n\n\nif __name__ == "__main__":\n    main()\n'

export interface FakeCode {
  of(): PageDeps['code']
  /** Script id → its file. */
  texts: Map<number, string>
  outcomes: Map<number, CodeOutcome>
  changedBy: string | null
}

export function fakeCode(): FakeCode {
  const texts = new Map<number, string>()
  const outcomes = new Map<number, CodeOutcome>()
  const textOf = (id: number) => texts.get(id) ?? sample
  const hashAt = (id: number) => hashOf(new TextEncoder().encode(textOf(id)))
  const fake: FakeCode = {
    ...{ texts, outcomes, changedBy: 'ben' },
    of: () => ({
      read: async (id) => ({ text: textOf(id), hash: hashAt(id) }),
      async save({ id }, text, hash) {
        refuseStale(etagOf(hash), hashAt(id))
        texts.set(id, text)
        return hashAt(id)
      },
      outcomeOf: ({ id }) => outcomes.get(id) ?? null,
      lastChange: () => ({ by: fake.changedBy, at: new Date(epoch - 120_000).toISOString() }),
    }),
  }
  return fake
}
