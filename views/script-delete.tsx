/** Before a script is deleted: what goes with it. */
import { count } from '../public/js/format.js'
import { attr } from './attr.ts'
import { Page } from './layout.tsx'
import { Icon } from './parts.tsx'
import { currentLanguage, plural, say, sentences, t } from './texts.ts'
import type { Viewed } from './viewer.ts'

export interface Doomed {
  id: number
  name: string
  filename: string
  runs: number
  /** Of the runs, how many are not over. */
  alive: number
  schedules: number
}

export const doomTitle = (doomed: Doomed[]): string =>
  doomed.length === 1
    ? say('Delete {name}?', { name: doomed[0]!.name })
    : say('Delete {n} scripts?', { n: doomed.length })

/** What keeps them. */
export const keepText = (doomed: Doomed[]): string => (doomed.length === 1 ? say('Keep it') : say('Keep them'))

/** In sentences: plain text. */
export function doomText(doomed: Doomed[]): string {
  const sum = (of: (one: Doomed) => number) => doomed.reduce((total, one) => total + of(one), 0)
  const [runs, schedules, alive] = [sum((one) => one.runs), sum((one) => one.schedules), sum((one) => one.alive)]
  const parts = [
    ...(runs === 0 ? [] : [plural(runs, '1 run with its log and result', '{n} runs with their logs and results')]),
    ...(schedules === 0 ? [] : [plural(schedules, '1 schedule', '{n} schedules')]),
    ...[say('settings'), say('variables')],
  ]
  const what = new Intl.ListFormat(currentLanguage()).format(parts)
  return sentences([
    doomed.length === 1
      ? say('The file {filename} is removed, and with it: {what}.', { filename: doomed[0]!.filename, what })
      : say('Their files are removed, and with them: {what}.', { what }),
    ...(alive > 0 ? [plural(alive, 'The run that goes on is ended.', '{n} runs that go on are ended.')] : []),
    say(
      runs + schedules === 0
        ? 'Undo, right after, brings back all of this.'
        : 'Undo, right after, brings back all of this but runs, logs, results, and what became of scheduled times.',
    ),
  ])
}

/** Without JavaScript the question is a page. */
export const DeletePage = ({ doomed, back, now, viewer }: { doomed: Doomed[]; back: string; now: number } & Viewed) => (
  <Page title={doomTitle(doomed)} current="scripts" viewer={viewer} now={now}>
    <div class="panel">
      <div class="empty">
        <Icon name="trash" />
        <h1 safe>{doomTitle(doomed)}</h1>
        <p safe>{doomText(doomed)}</p>
        {doomed.length > 1 ? (
          <ul class="plain">
            {doomed.slice(0, shownMax).map(({ name, runs }) => (
              <li>
                <b safe>{name}</b> <small class="muted">{plural(runs, '1 run', '{n} runs')}</small>
              </li>
            ))}
            {doomed.length > shownMax ? <li>{t('and {n} more', { n: count(doomed.length - shownMax) })}</li> : ''}
          </ul>
        ) : (
          ''
        )}
        <form class="row" method="post" action={doomed.length === 1 ? `/scripts/${doomed[0]!.id}/delete` : '/batch'}>
          <input type="hidden" name="back" value={attr(back)} />
          <input type="hidden" name="act" value="delete" />
          {doomed.map(({ id }) => (
            <input type="hidden" name="id" value={String(id)} />
          ))}
          <a class="button" href={attr(back)} safe>
            {keepText(doomed)}
          </a>
          <button type="submit" class="danger solid">
            {t('Delete')}
          </button>
        </form>
      </div>
    </div>
  </Page>
)

const shownMax = 20
