/** What axe (https://github.com/dequelabs/axe-core) finds serious or worse on a page. */
import { readFileSync } from 'node:fs'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const source = readFileSync(Bun.resolveSync('axe-core/axe.min.js', import.meta.dir), 'utf8')

/** What another theme and size can break, of HTML that was looked at as a whole. */
export const rulesOfLook = ['color-contrast', 'scrollable-region-focusable', 'target-size']

export interface AxeOptions {
  /** Names or tags of rules; all without. */
  rules?: readonly string[]
  /** A selector: what is around it is left out. */
  within?: string
  /** With the rules about style sheets, which are fetched again for it. */
  styles?: boolean
}

/** Asked by the browser's own protocol, which takes the program in a third of the time. */
export async function faultsOfAxe(page: Page, { rules, within, styles }: AxeOptions = {}): Promise<string[]> {
  const options = { resultTypes: ['violations'], runOnly: rules, preload: styles === true }
  const answer = (results: AxeResults) =>
    JSON.stringify(
      results.violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    )
  const session = await page.context().newCDPSession(page)
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    expression: `if (!globalThis.axe) { ${source} }
      axe.run(${within ? JSON.stringify(within) : 'document'}, ${JSON.stringify(options)}).then(${answer})`,
    ...{ awaitPromise: true, returnByValue: true },
  })
  await session.detach()
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
  return JSON.parse(result.value)
}
