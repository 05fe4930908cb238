/** Real variables on a database in memory, some of them there already. */

import { createVariables } from '../../src/variables/variables.ts'
import { createVault } from '../../src/variables/vault.ts'
import { memoryDatabase } from '../harness/database.ts'
import { epoch } from './samples.ts'

export function fakeVariables() {
  const variables = createVariables({
    db: memoryDatabase(),
    vault: createVault({ key: new Uint8Array(32) }),
    key: { isKept: true, warnings: [] },
    clock: { now: () => epoch - 3_600_000 },
  })
  variables.set(0, 'API_URL', { value: 'https://api.example.com/v2' })
  variables.set(0, 'API_TOKEN', { value: 'fake-secret-1', secret: true })
  variables.set(0, 'HOSTILE', { value: '</pre><img src=x onerror=alert(1)>\n"line two"' })
  variables.set(3, 'QUALITY', { value: '82' })
  variables.set(3, 'BUCKET_KEY', { value: 'fake-secret-2', secret: true })
  return variables
}
