/** The next times of all schedules in one row, whoever's they are. Fragment: #next-times. */
import { attr } from './attr.ts'
import { exact } from './parts.tsx'
import { Until } from './schedule-words.tsx'
import { t } from './texts.ts'

export interface NextTimesProps {
  times: { at: string; local: string; script: string; words: string; href: string }[]
  timezone: string
  now: number
}

export const NextTimes = ({ times, timezone, now }: NextTimesProps) => (
  <section class="panel" id="next-times" aria-labelledby="h-next-times" data-live="schedules">
    <header>
      <h2 id="h-next-times">{t('Next times')}</h2>
      <small class="muted push" safe>
        {timezone}
      </small>
    </header>
    {times.length === 0 ? (
      <p class="body muted">{t('Nothing is due.')}</p>
    ) : (
      <ol class="next-times">
        {times.map(({ at, local, script, words, href }) => (
          <li>
            <a href={attr(href)} title={attr(words)}>
              <b class="cut" safe>
                {script}
              </b>
              <Until at={at} now={now} />
              <small class="cut">
                <time datetime={at} title={exact(at)} safe>
                  {local}
                </time>
              </small>
            </a>
          </li>
        ))}
      </ol>
    )}
  </section>
)
