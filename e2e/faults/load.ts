/**
 * The load under every fault: people who type unique words into the same files, and the checker of what must hold afterwards. Invariants: I1
 * no word that was called saved is missing, I2 all replicas are the same, I3 no word stands twice, I6 what the server keeps is what it showed.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Account, createAccount } from '../kill/account.ts'
import { Writer } from '../kill/writers.ts'

export interface LoadOptions {
  url: string
  writers?: number
  files?: number
  /** Where sockets go; default: the product itself. */
  socketUrl?: string
}

const LOOK_AGAIN_MS = 20

/** Waits for a condition, not for a time; what must come is not yet wrong because the machine is busy. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Within ${withinMs} ms it did not come to pass that ${what}`)
    await sleep(LOOK_AGAIN_MS)
  }
}

export class Load {
  readonly account: Account
  readonly writers: readonly Writer[]
  /** By document: what was called saved, by writers that are gone too. */
  readonly #saved = new Map<string, Set<string>>()

  private constructor(account: Account, writers: readonly Writer[]) {
    this.account = account
    this.writers = writers
  }

  static async start({ url, writers = 5, files = 4, socketUrl = url }: LoadOptions): Promise<Load> {
    const account = await createAccount(url, files)
    const documents = account.files.map(({ documentId }) => documentId)
    const address = `${socketUrl.replace('http', 'ws')}/collab?project=${account.projectId}`
    const load = new Load(
      account,
      Array.from({ length: writers }, (_, n) => new Writer(`w${n}`, address, account.token, documents)),
    )
    await load.untilConnected()
    for (const writer of load.writers) writer.start()
    return load
  }

  /** A file that nobody of the load writes into; returns its document. */
  async addFile(path: string): Promise<string> {
    const { call, projectId } = this.account
    const file = await call<{ documentId: string }>('POST', `/projects/${projectId}/files`, { path, content: '' })
    return file.documentId
  }

  untilConnected(): Promise<void> {
    return until('everybody is connected', () => this.writers.every(({ isConnected }) => isConnected))
  }

  /** How many words were called saved until now. */
  get savedCount(): number {
    return this.writers.reduce(
      (sum, { saved }) => sum + [...saved.values()].reduce((words, each) => words + each.size, 0),
      0,
    )
  }

  /** Waits until typing is being saved again. */
  untilSaving(): Promise<void> {
    const before = this.savedCount
    return until('something is saved', () => this.savedCount > before + this.writers.length)
  }

  /** Everybody rests, everything is sent, and all show the same; returns what is wrong (I1–I3), nothing when all is well. */
  async settle(): Promise<string[]> {
    for (const writer of this.writers) writer.rest()
    await until('everything is saved', () => this.writers.every(({ isSettled }) => isSettled))
    await until('all replicas are the same', () =>
      this.account.files.every(
        ({ documentId }) => new Set(this.writers.map((writer) => writer.textOf(documentId))).size === 1,
      ),
    )
    this.#remember()
    return this.check()
  }

  /** The writers go, with everything that only their memory held: a surviving one would bring back what the server has lost. */
  discard(): void {
    this.#remember()
    for (const writer of this.writers) writer.discard()
  }

  /** I1 and I3 against what the server tells. */
  async check(): Promise<string[]> {
    const { call, projectId, files } = this.account
    const { files: texts } = await call<{ files: { path: string; text?: string }[] }>(
      'POST',
      `/projects/${projectId}/batch-read`,
      { paths: files.map(({ path }) => path) },
    )
    return files.flatMap(({ path, documentId }) => {
      const text = texts.find((each) => each.path === path)?.text
      if (text === undefined) return [`${path} cannot be read`]
      const words: string[] = text.match(/<[^>]*>/g) ?? []
      const present = new Set(words)
      const lost = [...(this.#saved.get(documentId) ?? [])].filter((word) => !present.has(word))
      const twice = words.filter((word, i) => words.indexOf(word) !== i)
      return [...lost.map((word) => `I1: ${word} is lost`), ...twice.map((word) => `I3: ${word} stands twice`)]
    })
  }

  #remember(): void {
    for (const { saved } of this.writers) {
      for (const [document, words] of saved) {
        const all = this.#saved.get(document) ?? new Set()
        this.#saved.set(document, all)
        for (const word of words) all.add(word)
      }
    }
  }
}
