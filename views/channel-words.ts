/** What kinds of channels, and what they ask for, are called in the reader's language. */
import { channelWords } from './texts/zh/channels.ts'
import { currentLanguage } from './texts.ts'

/** A text of `src/channels`: plain text. What has no row stays as it is. */
export const channelWord = (text: string): string =>
  (currentLanguage() === 'zh-CN' && Object.hasOwn(channelWords, text) && channelWords[text]) || text
