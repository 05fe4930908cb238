/** Every option of the gateway, in one table. */
import { accessOptions } from './access.ts'
import { dependenciesOptions } from './dependencies.ts'
import { filesOptions } from './files.ts'
import { gatewayOptions } from './gateway.ts'
import { isolationOptions } from './isolation.ts'
import { notifyOptions } from './notify.ts'
import type { Option } from './option.ts'
import { runsOptions } from './runs.ts'
import { schedulesOptions } from './schedules.ts'
import { storageOptions } from './storage.ts'

/** As one looks for them. */
export const optionGroups = {
  gateway: gatewayOptions,
  access: accessOptions,
  runs: runsOptions,
  isolation: isolationOptions,
  files: filesOptions,
  dependencies: dependenciesOptions,
  storage: storageOptions,
  schedules: schedulesOptions,
  notify: notifyOptions,
} satisfies Record<string, Record<string, Option>>

export type OptionGroup = keyof typeof optionGroups

export const options = {
  ...gatewayOptions,
  ...accessOptions,
  ...runsOptions,
  ...isolationOptions,
  ...filesOptions,
  ...dependenciesOptions,
  ...storageOptions,
  ...schedulesOptions,
  ...notifyOptions,
} satisfies Record<string, Option>
