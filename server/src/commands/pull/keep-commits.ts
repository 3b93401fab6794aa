/** Commits that came from elsewhere as rows, in batches that are bounded by what their messages take, too: anybody may have written them. */
import { commitQueries, type Tx } from '@skein/db'
import type { ProjectKey } from '../event-hub.ts'
import type { FetchedCommit } from '../git-store.ts'
import { commitsPerBatch } from './pull-limits.ts'

/** Of messages, names and parents, in characters. */
const charactersPerBatch = 8 * 1024 * 1024

/** Notes commits that are being kept, parents before children; those that are known already stay as they are. */
export async function keepCommits(
  tx: Tx,
  project: ProjectKey,
  commits: AsyncIterable<FetchedCommit>,
  kind: 'remote' | 'pushed',
): Promise<void> {
  let batch: commitQueries.NewCommit[] = []
  let characters = 0
  const flush = async () => {
    if (batch.length > 0) await commitQueries.insertCommits(tx, project, batch)
    batch = []
    characters = 0
  }
  for await (const commit of commits) {
    batch.push({ ...commit, authorActor: null, kind, filesChanged: null })
    characters += sizeOf(commit)
    if (batch.length >= commitsPerBatch || characters >= charactersPerBatch) await flush()
  }
  await flush()
}

const sizeOf = ({ message, authorName, authorEmail, parents }: FetchedCommit): number =>
  message.length + authorName.length + authorEmail.length + 41 * parents.length
