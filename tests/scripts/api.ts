/** Requests as clients of the management API write them. */
import type { Script } from '../../src/scripts/model.ts'
import type { TestApp } from '../harness/app.ts'
import { python } from './lab.ts'

export interface ApiError {
  error: { type: string; message: string; details?: { path: string; message: string }[] }
}

export const jsonInit = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

/** What a new script needs, with something else about it. */
export const newScript = (about: Record<string, unknown> = {}) => ({
  ...{ runtime: 'python', filename: 'fresh.py', content: python({}) },
  ...about,
})

export function createApi(app: Pick<TestApp, 'fetch' | 'json'>) {
  const etagOf = async (id: number | string) =>
    (await app.fetch(`/api/scripts/${id}/content`)).headers.get('etag') ?? ''
  return {
    etagOf,
    create: (about: Record<string, unknown>) =>
      app.json<Script & ApiError>('/api/scripts', jsonInit('POST', newScript(about))),
    get: (id: number | string) => app.json<Script & ApiError>(`/api/scripts/${id}`),
    change: (id: number | string, about: unknown, method = 'PATCH') =>
      app.json<Script & ApiError>(`/api/scripts/${id}`, jsonInit(method, about)),
    put: (id: number | string, body: BodyInit, ifMatch: string | null, contentType = 'text/plain; charset=utf-8') =>
      app.json<Script & ApiError>(`/api/scripts/${id}/content`, {
        ...{ method: 'PUT', body },
        headers: { 'content-type': contentType, ...(ifMatch === null ? {} : { 'if-match': ifMatch }) },
      }),
    text: async (id: number | string) => (await app.fetch(`/api/scripts/${id}/content`)).text(),
    delete: (id: number | string) => app.fetch(`/api/scripts/${id}`, { method: 'DELETE' }),
    /** `files`: name as it is sent → content. */
    upload: (files: Record<string, string>, fields: Record<string, string> = {}) => {
      const body = new FormData()
      for (const [name, value] of Object.entries(fields)) body.append(name, value)
      for (const [name, content] of Object.entries(files)) body.append('files', new File([content], name))
      return app.json<{ items: Script[]; files: string[]; skipped: string[] } & ApiError>('/api/scripts/upload', {
        method: 'POST',
        body,
      })
    },
  }
}
