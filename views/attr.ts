/**
 * A value that is not ours, for an attribute. kitajs escapes only `"` there: `&quot;` would change, and htmx rewrites
 * `<hx-…` wherever it stands in an answer, with quotes that would end the attribute.
 */
export const attr = (value: unknown) => Bun.escapeHTML(String(value ?? ''))

/** An address that may come from a script: http, https, or a path of ours. Anything else (javascript:, data:) is '#'. */
export const safeUrl = (url: string) => (/^(https?:\/\/|\/(?![/\\]))/i.test(url) ? attr(url) : '#')

/** A result's address without what BASE_URL says before it: the visitor may have come by another name. */
export const ownPath = (url: string) => /^https?:\/\/[^/]+.*?(\/static\/[^/]+\/resources\/.*)$/.exec(url)?.[1] ?? url

/** The query string of what is set, with its `?`; empty when nothing is. */
export function query(values: Record<string, string | number | undefined | null | string[]>): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(values))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== null && one !== '') search.append(key, String(one))
  const text = search.toString()
  return text === '' ? '' : attr(`?${text}`)
}
