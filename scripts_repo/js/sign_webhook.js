/**
 * Sign a message the way webhooks are signed.
 *
 * Shows: a secret (it is never logged and never stored in clear), module.exports as the entry point, and a text as
 * the result.
 */
const { createHmac } = require('node:crypto')
const { parseArgs } = require('node:util')

const ARGS_MAP = {
  message: { flag: '--message', type: 'str', required: true, help: 'The body of the webhook, exactly as it is sent.' },
  key: { flag: '--key', type: 'str', required: true, secret: true, help: 'The secret that both sides know.' },
  algorithm: {
    flag: '--algorithm',
    type: 'choice',
    choices: ['sha256', 'sha512', 'sha1'],
    default: 'sha256',
    help: 'sha1 only for receivers that know nothing better.',
  },
}

module.exports = function sign({ message, key, algorithm }) {
  return `${algorithm}=${createHmac(algorithm, key).update(message).digest('hex')}`
}

if (require.main === module) {
  if (process.argv.includes('--_sys_get_schema')) console.log(JSON.stringify(ARGS_MAP))
  else {
    // Every parameter is written once: the options of parseArgs are made from ARGS_MAP.
    const options = Object.fromEntries(
      Object.entries(ARGS_MAP).map(([name, arg]) => [name, { type: 'string', default: arg.default }]),
    )
    const { values } = parseArgs({ strict: false, options }) // not strict: a value may begin with "-"
    if (typeof values.message !== 'string' || !values.key || !ARGS_MAP.algorithm.choices.includes(values.algorithm)) {
      console.error(`Give --message, a --key, and as --algorithm one of ${ARGS_MAP.algorithm.choices.join(', ')}.`)
      process.exit(2)
    }
    console.log(module.exports(values))
  }
}
