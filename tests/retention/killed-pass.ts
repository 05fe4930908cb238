/** A pass that ends itself with kill -9 before the Nth removal of files: bun killed-pass.ts DATA_DIR N. */
import { createRunFiles } from '../../src/retention/run-files.ts'
import { createLab, dayMs, now } from './lab.ts'

const [dataDir = '', stop = '0'] = process.argv.slice(2)
const lab = createLab(dataDir)
Object.assign(lab.settings, { log_retention_days: 10, output_retention_days: 10, retention_days: 50 })
lab.time.at = now + dayMs
const files = createRunFiles({ dataDir, logPath: lab.logPath })
let calls = 0
await lab
  .newRetention({
    ...files,
    remove(run, part) {
      if (++calls === Number(stop)) process.kill(process.pid, 'SIGKILL')
      return files.remove(run, part)
    },
  })
  .clean()
console.log('untouched')
