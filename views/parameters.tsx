/** What a script takes, as a table: each parameter as it is served, and why it is so. */
import type { ArgsMap, Param, Script } from '../src/scripts/model.ts'
import { ActForm } from './actions.tsx'
import { accepts, Origin, reasons } from './parameters-why.tsx'
import { Icon, Note } from './parts.tsx'
import { listed, markup, say, t } from './texts.ts'

export interface ParametersProps {
  script: Pick<Script, 'id' | 'state' | 'schema_source'>
  params: Param[]
  /** The schema from every side. */
  schema: { args_map: ArgsMap; own: ArgsMap | null; own_error: string | null; sidecar: string | null; file: string }
  mayEdit: boolean
  /** What has just been done to it. */
  done: 'saved' | 'removed' | null
}

export const ParametersTab = (props: ParametersProps) => (
  <div class="stack-4">
    {props.done === null ? (
      ''
    ) : (
      <Note
        kind="info"
        icon="success"
        title={props.done === 'saved' ? say('The parameters are saved') : say('They are the script’s own again')}
      >
        <p>{t('They are in force for the next run, and in the form.')}</p>
      </Note>
    )}
    <Source {...props} />
    <ParametersTable {...props} />
  </div>
)

/** Where the schema comes from, and what can be done about it. */
const Source = ({ script, schema, mayEdit }: ParametersProps) => {
  const { own, own_error: ownError, sidecar } = schema
  const edit = `/scripts/${script.id}?tab=parameters&amp;edit=`
  return (
    <section class="panel" aria-labelledby="h-source">
      <header>
        <h2 id="h-source">{t('Where they come from')}</h2>
        {mayEdit && script.state !== 'missing' ? (
          <div class="row push">
            <a class="button small" href={`${edit}form`}>
              <Icon name="pencil" />
              {t('Edit')}
            </a>
            <a class="button quiet small" href={`${edit}json`}>
              <Icon name="code" />
              {t('As JSON')}
            </a>
          </div>
        ) : (
          ''
        )}
      </header>
      <div class="body row">
        <div>
          <p>
            {script.schema_source === 'script'
              ? t('Read from the script')
              : script.schema_source === 'sidecar'
                ? t('From the sidecar beside the script')
                : t('They are not known.')}
          </p>
          <SourceWords {...{ script, schema }} />
        </div>
        {mayEdit && sidecar !== null && script.schema_source !== 'script' ? <Reset {...{ script, own }} /> : ''}
        {ownError !== null && script.state !== 'error' ? (
          <details class="whole">
            <summary>{t('Why the script itself gives none')}</summary>
            <div class="code">
              <pre tabindex="0" safe>
                {ownError}
              </pre>
            </div>
          </details>
        ) : (
          ''
        )}
      </div>
    </section>
  )
}

/** Whether they follow the script. */
const SourceWords = ({ script, schema: { own, sidecar } }: Pick<ParametersProps, 'script' | 'schema'>) => {
  if (script.schema_source === null || sidecar === null) return ''
  const file = <code safe>{sidecar}</code>
  return (
    <p class="muted">
      {script.schema_source === 'script'
        ? markup('A change of the script changes them; {file} follows.', { file })
        : own === null
          ? markup('The script gives none, so {file} says them.', { file })
          : markup('{file} was written by hand, so it stays in force when the script changes.', { file })}
    </p>
  )
}

const Reset = ({ script, own }: { script: { id: number }; own: ArgsMap | null }) => (
  <div class="push">
    <ActForm
      action={`/scripts/${script.id}/parameters`}
      icon={own === null ? 'trash' : 'refresh'}
      label={own === null ? say('Remove the sidecar') : say('Back to the script’s own')}
      word={own === null ? say('Remove the sidecar') : say('Back to the script’s own')}
      kind={own === null ? 'danger' : 'plain'}
      fields={{ act: 'reset' }}
      confirm={{
        question: own === null ? say('Remove the sidecar?') : say('Back to the script’s own parameters?'),
        text:
          own === null
            ? say('The script says nothing itself: without the sidecar it cannot be called.')
            : say('What was written by hand is replaced by what the script says, and follows it from then on.'),
        yes: own === null ? say('Remove it') : say('Use the script’s'),
        no: say('Keep it'),
      }}
    />
  </div>
)

const ParametersTable = (props: ParametersProps) => {
  const { params, script, schema, mayEdit } = props
  const lost = schema.own ? Object.keys(schema.own).filter((name) => !Object.hasOwn(schema.args_map, name)) : []
  return (
    <div class="table-wrap">
      {params.length === 0 ? (
        <div class="empty">
          <Icon name="sliders" />
          <h2>{t('No parameters')}</h2>
          <p>
            {script.state === 'error'
              ? t('None are known until its schema can be read.')
              : t('This script takes none: it runs as it is.')}
          </p>
          {mayEdit && script.state !== 'missing' ? (
            <div class="row">
              <a class="button" href={`/scripts/${script.id}?tab=parameters&amp;edit=form`}>
                <Icon name="plus" />
                {t('Describe them by hand')}
              </a>
            </div>
          ) : (
            ''
          )}
        </div>
      ) : (
        <section class="scroll" tabindex="0" aria-label={t('Parameters, scrolls sideways')}>
          <table class="wide">
            <caption class="sr">{t('Parameters')}</caption>
            <thead>
              <tr>
                <th>{t('Name')}</th>
                <th>{t('Flag')}</th>
                <th>{t('Type')}</th>
                <th>{t('Required')}</th>
                <th>{t('Default')}</th>
                <th>{t('Accepts')}</th>
                <th>{t('Help and why')}</th>
                <th>{t('From|side')}</th>
              </tr>
            </thead>
            <tbody>
              {params.map((param) => (
                <Row param={param} schema={schema} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {lost.length > 0 ? (
        <div class="pager">
          <span>
            {t('The script also says {names}, which the sidecar leaves out: they are not taken.', {
              names: listed(lost),
            })}
          </span>
        </div>
      ) : (
        ''
      )}
    </div>
  )
}

const Row = ({ param, schema }: { param: Param } & Pick<ParametersProps, 'schema'>) => (
  <tr id={`param-${param.name}`}>
    <td class="mono" safe>
      {param.name}
    </td>
    <td class="mono muted one-line" safe>
      {param.flag}
    </td>
    <td>
      <span class="chip" safe>
        {param.declaredType}
      </span>
    </td>
    <td>{param.required ? t('Yes') : <span class="muted">{t('No')}</span>}</td>
    <td class="mono" safe>
      {param.default === undefined ? '–' : param.secret ? '••••' : JSON.stringify(param.default)}
    </td>
    <td class="muted" safe>
      {accepts(param)}
    </td>
    <td class="muted">
      <span safe>{param.help}</span>
      {reasons(param, schema.args_map[param.name]?.required ?? false).map((reason) => (
        <small safe>{reason}</small>
      ))}
    </td>
    <td class="muted">
      <Origin name={param.name} schema={schema} secret={param.secret} />
    </td>
  </tr>
)
