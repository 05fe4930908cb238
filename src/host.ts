/** What the host grants, found out once at start: how scripts are confined and limited, and the starting of processes with it. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Config } from './config.ts'
import { createIsolation } from './isolation/isolation.ts'
import type { Isolation, IsolationReport } from './isolation/model.ts'
import type { Log } from './log.ts'
import { options } from './options/options.ts'
import { type CgroupReport, createCgroups } from './process/cgroup.ts'
import { createJournal, killJournaled } from './process/journal.ts'
import type { StartProcess } from './process/model.ts'
import { createStartProcess } from './process/process.ts'
import { killMarkedWith } from './process/tree.ts'

export interface HostReport {
  isolation: IsolationReport & { required: boolean }
  limits: CgroupReport & { otherwise: string }
}

export interface Host {
  startProcess: StartProcess
  isolation: Isolation
  report: HostReport
  close(): void
}

interface HostDeps {
  environment: Partial<Config>
  /** Absolute; locked, so that nobody else's runs are meant. */
  dataDir: string
  /** Absolute paths of interpreters other than this program. */
  interpreters: string[]
  log: Log
  /** What tests hand in. */
  given: { startProcess?: StartProcess; isolation?: Isolation }
}

/** Ends what a dead gateway's runs left, then looks. Rejects with an Error when the isolation that was asked for does not work here. */
export async function openHost({ environment, dataDir, interpreters, log, given }: HostDeps): Promise<Host> {
  const journalFile = join(dataDir, 'processes')
  const left = killJournaled(journalFile) + killMarkedWith(`OUTPUT_DIR=${join(dataDir, 'static')}/`)
  if (left > 0) log.warn({ processes: left }, 'processes of runs were alive when the gateway started, and were ended')
  const cgroups = createCgroups({ name: createHash('sha256').update(dataDir).digest('hex').slice(0, 12) })
  const journal = createJournal(journalFile)
  const startProcess = given.startProcess ?? createStartProcess({ cgroups, journal })
  const isolation =
    given.isolation ??
    (await createIsolation({
      ...{ wanted: (environment.isolation ?? options.isolation.default) as 'auto', startProcess, interpreters },
      uidBase: environment.script_uid_base ?? options.script_uid_base.default,
      bun: process.execPath,
      dirForFiles: join(dataDir, 'isolation'),
    }))
  const required = environment.require_isolation ?? options.require_isolation.default
  const { report } = isolation
  if (required && report.level === 'plain')
    throw new Error(
      environment.isolation === 'plain'
        ? 'ISOLATION=plain confines nothing, and REQUIRE_ISOLATION is on: unset one of them.'
        : `REQUIRE_ISOLATION is on, and this host can confine nothing. ${report.reasons.join(' ')}`,
    )
  log.info({ isolation: report, limits: cgroups.report }, 'what the host grants')
  return {
    ...{ startProcess, isolation },
    report: {
      isolation: { ...report, required },
      limits: {
        ...cgroups.report,
        otherwise: 'limits of each process (prlimit), and a watch over everything a run started',
      },
    },
    close() {
      journal.close()
      cgroups.close()
    },
  }
}
