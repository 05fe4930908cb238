/** No sandbox: limits, no new privileges and a user of its own where util-linux is there. It says what nothing holds. */
import { becoming, lastly, limiting } from './chain.ts'
import { splitEnvironment } from './environment.ts'
import type { Host } from './host.ts'
import { type LevelDeps, uidOf } from './landlock.ts'
import { layOut } from './layout.ts'
import type { Command, ConfinedCommand, Confinement, Permissions } from './model.ts'
import { giveAway } from './owner.ts'

export function createPlain({ host, basics, system, uidBase }: LevelDeps) {
  return function confine(command: Command, confinement: Confinement): ConfinedCommand {
    const uid = host.setpriv ? uidOf(uidBase, confinement.userIndex) : null
    const layout = layOut({
      command,
      confinement,
      basics,
      system: system.readable,
      uid,
      canCover: false,
      isOverHost: true,
    })
    giveAway(confinement, host, layout.uid)
    const { early, late } = splitEnvironment({ ...command.env, TMPDIR: confinement.tempDir })
    const before = [
      ...(host.prlimit ? limiting(host, confinement, layout) : []),
      ...(host.setpriv ? becoming(host, layout) : []),
    ]
    return {
      argv: [...before, ...(before.length > 0 ? lastly(host, late) : []), ...command.argv],
      cwd: command.cwd,
      env: before.length > 0 ? early : { ...command.env, TMPDIR: confinement.tempDir },
      fileAsFd3: null,
      isSupervised: false,
      unenforced: [
        'Nothing keeps the script from the folders of the gateway and of other scripts.',
        ...unheld(confinement.permissions),
        ...(host.prlimit ? [] : ['Limits of one process are not set: prlimit (util-linux) is not installed.']),
        ...(host.setpriv ? [] : [withoutSetpriv(host)]),
        ...(layout.userProblem ? [`The script runs as the gateway's own user: ${layout.userProblem}.`] : []),
      ],
    }
  }
}

const withoutSetpriv = ({ uid }: Host) =>
  `${uid === 0 ? 'The script is root, with its rights' : 'It may gain privileges'}: setpriv (util-linux) is not installed.`

const unheld = (permissions: Permissions) =>
  (['net', 'read', 'write', 'run'] as const)
    .filter((name) => permissions[name] !== true)
    .map((name) => `${name}: nothing holds the script to what it asked for.`)
