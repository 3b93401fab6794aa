/** Documents with which the peers begin, as files that their processes read. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as Y from 'yjs'

export interface SeedFile {
  path: string
  remove(): Promise<void>
}

/** A document that holds the text, or is the one given. */
export async function writeSeed(content: string | Y.Doc): Promise<SeedFile> {
  const folder = await mkdtemp(path.join(tmpdir(), 'skein-seed-'))
  const file = path.join(folder, 'state')
  await writeFile(file, Y.encodeStateAsUpdate(typeof content === 'string' ? docOf(content) : content))
  return { path: file, remove: () => rm(folder, { recursive: true, force: true }) }
}

const docOf = (text: string): Y.Doc => {
  const doc = new Y.Doc()
  doc.getText('text').insert(0, text)
  return doc
}
