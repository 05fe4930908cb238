/** Pictures of every page in both themes and two sizes: `bun tests/pages/screenshots.ts [FOLDER]`. */
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch } from './browser.ts'
import { addLongRun, startPreview } from './preview.ts'

const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'screens-'))
mkdirSync(folder, { recursive: true })
const only = process.argv[3]

const pages: [string, string][] = [
  ['dashboard', '/'],
  ['dashboard-nothing', '/?q=nothing-like-it'],
  ['dashboard-delete', '/batch/delete?id=1&id=2&id=3'],
  ['script', '/scripts/3'],
  ['script-code', '/scripts/3?tab=code'],
  ['script-parameters', '/scripts/3?tab=parameters'],
  ['script-policy', '/scripts/3?tab=policy'],
  ['script-variables', '/scripts/3?tab=variables'],
  ['script-error', '/scripts/9'],
  ['script-parameters-form', '/scripts/3?tab=parameters&edit=form'],
  ['script-parameters-json', '/scripts/3?tab=parameters&edit=json'],
  ['script-history', '/scripts/3?tab=history'],
  ['script-settings', '/scripts/3?tab=settings'],
  ['script-access', '/scripts/3?tab=access'],
  ['script-api', '/scripts/3?tab=api'],
  ['script-parameters-form', '/scripts/3?tab=parameters&edit=form'],
  ['script-parameters-json', '/scripts/3?tab=parameters&edit=json'],
  ['script-history', '/scripts/3?tab=history'],
  ['script-settings', '/scripts/3?tab=settings'],
  ['script-access', '/scripts/3?tab=access'],
  ['script-api', '/scripts/3?tab=api'],
  ['dependencies', '/dependencies'],
  ['dependencies-script', '/scripts/3?tab=dependencies&check=1'],
  ['dependencies-failed', '/scripts/4?tab=dependencies'],
  ['dependencies-refused', '/scripts/9?tab=dependencies'],
  ['dependencies-hostile', '/scripts/16?tab=dependencies'],
  ['dependencies-note', '/scripts/4'],
  ['dependencies-none', '/scripts/5?tab=dependencies'],
  ['dependencies-installing', '/dependencies/installations/1'],
  ['dependencies-ended', '/dependencies/installations/2'],
  ['schedules-script', '/scripts/3/schedules'],
  ['schedules-one', '/scripts/3/schedules/1'],
  ['schedules-broken', '/scripts/4/schedules/3'],
  ['schedules-none', '/scripts/5/schedules'],
  ['schedules-all', '/schedules'],
  ['schedules-calendar', '/schedules?view=calendar&day=2026-11-25'],
  ['schedules-import', '/schedules/import'],
  ['schedules-gone', '/scripts/3/schedules/99'],
  ['schedules-undo', '/scripts/3/schedules?done=deleted&of=3-7'],
  ['new-script', '/scripts/new?template=table-python'],
  ['new-script-upload', '/scripts/new?from=upload'],
  ['templates', '/templates?template=http-js'],
  ['versions-list', '/scripts/3/versions'],
  ['versions-file', '/scripts/3/versions?version=2&view=file'],
  ['versions-restored', '/scripts/3/versions?version=4&restored=2&undo=3&view=current'],
  ['versions-none', '/scripts/5/versions'],
  ['run-running', '/executions/48000'],
  ['run-failed', '/executions/48003'],
  ['run-success', '/executions/48900'],
  ['run-queued', '/executions/48004'],
  ['run-killed', '/executions/48009'],
  ['run-interrupted', '/executions/48012'],
  ['run-long', '/executions/50000#L120000'],
  ['run-markdown', '/executions/50002'],
  ['run-html', '/executions/50003'],
  ['run-table', '/executions/50004'],
  ['executions', '/executions'],
  ['executions-script', '/executions?script_id=3&range=7d&status=success&status=failed'],
  ['executions-nothing', '/executions?q=nowhere'],
  ['notifications', '/notifications'],
  ['notifications-rule', '/notifications?rule=2'],
  ['notifications-channel', '/notifications/channels/1?tested=7'],
  ['notifications-delivery', '/notifications/deliveries/9'],
  ['notifications-script', '/scripts/3/notifications'],
  ['settings', '/settings'],
  ['settings-log', '/settings/log'],
  ['settings-storage', '/settings/storage'],
  ['settings-found', '/settings?q=retention'],
  ['missing', '/scripts/404'],
]
const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }

const preview = startPreview({})
addLongRun(preview)
const browser = await launch()
for (const [size, viewport] of Object.entries(sizes))
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ viewport, colorScheme, hasTouch: size === 'phone' })
    const page = await context.newPage()
    page.on('console', (message) => console.log(size, message.type(), message.text()))
    page.on('pageerror', (error) => console.log(size, 'error', error.message))
    for (const [name, path] of pages) {
      if (only && !name.startsWith(only)) continue
      await page.goto(preview.url + path)
      await page.waitForFunction(() => document.readyState === 'complete')
      await page.waitForTimeout(400)
      await page.screenshot({
        path: join(folder, `${name}-${size}-${colorScheme}.png`),
        fullPage: process.argv[4] === 'full',
      })
    }
    await context.close()
  }
await browser.close()
preview.stop()
console.log(folder)
