/** F14: things of a size that people do not have but programs send. They work, or are refused in words, and nobody else is harmed. */
import { openReplica } from '../replay/replay.ts'
import { bootProduct } from '../world/product.ts'
import { IdleSocket } from './idle-sockets.ts'
import { Load, until } from './load.ts'

const MIB = 1024 * 1024
/** A file at its limit, 200,000 short lines. */
const LINES = 200_000
const LONG_TEXT = Array.from({ length: LINES }, (_, n) => `line ${String(n).padStart(12, '0')}`).join('\n')
const PASTE_BYTES = 100 * MIB
const DOCUMENTS_PER_SOCKET = 256

export interface HugeOptions {
  /** Files made in one project. */
  files: number
  tell?(line: string): void
}

/** Returns what went wrong. */
export async function runHuge({ files, tell }: HugeOptions): Promise<string[]> {
  const product = await bootProduct({ SERVICES: 'api,collab,worker', LOG_LEVEL: 'error' })
  const wrong: string[] = []
  try {
    const load = await Load.start({ url: product.url, writers: 2, files: 2 })
    const { token, call, projectId } = load.account
    const socketUrl = `${product.url.replace('http', 'ws')}/collab`
    const raw = (path: string, body?: string) =>
      fetch(`${product.url}/api/v1/projects/${projectId}/raw/${path}`, {
        headers: { authorization: `Bearer ${token}` },
        ...(body !== undefined && { method: 'PUT', body }),
      })

    const long = await call<{ documentId: string }>('POST', `/projects/${projectId}/files`, {
      path: 'long.txt',
      content: LONG_TEXT,
    })
    const replica = await openReplica({ socketUrl, token, documentId: long.documentId })
    const text = replica.provider.document.getText('text')
    text.insert(text.length, '\nthe end')
    await until('an edit of a long file is saved', () => replica.provider.unsyncedChanges === 0)
    if (replica.text !== `${LONG_TEXT}\nthe end`) wrong.push('F14: the long file is not what was sent')
    replica.close()
    tell?.(`F14: a text of ${LINES} lines opens and is saved`)

    const large = 'ten million bytes\n'.repeat((10 * MIB) / 18)
    const stored = await raw('large.txt', large)
    const { documentId } = (await stored.json()) as { documentId: string | null }
    const isKept = stored.ok && documentId === null && (await (await raw('large.txt')).text()) === large
    if (!isKept) wrong.push('F14: a file above the limit of texts is not kept as it is')
    tell?.('F14: a file of 10 MiB is kept as it is, and is not a text')

    const paster = new IdleSocket({ socketUrl, token, documentId: long.documentId }, 0, false)
    paster.connect()
    await until('the paster is there', () => paster.isSynced)
    paster.send(Buffer.alloc(PASTE_BYTES))
    await until('a paste of 100 MiB ends its socket', () => paster.drops > 0)
    tell?.('F14: a frame of 100 MiB ends its socket, and no other')

    for (let n = 0; n < files; n++) {
      await call('POST', `/projects/${projectId}/files`, { path: `many/${n}.txt`, content: `${n}\n` })
    }
    const { items } = await call<{ items: { documentId: string | null }[] }>('GET', `/projects/${projectId}/files`)
    const documents = items.flatMap((file) => file.documentId ?? []).slice(0, DOCUMENTS_PER_SOCKET)
    const tabs = new IdleSocket({ socketUrl, token, documentId: documents[0] as string }, 1, false)
    tabs.connect()
    await until('the first tab is there', () => tabs.isSynced)
    for (const document of documents.slice(1)) tabs.open(document)
    await until('every tab is there', () => tabs.syncedCount === documents.length)
    tabs.end()
    tell?.(`F14: ${documents.length} documents on one socket`)

    await load.untilSaving()
    wrong.push(...(await load.settle()))
    load.discard()
  } finally {
    await product.stop()
  }
  return wrong
}
