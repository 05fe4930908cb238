/** Why packages could not be installed, as the API tells it. */
import { GatewayError } from '../errors.ts'

/** Why packages could not be installed, for whoever needs them. */
export class DependencyError extends GatewayError {
  constructor(
    message: string,
    /** What the installer said last. */
    readonly stderr: string,
    readonly installationId: number | null,
    headers: Record<string, string> = {},
  ) {
    super('dependency', message, { headers })
  }
}
