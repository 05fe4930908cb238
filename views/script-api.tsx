/** The tab that says everything about calling a script over HTTP: addresses, parameters, calls, answers, documents. */
import type { Param } from '../src/scripts/model.ts'
import { highlight } from './highlight.ts'
import { accepts } from './parameters-why.tsx'
import { CopyButton, Icon } from './parts.tsx'
import { AsyncPanel, CallPanel, type CallsProps, NoCodePanel } from './script-calls.tsx'
import { listed, markup, say, type Text, t } from './texts.ts'

export interface ScriptApiProps extends CallsProps {
  state: string
  /** How the last run that succeeded answered. */
  answered: 'json' | 'text' | 'file' | null
}

export const ScriptApiTab = (props: ScriptApiProps) => (
  <div class="split side wide">
    <div class="stack-4">
      <CallPanel {...props} />
      <Answers {...props} />
      <AsyncPanel {...props} />
      <Routes {...props} />
    </div>
    <div class="stack-4">
      <Documents {...props} />
      <Takes {...props} />
      <Errors />
      <NoCodePanel {...props} />
    </div>
  </div>
)

const Documents = ({ script, state }: ScriptApiProps) => (
  <section class="panel" aria-labelledby="h-documents">
    <header>
      <h2 id="h-documents">{t('OpenAPI')}</h2>
    </header>
    <div class="body stack-1">
      {state === 'active' ? (
        <>
          <a class="button" href={`/scripts-swagger.html?script=${script.id}`}>
            <Icon name="play" />
            {t('Try it out in Swagger UI')}
          </a>
          <a class="button" href={`/api/scripts/${script.id}/openapi.json`} download={`${script.slug}.openapi.json`}>
            <Icon name="download" />
            {t('Download its document')}
          </a>
          <p class="help">{t('Code generators, n8n and Postman read it.')}</p>
        </>
      ) : (
        <p class="muted">{t('A script has its document while it is active.')}</p>
      )}
      <p class="help">
        <a href="/scripts-swagger.html">{t('All scripts')}</a> · <a href="/swagger">{t('The whole API')}</a>
      </p>
    </div>
  </section>
)

const routes: Route[] = [
  ['GET', '/api/scripts/{id}', 'What the script is, and its last run'],
  ['GET', '/api/scripts/{id}/schema', 'What it takes, also as JSON Schema'],
  ['GET', '/api/runs?script_id={number}', 'Its runs'],
  ['POST', '/api/scripts/{id}/terminate', 'End all its runs'],
  ['GET', '/api/runs/{run}', 'One run, with its result'],
  ['GET', '/api/runs/{run}/logs', 'The log of a run, as text'],
  ['GET', '/api/runs/{run}/events', 'The same live, as server-sent events'],
  ['POST', '/api/runs/{run}/cancel', 'Stop a run'],
]

type Route = [method: string, path: string, what: Text]

const takesGet = (params: Param[]) => !params.some(({ type, required }) => type === 'file' && required)

const runRoutes = (own: string, params: Param[]): Route[] => [
  ['POST', `${own}/run`, 'Runs it: parameters as JSON, as a form, or as a form with files'],
  [
    'GET',
    `${own}/run`,
    takesGet(params) ? 'Runs it: parameters in the query' : 'Answers 405: a required file cannot be sent in a query',
  ],
]

