/** What is broken, in which sizes: `test` within `npm test`, `quick` and `release` by `npm run faults`. Numbers are those of the fault matrix. */
import { runClusterFaults } from './cluster-faults.ts'
import { runCrowd } from './crowd.ts'
import { runDatabaseFaults, runFailOver, runFullDisk, runLateFailOver } from './database-faults.ts'
import { runHuge } from './huge.ts'
import { runNetworkFaults } from './network-faults.ts'
import { runClockJumps, runFewDescriptors, runHotDocument, runNamedKills, runStoppedReaders } from './node-faults.ts'

export const SIZES = ['test', 'quick', 'release'] as const
export type Size = (typeof SIZES)[number]
export type Tell = (line: string) => void

export interface Fault {
  name: string
  /** Default: all. */
  sizes?: readonly Size[]
  /** Returns what went wrong; nothing when every promise was kept. */
  run(size: Size, tell: Tell): Promise<string[]>
}

const sized = <T>(test: T, quick: T, release: T) => ({ test, quick, release })

const ROUNDS = sized(1, 3, 40)
const FAULT_MS = sized(1_000, 10_000, 60_000)
const CROWD = sized(
  { sockets: 500, idleMs: 1_000, storms: 1 },
  { sockets: 10_000, idleMs: 60_000, storms: 1 },
  { sockets: 10_000, idleMs: 600_000, storms: 20 },
)

const FAULTS: readonly Fault[] = [
  {
    name: 'F2: a node that dies right before a commit, and right after it',
    run: (size, tell) => runNamedKills({ kills: sized(3, 10, 100)[size], tell }),
  },
  {
    name: 'F3, F5: a database that is killed, stopped, hanging, out of reach, silent, slow',
    run: (size, tell) => runDatabaseFaults({ rounds: ROUNDS[size], faultMs: FAULT_MS[size], tell }),
  },
  { name: 'F4: a database that dies and is replaced by its standby', run: (_, tell) => runFailOver({ tell }) },
  {
    name: 'F4: a database that is replaced by a standby which lacks the last commits',
    sizes: ['quick', 'release'],
    run: (size, tell) => runLateFailOver({ faultMs: FAULT_MS[size], tell }),
  },
  {
    name: 'F6, F7, F23: several nodes, their Redis, and the way to it (within npm test: cluster-faults.test.ts)',
    sizes: ['quick', 'release'],
    run: async (size, tell) =>
      (await runClusterFaults({ rounds: ROUNDS[size], faultMs: FAULT_MS[size], isTimed: true, tell })) ?? [
        'there is no program redis-server on this machine',
      ],
  },
  {
    name: 'F8: a network that is late, cut, half-open, sliced, narrow, down',
    run: (size, tell) => runNetworkFaults({ rounds: ROUNDS[size], faultMs: FAULT_MS[size], seed: 8, tell }),
  },
  {
    name: 'F9: readers that read no further',
    run: (size, tell) =>
      runStoppedReaders({
        ...sized({ readers: 2, pastes: 40 }, { readers: 5, pastes: 60 }, { readers: 50, pastes: 60 })[size],
        tell,
      }),
  },
  {
    name: 'F10: a clock that jumps by up to a day',
    run: (size, tell) => runClockJumps({ forMs: sized(3_000, 30_000, 300_000)[size], tell }),
  },
  {
    name: 'F11: a full disk (only root can make one)',
    sizes: ['quick', 'release'],
    run: (size, tell) => runFullDisk({ rounds: ROUNDS[size], faultMs: FAULT_MS[size], tell }),
  },
  { name: 'F12: too few file descriptors', run: (_, tell) => runFewDescriptors({ tell }) },
  {
    name: 'F14: huge files, frames, projects and sockets',
    run: (size, tell) => runHuge({ files: sized(260, 2_000, 20_000)[size], tell }),
  },
  { name: 'F16, F17: a crowd that is idle, and back at once', run: (size, tell) => runCrowd({ ...CROWD[size], tell }) },
  {
    name: 'F18: many people in one file',
    run: (size, tell) =>
      runHotDocument({ writers: sized(20, 100, 400)[size], forMs: sized(3_000, 20_000, 60_000)[size], tell }),
  },
]

/** The faults that are tried in a size. */
export const faultsOf = (size: Size): Fault[] => FAULTS.filter(({ sizes }) => sizes?.includes(size) ?? true)
