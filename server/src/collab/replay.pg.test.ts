/** A real editing session, keystroke by keystroke: every replica, the database and a reload end with the text that a plain string ends with. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createTestDatabase } from '@skein/db/testing'
import { afterAll, expect, test } from 'vitest'
import { openDocument, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject } from './testing/fixtures.ts'
import { startCollab } from './testing/server.ts'
import { readTruth } from './testing/truth.ts'

interface Trace {
  startContent: string
  endContent: string
  txns: { patches: [at: number, remove: number, insert: string][] }[]
}

/** Recorded sessions, kept beside the repository; see its own README for their sources and licences. */
const TRACE = path.resolve(import.meta.dirname, '../../../../shared/data/editing-traces/rustcode.json.gz')
const TRANSACTIONS = 4_000
/** Keystrokes that are sent before the acknowledgements are waited for. */
const AHEAD = 500

const { database, ask } = await createTestDatabase()
const server = await startCollab(database)
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
afterAll(() => server.stop())

test.skipIf(!existsSync(TRACE))(
  'a recorded session ends in the same text everywhere (skipped without the traces)',
  async () => {
    const trace = JSON.parse(gunzipSync(readFileSync(TRACE)).toString()) as Trace
    const document = await addDocument(ask, project, trace.startContent)
    const open = () => openDocument({ url: server.url, token: ana.token, document })
    const [writer, viewer] = [open(), open()]
    await untilSaved(writer, viewer)
    let oracle = trace.startContent
    for (const [n, { patches }] of trace.txns.slice(0, TRANSACTIONS).entries()) {
      writer.provider.document.transact(() => {
        for (const [at, remove, insert] of patches) {
          oracle = oracle.slice(0, at) + insert + oracle.slice(at + remove)
          if (remove > 0) writer.text.delete(at, remove)
          if (insert !== '') writer.text.insert(at, insert)
        }
      })
      if (n % AHEAD === 0) await untilSaved(writer)
    }
    await untilSaved(writer)
    await until(() => viewer.text.toString() === oracle, 'the viewer has the text')
    expect(writer.text.toString()).toBe(oracle)
    expect((await readTruth(ask, document)).text).toBe(oracle)
    for (const client of [writer, viewer]) client.destroy()
    await until(
      async () => (await server.metrics.render()).text.includes('skein_collab_open_documents 0\n'),
      'it has left memory',
    )
    const again = open()
    await untilSaved(again)
    expect(again.text.toString()).toBe(oracle)
    again.destroy()
  },
)
