/** Files that come from somebody's machine, and what became of each. */
import type { RuntimeName } from '../src/scripts/model.ts'
import { attr } from './attr.ts'
import { Icon, Note } from './parts.tsx'
import { plural, say, type Text, t } from './texts.ts'

/** What a file is that came. */
export type CameAs = 'script' | 'broken' | 'helper' | 'packages' | 'sidecar' | 'policy' | 'file' | 'skipped' | 'refused'

export interface CameFile {
  /** With the folder of its runtime, or as it was sent. */
  path: string
  as: CameAs
  /** Of a script. */
  id: number | null
  /** Why it was refused, or cannot run. */
  why: string | null
}

export interface UploadOutcome {
  isStored: boolean
  /** Why nothing was stored, where that is about no file. */
  message: string | null
  /** All that is in the way is that they are there already. */
  isTaken: boolean
  files: CameFile[]
}

export interface UploadProps {
  runtime: RuntimeName | ''
  group: string
  overwrite: boolean
  outcome: UploadOutcome | null
}

const runtimeChoices: UploadProps['runtime'][] = ['', 'python', 'js']

export const UploadForm = ({ runtime, group, overwrite, outcome, groups }: UploadProps & { groups: string[] }) => (
  <div class="stack-4 narrow">
    {outcome === null ? '' : <Outcome {...outcome} />}
    <form
      class="panel"
      id="upload"
      method="post"
      action="/scripts/new/upload"
      enctype="multipart/form-data"
      aria-labelledby="h-upload"
      data-upload-scripts
    >
      <header>
        <h2 id="h-upload">{t('Upload files or a folder')}</h2>
      </header>
      <div class="body fields">
        <div class="fields two">
          <div class="field">
            <label class="drop" for="upload-files">
              <Icon name="file" />
              <span>
                <b>{t('Choose files')}</b>
              </span>
              <span class="chosen help" />
              <input id="upload-files" name="files" type="file" multiple aria-describedby="upload-help" />
            </label>
          </div>
          <div class="field">
            <label class="drop" for="upload-folder">
              <Icon name="folder" />
              <span>
                <b>{t('Choose a folder')}</b>
              </span>
              <span class="chosen help" />
              <input
                id="upload-folder"
                name="folder"
                type="file"
                {...{ webkitdirectory: true }}
                multiple
                aria-describedby="upload-help"
              />
            </label>
          </div>
        </div>
        <p class="help" id="upload-help">
          {t(
            'Or drop them anywhere on this page. Scripts end with .py, .js, .mjs, .cjs or .ts; lists of packages, helpers and data come along in a folder. All of them are stored, or none.',
          )}
        </p>
        <fieldset class="field">
          <legend>{t('Runtime')}</legend>
          <div class="segments">
            {runtimeChoices.map((value) => (
              <label>
                <input type="radio" name="runtime" value={value} checked={value === runtime} />
                {value === '' ? t('By their endings') : value === 'python' ? 'Python' : 'JavaScript'}
              </label>
            ))}
          </div>
        </fieldset>
        <div class="field">
          <label for="upload-group">
            {t('Folder')} <small>{t('optional')}</small>
          </label>
          <input
            id="upload-group"
            name="group"
            class="mono"
            value={attr(group)}
            list="upload-groups"
            maxlength="800"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
          />
          <datalist id="upload-groups">
            {groups.map((one) => (
              <option value={attr(one)} />
            ))}
          </datalist>
        </div>
        <label class="check row">
          <input type="checkbox" name="overwrite" value="1" checked={overwrite} />
          {t('Replace files that are there already')}
        </label>
      </div>
      <footer>
        <button class="primary" type="submit">
          <Icon name="upload" />
          {t('Upload')}
        </button>
      </footer>
    </form>
  </div>
)

const cameWords: Record<CameAs, { word: Text; icon: string }> = {
  script: { word: 'Script', icon: 'success' },
  broken: { word: 'Script with an error', icon: 'warn' },
  helper: { word: 'Helper module', icon: 'code' },
  packages: { word: 'List of packages', icon: 'box' },
  sidecar: { word: 'Sidecar', icon: 'sliders' },
  policy: { word: 'Policy', icon: 'lock' },
  file: { word: 'File', icon: 'file' },
  skipped: { word: 'Skipped', icon: 'cancelled' },
  refused: { word: 'Refused', icon: 'failed' },
}

/** What came of an upload; scripts in the browser take it out of the page. */
export const Outcome = ({ isStored, message, isTaken, files }: UploadOutcome) => (
  <section class="panel" id="upload-outcome" aria-labelledby="h-outcome" data-stored={isStored ? 'yes' : undefined}>
    <header>
      <h2 id="h-outcome" tabindex="-1">
        {isStored
          ? plural(files.filter(({ id }) => id !== null).length, '1 script came', '{n} scripts came')
          : t('Nothing was stored')}
      </h2>
    </header>
    {message === null ? (
      ''
    ) : (
      <div class="body">
        <Note kind="bad" icon="failed" title={say('Why')}>
          <p safe>{message}</p>
        </Note>
      </div>
    )}
    <ul class="came">
      {files.slice(0, filesShown).map(({ path, as, id, why }) => (
        <li data-as={as}>
          <Icon name={cameWords[as].icon} />
          {id === null ? (
            <code safe>{path}</code>
          ) : (
            <a class="mono" href={`/scripts/${id}`} safe>
              {path}
            </a>
          )}
          <span class="came-as">{t(cameWords[as].word)}</span>
          {why === null ? '' : <small safe>{why}</small>}
        </li>
      ))}
    </ul>
    {files.length > filesShown ? (
      <p class="body muted">{plural(files.length - filesShown, 'and 1 more', 'and {n} more')}</p>
    ) : (
      ''
    )}
    {isStored ? (
      ''
    ) : (
      <footer class="needs-js">
        {isTaken ? (
          <button type="button" class="primary" data-upload-again="overwrite">
            {t('Replace them')}
          </button>
        ) : files.some(({ as }) => as === 'refused') ? (
          <button type="button" data-upload-again="rest">
            {t('Upload the others')}
          </button>
        ) : (
          ''
        )}
      </footer>
    )}
  </section>
)

const filesShown = 200
