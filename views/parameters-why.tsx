/** Why a parameter is what it is, and who says so. */
import type { ArgsMap, Param } from '../src/scripts/model.ts'
import { Icon } from './parts.tsx'
import { listed, markup, say, t } from './texts.ts'

/** What is in force, and what the script says itself. */
interface Sides {
  args_map: ArgsMap
  own: ArgsMap | null
}

/** What is not as one might think from its declaration. */
export function reasons(
  { declaredType, type, isUnknownType, secret, multiple, storeTrue, ...param }: Param,
  isSaidRequired: boolean,
) {
  return [
    isUnknownType && say('“{type}” is no type that is known here, so it is taken as text.', { type: declaredType }),
    !isUnknownType &&
      type === 'file' &&
      type !== declaredType &&
      say('{type} is sent as a file.', { type: declaredType }),
    isSaidRequired && !param.required && say('Said to be required, but what it is when left out is known.'),
    !param.required && param.default === undefined && !storeTrue && say('Not passed when it is left out.'),
    secret && say('Never shown, logged or stored in clear.'),
    multiple && say('A list: the flag comes once for each value.'),
    storeTrue && say('The flag alone, and only when it is true.'),
  ].filter((reason) => reason !== false)
}

/** Which side says it, and where the other one differs. */
export const Origin = ({
  name,
  schema: { own, args_map },
  secret,
}: { name: string; secret: boolean } & { schema: Sides }) => {
  if (own === null) return <>{t('Sidecar')}</>
  if (!Object.hasOwn(own, name)) return <>{t('Sidecar alone')}</>
  const keys = differingKeys(name, own[name] ?? {}, args_map[name] ?? {})
  if (keys.length === 0) return <>{t('Script')}</>
  return (
    <>
      <span class="warned">
        <Icon name="diff" />
        {t('Sidecar differs')}
      </span>
      {keys.map((key) => (
        <small>
          {markup('{key}: the script says {value}', {
            key: <code safe>{key}</code>,
            value: <code safe>{said(own[name] as unknown as Record<string, unknown>, key, secret)}</code>,
          })}
        </small>
      ))}
    </>
  )
}

function differingKeys(name: string, own: object, other: object): string[] {
  const [a, b] = [own, other].map(
    (one) => ({ flag: `--${name}`, required: false, help: '', ...one }) as Record<string, unknown>,
  )
  const keys = [...new Set([...Object.keys(own), ...Object.keys(other)])]
  return keys.filter((key) => JSON.stringify(a![key] ?? null) !== JSON.stringify(b![key] ?? null))
}

const said = (own: Record<string, unknown>, key: string, secret: boolean) =>
  own[key] === undefined || own[key] === null ? '–' : secret && key === 'default' ? '••••' : JSON.stringify(own[key])

const choicesShown = 8

/** The bounds in words; plain text. */
export function accepts({ min, max, choices, multiple, pattern, secret, storeTrue, isUnknownType }: Param): string {
  const range =
    min !== null && max !== null
      ? say('{min} to {max}', { min, max })
      : min !== null
        ? say('at least {min}', { min })
        : max !== null
          ? say('at most {max}', { max })
          : ''
  const list = choices ? `${choices.slice(0, choicesShown).join(', ')}${choices.length > choicesShown ? ' …' : ''}` : ''
  const words = [
    range,
    list,
    pattern && say('matching {pattern}', { pattern }),
    multiple && say('many'),
    secret && say('secret'),
    storeTrue && say('flag alone'),
  ]
  return listed([...words, isUnknownType && say('type unknown, taken as text')])
}
