/** What every blob store keeps to; its tests call this with a way to make one, and two workspaces that exist. */
import type { WorkspaceId } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { BlobStore } from './blob-store.ts'

export interface BlobStoreWorld {
  store: BlobStore
  workspaces: readonly [WorkspaceId, WorkspaceId]
  /** Makes all that is kept so old that the store may forget it; a store that forgets nothing does nothing. */
  age: () => Promise<void>
}

export function blobStoreContract(world: () => Promise<BlobStoreWorld>): void {
  test.each([0, 1, 1_000, 4 * 1024 * 1024, 9 * 1024 * 1024 + 7])(
    'content of %i bytes comes back as it was',
    async (length) => {
      const { store, workspaces } = await world()
      const content = Uint8Array.from({ length }, (_, n) => (n * 31) % 256)
      const sha256 = await store.put(workspaces[0], content)
      expect(sha256).toHaveLength(32)
      expect(Buffer.compare((await store.get(workspaces[0], sha256)) as Uint8Array, content)).toBe(0)
    },
  )

  test('the same content has the same name, also when it is put twice at the same moment', async () => {
    const { store, workspaces } = await world()
    const content = new TextEncoder().encode('twice')
    const names = await Promise.all([store.put(workspaces[0], content), store.put(workspaces[0], content)])
    expect(names[0]).toEqual(names[1])
    expect(Buffer.from(names[0]).toString('hex')).toBe(
      'dc8ffdbf2736dbdf39508017ac594e0d069f3eee9b0f29ece256aa7d831f9ef6',
    )
  })

  test('what is in one workspace is not in another, and what was never put is null', async () => {
    const { store, workspaces } = await world()
    const sha256 = await store.put(workspaces[0], new TextEncoder().encode('mine'))
    expect(await store.get(workspaces[1], sha256)).toBeNull()
    expect(await store.get(workspaces[0], new Uint8Array(32))).toBeNull()
  })

  test('what is put again at the same moments as other old content is kept, all of it', async () => {
    const { store, workspaces, age } = await world()
    const contents = Array.from({ length: 12 }, (_, n) => new TextEncoder().encode(`old ${n}`))
    const putAll = () => Promise.all(contents.map((content) => store.put(workspaces[0], content)))
    await putAll()
    for (let round = 0; round < 3; round++) {
      await age()
      const names = await putAll()
      const kept = await Promise.all(names.map((sha256) => store.get(workspaces[0], sha256)))
      expect(kept.map((content) => content && Buffer.from(content).toString())).toEqual(
        contents.map((content) => Buffer.from(content).toString()),
      )
    }
  })
}
