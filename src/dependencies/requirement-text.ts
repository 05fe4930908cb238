/** One package that is asked for, as a line for people and for what is kept. */
import type { Requirement } from './model.ts'

/** `qrcode[pil]>=7.0; python_version < "3.12"`, `left-pad ^1.3.0`: nothing reads it again. */
export function requirementText({ name, version, extras, marker, url }: Requirement): string {
  const withExtras = extras.length > 0 ? `${name}[${extras.join(',')}]` : name
  const what =
    url === null ? `${withExtras}${/^[\dv^~*a-z]/i.test(version) ? ' ' : ''}${version}` : `${withExtras} @ ${url}`
  return marker === null ? what : `${what}; ${marker}`
}
