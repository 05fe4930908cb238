/** One act after another, in the order of the calls; an act that fails holds up nobody. */
export function createTurn(): <T>(act: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (act) => {
    const done = last.then(act, act)
    last = done.catch(() => {}) // told to its own caller
    return done
  }
}
