/** F3, F4, F5, F11: the database dies, is replaced, hangs, is slow, full or cannot be reached, under people who go on typing. */
import { setTimeout as sleep } from 'node:timers/promises'
import { openFaultProxy } from '../world/fault-proxy.ts'
import { bootPostgres } from '../world/postgres.ts'
import { bootProduct } from '../world/product.ts'
import { Load } from './load.ts'

const SECRET_KEY = 'a secret key of the fault tests, long enough'
/** What was acknowledged before the fault is on its way that long at most. */
const LAST_ACKNOWLEDGEMENTS_MS = 1_000
/** A new database and its log fit in, and little more. */
const DISK_MIB = 180

export interface DatabaseFault {
  name: string
  begin(world: DatabaseWorld): Promise<void>
  end(world: DatabaseWorld): Promise<void>
  /** Whether commits are impossible while it lasts: nothing may be called saved then. */
  stopsCommits: boolean
}

export interface DatabaseWorld {
  postgres: Awaited<ReturnType<typeof bootPostgres>>
  proxy: Awaited<ReturnType<typeof openFaultProxy>>
}

export const DATABASE_FAULTS: readonly DatabaseFault[] = [
  {
    name: 'killed',
    begin: ({ postgres }) => postgres.say('kill'),
    end: ({ postgres }) => postgres.say('start'),
    stopsCommits: true,
  },
  {
    name: 'stopped without a checkpoint',
    begin: ({ postgres }) => postgres.say('stop'),
    end: ({ postgres }) => postgres.say('start'),
    stopsCommits: true,
  },
  {
    name: 'hanging',
    begin: ({ postgres }) => postgres.say('pause'),
    end: ({ postgres }) => postgres.say('resume'),
    stopsCommits: true,
  },
  {
    name: 'out of reach',
    begin: async ({ proxy }) => proxy.set({ isDown: true }),
    end: async ({ proxy }) => proxy.set({}),
    stopsCommits: true,
  },
  {
    name: 'silent, with its connections open',
    begin: async ({ proxy }) => proxy.set({ isHeld: true }),
    end: async ({ proxy }) => proxy.set({}),
    stopsCommits: true,
  },
  {
    name: 'slow',
    begin: async ({ proxy }) => proxy.set({ delayMsMax: 300 }),
    end: async ({ proxy }) => proxy.set({}),
    stopsCommits: false,
  },
  {
    name: 'cut off at random',
    begin: async ({ proxy }) => proxy.set({ resetChance: 0.02 }),
    end: async ({ proxy }) => proxy.set({}),
    stopsCommits: false,
  },
]

export interface DatabaseFaultsOptions {
  rounds: number
  faultMs: number
  tell?(line: string): void
}

/** F3 and F5: each fault in turn, so many rounds; returns what went wrong. */
export const runDatabaseFaults = ({ rounds, faultMs, tell }: DatabaseFaultsOptions): Promise<string[]> =>
  withDatabase({}, async (world, load) => {
    const wrong: string[] = []
    for (let round = 1; round <= rounds; round++) {
      for (const fault of DATABASE_FAULTS) {
        await load.untilSaving()
        const before = load.savedCount
        await fault.begin(world)
        await sleep(LAST_ACKNOWLEDGEMENTS_MS)
        const savedThen = load.savedCount
        await sleep(faultMs)
        const falselySaved = fault.stopsCommits ? load.savedCount - savedThen : 0
        if (falselySaved > 0) wrong.push(`I10: ${falselySaved} words called saved while the database was ${fault.name}`)
        await fault.end(world)
        await load.untilSaving()
        tell?.(`F3/F5 ${round}: the database was ${fault.name}; ${before} words saved before, ${load.savedCount} after`)
      }
    }
    return wrong
  })

/** F4: the database's machine dies, and the one that has every commit of it takes its place. */
export const runFailOver = ({ tell }: Pick<DatabaseFaultsOptions, 'tell'>): Promise<string[]> =>
  withDatabase({}, async ({ postgres, proxy }, load) => {
    await postgres.say('replicate')
    await load.untilSaving()
    const before = load.savedCount
    await postgres.say('fail over')
    proxy.resetAll()
    await load.untilSaving()
    tell?.(`F4: the standby took over; ${before} words saved before, ${load.savedCount} after`)
    return []
  })

/** F4: the standby that takes over lacks the last commits, as an asynchronous one may: the nodes bring back what it lacks. */
export const runLateFailOver = ({
  tell,
  faultMs,
}: Pick<DatabaseFaultsOptions, 'tell' | 'faultMs'>): Promise<string[]> =>
  withDatabase({}, async ({ postgres, proxy }, load) => {
    await postgres.say('replicate')
    await load.untilSaving()
    await postgres.say('lag')
    const before = load.savedCount
    await sleep(faultMs)
    const lost = load.savedCount - before
    await postgres.say('fail over')
    proxy.resetAll()
    await load.untilSaving()
    tell?.(`F4: a standby took over that lacked ${lost} saved words; ${load.savedCount} saved after`)
    return lost > 0 ? [] : ['F4: nothing was saved while the standby lagged, so nothing was tried']
  })

/** F11: the database's disk is full for a while. */
export const runFullDisk = ({ rounds, faultMs, tell }: DatabaseFaultsOptions): Promise<string[]> =>
  withDatabase({ diskMib: DISK_MIB }, async ({ postgres }, load) => {
    for (let round = 1; round <= rounds; round++) {
      await load.untilSaving()
      await postgres.fillDisk()
      await sleep(LAST_ACKNOWLEDGEMENTS_MS)
      const savedThen = load.savedCount
      await sleep(faultMs)
      const savedOnFull = load.savedCount - savedThen
      await postgres.clearDisk()
      await load.untilSaving()
      tell?.(`F11 ${round}: the disk was full, ${savedOnFull} words still fitted in; ${load.savedCount} saved in all`)
    }
    return []
  })

/** People on the product on a database behind a proxy; after the work everything must be as it was called saved. */
async function withDatabase(
  disk: Parameters<typeof bootPostgres>[0],
  work: (world: DatabaseWorld, load: Load) => Promise<string[]>,
): Promise<string[]> {
  const postgres = await bootPostgres(disk)
  const proxy = await openFaultProxy(() => {
    const { hostname, port } = new URL(postgres.address)
    return { host: hostname, port: Number(port) }
  })
  const address = new URL(postgres.address)
  address.port = String(proxy.port)
  const product = await bootProduct({
    SERVICES: 'api,collab,worker',
    SNAPSHOT_QUIET_MS: '1000',
    LOG_LEVEL: 'fatal',
    DATABASE_URL: address.href,
    SECRET_KEY,
  })
  try {
    const load = await Load.start({ url: product.url })
    const wrong = await work({ postgres, proxy }, load)
    wrong.push(...(await load.settle()))
    load.discard()
    await product.restart('SIGKILL')
    return [...wrong, ...(await load.check())]
  } finally {
    await product.stop()
    await proxy.close()
    await postgres.end()
  }
}
