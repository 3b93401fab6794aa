/** What every store of live documents keeps to. A test file of each implementation calls `testDocumentStore`. */
import { documentText, encodeUpdateFrames } from '@skein/document'
import type { ActorKey, DocumentId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { applyPicture } from './document-picture.ts'
import type { DocumentStore, Landing } from './document-store.ts'

/** A store, and what its tests do behind its back. */
export interface StoreTrial {
  /** The same documents as two nodes see them. */
  stores: readonly [DocumentStore, DocumentStore]
  /** A text file that was never opened. */
  add(text: string): Promise<DocumentId>
  remove(document: DocumentId): Promise<void>
  /** Puts all rows into the state. */
  compact(document: DocumentId): Promise<void>
  /** A new epoch begins with this text. */
  endEpoch(document: DocumentId, text: string): Promise<void>
  textBeside(document: DocumentId): Promise<{ text: string; seq: number }>
}

const ana = 'person:ana' as ActorKey
const ben = 'person:ben' as ActorKey
const NOBODY = '00000000-0000-4000-8000-000000000000' as DocumentId

/** A letter at the beginning, on top of what the store holds. */
const typeInto = async (store: DocumentStore, document: DocumentId, letter: string, clientId?: number) => {
  const picture = await store.load(document)
  if (!picture) throw new Error('It is not there')
  const doc = new Y.Doc()
  applyPicture(doc, picture)
  if (clientId !== undefined) doc.clientID = clientId
  const before = Y.encodeStateVector(doc)
  doc.getText('text').insert(0, letter)
  return encodeUpdateFrames([{ actor: ana, update: Y.encodeStateAsUpdate(doc, before) }])
}

const textIn = async (store: DocumentStore, document: DocumentId): Promise<string> => {
  const doc = new Y.Doc()
  applyPicture(doc, (await store.load(document)) ?? { state: new Uint8Array(), rows: [] })
  return documentText(doc)
}

const seqOf = (landing: Landing | undefined): number | undefined =>
  landing?.outcome === 'committed' ? landing.seq : undefined

export const testDocumentStore = (name: string, trial: StoreTrial): void => {
  const [store, other] = trial.stores
  const append = async (document: DocumentId, payload: Uint8Array, clients: [number, ActorKey][] = [], epoch = 1) => {
    const item = { document, epoch, payload, clients: clients.map(([clientId, actor]) => ({ clientId, actor })) }
    return (await store.commit([item])).get(document)
  }

  describe(`the contract of a document store: ${name}`, () => {
    test('a document is seeded once, however many load it at the same time', async () => {
      const document = await trial.add('text')
      const pictures = await Promise.all([store.load(document), other.load(document), store.load(document)])
      const [first] = pictures
      for (const picture of pictures) expect(picture).toEqual(first)
      expect(first).toMatchObject({ id: document, epoch: 1, head: 0, rows: [] })
      expect(first?.clients).toHaveLength(1)
      expect(await textIn(store, document)).toBe('text')
      expect(await store.load(NOBODY)).toBeNull()
    })

    test('rows are numbered without a gap, whoever appends, and loaded in order', async () => {
      const document = await trial.add('')
      const seqs = await Promise.all(
        Array.from({ length: 20 }, async (_, n) => {
          const item = { document, epoch: 1, payload: encodeUpdateFrames([]), clients: [] }
          return seqOf((await (n % 2 ? store : other).commit([item])).get(document))
        }),
      )
      expect(seqs.toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
      const picture = await store.load(document)
      expect(picture?.head).toBe(20)
      expect(picture?.rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
    })

    test('a commit of several documents: each has its landing, one that does not exist fails alone', async () => {
      const document = await trial.add('')
      const payload = await typeInto(store, document, 'a')
      const items = [NOBODY, document].map((id) => ({ document: id, epoch: 1, payload, clients: [] }))
      const landings = await store.commit(items)
      expect([...landings]).toEqual([
        [NOBODY, { outcome: 'gone' }],
        [document, { outcome: 'committed', seq: 1 }],
      ])
      expect(await textIn(store, document)).toBe('a')
    })

    test('a client id is bound to whoever wrote first under it; a row that would bind it to somebody else is not written', async () => {
      const document = await trial.add('')
      const payload = await typeInto(store, document, 'a', 4_294_967_295)
      expect(seqOf(await append(document, payload, [[4_294_967_295, ana]]))).toBe(1)
      // Whose outcome was not known is tried again.
      expect(seqOf(await append(document, payload, [[4_294_967_295, ana]]))).toBe(2)
      const refused = { outcome: 'refused', reason: 'foreign-client' }
      expect(
        await append(document, payload, [
          [7, ben],
          [4_294_967_295, ben],
        ]),
      ).toEqual(refused)
      const picture = await store.load(document)
      expect(picture?.head).toBe(2)
      expect(picture?.clients).toContainEqual({ clientId: 4_294_967_295, actor: ana, retired: false })
    })

    test('of two nodes that bind a client id in the same moment, one is refused', async () => {
      const document = await trial.add('')
      const payload = await typeInto(store, document, 'a', 5)
      const landings = await Promise.all(
        [ana, ben].map(async (actor, n) => {
          const item = { document, epoch: 1, payload, clients: [{ clientId: 5, actor }] }
          return (await (n ? store : other).commit([item])).get(document)?.outcome
        }),
      )
      expect(landings.toSorted()).toEqual(['committed', 'refused'])
    })

    test('what came after a row: the rows, or the state when they stand in it alone', async () => {
      const document = await trial.add('')
      for (const letter of ['a', 'b', 'c']) await append(document, await typeInto(store, document, letter))
      const rows = await store.loadMissed(document, 1)
      expect(rows).toMatchObject({ epoch: 1, head: 3, state: null })
      expect(rows?.rows.map(({ seq }) => seq)).toEqual([2, 3])
      expect(rows?.clients).toHaveLength(1)
      await trial.compact(document)
      await append(document, await typeInto(store, document, 'd'))
      const compacted = await store.loadMissed(document, 1)
      expect(compacted).toMatchObject({ head: 4, uptoSeq: 3 })
      const doc = new Y.Doc()
      applyPicture(doc, { state: compacted?.state as Uint8Array, rows: compacted?.rows ?? [] })
      expect(documentText(doc)).toBe('dcba')
      const last = await store.loadMissed(document, 3)
      expect(last).toMatchObject({ state: null })
      expect(last?.rows.map(({ seq }) => seq)).toEqual([4])
      expect(await store.loadMissed(NOBODY, 0)).toBeNull()
    })

    test('heads of many documents, without those that are gone', async () => {
      const [one, two] = [await trial.add(''), await trial.add('')]
      await append(one, await typeInto(store, one, 'a'))
      await trial.remove(two)
      expect([...(await store.heads([one, two, NOBODY]))]).toEqual([
        [one, { epoch: 1, head: 1, timeline: expect.any(Number) }],
      ])
      expect(await store.load(two)).toBeNull()
    })

    test('DL16: a row has no place upon rows that are not there, or on another timeline', async () => {
      const document = await trial.add('')
      const payload = await typeInto(store, document, 'a')
      await append(document, payload)
      const timeline = (await store.heads([document])).get(document)?.timeline ?? 0
      expect(await store.load(document)).toMatchObject({ timeline })
      expect(await store.loadMissed(document, 0)).toMatchObject({ timeline })
      const onto = async (at: { timeline: number; seq: number }) => {
        const clients = [{ clientId: 77, actor: ben }]
        return (await store.commit([{ document, epoch: 1, payload, onto: at, clients }])).get(document)
      }
      const lost = { outcome: 'refused', reason: 'rows-lost' }
      expect(await onto({ timeline, seq: 2 })).toEqual(lost)
      expect(await onto({ timeline: timeline + 1, seq: 1 })).toEqual(lost)
      const picture = await store.load(document)
      expect(picture?.head).toBe(1)
      // Nobody was bound by a row that was not written.
      expect(picture?.clients.some(({ clientId }) => clientId === 77)).toBe(false)
      expect(seqOf(await onto({ timeline, seq: 1 }))).toBe(2)
      // Others may have come in between.
      expect(seqOf(await onto({ timeline, seq: 1 }))).toBe(3)
    })

    test('DL16: no text is kept of a row that is not there, or of another timeline', async () => {
      const document = await trial.add('')
      await append(document, await typeInto(store, document, 'a'))
      const timeline = (await store.heads([document])).get(document)?.timeline ?? 0
      await store.saveText(document, { epoch: 1, timeline, seq: 2 }, 'lost')
      await store.saveText(document, { epoch: 1, timeline: timeline + 1, seq: 1 }, 'lost')
      expect(await trial.textBeside(document)).toEqual({ text: '', seq: 0 })
      await store.saveText(document, { epoch: 1, timeline, seq: 1 }, 'a')
      expect(await trial.textBeside(document)).toEqual({ text: 'a', seq: 1 })
    })

    test('what was made in an epoch that has ended has no place in the next one', async () => {
      const document = await trial.add('old')
      const payload = await typeInto(store, document, 'a')
      await append(document, payload)
      await trial.endEpoch(document, 'new')
      expect(await append(document, payload)).toEqual({ outcome: 'refused', reason: 'epoch-changed' })
      expect(await textIn(store, document)).toBe('new')
      const picture = await store.load(document)
      expect(picture?.epoch).toBe(2)
      expect(picture?.clients.map(({ retired }) => retired).toSorted()).toEqual([false, true])
      await store.saveText(document, { epoch: 1, seq: 1_000 }, 'old')
      expect((await trial.textBeside(document)).text).toBe('new')
    })

    test('the text beside the state never becomes older', async () => {
      const document = await trial.add('')
      for (const letter of ['a', 'b']) await append(document, await typeInto(store, document, letter))
      await store.saveText(document, { epoch: 1, seq: 2 }, 'ba')
      await store.saveText(document, { epoch: 1, seq: 1 }, 'a')
      expect(await trial.textBeside(document)).toEqual({ text: 'ba', seq: 2 })
      expect((await store.load(document))?.textSeq).toBe(2)
    })
  })
}
