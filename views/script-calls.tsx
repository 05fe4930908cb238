/** How a script is called from elsewhere, in the language that one reads. */
import type { Param, Script } from '../src/scripts/model.ts'
import { type Call, curlCall, javascriptCall, pythonCall } from './calls.ts'
import { curlAsync, javascriptAsync, phpCall, pythonAsync, urllibCall } from './calls-more.ts'
import { highlight, type Language } from './highlight.ts'
import { CopyButton } from './parts.tsx'
import { markup, say, t } from './texts.ts'
import type { Viewed } from './viewer.ts'

export const callLanguages = ['curl', 'python', 'javascript', 'urllib', 'php'] as const
export type CallLanguage = (typeof callLanguages)[number]

interface Written {
  /** The language by its own name. */
  word: string
  language: Language
  write(call: Call): string
  /** Without waiting for the end. */
  writeAsync?(call: Call): string
}

const languages: Record<CallLanguage, Written> = {
  curl: { word: 'curl', language: 'shell', write: curlCall, writeAsync: curlAsync },
  python: { word: 'Python', language: 'python', write: pythonCall, writeAsync: pythonAsync },
  javascript: { word: 'JavaScript', language: 'js', write: javascriptCall, writeAsync: javascriptAsync },
  urllib: { word: 'Python urllib', language: 'python', write: urllibCall },
  php: { word: 'PHP', language: 'js', write: phpCall },
}
const brief: CallLanguage[] = ['curl', 'python', 'javascript']

export interface CallsProps extends Viewed {
  script: Pick<Script, 'id' | 'slug'>
  params: Param[]
  baseUrl: string
  call?: CallLanguage
}

const callOf = ({ script, params, baseUrl, viewer }: CallsProps, rest: Partial<Call> = {}): Call => ({
  ...{ url: `${baseUrl}/api/scripts/${script.slug}/run`, params },
  ...(viewer?.kind === 'off' ? { token: null } : {}),
  ...rest,
})

/** `isBrief`: beside the form, where the tab API says the rest. */
export const CallPanel = ({ isBrief = false, ...props }: CallsProps & { isBrief?: boolean }) => {
  const { script, viewer } = props
  const call = callOf(props, { withFile: !isBrief })
  return (
    <section class="panel" id="call" aria-label={t('Call it from elsewhere')}>
      <div class="bar">
        <code class="chip mono">POST</code>
        <code class="cut" id="call-url" safe>
          {call.url}
        </code>
        <CopyButton from="call-url" label={say('Copy the address')} />
        {isBrief ? (
          <a class="push muted" href={`/scripts/${script.id}?tab=api`}>
            <small>{t('More on calling it')}</small>
          </a>
        ) : (
          ''
        )}
      </div>
      <Snippets name="call" call={call} chosen={props.call} only={isBrief ? brief : [...callLanguages]} />
      {viewer?.kind === 'user' ? (
        <p class="body help">
          {markup('{name} is an API token; {account} makes them.', {
            name: <code>TOKEN</code>,
            account: <a href="/account#tokens">{t('your account')}</a>,
          })}
        </p>
      ) : (
        ''
      )}
    </section>
  )
}

/** What takes longer than one wants to wait. */
export const AsyncPanel = (props: CallsProps) => (
  <section class="panel" id="call-async" aria-labelledby="h-async">
    <header>
      <h2 id="h-async">{t('Start it, and ask later')}</h2>
    </header>
    <div class="body stack-1">
      <p class="muted">
        {markup(
          '{header} answers 202 at once, with the address of the run. {wait} waits that many seconds before it does.',
          { header: <code>Prefer: respond-async</code>, wait: <code>Prefer: wait=10</code> },
        )}
      </p>
      <p class="muted">
        {markup(
          'With an {header} of your own, a request that is sent again starts nothing: it answers with the first run.',
          {
            header: <code>Idempotency-Key</code>,
          },
        )}
      </p>
    </div>
    <Snippets name="async" call={callOf(props)} chosen={props.call} only={brief} isAsync />
  </section>
)

interface SnippetsProps {
  name: string
  call: Call
  chosen?: CallLanguage
  only: CallLanguage[]
  isAsync?: boolean
}

/** All of them are in the page; which one shows is in the address or was chosen before, and JavaScript switches without it. */
const Snippets = ({ name, call, chosen = 'curl', only, isAsync = false }: SnippetsProps) => {
  const shown = only.includes(chosen) ? chosen : 'curl'
  return (
    <>
      <div class="bar">
        <nav class="tabs" aria-label={t('Language')} data-pick data-keep="call">
          {only.map((one) => (
            <a
              href={`?${isAsync || only.length > brief.length ? 'tab=api&amp;' : ''}call=${one}#${isAsync ? 'call-async' : 'call'}`}
              data-pane={`${name}-${one}`}
              data-value={one}
              aria-current={one === shown ? 'true' : undefined}
            >
              {languages[one].word as 'safe'}
            </a>
          ))}
        </nav>
      </div>
      {only.map((one) => (
        <div class="code bare" id={`${name}-${one}`} hidden={one !== shown}>
          <pre tabindex="0" id={`${name}-${one}-text`}>
            {
              highlight(
                (isAsync ? languages[one].writeAsync! : languages[one].write)(call),
                languages[one].language,
              ) as 'safe'
            }
          </pre>
          <CopyButton
            from={`${name}-${one}-text`}
            label={say('Copy the {language} call', { language: languages[one].word })}
          />
        </div>
      ))}
    </>
  )
}

/** Tools that make requests without code. */
export const NoCodePanel = (props: CallsProps) => (
  <section class="panel" aria-labelledby="h-no-code">
    <header>
      <h2 id="h-no-code">{t('n8n, Zapier, Make')}</h2>
    </header>
    <ol class="body stack-1 in-order">
      <li>{t('Add an “HTTP Request” step. n8n can import the curl call as it is.')}</li>
      <li>
        {markup('Method {method}, address {address}.', {
          method: <code>POST</code>,
          address: <code safe>{callOf(props).url}</code>,
        })}
      </li>
      {props.viewer?.kind === 'off' ? (
        ''
      ) : (
        <li>{markup('Header {header}.', { header: <code>Authorization: Bearer TOKEN</code> })}</li>
      )}
      <li>{t('Body: JSON with the parameters. A file may be given as an http(s) address.')}</li>
      <li>
        {markup(
          'The answer’s {data} is what the script printed. For long runs give the step a time limit of its own, or start it with {prefer}.',
          {
            data: <code>data</code>,
            prefer: <code>Prefer: respond-async</code>,
          },
        )}
      </li>
    </ol>
  </section>
)
