/** Variables and secrets of everybody or of one script: what there is, and forms to add, replace and delete. */
import type { Variable } from '../src/variables/model.ts'
import { ActForm } from './actions.tsx'
import { attr } from './attr.ts'
import { Ago, Icon, Note } from './parts.tsx'
import { markup, say, t } from './texts.ts'

export interface VariablesProps {
  /** Where the forms post to. */
  action: string
  /** Who gets them, as a sentence; it may hold the address of more. */
  about: JSX.Element
  variables: Variable[]
  saved: boolean
  /** What was posted and refused; never a secret's value. */
  refused: { name: string; value: string; secret: boolean; isNew: boolean; message: string } | null
  /** Of the key for secrets, in sentences. */
  problems: string[]
  now: number
}

export const VariablesPanel = (props: VariablesProps) => (
  <section class="panel" id="variables" aria-labelledby="h-variables">
    <header>
      <h2 id="h-variables">{t('Variables and secrets')}</h2>
    </header>
    <div class="body fields">
      <p class="muted">{props.about as 'safe'}</p>
      <Notes {...props} />
    </div>
    {props.variables.length === 0 ? (
      ''
    ) : (
      <ul class="settings ruled">
        {props.variables.map((variable) => (
          <Row variable={variable} {...props} />
        ))}
      </ul>
    )}
    <footer>
      <div class="fields two grow">
        <AddForm {...props} secret={false} />
        <AddForm {...props} secret={true} />
      </div>
    </footer>
  </section>
)

const Notes = ({ refused, saved, problems }: VariablesProps) => (
  <>
    {problems.map((problem) => (
      <Note kind="warn" icon="key" title={say('The key for secrets')}>
        <p safe>{problem}</p>
      </Note>
    ))}
    {refused ? (
      <Note kind="bad" icon="failed" id="form-message" alert title={say('Nothing was changed')}>
        <p safe>{refused.message}</p>
        {refused.secret ? <p>{t('The secret is not kept in the page: type it again.')}</p> : ''}
      </Note>
    ) : saved ? (
      <Note kind="info" icon="success" title={say('Saved')}>
        <p>{t('It is in force for the next run.')}</p>
      </Note>
    ) : (
      ''
    )}
  </>
)

const Row = ({ variable, refused, action, now }: VariablesProps & { variable: Variable }) => {
  const { name, secret, value, error } = variable
  const again = refused && !refused.isNew && refused.name === name ? refused : null
  return (
    <li id={`variable-${name}`} class="setting">
      <div class="field">
        <span class="row">
          <b class="mono" safe>
            {name}
          </b>
          {secret ? (
            <span class="chip">
              <Icon name="lock" />
              {t('Secret')}
            </span>
          ) : (
            ''
          )}
        </span>
        <p class="help">{markup('Set {when}', { when: <Ago at={variable.updated_at} now={now} /> })}</p>
      </div>
      <div class="field">
        {secret ? (
          <p class="muted">{t('Never shown again.')}</p>
        ) : (
          <div class="code short">
            <pre tabindex="0" safe>
              {value || say('(empty)')}
            </pre>
          </div>
        )}
        {error === null ? (
          ''
        ) : (
          <p class="error">
            <Icon name="warn" />
            <span safe>{error}</span>
          </p>
        )}
        <div class="row top-align">
          <details class="grow" open={again !== null}>
            <summary aria-label={t('Replace {name}', { name })}>{t('Replace')}</summary>
            <form class="fields" method="post" action={attr(action)} aria-label={t('Replace {name}', { name })}>
              <input type="hidden" name="name" value={attr(name)} />
              <ValueField id={`new-${name}`} secret={secret} value={again?.value ?? value ?? ''} />
              <button class="start small" type="submit" name="act" value="replace">
                {t('Save')}
              </button>
            </form>
          </details>
          <DeleteForm name={name} action={action} />
        </div>
      </div>
    </li>
  )
}

const DeleteForm = ({ name, action }: { name: string; action: string }) => (
  <ActForm
    action={action}
    icon="trash"
    label={say('Delete {name}', { name })}
    kind="danger"
    fields={{ name, act: 'remove' }}
    confirm={{
      question: say('Delete {name}?', { name }),
      text: say('The next run goes without it.'),
      yes: say('Delete'),
      no: say('Keep it'),
    }}
  />
)

const AddForm = ({ action, refused, secret }: VariablesProps & { secret: boolean }) => {
  const again = refused?.isNew && refused.secret === secret ? refused : null
  const kind = secret ? 'secret' : 'variable'
  return (
    <details open={again !== null}>
      <summary>{secret ? t('Add a secret') : t('Add a variable')}</summary>
      <form
        class="fields"
        method="post"
        action={attr(action)}
        aria-label={secret ? t('Add a secret') : t('Add a variable')}
      >
        {secret ? <input type="hidden" name="secret" value="1" /> : ''}
        <div class="field">
          <label for={`add-${kind}-name`}>{t('Name')}</label>
          <input
            id={`add-${kind}-name`}
            name="name"
            class="mono"
            required
            maxlength="128"
            pattern="[A-Za-z_][A-Za-z0-9_]*"
            title={t('Letters, digits and _; no digit first')}
            placeholder={secret ? 'API_TOKEN' : 'API_URL'}
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            value={attr(again?.name ?? '')}
          />
        </div>
        <ValueField id={`add-${kind}-value`} secret={secret} value={again?.value ?? ''} />
        <button class="start primary" type="submit" name="act" value="add">
          {t('Add')}
        </button>
      </form>
    </details>
  )
}

const ValueField = ({ id, secret, value }: { id: string; secret: boolean; value: string }) => (
  <div class="field">
    <label for={id}>{t('Value')}</label>
    {secret ? (
      <input
        id={id}
        name="value"
        type="password"
        required
        minlength="3"
        autocomplete="new-password"
        aria-describedby={`${id}-help`}
      />
    ) : (
      <textarea id={id} name="value" rows="1" class="mono" spellcheck="false" autocapitalize="off">
        {'\n'}
        {Bun.escapeHTML(value) as 'safe'}
      </textarea>
    )}
    {secret ? (
      <p class="help" id={`${id}-help`}>
        {t('One line. A secret of several lines, such as a key file, is set over the API.')}
      </p>
    ) : (
      ''
    )}
  </div>
)
