/** Commits that wait for the test: a failpoint in front of them, and a lock on a document's row behind them. */
import pg from 'pg'

export class HeldCommits {
  #release: (() => void) | null = null
  #held: Promise<void> | null = null

  /** Goes into the failpoints of a server. */
  readonly beforeCommit = (): Promise<void> => this.#held ?? Promise.resolve()

  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#release = resolve
    })
  }

  release(): void {
    this.#release?.()
    this.#held = null
  }
}

/** Locks the row of a document from another connection, as a slow or stuck transaction would; returns how to let go. */
export async function lockDocument(address: string, document: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: address, options: '-c role=skein_log' })
  await client.connect()
  await client.query('begin')
  await client.query('select 1 from document where id = $1 for update', [document])
  return async () => {
    await client.query('commit')
    await client.end()
  }
}
