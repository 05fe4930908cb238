/** What has just been done to schedules, as the address says it after a form, with the way back where there is one. */
import { type Back, undoDelete, undoPause } from '../../views/schedule-acts.tsx'
import { say, type Text } from '../../views/texts.ts'
import type { DoneProps } from '../../views/toast.tsx'
import type { Schedule } from '../schedules/view-model.ts'
import { oneOf } from './form.ts'

const doneWords = {
  added: 'The schedule is there.',
  saved: 'The schedule is saved.',
  paused: 'It is paused: nothing of it is due until it is resumed.',
  resumed: 'It runs again, from its next time on.',
  deleted: 'The schedule is gone. Its runs are kept.',
  restored: 'It is back, as it was.',
  seen: 'The mark is gone. What was missed stays in the list.',
  'all-paused': 'All schedules are paused.',
  'all-resumed': 'The schedules run again.',
} satisfies Record<string, Text>

export type DoneWord = keyof typeof doneWords

/** `back`: where the way back leads to in turn. */
export function doneOf(word: DoneWord, of: Pick<Schedule, 'id' | 'script_id'> | null, back: Back): DoneProps {
  const undo = of === null ? undefined : undoOf(word, of, back)
  return { text: say(doneWords[word]), ...(undo && { undo }) }
}

function undoOf(word: DoneWord, of: Pick<Schedule, 'id' | 'script_id'>, back: Back): DoneProps['undo'] {
  if (word === 'deleted') return undoDelete(of, back)
  return word === 'paused' || word === 'resumed' ? undoPause(of, word === 'paused', back) : undefined
}

/** As the address says it: `?done=deleted&of=3-7`, of script 3 and schedule 7. */
export function scheduleDone(search: URLSearchParams, back: Back): DoneProps | null {
  const word = oneOf(Object.keys(doneWords) as DoneWord[], search.get('done'))
  if (word === null) return null
  const [, script, id] = /^([1-9]\d{0,14})-([1-9]\d{0,14})$/.exec(search.get('of') ?? '') ?? []
  return doneOf(word, script && id ? { script_id: Number(script), id: Number(id) } : null, back)
}
