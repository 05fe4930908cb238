/**
 * What people read, in their language. Every text of the pages is a row of texts/zh/*.ts, in English and in Chinese: `t` takes
 * nothing else, so another language is another file with the same rows.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { speakBy, t as textOf } from '../public/js/texts.js'
import { zh } from './texts/zh.ts'

/** As it is in English. */
export type Text = keyof typeof zh
export type Language = keyof typeof languages

/** By their names for themselves, under what `<html lang>` says. */
export const languages = { en: 'English', 'zh-CN': '中文' } as const

const spoken = new AsyncLocalStorage<Language>()
const dictionaries: Record<Language, Record<string, string> | undefined> = { en: undefined, 'zh-CN': zh }
speakBy(() => dictionaries[currentLanguage()])

/** Whatever `act` renders, now or later, is in this language. */
export const inLanguage = <T>(language: Language, act: () => T): T => spoken.run(language, act)

export const currentLanguage = (): Language => spoken.getStore() ?? 'en'

type Values = Record<string, string | number>

/** A text as markup: its values are escaped. For children and attributes alike. */
export function t(text: Text, values?: Values): Text {
  if (!values) return textOf(text) as Text
  const escaped = Object.entries(values).map(([name, value]) => [name, Bun.escapeHTML(String(value))] as const)
  return textOf(text, Object.fromEntries(escaped)) as Text
}

/** A text as it is, for what escapes it later: a `safe` element, a prop. */
export const say = (text: Text, values?: Values): string => textOf(text, values)

/** One or many: `plural(n, '1 run', '{n} runs')`. Markup, as `t`. */
export const plural = (n: number, one: Text, many: Text, values?: Values): Text =>
  t(n === 1 ? one : many, { n: String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ','), ...values })

/** Between two sentences: the full stop of Chinese brings its own space. */
export const gap = (): ' ' | '' => (currentLanguage() === 'zh-CN' ? '' : ' ')

/** Sentences one after the other, without those that are empty: plain text. */
export const sentences = (parts: (string | null | undefined)[]): string =>
  parts
    .filter((part) => !!part)
    .join(' ')
    .replace(/([。！？：；]) /g, '$1')

/** Words one after the other, without those that are empty: plain text. */
export const listed = (parts: (string | false | null | undefined)[]): string => parts.filter(Boolean).join(say(', '))

/** A text around elements: `markup('See {link}.', { link: <a href="/x">…</a> })`. What is no element does not belong there. */
export const markup = (text: Text, elements: Record<string, JSX.Element>): JSX.Element =>
  textOf(text, elements as Record<string, string>)
