/**
 * The store as one node sees it through a bad connection: answers take their time, some are lost before or after the deed, and a node that is
 * dead never hears anything. Whoever watches learns of each commit in the moment in which it counts.
 */
import type { Clock } from '../clock.ts'
import type { CommitItem, DocumentStore } from '../document-store.ts'

export interface StoreWeather {
  delayMs(): number
  /** Chance that a call fails before anything has happened. */
  failsBefore: number
  /** Chance that a call has done its work and its answer is lost. */
  failsAfter: number
}

export interface FaultyStoreDeps {
  store: DocumentStore
  clock: Clock
  weather: StoreWeather
  /** Whether the node's process has been killed. */
  isDead(): boolean
  onCommitted(item: CommitItem, seq: number): void
  /** The control: commits do not say what they build on. */
  buildsOnAnything: boolean
}

const NEVER = new Promise<never>(() => {})

export function createFaultyStore({
  store,
  clock,
  weather,
  isDead,
  onCommitted,
  buildsOnAnything,
}: FaultyStoreDeps): DocumentStore {
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    await clock.sleep(weather.delayMs())
    if (isDead()) return NEVER
    if (clock.random() < weather.failsBefore) throw new Error('the connection to the store broke before the call')
    const result = await work()
    await clock.sleep(weather.delayMs())
    if (isDead()) return NEVER
    if (clock.random() < weather.failsAfter) throw new Error('the connection to the store broke after the call')
    return result
  }
  return {
    commit: (items) =>
      call(async () => {
        const landings = await store.commit(buildsOnAnything ? items.map(withoutBase) : items)
        for (const item of items) {
          const landing = landings.get(item.document)
          if (landing?.outcome === 'committed') onCommitted(item, landing.seq)
        }
        return landings
      }),
    load: (document) => call(() => store.load(document)),
    loadMissed: (document, seq) => call(() => store.loadMissed(document, seq)),
    heads: (documents) => call(() => store.heads(documents)),
    repair: (document) => call(() => store.repair(document)),
    saveText: (document, at, text) => call(() => store.saveText(document, at, text)),
  }
}

const withoutBase = ({ document, epoch, payload, clients }: CommitItem): CommitItem => ({
  document,
  epoch,
  payload,
  clients,
})
