/** What can be done to the scripts that are chosen in the table. It shows itself while some are. Works without JavaScript. */
import { attr } from './attr.ts'
import { type DashboardQuery, dashboardHref, type RowsProps } from './dashboard.tsx'
import { Icon } from './parts.tsx'
import { t } from './texts.ts'
import { isAtLeast, mayDo, type Viewed } from './viewer.ts'

interface BulkProps extends Viewed {
  rows: RowsProps['rows']
  query: DashboardQuery
  tags: string[]
}

export function BulkBar({ rows, tags, viewer, query }: BulkProps) {
  const may = (right: 'run' | 'edit', role: 'operator' | 'editor') =>
    isAtLeast(viewer, role) || rows.some(({ script }) => mayDo(viewer, right, script))
  if (!may('run', 'operator')) return ''
  return (
    <form class="row bulk" id="bulk" method="post" action="/batch" aria-label={t('With the selected scripts')} data-act>
      <input type="hidden" name="back" value={dashboardHref(query)} />
      <output id="bulk-count" data-bulk-count>
        {t('Selected')}
      </output>
      <button class="small" type="submit" name="act" value="run">
        <Icon name="play" />
        {t('Run|verb')}
      </button>
      {may('edit', 'editor') ? <EditActs tags={tags} /> : ''}
      <button
        class="quiet only small"
        type="reset"
        aria-label={t('Clear the selection')}
        title={t('Clear the selection')}
      >
        <Icon name="close" />
      </button>
    </form>
  )
}

const EditActs = ({ tags }: { tags: string[] }) => (
  <>
    <button class="small" type="submit" name="act" value="activate">
      <Icon name="check" />
      {t('Activate')}
    </button>
    <button class="small" type="submit" name="act" value="deactivate">
      <Icon name="pause" />
      {t('Deactivate')}
    </button>
    <button class="small" type="button" popovertarget="bulk-tag" aria-haspopup="dialog">
      <Icon name="tag" />
      {t('Tag')}
    </button>
    <div class="menu tag-menu" id="bulk-tag" popover="auto" role="dialog" aria-label={t('Tag')}>
      <input
        name="tag"
        list="bulk-tags"
        maxlength={40}
        aria-label={t('Tag')}
        placeholder={t('Tag')}
        autocomplete="off"
      />
      <datalist id="bulk-tags">
        {tags.map((tag) => (
          <option value={attr(tag)} />
        ))}
      </datalist>
      <div class="row">
        <button class="small" type="submit" name="act" value="tag">
          {t('Add')}
        </button>
        <button class="small" type="submit" name="act" value="untag">
          {t('Remove')}
        </button>
      </div>
    </div>
    <button class="small danger" type="submit" formaction="/batch/delete" formmethod="get" data-ask="/batch/delete">
      <Icon name="trash" />
      {t('Delete…')}
    </button>
  </>
)
