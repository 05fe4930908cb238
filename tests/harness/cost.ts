/** What something costs, not how long it takes: other programs of a busy machine do not count. */

/** Processor time of this process until what `act` answers is there, in ms. */
export async function cpuMsOf(act: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await act()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
