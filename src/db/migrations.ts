/** The schema's history, inside the binary. Append only: a migration that has landed is never edited. */
import scriptsRunsSettings from './migrations/0001_scripts_runs_settings.sql' with { type: 'text' }
import scriptsOwnAnswer from './migrations/0002_scripts_own_answer.sql' with { type: 'text' }
import runFacts from './migrations/0003_run_facts.sql' with { type: 'text' }
import scriptPolicy from './migrations/0004_script_policy.sql' with { type: 'text' }
import variables from './migrations/0005_variables.sql' with { type: 'text' }
import retention from './migrations/0006_retention.sql' with { type: 'text' }
import runRepeats from './migrations/0007_run_repeats.sql' with { type: 'text' }
import access from './migrations/0008_access.sql' with { type: 'text' }
import dependencies from './migrations/0009_dependencies.sql' with { type: 'text' }
import schedules from './migrations/0010_schedules.sql' with { type: 'text' }
import notifications from './migrations/0011_notifications.sql' with { type: 'text' }
import versions from './migrations/0012_versions.sql' with { type: 'text' }
import runStats from './migrations/0013_run_stats.sql' with { type: 'text' }

/** Number N brings a database from version N-1 to version N. */
export const migrations: readonly string[] = [
  scriptsRunsSettings,
  scriptsOwnAnswer,
  runFacts,
  scriptPolicy,
  variables,
  retention,
  runRepeats,
  access,
  dependencies,
  schedules,
  notifications,
  versions,
  runStats,
]
