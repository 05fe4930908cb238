/** What a run needs to begin after a restart, sealed in its row: its values are the caller's, secrets among them. */
import { messageOf } from '../errors.ts'
import { removeFolder, uploadFolders } from '../files/temp.ts'
import type { RunRequest } from './live.ts'
import type { RunRow } from './table.ts'

/** Seals texts for the place they are kept at; `open` throws an Error when the key or the place is another. */
export interface Seal {
  seal(text: string, context: string): Uint8Array
  open(bytes: Uint8Array, context: string): string
}

export type KeptRequests = ReturnType<typeof createKeptRequests>

/** `tmpDir`: absolute; uploads lie below it. */
export function createKeptRequests({ seal, tmpDir }: { seal: Seal; tmpDir: string }) {
  return {
    keep: ({ script, values }: RunRequest) => seal.seal(JSON.stringify(values), contextOf(script.id)),

    /** The values, or in words why they cannot be had. */
    read({ scriptId, request }: Pick<RunRow, 'scriptId' | 'request'>): Kept {
      if (!request) return { problem: 'Its parameters were not kept.' }
      try {
        return { values: JSON.parse(seal.open(request, contextOf(scriptId))) }
      } catch (error) {
        return { problem: `Its parameters cannot be read: ${messageOf(error)}` }
      }
    },

    uploadFolders: (values: Record<string, unknown>) => uploadFolders(tmpDir, values),

    /** For a run that is taken up again: who stored its uploads is gone. */
    disposalOf: (values: Record<string, unknown>) => async () => {
      for (const folder of uploadFolders(tmpDir, values)) await removeFolder(folder)
    },
  }
}

export type Kept = { values: Record<string, unknown> } | { problem: string }

/** Sealed for its script: moved to another one's run it does not open. */
const contextOf = (scriptId: number) => `run of script ${scriptId}`
