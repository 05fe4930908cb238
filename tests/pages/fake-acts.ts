/** What is done to scripts, on the scripts in memory. */
import { GatewayError } from '../../src/errors.ts'
import type { ManyActs, ScriptActs } from '../../src/pages/callers-scripts.ts'
import type { Run } from '../../src/runs/model.ts'
import type { Script } from '../../src/scripts/model.ts'
import { scriptName } from '../../views/parts.tsx'
import { run } from './samples.ts'

export function fakeActs(scripts: Script[], runs: Run[]): { one: ScriptActs; each: ManyActs } {
  const known = (id: number) => scripts.find((one) => one.id === id)!
  const deleted = new Map<number, Script>()
  const acts: ScriptActs = {
    describe: (id, { state, ...about }) =>
      void Object.assign(known(id), about, state && known(id).state !== 'error' ? { state } : {}),
    async remove(id) {
      deleted.set(id, known(id))
      scripts.splice(scripts.indexOf(known(id)), 1)
      return true
    },
    async bringBack(id) {
      const script = deleted.get(id)
      if (!script)
        throw new GatewayError('conflict', `Script ${id} cannot be brought back: it was deleted too long ago.`)
      deleted.delete(id)
      scripts.push(script)
    },
    deletedName(id) {
      const script = deleted.get(id)
      return script ? scriptName(script) : null
    },
    async run(id) {
      if (Object.keys(known(id).params).length > 0) throw new GatewayError('validation', 'a is missing.')
      const fresh = run(60_000 + runs.length, id, 'running')
      runs.push(fresh)
      return fresh
    },
    runCount: (id) => runs.filter((one) => one.script_id === id).length,
  }
  return { one: acts, each: { ...acts, refused: () => {} } }
}
