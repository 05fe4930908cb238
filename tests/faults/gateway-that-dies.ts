/** A real gateway that ends itself with kill -9 at a stage of its runs: DATA_DIR, SCRIPTS_DIR and STAGE as arguments. */
import { createApp } from '../../src/app.ts'
import { silentLog } from '../../src/log.ts'

const [dataDir = '', scriptsDir = '', diesAt = ''] = process.argv.slice(2)
const app = await createApp(
  { environment: { auth: 'off', run_slots: 1, kill_grace_sec: 0.2 }, dataDir, scriptsDir },
  {
    log: silentLog(),
    checkpoint(stage) {
      if (stage === diesAt) process.kill(process.pid, 'SIGKILL')
    },
  },
)
const url = await app.listen('127.0.0.1', 0)
await app.ready
process.stdout.write(`${url}\n`)
