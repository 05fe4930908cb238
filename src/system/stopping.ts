/** What a gateway that begins to stop says on the terminal. */

interface StoppingRuns {
  running: number
  queued: number
}

/** `drainSec`: how long runs may go on. */
export function stoppingWords({ running, queued }: StoppingRuns, drainSec: number): string {
  const parts = [...(running > 0 ? [finishing(running, drainSec)] : []), ...(queued > 0 ? [waiting(queued)] : [])]
  if (parts.length === 0) return 'Stopping.'
  return `Stopping: ${parts.join(', ')}${running > 0 && drainSec > 0 ? '; a second signal hurries' : ''}.`
}

function finishing(count: number, drainSec: number): string {
  if (drainSec === 0) return `${runs(count)} ${count === 1 ? 'is' : 'are'} ended`
  return `${runs(count)} ${count === 1 ? 'gets' : 'get'} up to ${drainSec} s to finish`
}

const waiting = (count: number) => `${runs(count)} ${count === 1 ? 'waits' : 'wait'} for the next start`

const runs = (count: number) => (count === 1 ? '1 run' : `${count} runs`)
