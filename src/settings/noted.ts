/** Settings changed on behalf of a request: the audit log is told what they were and are. */
import { note } from '../http/caller.ts'
import type { Settings } from './settings.ts'

export const notedSettings = (settings: Settings, request: Request): Settings => ({
  ...settings,
  update(changes) {
    const of = () =>
      Object.fromEntries(
        settings
          .list()
          .filter(({ name }) => Object.hasOwn(changes, name))
          .map(({ name, value }) => [name, value]),
      )
    const before = of()
    const list = settings.update(changes)
    note(request, { object: { type: 'settings', name: Object.keys(changes).join(', ') }, before, after: of() })
    return list
  },
})
