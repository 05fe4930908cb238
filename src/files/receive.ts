/** Bodies of requests within the limits of the settings, for features that may not know how they are read. */
import { messageOf } from '../errors.ts'
import { parseJson } from '../results/json.ts'
import type { Setting } from '../settings/settings.ts'
import { readSubmission, type Submission } from './body.ts'
import { readAll } from './chunks.ts'
import { malformed } from './fields.ts'

export interface Receive {
  /** All of the body. Throws `too_large`. */
  bytes(request: Request): Promise<Uint8Array>
  /** The value in the body. Throws `too_large`, and `validation` (400) for what is no JSON. */
  json(request: Request): Promise<unknown>
  /** A form with files; whoever takes it disposes of them. Throws `too_large`, `validation` (400). */
  form(request: Request): Promise<Submission>
}

/** Of one request: a folder with its files. */
const uploadFilesMax = 500

/** `tmpDir`: absolute; uploads go to folders below it. */
export function createReceive({ setting, tmpDir }: { setting: Setting; tmpDir: string }): Receive {
  const bytes = (request: Request) => readAll(request, setting('body_bytes_max'))
  return {
    bytes,
    async json(request) {
      const body = await bytes(request)
      let value: unknown
      try {
        value = parseJson(body)
      } catch (error) {
        throw malformed(`The body is not valid JSON: ${messageOf(error).slice(0, 200)}.`)
      }
      const name = unsafeName(value)
      if (name !== undefined) throw malformed(`"${name}" cannot be the name of a member.`)
      return value
    },
    form: (request) =>
      readSubmission(request, {
        tmpDir,
        bodyBytesMax: setting('body_bytes_max'),
        uploadBytesMax: setting('upload_bytes_max'),
        filesMax: uploadFilesMax,
      }),
  }
}

/** `__proto__` copied is a prototype; an object with a `toString` of its own cannot be put into a message, and Elysia's all do. */
const unsafeNames = ['__proto__', 'toString']

/** The first such name of a member, at any depth. */
function unsafeName(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const own = unsafeNames.find((name) => Object.hasOwn(value, name))
  if (own !== undefined) return own
  for (const one of Object.values(value)) {
    const inside = unsafeName(one)
    if (inside !== undefined) return inside
  }
  return undefined
}
