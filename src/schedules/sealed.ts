/** What a schedule keeps secret in its row: its parameters, and the address of its heartbeat. */
import { GatewayError } from '../errors.ts'
import type { Vault } from '../variables/vault.ts'
import { hiddenIn } from './params.ts'
import type { ScheduleRow } from './table.ts'

export type ScheduleSecrets = ReturnType<typeof createScheduleSecrets>

/** What is sealed opens for the script it was sealed for, and no other; `open…` throws `conflict` where the key is another one by now. */
export function createScheduleSecrets(vault: Pick<Vault, 'seal' | 'open'>) {
  return {
    sealParams: (scriptId: number, params: Record<string, unknown>) =>
      vault.seal(JSON.stringify(params), paramsContext(scriptId)),

    /** As they were sent: texts are not converted yet, defaults not filled in. With another key, as they are shown where no secret is among them. */
    openParams(row: Pick<ScheduleRow, 'scriptId' | 'sealedParams' | 'params'>): Record<string, unknown> {
      try {
        return JSON.parse(vault.open(row.sealedParams, paramsContext(row.scriptId)))
      } catch (error) {
        if (error instanceof GatewayError && hiddenIn(row.params).size === 0) return row.params
        throw error
      }
    },

    sealHeartbeat: (scriptId: number, url: string) => vault.seal(url, heartbeatContext(scriptId)),

    /** null where there is none. */
    openHeartbeat: (row: Pick<ScheduleRow, 'scriptId' | 'heartbeatUrl'>): string | null =>
      row.heartbeatUrl && vault.open(row.heartbeatUrl, heartbeatContext(row.scriptId)),
  }
}

const paramsContext = (scriptId: number) => `parameters of a schedule of script ${scriptId}`
const heartbeatContext = (scriptId: number) => `heartbeat of a schedule of script ${scriptId}`
