/** What a gateway that stops still owes. */

const lastAnswersMs = 250

/** What is being answered is sent before connections are cut; streams of events, which end with the gateway, are not waited for. */
export async function lastAnswers(server: { pendingRequests: number } | null): Promise<void> {
  const until = performance.now() + lastAnswersMs
  while (server && server.pendingRequests > 0 && performance.now() < until) await Bun.sleep(5)
}
