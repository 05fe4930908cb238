/** A form that repeats an earlier run: which one, and what of it was not kept and has to come anew. */
import { GatewayError, type Problem } from '../errors.ts'
import type { Run } from '../runs/model.ts'
import type { Param } from '../scripts/model.ts'

/** In the address of the form, where no parameter of a script can be taken for it. */
export const repeatName = 'retry_of'
/** The boxes "run without it" of a form, each with the name of a parameter. No parameter's name begins with a colon. */
export const withoutName = ':without'

/** The run that is repeated; null where none is named. Throws `validation` when it is none of the script. */
export function repeatedRun(request: Request, scriptId: number, find: (id: number) => Run | undefined): Run | null {
  const id = new URL(request.url).searchParams.get(repeatName)
  if (id === null) return null
  const run = /^\d{1,15}$/.test(id) ? find(Number(id)) : undefined
  if (run?.script_id === scriptId) return run
  throw new GatewayError(
    'validation',
    'The run that this form repeats is not there any more, or is one of another script: start a new one.',
  )
}

/** Each parameter that the user neither gave anew in `sent` nor named in `without`. */
export const missedProblems = (lost: Param[], sent: Record<string, unknown>, without: unknown[]): Problem[] =>
  lost
    .filter(({ name }) => !isGiven(sent[name]) && !without.includes(name))
    .map(({ name, type, required }) => ({
      path: `/${name}`,
      message: `was not kept: ${type === 'file' ? 'choose' : 'type'} it again${required ? '' : ', or say to run without it'}`,
    }))

/** Forms send their empty fields too. */
const isGiven = (value: unknown) => [value].flat().some((one) => one !== undefined && one !== '')
