/** The tab of versions of a script that has none. */
import { VersionsTab } from '../../views/versions.tsx'
import { script } from './samples.ts'

export const renderVersions = () =>
  String(
    <VersionsTab
      {...{ script: script(1, 'a.py', {}), versions: [], total: 0, page: 1, pages: 1, shown: null, done: null }}
      {...{ refused: null, isLost: false, now: 0 }}
    />,
  )
