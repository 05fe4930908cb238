/** What has just been done, where it stands in nobody's way; it goes by itself where there is JavaScript. */
import { ActForm } from './actions.tsx'
import { say } from './texts.ts'

export interface DoneProps {
  /** A sentence. */
  text: string
  /** What takes it back; where that can be. */
  undo?: { action: string; fields: Record<string, string | number>; data?: Record<string, string> }
}

/** At the foot of the page; `done` null: nothing. */
export const Done = ({ done }: { done: DoneProps | null }) =>
  done === null ? (
    ''
  ) : (
    <div class="toasts served" role="status">
      <Toast {...done} />
    </div>
  )

/** One of them, for the page's own `#toasts`. */
export const Toast = ({ text, undo }: DoneProps) => (
  <div class="toast row" data-toast>
    <span safe>{text}</span>
    {undo ? <ActForm {...undo} word={say('Undo')} /> : ''}
  </div>
)
