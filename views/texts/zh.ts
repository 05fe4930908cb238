/** Chinese (simplified): every text of the pages, in English, and what it is in Chinese. */
import { access } from './zh/access.ts'
import { browser } from './zh/browser.ts'
import { common } from './zh/common.ts'
import { dashboard } from './zh/dashboard.ts'
import { dependencies } from './zh/dependencies.ts'
import { editor } from './zh/editor.ts'
import { executions } from './zh/executions.ts'
import { notifications } from './zh/notifications.ts'
import { policy } from './zh/policy.ts'
import { run } from './zh/run.ts'
import { schedules } from './zh/schedules.ts'
import { script } from './zh/script.ts'
import { settings } from './zh/settings.ts'
import { versions } from './zh/versions.ts'

export const areas = {
  ...{ browser, common, dashboard, script, run, executions, schedules, dependencies, notifications, access, settings },
  editor,
  policy,
  versions,
}

export const zh = {
  ...browser,
  ...common,
  ...dashboard,
  ...script,
  ...run,
  ...executions,
  ...schedules,
  ...dependencies,
  ...notifications,
  ...access,
  ...settings,
  ...editor,
  ...policy,
  ...versions,
}
