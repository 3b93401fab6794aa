import { describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { DeviceCopy } from './device-copy.ts'
import { type DatabaseWatcher, StoreError } from './device-database.ts'
import type { DeviceStore, DocumentRecord, KeptDocument } from './device-store.ts'
import { countUnsent, mergeUnsent, type TabAccount } from './unsent-by-tab.ts'

/** A device in memory whose writes end when the test says so, and fail when it says so. */
function makeDevice() {
  const rows: Uint8Array[] = []
  const records: DocumentRecord[] = []
  const pending: { finish: () => void; fail: () => void }[] = []
  const watchers: DatabaseWatcher[] = []
  const store = {
    load: async (_documentId: string, afterRow = 0) => ({
      record: records.at(-1) ?? null,
      updates: rows.slice(afterRow),
      lastRow: rows.length,
    }),
    watch: (watcher: DatabaseWatcher) => {
      watchers.push(watcher)
      return () => undefined
    },
    append: (document: KeptDocument, account: TabAccount, updates: readonly Uint8Array[]) =>
      new Promise<void>((resolve, reject) => {
        pending.push({
          finish: () => {
            rows.push(...updates)
            const parts = records.at(-1)?.unsentByTab ?? {}
            const unsentByTab = mergeUnsent(parts, account, updates.length > 0 ? rows.length : null)
            records.push({ ...document, unsentByTab, changedAt: 0 })
            resolve()
          },
          fail: () => reject(new StoreError('full', 'no room')),
        })
      }),
    compact: async () => undefined,
  }
  return {
    rows,
    pending,
    store: store as unknown as DeviceStore,
    unsent: () => countUnsent(records.at(-1)?.unsentByTab ?? {}),
    /** The browser takes everything away; the store opens again, empty. */
    lose: () => {
      rows.length = 0
      records.length = 0
      for (const { onLost } of watchers) onLost()
      for (const { onBack } of watchers) onBack()
    },
  }
}

function makeCopy(device: ReturnType<typeof makeDevice>, store = Promise.resolve(device.store)) {
  const doc = new Y.Doc()
  const told = { stored: [] as number[], faults: [] as string[], lost: 0, newRows: 0 }
  const state = { unsent: 0 }
  const copy = new DeviceCopy({
    store,
    doc,
    documentId: 'd',
    projectId: 'p',
    path: 'estuary.md',
    countUnsent: () => state.unsent,
    onStored: (unsent) => told.stored.push(unsent),
    onFault: (fault) => told.faults.push(fault),
    onLost: () => {
      told.lost += 1
    },
    onNewRows: () => {
      told.newRows += 1
    },
  })
  const type = (words: string): void => {
    state.unsent += 1
    doc.getText('text').insert(0, words)
  }
  return { doc, copy, told, state, type }
}

async function openCopy(device: ReturnType<typeof makeDevice>) {
  const made = makeCopy(device)
  return { ...made, loaded: await made.copy.load() }
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

describe('the copy on this device', () => {
  test('says how many edits it holds only after the write that holds them', async () => {
    const device = makeDevice()
    const { told, type } = await openCopy(device)
    type('one ')
    expect(told.stored).toEqual([])
    device.pending[0]?.finish()
    await settle()
    expect(told.stored).toEqual([1])
  })

  test('edits during a write go together in the next one', async () => {
    const device = makeDevice()
    const { told, type } = await openCopy(device)
    type('one ')
    type('two ')
    type('three ')
    expect(device.pending).toHaveLength(1)
    device.pending[0]?.finish()
    await settle()
    expect(device.pending).toHaveLength(2)
    expect(told.stored).toEqual([])
    device.pending[1]?.finish()
    await settle()
    expect(told.stored).toEqual([3])
    expect(device.rows).toHaveLength(3)
  })

  test('a failed write loses nothing: it says why and goes with the next one', async () => {
    const device = makeDevice()
    const { told, type, copy } = await openCopy(device)
    type('one ')
    device.pending[0]?.fail()
    await settle()
    expect(told).toMatchObject({ stored: [], faults: ['full'] })
    type('two ')
    device.pending[1]?.finish()
    await settle()
    expect(told.stored).toEqual([2])
    expect(device.rows).toHaveLength(2)
    copy.stop()
  })

  test('what was kept is there before the network, with its unsent edits', async () => {
    const device = makeDevice()
    const first = await openCopy(device)
    first.type('kept')
    device.pending[0]?.finish()
    await settle()
    const again = await openCopy(device)
    expect(again.doc.getText('text').toString()).toBe('kept')
    expect(again.loaded).toEqual({ unsent: 1, hasText: true })
    expect(device.pending).toHaveLength(1)
  })

  test('acknowledged edits are written down as such', async () => {
    const device = makeDevice()
    const { copy, state, type } = await openCopy(device)
    type('one ')
    device.pending[0]?.finish()
    await settle()
    state.unsent = 0
    copy.markSent()
    device.pending[1]?.finish()
    await settle()
    expect(device.unsent()).toBe(0)
  })

  test('an acknowledged tab clears what it has read from another, and nothing else', async () => {
    const device = makeDevice()
    const first = await openCopy(device)
    first.type('one ')
    device.pending[0]?.finish()
    await settle()
    const second = await openCopy(device)
    first.type('two ')
    device.pending[1]?.finish()
    await settle()
    second.copy.markSent()
    device.pending[2]?.finish()
    await settle()
    expect(device.unsent()).toBe(2)
    const third = await openCopy(device)
    expect(third.loaded?.unsent).toBe(2)
    third.copy.markSent()
    device.pending[3]?.finish()
    await settle()
    expect(device.unsent()).toBe(0)
  })

  test('what is typed while the device is still being opened is stored as well', async () => {
    const device = makeDevice()
    let open = (): void => undefined
    const { copy, type, told } = makeCopy(device, new Promise((resolve) => (open = () => resolve(device.store))))
    const loading = copy.load()
    type('early ')
    expect(device.pending).toHaveLength(0)
    open()
    await loading
    expect(device.pending).toHaveLength(1)
    device.pending[0]?.finish()
    await settle()
    expect(device.rows).toHaveLength(1)
    expect(told.stored).toEqual([1])
  })

  test('stopping waits until what was typed last is stored', async () => {
    const device = makeDevice()
    const { copy, type } = await openCopy(device)
    type('one ')
    type('two ')
    let isStopped = false
    const stopping = copy.stop().then(() => (isStopped = true))
    device.pending[0]?.finish()
    await settle()
    expect(isStopped).toBe(false)
    device.pending[1]?.finish()
    await stopping
    expect(device.rows).toHaveLength(2)
  })

  test('a device that cannot be opened is said to be unavailable', async () => {
    const { copy, told } = makeCopy(makeDevice(), Promise.reject(new StoreError('unavailable', 'none')))
    expect(await copy.load()).toBeNull()
    expect(told.faults).toEqual(['unavailable'])
  })

  test('tries again by itself', async () => {
    vi.useFakeTimers()
    try {
      const device = makeDevice()
      const { type, copy } = await openCopy(device)
      type('one ')
      device.pending[0]?.fail()
      await vi.advanceTimersByTimeAsync(5_000)
      expect(device.pending).toHaveLength(2)
      copy.stop()
    } finally {
      vi.useRealTimers()
    }
  })

  test('ON5: what a tab stores is told, and another tab reads exactly that, once', async () => {
    const device = makeDevice()
    const first = await openCopy(device)
    const second = await openCopy(device)
    first.type('geese ')
    expect(first.told.newRows).toBe(0)
    device.pending[0]?.finish()
    await settle()
    expect(first.told.newRows).toBe(1)
    expect(await second.copy.load()).toEqual({ unsent: 1, hasText: true })
    expect(second.doc.getText('text').toString()).toBe('geese ')
    expect(device.pending).toHaveLength(1)
    expect(await second.copy.load()).toEqual({ unsent: 1, hasText: false })
  })

  test('ON6: when the browser takes the store away the whole text is written again, and only then called stored', async () => {
    const device = makeDevice()
    const { doc, told, type } = await openCopy(device)
    type('two ')
    device.pending[0]?.finish()
    await settle()
    device.lose()
    expect(told).toMatchObject({ stored: [1], lost: 1 })
    device.pending[1]?.finish()
    await settle()
    expect(told.stored).toEqual([1, 1])
    const fresh = new Y.Doc()
    for (const update of device.rows) Y.applyUpdate(fresh, update)
    expect(fresh.getText('text').toString()).toBe(doc.getText('text').toString())
  })
})
