/** The tab Settings of a script: its parts, and the first of them, what it is and what can be done to it. */
import type { Problem } from '../src/errors.ts'
import type { Script } from '../src/scripts/model.ts'
import { ActForm } from './actions.tsx'
import { attr } from './attr.ts'
import { Ago, CopyButton, Icon, Note } from './parts.tsx'
import type { ScriptProps, ScriptTab } from './script.tsx'
import { TagInput } from './tag-input.tsx'
import { say, type Text, t } from './texts.ts'
import { isAtLeast, mayDo } from './viewer.ts'

const parts = [
  { tab: 'settings', word: 'General', href: '?tab=settings' },
  { tab: 'policy', word: 'Limits and permissions', href: '?tab=policy' },
  { tab: 'variables', word: 'Variables', href: '?tab=variables' },
  { tab: 'notifications', word: 'Notifications', href: '/notifications' },
  { tab: 'access', word: 'Access', href: '?tab=access' },
] as const satisfies { tab: ScriptTab; word: Text; href: string }[]

export const isSettingsTab = (tab: ScriptTab): boolean => parts.some((part) => part.tab === tab)

/** Who may do what is for administrators, the rest for who may edit it. */
export const SettingsNav = ({ script, tab, viewer }: Pick<ScriptProps, 'script' | 'tab' | 'viewer'>) => {
  const mayEdit = mayDo(viewer, 'edit', script)
  const shown = parts.filter((part) => (part.tab === 'access' ? isAtLeast(viewer, 'admin') : mayEdit))
  return (
    <nav class="subtabs" aria-label={t('Settings of this script')} data-tabs>
      {shown.map((part) => (
        <a
          class="chip filter"
          href={`/scripts/${script.id}${part.href}`}
          aria-current={part.tab === tab ? 'page' : undefined}
        >
          {t(part.word)}
        </a>
      ))}
    </nav>
  )
}

/** What was typed and refused, or what there is. */
export interface AboutForm {
  alias: string
  description: string
  tags: string[]
  isActive: boolean
}

export interface GeneralProps {
  script: Script
  form: AboutForm
  /** What it was when the form was opened. */
  was: string
  knownTags: { name: string; count: number }[]
  problems: Problem[]
  message: string | null
  /** What was changed just now, in words. */
  done: string | null
  now: number
}

export const GeneralTab = (props: GeneralProps) => (
  <div class="split even">
    <AboutPanel {...props} />
    <div class="stack-4">
      <Facts {...props} />
      <Danger {...props} />
    </div>
  </div>
)

const AboutPanel = ({ script, form, was, knownTags, problems, message, done }: GeneralProps) => {
  const wrong = (name: string) =>
    problems.find(({ path }) => path === `/${name}` || path.startsWith(`/${name}/`))?.message ?? null
  const hasSwitch = script.state === 'active' || script.state === 'inactive'
  return (
    <form class="panel" method="post" action={`/scripts/${script.id}/about`} aria-labelledby="h-about" data-edits>
      <header>
        <h2 id="h-about">{t('About')}</h2>
      </header>
      <div class="body fields">
        {done === null ? (
          ''
        ) : (
          <Note kind="info" icon="success" title={say('Saved')}>
            <p safe>{done}</p>
          </Note>
        )}
        {message === null ? '' : <Note kind="bad" icon="failed" id="form-message" alert title={message} />}
        <input type="hidden" name="was" value={attr(was)} />
        <div class="field">
          <label for="about-alias">{t('Name')}</label>
          <input
            id="about-alias"
            name="alias"
            value={attr(form.alias)}
            placeholder={attr(fileStem(script))}
            maxlength="200"
            autocomplete="off"
            aria-invalid={wrong('alias') === null ? undefined : 'true'}
            aria-describedby={wrong('alias') === null ? 'about-alias-help' : 'about-alias-error about-alias-help'}
            autofocus={wrong('alias') !== null}
          />
          <FieldError id="about-alias-error" text={wrong('alias')} />
          <p class="help" id="about-alias-help">
            {t('What people call it. Left empty, it is called as its file; its address stays the same.')}
          </p>
        </div>
        <div class="field">
          <label for="about-description">{t('Description')}</label>
          <textarea
            id="about-description"
            name="description"
            rows="3"
            maxlength="10000"
            aria-invalid={wrong('description') === null ? undefined : 'true'}
            aria-describedby={wrong('description') === null ? 'about-description-help' : 'about-description-error'}
          >
            {'\n'}
            {Bun.escapeHTML(form.description) as 'safe'}
          </textarea>
          <FieldError id="about-description-error" text={wrong('description')} />
          <p class="help" id="about-description-help">
            {t('Left empty, it is what the file itself says at its top.')}
          </p>
        </div>
        <TagInput id="about-tags" name="tags" tags={form.tags} known={knownTags} error={wrong('tags')} />
        {hasSwitch ? (
          <div class="field">
            <label class="check row">
              <input
                type="checkbox"
                // biome-ignore lint/a11y/useAriaPropsForRole: a checkbox tells its own state
                role="switch"
                name="active"
                value="1"
                checked={form.isActive}
                aria-describedby="about-active-help"
              />
              {t('Active')}
            </label>
            <input type="hidden" name="has_switch" value="1" />
            <p class="help" id="about-active-help">
              {t('An inactive script cannot be called, and its schedules start nothing. What runs goes on.')}
            </p>
          </div>
        ) : (
          ''
        )}
      </div>
      <footer>
        <button class="primary" type="submit">
          {t('Save')}
        </button>
      </footer>
    </form>
  )
}

