/** What a parameter is called, and of what type it is. */
import type { Param } from '../src/scripts/model.ts'
import { attr } from './attr.ts'
import { listed, say, t } from './texts.ts'

export const LabelText = ({ param }: { param: Param }) => (
  <>
    <span title={attr(param.name)} safe>
      {humanize(param.name)}
    </span>
    {param.required ? (
      <span class="req" title={t('Required')}>
        *
      </span>
    ) : (
      ''
    )}
    <small safe>{typeWords(param)}</small>
  </>
)

/** max_width becomes "Max width". */
export const humanize = (name: string) => {
  const words = name.replaceAll(/[_-]+/g, ' ').trim()
  return words === '' ? name : words[0]!.toUpperCase() + words.slice(1)
}

const typeWords = ({ declaredType, isUnknownType, multiple, secret }: Param) =>
  listed([
    isUnknownType ? say('{type}, taken as text', { type: declaredType }) : declaredType,
    multiple && say('many'),
    secret && say('secret'),
  ])
