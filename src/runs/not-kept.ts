/** What an earlier run was given and its history does not hold: secrets, and files. */

import { masked } from '../logs/mask.ts'
import type { Param } from '../scripts/model.ts'
import type { Run } from './model.ts'

/**
 * The parameters whose values cannot be passed again. A parameter that was a secret then and is none now is among them;
 * a file that is the author's own default is not.
 */
export const notKept = ({ params: had }: Pick<Run, 'params'>, params: Param[]): Param[] =>
  params.filter(({ name, secret, type, default: own }) => {
    if (!Object.hasOwn(had, name)) return false
    return secret || had[name] === masked || (type === 'file' && !Bun.deepEquals(had[name], own))
  })
