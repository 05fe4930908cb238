/** The very first start: the administrator, and what comes next. */
import { attr } from './attr.ts'
import { Gate, NewPassword, Refused, UserName } from './gate.tsx'
import { say, t } from './texts.ts'

export interface SetupProps {
  name: string
  /** As it was typed, when something else was refused. */
  code?: string
  problem: string | null
}

export const SetupPage = ({ name, code = '', problem }: SetupProps) => (
  <Gate
    title={say('Welcome to ScriptGateway')}
    intro={
      <p>
        {t(
          'It turns scripts into endpoints and forms. You are the first here: make the administrator, and nobody else comes in without an account.',
        )}
      </p>
    }
  >
    <form class="panel" method="post" action="/setup" aria-label={t('The first administrator')}>
      <div class="body fields">
        <Refused problem={problem} />
        <div class="field">
          <label for="setup-code">{t('Setup code')}</label>
          <input
            id="setup-code"
            name="code"
            class="mono"
            required
            maxlength="1024"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            aria-describedby="setup-code-help"
            value={attr(code)}
            data-from-fragment
          />
          <p class="help" id="setup-code-help">
            {t('It is in the terminal or the log of the gateway, where it was started. The link there fills it in.')}
          </p>
        </div>
        <UserName
          name={name}
          label={say('Name to sign in with')}
          help={say('Letters, digits and . _ - @, such as anna or anna@example.org.')}
        />
        <NewPassword id="setup-password" />
      </div>
      <footer>
        <button class="primary" type="submit">
          {t('Make the administrator')}
        </button>
      </footer>
    </form>
    <section class="after" aria-labelledby="h-next">
      <h2 id="h-next">{t('What comes next')}</h2>
      <ol class="steps">
        <li>
          <b>{t('A first script')}</b>
          <p>
            {t(
              'From a template, by upload, or dropped into the scripts folder: within seconds it has a form and an endpoint.',
            )}
          </p>
        </li>
        <li>
          <b>{t('Somebody to run it')}</b>
          <p>{t('Others get accounts under Users, with a role or with single scripts.')}</p>
        </li>
        <li>
          <b>{t('Something to call it')}</b>
          <p>{t('Programs get a token under Account; schedules need none.')}</p>
        </li>
      </ol>
    </section>
  </Gate>
)
