/** The rarer acts on one script, fetched when its menu is opened: a table of a thousand needs none of them. */
import type { Script } from '../src/scripts/model.ts'
import { attr } from './attr.ts'
import { Icon, scriptName } from './parts.tsx'
import { t } from './texts.ts'
import { mayDo, type Viewed } from './viewer.ts'

export const RowMenu = ({ script, viewer }: { script: Script } & Viewed) => (
  <nav class="items" aria-label={t('More for {name}', { name: scriptName(script) })}>
    <a href={`/scripts/${script.id}`}>
      <Icon name="play" />
      {t('Form')}
    </a>
    {mayDo(viewer, 'edit', script) ? (
      <a href={`/scripts/${script.id}?tab=code`}>
        <Icon name="pencil" />
        {t('Edit the code')}
        <kbd>e</kbd>
      </a>
    ) : (
      ''
    )}
    <a href={`/scripts/${script.id}/schedules`}>
      <Icon name="calendar" />
      {t('Schedules')}
    </a>
    <a href={`/executions?script_id=${script.id}`}>
      <Icon name="history" />
      {t('All of its runs')}
    </a>
    <a href={`/scripts/${script.id}?tab=api`}>
      <Icon name="terminal" />
      {t('API')}
    </a>
    {mayDo(viewer, 'edit', script) ? <EditActs script={script} /> : ''}
  </nav>
)

const EditActs = ({ script }: { script: Script }) => {
  const isOn = script.state === 'active'
  return (
    <>
      <hr />
      <a href={`/scripts/${script.id}?tab=settings`}>
        <Icon name="sliders" />
        {t('Settings')}
      </a>
      {script.state === 'active' || script.state === 'inactive' ? (
        <form method="post" action={`/scripts/${script.id}/state`} data-act>
          <input type="hidden" name="state" value={isOn ? 'inactive' : 'active'} />
          <button type="submit">
            <Icon name={isOn ? 'pause' : 'check'} />
            {isOn ? t('Deactivate') : t('Activate')}
          </button>
        </form>
      ) : (
        ''
      )}
      <form method="post" action={`/scripts/${script.id}/delete`} data-act>
        <button type="submit" class="danger" data-ask={attr(`/scripts/${script.id}/delete`)}>
          <Icon name="trash" />
          {t('Delete…')}
        </button>
      </form>
    </>
  )
}
