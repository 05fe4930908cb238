/** What can be done to a schedule: a form each, an icon in a table, with its word elsewhere. */
import type { Schedule } from '../src/schedules/view-model.ts'
import { ActForm } from './actions.tsx'
import { say } from './texts.ts'

/** Where its forms lead back to. */
export type Back = 'script' | 'all' | 'one'

interface ActProps {
  schedule: Schedule
  back: Back
}

/** Where it is posted; in a table the row changes in its place where there is JavaScript. */
const formOf = ({ id, script_id }: Pick<Schedule, 'id' | 'script_id'>, act: string, back: Back) => ({
  action: `/scripts/${script_id}/schedules/${id}`,
  fields: { ':act': act, ':back': back },
  ...(back === 'one' ? { isSmall: false, kind: 'plain' as const } : {}),
})
const inPlace = (back: Back) => (back === 'one' ? {} : { data: { 'data-in-place': '' } })

/** In a table it is of one of many: whoever hears the page is told of which. */
const labels = (back: Back, word: string, { words }: Schedule) =>
  back === 'one' ? { word } : { label: `${word}: ${words}`, title: word }

/** A paused one may be run; one whose values do not fit may not, whatever its state. */
export const whyNotNow = ({ problems }: Schedule): string | null =>
  problems.length > 0 ? say('It cannot be run: its values do not fit the script') : null

/** Leads to the run. */
export const RunAct = ({ schedule, back }: ActProps) => {
  const why = whyNotNow(schedule)
  return (
    <ActForm
      {...formOf(schedule, 'run', back)}
      icon="play"
      {...labels(back, say('Run now'), schedule)}
      {...(why === null ? {} : { title: why })}
      disabled={why !== null}
    />
  )
}

export const PauseAct = ({ schedule, back }: ActProps) => (
  <ActForm
    {...formOf(schedule, schedule.enabled ? 'pause' : 'resume', back)}
    {...inPlace(back)}
    icon={schedule.enabled ? 'pause' : 'resume'}
    {...labels(back, say(schedule.enabled ? 'Pause' : 'Resume'), schedule)}
    id={`pause-${schedule.id}`}
  />
)

/** Asks first where there is JavaScript, and can be undone for a while. */
export const DeleteAct = ({ schedule, back }: ActProps) => (
  <ActForm
    {...formOf(schedule, 'delete', back === 'one' ? 'script' : back)}
    {...inPlace(back)}
    kind={back === 'one' ? 'danger' : 'quiet'}
    isSmall={back !== 'one'}
    icon="trash"
    {...labels(back, say('Delete'), schedule)}
    id={`delete-${schedule.id}`}
    confirm={{
      question: say('Delete this schedule?'),
      text: say('“{words}” is not due any more, and what became of its times is forgotten. Its runs stay.', {
        words: schedule.words,
      }),
      yes: say('Delete schedule'),
      no: say('Keep it'),
    }}
  />
)

/** Brings back what was deleted a moment ago. */
export const undoDelete = ({ id, script_id }: Pick<Schedule, 'id' | 'script_id'>, back: Back) => ({
  action: `/scripts/${script_id}/schedules`,
  fields: { ':act': 'restore', ':id': id, ':back': back },
})

/** Of a pause, or of its end. */
export const undoPause = ({ id, script_id }: Pick<Schedule, 'id' | 'script_id'>, isPaused: boolean, back: Back) => ({
  action: `/scripts/${script_id}/schedules/${id}`,
  fields: { ':act': isPaused ? 'resume' : 'pause', ':back': back },
  ...inPlace(back),
})
