/** One call in every format that the contract knows. */
import type { TestApp } from '../harness/app.ts'

export type Fields = Record<string, string | string[]>

/** Text values, as forms and queries have them. */
export const formats = {
  GET: (values: Fields) => ({ query: `?${pairs(values)}`, init: {} }),
  'JSON with texts': (values: Fields) => ({ query: '', init: json(values) }),
  urlencoded: (values: Fields) => ({ query: '', init: { method: 'POST', body: pairs(values) } }),
  multipart: (values: Fields) => ({ query: '', init: { method: 'POST', body: form(values) } }),
  'multipart payload': (values: Fields) => ({
    query: '',
    init: { method: 'POST', body: form({ payload: JSON.stringify(values) }) },
  }),
} satisfies Record<string, (values: Fields) => { query: string; init: RequestInit }>

export type Format = keyof typeof formats

export const formatNames = Object.keys(formats) as Format[]

export const json = (value: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof value === 'string' ? value : JSON.stringify(value),
})

export function pairs(values: Fields): URLSearchParams {
  const all = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) for (const one of [value].flat()) all.append(name, one)
  return all
}

export function form(values: Fields): FormData {
  const all = new FormData()
  for (const [name, value] of Object.entries(values)) for (const one of [value].flat()) all.append(name, one)
  return all
}

/** The answer of a run, as success or error. */
export interface Answer {
  status: string
  code: number
  type: string
  data: unknown
  run_id: number
  script_id: number
  duration_ms: number
  url: string
  filename: string
  size: number
  content_type: string
  files: { url: string; filename: string; size: number; content_type: string }[]
  stderr: string
  error: { type: string; message: string; details?: { path: string; message: string }[] }
}

export const callIn = (gateway: TestApp, slug: string, format: Format, values: Fields) => {
  const { query, init } = formats[format](values)
  return gateway.json<Answer>(`/api/scripts/${slug}/run${query}`, init)
}

export const post = (gateway: TestApp, slug: string, values: unknown, headers: Record<string, string> = {}) =>
  gateway.json<Answer>(`/api/scripts/${slug}/run`, json(values, headers))
