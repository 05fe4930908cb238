/** Two texts side by side, on a phone one below the other: what was removed and added, the rest folded. */
import type { Stretch } from '../src/scripts/versions-diff.ts'
import { Icon } from './parts.tsx'
import { plural, t } from './texts.ts'

/** Lines that stay in sight around a change. */
const context = 3
/** A fold of fewer lines would not be worth it. */
const foldMin = 4
/** Lines of changes and of what is folded that a page holds. */
const linesMax = 4000

export const DiffView = ({ stretches }: { stretches: Stretch[] }) => {
  const { blocks, left } = blocksOf(stretches)
  return (
    <div class="diff2">
      {blocks.map((block) => (block.kind === 'same' ? <Same {...block} /> : <Changed {...block} />))}
      {left > 0 ? <p class="help fold-note">{plural(left, '1 more line', '{n} more lines')}</p> : ''}
    </div>
  )
}

type Block = (
  | { kind: 'same'; lines: string[]; isFolded: boolean }
  | { kind: 'changed'; removed: string[]; added: string[] }
) & {
  /** Numbers of the first lines, before and after. */
  old: number
  now: number
}

function blocksOf(stretches: Stretch[]): { blocks: Block[]; left: number } {
  const blocks: Block[] = []
  let [old, now, taken, left] = [1, 1, 0, 0]
  const put = (lines: string[], isFolded: boolean) => {
    if (lines.length > 0) blocks.push({ kind: 'same', lines, isFolded, old, now })
    old += lines.length
    now += lines.length
  }
  stretches.forEach((stretch, index) => {
    const size = stretch.kind === 'same' ? stretch.lines.length : Math.max(stretch.removed.length, stretch.added.length)
    if (taken + size > linesMax && taken > 0) {
      left += size
      return
    }
    taken += size
    if (stretch.kind === 'changed') {
      const [removed, added] = [stretch.removed.slice(0, linesMax), stretch.added.slice(0, linesMax)]
      left += size - Math.min(size, linesMax)
      blocks.push({ kind: 'changed', removed, added, old, now })
      old += stretch.removed.length
      now += stretch.added.length
      return
    }
    const { lines } = stretch
    const head = index === 0 ? 0 : context
    const tail = index === stretches.length - 1 ? 0 : context
    if (lines.length < head + tail + foldMin) {
      put(lines, false)
      return
    }
    put(lines.slice(0, head), false)
    put(lines.slice(head, lines.length - tail), true)
    put(lines.slice(lines.length - tail), false)
  })
  return { blocks, left }
}

/** On both sides where there are two; to be read once. */
const Same = ({ lines, isFolded, old, now }: Block & { kind: 'same' }) => {
  const pair = (
    <div class="pair same">
      <div class="old" aria-hidden="true">
        {lines.map((line, index) => <Line number={old + index} line={line} />).join('') as 'safe'}
      </div>
      <div>{lines.map((line, index) => <Line number={now + index} line={line} />).join('') as 'safe'}</div>
    </div>
  )
  if (!isFolded) return pair
  return (
    <details>
      <summary>
        <Icon name="more" />
        {plural(lines.length, '1 line is the same', '{n} lines are the same')}
      </summary>
      {pair as 'safe'}
    </details>
  )
}

const Changed = ({ removed, added, old, now }: Block & { kind: 'changed' }) => (
  <div class="pair">
    <del class="old">
      {
        removed
          .map((line, index) => <Line number={old + index} line={line} other={added[index]} sign="−" />)
          .join('') as 'safe'
      }
    </del>
    <ins>
      {
        added
          .map((line, index) => <Line number={now + index} line={line} other={removed[index]} sign="+" />)
          .join('') as 'safe'
      }
    </ins>
  </div>
)

/** `other`: the line in whose place it stands; what they do not share is marked. */
const Line = ({ number, line, other, sign = ' ' }: { number: number; line: string; other?: string; sign?: string }) => {
  const [head, middle, tail] = other === undefined ? [line, '', ''] : partsOf(line, other)
  return (
    <div class="l">
      <span class="n">{number}</span>
      <span class="sign">{sign as 'safe'}</span>
      <code>
        <span safe>{head}</span>
        {middle === '' ? '' : <mark safe>{middle}</mark>}
        {tail === '' ? '' : <span safe>{tail}</span>}
      </code>
    </div>
  )
}

const longLine = 2000

/** What both begin and end with, and what stands between; nothing is marked of lines that have little in common. */
function partsOf(line: string, other: string): [head: string, middle: string, tail: string] {
  const shared = Math.min(line.length, other.length)
  if (shared > longLine) return [line, '', '']
  let head = 0
  while (head < shared && line[head] === other[head]) head++
  let tail = 0
  while (tail < shared - head && line[line.length - 1 - tail] === other[other.length - 1 - tail]) tail++
  const isAlike = (head + tail) * 3 >= Math.max(line.length, other.length)
  if (!isAlike) return [line, '', '']
  return [line.slice(0, head), line.slice(head, line.length - tail), line.slice(line.length - tail)]
}

const textLinesMax = 2000

/** Where they differ too much to be compared: both as they are. */
export const BothTexts = ({ before, after }: { before: string; after: string }) => (
  <div class="diff2">
    <p class="help fold-note">{t('They differ too much to be compared line by line: here are both.')}</p>
    <div class="pair">
      <pre class="old" tabindex="0" safe>
        {cut(before)}
      </pre>
      <pre tabindex="0" safe>
        {cut(after)}
      </pre>
    </div>
  </div>
)

function cut(text: string): string {
  const lines = text.split('\n')
  return lines.length > textLinesMax ? `${lines.slice(0, textLinesMax).join('\n')}\n…` : text
}
