/** The dashboard before the first script: what belongs here and how it gets here. */
import { Icon } from './parts.tsx'
import { markup, t } from './texts.ts'
import { isAtLeast, type Viewed } from './viewer.ts'

export const EmptyDashboard = ({ scriptsDir, viewer }: { scriptsDir: string } & Viewed) =>
  isAtLeast(viewer, 'editor') ? <FirstScript scriptsDir={scriptsDir} /> : <NothingShared />

/** Whoever cannot add one. */
const NothingShared = () => (
  <div class="panel" id="script-table">
    <div class="empty">
      <Icon name="lock" />
      <h2>{t('Nothing is shared with you yet')}</h2>
      <p>{t('Ask an administrator for the scripts that you need. They appear here by themselves.')}</p>
    </div>
  </div>
)

const FirstScript = ({ scriptsDir }: { scriptsDir: string }) => (
  <div class="panel" id="script-table">
    <div class="empty">
      <Icon name="folder" />
      <h2>{t('Drop a script here, or into the scripts folder')}</h2>
      <p>
        {t(
          'Any Python or JavaScript file with an entry point becomes an endpoint and a form. It is found within seconds, and this page shows it by itself.',
        )}
      </p>
      <p>
        {markup('{python} or {js}', {
          python: <code safe>{`${scriptsDir}/python`}</code>,
          js: <code safe>{`${scriptsDir}/js`}</code>,
        })}
      </p>
      <div class="row">
        <a class="button primary" href="/scripts/new">
          <Icon name="plus" />
          {t('Start from a template')}
        </a>
        <a class="button" href="/scripts/new?from=upload">
          <Icon name="upload" />
          {t('Upload files')}
        </a>
      </div>
      <div class="code">
        <Example />
      </div>
      <p>
        {markup('The first answer tells what it takes; the gateway makes the form from it. Save it as {file}.', {
          file: <code>python/hello.py</code>,
        })}
      </p>
    </div>
  </div>
)

/** Ten lines that run as they are. */
const Example = () =>
  (
    <pre tabindex="0" id="first-script">
      <span class="k">import</span> json, sys{'\n\n'}
      SCHEMA = {'{'}
      <span class="s">"name"</span>: {'{'}
      <span class="s">"type"</span>: <span class="s">"str"</span>, <span class="s">"required"</span>:{' '}
      <span class="k">True</span>, <span class="s">"help"</span>: <span class="s">"Who to greet"</span>
      {'}}\n\n'}
      <span class="k">if</span> __name__ == <span class="s">"__main__"</span>:{'\n'}
      {'    '}
      <span class="k">if</span> <span class="s">"--_sys_get_schema"</span> <span class="k">in</span> sys.argv:{'\n'}
      {'        '}
      <span class="f">print</span>(json.<span class="f">dumps</span>(SCHEMA)){'\n'}
      {'    '}
      <span class="k">else</span>:{'\n'}
      {'        '}
      <span class="f">print</span>(json.<span class="f">dumps</span>({'{'}
      <span class="s">"hello"</span>: sys.argv[sys.argv.<span class="f">index</span>(<span class="s">"--name"</span>) +{' '}
      <span class="m">1</span>]{'}'}))
    </pre>
  ) as 'safe'
