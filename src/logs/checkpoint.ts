/** Called before and after each write of a run, with its name: where a fault test ends the gateway. */
export type Checkpoint = (stage: string) => void

export const noCheckpoint: Checkpoint = () => {}
