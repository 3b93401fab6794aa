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

/** The same numbers in every run. */
const makeChance = () => {
  let chance = 1
  return (bound: number): number => {
    chance = (chance * 48_271) % 2_147_483_647
    return chance % bound
  }
}

/** Words that nobody wrote, of which a compressor can make about as much as of what people write. */
export const writeProse = (bytes: number): string => {
  const below = makeChance()
  const letters = 'etaoinshrdlucmfwypvbgkjqxz'
  const word = () => Array.from({ length: 2 + below(8) }, () => letters[Math.min(below(26), below(26))]).join('')
  let text = ''
  while (text.length < bytes) text += word() + (below(12) === 0 ? '.\n' : ' ')
  return text.slice(0, bytes)
}

/**
 * A document of so many small edits at random places (the same ones in every run), and the state vector of somebody who has all but the last
 * `behind`.
 */
export const writeEdited = (edits: number, behind: number): { doc: Y.Doc; known: Uint8Array } => {
  const doc = new Y.Doc()
  doc.clientID = 1
  const text = doc.getText('text')
  const below = makeChance()
  let known = Y.encodeStateVector(doc)
  for (let n = 0; n < edits; n++) {
    if (n === edits - behind) known = Y.encodeStateVector(doc)
    text.insert(below(text.length + 1), 'letters '.slice(0, 1 + below(8)))
  }
  return { doc, known }
}
