/** No isolation at all, for tests of the parts around it. */
import type { Isolation } from '../../src/isolation/model.ts'

export const unconfined: Isolation = {
  report: { level: 'plain', reasons: [], enforces: [], user: 'the gateway’s own' },
  confine: (command) => ({ ...command, fileAsFd3: null, isSupervised: false, unenforced: [] }),
}
