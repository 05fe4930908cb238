/** Variables and secrets: set and removed by operators, given to runs, and never shown again where they are secret. */
import type { Clock } from '../clock.ts'
import type { Db } from '../db/open.ts'
import { GatewayError, invalid } from '../errors.ts'
import type { Key } from './key.ts'
import { type Given, globalScope, type Scope, type Variable, type VariableChange } from './model.ts'
import { checkName, checkValue } from './rules.ts'
import { createVariableStore } from './store.ts'
import type { VariableRow } from './table.ts'
import type { Vault } from './vault.ts'

/** Of one script, or of everybody. */
const variablesMax = 100

export type Variables = ReturnType<typeof createVariables>

export interface VariablesDeps {
  db: Db
  vault: Vault
  /** What is known of the vault's key. */
  key: Pick<Key, 'isKept' | 'warnings'>
  clock: Pick<Clock, 'now'>
}

export function createVariables({ db, vault, key, clock }: VariablesDeps) {
  const store = createVariableStore(db)

  /** Null for a secret that does not open. */
  function read(row: VariableRow): string | null {
    if (!row.isSecret) return row.value.toString('utf8')
    try {
      return vault.open(row.value, contextOf(row.scriptId, row.name))
    } catch (error) {
      if (error instanceof GatewayError) return null
      throw error
    }
  }

  function textOf(row: VariableRow): string {
    const text = read(row)
    if (text === null) throw new GatewayError('conflict', unreadable(row))
    return text
  }

  function toVariable(row: VariableRow): Variable {
    const text = read(row)
    return {
      name: row.name,
      secret: row.isSecret,
      value: row.isSecret ? null : text,
      error: text === null ? unreadable(row) : null,
      created_at: new Date(row.createdAt).toISOString(),
      updated_at: new Date(row.updatedAt).toISOString(),
    }
  }

  /** By name. */
  const list = (scope: Scope): Variable[] => store.of(scope).map(toVariable)

  /**
   * A new one needs a value, and so does a secret that is to become plain. Throws `validation`, `conflict` when there
   * are too many or the key for secrets would not outlive this process.
   */
  function set(scope: Scope, name: string, change: VariableChange): { variable: Variable; isNew: boolean } {
    checkName(name)
    const before = store.get(scope, name)
    const secret = change.secret ?? before?.isSecret ?? false
    const value = change.value ?? valueBefore(before, secret)
    checkValue(value, secret)
    if (!before && store.count(scope) >= variablesMax)
      throw new GatewayError('conflict', `There are ${variablesMax} variables here already: delete one first.`)
    if (secret && !key.isKept)
      throw new GatewayError('conflict', `The secret was not stored. ${key.warnings.join(' ')}`)
    const bytes = secret ? vault.seal(value, contextOf(scope, name)) : Buffer.from(value)
    store.put({ scriptId: scope, name, isSecret: secret, value: Buffer.from(bytes) }, clock.now())
    return { variable: toVariable(store.get(scope, name)!), isNew: !before }
  }

  /** What is kept where only `secret` changes. A secret's value is shown to nobody, so it cannot become plain either. */
  function valueBefore(before: VariableRow | undefined, secret: boolean): string {
    if (!before) throw invalid('/value', 'is required for a new variable')
    if (before.isSecret && !secret) throw invalid('/value', 'is required: a secret becomes plain with a new value only')
    return textOf(before)
  }

  /** Throws `not_found`. */
  function remove(scope: Scope, name: string): void {
    if (!store.remove(scope, name)) throw new GatewayError('not_found', 'There is no such variable.')
  }

  /**
   * What a run of the script gets: its own variables, over everybody's that `permission` allows. `true` allows all but
   * secrets; a secret of everybody's is given where it is named, and only there. Throws `conflict` rather than leave out
   * a secret that cannot be read.
   */
  function given(scriptId: number, permission: true | readonly string[]): Given {
    const named = permission === true ? null : new Set(permission)
    const isAllowed = ({ scriptId: scope, name, isSecret }: VariableRow) =>
      scope !== globalScope || named?.has(name) || ((!named || named.has('*')) && !isSecret)
    const rows = new Map(
      store
        .forScript(scriptId)
        .filter(isAllowed)
        .map((row) => [row.name, row]),
    )
    const env: Given['env'] = {}
    const secrets: string[] = []
    for (const row of rows.values()) {
      const text = textOf(row)
      env[row.name] = text
      if (row.isSecret) secrets.push(text)
    }
    return { env, secrets }
  }

  return {
    ...{ list, set, remove, given },
    /** For the gateway's own use: of everybody's; null where there is none. Throws `conflict` when it cannot be read. */
    valueOf(name: string): string | null {
      const row = store.get(globalScope, name)
      return row ? textOf(row) : null
    },
    /** Of one script, or of everybody. */
    countMax: variablesMax,
    /** Of the script's own variables and of everybody's. */
    namesFor: (scriptId: number): string[] => store.forScript(scriptId).map(({ name }) => name),
    /** For a script that is deleted. */
    forget: (scriptId: number) => store.removeAll(scriptId),
    /** What an operator should know of the key, in sentences: nothing, most of the time. */
    problems(): string[] {
      const lost = store.secrets().filter((row) => read(row) === null).length
      return lost === 0 ? key.warnings : [...key.warnings, lostSentence(lost)]
    },
  }
}

/** Binds a sealed value to its place: copied into another row, it does not open. */
const contextOf = (scope: Scope, name: string) => `variable ${scope} ${name}`

const unreadable = ({ name }: VariableRow) =>
  `The secret "${name}" cannot be read: it was sealed with another key, or changed since. Start the gateway with the key it was set with, or set it again.`

const lostSentence = (count: number) =>
  `${count === 1 ? '1 secret' : `${count} secrets`} cannot be read: sealed with another key, or changed since. Start the gateway with the SECRETS_KEY or the key file that they were set with, or set them again; everything else works.`
