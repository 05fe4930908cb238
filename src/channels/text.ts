/** Texts as receivers take them: of a length, of one line, with what they escape. */
import type { Message } from './model.ts'

interface Fit {
  /** Of one character, and thereby of a text. */
  escaped?: (text: string) => string
  /** How the receiver counts; UTF-16 units unless told. */
  size?: (text: string) => number
}

/** `text`, escaped, in at most `max`: what does not fit is cut between characters and ends in an ellipsis. */
export function fit(text: string, max: number, { escaped = asIs, size = lengthOf }: Fit = {}): string {
  const sound = text.toWellFormed()
  const whole = escaped(sound)
  if (size(whole) <= max) return whole
  let left = max - size('…')
  let kept = ''
  for (const character of sound) {
    const one = escaped(character)
    left -= size(one)
    if (left < 0) break
    kept += one
  }
  return max < size('…') ? '' : `${kept}…`
}

const asIs = (text: string) => text
const lengthOf = (text: string) => text.length
export const bytesOf = (text: string) => Buffer.byteLength(text)

/** Without line breaks and other control characters. */
export const oneLine = (text: string) => text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim()

/** Without control characters, line breaks and tabs aside. */
export const plainText = (text: string) => text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '')

/** The address of the run, where the text does not name it already. */
export const linkOf = ({ url, title, body }: Message) => (title.includes(url) || body.includes(url) ? '' : url)

interface Budget {
  title: (text: string) => string
  titleMax: number
  /** For all of it. */
  max: number
  escaped: (text: string) => string
}

/** Title, body and address below each other, in at most `max`: the body gives way. */
export function joined(message: Message, { title, titleMax, max, escaped }: Budget): string {
  const first = message.title === '' ? '' : title(fit(oneLine(message.title), titleMax, { escaped }))
  const last = linkOf(message)
  const bodyMax = max - first.length - last.length - 2
  return [first, fit(plainText(message.body).trim(), bodyMax, { escaped }), last]
    .filter((part) => part !== '')
    .join('\n')
}