const Routes = ({ script, params }: ScriptApiProps) => {
  const own = `/api/scripts/${script.slug}`
  return (
    <section class="table-wrap" aria-labelledby="h-routes">
      <div class="bar">
        <h2 id="h-routes">{t('Addresses')}</h2>
      </div>
      <section class="scroll" tabindex="0" aria-label={t('Addresses, scrolls sideways')}>
        <table>
          <caption class="sr">{t('Addresses')}</caption>
          <thead>
            <tr>
              <th>{t('Method')}</th>
              <th>{t('Address')}</th>
              <th>{t('What it does')}</th>
            </tr>
          </thead>
          <tbody>
            {[...runRoutes(own, params), ...routes].map(([method, path, what]) => (
              <tr>
                <td class="mono">{method as 'safe'}</td>
                <td class="mono" safe>
                  {path.replace('/api/scripts/{id}', own).replace('{number}', String(script.id))}
                </td>
                <td>{t(what)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <div class="pager">
        <span>
          {markup('In place of {slug} its number {id} does, too: that one stays when the file is renamed.', {
            slug: <code safe>{script.slug}</code>,
            id: <code>{String(script.id) as 'safe'}</code>,
          })}
        </span>
      </div>
    </section>
  )
}

const Takes = ({ script, params }: ScriptApiProps) => (
  <section class="panel" aria-labelledby="h-takes">
    <header>
      <h2 id="h-takes">{t('Parameters')}</h2>
      <a class="push muted" href={`/scripts/${script.id}?tab=parameters`}>
        <small>{t('Details')}</small>
      </a>
    </header>
    {params.length === 0 ? (
      <p class="body muted">{t('It takes none.')}</p>
    ) : (
      <ul class="body takes">
        {params.map((param) => (
          <li>
            <code safe>{param.name}</code>{' '}
            <small class="muted" safe>
              {listed([param.type, param.required ? say('required') : '', accepts(param)])}
            </small>
          </li>
        ))}
      </ul>
    )}
  </section>
)

const examples: Record<'json' | 'text' | 'file', string> = {
  json: '"type": "json",\n  "data": { "ok": true, "n": 3 }',
  text: '"type": "text",\n  "data": "3 files\\n"',
  file: '"type": "file",\n  "url": "http://…/static/…/chart.png",\n  "filename": "chart.png",\n  "size": 18204,\n  "content_type": "image/png"',
}

const Answers = ({ script, answered }: ScriptApiProps) => {
  const body = (type: 'json' | 'text' | 'file') =>
    `{\n  "status": "success",\n  "script_id": ${script.id},\n  "run_id": 9,\n  "duration_ms": 41,\n  ${examples[type]}\n}`
  const first = answered ?? 'json'
  const failed = `{\n  "status": "error",\n  "code": 500,\n  "error": { "type": "script", "message": "…" },\n  "script_id": ${script.id},\n  "run_id": 9,\n  "duration_ms": 38,\n  "stderr": "Traceback …"\n}`
  return (
    <section class="panel" aria-labelledby="h-answers">
      <header>
        <h2 id="h-answers">{t('What it answers')}</h2>
        <span class="status" data-status="success">
          <Icon name="success" />
          200
        </span>
      </header>
      <div class="code bare">
        <pre tabindex="0" id="answer-text">
          {highlight(body(first), 'json') as 'safe'}
        </pre>
        <CopyButton from="answer-text" label={say('Copy the answer')} />
      </div>
      <div class="body stack-1">
        <p class="help">
          {markup(
            'JSON that it prints is {json}, other text {text}, and bytes are a file with its address. What it writes to {out} is in {files}.',
            {
              json: <code>data</code>,
              text: <code>"type": "text"</code>,
              out: <code>OUTPUT_DIR</code>,
              files: <code>files</code>,
            },
          )}
        </p>
        <details>
          <summary>{t('When it fails')}</summary>
          <div class="code">
            <pre tabindex="0">{highlight(failed, 'json') as 'safe'}</pre>
          </div>
        </details>
      </div>
    </section>
  )
}

const errors: [code: number, type: string, when: Text][] = [
  [401, 'auth', 'no token, or one that is no good'],
  [403, 'forbidden', 'the token may not run it'],
  [404, 'not_found', 'there is no such script'],
  [409, 'conflict', 'it is inactive or broken'],
  [413, 'too_large', 'the body or a file is over its limit'],
  [422, 'validation', 'a parameter does not fit; nothing was started'],
  [429, 'busy', 'the queue is full: try again later'],
  [500, 'script', 'it ended with another exit code than 0'],
  [502, 'dependency', 'its packages could not be installed'],
  [503, 'unavailable', 'the gateway is starting or stopping'],
  [504, 'timeout', 'stopped at its time limit'],
  [507, 'resource', 'stopped at a limit of memory, output or disk'],
]

const Errors = () => (
  <section class="panel" aria-labelledby="h-errors">
    <header>
      <h2 id="h-errors">{t('Errors')}</h2>
    </header>
    <table class="plain-table dense">
      <caption class="sr">{t('Errors')}</caption>
      <tbody>
        {errors.map(([code, type, when]) => (
          <tr>
            <td class="mono tight">{code}</td>
            <td>
              <code>{type as 'safe'}</code>
              <small>{t(when)}</small>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
)
