/** The small inputs of a rule, with their help and what is wrong with them. */
import { attr } from './attr.ts'
import { Icon } from './parts.tsx'
import type { Text } from './texts.ts'

/** Above the fields, and by name of the field. */
export type RefusedRule = { message: string; errors: Record<string, string> } | null

interface TextFieldProps {
  name: string
  label: Text
  value: string
  help: Text
  refused: RefusedRule
  type?: 'text' | 'number'
  min?: string
  step?: string
  placeholder?: string
  isMono?: boolean
}

export const TextField = ({ name, label, value, help, refused, type = 'text', isMono, ...rest }: TextFieldProps) => (
  <div class="field">
    <label for={`rule-${name}`}>{label}</label>
    <input
      {...rest}
      id={`rule-${name}`}
      name={name}
      type={type}
      class={isMono ? 'mono' : undefined}
      autocomplete="off"
      value={attr(value)}
      {...stateOf(name, refused, true)}
    />
    <p class="help" id={`rule-${name}-help`}>
      {help}
    </p>
    <FieldError name={name} refused={refused} />
  </div>
)

export const stateOf = (name: string, refused: RefusedRule, hasHelp = false) => {
  const isWrong = refused?.errors[name] !== undefined
  const ids = [hasHelp ? `rule-${name}-help` : '', isWrong ? `rule-${name}-error` : '']
  return {
    'aria-invalid': isWrong ? ('true' as const) : undefined,
    'aria-describedby': ids.filter(Boolean).join(' ') || undefined,
  }
}

export const FieldError = ({ name, refused }: { name: string; refused: RefusedRule }) =>
  refused?.errors[name] === undefined ? (
    ''
  ) : (
    <p class="error" id={`rule-${name}-error`}>
      <Icon name="warn" />
      <span safe>{refused.errors[name]}</span>
    </p>
  )
