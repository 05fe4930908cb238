/** Which language a visitor reads: what they chose, else what their browser asks for. */

import type { HigherOrderFunction } from 'elysia/types'
import { currentLanguage, inLanguage, type Language, languages } from '../../views/texts.ts'
import { seeOther } from './html.tsx'

export const languageCookie = 'sg_language'
const keptSec = 365 * 86_400

/** RFC 9110, 12.5.4: the supported language that is wanted most; of equals the first. */
export function languageOf({ headers }: Request): Language {
  const chosen = /(?:^|;\s*)sg_language=([\w-]+)/.exec(headers.get('cookie') ?? '')?.[1]
  if (chosen && Object.hasOwn(languages, chosen)) return chosen as Language
  let best: { language: Language; weight: number } | null = null
  for (const part of (headers.get('accept-language') ?? '').slice(0, 1000).split(',')) {
    const [tag = '', ...parameters] = part.trim().split(';')
    const language = supported(tag.toLowerCase())
    const weight = Number(/^\s*q=([\d.]+)/.exec(parameters[0] ?? 'q=1')?.[1] ?? 1)
    if (language && weight > 0 && weight > (best?.weight ?? 0)) best = { language, weight }
  }
  return best?.language ?? 'en'
}

const supported = (tag: string): Language | null =>
  /^zh(-|$)/.test(tag) ? 'zh-CN' : /^en(-|$)/.test(tag) ? 'en' : null

/** What programs read is English, whatever they say that they accept. Without a host that is one, the address is a path alone. */
const isForPrograms = ({ url }: Request) => /^(https?:\/\/[^/?#]*)?\/api\//.test(url)

/** For Elysia's `wrap`: whatever is rendered for a request is in the language of whoever asks. */
export function spoken(): HigherOrderFunction {
  const around = (fetch: (request: Request) => unknown) => (request: Request) =>
    inLanguage(isForPrograms(request) ? 'en' : languageOf(request), () => fetch(request))
  return around as unknown as HigherOrderFunction // whose own type knows of no request and no answer
}

/**
 * Keeps the choice in a cookie, and goes back to where it was made: with its host, for the address is one that the browser
 * has, with the base path in it, and a path that begins with two slashes would be another host.
 */
export function chooseLanguage({ headers, url }: Request, form: URLSearchParams): Response {
  const wanted = form.get('language') ?? ''
  const language = Object.hasOwn(languages, wanted) ? wanted : currentLanguage()
  const from = URL.parse(headers.get('referer') ?? '')
  const answer = seeOther(
    from && from.host === new URL(url).host ? `${from.origin}${from.pathname}${from.search}` : '/',
  )
  answer.headers.append('set-cookie', `${languageCookie}=${language}; Path=/; Max-Age=${keptSec}; SameSite=Lax`)
  return answer
}
