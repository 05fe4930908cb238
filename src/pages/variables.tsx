/** Variables and secrets on the settings page and on a script's: what is shown, and what becomes of a posted form. */
import { markup, say, t } from '../../views/texts.ts'
import type { VariablesProps } from '../../views/variables.tsx'
import { GatewayError } from '../errors.ts'
import { globalScope, type Scope } from '../variables/model.ts'
import type { Variables } from '../variables/variables.ts'

/** What the pages need of variables. */
export type PageVariables = Pick<Variables, 'list' | 'set' | 'remove' | 'problems'>

/** What a form was refused for, with the status of the answer. */
export type RefusedVariable = NonNullable<VariablesProps['refused']> & { status: number }

interface Shown {
  scope: Scope
  saved?: boolean
  refused?: RefusedVariable | null
  now: number
}

export const variablesProps = (
  variables: PageVariables,
  { scope, saved = false, refused = null, now }: Shown,
): VariablesProps => ({
  action: scope === globalScope ? '/settings/variables' : `/scripts/${scope}/variables`,
  about: scope === globalScope ? aboutEverybodys() : aboutOwn(),
  variables: variables.list(scope),
  ...{ saved, refused, now },
  problems: variables.problems(),
})

const aboutEverybodys = () =>
  markup(
    'In the environment of every script whose permission {env} allows it. A secret is given only to scripts that name it there, and masked in logs and results.',
    { env: <code>env</code> },
  )

const aboutOwn = () =>
  markup(
    'In the environment of this script alone, before the variables of {all}. A secret is masked in logs and results.',
    { all: <a href="/settings#variables">{t('all scripts')}</a> },
  )

/** null when it is done; what was posted and refused, without a secret's value, when it is not. */
export function saveVariable(variables: PageVariables, scope: Scope, form: URLSearchParams): RefusedVariable | null {
  const name = (form.get('name') ?? '').trim()
  const value = (form.get('value') ?? '').replaceAll('\r\n', '\n')
  const before = variables.list(scope).find((one) => one.name === name)
  const isNew = form.get('act') === 'add'
  const secret = isNew ? form.get('secret') === '1' : (before?.secret ?? false)
  try {
    if (form.get('act') === 'remove') variables.remove(scope, name)
    else if (isNew && before) throw new GatewayError('conflict', `There is a "${name}" already: replace its value.`)
    else if (!isNew && !before)
      throw new GatewayError('not_found', say('There is no "{name}" any more: add it again.', { name }))
    else variables.set(scope, name, { value, secret })
    return null
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return { name, value: secret ? '' : value, secret, isNew, message: sentence(error.message), status: error.status }
  }
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.')
