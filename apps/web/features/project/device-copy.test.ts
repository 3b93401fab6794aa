import { describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { DeviceCopy } from './device-copy.ts'
import { type DeviceStore, type DocumentRecord, StoreError } from './device-store.ts'

/** A device in memory whose writes end when the test says so, and fail when it says so. */
function makeDevice() {
  const rows: Uint8Array[] = []
  const records: DocumentRecord[] = []
  const pending: { finish: () => void; fail: () => void }[] = []
  const store = {
    load: async () => ({ record: records.at(-1) ?? null, updates: [...rows], lastId: rows.length }),
    append: (record: DocumentRecord, updates: readonly Uint8Array[]) =>
      new Promise<void>((resolve, reject) => {
        pending.push({
          finish: () => {
            rows.push(...updates)
            records.push(record)
            resolve()
          },
          fail: () => reject(new StoreError('full', 'no room')),
        })
      }),
    compact: async () => undefined,
    restart: async (record: DocumentRecord) => record,
  }
  return { rows, records, pending, store: store as unknown as DeviceStore }
}

async function openCopy(device: ReturnType<typeof makeDevice>) {
  const doc = new Y.Doc()
  const told = { stored: [] as number[], faults: [] as string[] }
  const state = { unsent: 0 }
  const copy = new DeviceCopy({
    store: device.store,
    doc,
    documentId: 'd',
    projectId: 'p',
    path: 'estuary.md',
    countUnsent: () => state.unsent,
    onStored: (unsent) => told.stored.push(unsent),
    onFault: (fault) => told.faults.push(fault),
  })
  const loaded = await copy.load()
  const type = (words: string): void => {
    state.unsent += 1
    doc.getText('text').insert(0, words)
  }
  return { doc, copy, told, state, loaded, type }
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
    expect(told).toEqual({ stored: [], faults: ['full'] })
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
    expect(device.records.at(-1)?.unsent).toBe(0)
    copy.markSent()
    expect(device.pending).toHaveLength(2)
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
})
