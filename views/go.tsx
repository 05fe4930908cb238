/** The way to any page: a dialog with one input, and what is found while one types. Fragment: what is in #go-list. */
import { attr } from './attr.ts'
import { Icon } from './parts.tsx'
import { plural, t } from './texts.ts'

export interface GoItem {
  /** What a choice is remembered by. */
  key: string
  icon: string
  label: string
  hint?: string
  /** Where it leads; of an act where the same can be done without it. */
  href: string
  /** Posted instead. */
  post?: string
  /** Done in the page instead: `theme:dark`, `open:keys`. */
  act?: string
}

export interface GoGroup {
  title: string
  items: GoItem[]
}

const goKeys = 'Ctrl K'

export const GoButton = () => (
  <button
    class="quiet small go-button needs-js"
    type="button"
    data-go
    aria-label={`${t('Go to')} ${goKeys}`}
    aria-haspopup="dialog"
    aria-keyshortcuts="Control+K"
  >
    <Icon name="search" />
    <span class="only-wide">{t('Go to')}</span> <kbd>{goKeys}</kbd>
  </button>
)

export const GoDialog = () => (
  <dialog id="go" class="go" aria-label={t('Go to')}>
    <div class="inlay">
      <Icon name="search" />
      <input
        id="go-input"
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="go-list"
        aria-autocomplete="list"
        aria-label={t('Go to')}
        placeholder={t('A script, a page, #48112, or what to do')}
        autocomplete="off"
        spellcheck="false"
        maxlength={200}
      />
    </div>
    <div id="go-list" role="listbox" aria-label={t('Results')} />
    <p class="sr" role="status" id="go-status" />
  </dialog>
)

export function GoList({ groups }: { groups: GoGroup[] }) {
  let place = 0
  const found = groups.reduce((sum, { items }) => sum + items.length, 0)
  if (found === 0)
    return (
      <p class="none" data-go-status>
        {t('Nothing is called that. Try a part of a name, a tag, or the number of a run.')}
      </p>
    )
  return (
    <>
      {groups
        .filter(({ items }) => items.length > 0)
        .map(({ title, items }, index) => (
          // biome-ignore lint/a11y/useSemanticElements: what is in a listbox can be no fieldset
          <div role="group" aria-labelledby={`go-title-${index}`}>
            <div class="title" id={`go-title-${index}`} role="presentation" safe>
              {title}
            </div>
            {items.map((item) => (
              <Option item={item} place={place++} />
            ))}
          </div>
        ))}
      <span hidden data-go-status>
        {plural(found, '1 result', '{n} results')}
      </span>
    </>
  )
}

const Option = ({ item, place }: { item: GoItem; place: number }) => (
  <a
    role="option"
    id={`go-${place}`}
    aria-selected="false"
    tabindex="-1"
    href={attr(item.href)}
    data-key={attr(item.key)}
    data-post={item.post && attr(item.post)}
    data-act-name={item.act && attr(item.act)}
  >
    <Icon name={item.icon} />
    <b class="cut" safe>
      {item.label}
    </b>
    {item.hint ? (
      <small class="cut" safe>
        {item.hint}
      </small>
    ) : (
      ''
    )}
  </a>
)
