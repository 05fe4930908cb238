/** What is sent one after the other, by name. */
export const laneOf = {
  channel: (id: number) => `channel ${id}`,
  notifyUrl: 'notify_url',
  heartbeat: (scheduleId: number | null) => `heartbeat ${scheduleId ?? 'none'}`,
  isHeartbeat: (lane: string) => lane.startsWith('heartbeat '),
}
