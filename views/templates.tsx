/** Scripts to start from: what each shows, and its code. */
import type { Template, Topic } from '../src/scripts/templates.ts'
import { highlight } from './highlight.ts'
import { Page } from './layout.tsx'
import { CopyButton, Icon } from './parts.tsx'
import { say, type Text, t } from './texts.ts'
import { isAtLeast, type Viewed } from './viewer.ts'

const topicWords = {
  starter: {
    word: 'A plain start',
    about: 'Text in, JSON out: parameters of three kinds, a line in the log, a table as the result.',
  },
  parameters: {
    word: 'Every kind of parameter',
    about: 'Texts, numbers, a switch, a choice, lists, JSON, an address, a file and a secret.',
  },
  file: {
    word: 'File in, file out',
    about: 'It reads an upload, and leaves a new file to download.',
  },
  table: {
    word: 'A table of rows',
    about: 'A list of objects as the result: shown sortable, and to download as CSV.',
  },
  progress: {
    word: 'A long job',
    about: 'Lines of progress in the live log, a result at its end, and a clean stop.',
  },
  http: {
    word: 'Call an HTTP API',
    about: 'With a token from a secret variable, and failures said plainly.',
  },
  report: {
    word: 'A report to read',
    about: 'Markdown as the result, and an HTML file beside it.',
  },
} satisfies Record<Topic, { word: Text; about: Text }>

export const topicWord = (topic: Topic) => t(topicWords[topic].word)
export const topicAbout = (topic: Topic) => t(topicWords[topic].about)

const topicIcons: Record<Topic, string> = {
  ...{ starter: 'code', parameters: 'sliders', file: 'file', table: 'filter', progress: 'clock', http: 'globe' },
  report: 'image',
}

const runtimeWords = { python: 'Python', js: 'JavaScript' } as const

interface Choosing {
  templates: Template[]
  chosen: Template
  /** The address where another one is chosen. */
  href(name: string): string
  /** Attributes of the links, for a choice that keeps what is typed. */
  link?: Record<string, string>
}

/** All topics; the one that is chosen stays in its runtime. */
export const TemplateList = ({ templates, chosen, href, link = {} }: Choosing) => (
  <nav class="panel" aria-label={t('Templates')}>
    <ul class="template-list">
      {templates
        .filter(({ runtime }) => runtime === chosen.runtime)
        .map(({ name, topic }) => (
          <li>
            <a
              href={href(name)}
              id={`template-${topic}`}
              aria-current={topic === chosen.topic ? 'true' : undefined}
              {...link}
              {...(link['hx-target'] ? { 'hx-get': href(name) } : {})}
            >
              <Icon name={topicIcons[topic]} />
              <b>{topicWord(topic)}</b>
              <small>{topicAbout(topic)}</small>
            </a>
          </li>
        ))}
    </ul>
  </nav>
)

/** The same topic in either runtime. */
export const RuntimeTabs = ({ templates, chosen, href, link = {} }: Choosing) => (
  <nav class="tabs" aria-label={t('Runtime')}>
    {templates
      .filter(({ topic }) => topic === chosen.topic)
      .map(({ name, runtime }) => (
        <a
          href={href(name)}
          id={`runtime-${runtime}`}
          aria-current={runtime === chosen.runtime ? 'true' : undefined}
          {...link}
          {...(link['hx-target'] ? { 'hx-get': href(name) } : {})}
        >
          {runtimeWords[runtime]}
        </a>
      ))}
  </nav>
)

export const TemplateCode = ({ template: { content, runtime } }: { template: Template }) => (
  <div class="code bare">
    <pre tabindex="0" id="template-code">
      {'\n'}
      {highlight(content, runtime === 'python' ? 'python' : 'js') as 'safe'}
    </pre>
    <CopyButton from="template-code" label={say('Copy the code')} />
  </div>
)

interface TemplatesProps extends Viewed {
  templates: Template[]
  chosen: Template
}

export const TemplatesPage = ({ templates, chosen, viewer }: TemplatesProps) => {
  const choosing = { templates, chosen, href: (name: string) => `/templates?template=${name}` }
  return (
    <Page title={say('Templates')} current="scripts" kind="templates" viewer={viewer}>
      <div class="head">
        <ol class="crumbs" aria-label={t('Breadcrumb')}>
          <li>
            <a href="/">{t('Scripts')}</a>
          </li>
        </ol>
        <h1>{t('Templates')}</h1>
        <p>{t('Complete scripts that run as they are. Each shows one thing; change it from there.')}</p>
      </div>
      <div class="split versions">
        <TemplateList {...choosing} />
        <section class="panel" aria-labelledby="h-template">
          <header>
            <h2 id="h-template">{topicWord(chosen.topic)}</h2>
            <small class="muted mono only-wide" safe>
              {chosen.filename}
            </small>
            {isAtLeast(viewer, 'editor') ? (
              <a class="button primary small push" href={`/scripts/new?template=${chosen.name}`}>
                <Icon name="plus" />
                {t('Use this template')}
              </a>
            ) : (
              ''
            )}
          </header>
          <div class="bar">
            <RuntimeTabs {...choosing} />
          </div>
          <TemplateCode template={chosen} />
        </section>
      </div>
    </Page>
  )
}
