/** Variables changed on behalf of a request: the audit log is told what they were and are, secrets aside. */
import { type Note, note } from '../http/caller.ts'
import { globalScope, type Scope } from './model.ts'
import type { Variables } from './variables.ts'

export function notedVariables<T extends Pick<Variables, 'list' | 'set' | 'remove'>>(
  variables: T,
  request: Request,
): T {
  const told = (scope: Scope, name: string, change: Pick<Note, 'action' | 'before' | 'after'>) =>
    note(request, {
      object: { type: 'variable', id: scope === globalScope ? null : `script ${scope}`, name },
      ...change,
    })
  const shown = (scope: Scope, name: string) => {
    const found = variables.list(scope).find((one) => one.name === name)
    return found && { secret: found.secret, value: found.value }
  }
  return {
    ...variables,
    set(scope, name, change) {
      const before = shown(scope, name)
      const answer = variables.set(scope, name, change)
      const after = shown(scope, name)
      const isReplaced = after?.secret === true && change.value !== undefined
      told(scope, name, { before, after: isReplaced ? { ...after, replaced: true } : after })
      return answer
    },
    remove(scope, name) {
      const before = shown(scope, name)
      variables.remove(scope, name)
      told(scope, name, { action: 'variable.remove', before })
    },
  }
}