const fileStem = ({ filename }: Script) => filename.slice(filename.lastIndexOf('/') + 1).replace(/\.[^.]+$/, '')

const FieldError = ({ id, text }: { id: string; text: string | null }) =>
  text === null ? (
    ''
  ) : (
    <p class="error" id={attr(id)}>
      <Icon name="warn" />
      <span safe>{text}</span>
    </p>
  )

const Facts = ({ script, now }: GeneralProps) => (
  <section class="panel" aria-labelledby="h-facts">
    <header>
      <h2 id="h-facts">{t('File and address')}</h2>
    </header>
    <div class="body">
      <dl class="facts-list perms">
        <dt>{t('File')}</dt>
        <dd class="mono" safe>{`${script.runtime}/${script.filename}`}</dd>
        <dt>{t('Address')}</dt>
        <dd class="row">
          <code id="own-address" safe>{`/api/scripts/${script.slug}/run`}</code>
          <CopyButton from="own-address" label={say('Copy the address')} />
        </dd>
        <dt>{t('Number')}</dt>
        <dd>{script.id}</dd>
        <dt>{t('Known since')}</dt>
        <dd>
          <Ago at={script.created_at} now={now} />
        </dd>
        <dt>{t('Last changed')}</dt>
        <dd>
          <Ago at={script.updated_at} now={now} />
        </dd>
        <dt>{t('Content')}</dt>
        <dd class="mono cut" title={attr(script.content_hash)} safe>
          {script.content_hash.slice(0, 12) || '–'}
        </dd>
      </dl>
    </div>
    <footer>
      <a class="button small" href={`/api/scripts/${script.id}/export`} download="">
        <Icon name="download" />
        {t('Export')}
      </a>
      <ActForm
        action={`/scripts/${script.id}/rescan`}
        icon="refresh"
        label={say('Read it again')}
        word={say('Read it again')}
        kind="plain"
      />
      <a class="button quiet small" href={`/scripts/${script.id}/versions`}>
        <Icon name="history" />
        {t('Versions')}
      </a>
    </footer>
  </section>
)

const Danger = ({ script }: GeneralProps) => (
  <section class="panel" id="danger" aria-labelledby="h-danger">
    <header>
      <h2 id="h-danger">{t('Delete it')}</h2>
    </header>
    <div class="body">
      <p class="muted">
        {t(
          'Its file, its sidecar, policy and list of packages go, with its runs, logs, results and schedules. Other files of its folder stay.',
        )}
      </p>
    </div>
    <footer>
      <a class="button danger" href={`/scripts/${script.id}/delete?back=/`}>
        <Icon name="trash" />
        {t('Delete this script')}
      </a>
    </footer>
  </section>
)
