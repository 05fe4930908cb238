/**
 * Ask web addresses whether they answer, and how fast.
 *
 * Shows: web addresses, a decimal number, JSON with a default, several requests at once with progress in the log,
 * and a table as the result.
 */
import { parseArgs } from 'node:util'

const ARGS_MAP = {
  addresses: { flag: '--addresses', type: 'url', required: true, multiple: true, help: 'Beginning with http:// or https://.' },
  timeout_sec: { flag: '--timeout_sec', type: 'float', default: 5, min: 0.1, max: 60, help: 'Seconds for each address.' },
  headers: { flag: '--headers', type: 'json', default: {}, help: 'An object of headers to send along.' },
}

export default async function checkAddresses(addresses, timeoutSec, headers) {
  return await Promise.all(addresses.map((address) => checkOne(address, timeoutSec, headers)))
}

/** An address that does not answer is a row of the table and not an error: that is what was asked. */
async function checkOne(address, timeoutSec, headers) {
  const start = performance.now()
  const row = await fetch(address, { headers, signal: AbortSignal.timeout(timeoutSec * 1000) }).then(
    async (response) => {
      await response.body?.cancel()
      return { address, ok: response.ok, status: response.status, note: response.redirected ? `went to ${response.url}` : '' }
    },
    (error) => ({ address, ok: false, status: null, note: error.name === 'TimeoutError' ? 'no answer in time' : error.message }),
  )
  const ms = Math.round(performance.now() - start)
  console.error(`${row.ok ? '\x1b[32mok\x1b[0m  ' : '\x1b[31mfail\x1b[0m'} ${address} ${ms} ms`)
  return { ...row, ms }
}

function readArguments() {
  const options = Object.fromEntries(
    Object.entries(ARGS_MAP).map(([name, { multiple }]) => [name, { type: 'string', multiple: multiple ?? false }]),
  )
  const { values } = parseArgs({ strict: false, options })
  const addresses = (values.addresses ?? []).filter((address) => /^https?:\/\//i.test(address) && URL.canParse(address))
  if (addresses.length === 0 || addresses.length < values.addresses.length) {
    throw new Error('Give --addresses that begin with http:// or https://.')
  }
  const timeoutSec = Number(values.timeout_sec ?? ARGS_MAP.timeout_sec.default)
  if (!(timeoutSec > 0)) throw new Error(`--timeout_sec must be a number above 0; got ${values.timeout_sec}.`)
  return { addresses, timeoutSec, headers: readHeaders(values.headers ?? '{}') }
}

function readHeaders(text) {
  try {
    return new Headers(JSON.parse(text))
  } catch (error) {
    throw new Error(`--headers must be a JSON object of texts: ${error.message}.`)
  }
}

if (import.meta.main) {
  if (process.argv.includes('--_sys_get_schema')) console.log(JSON.stringify(ARGS_MAP))
  else {
    try {
      const { addresses, timeoutSec, headers } = readArguments()
      console.log(JSON.stringify(await checkAddresses(addresses, timeoutSec, headers)))
    } catch (error) {
      console.error(error.message)
      process.exit(2)
    }
  }
}
