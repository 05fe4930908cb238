/** Why something failed. */
import { messageOf } from '../../src/errors.ts'

/**
 * The message that `act` fails with; throws when it does not fail. In the place of `expect(act).rejects`: Bun waits for
 * that one inside the matcher, where no limit of time ends it, and the suite stands still.
 */
export async function failureOf(act: Promise<unknown>): Promise<string> {
  const failed = await act.then(
    () => null,
    (error) => ({ message: messageOf(error) }),
  )
  if (!failed) throw new Error('It should have failed, and did not.')
  return failed.message
}
