/** Two texts line by line: what is on the disk and what is typed, with as many equal lines as one needs to find the place. */
import type { CodeDifference } from '../src/pages/code-model.ts'
import { Icon } from './parts.tsx'
import { plural, t } from './texts.ts'

interface Line {
  kind: 'same' | 'removed' | 'added'
  /** Numbers in the file and in the editor; null: it is not there. */
  was: number | null
  is: number | null
  text: string
}

const context = 3

export const CodeDiff = ({ difference }: { difference: CodeDifference }) => (
  <section class="code-diff" aria-label={t('Difference')} tabindex="-1" id="code-diff">
    <header class="bar">
      <h3>{t('What differs from the file')}</h3>
      <span class="push" />
      <button type="button" class="quiet only small needs-js" data-code-act="undiff" aria-label={t('Close')}>
        <Icon name="close" />
      </button>
    </header>
    {difference.stretches === null ? (
      <p class="body muted">{t('They differ too much to be shown line by line.')}</p>
    ) : difference.stretches.every(({ kind }) => kind === 'same') ? (
      <p class="body muted">{t('Nothing: what is typed is what the file has.')}</p>
    ) : (
      <Lines lines={linesOf(difference.stretches)} />
    )}
  </section>
)

const Lines = ({ lines }: { lines: Line[] }) => {
  const shown = near(lines)
  return (
    <div class="code-lines" tabindex="0">
      <table>
        <caption class="sr">{t('Lines that were removed and added')}</caption>
        <tbody>
          {shown.map((line) =>
            typeof line === 'number' ? (
              <tr class="fold-row">
                <td colspan="4">{plural(line, '1 line is the same', '{n} lines are the same')}</td>
              </tr>
            ) : (
              <tr data-line={line.kind}>
                <td>{line.was ?? ''}</td>
                <td>{line.is ?? ''}</td>
                <td>
                  {line.kind === 'same' ? (
                    ''
                  ) : (
                    <>
                      <span aria-hidden="true">{line.kind === 'added' ? '+' : '−'}</span>
                      <span class="sr">{line.kind === 'added' ? t('added') : t('removed')}</span>
                    </>
                  )}
                </td>
                <td safe>{line.text}</td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </div>
  )
}

function linesOf(stretches: NonNullable<CodeDifference['stretches']>): Line[] {
  const lines: Line[] = []
  let [was, is] = [1, 1]
  for (const stretch of stretches) {
    if (stretch.kind === 'same')
      for (const text of stretch.lines) lines.push({ kind: 'same', was: was++, is: is++, text })
    else {
      for (const text of stretch.removed) lines.push({ kind: 'removed', was: was++, is: null, text })
      for (const text of stretch.added) lines.push({ kind: 'added', was: null, is: is++, text })
    }
  }
  return lines
}

/** What is near a change; a number stands for as many lines that are the same. */
function near(lines: Line[]): (Line | number)[] {
  const isNear = new Uint8Array(lines.length)
  lines.forEach(({ kind }, at) => {
    if (kind !== 'same') isNear.fill(1, Math.max(0, at - context), at + context + 1)
  })
  const shown: (Line | number)[] = []
  let folded = 0
  lines.forEach((line, at) => {
    if (!isNear[at]) folded++
    else {
      if (folded > 0) shown.push(folded)
      folded = 0
      shown.push(line)
    }
  })
  return folded > 0 ? [...shown, folded] : shown
}
