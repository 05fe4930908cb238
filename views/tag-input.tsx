/** Tags, to add and take away: chips with suggestions where there is JavaScript, else a text with commas. */
import { attr } from './attr.ts'
import { Icon } from './parts.tsx'
import { plural, say, t } from './texts.ts'

interface TagInputProps {
  /** Of the field; it posts a text with commas under `name`. */
  id: string
  name: string
  tags: string[]
  /** In use, most used first. */
  known: { name: string; count: number }[]
  error?: string | null
}

export const TagInput = ({ id, name, tags, known, error = null }: TagInputProps) => (
  <div class="field">
    <label for={attr(id)}>{t('Tags')}</label>
    <div class="tag-input" data-tags>
      <input
        id={attr(id)}
        name={attr(name)}
        value={attr(tags.join(', '))}
        list={known.length > 0 ? `${id}-known` : undefined}
        autocomplete="off"
        aria-describedby={error === null ? `${id}-help` : `${id}-error ${id}-help`}
        aria-invalid={error === null ? undefined : 'true'}
        autofocus={error !== null}
      />
      <datalist id={`${id}-known`}>
        {known.map(({ name: tag, count }) => (
          <option value={attr(tag)} label={plural(count, '1 script', '{n} scripts')} />
        ))}
      </datalist>
      <template data-tag>
        <span class="chip">
          <span />
          <button type="button" aria-label={t('Remove')}>
            <Icon name="close" />
          </button>
        </span>
      </template>
    </div>
    {error === null ? (
      ''
    ) : (
      <p class="error" id={`${id}-error`}>
        <Icon name="warn" />
        <span safe>{error}</span>
      </p>
    )}
    <p class="help" id={`${id}-help`} safe>
      {say('A comma ends a tag. They group scripts, and may say who may do what.')}
    </p>
  </div>
)
