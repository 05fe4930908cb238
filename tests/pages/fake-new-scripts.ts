/** Makes nothing: says what the gateway would. */
import { GatewayError } from '../../src/errors.ts'
import type { PageNewScripts } from '../../src/pages/new-script.tsx'
import type { Script } from '../../src/scripts/model.ts'

export const fakeNewScripts = (scripts: Script[]): PageNewScripts => ({
  nameProblem: async (runtime, filename) =>
    scripts.some((one) => one.runtime === runtime && one.filename === filename) ? 'exists already' : null,
  create: async () => 3,
  upload: async () => {
    throw new GatewayError('validation', 'The form has no file in it.')
  },
})
