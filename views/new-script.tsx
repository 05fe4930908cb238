/** A new script: from a template, or by upload of what there is. */
import type { RuntimeName } from '../src/scripts/model.ts'
import type { Template } from '../src/scripts/templates.ts'
import { attr } from './attr.ts'
import { Page } from './layout.tsx'
import { UploadForm, type UploadProps } from './new-script-upload.tsx'
import { Icon, Note } from './parts.tsx'
import { RuntimeTabs, TemplateCode, TemplateList, topicAbout, topicWord } from './templates.tsx'
import { say, t } from './texts.ts'
import type { Viewed } from './viewer.ts'

export const newScriptWays = ['template', 'upload'] as const
export type NewScriptWay = (typeof newScriptWays)[number]

export interface NewScriptProps extends Viewed {
  way: NewScriptWay
  templates: Template[]
  chosen: Template
  /** As it is typed, without its folder. */
  filename: string
  /** The name that another template may replace. */
  suggested: string
  group: string
  /** Folders that there are, in each runtime. */
  groups: Record<RuntimeName, string[]>
  /** What is wrong with the name. */
  nameError: string | null
  /** What is wrong besides. */
  message: string | null
  upload: UploadProps
}

export const NewScriptPage = (props: NewScriptProps) => (
  <Page title={say('New script')} current="scripts" kind="new-script" viewer={props.viewer}>
    <div class="head">
      <ol class="crumbs" aria-label={t('Breadcrumb')}>
        <li>
          <a href="/">{t('Scripts')}</a>
        </li>
      </ol>
      <h1>{t('New script')}</h1>
    </div>
    <nav class="tabs" aria-label={t('Where it comes from')}>
      <a href="/scripts/new" aria-current={props.way === 'template' ? 'page' : undefined}>
        <Icon name="code" />
        {t('From a template')}
      </a>
      <a href="/scripts/new?from=upload" aria-current={props.way === 'upload' ? 'page' : undefined}>
        <Icon name="upload" />
        {t('Upload files or a folder')}
      </a>
      <a href="/import">
        <Icon name="box" />
        {t('Import from another gateway')}
      </a>
    </nav>
    {props.message === null || props.way === 'upload' ? (
      ''
    ) : (
      <Note kind="bad" icon="failed" id="form-message" alert title={say('It was not made')}>
        <p safe>{props.message}</p>
      </Note>
    )}
    {props.way === 'upload' ? <UploadForm {...props.upload} groups={allGroups(props)} /> : <FromTemplate {...props} />}
  </Page>
)

const allGroups = ({ groups }: NewScriptProps) => [...new Set([...groups.python, ...groups.js])].sort()

/** What is typed stays when another template is chosen: only a name that was the template's own follows it. */
const FromTemplate = ({ templates, chosen, filename, suggested, group, groups, nameError }: NewScriptProps) => {
  const choosing = {
    ...{ templates, chosen },
    href: (name: string) => `/scripts/new?template=${name}`,
    link: {
      ...{ 'hx-target': '#from-template', 'hx-select': '#from-template', 'hx-swap': 'outerMorph' },
      ...{ 'hx-include': '#filename, #group, #suggested', 'hx-replace-url': 'true' },
    },
  }
  return (
    <div class="split versions" id="from-template">
      <TemplateList {...choosing} />
      <form class="panel" id="new-script" method="post" action="/scripts/new" aria-labelledby="h-template">
        <input type="hidden" name="template" value={chosen.name} />
        <input type="hidden" name="suggested" id="suggested" value={attr(suggested)} />
        <header>
          <h2 id="h-template">{topicWord(chosen.topic)}</h2>
        </header>
        <div class="bar">
          <RuntimeTabs {...choosing} />
        </div>
        <div class="body fields">
          <p class="muted">{topicAbout(chosen.topic)}</p>
          <div class="fields two">
            <div class="field">
              <label for="filename">{t('File name')}</label>
              <input
                id="filename"
                name="filename"
                class="mono"
                value={attr(filename)}
                required
                maxlength="200"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-describedby="filename-error filename-help"
                aria-invalid={nameError === null ? undefined : 'true'}
                autofocus={nameError !== null}
                data-check-name={chosen.runtime}
              />
              <NameError problem={nameError} />
              <p class="help" id="filename-help">
                {chosen.runtime === 'python'
                  ? t('Ends with .py.')
                  : t('Ends with .js, .mjs, .cjs or .ts. TypeScript needs nothing more.')}
              </p>
            </div>
            <div class="field">
              <label for="group">
                {t('Folder')} <small>{t('optional')}</small>
              </label>
              <input
                id="group"
                name="group"
                class="mono"
                value={attr(group)}
                list="groups"
                maxlength="800"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-describedby="group-help"
              />
              <datalist id="groups">
                {groups[chosen.runtime].map((one) => (
                  <option value={attr(one)} />
                ))}
              </datalist>
              <p class="help" id="group-help">
                {t('Scripts of one folder share helpers and packages.')}
              </p>
            </div>
          </div>
        </div>
        <footer>
          <button class="primary" type="submit">
            <Icon name="plus" />
            {t('Create the script')}
          </button>
          <small class="muted">{t('Its code opens next.')}</small>
        </footer>
        <hr />
        <TemplateCode template={chosen} />
      </form>
    </div>
  )
}

/** Also what the check while one types answers. */
export const NameError = ({ problem }: { problem: string | null }) => (
  <p class="error" id="filename-error" aria-live="polite" hidden={problem === null}>
    <Icon name="warn" />
    <span safe>{problem ?? ''}</span>
  </p>
)
